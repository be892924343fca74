"""The thread that opens and reads a camera or stream, so that nobody else has to wait for it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from threading import Thread
from typing import TYPE_CHECKING, Any, Protocol

from posekit.errors import PosekitError
from posekit.health import CameraState
from posekit.sources.depth import Depth

if TYPE_CHECKING:
    from threading import Condition, Event

    import numpy as np
    from numpy.typing import NDArray

    from posekit.clock import Clock
    from posekit.geometry import Size
    from posekit.sources.watch import PictureWatch

PAUSE_SECONDS = 0.05
"""How long to wait before asking again a camera that has just been opened and is not ready."""


@dataclass(frozen=True)
class Limits:
    """How long what may take, in seconds."""

    open: float = 15.0
    """Opening, at the start and later; some webcams take five."""
    beat: float = 0.25
    """Until silence is said, and said again."""
    lost: float = 1.0
    """Without a picture, until a source that is open counts as lost."""
    hung: float = 4.0
    """Without a sign from the driver; a stream's own time-out (2 s) comes first and ends it."""
    first: float = 0.0
    """From opening to the first picture: meanwhile a camera may be silent, or say that it has none."""
    unreadable: float = 2.0
    """With data that are no pictures, until it is opened again."""
    stuck: float = 15.0
    """With the very same picture, until it is opened again: that wakes many a webcam."""
    frozen: float = 1.5
    """With the very same picture, until that is said."""
    black: float = 1.0
    """With a black picture, until that is said."""
    retries: tuple[float, ...] = (0.25, 0.5, 1.0, 2.0)
    """Waits before each attempt to open again; the last one goes on for ever."""


STREAM_LIMITS = Limits()
CAMERA_LIMITS = Limits(hung=1.5 if sys.platform.startswith("linux") else 3.0, first=5.0)
"""A camera on a cable; on Linux its driver gives a sign at least once a second (see `capture`)."""


class Readable(Protocol):
    """What the thread needs of an open camera or stream; `Capture` is one."""

    def grab(self) -> bool:
        """Wait for the next frame; False at the end."""

    def retrieve(self) -> NDArray[Any] | None:
        """Return the frame that was grabbed last, of eight or sixteen bits; None if it is broken."""

    def release(self) -> None:
        """Close it."""


@dataclass(frozen=True, eq=False)
class Opened:
    """A camera or stream that has been opened and asked for everything that is wanted of it."""

    capture: Readable
    size: Size
    """Width and height in pixels, as announced; (0, 0) where nothing is."""
    rate: float
    """Frames per second, as announced."""
    description: str
    """What was granted: "1280x720 at 30 fps, MJPG"."""
    refused: tuple[str, ...] = ()
    """A clause for each thing that was not: "asked for 60 fps, got 30"."""
    is_unplugged: Callable[[], bool] = lambda: False
    """Whether the device itself is gone, as far as the system tells."""


Open = Callable[[], Opened]
"""Finds and opens a source; raises `PosekitError` where there is none just now."""


class Reader(Thread):
    """Opens a source and reads it until it ends; a daemon, because a driver may never come back.

    Its attributes are written by it alone; `changed` is notified of every change.
    """

    def __init__(
        self,
        open_it: Open,
        clock: Clock,
        changed: Condition,
        closed: Event,
        watch: PictureWatch,
        limits: Limits,
    ) -> None:
        super().__init__(name="camera", daemon=True)
        self._open, self._clock, self._limits = open_it, clock, limits
        self._changed, self._closed, self._watch = changed, closed, watch
        self._depth = Depth()
        self.newest: tuple[NDArray[np.uint8], float] | None = None
        """The newest picture and its time, until somebody takes it away."""
        self.state = CameraState.OK
        self.opened: Opened | None = None
        self.failure: PosekitError | None = None
        """Why it could not be opened."""
        self.reason = ""
        """Why it has ended, after it was open."""
        self.alive = self.heard = clock.now()
        """When the driver last gave a sign, and when a picture last came."""
        self.dropped = 0
        self.has_delivered = self.has_ended = False

    def run(self) -> None:
        """Open, and read until the end."""
        try:
            opened = self._open()
            try:
                with self._changed:
                    self.opened, self.alive, self.heard = opened, self._clock.now(), self._clock.now()
                    self._changed.notify_all()
                self.reason = self._read(opened)
            finally:
                opened.capture.release()
        except PosekitError as error:
            self.failure = error
        except Exception as error:  # a driver's own error, which would be lost with this thread
            self.reason = f"failed ({' '.join(str(error).split()) or type(error).__name__})"
        finally:
            with self._changed:
                self.has_ended, self.alive = True, self._clock.now()
                self._changed.notify_all()

    def _read(self, opened: Opened) -> str:
        """Read on; returns why there is no more."""
        began = self._clock.now()
        moved = began
        while not self._closed.is_set():
            is_there = opened.capture.grab()
            self.alive = time = self._clock.now()
            if not is_there:
                is_early = not self.has_delivered and time - began < self._limits.first
                if is_early and not opened.is_unplugged():
                    self._closed.wait(PAUSE_SECONDS)
                    continue
                return "was unplugged" if opened.is_unplugged() else "ended"
            pixels = opened.capture.retrieve()
            if pixels is not None:
                self._deliver(self._depth.update(pixels, time), time)
            elif time - self.heard > self._limits.unreadable:
                return "delivers nothing that is a picture"
            if self.state is not CameraState.FROZEN:
                moved = time
            elif time - moved > self._limits.stuck:
                return "still delivers the same picture"
        return "was closed"

    def _deliver(self, pixels: NDArray[np.uint8], time: float) -> None:
        state = self._watch.update(pixels, time)
        with self._changed:
            self.heard, self.state, self.has_delivered = time, state, True
            if state is not CameraState.FROZEN:
                self.dropped += self.newest is not None
                self.newest = (pixels, time)
            self._changed.notify_all()
