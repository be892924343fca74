"""A wall clock for whoever counts: where the machine's cannot be right, time goes on from where it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from posekit.clock import Clock, Wall
    from posekit.gallery.floor import Floor
    from posekit.gallery.timetable import Schedule


class BelievedWall:
    """The machine's wall clock while it may be right; else the last time that could be, going on from there.

    So a visit under a clock that fell back to 1970 is counted in its own hour, and not in one that is thrown
    away as too old once the clock is mended. What starts with a wrong clock counts from the `floor`.
    """

    def __init__(self, wall: Wall, clock: Clock, schedule: Schedule, floor: Floor) -> None:
        self._wall, self._clock, self._schedule, self._floor = wall, clock, schedule, floor
        self._right = (floor.seconds, clock.now())
        """The last time that could be, and when that was on the clock that does not jump."""

    def time(self) -> float:
        """Return seconds since 1970; may be called from any thread."""
        now, steady = self._wall.time(), self._clock.now()
        if self._schedule.is_plausible(now, floor=self._floor.seconds):
            self._right = (now, steady)
            return now
        time, then = self._right
        return time + steady - then
