"""Operations on PoseNet files: from Google's file, as published, to one that any runtime can run.

The published files end in a custom `PosenetDecoderOp` that no stock runtime knows, and their old uint8
arithmetic misses the fast kernels. Three variants can be made of one file, all with a uint8 image in and
float32 tensors out, in the order heat map, short offsets, mid offsets:

- `int8`: the one to use. The same weights as int8, symmetric, one scale per output channel.
- `original`: the arithmetic as published, for comparing.
- `float32`: the weights dequantised, nothing rounded on the way, for comparing.

Files that are int8 inside already (`*_16_quant_decoder`) keep their arithmetic in `int8` and `original`.
"""

from __future__ import annotations

from posekit.errors import AssetError, UnknownNameError
from posekit.tflite.graph import CAST, CUSTOM, DEQUANTIZE, FLOAT32, INT8, INT32, QUANTIZE, UINT8, Graph
from posekit.tflite.requantise import to_float32, to_int8

DECODER = "PosenetDecoderOp"
VARIANTS = ("int8", "original", "float32")

# Goes into the names of cached files: raise it whenever the same input would give another output.
RECIPE_VERSION = 1


def operate(data: bytes, variant: str = "int8") -> bytes:
    """Return a PoseNet file without its decoder, uint8 image in, float32 tensors out.

    The same bytes in always give the same bytes out. Raises AssetError for a file that is not of this kind
    and UnknownNameError for an unknown variant.
    """
    if variant not in VARIANTS:
        raise UnknownNameError("variant", variant, VARIANTS)
    graph = Graph(data)
    drop_decoder(graph)
    already_int8 = any(graph.info(int(operator.inputs[0])).kind == INT8 for operator in graph.operators)
    if variant == "float32":
        if already_int8:
            raise AssetError("the float32 variant is made from the uint8 files only, this one is int8 inside")
        to_float32(graph)
    else:
        if variant == "int8" and not already_int8:
            to_int8(graph)
        dequantise_outputs(graph)
    return graph.pack()


def runnable(data: bytes) -> bytes:
    """Return a model that stock runtimes can run, that takes uint8 or float32 and answers in float32.

    Only what is needed is changed: the decoder goes, an int8 or int32 image is made of a uint8 one, quantised
    outputs get a DEQUANTIZE; a file that needs nothing comes back as it is. The arithmetic is never touched.
    Raises AssetError for unreadable bytes.
    """
    graph = Graph(data)
    changes = [
        (has_decoder(graph), drop_decoder),
        (any(graph.info(index).kind in (INT8, INT32) for index in graph.inputs), take_uint8),
        (any(graph.info(index).kind != FLOAT32 for index in graph.outputs), dequantise_outputs),
    ]
    # The decoder's own outputs are float32 lists: what matters are the tensors that it reads.
    if has_decoder(graph):
        changes[2] = (True, dequantise_outputs)
    if not any(needed for needed, _ in changes):
        return data
    for needed, change in changes:
        if needed:
            change(graph)
    return graph.pack()


def take_uint8(graph: Graph) -> None:
    """Put a QUANTIZE before an int8 image and a CAST before an int32 one, which then take plain pixels.

    Raises AssetError for a model of several inputs or an int8 image that does not say what its numbers mean.
    """
    if len(graph.inputs) != 1:
        raise AssetError(f"the model takes {len(graph.inputs)} inputs, not one image")
    (image,) = graph.inputs
    is_int8 = graph.info(image).kind == INT8
    outer = graph.add_tensor(image, "_uint8", UINT8)
    if is_int8:
        scale, zero = graph.quantisation(image)
        graph.set_quantisation(outer, scale, zero + 128)
    graph.operators.insert(0, graph.new_operator(QUANTIZE if is_int8 else CAST, 1, outer, image))
    graph.inputs = [outer]


def has_decoder(graph: Graph) -> bool:
    """Tell whether the graph ends in PoseNet's custom decoder."""
    return bool(graph.operators) and graph.operator_name(graph.operators[-1]) == (CUSTOM, DECODER)


def drop_decoder(graph: Graph) -> None:
    """Remove the decoder, the last operator; its three inputs become the graph's outputs."""
    if not has_decoder(graph):
        raise AssetError(f"the model does not end in {DECODER}; is it a PoseNet *_quant_decoder file?")
    decoder = graph.operators[-1]
    if len(decoder.inputs) != 3:
        raise AssetError(f"{DECODER} reads {len(decoder.inputs)} tensors, not 3")
    graph.operators = graph.operators[:-1]
    graph.outputs = [int(index) for index in decoder.inputs]
    # Its only entry is the lowest runtime version for the operators as they were.
    graph.model.metadata = None


def dequantise_outputs(graph: Graph) -> None:
    """Append a DEQUANTIZE to every output that is uint8 or int8."""
    outputs = []
    for index in graph.outputs:
        kind = graph.info(index).kind
        if kind in (UINT8, INT8):
            target = graph.add_tensor(index, "_float", FLOAT32)
            graph.operators.append(graph.new_operator(DEQUANTIZE, 2 if kind == INT8 else 1, index, target))
            index = target
        elif kind != FLOAT32:
            name = graph.info(index).name
            raise AssetError(f"output {name!r} has tensor type {kind}, not uint8, int8 or float32")
        outputs.append(index)
    graph.outputs = outputs
