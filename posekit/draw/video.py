"""Video and picture files, written beside their name and moved there only when they are whole."""

from __future__ import annotations

import shutil
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Protocol

import cv2
import numpy as np

from posekit.draw.files import FULL_BYTES, begin, is_full, refusal
from posekit.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType

    from numpy.typing import NDArray

    from posekit.geometry import Size

    Pixels = NDArray[np.uint8]

TICKS = 90_000
"""Ticks per second of a video's own clock (MPEG's), in which every usual frame rate is a whole number."""
USUAL_RATE = 30.0
"""Frames per second where the source cannot say."""
LARGEST = 8190
"""Pixels of a side that MPEG-4 can say: 13 bits (ISO/IEC 14496-2, 6.2.3), and even."""
LOOK_FRAMES = 8
"""So many frames from one look at the disk to the next."""
INDEX_BYTES = 32
"""Bytes for each frame in the index, which is written last: its size, time and place (ISO/IEC 14496-12)."""


class VideoWriter:
    """Writes an `.mp4`: H.264 that browsers play with PyAV, else MPEG-4 with OpenCV, and a word about it.

    The file appears under its name when `close` is called, which first reads it back; leaving a `with` by an
    exception discards it. A link is written through to what it points at. Raises `OutputError` when it cannot
    be written, or has come out incomplete.
    """

    def __init__(
        self, path: Path, size: Size, rate: float, report: Callable[[str], None] | None = None
    ) -> None:
        if path.suffix.lower() != ".mp4":
            raise OutputError(f"cannot write {path}: videos are written as .mp4 files")
        self.path, self.size, self.rate = path, size, rate if 0 < rate < 1000 else USUAL_RATE
        self._target, self._partial = begin(path)
        self.frames = 0
        """How many have been written."""
        self._written = 0
        self._encoder: _Encoder | None = None
        try:
            self._encoder = _open(self._partial, size, self.rate, report)
        except OSError as error:
            raise refusal(path, error) from None
        finally:
            if self._encoder is None:
                self.close(whole=False)

    def write(self, pixels: Pixels, time: float | None = None) -> None:
        """Add a frame, (H, W, 3) RGB or (H, W, 4) BGRX of the video's size.

        It is shown at `time` in seconds on any clock, or one frame after the last; OpenCV's files know only
        the latter.
        """
        if self._encoder is None:
            raise OutputError(f"{self.path} is closed already")
        if pixels.shape[1::-1] != self.size:
            raise OutputError(f"{self.path} is {self.size} pixels in size; got {pixels.shape[1::-1]}")
        rgb = cv2.cvtColor(pixels, cv2.COLOR_BGRA2RGB) if pixels.shape[2] == 4 else pixels
        try:
            if not self.has_room():
                raise OSError("the disk is full; nothing was kept")
            self._encoder.add(np.asarray(rgb, np.uint8), time)
            self.frames += 1
        except OSError as error:
            self.close(whole=False)
            raise refusal(self.path, error) from None

    @property
    def has_times(self) -> bool:
        """Whether frames are shown at their own times; where they are not, each lasts `1 / rate` seconds."""
        return isinstance(self._encoder, _PyAVEncoder)

    def has_room(self) -> bool:
        """Whether the disk has room for the next frames and for the file's end; looks every few frames.

        OpenCV says nothing when it cannot write, and a file that was cut short has no index: so the end has
        to come before the disk is full.
        """
        if self.frames % LOOK_FRAMES:
            return True
        try:
            usage, written = shutil.disk_usage(self._partial.parent), self._partial.stat().st_size
        except OSError:
            return True
        grown, self._written = max(0, written - self._written), written
        # Some network disks do not say how large they are.
        return not usage.total or usage.free > FULL_BYTES + INDEX_BYTES * self.frames + 2 * grown

    def close(self, *, whole: bool = True) -> None:
        """Finish the file and give it its name, or with `whole=False` give it up; twice is harmless."""
        encoder, self._encoder = self._encoder, None
        try:
            if encoder is not None:
                encoder.close()
                if whole:
                    self._check()
                    self._partial.replace(self._target)
        except OSError as error:
            if whole:
                raise refusal(self.path, error) from None
        finally:
            self._partial.unlink(missing_ok=True)

    def _check(self) -> None:
        """Raise `OSError` unless every frame is there: on a full disk OpenCV goes on and says nothing."""
        found = _count_frames(self._partial)
        # One more may be there: Ctrl-C can come between writing a frame and counting it.
        if found >= self.frames > 0:
            return
        if not self.frames:
            raise OSError("not one frame was drawn")
        if is_full(self._partial.parent):
            raise OSError("the disk is full; nothing was kept")
        raise OSError(f"of {self.frames} frames only {found} could be read back; nothing was kept")

    def __enter__(self) -> VideoWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close(whole=kind is None)


def open_video(
    path: Path, size: Size, rate: float, report: Callable[[str], None] | None = None
) -> VideoWriter:
    """Open a video file of `size` (width, height) and `rate` frames per second; raises `OutputError`."""
    return VideoWriter(path, size, rate, report)


