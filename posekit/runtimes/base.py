"""What a runtime is, and what both check about a model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from posekit.errors import EstimatorError, PosekitError
from posekit.tflite import Graph, runnable
from posekit.tflite.graph import FLOAT32, UINT8

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from posekit.tflite import TensorInfo

Scaling = tuple[float, float]
"""(mean, std): a float model gets (pixel - mean) / std."""
USUAL_SCALING: Scaling = (128.0, 128.0)
"""As the input of Google's quantised PoseNet files is scaled."""
MOVENET_SCALING: Scaling = (0.0, 1.0)
"""MoveNet takes pixels from 0 to 255 and scales them itself (https://www.kaggle.com/models/google/movenet)."""
MOVENET_OUTPUTS = ((1, 17, 3),)

MOST_BYTES = 200_000_000
"""Of a model file; the largest registered one has 31 million."""


class Runtime(Protocol):
    """A loaded model: an image in, tensors out."""

    @property
    def name(self) -> str:
        """`mediapipe` or `litert`."""

    @property
    def threads(self) -> int:
        """How many threads it runs on."""

    @property
    def input_size(self) -> tuple[int, int]:
        """(width, height) of the images it takes, in pixels."""

    def run(self, image: NDArray[np.uint8]) -> tuple[NDArray[np.float32], ...]:
        """Run the model on `image`, (height, width, 3) uint8 RGB of exactly `input_size`, C-contiguous.

        Returns the graph's outputs in the file's order, batch axis dropped, float32. The arrays belong to
        the caller and stay valid for good: they are never written again. Raises EstimatorError for another
        image, for a model that fails, and after `close`.
        """

    def close(self) -> None:
        """Free the model; closing twice is fine."""


@dataclass(frozen=True)
class LoadedModel:
    """A model file, read and found fit for a runtime."""

    path: str
    """Where it came from, for messages."""
    data: bytes
    """The file, changed only as far as stock runtimes need (see `posekit.tflite.runnable`)."""
    input_size: tuple[int, int]
    """(width, height) in pixels."""
    takes_float: bool
    """True when the graph wants float32 pixels (see `scaling`), False for uint8."""
    output_shapes: tuple[tuple[int, ...], ...]
    """Shapes of the outputs, without the batch axis."""

    @property
    def scaling(self) -> Scaling:
        """How pixels become the floats of a model that takes floats."""
        return MOVENET_SCALING if self.output_shapes == MOVENET_OUTPUTS else USUAL_SCALING


def load_model(model: Path | bytes) -> LoadedModel:
    """Read a TFLite file, or its bytes; EstimatorError when it is missing or does not take one RGB image."""
    path = "in memory" if isinstance(model, bytes) else str(model)
    try:
        data = runnable(model if isinstance(model, bytes) else _read(model))
        graph = Graph(data)
    except OSError as error:
        raise EstimatorError(f"the model {path} cannot be read: {error.strerror or error}") from error
    except PosekitError as error:
        raise EstimatorError(f"the model {path} cannot be used: {error}") from error
    inputs = _edge(graph, graph.inputs, path)
    found = ", ".join(f"{info.shape} of type {info.kind}" for info in inputs)
    if len(inputs) != 1 or len(inputs[0].shape) != 4 or inputs[0].shape[0] != 1 or inputs[0].shape[3] != 3:
        raise EstimatorError(f"the model {path} takes not one image (1, height, width, 3) but {found}")
    if inputs[0].kind not in (UINT8, FLOAT32):
        raise EstimatorError(
            f"the model {path} takes neither uint8, int8, int32 nor float32 pixels but {found}"
        )
    shapes = tuple(info.shape for info in _edge(graph, graph.outputs, path))
    if any(shape[:1] != (1,) for shape in shapes):
        raise EstimatorError(f"the model {path} answers with shapes {shapes}, not one batch of one")
    _, height, width, _ = inputs[0].shape
    return LoadedModel(
        path, data, (width, height), inputs[0].kind == FLOAT32, tuple(shape[1:] for shape in shapes)
    )


def _read(path: Path) -> bytes:
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise EstimatorError(f"it has {size:,} bytes; a pose model has at most {MOST_BYTES:,}")
    return path.read_bytes()


def _edge(graph: Graph, indices: list[int], path: str) -> list[TensorInfo]:
    """Return the tensors at an edge of the graph, which a damaged file may only claim to have."""
    try:
        return [graph.info(index) for index in indices]
    except (IndexError, AttributeError, UnicodeDecodeError) as error:
        raise EstimatorError(f"the model {path} cannot be used: it is damaged ({error})") from error


def require_image(image: NDArray[np.uint8], model: LoadedModel) -> None:
    """Raise EstimatorError unless the image is what `Runtime.run` asks for."""
    width, height = model.input_size
    if image.shape != (height, width, 3) or image.dtype != np.uint8 or not image.flags.c_contiguous:
        layout = "" if image.flags.c_contiguous else ", not contiguous"
        raise EstimatorError(
            f"the model takes images of {width} x {height} pixels, {(height, width, 3)} uint8; "
            f"this one is {image.shape} {image.dtype}{layout}"
        )
