"""The same weights at another input size: the shapes that a fully convolutional file states, rewritten.

A shape is a vector of numbers in the file, so it is overwritten where it stands; not a byte of the weights
moves. LiteRT could be told a size when it opens a file, MediaPipe believes what the file says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from posekit.errors import AssetError
from posekit.tflite.graph import CONCATENATION, CONV_2D, CUSTOM, DEPTHWISE_CONV_2D, DEQUANTIZE, QUANTIZE
from posekit.tflite.schema import model_schema

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Padding, from the TFLite schema.
_SAME, _VALID = 0, 1
_CHANNEL_AXIS = 3
Plane = tuple[int, int]
"""Height and width, as shapes have them."""


def resize(data: bytes, size: tuple[int, int]) -> bytes:
    """Return a model of one image that takes images of `size` (width, height) pixels, otherwise the same.

    Follows the operators from the image to the outputs; knows convolutions, concatenations of channels and
    (de)quantisation, and lets a custom operator at the end be. Raises AssetError for any other model, unless
    it takes images of that size already.
    """
    resized = bytearray(data)
    try:
        model = model_schema().Model.GetRootAs(resized, 0)
        graph = model.Subgraphs(0)
        if tuple(_shape(graph, graph.Inputs(0))[1:3]) == (size[1], size[0]):
            return data
        shapes = _follow(model, graph, (size[1], size[0]))
        for index, plane in shapes.items():
            _shape(graph, index)[1:3] = plane
        # Two tensors could share one vector in the file; then the second has overwritten the first.
        ends_well = all(tuple(_shape(graph, index)[1:3]) == plane for index, plane in shapes.items())
    except AssetError:
        raise
    except Exception as error:  # the generated reader raises whatever a wild offset leads to
        raise AssetError(f"not a readable TFLite model: {error}") from error
    if not ends_well:
        raise AssetError("the model cannot be resized: its tensors share their shapes")
    return bytes(resized)


def _follow(model: Any, graph: Any, plane: Plane) -> dict[int, Plane]:
    """Return height and width of every tensor that follows from the image's."""
    if graph.InputsLength() != 1 or len(_shape(graph, graph.Inputs(0))) != 4:
        raise AssetError("the model cannot be resized: it does not take one image")
    planes = {int(graph.Inputs(0)): plane}
    for at in range(graph.OperatorsLength()):
        operator = graph.Operators(at)
        code = model.OperatorCodes(operator.OpcodeIndex())
        builtin = max(code.BuiltinCode(), code.DeprecatedBuiltinCode())
        if builtin == CUSTOM and at == graph.OperatorsLength() - 1:
            break  # a decoder: what it gives are lists, of one length for all sizes
        found = planes.get(int(operator.Inputs(0)))
        if found is None:
            raise AssetError(f"the model cannot be resized: operator {at} does not follow from the image")
        planes[int(operator.Outputs(0))] = _after(builtin, operator, graph, found, planes)
    return planes


def _after(builtin: int, operator: Any, graph: Any, plane: Plane, planes: dict[int, Plane]) -> Plane:
    """Return height and width behind an operator."""
    if builtin in (QUANTIZE, DEQUANTIZE):
        return plane
    schema = model_schema()
    if builtin == CONCATENATION:
        joined = {planes.get(int(index)) for index in operator.InputsAsNumpy()}
        axis = _options(schema.ConcatenationOptions, operator).Axis()
        if joined == {plane} and axis in (_CHANNEL_AXIS, -1):
            return plane
        raise AssetError("the model cannot be resized: it joins tensors otherwise than by their channels")
    if builtin not in (CONV_2D, DEPTHWISE_CONV_2D):
        raise AssetError(f"the model cannot be resized: it has an operator of kind {builtin}")
    kind = schema.Conv2DOptions if builtin == CONV_2D else schema.DepthwiseConv2DOptions
    options = _options(kind, operator)
    kernel = _shape(graph, operator.Inputs(1))[1:3]
    strides = (options.StrideH(), options.StrideW())
    dilations = (options.DilationHFactor(), options.DilationWFactor())
    height, width = (
        _length(*each, options.Padding()) for each in zip(plane, kernel, strides, dilations, strict=True)
    )
    return height, width


def _length(length: int, kernel: int, stride: int, dilation: int, padding: int) -> int:
    """Return a convolution's length (tensorflow/lite/kernels/padding.h: `ComputeOutSize`)."""
    if padding == _SAME:
        return -(-length // stride)
    length = -(-(length - (int(kernel) - 1) * dilation) // stride)
    if length < 1:
        raise AssetError("the model cannot be resized: nothing is left of so small an image")
    return length


def _options(kind: Any, operator: Any) -> Any:
    options, table = kind(), operator.BuiltinOptions()
    options.Init(table.Bytes, table.Pos)
    return options


def _shape(graph: Any, index: int) -> NDArray[np.int32]:
    """Return a tensor's shape as it stands in the file; writing to it writes to the file."""
    shape: NDArray[np.int32] = graph.Tensors(int(index)).ShapeAsNumpy()
    return shape
