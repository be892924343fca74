"""Blend modes: how something drawn and what is under it become one, as light, as paint, or as a cut.

Pixels are (h, w, 4) uint8 with colours multiplied by their opacity, the fourth channel. A canvas is opaque
and ignores its own fourth channel; a layer keeps it. What is drawn may have more colour than opacity: that is
light, which covers nothing. The formulas are those of W3C's "Compositing and Blending Level 1" (2015), with
the backdrop taken as opaque.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from posekit.draw.clip import is_finite, region
from posekit.errors import UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from posekit.draw.outline import Outline
    from posekit.geometry import Size

    Pixels = NDArray[np.uint8]


def _over(below: Pixels, above: Pixels) -> Pixels:
    left = cv2.multiply(below, uncovered(above), scale=1 / 255)
    return np.asarray(cv2.add(left, above, dst=left), np.uint8)


def _normal(below: Pixels, above: Pixels) -> None:
    left = cv2.multiply(below, uncovered(above), scale=1 / 255)
    cv2.add(left, above, dst=below)


def _replace(below: Pixels, above: Pixels) -> None:
    np.copyto(below, above)


def _add(below: Pixels, above: Pixels) -> None:
    cv2.add(below, above, dst=below)


def _screen(below: Pixels, above: Pixels) -> None:
    cv2.add(cv2.multiply(below, cv2.bitwise_not(above), scale=1 / 255), above, dst=below)


def _multiply(below: Pixels, above: Pixels) -> None:
    kept = cv2.add(uncovered(above), above)
    kept[:, :, 3] = 255
    cv2.multiply(below, kept, dst=below, scale=1 / 255)


def _lighten(below: Pixels, above: Pixels) -> None:
    cv2.max(below, _over(below, above), dst=below)


def _darken(below: Pixels, above: Pixels) -> None:
    cv2.min(below, _over(below, above), dst=below)


def _subtract(below: Pixels, above: Pixels) -> None:
    cv2.subtract(below, above, dst=below)


def _difference(below: Pixels, above: Pixels) -> None:
    # |above - below| where it covers: with both multiplied by the cover, and the rest of below.
    cover = cv2.bitwise_not(uncovered(above))
    within = cv2.multiply(below, cover, scale=1 / 255)
    rest = cv2.subtract(below, within)
    opacity = below[:, :, 3].copy()
    cv2.add(cv2.absdiff(within, above, dst=within), rest, dst=below)
    below[:, :, 3] = opacity


def _overlay(below: Pixels, above: Pixels) -> None:
    # Below half, twice the product; above it, the same of the opposites. With b below, s above and a its
    # cover, all from 0 to 1: b + (2b - 1 folded) * (2s - a) is both at once.
    opacity = below[:, :, 3].copy()
    cover = cv2.bitwise_not(uncovered(above))
    room = cv2.min(below, cv2.bitwise_not(below))
    up = cv2.multiply(room, cv2.subtract(above, cv2.subtract(cover, above)), scale=1 / 255)
    down = cv2.multiply(room, cv2.subtract(cv2.subtract(cover, above), above), scale=1 / 255)
    cv2.subtract(cv2.add(below, up), down, dst=below)
    below[:, :, 3] = opacity


def _erase(below: Pixels, above: Pixels) -> None:
    cv2.multiply(below, uncovered(above), dst=below, scale=1 / 255)


MODES: dict[str, Callable[[Pixels, Pixels], None]] = {
    "normal": _normal,
    "add": _add,
    "screen": _screen,
    "multiply": _multiply,
    "overlay": _overlay,
    "lighten": _lighten,
    "darken": _darken,
    "difference": _difference,
    "subtract": _subtract,
    "erase": _erase,
}
"""Every blend mode by its name; each changes `below` in place."""


LIGHTS = ("add", "screen", "subtract")
"""Blend modes in which what is drawn is light (or the lack of it) and covers nothing."""


def check_blend(name: str) -> str:
    """Return the name of a blend mode; raises `UnknownNameError` with the nearest for any other."""
    if name not in MODES:
        raise UnknownNameError("blend", name, MODES)
    return name


def lay(below: Pixels, above: Pixels, blend: str = "normal") -> None:
    """Blend pixels onto others of the same size, in place; with "replace" they are copied.

    For a layer, what is blended with one of `LIGHTS` must be `light`; a canvas has no opacity to keep.
    """
    if below.size:
        (_replace if blend == "replace" else MODES[blend])(below, above)


def lay_at(pixels: Pixels, above: Pixels, left: int, top: int, blend: str = "normal") -> None:
    """Blend pixels with their top left at whole pixels of a picture; what is outside is left out."""
    height, width = pixels.shape[:2]
    right, bottom = min(width, left + above.shape[1]), min(height, top + above.shape[0])
    first_x, first_y = max(0, left), max(0, top)
    if first_x < right and first_y < bottom:
        part = above[first_y - top : bottom - top, first_x - left : right - left]
        lay(pixels[first_y:bottom, first_x:right], part, blend)


def resized_layer(layer: Pixels, size: Size, alpha: float) -> Pixels:
    """Return a whole layer as large as a canvas, as pixels to be laid."""
    if layer.shape[1::-1] != size:
        layer = np.asarray(cv2.resize(layer, size, interpolation=cv2.INTER_LINEAR), np.uint8)
    return dimmed(layer, alpha)


def lay_outline(
    pixels: Pixels, outline: Outline | None, color: tuple[int, int, int], alpha: float, blend: str
) -> None:
    """Draw a shape in a colour (blue, green, red) with a blend mode, at the cost of its own region."""
    if outline is None or not (is_finite(alpha) and alpha > 0):
        return
    touched = region(pixels, *outline.edges)
    if touched is None:
        return
    left, top, right, bottom = touched
    cover = np.zeros((bottom - top, right - left), np.uint8)
    outline.paint(cover, 255, left, top)
    lay(pixels[top:bottom, left:right], colored(cover, color, alpha, blend=blend), blend)


def colored(
    cover: Pixels, color: tuple[int, int, int], alpha: float = 1.0, *, blend: str = "normal"
) -> Pixels:
    """Return coverage (h, w) filled with a colour (blue, green, red), as pixels to be laid with `blend`."""
    above = np.asarray(cv2.merge([cover] * 4), np.uint8)
    return _times(above, (*color, 0 if blend in LIGHTS else 255), min(alpha, 1.0))


def _times(above: Pixels, color: tuple[int, int, int, int], alpha: float) -> Pixels:
    plane = np.empty_like(above)  # numpy's broadcasting takes twenty times as long
    cv2.rectangle(plane, (0, 0), (plane.shape[1], plane.shape[0]), color, cv2.FILLED)
    return np.asarray(cv2.multiply(above, plane, dst=plane, scale=alpha / 255), np.uint8)


def covered(picture: Pixels, alpha: float = 1.0) -> Pixels:
    """Return a picture (h, w, 4) whose colours are not multiplied by its opacity, as pixels to be laid."""
    cover = opacity_of(picture)
    cover[:, :, 3] = 255
    return dimmed(np.asarray(cv2.multiply(picture, cover, scale=1 / 255), np.uint8), alpha)


def dimmed(above: Pixels, alpha: float) -> Pixels:
    """Return pixels to be laid of which only a part is seen, from 0 to 1."""
    return above if alpha >= 1 else np.asarray(cv2.convertScaleAbs(above, alpha=alpha), np.uint8)


def tinted(picture: Pixels, color: tuple[int, int, int], alpha: float = 1.0) -> Pixels:
    """Return an opaque picture (h, w, 4) seen through a colour (blue, green, red), as pixels to be laid."""
    if color == (255, 255, 255):
        return dimmed(picture, alpha)
    return _times(picture, (*color, 255), min(alpha, 1.0))


def tinted_cover(picture: Pixels, cover: Pixels, alpha: float = 1.0) -> Pixels:
    """Return an opaque picture (h, w, 4) where coverage (h, w) is, as pixels to be laid."""
    return dimmed(np.asarray(cv2.multiply(picture, cv2.merge([cover] * 4), scale=1 / 255), np.uint8), alpha)


def opacity_of(pixels: Pixels) -> Pixels:
    """Return the fourth channel four times."""
    cover = cv2.extractChannel(pixels, 3)
    return np.asarray(cv2.merge([cover] * 4), np.uint8)


def uncovered(above: Pixels) -> Pixels:
    """Return how much is seen through pixels, four times."""
    cover = opacity_of(above)
    return np.asarray(cv2.bitwise_not(cover, dst=cover), np.uint8)


def light(above: Pixels) -> Pixels:
    """Return pixels without their opacity: light alone, which covers nothing."""
    shine: Pixels = above.copy()
    shine[:, :, 3] = 0
    return shine
