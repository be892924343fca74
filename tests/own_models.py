"""Models as others make them, derived from Google's weights: other orders, types, strides and sizes."""

from __future__ import annotations

from posekit.tflite import Graph, operate, resize
from posekit.tflite.graph import CAST, CONV_2D, DEPTHWISE_CONV_2D, DEQUANTIZE, INT32, QUANTIZE

_LAST_STRIDE = 11
"""The operator in which PoseNet's 353 x 481 file goes from 8 pixels a cell to 16."""
_HEADS = 4
"""Convolutions that end in a tensor: heat map, short offsets, mid offsets forward and backward."""


def with_stride(original: bytes, stride: int, size: tuple[int, int]) -> bytes:
    """Return the published file with cells of 8 or 32 pixels, the same weights, at another input size.

    8: the last stride is taken out, and what follows looks as far as before by dilation. 32: the heads read
    every other cell, so that each of theirs is exactly one of 16's.
    """
    graph = Graph(original)
    convolutions = [at for at, operator in enumerate(graph.operators) if _is_convolution(graph, operator)]
    if stride == 8:
        _set(graph, _LAST_STRIDE, strideH=1, strideW=1)
        for at in convolutions[_LAST_STRIDE + 1 :]:
            if graph.operator_name(graph.operators[at])[0] == DEPTHWISE_CONV_2D:
                _set(graph, at, dilationHFactor=2, dilationWFactor=2)
    elif stride == 32:
        for at in convolutions[-_HEADS:]:
            _set(graph, at, strideH=2, strideW=2)
    return resize(graph.pack(), size)


def _is_convolution(graph: Graph, operator) -> bool:
    return graph.operator_name(operator)[0] in (CONV_2D, DEPTHWISE_CONV_2D)


def _set(graph: Graph, at: int, **options: int) -> None:
    for name, value in options.items():
        setattr(graph.operators[at].builtinOptions, name, value)


def reordered(model: bytes, order: tuple[int, ...]) -> bytes:
    """Return a model whose outputs come in another order."""
    graph = Graph(model)
    outputs = graph.outputs
    graph.outputs = [outputs[at] for at in order]
    return graph.pack()


def without_quantise(model: bytes) -> bytes:
    """Return an operated model without its QUANTIZE in front: an int8 image in."""
    graph = Graph(model)
    first, *rest = graph.operators
    assert graph.operator_name(first)[0] == QUANTIZE
    graph.operators, graph.inputs = rest, [int(first.outputs[0])]
    return graph.pack()


def without_dequantise(model: bytes) -> bytes:
    """Return a model whose outputs are as its arithmetic has them, int8 or uint8."""
    graph = Graph(model)
    ends = {int(op.outputs[0]): op for op in graph.operators if graph.operator_name(op)[0] == DEQUANTIZE}
    dropped = [ends[index] for index in graph.outputs if index in ends]
    assert dropped
    graph.outputs = [int(ends[index].inputs[0]) if index in ends else index for index in graph.outputs]
    graph.operators = [op for op in graph.operators if not any(op is one for one in dropped)]
    return graph.pack()


def float_image(model: bytes) -> bytes:
    """Return a model without its DEQUANTIZE or CAST in front: a float32 image in, no word on its scaling."""
    graph = Graph(model)
    first, *rest = graph.operators
    assert graph.operator_name(first)[0] in (DEQUANTIZE, CAST)
    graph.operators, graph.inputs = rest, [int(first.outputs[0])]
    return graph.pack()


def int32_image(model: bytes) -> bytes:
    """Return a model whose CAST in front takes int32 pixels, as MoveNet's other releases do."""
    graph = Graph(model)
    assert graph.operator_name(graph.operators[0])[0] == CAST
    graph.tensors[graph.inputs[0]].type = INT32
    graph.operators[0].builtinOptions = None
    return graph.pack()


def stripped_257(original: bytes) -> bytes:
    """Return what `multi_kpt_stripped` is: float32 in and out, 257 x 257, 9 x 9 cells, a fourth output."""
    graph = Graph(float_image(operate(with_stride(original, 32, (257, 257)), "float32")))
    # Theirs is called segments; any other plane does.
    graph.outputs = [*graph.outputs, int(graph.operators[-1].inputs[0])]
    return graph.pack()
