"""Opening hours: when the show is open, when that changes next, and whether the clock can be right.

Hours are local wall times. Where the clocks are changed, a show opens the first time that the clock shows
its opening time, or jumps over it, and closes the last time that the clock shows an instant of its hours:
what lies in an hour that comes twice happens once. An opening that lies wholly in an hour that does not
exist keeps its length and begins when the clock jumps.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import date, datetime, timezone
from typing import TYPE_CHECKING, Protocol
from zoneinfo import ZoneInfo

from posekit.show.hours_rules import (
    DAY_SECONDS,
    DateRule,
    Span,
    WeekRule,
    day_after,
    read_closed,
    read_extra,
    read_open,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

ALL_DAY: tuple[Span, ...] = ((0, DAY_SECONDS),)
LOOK_AHEAD = 16
"""Days beyond the last date that is named: a week's rules, twice, and a change of the clocks."""
FIRST, LAST = 86400.0 * 3, 253_370_764_800.0
"""Instants that a calendar can be asked for: from 1970 on, to the year 9999."""
PLAUSIBLE = 20 * 365 * DAY_SECONDS
"""Seconds beyond the floor at which nobody believes a clock any more: twenty years."""


class HoursSettings(Protocol):
    """What `[hours]` says, as `tables.HoursTable` does."""

    @property
    def timezone(self) -> str | None: ...  # noqa: D102
    @property
    def open(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def closed(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def extra(self) -> tuple[str, ...]: ...  # noqa: D102


@dataclass(frozen=True)
class Hours:
    """When a show is open. Instants are wall times: seconds since 1970, as `clock.Wall` tells them."""

    open: tuple[WeekRule, ...] = ()
    """Later rules win for their days; without any rule every day is open, all day."""
    closed: tuple[DateRule, ...] = ()
    extra: tuple[DateRule, ...] = ()
    """Instead of that day's hours, even of a closed day's; several of one day add up."""
    timezone: str | None = None
    """None: the machine's own."""

    @classmethod
    def from_settings(cls, table: HoursSettings) -> Hours:
        """Read the lines of `[hours]`, which were checked before; `ValueError` for one that is wrong."""
        return cls(
            tuple(map(read_open, table.open)),
            tuple(map(read_closed, table.closed)),
            tuple(map(read_extra, table.extra)),
            table.timezone,
        )

    @property
    def is_always_open(self) -> bool:
        """Whether nothing was said that could ever close it."""
        return not (self.open or self.closed or self.extra)

    def is_open(self, wall_seconds: float) -> bool:
        """Whether it is open at this instant."""
        now = min(max(wall_seconds, FIRST), LAST)
        day = self.day(now)
        # What opened yesterday may end tomorrow, where the clocks are changed in between.
        return any(begin <= now < end for begin, end in self._openings(day_after(day, -2), day_after(day, 1)))

    def next_change(self, wall_seconds: float) -> float | None:
        """Return the next instant, later than this one, at which `is_open` changes; None for never."""
        if self.is_always_open:
            return None
        now = min(max(wall_seconds, FIRST), LAST)
        today = self.day(now)
        named = [rule.last for rule in (*self.closed, *self.extra)]
        last = day_after(max([today, *named]), LOOK_AHEAD)
        until: float | None = None
        for begin, end in self._openings(day_after(today, -2), last):
            if until is None and end <= now:
                continue
            if until is None and begin > now:
                return begin
            if until is not None and begin > until:
                return until
            until = end if until is None else max(until, end)
        # An opening that has not ended where the looking ends goes on for ever.
        return until if until is not None and until < self._earliest(last, 0) else None

    def is_plausible(self, wall_seconds: float, floor: float) -> bool:
        """Whether the machine's clock can be right, when it was `floor` at the latest some time ago.

        `floor` is an instant that has surely passed: the newest record's, or that of posekit's own files.
        """
        return floor - DAY_SECONDS <= wall_seconds <= floor + PLAUSIBLE

    def day(self, wall_seconds: float) -> date:
        """Return the local date at an instant."""
        return _local(wall_seconds, self._offset(wall_seconds)).date()

    def local_time(self, wall_seconds: float) -> datetime:
        """Return the local date and time of day at an instant, without a zone."""
        return _local(wall_seconds, self._offset(wall_seconds))

    def instant(self, day: date, seconds: int) -> float:
        """Return when the clock shows a time of this day for the first time, or jumps over it."""
        return self._earliest(day, seconds)

    def spans(self, day: date) -> tuple[Span, ...]:
        """Return the hours that begin on this day, in local seconds from its midnight."""
        extra = [span for rule in self.extra if rule.first == day for span in rule.spans]
        if extra:
            return tuple(extra)
        if any(rule.first <= day <= rule.last for rule in self.closed):
            return ()
        if not self.open:
            return ALL_DAY
        meant = [rule.spans for rule in self.open if day.weekday() in rule.days]
        return meant[-1] if meant else ()

    def _openings(self, first: date, last: date) -> Iterator[tuple[float, float]]:
        day = first
        while day <= last:
            for begin, end in sorted(self.spans(day)):
                opens, closes = self._earliest(day, begin), self._latest(day, end)
                yield opens, closes if closes > opens else opens + (end - begin)
            if day == date.max:
                return
            day = day_after(day)

    def _earliest(self, day: date, seconds: int) -> float:
        """Return the first instant at which the clock shows this time or a later one."""
        local, before, change, after = self._around(day, seconds)
        return local - before if local - before < change else max(change, local - after)

    def _latest(self, day: date, seconds: int) -> float:
        """Return the end of the last instant at which the clock shows an earlier time than this one."""
        local, before, change, after = self._around(day, seconds)
        return local - after if change + after < local else min(change, local - before)

    def _around(self, day: date, seconds: int) -> tuple[float, float, float, float]:
        """Return the local time as if it were UTC, the offsets around it, and when they change."""
        midnight = datetime(day.year, day.month, day.day, tzinfo=timezone.utc).timestamp()
        local = midnight + seconds
        early, late = local - 1.25 * DAY_SECONDS, local + 1.25 * DAY_SECONDS
        before, after = self._offset(early), self._offset(late)
        if before == after:
            return local, before, late, after
        while late - early > 1:
            middle = (early + late) // 2
            early, late = (middle, late) if self._offset(middle) == before else (early, middle)
        return local, before, late, after

    def _offset(self, wall_seconds: float) -> float:
        """Return how many seconds local time is ahead of UTC at an instant."""
        within = min(max(wall_seconds, FIRST), LAST)
        if self.timezone is None:
            return float(time.localtime(within).tm_gmtoff)
        offset = datetime.fromtimestamp(within, _zone(self.timezone)).utcoffset()
        return offset.total_seconds() if offset is not None else 0.0


def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)  # it keeps the zones itself


def _local(wall_seconds: float, offset: float) -> datetime:
    within = min(max(wall_seconds, FIRST), LAST)
    return datetime.fromtimestamp(within + offset, timezone.utc).replace(tzinfo=None)
