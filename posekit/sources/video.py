"""A video file: every frame at its own time, or played at its own speed in a loop."""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING

from posekit.errors import SourceError
from posekit.frame import Frame
from posekit.health import CameraState
from posekit.sources.adjust import UNTOUCHED, Adjustment
from posekit.sources.base import Allocate, allocate_anew
from posekit.sources.capture import Capture, open_file, to_rgb

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from posekit.clock import Clock

STARVED_SECONDS = 0.25
"""However late everything is, no more is skipped for so long at a time: reading takes its time too."""
HOPELESS_SECONDS = 1.0
"""A delay that is given up instead of caught up with."""


class VideoFile:
    """Yields every frame of a file once, as fast as they are asked for; `time` is the place in the file."""

    is_camera = False
    state = CameraState.OK

    def __init__(self, path: Path, name: str, adjustment: Adjustment = UNTOUCHED) -> None:
        self._path = path
        self._adjustment = adjustment
        self._capture = open_file(str(path))
        self.rate = self._capture.rate
        width, height = adjustment.size(self._capture.size)
        self.description = f"{name}, {width}x{height} at {self.rate:g} fps"
        self.count = self._capture.count
        self.dropped = 0
        self._closed = Event()
        self._is_read = False  # whoever reads it releases it, so that no other thread does so meanwhile

    def frames(self) -> Iterator[Frame]:
        """Yield every frame; raises `SourceError` if there is not a single one."""
        self._is_read = True
        try:
            index, last = 0, -1.0
            while not self._closed.is_set() and self._capture.grab():
                pixels = self._capture.retrieve()
                if pixels is None:
                    continue
                # Some files announce the same time twice, or none at all: time must still go on.
                position = self._capture.position
                last = position if position > last else last + 1 / self.rate
                pixels = to_rgb(pixels, adjustment=self._adjustment)
                yield Frame(pixels, max(last, 0.0), index, self._path.name)
                index += 1
            if index == 0 and not self._closed.is_set():
                raise SourceError(f"{self._path} holds no picture; is the file whole?")
        finally:
            self._capture.release()

    def close(self) -> None:
        """End `frames` before its next frame."""
        self._closed.set()
        if not self._is_read:
            self._capture.release()


class PlayedVideo:
    """Plays a file in a loop at its own speed, as a camera would deliver it: what is late is dropped."""

    is_camera = False
    state = CameraState.OK
    count: int | None = None

    def __init__(
        self,
        path: Path,
        name: str,
        clock: Clock,
        allocate: Allocate = allocate_anew,
        adjustment: Adjustment = UNTOUCHED,
    ) -> None:
        self._path = path
        self._allocate, self._adjustment = allocate, adjustment
        self._clock = clock
        self._capture = open_file(str(path))
        self.rate = self._capture.rate
        width, height = adjustment.size(self._capture.size)
        self.description = f"{name}, {width}x{height} at {self.rate:g} fps, in a loop"
        self.dropped = 0
        self._closed = Event()
        self._is_read = False  # whoever reads it releases it, so that no other thread does so meanwhile

    def frames(self) -> Iterator[Frame]:
        """Yield the frame that is due; waits when it is early, skips when it is late."""
        capture: Capture = self._capture
        start = shown = self._clock.now()
        played = shown_this_round = 0
        is_cut = False
        self._is_read = True
        try:
            while not self._closed.is_set():
                if not capture.grab():
                    if shown_this_round == 0:
                        raise SourceError(f"{self._path} holds no picture; is the file whole?")
                    capture.rewind()
                    shown_this_round, is_cut = 0, True
                    continue
                due = start + played / self.rate
                played += 1
                late = self._clock.now() - due
                if late > 1 / self.rate and shown_this_round:
                    if late < HOPELESS_SECONDS and due + late - shown < STARVED_SECONDS:
                        self.dropped += 1
                        continue
                    # Grabbing decodes too: where it cannot catch up, the lost time is given up.
                    start += late
                if late < 0 and self._closed.wait(-late):
                    return
                pixels = capture.retrieve()
                shown_this_round += 1
                if pixels is not None:
                    time = self._clock.now()
                    pixels = to_rgb(pixels, self._allocate, self._adjustment)
                    yield Frame(pixels, time, played - 1, self._path.name, is_cut)
                    is_cut = False
                    shown = self._clock.now()
        finally:
            capture.release()

    def close(self) -> None:
        """End `frames`, also while it waits."""
        self._closed.set()
        if not self._is_read:
            self._capture.release()
