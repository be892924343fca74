"""Whether the show is open: by its hours, by hand, and open rather than closed when the clock is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from posekit.clock import Clock, Wall
    from posekit.gallery.floor import Floor

DAY_SECONDS = 86400.0
STEADY_SECONDS = 3600.0
"""A clock that jumped by more than a day is believed again after it went steadily for so long."""


class Schedule(Protocol):
    """Opening hours."""

    def is_open(self, wall_seconds: float) -> bool:
        """Whether it is open then."""
        ...

    def next_change(self, wall_seconds: float) -> float | None:
        """Return when it opens or closes next; None for never."""
        ...

    def is_plausible(self, wall_seconds: float, *, floor: float) -> bool:
        """Whether it can be that late, when it was `floor` once."""
        ...


@dataclass(frozen=True)
class Verdict:
    """What the timetable says at one instant."""

    is_open: bool
    next_change: float | None = None
    """Wall time; None for never."""
    held: str = ""
    """Why the schedule does not decide; empty when it does."""
    wrong: str = ""
    """Why the clock cannot be right; empty when it may be."""


class Timetable:
    """Asks the opening hours, obeys hands until the next change, and mistrusts the clock.

    It is the one that keeps the `floor` up to date.
    """

    def __init__(self, schedule: Schedule, wall: Wall, clock: Clock, *, floor: Floor) -> None:
        self._schedule, self._wall, self._clock, self._floor = schedule, wall, clock, floor
        self._held: bool | None = None
        self._until: float | None = None
        self._last = (wall.time(), clock.now())
        self._jumped: tuple[float, float] | None = None
        """The jump in seconds, and when it was on the clock that does not jump."""

    def use(self, schedule: Schedule) -> None:
        """Keep other hours from now on; what was asked for by hand ends."""
        self._schedule = schedule
        self.release()

    def hold(self, is_open: bool) -> None:
        """Be open, or closed, until the next change of the schedule."""
        self._held = is_open
        self._until = None if self._wrong() else self._schedule.next_change(self._wall.time())

    def release(self) -> None:
        """Let the opening hours decide again."""
        self._held = self._until = None

    def look(self) -> Verdict:
        """Return what holds now."""
        now = self._wall.time()
        self._watch_clock(now)
        wrong = self._wrong()
        if self._held is not None and self._until is not None and not wrong and now >= self._until:
            self.release()
        following = None if wrong else self._schedule.next_change(now)
        if self._held is not None:
            word = "opened by hand" if self._held else "closed by hand"
            return Verdict(self._held, following, word, wrong)
        return Verdict(bool(wrong) or self._schedule.is_open(now), following, "", wrong)

    def _watch_clock(self, now: float) -> None:
        """Note when the wall clock has gone another way than the one that does not jump."""
        steady = self._clock.now()
        self._floor.look(now, steady)
        jump = (now - self._last[0]) - (steady - self._last[1])
        # What jumps from or to a date that cannot be is wrong, or put right, by that alone.
        can_be = all(
            self._schedule.is_plausible(one, floor=self._floor.seconds) for one in (self._last[0], now)
        )
        self._last = (now, steady)
        if abs(jump) > DAY_SECONDS and can_be:
            before = self._jumped[0] if self._jumped else 0.0
            back = abs(before + jump) <= DAY_SECONDS
            self._jumped = None if back else (before + jump, steady)
        elif self._jumped and steady - self._jumped[1] >= STEADY_SECONDS:
            self._jumped = None

    def _wrong(self) -> str:
        if not self._schedule.is_plausible(self._wall.time(), floor=self._floor.seconds):
            return (
                "the machine's clock shows a date that is over; connect it to a time server, or set it: "
                "until then the show stays open"
            )
        if self._jumped:
            days = self._jumped[0] / DAY_SECONDS
            jumped = f"the machine's clock jumped by {days:+.0f} days"
            return f"{jumped}; look whether it is right: the show stays open"
        return ""
