"""Circles, lines, polygons and rectangles on an array of pixels.

Every function here takes `pixels`, an (H, W, 3) or (H, W, 4) uint8 array or view that is drawn on in place,
and positions in pixels, x right, y down, which may lie between pixels and anywhere outside. A `color` has
as many numbers, from 0 to 255, as the array has channels, in the array's own order. `alpha` runs from 0
(invisible) to 1. What is not a finite number draws nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2

from posekit.draw import outline as outlines
from posekit.draw.clip import is_finite, region
from posekit.draw.outline import Outline, Upright

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Color = Sequence[int]


def circle(
    pixels: Pixels, center: Any, radius: float, color: Color, width: float = 0, alpha: float = 1.0
) -> None:
    """Draw a circle of `radius` pixels; `width` 0 fills it, otherwise its line lies across the radius."""
    stamp(pixels, outlines.disc(pixels, center, radius, width), color, alpha)


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
    stamp(pixels, outlines.path(points, width, closed=closed), color, alpha)


def segments(
    pixels: Pixels, ends: NDArray[np.floating], color: Color, width: float = 1, alpha: float = 1.0
) -> None:
    """Draw many separate lines at once; `ends` is (N, 2, 2): line, end, x and y."""
    stamp(pixels, outlines.strokes(ends, width), color, alpha)


def polygon(pixels: Pixels, corners: Any, color: Color, width: float = 0, alpha: float = 1.0) -> None:
    """Draw a polygon with corners (N, 2); `width` 0 fills it. One missing corner and nothing is drawn."""
    stamp(pixels, outlines.polygon(corners, width), color, alpha)


def rectangle(
    pixels: Pixels, box: tuple[float, float, float, float], color: Color, width: float = 0, alpha: float = 1.0
) -> None:
    """Draw an upright rectangle (x, y, width, height) in pixels; `width` 0 fills it."""
    stamp(pixels, outlines.upright(box, width), color, alpha)


def stamp(pixels: Pixels, outline: Outline | None, color: Color, alpha: float = 1.0) -> None:
    """Draw a shape on the pixels themselves, or on a copy of its region that is then mixed in."""
    if outline is None or not (is_finite(alpha) and alpha > 0):
        return
    if isinstance(outline, Upright):
        outline.mix(pixels, color, alpha)
        return
    touched = region(pixels, *outline.edges)
    if touched is None:
        return
    if alpha >= 1:
        outline.paint(pixels, color, 0, 0)
        return
    left, top, right, bottom = touched
    below = pixels[top:bottom, left:right]
    above = below.copy()
    outline.paint(above, color, left, top)
    cv2.addWeighted(above, alpha, below, 1 - alpha, 0, dst=below)
