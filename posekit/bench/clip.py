"""Frames to measure with, and a clip of them that plays faster than any engine can look."""

from __future__ import annotations

from contextlib import closing
from itertools import islice
from typing import TYPE_CHECKING

import cv2

from posekit.clock import ManualClock
from posekit.errors import OutputError, SettingsError, SourceError
from posekit.frame import Frame
from posekit.sources import is_live, open_source

if TYPE_CHECKING:
    from pathlib import Path

    from posekit.geometry import Size

FRAMES = 60
"""Enough that caches meet new pictures; uncompressed they take some 50 MB at 960 x 540."""
LARGEST_HEIGHT = 720
"""Larger pictures are shrunk, so that a clip fits a disk that is nearly full."""


def read_frames(source: str) -> list[Frame]:
    """Return the first frames of a file, in one size; raises `SettingsError` for a source without a file."""
    if is_live(source):
        raise SettingsError(f"{source} cannot be played twice alike; measure with a file, or with sample")
    with closing(open_source(source, ManualClock(), every_frame=True)) as opened:
        seen = [frame for frame in islice(opened.frames(), FRAMES) if isinstance(frame, Frame)]
    if not seen:
        raise SourceError(f"{source} holds no picture; is the file whole?")
    size = _clip_size(seen[0].size)
    if all(frame.size == size for frame in seen):
        return seen
    return [Frame(cv2.resize(frame.pixels, size), frame.time, frame.index) for frame in seen]  # type: ignore[arg-type]


def write_clip(frames: list[Frame], rate: float, path: Path) -> None:
    """Write frames uncompressed, to be played at `rate` a second; raises `OutputError`.

    Uncompressed, because decoding a compressed clip would keep the cores busy that are to be measured.
    """
    size = frames[0].size
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"I420"), round(rate), size)
    try:
        if not writer.isOpened():
            raise OutputError(f"cannot write {path}; is there room for {FRAMES} uncompressed pictures?")
        for frame in frames:
            writer.write(cv2.cvtColor(frame.pixels, cv2.COLOR_RGB2BGR))
    finally:
        writer.release()


def _clip_size(size: Size) -> Size:
    """Return an even size, as uncompressed video wants, not above the largest."""
    scale = min(1.0, LARGEST_HEIGHT / size[1])
    return max(2, round(size[0] * scale) // 2 * 2), max(2, round(size[1] * scale) // 2 * 2)
