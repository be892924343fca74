"""Metadata that MediaPipe wants of a model: how pixels become floats."""

from __future__ import annotations

from typing import Any

import flatbuffers
import numpy as np

from posekit.tflite.graph import Graph
from posekit.tflite.schema import metadata_schema, model_schema

_METADATA_NAME = b"TFLITE_METADATA"


def add_normalisation(data: bytes, mean: float, std: float) -> bytes:
    """Return the model with the note that its input is `(pixel - mean) / std`, pixel from 0 to 255.

    A model that carries MediaPipe's metadata already comes back as it is. Raises AssetError when MediaPipe,
    which ships the schema, is not installed.
    """
    graph = Graph(data)
    model = graph.model
    if any(entry.name == _METADATA_NAME for entry in model.metadata or ()):
        return data
    schema = model_schema()
    buffer, entry = schema.BufferT(), schema.MetadataT()
    buffer.data = np.frombuffer(_pack(_describe(graph, mean, std)), np.uint8)
    entry.name, entry.buffer = _METADATA_NAME, len(model.buffers)
    model.buffers.append(buffer)
    model.metadata = [*(model.metadata or ()), entry]
    return graph.pack()


def _describe(graph: Graph, mean: float, std: float) -> Any:
    schema = metadata_schema()
    options, unit = schema.NormalizationOptionsT(), schema.ProcessUnitT()
    options.mean, options.std = [mean], [std]
    unit.optionsType, unit.options = schema.ProcessUnitOptions.NormalizationOptions, options
    image, content = schema.ImagePropertiesT(), schema.ContentT()
    image.colorSpace = schema.ColorSpaceType.RGB
    content.contentProperties = image
    content.contentPropertiesType = schema.ContentProperties.ImageProperties
    tensor = schema.TensorMetadataT()
    tensor.name, tensor.content, tensor.processUnits = b"image", content, [unit]
    outputs = []
    for index in graph.outputs:
        output = schema.TensorMetadataT()
        output.name = graph.info(index).name.encode()
        outputs.append(output)
    subgraph, whole = schema.SubGraphMetadataT(), schema.ModelMetadataT()
    subgraph.inputTensorMetadata, subgraph.outputTensorMetadata = [tensor], outputs
    whole.subgraphMetadata = [subgraph]
    return whole


def _pack(metadata: Any) -> bytes:
    builder = flatbuffers.Builder(1024)
    builder.Finish(metadata.Pack(builder), file_identifier=b"M001")
    return bytes(builder.Output())
