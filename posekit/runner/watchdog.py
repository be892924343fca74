"""When an engine has to be replaced: it is silent, it is stuck, or it has grown too big."""

from __future__ import annotations

from dataclasses import dataclass

SILENT_SECONDS = 2.0
"""No sign of life for so long: native code holds the interpreter. Beats come every 0.4 s."""
STUCK_SECONDS = 2.0
"""One frame may take so long; a live source moves on at least every 0.25 s, seen or not seen."""
STUCK_SHARE = 8.0
"""...or so many times what frames take here, on a machine where they take long."""
BIG_BYTES = 1_500_000_000
"""An engine of this size is replaced as soon as nobody is in view; usual is a fifth of it."""
TOO_BIG_SHARE = 2.0
"""So many times `BIG_BYTES`, and it is replaced whoever is in view, before the system kills it."""
BACK_OFF_SECONDS = (0.0, 0.5, 1.0, 2.0, 5.0)
"""Waits before each new engine; the last one goes on for ever."""
HEALTHY_SECONDS = 30.0
"""An engine that ran for so long was a good one: the next wait is the shortest again."""


@dataclass(frozen=True)
class Vitals:
    """What is known of a running engine."""

    silent: float
    """Seconds since its last word."""
    stalled: float
    """Seconds that its loop had been at one frame, at its last word."""
    frame_seconds: float
    """How long its frames usually take."""
    memory: int
    """Resident bytes; 0 where that is not known."""
    people: int
    """How many people are in view."""


def verdict(vitals: Vitals, big: int = BIG_BYTES) -> str | None:
    """Return why an engine has to be replaced, in words for the user, or None; `big` is in bytes."""
    if vitals.silent > SILENT_SECONDS:
        return f"it has not been heard of for {vitals.silent:.1f} s"
    stuck = max(STUCK_SECONDS, STUCK_SHARE * vitals.frame_seconds)
    if vitals.stalled + vitals.silent > stuck:
        return f"it has been at one frame for {vitals.stalled + vitals.silent:.1f} s"
    limit = big if vitals.people == 0 else big * TOO_BIG_SHARE
    if vitals.memory > limit:
        return f"it has grown to {vitals.memory / 1e9:.1f} GB"
    return None


class BackOff:
    """How long to wait before the next engine."""

    def __init__(self) -> None:
        self._failures = 0

    def next_wait(self, lived: float) -> float:
        """Return seconds to wait, given how long the last engine ran."""
        if lived >= HEALTHY_SECONDS:
            self._failures = 0
        wait = BACK_OFF_SECONDS[min(self._failures, len(BACK_OFF_SECONDS) - 1)]
        self._failures += 1
        return wait
