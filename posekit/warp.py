"""Perspective: four corners to four corners, there and back, and which four corners will do."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from posekit.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

Point = tuple[float, float]
Corners = tuple[Point, Point, Point, Point]
"""Four places: of the top left, top right, bottom right and bottom left corner, in this order everywhere."""
UNIT: Corners = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
"""The corners of everything that runs from 0 to 1."""
CORNER_NAMES = ("top left", "top right", "bottom right", "bottom left")
SHORTEST_SIDE = 0.01
"""A side has at least a hundredth of the picture's or screen's width; shorter ones are slips of the hand."""
NARROWEST = math.sin(math.radians(2))
"""No corner is flatter or sharper than two degrees: beyond, a pixel's error becomes the whole picture's."""
FARTHEST = 4.0
"""How far outside a corner may lie, in widths of the picture or screen."""


@dataclass(frozen=True)
class Warp:
    """A homography: maps straight lines to straight lines, and the four corners where they are wanted."""

    matrix: tuple[tuple[float, float, float], ...]
    """3 x 3, row by row, for columns (x, y, 1); positive in the third row wherever the map holds."""

    @classmethod
    def between(cls, start: Corners, end: Corners) -> Warp:
        """Return the map that takes each corner of `start` to that of `end`.

        Both are to be convex, as `check_corners` makes sure of; raises `SettingsError` where there is no map.
        """
        if start == end:
            return IDENTITY
        to_start, to_end = _from_unit(start), _from_unit(end)
        matrix = to_end @ np.linalg.inv(to_start)
        middle = np.array([*np.mean(start, axis=0), 1.0])
        scale = matrix[2] @ middle
        if not np.isfinite(matrix).all() or abs(scale) < 1e-12:
            raise SettingsError("these four corners can be mapped to nothing; move them further apart")
        return _made(matrix / scale)

    @property
    def inverse(self) -> Warp:
        """The way back."""
        # Not scaled: as it is, its third row is positive wherever this map's is.
        return _made(np.linalg.inv(self.array))

    @property
    def array(self) -> NDArray[np.float64]:
        """The matrix, (3, 3) float64."""
        return np.array(self.matrix)

    @property
    def is_mirrored(self) -> bool:
        """Whether it exchanges left and right, as seen by somebody who reads."""
        return bool(np.linalg.det(self.array) < 0)

    def then(self, following: Warp) -> Warp:
        """Return this map and another after it as one; the other one's third row is 0, 0, 1."""
        return _made(following.array @ self.array)

    def apply(self, xy: NDArray[np.floating] | Sequence[float]) -> NDArray[np.float64]:
        """Map points (..., 2); what is beyond the horizon is nowhere: NaN. (..., 2) float64.

        A floor seen from the side ends at a horizon; above it no place on the floor can be meant.
        """
        (a, b, c), (d, e, f), (g, h, i) = self.matrix
        points = np.asarray(xy, np.float64)
        x, y = points[..., 0], points[..., 1]
        depth = np.asarray(g * x + h * y + i)
        depth = np.where(depth > 1e-9, depth, np.nan)
        return np.stack(((a * x + b * y + c) / depth, (d * x + e * y + f) / depth), axis=-1)

    def move(self, vectors: NDArray[np.floating], at: NDArray[np.floating]) -> NDArray[np.float64]:
        """Map small movements `vectors` (..., 2) of points `at` (..., 2), by the map's derivative there."""
        (a, b, _), (d, e, _), (g, h, i) = self.matrix
        step, place = np.asarray(vectors, np.float64), np.asarray(at, np.float64)
        mapped = self.apply(place)
        depth = g * place[..., 0] + h * place[..., 1] + i
        nearer = g * step[..., 0] + h * step[..., 1]
        across = a * step[..., 0] + b * step[..., 1] - mapped[..., 0] * nearer
        down = d * step[..., 0] + e * step[..., 1] - mapped[..., 1] * nearer
        return np.stack((across / depth, down / depth), axis=-1)


IDENTITY = Warp(((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)))


def rectangle(left: float, top: float, width: float, height: float) -> Corners:
    """Return an upright rectangle's corners."""
    right, bottom = left + width, top + height
    return ((left, top), (right, top), (right, bottom), (left, bottom))