def write_picture(path: Path, pixels: Pixels) -> None:
    """Write (H, W, 3) RGB or (H, W, 4) BGRX as a picture of the kind its name says, whole or not at all.

    Raises `OutputError`.
    """
    bgr = pixels[:, :, :3] if pixels.shape[2] == 4 else cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
    if not cv2.haveImageWriter(path.name):
        raise OutputError(
            f"cannot write {path}: {path.suffix or 'no suffix'} is not a kind of picture; try .png"
        )
    _, encoded = cv2.imencode(path.suffix, np.ascontiguousarray(bgr))
    target, partial = begin(path)
    try:
        partial.write_bytes(encoded.tobytes())
        partial.replace(target)
    except OSError as error:
        raise refusal(path, error) from None
    finally:
        partial.unlink(missing_ok=True)


def check_writable(path: Path) -> None:
    """Raise `OutputError` at once when a file of this name could not be written later."""
    begin(path)[1].unlink(missing_ok=True)


def _count_frames(path: Path) -> int:
    """Return how many frames a video says it has; 0 when not even its first can be read."""
    if not path.stat().st_size:
        return 0
    capture = cv2.VideoCapture(str(path))
    try:
        whole = capture.isOpened() and capture.read()[0]
        return round(capture.get(cv2.CAP_PROP_FRAME_COUNT)) if whole else 0
    finally:
        capture.release()


class _Encoder(Protocol):
    def add(self, rgb: Pixels, time: float | None) -> None: ...
    def close(self) -> None: ...


class _PyAVEncoder:
    """H.264 in yuv420p, which browsers and telephones play; every frame at its own time."""

    def __init__(self, av: Any, path: Path, size: Size, rate: float) -> None:
        # The index goes to the front, so that a browser can start before it has the whole file.
        self._container = av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"})
        self._stream = self._container.add_stream("libx264", rate=Fraction(rate).limit_denominator(1001))
        self._av = av
        # yuv420p halves both sides, so they must be even.
        self._stream.width, self._stream.height = (side + side % 2 for side in size)
        self._stream.pix_fmt = "yuv420p"
        self._stream.options = {"crf": "20", "preset": "veryfast"}
        self._stream.codec_context.time_base = Fraction(1, TICKS)
        self._rate = rate
        self._failed = False
        self._first: float | None = None
        self._last: int | None = None

    def add(self, rgb: Pixels, time: float | None) -> None:
        frame = self._av.VideoFrame.from_ndarray(_even(rgb), format="rgb24")
        if self._last is None:
            self._first, self._last = time, 0
        elif time is None or self._first is None:
            self._last += round(TICKS / self._rate)
        else:
            self._last = max(self._last + 1, round((time - self._first) * TICKS))
        frame.pts, frame.time_base = self._last, Fraction(1, TICKS)
        self._mux(frame)

    def close(self) -> None:
        try:
            # FFmpeg crashes when something is written after a write that failed.
            if not self._failed:
                self._mux(None)
        finally:
            self._container.close()

    def _mux(self, frame: Any) -> None:
        try:
            self._container.mux(self._stream.encode(frame))
        except self._av.error.FFmpegError as error:
            self._failed = True
            raise OSError(error.strerror) from error


class _OpenCVEncoder:
    """MPEG-4 part 2, the one codec in every OpenCV; players show it, browsers do not."""

    def __init__(self, path: Path, size: Size, rate: float) -> None:
        even = (size[0] + size[0] % 2, size[1] + size[1] % 2)
        self._writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), rate, even)
        if not self._writer.isOpened():
            raise OSError(_why_closed(path, even))

    def add(self, rgb: Pixels, time: float | None) -> None:  # noqa: ARG002 (the rate is constant here)
        self._writer.write(cv2.cvtColor(_even(rgb), cv2.COLOR_RGB2BGR))

    def close(self) -> None:
        self._writer.release()


def _open(path: Path, size: Size, rate: float, report: Callable[[str], None] | None) -> _Encoder:
    try:
        import av
    except ImportError:
        av = None
    if "libx264" not in getattr(av, "codecs_available", ()):
        if report is not None:
            report("the video is MPEG-4, which browsers do not play; for H.264: pip install 'posekit[video]'")
        return _OpenCVEncoder(path, size, rate)
    return _PyAVEncoder(av, path, size, rate)


def _even(rgb: Pixels) -> Pixels:
    height, width = rgb.shape[:2]
    if height % 2 or width % 2:
        padded = cv2.copyMakeBorder(rgb, 0, height % 2, 0, width % 2, cv2.BORDER_REPLICATE)
        return np.asarray(padded, np.uint8)
    return rgb


def _why_closed(path: Path, size: Size) -> str:
    """Say why OpenCV would not open a video file; it gives no reason itself."""
    if is_full(path.parent):
        return "the disk is full"
    if max(size) > LARGEST:
        return f"MPEG-4 has at most {LARGEST} pixels a side; {size[0]}x{size[1]} is too large"
    return "OpenCV's MPEG-4 encoder does not start"
