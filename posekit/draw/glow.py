"""Light around shapes: their coverage drawn small and thick, blurred, coloured, enlarged and added.

Light that reaches far is smooth, so that it need not be computed finely: it is made on a grid on which it
reaches some ten steps, whatever its size, and its cost hardly grows with it.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

import cv2
import numpy as np

from posekit.draw.blend import colored, lay_at
from posekit.draw.clip import is_finite
from posekit.draw.outline import Disc
from posekit.draw.picture import cut

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from posekit.draw.outline import Outline
    from posekit.draw.ribbon import Ribbon
    from posekit.geometry import Size

    Pixels = NDArray[np.uint8]
    Reals = NDArray[np.float32]
    BGR = tuple[int, int, int]

STEPS = 8
"""How many steps of its grid a glow reaches."""
CORE = (0.11, 0.26)
"""Of the light near a shape: its standard deviation as a part of the reach, and its strength at the edge."""
HALO = (0.38, 0.34)
"""The same of the dim light around."""
THINNEST = 0.1
"""As a part of the reach: what is thinner shines as if it were so thick, or thin lines would hardly shine."""
BALL = 129
"""Pixels across of a round light before it is enlarged."""
LARGEST_BALL = 401
"""Pixels across of those that are kept: they are drawn again and again."""
LARGEST = 2_000_000
"""Pixels of light beyond which only those that are seen are made."""
FARTHEST = 4096.0
"""Pixels that a glow may reach."""


def glow_blend(blend: str) -> str:
    """Return how the glow of something drawn with a blend mode is laid: with "normal" it adds light."""
    return "add" if blend == "normal" else blend


def halo(pixels: Pixels, outline: Outline | None, color: BGR, reach: float, alpha: float, blend: str) -> None:
    """Lay the light of a shape on pixels: none is left `reach` pixels from its edge."""
    if outline is None or not (is_finite(reach, alpha) and reach > 0 and alpha > 0):
        return
    reach = min(reach, FARTHEST)
    scale = max(1, round(reach / STEPS))
    seen = _grid(pixels, outline.edges, reach, scale)
    if seen is None:
        return
    left, top, width, height = seen
    small = np.zeros((height, width), np.uint8)
    breadth = reach * THINNEST
    outline.source(small, left, top, scale, breadth)
    thick = max(outline.breadth, breadth)
    is_dot = isinstance(outline, Disc) and outline.thickness < 0
    shine = _blurred(small.astype(np.float32), reach / scale, thick / scale, is_dot=is_dot)
    _lay_light(pixels, shine, (left, top), scale, color, alpha, glow_blend(blend))


def halo_of_cover(
    pixels: Pixels,
    cover: Pixels,
    at: tuple[int, int],
    color: BGR,
    reach: float,
    alpha: float,
    blend: str,
    breadth: float,
) -> None:
    """Lay the light of coverage (h, w) whose top left is at whole pixels, and whose lines are so thick."""
    if not (is_finite(reach, alpha) and reach > 0 and alpha > 0):
        return
    reach = min(reach, FARTHEST)
    scale = max(1, round(reach / STEPS))
    height, width = cover.shape
    columns, rows = -(-width // scale), -(-height // scale)
    if scale > 1:
        # On whole steps, so that nothing is stretched.
        right, bottom = columns * scale - width, rows * scale - height
        even = cv2.copyMakeBorder(cover, 0, bottom, 0, right, cv2.BORDER_CONSTANT, value=0)
        cover = np.asarray(cv2.resize(even, (columns, rows), interpolation=cv2.INTER_AREA), np.uint8)
    edge = math.ceil(reach / scale)
    small = cv2.copyMakeBorder(cover, edge, edge, edge, edge, cv2.BORDER_CONSTANT, value=0)
    shine = _blurred(small.astype(np.float32), reach / scale, breadth / scale, is_dot=False)
    where = (at[0] - edge * scale, at[1] - edge * scale)
    _lay_light(pixels, shine, where, scale, color, alpha, glow_blend(blend))


def lay_ribbon(
    pixels: Pixels, ribbon: Ribbon | None, color: BGR, alpha: float, reach: float, blend: str
) -> None:
    """Draw a ribbon and its light, the light first."""
    if ribbon is None or not (is_finite(alpha) and alpha > 0):
        return
    far = min(reach, FARTHEST) if is_finite(reach) and reach > 0 else 0.0
    height, width = pixels.shape[:2]
    left, top, right, bottom = ribbon.edges
    # Beyond the picture only as much is kept as shines back into it.
    left, top = math.floor(max(left, -far)) - 1, math.floor(max(top, -far)) - 1
    right, bottom = math.ceil(min(right, width + far)) + 2, math.ceil(min(bottom, height + far)) + 2
    if right <= left or bottom <= top:
        return
    cover = np.zeros((bottom - top, right - left), np.uint8)
    ribbon.paint(cover, 255, left, top)
    if far:
        halo_of_cover(pixels, cover, (left, top), color, far, alpha, blend, ribbon.width)
    lay_at(pixels, colored(cover, color, alpha, blend=blend), left, top, blend)


def radial(
    pixels: Pixels, center: tuple[float, float], radius: float, color: BGR, alpha: float, blend: str
) -> None:
    """Lay a soft round light on pixels, brightest at its center and gone at `radius` pixels."""
    if not (is_finite(*center, radius, alpha) and radius > 0 and alpha > 0):
        return
    radius = min(float(radius), FARTHEST)
    x, y = float(center[0]) - radius, float(center[1]) - radius
    height, width = pixels.shape[:2]
    if x > width or y > height or x + 2 * radius < 0 or y + 2 * radius < 0:
        return
    side = max(3, 2 * math.ceil(radius) + 1)
    at = (round(center[0]) - side // 2, round(center[1]) - side // 2)
    if side <= LARGEST_BALL:
        lay_at(pixels, _ball(color, round(min(alpha, 1.0), 3), side, blend), *at, blend)
    else:
        small = colored(_falloff(BALL), color, min(alpha, 1.0), blend=blend)
        _lay_enlarged(pixels, small, at, (side, side), blend)


@lru_cache(maxsize=32)
def _ball(color: BGR, alpha: float, side: int, blend: str) -> Pixels:
    small = colored(_falloff(min(side, BALL)), color, alpha, blend=blend)
    return np.asarray(cv2.resize(small, (side, side)), np.uint8)


@lru_cache(maxsize=128)
def _falloff(side: int) -> Pixels:
    """Return (side, side) from 255 in the middle to 0 at the rim, flat at both ends."""
    line = np.linspace(-1, 1, side, dtype=np.float32)
    distance = np.minimum(1, np.hypot(line[:, None], line))
    fall = (1 - distance**2) ** 2 * (0.35 + 0.65 * np.exp(-4.5 * distance**2))
    return np.asarray(np.rint(fall * 255), np.uint8)


def _grid(
    pixels: Pixels, edges: tuple[float, float, float, float], reach: float, scale: int
) -> tuple[int, int, int, int] | None:
    """Return where the grid begins in pixels, and its width and height in steps; None when nothing is seen.

    Beyond the picture only as much is kept as shines back into it.
    """
    height, width = pixels.shape[:2]
    left, top, right, bottom = edges
    if right + reach < 0 or bottom + reach < 0 or left - reach > width or top - reach > height:
        return None
    left, top = math.floor(max(left - reach, -reach)) - scale, math.floor(max(top - reach, -reach)) - scale
    right, bottom = min(right + reach, width + reach) + scale, min(bottom + reach, height + reach) + scale
    return left, top, math.ceil((right - left) / scale), math.ceil((bottom - top) / scale)


def _blurred(small: Reals, reach: float, thick: float, *, is_dot: bool) -> Reals:
    """Return how bright it shines, from 0 to 255, on a grid on which it reaches `reach` steps."""
    total: Reals = np.zeros_like(small)
    size = 2 * max(1, math.floor(reach)) + 1
    for part, strength in (CORE, HALO):
        sigma = max(0.6, part * reach)
        # What the edge of a line (or a dot) of this thickness has of its brightness when it is blurred.
        kept = math.erf(thick / sigma / math.sqrt(2)) / 2
        kept *= kept * 2 if is_dot else 1
        blurred = cv2.GaussianBlur(small, (size, size), sigma, borderType=cv2.BORDER_CONSTANT)
        cv2.scaleAdd(blurred, strength / max(kept, 0.02), total, dst=total)
    return total


def _lay_light(
    pixels: Pixels, shine: Reals, at: tuple[int, int], scale: int, color: BGR, alpha: float, blend: str
) -> None:
    small = colored(np.asarray(cv2.convertScaleAbs(shine), np.uint8), color, alpha, blend=blend)
    _lay_enlarged(pixels, small, at, (small.shape[1] * scale, small.shape[0] * scale), blend)


def _lay_enlarged(pixels: Pixels, small: Pixels, at: tuple[int, int], size: Size, blend: str) -> None:
    """Enlarge pixels to be laid; of what is far larger than the picture only the part that is seen."""
    if size[0] * size[1] < LARGEST:
        fine = cv2.resize(small, size, interpolation=cv2.INTER_LINEAR)
        lay_at(pixels, np.asarray(fine, np.uint8), *at, blend)
        return
    found = cut(pixels, small, *at, size)
    if found is not None:
        lay_at(pixels, found[0], *found[1], blend)
