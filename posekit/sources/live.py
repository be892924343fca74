"""Cameras and network streams: always the newest frame, never a queue, and back again when they were lost."""

from __future__ import annotations

from enum import Enum
from threading import Condition, Event
from typing import TYPE_CHECKING

from posekit.errors import SourceError
from posekit.frame import Frame, Silence
from posekit.health import CameraState
from posekit.sources.adjust import UNTOUCHED, Adjustment
from posekit.sources.base import Allocate, allocate_anew
from posekit.sources.capture import to_rgb
from posekit.sources.reader import STREAM_LIMITS, Limits, Open, Opened, Reader
from posekit.sources.watch import PictureWatch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import numpy as np
    from numpy.typing import NDArray

    from posekit.clock import Clock

EXPECTED_SIZE = (1280, 720)
"""What is said of a source that has not been there yet."""
CLOSE_SECONDS = 0.3
"""How long `close` waits for the driver."""
NEWS = {
    CameraState.FROZEN: "shows the very same picture again and again",
    CameraState.BLACK: "shows black; is it covered?",
}


class Verdict(Enum):
    """Why no picture comes."""

    WAIT = "it may come yet"
    FROZEN = "pictures come, the very same ones"
    LOST = "none comes, but the driver answers, or may yet"
    ENDED = "it ended, was unplugged, or cannot be opened"
    HUNG = "the driver does not come back"


def judge(reader: Reader, now: float, awake: float, limits: Limits) -> Verdict:
    """Say why nothing comes from a reader.

    `awake`: since when somebody has been looking. A process that was stopped for a while must not
    conclude that its camera was.
    """
    if reader.has_ended:
        return Verdict.ENDED
    patience = 0.0 if reader.has_delivered else limits.first
    if now - max(reader.alive, awake) > (max(limits.hung, patience) if reader.opened else limits.open):
        return Verdict.HUNG
    if now - max(reader.heard, awake) > max(limits.lost, patience):
        return Verdict.LOST
    return Verdict.FROZEN if reader.state is CameraState.FROZEN else Verdict.WAIT


