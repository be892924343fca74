"""Keeps a loop at its rate without drifting."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from posekit.clock import Clock


class Pacer:
    """Waits until the next frame is due; frames are due at fixed times, not at a distance from each other.

    A frame that comes a little late does not delay those after it; after a longer break the times start anew,
    and nothing is hurried to catch up.
    """

    def __init__(self, rate: float, clock: Clock, sleep: Callable[[float], None] = time.sleep) -> None:
        self.rate = rate
        """Frames per second; may be changed at any time."""
        self._clock, self._sleep = clock, sleep
        self._due: float | None = None

    def wait(self) -> float:
        """Wait until the next frame is due; return the time now in seconds."""
        now, period = self._clock.now(), 1 / self.rate
        if self._due is None or now - self._due > period:
            self._due = now
        elif now < self._due:
            self._sleep(self._due - now)
            now = self._clock.now()
        self._due += period
        return now
