"""Circles, lines, polygons and rectangles on an array of pixels.

Every function here takes `pixels`, an (H, W, 3) or (H, W, 4) uint8 array or view that is drawn on in place,
and positions in pixels, x right, y down, which may lie between pixels and anywhere outside. A `color` has
as many numbers, from 0 to 255, as the array has channels, in the array's own order. `alpha` runs from 0
(invisible) to 1. What is not a finite number draws nothing.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from posekit.draw.clip import REACH, clip_polygon, clip_segments, is_finite, points_array, region

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Color = Sequence[int]

SHIFT = 4
"""Bits behind the point of OpenCV's fixed-point positions: sixteenths of a pixel."""
FLATTEST = 16384.0
"""Radius in pixels from which on a circle's edge is a straight line to the eye."""
WIDEST = 32767
"""The thickest line OpenCV draws, in pixels."""


def circle(
    pixels: Pixels, center: Any, radius: float, color: Color, width: float = 0, alpha: float = 1.0
) -> None:
    """Draw a circle of `radius` pixels; `width` 0 fills it, otherwise its line lies across the radius."""
    x, y = center
    if not is_finite(x, y, radius, width) or radius <= 0:
        return
    x, y, radius = _flatten(pixels, float(x), float(y), float(radius))
    thickness = _thickness(width)
    reach = radius + max(thickness, 0) / 2
    if not is_finite(reach) or max(abs(x), abs(y)) > REACH:
        return

    def paint(target: Pixels, left: int, top: int) -> None:
        at = (round((x - left) * 2**SHIFT), round((y - top) * 2**SHIFT))
        cv2.circle(target, at, round(radius * 2**SHIFT), color, thickness, cv2.LINE_AA, SHIFT)

    _blend(pixels, (x - reach, y - reach, x + reach, y + reach), alpha, paint)


def line(pixels: Pixels, start: Any, end: Any, color: Color, width: float = 1, alpha: float = 1.0) -> None:
    """Draw a straight line with round ends, `width` pixels thick."""
    polyline(pixels, (start, end), color, width, alpha)


def polyline(
    pixels: Pixels,
    points: Any,
    color: Color,
    width: float = 1,
    alpha: float = 1.0,
    *,
    closed: bool = False,
) -> None:
    """Draw a line through points (N, 2); a point that is not finite leaves a gap."""
    xy = points_array(points)
    if len(xy) < 2:
        return
    following = np.roll(xy, -1, axis=0) if closed else xy[1:]
    segments(pixels, np.stack((xy if closed else xy[:-1], following), axis=1), color, width, alpha)


def segments(
    pixels: Pixels, ends: NDArray[np.floating], color: Color, width: float = 1, alpha: float = 1.0
) -> None:
    """Draw many separate lines at once; `ends` is (N, 2, 2): line, end, x and y."""
    ends = np.asarray(ends, np.float64)
    ends = clip_segments(ends[np.isfinite(ends).all(axis=(1, 2))])
    if not len(ends) or not is_finite(width) or width <= 0:
        return
    thickness = _thickness(width)

    def paint(target: Pixels, left: int, top: int) -> None:
        cv2.polylines(target, _fixed(ends, left, top), False, color, thickness, cv2.LINE_AA, SHIFT)  # type: ignore[call-overload]  # the stubs want a list, an array is quicker

    _blend(pixels, _bounds(ends, thickness), alpha, paint)


def polygon(pixels: Pixels, corners: Any, color: Color, width: float = 0, alpha: float = 1.0) -> None:
    """Draw a polygon with corners (N, 2); `width` 0 fills it. One missing corner and nothing is drawn."""
    xy = points_array(corners)
    if len(xy) < 3 or not np.isfinite(xy).all() or not is_finite(width):
        return
    if width > 0:
        polyline(pixels, xy, color, width, alpha, closed=True)
        return
    xy = clip_polygon(xy)
    if len(xy) < 3:
        return

    def paint(target: Pixels, left: int, top: int) -> None:
        cv2.fillPoly(target, [_fixed(xy, left, top)], color, cv2.LINE_AA, SHIFT)

    _blend(pixels, _bounds(xy, 0), alpha, paint)


def rectangle(
    pixels: Pixels, box: tuple[float, float, float, float], color: Color, width: float = 0, alpha: float = 1.0
) -> None:
    """Draw an upright rectangle (x, y, width, height) in pixels; `width` 0 fills it."""
    if not is_finite(*box, width, alpha) or alpha <= 0:
        return
    x, y, across, down = (float(number) for number in box)
    if width > 0:
        # Pixels are drawn at their middles: n pixels across span n - 1 from the first middle to the last.
        right = x + math.copysign(max(0.0, abs(across) - 1), across)
        bottom = y + math.copysign(max(0.0, abs(down) - 1), down)
        polygon(pixels, ((x, y), (right, y), (right, bottom), (x, bottom)), color, width, alpha)
        return
    rows = _covered(y, y + down, pixels.shape[0])
    columns = _covered(x, x + across, pixels.shape[1])
    for row, row_cover in rows:
        for column, column_cover in columns:
            part, weight = pixels[row, column], row_cover * column_cover * min(alpha, 1.0)
            if weight >= 1:
                part[...] = color
            else:
                cv2.addWeighted(np.full_like(part, color), weight, part, 1 - weight, 0, dst=part)


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


def _thickness(width: float) -> int:
    """OpenCV's word for a line's width: -1 fills."""
    return -1 if width <= 0 else max(1, min(round(width), WIDEST))


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


def _fixed(xy: NDArray[np.float64], left: int, top: int) -> NDArray[np.int32]:
    fixed: NDArray[np.int32] = np.rint((xy - (left, top)) * 2**SHIFT).astype(np.int32)
    return fixed


def _bounds(xy: NDArray[np.float64], thickness: int) -> tuple[float, float, float, float]:
    flat = xy.reshape(-1, 2)
    (left, top), (right, bottom) = flat.min(axis=0).tolist(), flat.max(axis=0).tolist()
    margin = thickness / 2
    return left - margin, top - margin, right + margin, bottom + margin


def _blend(
    pixels: Pixels,
    bounds: tuple[float, float, float, float],
    alpha: float,
    paint: Callable[[Pixels, int, int], None],
) -> None:
    """Let `paint` draw on the pixels themselves, or on a copy of their region that is then mixed in."""
    if not (is_finite(alpha, *bounds) and alpha > 0):
        return
    touched = region(pixels, *bounds)
    if touched is None:
        return
    if alpha >= 1:
        paint(pixels, 0, 0)
        return
    left, top, right, bottom = touched
    below = pixels[top:bottom, left:right]
    above = below.copy()
    paint(above, left, top)
    cv2.addWeighted(above, alpha, below, 1 - alpha, 0, dst=below)
