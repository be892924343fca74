"""An int8 graph in float32: the same weights, and nothing rounded on the way.

Where a network's answer is a place, rounding every step of the way makes the place jump: MoveNet's file,
quantised after training, moves its keypoints by several pixels when the picture is shifted by one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from posekit.errors import AssetError
from posekit.tflite.graph import DEQUANTIZE, FLOAT32, INT8, INT32, QUANTIZE, UINT8, Graph

if TYPE_CHECKING:
    from numpy.typing import NDArray


def dequantise(data: bytes) -> bytes:
    """Return an int8 model of one uint8 image as float32 inside, its outputs float32.

    Constants become the real values that they stand for, QUANTIZE and DEQUANTIZE between them fall away,
    whole-number parts (shapes, indices) stay. Raises AssetError for a file that is not of this kind.
    """
    graph = Graph(data)
    kinds = [graph.info(index).kind for index in (*graph.inputs, *graph.outputs)]
    if kinds[:1] != [UINT8] or any(kind not in (FLOAT32, INT8) for kind in kinds[1:]):
        raise AssetError("only a model of one uint8 image with int8 or float32 outputs can be dequantised")
    _Conversion(graph).run()
    return graph.pack()


@dataclass
class _Conversion:
    """One pass over the operators of a graph."""

    graph: Graph
    replaced: dict[int, int] = field(default_factory=dict)
    """Tensors of operators that fell away, and what stands for them."""

    def run(self) -> None:
        graph = self.graph
        for index in range(len(graph.tensors)):
            self._convert_tensor(index)
        graph.operators = [operator for operator in graph.operators if self._keep(operator)]
        graph.outputs = [self.replaced.get(index, index) for index in graph.outputs]

    def _convert_tensor(self, index: int) -> None:
        tensor = self.graph.tensors[index]
        is_constant = self.graph.has_values(index)
        if int(tensor.type) == INT8 or (int(tensor.type) == INT32 and self.graph.is_quantised(index)):
            if is_constant:
                self.graph.set_constant(index, self._real_values(index), FLOAT32)
            tensor.type = FLOAT32
        tensor.quantization = None

    def _real_values(self, index: int) -> NDArray[np.float64]:
        scale, zero = self.graph.quantisation(index)
        values: NDArray[np.float64] = self.graph.constant(index).astype(np.float64)
        along = [1] * values.ndim
        if scale.size > 1:
            along[int(self.graph.tensors[index].quantization.quantizedDimension)] = -1
        return (values - zero.reshape(along)) * scale.reshape(along)

    def _keep(self, operator: Any) -> bool:
        """Point an operator at what is left, and tell whether it has anything to do still."""
        graph = self.graph
        operator.inputs = np.array([self.replaced.get(int(at), int(at)) for at in operator.inputs], np.int32)
        if graph.operator_name(operator)[0] not in (QUANTIZE, DEQUANTIZE):
            return True
        source, target = int(operator.inputs[0]), int(operator.outputs[0])
        if graph.info(source).kind != graph.info(target).kind:
            return True
        self.replaced[target] = source
        return False
