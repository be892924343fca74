"""Silhouettes on pixels: a small mask put where a placement says, filled with a colour or a picture."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

from posekit.draw.clip import is_finite
from posekit.draw.picture import PlacedPicture
from posekit.geometry import Placement
from posekit.stage import StagePlacement

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from posekit.geometry import Size
    from posekit.stage import AnyPlacement

    Pixels = NDArray[np.uint8]
    Area = tuple[slice, slice]

EDGE = (77, 179)
"""Values of a mask between which an outline begins and is whole: a line as sharp as an enlarged mask allows,
without the haze of what may or may not be a body."""
MARGIN = 2
"""Pixels of a mask around its bodies that enlarging them looks at."""


class PlacedMask:
    """A mask made ready once for where it lands, and filled as often as wanted; only bodies cost time.

    Its memory is used again: fresh memory for each picture costs more than what is done with it.
    """

    def __init__(self) -> None:
        self._mask: Pixels | None = None
        self._placement: AnyPlacement | None = None
        self._size: Size | None = None
        self._ready: tuple[Area, Pixels] | None = None
        self._scratch = [np.empty(0, np.uint8) for _ in range(4)]

    def set(self, mask: Pixels | None, placement: AnyPlacement) -> None:
        """Say which mask (h, w) is filled, 255 where a body is; `placement` is its picture's."""
        self._mask, self._placement, self._size = mask, placement, None

    def draw(self, target: Pixels, ink: tuple[int, ...] | PlacedPicture, alpha: float = 1.0) -> None:
        """Fill the bodies on `target`, (H, W, 3) or (H, W, 4), whose fourth channel is left alone.

        `ink` is a colour in the target's order of channels, or a picture. Without a mask, or the picture,
        nothing is drawn. Accurate to half a pixel.
        """
        if not (is_finite(alpha) and alpha > 0):
            return
        found = self.cover(target)
        if found is None:
            return
        where, opacity = found
        area, size = target[where], (target.shape[1], target.shape[0])
        cover, kept, added = (self._memory(at, area.shape) for at in (1, 2, 3))
        part: Pixels | None = added
        if isinstance(ink, PlacedPicture):
            part = ink.part(target, where)
        else:  # numpy's broadcasting takes twenty times as long
            cv2.rectangle(added, (0, 0), size, ink[:3], cv2.FILLED)
        if part is None:
            return
        # The fourth channel, which is not covered, stays.
        cv2.merge([opacity] * 3 + [np.zeros_like(opacity)] * (area.shape[2] - 3), dst=cover)
        if alpha < 1:
            cv2.convertScaleAbs(cover, alpha=alpha, dst=cover)
        cv2.multiply(cover, part, scale=1 / 255, dst=added)
        cv2.multiply(area, cv2.bitwise_not(cover, dst=kept), scale=1 / 255, dst=kept)
        cv2.add(kept, added, dst=area)

    def cover(self, target: Pixels) -> tuple[Area, Pixels] | None:
        """Return which part of `target` the bodies lie in, and how much they cover of each (h, w).

        Not to be written to; None without a body.
        """
        size = (target.shape[1], target.shape[0])
        if self._size != size:
            self._size, self._ready = size, self._prepare(size)
        return self._ready

    def _prepare(self, size: Size) -> tuple[Area, Pixels] | None:
        """Return which part of an area the bodies cover, and how opaque each of its pixels is."""
        mask, placement = self._mask, self._placement
        if mask is None or placement is None:
            return None
        if isinstance(placement, StagePlacement):
            matrix = placement.from_picture((mask.shape[1], mask.shape[0]))
            mask = np.asarray(cv2.warpPerspective(mask, matrix, size, flags=cv2.INTER_CUBIC), np.uint8)
            placement = Placement(*size, 0.0, 0.0)
        left, top, width, height = cv2.boundingRect((mask > EDGE[0]).view(np.uint8))
        if not width:
            return None
        rows, columns = mask.shape
        extent, offset = abs(placement.extent_x), placement.offset_x + min(0.0, placement.extent_x)
        if placement.is_mirrored:
            left = columns - left - width
        across = _span((left, left + width), columns, extent, offset, size[0])
        down = _span((top, top + height), rows, placement.extent_y, placement.offset_y, size[1])
        if across is None or down is None:
            return None
        seen = mask[:, ::-1] if placement.is_mirrored else mask
        part = np.ascontiguousarray(seen[down.source, across.source])
        whole = self._memory(0, (down.length, across.length))
        shrunk = part.size > 4 * whole.size
        cv2.resize(
            part,
            (across.length, down.length),
            dst=whole,
            interpolation=cv2.INTER_AREA if shrunk else cv2.INTER_CUBIC,
        )
        steep = 255 / (EDGE[1] - EDGE[0])
        np.maximum(whole, EDGE[0], out=whole)  # below it the line would rise again
        cv2.convertScaleAbs(whole, alpha=steep, beta=-steep * EDGE[0], dst=whole)
        return (down.target, across.target), whole[down.shown, across.shown]

    def _memory(self, number: int, shape: tuple[int, ...]) -> Pixels:
        """Return memory of a shape, which stays until it is asked for again."""
        length = math.prod(shape)
        if self._scratch[number].size < length:
            self._scratch[number] = np.empty(length, np.uint8)
        return self._scratch[number][:length].reshape(shape)


class _Span(NamedTuple):
    """Along one axis: which pixels of a mask are made how many, and which of those are shown where."""

    source: slice
    length: int
    shown: slice
    target: slice


def _span(bodies: tuple[int, int], pixels: int, extent: float, offset: float, area: int) -> _Span | None:
    """Return what is to be made of the bodies' part of a mask; None where nothing of it is seen."""
    scale = extent / pixels
    first, last = math.floor(-offset / scale) - MARGIN, math.ceil((area - offset) / scale) + MARGIN
    low, high = max(0, first, bodies[0] - MARGIN), min(pixels, last, bodies[1] + MARGIN)
    if low >= high:
        return None
    start, stop = round(offset + low * scale), round(offset + high * scale)
    shown = slice(max(0, start), min(area, stop))
    if shown.start >= shown.stop:
        return None
    return _Span(slice(low, high), stop - start, slice(shown.start - start, shown.stop - start), shown)
