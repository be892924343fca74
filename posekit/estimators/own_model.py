"""What a TFLite file of the user's own is: a PoseNet, a MoveNet, or neither, from the shapes it states."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posekit.errors import EstimatorError
from posekit.runtimes.base import MOVENET_OUTPUTS, LoadedModel, load_model

if TYPE_CHECKING:
    from pathlib import Path

POSENET_CHANNELS = (17, 34, 64)
"""Of heatmaps, short offsets and mid offsets (`posenet_tensors.HEADS`)."""
_EXPECTED = {
    "posenet": (
        "a PoseNet: outputs (1, H, W, 17), (1, H, W, 34) and (1, H, W, 64), heatmaps, short and mid offsets, "
        "in any order"
    ),
    "movenet": "a MoveNet: one output (1, 1, 17, 3)",
}


def family_of(path: Path) -> str:
    """Return `posenet` or `movenet`; raises `EstimatorError` with what was found for any other file."""
    model = load_model(path)
    family = _recognise(model)
    if family is None:
        raise EstimatorError(
            f"the model {path} cannot be used: expected {_EXPECTED['posenet']}, or {_EXPECTED['movenet']}; "
            f"found {_found(model)}"
        )
    return family


def require_family(path: Path, family: str) -> None:
    """Raise `EstimatorError`, with what was found and what was expected, unless a file is of a family."""
    model = load_model(path)
    if _recognise(model) != family:
        raise EstimatorError(
            f"the model {path} cannot be used: expected {_EXPECTED[family]}; found {_found(model)}"
        )


def _recognise(model: LoadedModel) -> str | None:
    shapes = model.output_shapes
    if shapes == MOVENET_OUTPUTS:
        return "movenet"
    planes = [shape for shape in shapes if len(shape) == 3]
    found = {shape[-1] for shape in planes}
    if not found.issuperset(POSENET_CHANNELS):
        return None
    grids = {shape[:2] for shape in planes if shape[-1] in POSENET_CHANNELS}
    return "posenet" if len(grids) == 1 else None


def _found(model: LoadedModel) -> str:
    width, height = model.input_size
    outputs = ", ".join(str((1, *shape)) for shape in model.output_shapes[:8])
    more = f" and {len(model.output_shapes) - 8} more" if len(model.output_shapes) > 8 else ""
    count = len(model.output_shapes)
    return f"{count} output{'s' if count != 1 else ''} {outputs}{more}, of an image of {width}x{height}"
