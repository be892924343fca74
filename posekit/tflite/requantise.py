"""The same network in another arithmetic: uint8 as published, to int8 per channel or to float32."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from posekit.errors import AssetError
from posekit.tflite.graph import (
    CONCATENATION,
    CONV_2D,
    DEPTHWISE_CONV_2D,
    DEQUANTIZE,
    FLOAT32,
    INT8,
    INT32,
    QUANTIZE,
    UINT8,
    Graph,
    with_operator_index,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Which axis of the weights is the output channel: (out, y, x, in), and (1, y, x, channel) for depthwise.
_CHANNEL_AXIS = {CONV_2D: 0, DEPTHWISE_CONV_2D: 3}

# The operator versions that know int8, from tensorflow/lite/tools/versioning/op_version.cc.
_INT8_VERSION = {CONV_2D: 3, DEPTHWISE_CONV_2D: 3, CONCATENATION: 2}

# ActivationFunctionType, from the TFLite schema.
_RELU6 = 3


def to_int8(graph: Graph) -> None:
    """Re-express a uint8 graph as int8, uint8 image in, int8 tensors out.

    Activations keep their scales, their zero points move by 128, so that they take the same real values.
    Weights are dequantised and quantised again, symmetric, one scale per output channel, see `_symmetric`
    (rules: https://ai.google.dev/edge/litert/conversion/tensorflow/quantization/quantization_spec). Biases
    are rescaled to the new products, input scale times weight scale. Raises AssetError for anything but
    convolutions and concatenations of uint8 tensors.
    """
    _require_old_uint8(graph)
    for operator in graph.operators:
        builtin, _ = graph.operator_name(operator)
        if builtin in _CHANNEL_AXIS:
            _requantise_weights(graph, operator, _CHANNEL_AXIS[builtin])
        else:
            _require_one_scale(graph, operator)
        graph.model.operatorCodes[operator.opcodeIndex].version = _INT8_VERSION[builtin]
    _shift_activations(graph)
    (image,) = graph.inputs
    scale, zero = graph.quantisation(image)
    inner = graph.add_tensor(image, "_int8", INT8)
    graph.set_quantisation(inner, scale, zero - 128)
    with_operator_index(graph.operators, image, inner)
    graph.operators.insert(0, graph.new_operator(QUANTIZE, 1, image, inner))


def to_float32(graph: Graph) -> None:
    """Re-express a uint8 graph as float32, uint8 image in, float32 tensors out, for measuring.

    The weights are the quantised ones, dequantised. An activation whose range is [0, 6] got its ReLU6 from
    the range alone, so it becomes explicit. Raises AssetError as `to_int8` does.
    """
    _require_old_uint8(graph)
    for operator in graph.operators:
        builtin, _ = graph.operator_name(operator)
        if builtin not in _CHANNEL_AXIS:
            continue
        _, weights, bias = (int(index) for index in operator.inputs)
        for index in (weights, bias):
            graph.set_constant(index, _real_values(graph, index), FLOAT32)
            graph.tensors[index].quantization = None
        if _is_relu6(graph, int(operator.outputs[0])):
            operator.builtinOptions.fusedActivationFunction = _RELU6
    (image,) = graph.inputs
    for index in _activations(graph):
        graph.tensors[index].type = FLOAT32
        graph.tensors[index].quantization = None
    inner = graph.add_tensor(image, "_float", FLOAT32)
    with_operator_index(graph.operators, image, inner)
    graph.operators.insert(0, graph.new_operator(DEQUANTIZE, 1, image, inner))


def _require_old_uint8(graph: Graph) -> None:
    if len(graph.inputs) != 1 or graph.info(graph.inputs[0]).kind != UINT8:
        raise AssetError("the model does not take one uint8 image")
    seen: set[int] = set()
    for operator in graph.operators:
        builtin, custom = graph.operator_name(operator)
        if builtin not in _INT8_VERSION:
            raise AssetError(f"the surgery does not know operator {custom or builtin}")
        if builtin in _CHANNEL_AXIS:
            # Shared weights would be converted twice.
            constants = {int(index) for index in operator.inputs[1:]}
            if len(constants) != 2 or constants & seen:
                raise AssetError("a convolution without weights and bias of its own")
            seen |= constants


def _activations(graph: Graph) -> list[int]:
    """Return every tensor that an operator computes, in order, once."""
    return list(dict.fromkeys(int(index) for operator in graph.operators for index in operator.outputs))


def _real_values(graph: Graph, index: int) -> NDArray[np.float64]:
    """Return the real values of a constant quantised with one scale."""
    scale, zero = graph.quantisation(index)
    if scale.size != 1:
        raise AssetError(f"tensor {graph.info(index).name!r} has {scale.size} scales already")
    steps: NDArray[np.float64] = graph.constant(index).astype(np.float64) - zero[0]
    return steps * float(scale[0])


def _requantise_weights(graph: Graph, operator: Any, axis: int) -> None:
    source, weights, bias = (int(index) for index in operator.inputs)
    scale, whole = _symmetric(_real_values(graph, weights), float(graph.quantisation(weights)[0][0]), axis)
    product = graph.quantisation(source)[0][0] * scale
    whole_bias = np.rint(_real_values(graph, bias) / product)
    if np.abs(whole_bias).max() >= 2**31:
        raise AssetError(f"bias {graph.info(bias).name!r} does not fit into 32 bits")
    zeros = np.zeros(scale.size, np.int64)
    graph.set_constant(weights, whole, INT8)
    graph.set_quantisation(weights, scale, zeros, axis)
    graph.set_constant(bias, whole_bias, INT32)
    graph.set_quantisation(bias, product, zeros)


def _symmetric(
    real: NDArray[np.float64], step: float, axis: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return one scale per channel, (channels,), and the weights as whole numbers from -127 to 127.

    The usual scale, the channel's largest weight / 127, rounds anew what was rounded already. Keeping the old
    step instead leaves every weight exactly as it was, but for the few that are 128 or 129 steps from zero,
    which are cut to 127. Each channel takes whichever of the two has the smaller squared error.
    """
    rows = np.moveaxis(real, axis, 0).reshape(real.shape[axis], -1)
    largest = np.abs(rows).max(axis=1)
    best_scale = np.full(len(rows), step)
    best_whole = np.clip(np.rint(rows / step), -127, 127)
    # The file stores float32 scales: round with the very scale that will be used to read. Half a step is a
    # floor for channels of zeros.
    scale = np.maximum(largest / 127, step / 2).astype(np.float32).astype(np.float64)
    whole = np.clip(np.rint(rows / scale[:, None]), -127, 127)
    kept_error = ((best_whole * best_scale[:, None] - rows) ** 2).sum(axis=1)
    better = ((whole * scale[:, None] - rows) ** 2).sum(axis=1) < kept_error
    best_scale[better], best_whole[better] = scale[better], whole[better]
    moved = [real.shape[axis], *np.delete(real.shape, axis)]
    return best_scale, np.moveaxis(best_whole.reshape(moved), 0, axis)


def _require_one_scale(graph: Graph, operator: Any) -> None:
    # An int8 CONCATENATION copies bytes.
    found = {
        (float(scale[0]), int(zero[0]))
        for scale, zero in (graph.quantisation(int(index)) for index in [*operator.inputs, *operator.outputs])
    }
    if len(found) != 1:
        raise AssetError(f"a concatenation of tensors with different scales: {sorted(found)}")


def _shift_activations(graph: Graph) -> None:
    for index in _activations(graph):
        tensor = graph.tensors[index]
        scale, zero = graph.quantisation(index)
        if int(tensor.type) != UINT8 or scale.size != 1:
            raise AssetError(f"activation {graph.info(index).name!r} is not uint8 with one scale")
        tensor.type = INT8
        graph.set_quantisation(index, scale, zero - 128)


def _is_relu6(graph: Graph, index: int) -> bool:
    scale, zero = graph.quantisation(index)
    return int(zero[0]) == 0 and abs(float(scale[0]) * 255 - 6) < 0.01
