"""Shapes as values: where they reach, and how they are painted on an array of any number of channels.

A shape is measured once and then painted as often as wanted: on the picture itself, on a copy of its region,
as coverage, or small and thick as the source of its glow. What is not a finite number makes no shape (None).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import cv2
import numpy as np

from posekit.draw.clip import REACH, clip_polygon, clip_segments, is_finite, points_array

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Edges = tuple[float, float, float, float]
    """Left, top, right, bottom, in pixels."""

SHIFT = 4
"""Bits behind the point of OpenCV's fixed-point positions: sixteenths of a pixel."""
FLATTEST = 16384.0
"""Radius in pixels from which on a circle's edge is a straight line to the eye."""
WIDEST = 32767
"""The thickest line OpenCV draws, in pixels."""


class Outline(Protocol):
    """A shape that knows where it is."""

    @property
    def edges(self) -> Edges:
        """What it covers, in pixels."""

    @property
    def breadth(self) -> float:
        """How thick it is where it is seen: of a line its width, of a disc its diameter, in pixels."""

    def paint(self, target: Pixels, color: Any, left: float, top: float) -> None:
        """Paint it on `target`, whose first pixel is the picture's at (left, top)."""

    def source(self, target: Pixels, left: float, top: float, scale: float, breadth: float) -> None:
        """Paint its coverage `scale` times smaller and at least `breadth` pixels thick, to be blurred."""


@dataclass(frozen=True)
class Strokes:
    """Separate straight lines with round ends."""

    ends: NDArray[np.float64]
    """(N, 2, 2): line, end, x and y."""
    thickness: int

    @property
    def edges(self) -> Edges:
        """What they cover, in pixels."""
        return _edges(self.ends, self.thickness / 2)

    @property
    def breadth(self) -> float:
        """Their width in pixels."""
        return float(self.thickness)

    def paint(self, target: Pixels, color: Any, left: float, top: float) -> None:
        """Paint them on `target`."""
        cv2.polylines(target, _fixed(self.ends, left, top), False, color, self.thickness, cv2.LINE_AA, SHIFT)  # type: ignore[call-overload]  # the stubs want a list, an array is quicker

    def source(self, target: Pixels, left: float, top: float, scale: float, breadth: float) -> None:
        """Paint them smaller and thicker."""
        small = _fixed((self.ends + 0.5) / scale - 0.5, (left + 0.5) / scale - 0.5, (top + 0.5) / scale - 0.5)
        wide = max(1, min(round(max(self.thickness, breadth) / scale), WIDEST))
        cv2.polylines(target, small, False, 255, wide, cv2.LINE_AA, SHIFT)  # type: ignore[call-overload]  # as above


@dataclass(frozen=True)
class Area:
    """A filled polygon."""

    corners: NDArray[np.float64]
    """(N, 2)"""

    @property
    def edges(self) -> Edges:
        """What it covers, in pixels."""
        return _edges(self.corners, 0)

    @property
    def breadth(self) -> float:
        """The shorter side of the rectangle around it, in pixels."""
        left, top, right, bottom = self.edges
        return min(right - left, bottom - top)

    def paint(self, target: Pixels, color: Any, left: float, top: float) -> None:
        """Paint it on `target`."""
        cv2.fillPoly(target, [_fixed(self.corners, left, top)], color, cv2.LINE_AA, SHIFT)

    def source(self, target: Pixels, left: float, top: float, scale: float, breadth: float) -> None:
        """Paint it smaller, with a line around it when it is thin."""
        small = _fixed(
            (self.corners + 0.5) / scale - 0.5, (left + 0.5) / scale - 0.5, (top + 0.5) / scale - 0.5
        )
        cv2.fillPoly(target, [small], 255, cv2.LINE_AA, SHIFT)
        if self.breadth < breadth:
            cv2.polylines(target, [small], True, 255, max(1, round(breadth / scale)), cv2.LINE_AA, SHIFT)


