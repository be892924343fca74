"""Pictures on pixels: a camera's picture put where a placement says, and small pictures pasted anywhere."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import cv2
import numpy as np

from posekit.draw.clip import is_finite

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from posekit.geometry import Placement, Size

    Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class _Plan:
    """Which part of a picture lands on which part of an area, in whole pixels."""

    source: tuple[slice, slice]
    target: tuple[slice, slice]
    mirrored: bool


def place_picture(target: Pixels, picture: Pixels, placement: Placement, alpha: float = 1.0) -> None:
    """Put a picture (h, w, 3) RGB on `target`, (H, W, 3) RGB or (H, W, 4) BGRX, where the placement says.

    What the placement leaves free stays as it was. Accurate to half a pixel of the picture.
    """
    if not (is_finite(alpha) and alpha > 0):
        return
    height, width = target.shape[:2]
    rows, columns = picture.shape[:2]
    plan = _plan(placement, (columns, rows), (width, height))
    if plan is None:
        return
    part, area = picture[plan.source], target[plan.target]
    result = area if alpha >= 1 else np.empty_like(area)
    if part.shape[0] * part.shape[1] <= area.shape[0] * area.shape[1]:
        # Whatever is done on the smaller of the two costs less.
        _resize(_convert(part, plan.mirrored, area.shape[2]), result)
    else:
        resized = np.empty((*area.shape[:2], 3), np.uint8)
        _resize(part, resized)
        result[...] = _convert(resized, plan.mirrored, area.shape[2])
    if alpha < 1:
        cv2.addWeighted(result, alpha, area, 1 - alpha, 0, dst=area)


def paste(
    target: Pixels, image: Pixels, x: float, y: float, size: tuple[float, float], alpha: float = 1.0
) -> None:
    """Paste an image with its top left at (x, y), `size` wide and high in pixels, on `target`.

    `image` has the target's order of channels and, as a fourth, its own opacity or none, (h, w, 3) or
    (h, w, 4); `target` is (H, W, 3) or (H, W, 4), whose fourth channel is left alone. Any size will do:
    only what can be seen is computed.
    """
    if not is_finite(x, y, alpha, *size) or alpha <= 0 or min(size) < 1 or 0 in image.shape:
        return
    x, y, alpha = float(x), float(y), min(alpha, 1.0)
    if not is_finite(x + size[0], y + size[1]):
        return
    height, width = target.shape[:2]
    left, top = max(0, round(x)), max(0, round(y))
    right, bottom = min(width, round(x + size[0])), min(height, round(y + size[1]))
    if left >= right or top >= bottom:
        return
    scale = (image.shape[1] / size[0], image.shape[0] / size[1])
    part = _sample(image, (left - x, top - y), (right - left, bottom - top), scale)
    area = target[top:bottom, left:right, :3]
    if image.shape[2] == 3 and alpha >= 1:
        area[...] = part
        return
    opacity = part[:, :, 3:].astype(np.float32) * (alpha / 255) if image.shape[2] == 4 else np.float32(alpha)
    area[...] = np.rint(area + (part[:, :, :3] - area.astype(np.float32)) * opacity)


def _sample(
    image: Pixels, origin: tuple[float, float], size: Size, scale: tuple[float, float]
) -> NDArray[np.uint8]:
    """Return the part of an enlarged image that starts at `origin`; `scale` is image pixels per pixel."""
    if max(scale) > 1:
        # Shrinking by warping would skip pixels and flicker, so the image is averaged down first.
        smaller = tuple(
            max(1, round(side / max(1.0, by))) for side, by in zip(image.shape[1::-1], scale, strict=True)
        )
        scale = (scale[0] * smaller[0] / image.shape[1], scale[1] * smaller[1] / image.shape[0])
        image = np.asarray(cv2.resize(image, smaller, interpolation=cv2.INTER_AREA), np.uint8).reshape(
            smaller[1], smaller[0], image.shape[2]
        )
    # OpenCV puts whole numbers at the middles of pixels, sizes are measured from their edges.
    shift = [(start + 0.5) * by - 0.5 for start, by in zip(origin, scale, strict=True)]
    back = np.array([[scale[0], 0, shift[0]], [0, scale[1], shift[1]]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(
        cv2.warpAffine(image, back, size, flags=flags, borderMode=cv2.BORDER_REPLICATE), np.uint8
    )


def _resize(source: Pixels, result: Pixels) -> None:
    """Resize into `result`, whose memory is used as it is."""
    height, width = result.shape[:2]
    if source.shape[:2] == (height, width):
        result[...] = source
        return
    # From half size on bilinear sampling skips pixels; averaging costs more and is not needed before.
    halved = source.shape[0] >= 2 * height or source.shape[1] >= 2 * width
    cv2.resize(
        source, (width, height), dst=result, interpolation=cv2.INTER_AREA if halved else cv2.INTER_LINEAR
    )


def _convert(rgb: Pixels, mirrored: bool, channels: int) -> Pixels:
    pixels = np.asarray(cv2.flip(rgb, 1) if mirrored else rgb, np.uint8)
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2BGRA), np.uint8) if channels == 4 else pixels


@lru_cache(maxsize=16)
def _plan(placement: Placement, picture: Size, area: Size) -> _Plan | None:
    left = placement.offset_x + min(0.0, placement.extent_x)
    across = _span(left, abs(placement.extent_x), area[0], picture[0])
    down = _span(placement.offset_y, placement.extent_y, area[1], picture[1])
    if across is None or down is None:
        return None
    source_x, target_x = across
    if placement.is_mirrored:
        source_x = slice(picture[0] - source_x.stop, picture[0] - source_x.start)
    return _Plan((down[0], source_x), (down[1], target_x), placement.is_mirrored)


def _span(start: float, extent: float, area: int, picture: int) -> tuple[slice, slice] | None:
    """Return along one axis what is seen of the picture and where it lands."""
    first, last = round(max(0.0, start)), round(min(float(area), start + extent))
    if first >= last:
        return None
    low = min(picture - 1, max(0, round((first - start) / extent * picture)))
    high = min(picture, max(low + 1, round((last - start) / extent * picture)))
    return slice(low, high), slice(first, last)
