"""Real visitors, cut out of a real clip by what its empty room looks like, placed into that room anew.

So there is a picture with real bodies and a truth that is exact: who stands where, how tall, from when on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

EMPTY = 20
"""A frame of one-by-one-person-detection.mp4 without anybody."""
VISITORS = (320, 760)
"""Frames in which somebody stands in full view."""
DIFFERENT = 40
"""Least difference of any colour between a body and the room."""


@dataclass(frozen=True, eq=False)
class CutOut:
    """One visitor: colours and how much of each pixel is hers."""

    pixels: NDArray[np.uint8]
    """(H, W, 3) RGB."""
    alpha: NDArray[np.float32]
    """(H, W) from 0 to 1."""

    def tall(self, height: int) -> CutOut:
        """Return her at another height in pixels."""
        size = max(1, round(self.alpha.shape[1] * height / self.alpha.shape[0])), height
        return CutOut(
            cv2.resize(self.pixels, size, interpolation=cv2.INTER_AREA),
            cv2.resize(self.alpha, size, interpolation=cv2.INTER_AREA),
        )


@dataclass(frozen=True, eq=False)
class Room:
    """The empty room, and who has been there."""

    empty: NDArray[np.uint8]
    """(H, W, 3) RGB."""
    visitors: tuple[CutOut, ...]

    def with_people(self, *placed: tuple[CutOut, float, float]) -> NDArray[np.uint8]:
        """Return the room with visitors, whose left edge and feet are at x, y in pixels; cut at the edges."""
        picture = self.empty.copy()
        height, width = picture.shape[:2]
        for visitor, x, y in placed:
            tall, wide = visitor.alpha.shape
            left, top = round(x), round(y) - tall
            rows = slice(max(top, 0), min(top + tall, height))
            columns = slice(max(left, 0), min(left + wide, width))
            if rows.start >= rows.stop or columns.start >= columns.stop:
                continue
            part = np.s_[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
            alpha = visitor.alpha[part][..., None]
            picture[rows, columns] = alpha * visitor.pixels[part] + (1 - alpha) * picture[rows, columns]
        return picture


def read_room(clip: Path, size: tuple[int, int]) -> Room:
    """Read the room and its visitors from the clip; the room in another size (width, height)."""
    wanted = {EMPTY, *VISITORS}
    frames = {}
    video = cv2.VideoCapture(str(clip))
    for number in range(max(wanted) + 1):
        ok, frame = video.read()
        assert ok, clip
        if number in wanted:
            frames[number] = cv2.cvtColor(frame, cv2.COLOR_BGR2RGB)
    video.release()
    empty = frames[EMPTY]
    visitors = tuple(_cut_out(frames[number], empty) for number in VISITORS)
    return Room(cv2.resize(empty, size, interpolation=cv2.INTER_AREA), visitors)


def _cut_out(frame: NDArray[np.uint8], empty: NDArray[np.uint8]) -> CutOut:
    """Return the greatest thing in a frame that is not in the empty room."""
    changed = (cv2.absdiff(frame, empty).max(2) > DIFFERENT).astype(np.uint8)
    changed = cv2.morphologyEx(changed, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(changed)
    assert count > 1, "nobody is there"
    body = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    left, top, width, height = stats[body, :4].tolist()
    part = np.s_[top : top + height, left : left + width]
    alpha = cv2.GaussianBlur((labels[part] == body).astype(np.float32), (3, 3), 0)
    return CutOut(frame[part].copy(), alpha)
