"""Hours and days as the venue's clock shows them, also when it is put forward or back."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import NamedTuple

FIRST, LAST = 2 * 86_400, 250_000_000_000
"""Instants that a calendar can be asked for with every distance from UTC, and a century around them."""


class LocalHour(NamedTuple):
    """One hour of the venue's clock. On the day that has 25 hours two of them have the same name."""

    start: int
    """Seconds since 1970 (UTC) at which it begins."""
    offset: int
    """Seconds that the venue's clock is ahead of UTC in it."""

    @property
    def begins(self) -> datetime:
        """Its beginning, with the offset."""
        return _begins(self.start, self.offset)

    @property
    def day(self) -> date:
        """The venue's day that it lies in."""
        return self.begins.date()


@lru_cache(maxsize=2048)  # a month and more: a calendar takes its time, and an hour has a hundred numbers
def _begins(start: int, offset: int) -> datetime:
    zone = timezone(timedelta(seconds=offset))
    return datetime.fromtimestamp(start, timezone.utc).astimezone(zone)


def local_time(time: float, zone: tzinfo | None) -> datetime:
    """Return wall time on the venue's clock, or the machine's where `zone` is None.

    A time before 1970 or beyond all calendars, as a broken clock gives it, is 1970.
    """
    at = datetime.fromtimestamp(time if FIRST <= time <= LAST else FIRST, timezone.utc)
    return at.astimezone(zone)


def local_hour(time: float, zone: tzinfo | None) -> LocalHour:
    """Return the hour that wall time lies in.

    Hours begin where the venue's clock shows :00, which is not where they do in UTC for 5:30 ahead of it.
    """
    at = local_time(time, zone)
    into = at.minute * 60 + at.second
    offset = at.utcoffset() or timedelta()
    return LocalHour(int(at.timestamp() // 1) - into, int(offset.total_seconds()))
