"""The tables of `estimators.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matching import DISTANCES, PARTS, SIGMAS, PartError, by_part

from posekit.skeleton import COCO_17

if TYPE_CHECKING:
    from collections.abc import Sequence

Cells = dict[str, str]


def print_tables(measured: Sequence[dict]) -> None:
    """Print how good and how quick, whom by size, and how exact by keypoint."""
    _print("", [(one["name"], _main_cells(one)) for one in measured])
    sizes = [(one["name"], _size_cells(one)) for one in measured]
    _print("by size: AP of COCO's medium and large people; found of those who are far, mid and near", sizes)
    errors = []
    for one in measured:
        parts = by_part({name: PartError(**error) for name, error in one["keypoints"].items()})
        errors.append((one["name"], {part: _error_cell(parts[part]) for part in PARTS}))
    labellers = [SIGMAS[[name.endswith(part) for name in COCO_17.keypoints]][0] for part in PARTS]
    spread = {part: f"{100 * sigma:.1f}" for part, sigma in zip(PARTS, labellers, strict=True)}
    _print(
        "by keypoint: error in % of the square root of the area (found, %)",
        [*errors, ("people who label", spread)],
    )


def _main_cells(one: dict) -> Cells:
    accuracy = one["accuracy"] or {}
    return {
        "AP": _number(accuracy.get("precision")),
        "AR": _number(accuracy.get("recall")),
        "AP50": _number(accuracy.get("loose")),
        "film AP": _number(one["film_precision"]),
        "ghosts": "-" if one["ghosts"] is None else str(one["ghosts"]),
        "ms": _number((one["milliseconds"] or {}).get("median"), 1),
        "film ms": _number((one["film_milliseconds"] or {}).get("median"), 1),
        "quick": _number((one["film_milliseconds"] or {}).get("quick"), 1),
    }


def _size_cells(one: dict) -> Cells:
    found = {name: "{}/{}".format(*one["found"][name]) for name in DISTANCES}
    return {"medium": _number(one["medium"]), "large": _number(one["large"]), **found}


def _error_cell(error: PartError) -> str:
    if error.error is None:
        return "-"
    return f"{100 * error.error:.1f} ({100 * error.found / error.labelled:.0f})"


def _number(value: float | None, digits: int = 3) -> str:
    return "-" if value is None or value < 0 else f"{value:.{digits}f}"


def _print(title: str, rows: Sequence[tuple[str, Cells]]) -> None:
    print(f"\n{title}" if title else "")
    print(f"{'estimator':40}" + "".join(f"{head:>10}" for head in rows[0][1]))
    for name, cells in rows:
        print(f"{name:40}" + "".join(f"{cell:>10}" for cell in cells.values()))
