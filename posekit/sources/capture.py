"""The one place that opens OpenCV's VideoCapture: quietly, with time limits, and in RGB."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

# Read by OpenCV when it first opens FFmpeg; a broken stream is told in our own sentence.
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")

import cv2
import numpy as np

from posekit.errors import SourceError

if TYPE_CHECKING:
    from numpy.typing import NDArray

OPEN_SECONDS = 5.0
"""How long a network stream may take to open, and to deliver one frame."""

cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)


class Capture:
    """An open camera, video file or stream."""

    def __init__(self, what: int | str) -> None:
        limits = [
            *(cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, int(OPEN_SECONDS * 1000)),
            *(cv2.CAP_PROP_READ_TIMEOUT_MSEC, int(OPEN_SECONDS * 1000)),
        ]
        if isinstance(what, int):
            self._capture = cv2.VideoCapture(what)
        else:
            self._capture = cv2.VideoCapture(what, cv2.CAP_FFMPEG, limits)
        self.is_open = self._capture.isOpened()

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels, as announced."""
        width = self._capture.get(cv2.CAP_PROP_FRAME_WIDTH)
        return int(width), int(self._capture.get(cv2.CAP_PROP_FRAME_HEIGHT))

    @property
    def rate(self) -> float:
        """Frames per second, as announced; 30 where nothing sensible is."""
        rate = self._capture.get(cv2.CAP_PROP_FPS)
        return rate if 1 <= rate <= 1000 else 30.0

    @property
    def count(self) -> int | None:
        """How many frames a file says that it has."""
        count = int(self._capture.get(cv2.CAP_PROP_FRAME_COUNT))
        return count if count > 0 else None

    @property
    def position(self) -> float:
        """Seconds from the file's start of the frame that was read last."""
        return float(self._capture.get(cv2.CAP_PROP_POS_MSEC)) / 1000

    def ask_for(self, size: tuple[int, int]) -> None:
        """Ask a camera for a size and for motion JPEG, which USB can carry at full rate; it may refuse."""
        self._capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
        self._capture.set(cv2.CAP_PROP_FRAME_WIDTH, size[0])
        self._capture.set(cv2.CAP_PROP_FRAME_HEIGHT, size[1])

    def grab(self) -> bool:
        """Take the next frame without decoding it; False at the end."""
        return bool(self._capture.grab())

    def retrieve(self) -> NDArray[np.uint8] | None:
        """Return the frame that was grabbed last, (H, W, 3) uint8 RGB, in an array of its own."""
        found, pixels = self._capture.retrieve()
        return to_rgb(np.asarray(pixels, np.uint8)) if found and pixels is not None else None

    def rewind(self) -> None:
        """Go back to a file's first frame."""
        self._capture.set(cv2.CAP_PROP_POS_FRAMES, 0)

    def release(self) -> None:
        """Close it; twice is harmless."""
        self._capture.release()


def to_rgb(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return (H, W, 3) uint8 RGB from OpenCV's BGR, BGRA or grey."""
    if pixels.ndim == 2 or pixels.shape[2] == 1:
        converted = cv2.cvtColor(pixels, cv2.COLOR_GRAY2RGB)
    elif pixels.shape[2] == 4:
        converted = cv2.cvtColor(pixels, cv2.COLOR_BGRA2RGB)
    else:
        converted = cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB)
    return np.asarray(converted, np.uint8)


def open_file(path: str) -> Capture:
    """Open a video file; raises `SourceError` when it is none."""
    capture = Capture(path)
    if not capture.is_open:
        raise SourceError(
            f"{path} cannot be read as a video; is it one, and whole? (try to play it elsewhere)"
        )
    return capture