def scaled(corners: Corners, across: float, down: float) -> Corners:
    """Return corners with x times `across` and y times `down`."""
    first, second, third, fourth = ((x * across, y * down) for x, y in corners)
    return (first, second, third, fourth)


def check_corners(corners: object, what: str) -> Corners:
    """Return four corners that a picture can be stretched between; raises `SettingsError` saying why not.

    They are given in parts of a picture or screen, (0, 0) top left to (1, 1), and may lie outside. In either
    sense of rotation: a mirror is no mistake.
    """
    points = _numbers(corners, what)
    if not all(-FARTHEST <= number <= 1 + FARTHEST for point in points for number in point):
        raise SettingsError(f"{what}: a corner lies too far outside; found {_spell(points)}")
    sides = [_side(points, at) for at in range(4)]
    lengths = [math.hypot(*side) for side in sides]
    if min(lengths) < SHORTEST_SIDE:
        at = lengths.index(min(lengths))
        raise SettingsError(f"{what}: {_two(at)} corner are in the same place; draw them apart")
    turns = [
        (sides[at - 1][0] * sides[at][1] - sides[at - 1][1] * sides[at][0]) / lengths[at - 1] / lengths[at]
        for at in range(4)
    ]
    flat = [at for at in range(4) if abs(turns[at]) < NARROWEST]
    if flat:
        raise SettingsError(
            f"{what}: the {CORNER_NAMES[flat[0]]} corner and its two neighbours lie in one line; "
            "four corners have to enclose something"
        )
    left = [at for at in range(4) if turns[at] < 0]
    if len(left) == 2:
        raise SettingsError(
            f"{what}: two of its sides cross; go round it: top left, top right, bottom right, bottom left"
        )
    if len(left) in (1, 3):
        odd = left[0] if len(left) == 1 else next(at for at in range(4) if turns[at] > 0)
        raise SettingsError(
            f"{what}: the {CORNER_NAMES[odd]} corner lies inside the triangle of the others; draw it out"
        )
    return points


def _numbers(corners: object, what: str) -> Corners:
    pairs = list(corners) if isinstance(corners, (list, tuple)) else []
    if len(pairs) != 4 or not all(isinstance(pair, (list, tuple)) and len(pair) == 2 for pair in pairs):
        raise SettingsError(f"{what} is four corners, [[x, y], [x, y], [x, y], [x, y]]; found {corners!r}")
    for number in itertools.chain(*pairs):
        if isinstance(number, bool) or not isinstance(number, (int, float)) or not math.isfinite(number):
            raise SettingsError(f"{what}: a corner is two numbers; found {number!r}")
    first, second, third, fourth = ((float(x), float(y)) for x, y in pairs)
    return (first, second, third, fourth)


def _side(points: Corners, at: int) -> Point:
    """Return the way from one corner to the next."""
    (x, y), (next_x, next_y) = points[at], points[(at + 1) % 4]
    return (next_x - x, next_y - y)


def _two(at: int) -> str:
    return f"the {CORNER_NAMES[at]} and the {CORNER_NAMES[(at + 1) % 4]}"


def _spell(points: Corners) -> str:
    return str([[round(x, 3), round(y, 3)] for x, y in points])


def _from_unit(corners: Corners) -> NDArray[np.float64]:
    """Return the matrix that takes the unit square to four corners.

    In closed form (P. Heckbert, Fundamentals of Texture Mapping and Image Warping, 1989, section 2.2.3).
    """
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = corners
    across = (x1 - x2, y1 - y2)
    down = (x3 - x2, y3 - y2)
    rest = (x0 - x1 + x2 - x3, y0 - y1 + y2 - y3)
    area = across[0] * down[1] - across[1] * down[0]
    if area == 0:
        raise SettingsError("three of the corners lie in one line; draw them apart")
    g = (rest[0] * down[1] - rest[1] * down[0]) / area
    h = (across[0] * rest[1] - across[1] * rest[0]) / area
    return np.array(
        [
            [x1 - x0 + g * x1, x3 - x0 + h * x3, x0],
            [y1 - y0 + g * y1, y3 - y0 + h * y3, y0],
            [g, h, 1.0],
        ]
    )


def _made(matrix: NDArray[np.floating]) -> Warp:
    first, second, third = matrix.tolist()
    return Warp((tuple(first), tuple(second), tuple(third)))
