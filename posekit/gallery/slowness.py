"""Whether something is much slower than it was in its best hour."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from posekit.clock import Clock

NOTE_SECONDS = 1.0
"""How often a rate is looked at."""
HOUR_SECONDS = 3600.0
EARLY_SECONDS = 600.0
"""The first hour's mean counts from here on, so that a first evening is watched too."""
SHARE = 0.5
"""Below this share of the best it is slow..."""
SLOW_SECONDS = 60.0
"""...when it stays there for so long."""


class Slowness:
    """Compares a rate with the best hour that it had."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._noted = self._began = clock.now()
        self._sum, self._count = 0.0, 0
        self._below: float | None = None
        self.best = 0.0
        """The mean of the best hour; 0 while there is none."""

    def note(self, rate: float) -> bool:
        """Take in what the rate is now; whether it has been slow for a minute. A rate of 0 says nothing."""
        now = self._clock.now()
        if rate <= 0:
            self._below = None
            return False
        if now - self._noted >= NOTE_SECONDS:
            self._noted = now
            self._learn(rate, now)
        if self.best and rate < self.best * SHARE:
            self._below = now if self._below is None else self._below
        else:
            self._below = None
        return self._below is not None and now - self._below >= SLOW_SECONDS

    def _learn(self, rate: float, now: float) -> None:
        self._sum += rate
        self._count += 1
        spent = now - self._began
        if spent >= EARLY_SECONDS and not self.best:
            self.best = self._sum / self._count
        if spent >= HOUR_SECONDS:
            self.best = max(self.best, self._sum / self._count)
            self._sum, self._count, self._began = 0.0, 0, now
