"""A wall time that is over for certain, by which a clock is judged that begins in 1970, or falls back."""

from __future__ import annotations

STEADY_SECONDS = 3600.0
"""So long a clock has to go steadily behind the floor to be right against it."""
SHIFT_SECONDS = 60.0
"""What goes another way than the clock that does not jump by more than this is not steady."""


class Floor:
    """What time it is at the least: that of the newest record, `told`, or of posekit's own files, `least`.

    The newest record may have been written while the clock was ahead, and the right time would never be
    believed again. So a clock between the two is believed once it went steadily for an hour.
    """

    def __init__(self, told: float = 0.0, least: float = 0.0) -> None:
        self.seconds = max(told, least)
        """The floor, in seconds since 1970."""
        self._least = least
        self._steady: tuple[float, float] | None = None
        """By how much the wall clock is ahead of the one that does not jump, and since when on the latter."""

    def look(self, wall: float, steady: float) -> None:
        """Take in what both clocks show now."""
        if not self._least <= wall < self.seconds:
            self._steady = None
            return
        ahead = wall - steady
        if self._steady is None or abs(ahead - self._steady[0]) > SHIFT_SECONDS:
            self._steady = (ahead, steady)
        elif steady - self._steady[1] >= STEADY_SECONDS:
            self.seconds, self._steady = wall, None