@dataclass(frozen=True)
class Disc:
    """A disc, or a ring whose line lies across the radius."""

    x: float
    y: float
    radius: float
    thickness: int
    """Of the line in pixels; -1 fills."""

    @property
    def edges(self) -> Edges:
        """What it covers, in pixels."""
        reach = self.radius + max(self.thickness, 0) / 2
        return self.x - reach, self.y - reach, self.x + reach, self.y + reach

    @property
    def breadth(self) -> float:
        """Its diameter, of a ring its line's width, in pixels."""
        return float(self.thickness) if self.thickness > 0 else 2 * self.radius

    def paint(self, target: Pixels, color: Any, left: float, top: float) -> None:
        """Paint it on `target`."""
        at = (round((self.x - left) * 2**SHIFT), round((self.y - top) * 2**SHIFT))
        cv2.circle(target, at, round(self.radius * 2**SHIFT), color, self.thickness, cv2.LINE_AA, SHIFT)

    def source(self, target: Pixels, left: float, top: float, scale: float, breadth: float) -> None:
        """Paint it smaller and thicker."""
        at = (
            round(((self.x - left) / scale + 0.5 / scale - 0.5) * 2**SHIFT),
            round(((self.y - top) / scale + 0.5 / scale - 0.5) * 2**SHIFT),
        )
        filled = self.thickness < 0
        radius = max(self.radius, breadth / 2) if filled else self.radius
        wide = -1 if filled else max(1, min(round(max(self.thickness, breadth) / scale), WIDEST))
        cv2.circle(target, at, round(radius / scale * 2**SHIFT), 255, wide, cv2.LINE_AA, SHIFT)


@dataclass(frozen=True)
class Upright:
    """A filled rectangle with upright sides, exact to parts of a pixel."""

    x: float
    y: float
    across: float
    down: float

    @property
    def edges(self) -> Edges:
        """What it covers, in pixels."""
        left, right = sorted((self.x, self.x + self.across))
        top, bottom = sorted((self.y, self.y + self.down))
        return left, top, right, bottom

    @property
    def breadth(self) -> float:
        """Its shorter side, in pixels."""
        return min(abs(self.across), abs(self.down))

    def paint(self, target: Pixels, color: Any, left: float, top: float) -> None:
        """Paint it on `target`."""
        self.mix(target, color, 1.0, left, top)

    def mix(self, target: Pixels, color: Any, alpha: float, left: float = 0, top: float = 0) -> None:
        """Paint it on `target` with an alpha from 0 to 1."""
        rows = _covered(self.y - top, self.y - top + self.down, target.shape[0])
        columns = _covered(self.x - left, self.x - left + self.across, target.shape[1])
        for row, row_cover in rows:
            for column, column_cover in columns:
                part, weight = target[row, column], row_cover * column_cover * min(alpha, 1.0)
                if weight >= 1:
                    part[...] = color
                else:
                    cv2.addWeighted(np.full_like(part, color), weight, part, 1 - weight, 0, dst=part)

    def source(self, target: Pixels, left: float, top: float, scale: float, breadth: float) -> None:
        """Paint it smaller and no thinner than `breadth`."""
        grown = [max(0.0, breadth - abs(side)) / 2 for side in (self.across, self.down)]
        edge = self.edges
        x, y = edge[0] - grown[0] - left, edge[1] - grown[1] - top
        small = Upright(
            x / scale,
            y / scale,
            max(abs(self.across), breadth) / scale,
            max(abs(self.down), breadth) / scale,
        )
        small.paint(target, 255, 0, 0)


def disc(pixels: Pixels, center: Any, radius: float, width: float = 0) -> Disc | None:
    """Return a circle of `radius` pixels; `width` 0 fills it, otherwise its line lies across the radius."""
    x, y = center
    if not is_finite(x, y, radius, width) or radius <= 0:
        return None
    x, y, radius = _flatten(pixels, float(x), float(y), float(radius))
    made = Disc(x, y, radius, line_thickness(width))
    if not is_finite(*made.edges) or max(abs(x), abs(y)) > REACH:
        return None
    return made


