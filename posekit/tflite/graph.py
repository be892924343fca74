"""A TFLite file as a graph that can be read and edited."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import flatbuffers
import numpy as np

from posekit.errors import AssetError
from posekit.tflite.schema import model_schema

if TYPE_CHECKING:
    from numpy.typing import NDArray

# BuiltinOperator codes, from the TFLite schema (tensorflow/lite/schema/schema.fbs).
CONCATENATION, CONV_2D, DEPTHWISE_CONV_2D, DEQUANTIZE, CUSTOM, CAST, QUANTIZE = 2, 3, 4, 6, 32, 53, 114

# TensorType codes, from the same file, and numpy's names for them.
FLOAT32, INT32, UINT8, INT8 = 0, 2, 3, 9
DTYPES: dict[int, np.dtype[Any]] = {
    FLOAT32: np.dtype("<f4"),
    INT32: np.dtype("<i4"),
    UINT8: np.dtype("u1"),
    INT8: np.dtype("i1"),
}


@dataclass(frozen=True)
class TensorInfo:
    """What a tensor at the edge of the graph looks like."""

    name: str
    """Name in the file."""
    shape: tuple[int, ...]
    """Shape with the batch axis, as in the file."""
    kind: int
    """TensorType code."""


class Graph:
    """The first subgraph of a TFLite model, unpacked.

    Raises AssetError for bytes that are not a TFLite model.
    """

    def __init__(self, data: bytes) -> None:
        if data[4:8] != b"TFL3":
            found = f"bytes 4 to 8 are {data[4:8]!r}, not b'TFL3'" if data else "it is empty"
            raise AssetError(f"not a TFLite model: {found}")
        try:
            self.model = model_schema().ModelT.InitFromPackedBuf(data, 0)
            self._graph = self.model.subgraphs[0]
        except Exception as error:  # the generated reader raises whatever a wild offset leads to
            raise AssetError(
                f"not a readable TFLite model: its {len(data):,} bytes are damaged or not all of it ({error})"
            ) from error

    @property
    def tensors(self) -> list[Any]:
        """All tensors, as the schema's `TensorT`."""
        return self._graph.tensors  # type: ignore[no-any-return]  # the generated schema is untyped

    @property
    def operators(self) -> list[Any]:
        """All operators in running order, as the schema's `OperatorT`."""
        return self._graph.operators  # type: ignore[no-any-return]  # as above

    @operators.setter
    def operators(self, operators: list[Any]) -> None:
        self._graph.operators = operators

    @property
    def inputs(self) -> list[int]:
        """Indices of the input tensors."""
        return [int(index) for index in self._graph.inputs]

    @inputs.setter
    def inputs(self, indices: list[int]) -> None:
        self._graph.inputs = np.asarray(indices, np.int32)

    @property
    def outputs(self) -> list[int]:
        """Indices of the output tensors."""
        return [int(index) for index in self._graph.outputs]

    @outputs.setter
    def outputs(self, indices: list[int]) -> None:
        self._graph.outputs = np.asarray(indices, np.int32)
        # A signature names the old outputs; nothing here is called by signature.
        self.model.signatureDefs = None

    def info(self, index: int) -> TensorInfo:
        """Describe one tensor."""
        tensor = self.tensors[index]
        shape = () if tensor.shape is None else tuple(int(length) for length in tensor.shape)
        return TensorInfo(tensor.name.decode(), shape, int(tensor.type))

    def operator_name(self, operator: Any) -> tuple[int, str]:
        """Return the builtin code and the custom name ('' for builtins) of an operator."""
        code = self.model.operatorCodes[operator.opcodeIndex]
        # Files older than schema 3a keep the code in the deprecated field only.
        builtin = max(int(code.builtinCode), int(code.deprecatedBuiltinCode))
        return builtin, code.customCode.decode() if code.customCode else ""

    def constant(self, index: int) -> NDArray[Any]:
        """Return the stored values of a constant tensor, in its shape; AssetError if they are missing."""
        tensor = self.tensors[index]
        data = self.model.buffers[tensor.buffer].data
        dtype = DTYPES.get(int(tensor.type))
        size = 0 if dtype is None else int(np.prod(tensor.shape)) * dtype.itemsize
        if data is None or dtype is None or len(data) != size:
            found, name = 0 if data is None else len(data), self.info(index).name
            raise AssetError(f"tensor {name!r} holds {found} bytes, not the {size} of its shape")
        values: NDArray[Any] = np.asarray(data, np.uint8).view(dtype).reshape(tensor.shape)
        return values

    def has_values(self, index: int) -> bool:
        """Tell whether a tensor is stored in the file, not computed."""
        data = self.model.buffers[self.tensors[index].buffer].data
        return data is not None and len(data) > 0

    def is_quantised(self, index: int) -> bool:
        """Tell whether a tensor has a scale."""
        values = self.tensors[index].quantization
        return values is not None and values.scale is not None and len(values.scale) > 0

    def set_constant(self, index: int, values: NDArray[Any], kind: int) -> None:
        """Store values (same shape) and type of a constant tensor, in a buffer of its own."""
        tensor = self.tensors[index]
        tensor.type = kind
        buffer = model_schema().BufferT()
        buffer.data = np.frombuffer(np.ascontiguousarray(values, DTYPES[kind]).tobytes(), np.uint8)
        self.model.buffers[tensor.buffer] = buffer

    def quantisation(self, index: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Return scales and zero points of a tensor, (1,) or (channels,); AssetError if it has none."""
        values = self.tensors[index].quantization
        if not self.is_quantised(index):
            raise AssetError(f"tensor {self.info(index).name!r} has no quantisation")
        return np.asarray(values.scale, np.float64), np.asarray(values.zeroPoint, np.int64)

    def set_quantisation(
        self, index: int, scale: NDArray[np.float64], zero: NDArray[np.int64], axis: int = 0
    ) -> None:
        """Set scales and zero points of a tensor, (1,) or (channels,) along `axis`."""
        values = model_schema().QuantizationParametersT()
        values.scale = np.asarray(scale, np.float32)
        values.zeroPoint = np.asarray(zero, np.int64)
        values.quantizedDimension = axis
        self.tensors[index].quantization = values

    def add_tensor(self, like: int, suffix: str, kind: int) -> int:
        """Append a tensor shaped as tensor `like`, without quantisation or values; return its index."""
        schema, source = model_schema(), self.tensors[like]
        tensor = schema.TensorT()
        tensor.name = source.name + suffix.encode()
        tensor.shape, tensor.shapeSignature, tensor.type = source.shape, source.shapeSignature, kind
        tensor.hasRank = source.hasRank
        tensor.buffer = 0  # the schema keeps buffer 0 empty: a tensor without stored values
        self.tensors.append(tensor)
        return len(self.tensors) - 1

    def new_operator(self, builtin: int, version: int, source: int, target: int) -> Any:
        """Return an operator of one input and one output; the caller puts it in its place."""
        schema = model_schema()
        code = schema.OperatorCodeT()
        code.builtinCode, code.version = builtin, version
        # Readers before schema 3a look here; larger codes are marked by 127.
        code.deprecatedBuiltinCode = min(builtin, 127)
        self.model.operatorCodes.append(code)
        operator = schema.OperatorT()
        operator.opcodeIndex = len(self.model.operatorCodes) - 1
        operator.inputs, operator.outputs = np.array([source], np.int32), np.array([target], np.int32)
        return operator

    def pack(self) -> bytes:
        """Return the model as the bytes of a TFLite file; the same graph always gives the same bytes."""
        self._prune_operator_codes()
        builder = flatbuffers.Builder(1 << 20)
        builder.Finish(self.model.Pack(builder), file_identifier=b"TFL3")
        return bytes(builder.Output())

    def _prune_operator_codes(self) -> None:
        # A runtime resolves every listed code, so a dropped custom operator must leave the list too.
        kept: dict[tuple[int, str, int], int] = {}
        codes: list[Any] = []
        for operator in self.operators:
            code = self.model.operatorCodes[operator.opcodeIndex]
            key = (*self.operator_name(operator), int(code.version))
            if key not in kept:
                kept[key] = len(codes)
                codes.append(code)
            operator.opcodeIndex = kept[key]
        self.model.operatorCodes = codes


def with_operator_index(operators: list[Any], old: int, new: int) -> None:
    """Make every operator that reads tensor `old` read tensor `new`."""
    for operator in operators:
        operator.inputs = np.where(operator.inputs == old, new, operator.inputs).astype(np.int32)
