"""Keeps what is drawn near the picture, because OpenCV counts in 32-bit fixed point and must not overflow."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

REACH = 32768.0
"""Pixels from the picture's origin within which OpenCV may draw; beyond it shapes are cut off first."""

FARTHEST = 1e12
"""Pixels beyond which a point is brought to this distance, so that differences of points stay numbers."""

Bounds = tuple[int, int, int, int]
"""Left, top, right, bottom of a region of whole pixels; right and bottom are outside."""


def is_finite(*numbers: float) -> bool:
    """Whether all are numbers that can be drawn; false for NaN, infinity and integers beyond every float."""
    try:
        return all(math.isfinite(number) for number in numbers)
    except OverflowError:
        return False


def points_array(points: Any) -> NDArray[np.float64]:
    """Return points as (N, 2) float64 pixels; what cannot be drawn becomes NaN."""
    if isinstance(points, np.ndarray):
        array = np.asarray(points, np.float64)
    else:
        pairs = [tuple(point) for point in points]
        array = np.array([pair if is_finite(*pair) else (math.nan, math.nan) for pair in pairs], np.float64)
    if not array.size:
        return np.empty((0, 2))
    if array.ndim != 2 or array.shape[1] != 2:
        raise ValueError(f"points are pairs of x and y; found an array of shape {array.shape}")
    return array


def region(pixels: NDArray[np.uint8], left: float, top: float, right: float, bottom: float) -> Bounds | None:
    """Return the whole pixels of a picture that a rectangle touches, or None when it touches none."""
    height, width = pixels.shape[:2]
    if right < 0 or bottom < 0 or left >= width or top >= height:
        return None
    # The edge of an anti-aliased shape reaches a pixel further than its outline.
    return (
        max(0, math.floor(left) - 1),
        max(0, math.floor(top) - 1),
        min(width, math.ceil(min(right, REACH * 2)) + 2),
        min(height, math.ceil(min(bottom, REACH * 2)) + 2),
    )


def clip_segments(segments: NDArray[np.float64]) -> NDArray[np.float64]:
    """Cut line segments (N, 2, 2) to within `REACH`; those wholly beyond it are left out.

    Liang and Barsky's parametric clipping (ACM TOG 3(1), 1984), all segments at once.
    """
    if not len(segments) or np.abs(segments).max() <= REACH:
        return segments
    segments = np.clip(segments, -FARTHEST, FARTHEST)
    start, change = segments[:, 0], segments[:, 1] - segments[:, 0]
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        low, high = (-REACH - start) / change, (REACH - start) / change
    parallel, inside = change == 0, np.abs(start) <= REACH
    enter = np.where(parallel, np.where(inside, 0.0, np.inf), np.minimum(low, high)).max(axis=1)
    leave = np.where(parallel, np.where(inside, 1.0, -np.inf), np.maximum(low, high)).min(axis=1)
    enter, leave = np.maximum(enter, 0.0), np.minimum(leave, 1.0)
    kept = enter <= leave
    ends = np.stack((enter[kept], leave[kept]), axis=1)[:, :, None]
    # The products are rounded, so that an end may miss the border by a hair.
    cut: NDArray[np.float64] = np.clip(start[kept, None] + change[kept, None] * ends, -REACH, REACH)
    return cut


def clip_polygon(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    """Cut a polygon (N, 2) to within `REACH` (Sutherland and Hodgman, CACM 17(1), 1974)."""
    if np.abs(corners).max() <= REACH:
        return corners
    kept: list[tuple[float, float]] = [(x, y) for x, y in np.clip(corners, -FARTHEST, FARTHEST).tolist()]
    for axis in (0, 1):
        for sign in (1.0, -1.0):
            kept = _clip_side(kept, axis, sign)
    return np.clip(np.array(kept, np.float64).reshape(-1, 2), -REACH, REACH)


def _clip_side(corners: Sequence[tuple[float, float]], axis: int, sign: float) -> list[tuple[float, float]]:
    kept: list[tuple[float, float]] = []
    for before, corner in zip((*corners[-1:], *corners[:-1]), corners, strict=True):
        was, now = REACH - sign * before[axis], REACH - sign * corner[axis]
        if (was >= 0) != (now >= 0):
            part = was / (was - now)
            x, y = (a + (b - a) * part for a, b in zip(before, corner, strict=True))
            kept.append((x, y))
        if now >= 0:
            kept.append(corner)
    return kept
