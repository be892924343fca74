"""When a part that failed is started again: soon at first, then less often, and for ever."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from posekit.clock import Clock

STEPS = (0.0, 1.0, 2.0, 5.0, 10.0)
"""Waits in seconds before each new try; the last one is the longest while there is hope."""
HEALTHY_SECONDS = 30.0
"""What ran for so long was well: the next wait is the shortest again."""
MANY, MANY_SECONDS = 8, 300.0
"""So many failures within so many seconds, and it is given up..."""
HOPELESS_SECONDS = 60.0
"""...which means that it is tried only so often: a show must heal when the cause has gone."""


class Ladder:
    """Knows when the next try of one part is due."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._failures: deque[float] = deque(maxlen=MANY)
        self._step = 0
        self._due: float | None = None
        self.is_given_up = False
        """Whether it failed so often that something has to be shown in its place."""

    def fail(self, lived: float) -> float:
        """Note that it ended by itself after `lived` seconds; returns how long to wait."""
        now = self._clock.now()
        self.live(lived)
        self._failures.append(now)
        if len(self._failures) == MANY and now - self._failures[0] <= MANY_SECONDS:
            self.is_given_up = True
        wait = HOPELESS_SECONDS if self.is_given_up else STEPS[min(self._step, len(STEPS) - 1)]
        self._step += 1
        self._due = now + wait
        return wait

    def live(self, lived: float) -> None:
        """Note that it has run for `lived` seconds so far."""
        if lived >= HEALTHY_SECONDS:
            self._step, self.is_given_up = 0, False

    def hurry(self) -> None:
        """Forget every failure, because somebody has changed something: the next try is due now."""
        self._failures.clear()
        self._step, self._due, self.is_given_up = 0, None, False

    @property
    def is_due(self) -> bool:
        """Whether the wait is over."""
        return self._due is None or self._clock.now() >= self._due
