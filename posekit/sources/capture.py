"""The one place that opens OpenCV's VideoCapture: quietly, with time limits, and in RGB."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

# All three are read by OpenCV when it first opens something of the kind. A broken stream is told in our own
# sentence; a camera that delivers nothing for a second is opened again (the default is 10 s); and on Windows
# a camera opens at once instead of after half a minute.
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", "1")
os.environ.setdefault("OPENCV_VIDEOIO_MSMF_ENABLE_HW_TRANSFORMS", "0")

import cv2
import numpy as np

from posekit.errors import SourceError
from posekit.sources.adjust import UNTOUCHED, Adjustment
from posekit.sources.base import Allocate, allocate_anew
from posekit.sources.picture_size import MOST_PIXELS

if TYPE_CHECKING:
    from numpy.typing import NDArray


OPEN_SECONDS = 5.0
"""How long a network stream may take to open."""
READ_SECONDS = 2.0
"""How long it may take to deliver one frame, until it counts as ended."""

cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)


class Capture:
    """An open camera, video file or stream."""

    def __init__(self, what: int | str, read_seconds: float = READ_SECONDS) -> None:
        if isinstance(what, int):
            # On Linux the others are tried one after the other when a camera does not open, to no avail.
            way = cv2.CAP_V4L2 if sys.platform.startswith("linux") else cv2.CAP_ANY
            self._capture = cv2.VideoCapture(what, way)
        else:
            limits = [
                *(cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, int(OPEN_SECONDS * 1000)),
                *(cv2.CAP_PROP_READ_TIMEOUT_MSEC, int(read_seconds * 1000)),
            ]
            self._capture = cv2.VideoCapture(what, cv2.CAP_FFMPEG, limits)
        self.is_open = self._capture.isOpened()

    @property
    def backend(self) -> str:
        """OpenCV's name for what opened it: "V4L2", "FFMPEG"..."""
        return str(self._capture.getBackendName()) if self.is_open else ""

    def get(self, number: int) -> float:
        """Return one of OpenCV's numbered properties."""
        return float(self._capture.get(number))

    def set(self, number: int, value: float) -> bool:
        """Ask for another value of a property; False when it is refused at once."""
        return bool(self._capture.set(number, value))

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

    def grab(self) -> bool:
        """Take the next frame without decoding it; False at the end."""
        return bool(self._capture.grab())

    def retrieve(self) -> NDArray[Any] | None:
        """Return the frame that was grabbed last as OpenCV has it, an array of its own; None if broken.

        BGR, BGRA or grey: `to_rgb` makes (H, W, 3) RGB of it, where it is wanted and only then. Of a camera
        that was asked for it, sixteen bits, which `depth.Depth` makes eight of.
        """
        found, pixels = self._capture.retrieve()
        if not found or pixels is None or pixels.size == 0:
            return None
        return np.asarray(pixels)

    def rewind(self) -> None:
        """Go back to a file's first frame."""
        self._capture.set(cv2.CAP_PROP_POS_FRAMES, 0)

    def release(self) -> None:
        """Close it; twice is harmless."""
        self._capture.release()


def to_rgb(
    pixels: NDArray[np.uint8], allocate: Allocate = allocate_anew, adjustment: Adjustment = UNTOUCHED
) -> NDArray[np.uint8]:
    """Return (H, W, 3) uint8 RGB, adjusted, in memory from `allocate`, of OpenCV's BGR, BGRA or grey.

    The colours are changed last, from what is kept into the memory where it has to be: a crop costs nothing.
    """
    pixels = adjusted(pixels, adjustment)
    height, width = pixels.shape[:2]
    target = allocate((width, height))
    if pixels.ndim == 2 or pixels.shape[2] == 1:
        code = cv2.COLOR_GRAY2RGB
    else:
        code = cv2.COLOR_BGRA2RGB if pixels.shape[2] == 4 else cv2.COLOR_BGR2RGB
    cv2.cvtColor(pixels, code, dst=target)
    return target


def adjusted(pixels: NDArray[np.uint8], adjustment: Adjustment) -> NDArray[np.uint8]:
    """Return (H, W) or (H, W, channels) uint8 adjusted: a view where there is nothing to turn or flip."""
    rows, columns = adjustment.kept((pixels.shape[1], pixels.shape[0]))
    pixels = pixels[rows, columns]
    flip_x, flip_y = adjustment.flips
    if adjustment.is_transposed:
        # A turn to the right is a transposition, then a flip in x.
        to_the_left = flip_y and not flip_x
        turn = cv2.ROTATE_90_COUNTERCLOCKWISE if to_the_left else cv2.ROTATE_90_CLOCKWISE
        pixels = np.asarray(cv2.rotate(pixels, turn), np.uint8)
        flip_x, flip_y = (False, False) if to_the_left else (not flip_x, flip_y)
    if flip_x or flip_y:
        code = -1 if flip_x and flip_y else int(flip_x)
        # In place where the pixels are ours already: fresh memory costs more than what is done with it.
        target = pixels if adjustment.is_transposed else None
        pixels = np.asarray(cv2.flip(pixels, code, dst=target), np.uint8)
    return pixels


_BEGINNING = 1024
"""Bytes that tell text from a film."""


def open_file(path: str) -> Capture:
    """Open a video file; raises `SourceError` when it is none, or larger than any film."""
    if _is_text(path):
        # FFmpeg would show the words as white letters on black, and take a playlist for the films it names.
        raise SourceError(f"{path} cannot be read as a video: it is a text file")
    capture = Capture(path)
    if not capture.is_open:
        raise SourceError(
            f"{path} cannot be read as a video; is it one, and whole? (try to play it elsewhere)"
        )
    width, height = capture.size
    if width * height > MOST_PIXELS:
        capture.release()
        raise SourceError(
            f"{path} has {width}x{height} pixels, more than the {MOST_PIXELS / 1e6:.0f} million that posekit "
            "reads"
        )
    return capture


def _is_text(path: str) -> bool:
    """Tell whether a file begins with words: no film does, for long."""
    try:
        with Path(path).open("rb") as file:
            beginning = file.read(_BEGINNING)
    except OSError:
        return False  # not to be read at all: OpenCV's turn to fail
    try:
        words = beginning.decode()
    except UnicodeDecodeError as error:
        # The last letter may be cut in two.
        if error.start < len(beginning) - 3:
            return False
        words = beginning[: error.start].decode()
    return bool(words) and all(letter.isprintable() or letter.isspace() for letter in words)
