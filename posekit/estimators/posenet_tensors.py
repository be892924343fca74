"""PoseNet's three output tensors as one value, and the file they are exchanged in."""

from __future__ import annotations

import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from posekit.errors import EstimatorError, SourceError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from posekit.geometry import Size

KEYPOINTS = 17
EDGES = 16
STRIDE = 16
"""Model-input pixels from one cell to the next, in every PoseNet that posekit knows."""
HEADS = {"heatmaps": KEYPOINTS, "short_offsets": 2 * KEYPOINTS, "mid_offsets": 4 * EDGES}
"""The three outputs and their channels; no two have the same number, so a shape tells which is which."""


class Quantisation(NamedTuple):
    """How stored numbers become real ones: real = (stored - zero) * scale."""

    scale: float = 1.0
    zero: float = 0.0


NOT_QUANTISED = Quantisation()
Quantisations = tuple[Quantisation, Quantisation, Quantisation]


@dataclass(frozen=True, eq=False)
class Tensors:
    """What PoseNet says about one picture, in `H` x `W` cells; cell (y, x) is at pixel (stride y, stride x).

    Each array is float, or integer with its `Quantisation`. Offsets are in model-input pixels, y before x.
    The layout is that of Google's own decoder (libcoral 2021, `coral/pose_estimation`). Raises
    `EstimatorError` when the shapes are not those of one PoseNet.
    """

    heatmaps: NDArray[Any]
    """(H, W, 17) logits: how likely is this keypoint here."""
    short_offsets: NDArray[Any]
    """(H, W, 34): from a cell to the keypoint near it; channels 0-16 are y, 17-33 are x."""
    mid_offsets: NDArray[Any]
    """(H, W, 64): from a keypoint to the next on the body: forward y, forward x, backward y, backward x."""
    stride: int = STRIDE
    """Model-input pixels between cells."""
    quantisations: Quantisations = (NOT_QUANTISED, NOT_QUANTISED, NOT_QUANTISED)
    """Of the three arrays, in their order."""

    def __post_init__(self) -> None:
        shapes = [self.heatmaps.shape, self.short_offsets.shape, self.mid_offsets.shape]
        grid = shapes[0][:2]
        if shapes != [(*grid, channels) for channels in HEADS.values()] or len(grid) != 2 or 0 in grid:
            found = ", ".join(f"{name} {shape}" for name, shape in zip(HEADS, shapes, strict=True))
            raise EstimatorError(
                f"PoseNet gives heatmaps (H, W, 17), short_offsets (H, W, 34) and mid_offsets (H, W, 64); "
                f"found {found}"
            )
        if self.stride < 1:
            raise EstimatorError(
                f"PoseNet's stride is a number of pixels such as {STRIDE}; found {self.stride}"
            )

    @property
    def grid(self) -> tuple[int, int]:
        """Cells: height, width."""
        height, width = self.heatmaps.shape[:2]
        return height, width

    @property
    def input_size(self) -> Size:
        """Width and height in pixels of the model's input: from the first cell to the last."""
        height, width = self.grid
        return (width - 1) * self.stride + 1, (height - 1) * self.stride + 1

    @staticmethod
    def from_outputs(outputs: tuple[NDArray[np.float32], ...], stride: int = STRIDE) -> Tensors:
        """Take a runtime's outputs, in whatever order they come; the shapes say which is which.

        Raises `EstimatorError`, naming what was found, when they are not PoseNet's.
        """
        by_channels = {output.shape[-1]: output for output in outputs if output.ndim == 3}
        try:
            heatmaps, short_offsets, mid_offsets = (by_channels[channels] for channels in HEADS.values())
        except KeyError:
            raise EstimatorError(wrong_outputs([output.shape for output in outputs])) from None
        return Tensors(heatmaps, short_offsets, mid_offsets, stride)

    def dequantised(self) -> Tensors:
        """Return the same tensors in float32; the decoder does not need it, comparisons do."""
        arrays = (self.heatmaps, self.short_offsets, self.mid_offsets)
        heatmaps, short_offsets, mid_offsets = (
            (array.astype(np.float32) - np.float32(zero)) * np.float32(scale)
            for array, (scale, zero) in zip(arrays, self.quantisations, strict=True)
        )
        return Tensors(heatmaps, short_offsets, mid_offsets, self.stride)


