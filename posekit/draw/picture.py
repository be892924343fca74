"""Pictures on pixels: a camera's picture put where a placement says, and small pictures pasted anywhere."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import cv2
import numpy as np

from posekit.draw.clip import is_finite
from posekit.stage import StagePlacement

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from posekit.geometry import Placement, Size
    from posekit.stage import AnyPlacement

    Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class _Plan:
    """Which part of a picture lands on which part of an area, in whole pixels."""

    source: tuple[slice, slice]
    target: tuple[slice, slice]
    mirrored: bool


class PlacedPicture:
    """A picture made ready once for where it lands, and drawn as often as wanted; its memory is used again.

    A window draws each of a camera's pictures two or three times, and fresh memory for each costs more than
    what is done with it.
    """

    def __init__(self) -> None:
        self._picture: Pixels | None = None
        self._placement: AnyPlacement | None = None
        self._ready: Pixels | None = None
        self._is_ready = False
        self._scratch: list[Pixels] = []

    def set(self, picture: Pixels | None, placement: AnyPlacement) -> None:
        """Say which picture (h, w, 3) RGB is drawn, and where; it is looked at when it is drawn first."""
        self._picture, self._placement, self._is_ready = picture, placement, False

    def draw(self, target: Pixels, alpha: float = 1.0) -> None:
        """Draw it on `target`, (H, W, 3) RGB or (H, W, 4) BGRX; without a picture nothing is drawn.

        What the placement leaves free stays as it was. Accurate to half a pixel of the picture.
        """
        if not (is_finite(alpha) and alpha > 0):
            return
        found = self.placed(target)
        if found is None:
            return
        where, ready = found
        area = target[where]
        if alpha >= 1:
            area[...] = ready
        else:
            cv2.addWeighted(ready, alpha, area, 1 - alpha, 0, dst=area)

    def placed(self, target: Pixels) -> tuple[tuple[slice, slice], Pixels] | None:
        """Return which part of `target` it covers, and what it has there; not to be written to."""
        if self._picture is None or self._placement is None:
            return None
        height, width = target.shape[:2]
        if isinstance(self._placement, StagePlacement):
            return self._staged(target, self._picture, self._placement)
        rows, columns = self._picture.shape[:2]
        plan = _plan(self._placement, (columns, rows), (width, height))
        if plan is None:
            return None
        area = target[plan.target]
        if self._ready is None or self._ready.shape != area.shape:
            self._ready, self._is_ready = np.empty(area.shape, np.uint8), False
        if not self._is_ready:
            self._prepare(self._picture[plan.source], self._ready, mirrored=plan.mirrored)
            self._is_ready = True
        return plan.target, self._ready

    def _staged(
        self, target: Pixels, picture: Pixels, stage: StagePlacement
    ) -> tuple[tuple[slice, slice], Pixels]:
        """Return the whole target with the picture in perspective; black where the camera does not look."""
        if self._ready is None or self._ready.shape != target.shape:
            self._ready, self._is_ready = np.empty(target.shape, np.uint8), False
        if not self._is_ready:
            part = picture
            if target.shape[2] == 4:
                part = self._memory(0, (*picture.shape[:2], 4))
                cv2.cvtColor(picture, cv2.COLOR_RGB2BGRA, dst=part)
            matrix = stage.from_picture((picture.shape[1], picture.shape[0]))
            cv2.warpPerspective(part, matrix, (target.shape[1], target.shape[0]), dst=self._ready)
            self._is_ready = True
        return (slice(0, target.shape[0]), slice(0, target.shape[1])), self._ready

    def part(self, target: Pixels, where: tuple[slice, slice]) -> Pixels | None:
        """Return what it has on a part of `target`, not to be written to; None where it does not cover it."""
        found = self.placed(target)
        if found is None:
            return None
        (rows, columns), ready = found
        down, across = where
        part = ready[
            down.start - rows.start : down.stop - rows.start,
            across.start - columns.start : across.stop - columns.start,
        ]
        return part if part.shape == target[where].shape else None

    def _prepare(self, part: Pixels, result: Pixels, *, mirrored: bool) -> None:
        """Resize, mirror and convert; whatever can be done on the smaller of the two costs less there."""
        enlarged = part.shape[0] * part.shape[1] <= result.shape[0] * result.shape[1]
        height, width = part.shape[:2] if enlarged else result.shape[:2]
        steps = iter(range(3))
        if not enlarged:
            part = _resize(part, self._memory(next(steps), (height, width, 3)))
        if mirrored:
            part = np.asarray(cv2.flip(part, 1, dst=self._memory(next(steps), (height, width, 3))), np.uint8)
        if result.shape[2] == 4:
            same = part.shape[:2] == result.shape[:2]
            converted = result if same else self._memory(next(steps), (height, width, 4))
            part = np.asarray(cv2.cvtColor(part, cv2.COLOR_RGB2BGRA, dst=converted), np.uint8)
        if part is not result:
            _resize(part, result)

    def _memory(self, number: int, shape: tuple[int, int, int]) -> Pixels:
        while len(self._scratch) <= number:
            self._scratch.append(np.empty((0, 0, 0), np.uint8))
        if self._scratch[number].shape != shape:
            self._scratch[number] = np.empty(shape, np.uint8)
        return self._scratch[number]


def place_picture(target: Pixels, picture: Pixels, placement: Placement, alpha: float = 1.0) -> None:
    """Put a picture (h, w, 3) RGB on `target` once, as `PlacedPicture.draw` does."""
    placed = PlacedPicture()
    placed.set(picture, placement)
    placed.draw(target, alpha)


def paste(
    target: Pixels, image: Pixels, x: float, y: float, size: tuple[float, float], alpha: float = 1.0
) -> None:
    """Paste an image with its top left at (x, y), `size` wide and high in pixels, on `target`.

    `image` has the target's order of channels and, as a fourth, its own opacity or none, (h, w, 3) or
    (h, w, 4); `target` is (H, W, 3) or (H, W, 4), whose fourth channel is left alone. Any size will do:
    only what can be seen is computed.
    """
    if not is_finite(alpha) or alpha <= 0:
        return
    found = cut(target, image, x, y, size)
    if found is None:
        return
    alpha = min(alpha, 1.0)
    part, (left, top) = found
    area = target[top : top + part.shape[0], left : left + part.shape[1], :3]
    if image.shape[2] == 3 and alpha >= 1:
        area[...] = part
        return
    opacity = part[:, :, 3:].astype(np.float32) * (alpha / 255) if image.shape[2] == 4 else np.float32(alpha)
    area[...] = np.rint(area + (part[:, :, :3] - area.astype(np.float32)) * opacity)


def cut(
    target: Pixels, image: Pixels, x: float, y: float, size: tuple[float, float]
) -> tuple[Pixels, Size] | None:
    """Return what is seen on `target` of an image at (x, y), resized, and where it begins there; or None."""
    if not is_finite(x, y, *size) or min(size) < 1 or 0 in image.shape:
        return None
    x, y = float(x), float(y)
    if not is_finite(x + size[0], y + size[1]):
        return None
    height, width = target.shape[:2]
    left, top = max(0, round(x)), max(0, round(y))
    right, bottom = min(width, round(x + size[0])), min(height, round(y + size[1]))
    if left >= right or top >= bottom:
        return None
    if size == image.shape[1::-1] and (x, y) == (round(x), round(y)):
        column, row = left - round(x), top - round(y)
        part = image[row : row + bottom - top, column : column + right - left]
    else:
        scale = (image.shape[1] / size[0], image.shape[0] / size[1])
        part = _sample(image, (left - x, top - y), (right - left, bottom - top), scale)
    return part, (left, top)


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


def _resize(source: Pixels, result: Pixels) -> Pixels:
    """Resize into `result`, whose memory is used as it is, and return it."""
    height, width = result.shape[:2]
    if source.shape[:2] == (height, width):
        result[...] = source
        return result
    # From half size on bilinear sampling skips pixels; averaging costs more and is not needed before.
    halved = source.shape[0] >= 2 * height or source.shape[1] >= 2 * width
    cv2.resize(
        source, (width, height), dst=result, interpolation=cv2.INTER_AREA if halved else cv2.INTER_LINEAR
    )
    return result


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