def strokes(ends: NDArray[np.floating], width: float = 1) -> Strokes | None:
    """Return separate lines; `ends` is (N, 2, 2): line, end, x and y. What is not finite is left out."""
    ends = np.asarray(ends, np.float64)
    ends = clip_segments(ends[np.isfinite(ends).all(axis=(1, 2))])
    if not len(ends) or not is_finite(width) or width <= 0:
        return None
    return Strokes(ends, line_thickness(width))


def path(points: Any, width: float = 1, *, closed: bool = False) -> Strokes | None:
    """Return a line through points (N, 2); a point that is not finite leaves a gap."""
    xy = points_array(points)
    if len(xy) < 2:
        return None
    following = np.roll(xy, -1, axis=0) if closed else xy[1:]
    return strokes(np.stack((xy if closed else xy[:-1], following), axis=1), width)


def polygon(corners: Any, width: float = 0) -> Area | Strokes | None:
    """Return a polygon with corners (N, 2); `width` 0 fills it. One missing corner and there is none."""
    xy = points_array(corners)
    if len(xy) < 3 or not np.isfinite(xy).all() or not is_finite(width):
        return None
    return path(xy, width, closed=True) if width > 0 else area(xy)


def area(xy: NDArray[np.float64]) -> Area | None:
    """Return a filled polygon with finite corners (N, 2)."""
    xy = clip_polygon(xy)
    return Area(xy) if len(xy) >= 3 else None


def upright(box: Sequence[float], width: float = 0) -> Upright | Area | Strokes | None:
    """Return an upright rectangle (x, y, width, height); `width` 0 fills it."""
    if not is_finite(*box, width):
        return None
    x, y, across, down = (float(number) for number in box)
    if width <= 0:
        return Upright(x, y, across, down)
    # Pixels are drawn at their middles: n pixels across span n - 1 from the first middle to the last.
    right = x + math.copysign(max(0.0, abs(across) - 1), across)
    bottom = y + math.copysign(max(0.0, abs(down) - 1), down)
    return polygon(((x, y), (right, y), (right, bottom), (x, bottom)), width)


def line_thickness(width: float) -> int:
    """Return OpenCV's word for a line's width: -1 fills."""
    return -1 if width <= 0 else max(1, min(round(width), WIDEST))


def _covered(start: float, end: float, limit: int) -> list[tuple[slice, float]]:
    """Return along one axis which pixels a span covers and how much of each, in at most three pieces."""
    start, end = max(0.0, min(start, end)), min(float(limit), max(start, end))
    if not start < end:
        return []
    first, last = math.floor(start), math.ceil(end) - 1
    if first == last:
        return [(slice(first, last + 1), end - start)]
    pieces = [
        (slice(first, first + 1), first + 1 - start),
        (slice(first + 1, last), 1.0),
        (slice(last, last + 1), end - last),
    ]
    return [(piece, cover) for piece, cover in pieces if piece.start < piece.stop]


def _flatten(pixels: Pixels, x: float, y: float, radius: float) -> tuple[float, float, float]:
    """Bring a gigantic circle near: the largest that can be drawn and touches the picture where it does."""
    if radius <= FLATTEST:
        return x, y, radius
    height, width = pixels.shape[:2]
    towards_x, towards_y = width / 2 - x, height / 2 - y
    distance = math.hypot(towards_x, towards_y) or 1.0
    # Measured from the picture's middle, where a small difference of large numbers would lose it.
    beyond = (distance - radius) + FLATTEST
    x, y = width / 2 - towards_x / distance * beyond, height / 2 - towards_y / distance * beyond
    return x, y, FLATTEST


def _fixed(xy: NDArray[np.float64], left: float, top: float) -> NDArray[np.int32]:
    fixed: NDArray[np.int32] = np.rint((xy - (left, top)) * 2**SHIFT).astype(np.int32)
    return fixed


def _edges(xy: NDArray[np.float64], margin: float) -> Edges:
    flat = xy.reshape(-1, 2)
    (left, top), (right, bottom) = flat.min(axis=0).tolist(), flat.max(axis=0).tolist()
    return left - margin, top - margin, right + margin, bottom + margin
