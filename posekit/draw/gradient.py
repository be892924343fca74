"""Gradients: pixels that go from one colour to another along a line."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import cv2
import numpy as np

from posekit.draw.clip import FARTHEST, is_finite
from posekit.draw.oklab import between

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from posekit.geometry import Size

    Pixels = NDArray[np.uint8]
    BGRA = tuple[int, int, int, int]
    Point = tuple[float, float]

GRID = 8
"""Pixels between two places at which a colour is computed; between them it changes evenly."""


def linear(
    size: Size, first: BGRA, second: BGRA, start: Point, end: Point, alpha: float = 1.0
) -> Pixels | None:
    """Return (H, W, 4) to be laid, from one colour at `start` to another at `end` and beyond both.

    The colours are blue, green, red, opacity; between them they change evenly to the eye. The last few are
    kept, so that one that stays costs a copy; a new one costs some 30 ms. None when a point is missing.
    """
    if not is_finite(*start, *end, alpha) or alpha <= 0:
        return None
    made = _linear(size, first, second, _near(start), _near(end))
    return made if alpha >= 1 else np.asarray(cv2.convertScaleAbs(made, alpha=alpha), np.uint8)


@lru_cache(maxsize=4)
def _linear(size: Size, first: BGRA, second: BGRA, start: Point, end: Point) -> Pixels:
    across, down = end[0] - start[0], end[1] - start[1]
    square = across * across + down * down or 1.0
    columns, rows = max(2, -(-size[0] // GRID)), max(2, -(-size[1] // GRID))
    x = (np.arange(columns) + 0.5) * size[0] / columns - start[0]
    y = (np.arange(rows) + 0.5) * size[1] / rows - start[1]
    part = np.clip((x[None] * across + y[:, None] * down) / square, 0, 1)
    table = _table(first, second)
    grid = np.stack([np.interp(part, np.linspace(0, 1, len(table)), one) for one in table.T], axis=-1)
    fine = cv2.resize(grid.astype(np.float32), size)
    # A dark gradient over a thousand pixels has few steps, and they would be seen.
    height, width = size[1], size[0]
    between_steps = np.tile(_dither(), (-(-height // 8), -(-width // 8)))[:height, :width, None]
    return np.asarray(np.floor(fine + between_steps), np.float32).clip(0, 255).astype(np.uint8)


def _dither() -> NDArray[np.float32]:
    """Return (8, 8) from 0 to 1 to dither by: Bayer, "An optimum method for two-level rendition" (1973)."""
    matrix = np.zeros((1, 1))
    for _ in range(3):
        matrix = np.block([[4 * matrix, 4 * matrix + 2], [4 * matrix + 3, 4 * matrix + 1]])
    return ((matrix + 0.5) / 64).astype(np.float32)


def _near(point: Point) -> Point:
    """Bring a point to where differences of its numbers have squares."""
    x, y = (max(-FARTHEST, min(FARTHEST, float(number))) for number in point)
    return x, y


def _table(first: BGRA, second: BGRA) -> NDArray[np.float64]:
    """Return colours on the way from one to another, multiplied by their opacity: (33, 4)."""
    amount = np.linspace(0, 1, 33)
    colors = between(first[2::-1], second[2::-1], amount)[:, ::-1]
    opacity = first[3] + (second[3] - first[3]) * amount[:, None]
    return np.concatenate((colors * opacity / 255, opacity), axis=1)
