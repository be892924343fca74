"""The only module that reads the time that frames, people and events go by.

Time is seconds (float) on one clock that never goes back: `time.perf_counter()`, which counts from the
same instant in every process of a machine on Linux, macOS and Windows, so that a capture time stamped in
the engine can be compared in the window. Wall time is for schedules and logs alone.
"""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """Something that tells the time in seconds."""

    def now(self) -> float:
        """Return the time in seconds; it never decreases."""
        ...


class SystemClock:
    """The machine's own monotonic clock."""

    def now(self) -> float:
        """Return `time.perf_counter()`."""
        return time.perf_counter()


class Wall(Protocol):
    """Something that tells the date and the time of day, which may jump: for schedules, records and logs."""

    def time(self) -> float:
        """Return seconds since 1970-01-01 00:00 UTC, as `time.time()` does."""
        ...


class SystemWall:
    """The machine's own wall clock."""

    def time(self) -> float:
        """Return `time.time()`."""
        return time.time()


class ManualClock:
    """A clock that moves only when it is told to: for files, replay and tests."""

    def __init__(self, start: float = 0.0) -> None:
        self._now = start

    def now(self) -> float:
        """Return the time last set."""
        return self._now

    def set(self, time_in_seconds: float) -> None:
        """Move to a time; moving back is ignored, because no clock here ever goes back."""
        self._now = max(self._now, time_in_seconds)

    def advance(self, seconds: float) -> None:
        """Move forward by `seconds`."""
        self.set(self._now + seconds)


class ManualWall:
    """A wall clock that is set by hand: for tests and simulations; it may go back, as real ones do."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds

    def time(self) -> float:
        """Return what was set last."""
        return self.seconds