class LiveSource:
    """The newest frame of a camera or stream, as soon as there is one; silence while there is none.

    What ended or was unplugged is opened again and again. What hangs inside its driver cannot be helped from
    within this process: `frames` raises `SourceError`, and the owner of the process starts another. The
    constructor raises `SourceError` when it cannot be opened, unless it is told to be `patient`.
    """

    count: int | None = None

    def __init__(
        self,
        name: str,
        clock: Clock,
        open_capture: Open,
        *,
        is_camera: bool,
        allocate: Allocate = allocate_anew,
        adjustment: Adjustment = UNTOUCHED,
        report: Callable[[str], None] | None = None,
        patient: bool = False,
        limits: Limits = STREAM_LIMITS,
    ) -> None:
        self.is_camera = is_camera
        self.state = CameraState.OK
        self.rate = 30.0
        self.description = f"{name}, which is not here yet"
        self._name, self._clock, self._open, self._limits = name, clock, open_capture, limits
        self._allocate, self._adjustment, self._report = allocate, adjustment, report
        self._changed, self._closed = Condition(), Event()
        self._watch = PictureWatch(limits.frozen, limits.black)
        self._size = adjustment.size(EXPECTED_SIZE)
        self._told: set[str] = set()
        self._adopted: Opened | None = None
        self._index, self._attempts, self._dropped_before = -1, 0, 0
        self._looked = self._awake = clock.now()
        self._reader = self._start()
        try:
            self._wait_until_open(patient)
        except BaseException:
            self.close()
            raise

    @property
    def dropped(self) -> int:
        """Frames that were captured and not looked at."""
        return self._dropped_before + self._reader.dropped

    def frames(self) -> Iterator[Frame | Silence]:
        """Yield frames, and silence a few times a second while there are none, until `close`."""
        while not self._closed.is_set():
            newest = self._wait()
            if self._closed.is_set():
                return
            self._adopt()
            if newest is not None:
                yield self._frame(*newest)
                continue
            self._look_after()
            if self.state in (CameraState.LOST, CameraState.FROZEN):
                index = max(self._index + self.dropped, 0)
                yield Silence(self._clock.now(), self._size, index, self.state)

    def close(self) -> None:
        """Stop reading and end `frames`; waits a moment for the driver, no longer."""
        with self._changed:
            self._closed.set()
            self._changed.notify_all()
            reader = self._reader
        reader.join(CLOSE_SECONDS)

    def _start(self) -> Reader:
        reader = Reader(self._open, self._clock, self._changed, self._closed, self._watch, self._limits)
        reader.start()
        return reader

    def _wait_until_open(self, patient: bool) -> None:
        reader = self._reader
        with self._changed:
            self._changed.wait_for(lambda: reader.opened or reader.has_ended, self._limits.open)
        self._adopt()
        if self._adopted is not None:
            return
        reason = reader.reason or "does not answer"
        failure = reader.failure or SourceError(f"{self._name} cannot be opened; it {reason}")
        if not (patient and reader.has_ended):
            raise failure
        self.state = CameraState.LOST
        self._say(f"{failure}; it is opened as soon as it is there")

    def _wait(self) -> tuple[NDArray[np.uint8], float] | None:
        """Take the newest picture, as soon as there is one; None when there is none for a beat."""
        began = self._clock.now()
        if began - self._looked > self._limits.lost:
            self._awake = began
        with self._changed:
            self._changed.wait_for(self._has_news, self._limits.beat)
            newest, self._reader.newest = self._reader.newest, None
        self._looked = self._clock.now()
        if self._looked - began > self._limits.beat + self._limits.lost:
            self._awake = self._looked
        return newest

    def _has_news(self) -> bool:
        return self._closed.is_set() or self._reader.newest is not None

    def _adopt(self) -> None:
        """Take over what a camera granted, after it was opened or opened again."""
        opened = self._reader.opened
        if opened is None or opened is self._adopted:
            return
        self._adopted = opened
        size, self.rate = opened.size, opened.rate
        self.description = f"{self._name}, {opened.description}"
        if self._adjustment.size(size) != size:
            self.description += ", adjusted to {}x{}".format(*self._adjustment.size(size))
        if self._index < 0 and min(size) > 0:
            self._size = self._adjustment.size(size)
        for clause in opened.refused:
            if clause not in self._told:
                self._say(clause)
        self._told = set(opened.refused)

    def _frame(self, pixels: NDArray[np.uint8], time: float) -> Frame:
        state = self._reader.state
        if self.state is CameraState.LOST:
            self._say("is back" if self._index >= 0 else "is here")
        if state is not self.state and state in NEWS:
            self._say(NEWS[state])
        self._index += 1
        self._attempts = 0
        self.state = state
        frame = Frame(
            to_rgb(pixels, self._allocate, self._adjustment), time, self._index + self.dropped, self._name
        )
        if self._index > 0 and frame.size != self._size:
            self._say("now delivers {}x{}, after {}x{}".format(*frame.size, *self._size))
        self._size = frame.size
        return frame

    def _look_after(self) -> None:
        """Find out why nothing comes, and do what can be done about it."""
        now = self._clock.now()
        verdict = judge(self._reader, now, self._awake, self._limits)
        if verdict is Verdict.HUNG:
            raise SourceError(
                f"{self._name} hangs: its driver has not answered for {now - self._reader.alive:.1f} s"
            )
        if verdict is Verdict.ENDED:
            if self.state is not CameraState.LOST:
                reason = self._reader.reason or f"is gone: {self._reader.failure}"
                self._say(f"{reason}; it is opened again as soon as it is there")
            self.state = CameraState.LOST
            self._open_again(now)
        elif verdict is Verdict.LOST:
            if self.state is not CameraState.LOST:
                self._say("delivers nothing")
            self.state = CameraState.LOST
        elif verdict is Verdict.FROZEN:
            if self.state is not CameraState.FROZEN:
                self._say(NEWS[CameraState.FROZEN])
            self.state = CameraState.FROZEN

    def _open_again(self, now: float) -> None:
        retries = self._limits.retries
        if now - self._reader.alive < retries[min(self._attempts, len(retries) - 1)]:
            return
        self._attempts += 1
        with self._changed:
            if self._closed.is_set():
                return
            self._dropped_before += self._reader.dropped
            self._reader = self._start()

    def _say(self, clause: str) -> None:
        if self._report is not None:
            self._report(f"{self._name}: {clause}")