def wrong_outputs(shapes: list[tuple[int, ...]]) -> str:
    """Say that a model's outputs are not PoseNet's."""
    found = ", ".join(str(shape) for shape in shapes)
    return (
        "this is no PoseNet: expected three outputs with 17, 34 and 64 channels (heatmaps, short and mid "
        f"offsets, without a decoder), found {found or 'none'}"
    )


QUANTISED_KEYS = ("heatmaps_q", "short_q", "mid_q", "quant")
FLOAT_KEYS = ("heatmaps", "short", "mid")


def load_tensors(path: Path | str) -> Tensors:
    """Read PoseNet tensors from an .npz file.

    Either `heatmaps_q, short_q, mid_q` (integers) with `quant` = [[scale, zero]] x 3, or `heatmaps, short,
    mid` (floats); `stride` (16 where it is missing) and `model_hw` (checked where it is there) for both.
    Raises `SourceError` for a file that cannot be read or holds anything else.
    """
    arrays = _read(Path(path))
    try:
        return _from_arrays(arrays)
    except (EstimatorError, SourceError) as error:
        raise SourceError(f"{path}: {error}") from None


def _read(path: Path) -> dict[str, NDArray[Any]]:
    try:
        # Opened here, because NumPy leaves a damaged archive open.
        with path.open("rb") as raw:
            file = np.load(raw, allow_pickle=False)
            if isinstance(file, np.lib.npyio.NpzFile):
                with file:
                    return {name: file[name] for name in file.files}
    except FileNotFoundError:
        raise SourceError(f"{path} does not exist") from None
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error, NotImplementedError) as error:
        reason = " ".join(str(error).split())
        raise SourceError(f"{path} is not a readable .npz file of PoseNet tensors: {reason}") from None
    raise SourceError(f"{path} holds a single array; expected an .npz file with {_wanted()}")


def _wanted() -> str:
    return f"{', '.join(QUANTISED_KEYS)} (or {', '.join(FLOAT_KEYS)})"


def _from_arrays(arrays: Mapping[str, NDArray[Any]]) -> Tensors:
    is_quantised = any(key in arrays for key in QUANTISED_KEYS)
    keys = QUANTISED_KEYS if is_quantised else FLOAT_KEYS
    missing = [key for key in keys if key not in arrays]
    if missing:
        found = ", ".join(arrays) or "nothing"
        raise SourceError(f"{', '.join(missing)} missing; expected {_wanted()}, found {found}")
    heads = [arrays[key] for key in keys[:3]]
    for key, head in zip(keys, heads, strict=False):
        if head.dtype.kind not in ("iu" if is_quantised else "f") or not np.isfinite(head).all():
            kind = "whole" if is_quantised else "finite floating-point"
            raise SourceError(f"{key} must hold {kind} numbers, found {head.dtype}")
    quantisations = _quantisations(arrays["quant"]) if is_quantised else (NOT_QUANTISED,) * 3
    if not is_quantised:
        heads = [head.astype(np.float32, copy=False) for head in heads]
    tensors = Tensors(heads[0], heads[1], heads[2], _stride(arrays), quantisations)
    _check_size(arrays, tensors)
    return tensors


def _stride(arrays: Mapping[str, NDArray[Any]]) -> int:
    stride = arrays.get("stride", np.array(STRIDE))
    if stride.size != 1 or stride.dtype.kind not in "iu":
        raise SourceError(f"stride must be one whole number, found {stride.dtype} {stride.shape}")
    return int(stride.item())


def _quantisations(table: NDArray[Any]) -> Quantisations:
    if table.shape != (3, 2) or table.dtype.kind not in "iuf":
        raise SourceError(f"quant must be [[scale, zero]] x 3, found {table.dtype} {table.shape}")
    if not (np.isfinite(table).all() and (table[:, 0] > 0).all()):
        raise SourceError("quant must hold finite numbers with scales above 0")
    heat, short, mid = (Quantisation(float(scale), float(zero)) for scale, zero in table)
    return heat, short, mid


def _check_size(arrays: Mapping[str, NDArray[Any]], tensors: Tensors) -> None:
    if "model_hw" not in arrays:
        return
    size, (width, height) = arrays["model_hw"].tolist(), tensors.input_size
    if size != [height, width]:
        raise SourceError(
            f"model_hw {size} does not fit heatmaps of {tensors.grid} cells {tensors.stride} pixels apart, "
            f"which make [{height}, {width}]"
        )
