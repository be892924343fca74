"""Time in which a runner itself was asleep, which is nobody else's fault."""

from __future__ import annotations

NAP_SECONDS = 1.0
"""Between two looks: beyond this the runner itself was asleep, stopped, or its clock has jumped."""


class Naps:
    """Remembers the last time that nobody looked; with a whole machine the others slept too.

    Only the last, so that a runner that is always slow cannot excuse an engine for ever.
    """

    def __init__(self, now: float) -> None:
        self._looked = now
        self._nap = (now, now)

    def look(self, now: float) -> None:
        """Note that the runner is awake, at `now` seconds."""
        if now - self._looked > NAP_SECONDS:
            self._nap = (self._looked, now)
        self._looked = now

    def awake_between(self, start: float, end: float) -> float:
        """Return the seconds of a span without our last nap."""
        dozed_off, woke = self._nap
        return end - start - max(0.0, min(end, woke) - max(start, dozed_off))
