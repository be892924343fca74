"""When processes that are well are replaced all the same: because of their age, and once a night."""

from __future__ import annotations

from datetime import date
from typing import Protocol

from posekit.errors import SettingsError

EMPTY_SECONDS = 60.0
"""The room has to have been empty for so long before anything is replaced without need."""
PATIENCE_SECONDS = 3600.0
"""So long the nightly restart waits for people to leave."""
MISSED_SECONDS = 7200.0
"""A machine that slept through the hour of the restart makes nothing good of it later in the day."""


def is_old(lived: float, renew_after: float, empty_for: float) -> bool:
    """Whether a process of `lived` seconds is to be renewed, after `renew_after` hours (0: never)."""
    return renew_after > 0 and lived >= renew_after * 3600 and empty_for >= EMPTY_SECONDS


class Calendar(Protocol):
    """The days of the place where the show is, as `Hours` knows them."""

    def day(self, wall_seconds: float) -> date:
        """Return the local date at an instant."""
        ...

    def instant(self, day: date, seconds: int) -> float:
        """Return when the clock shows a time of this day for the first time, or jumps over it."""
        ...


class Nightly:
    """Knows when the nightly restart is due: once for each day of the calendar, whatever the clock does.

    `at` is local time, `HH:MM`, or empty for never.
    """

    def __init__(self, at: str, calendar: Calendar, started: float) -> None:
        self._calendar = calendar
        self._done = date.min
        self.use(at, calendar, started)

    def use(self, at: str, calendar: Calendar, now: float) -> None:
        """Restart at another time from now on; a time that is over counts from tomorrow."""
        self._seconds, self._calendar = _read_time(at), calendar
        today = calendar.day(now)
        if self._seconds is not None and now >= calendar.instant(today, self._seconds):
            self._done = today  # what has just started need not start again

    def is_due(self, now: float, empty_for: float) -> bool:
        """Whether to restart now, in wall time; true once a night, then `done` has to be called."""
        if self._seconds is None:
            return False
        today = self._calendar.day(now)
        late = now - self._calendar.instant(today, self._seconds)
        # A day to come was noted by a clock that was ahead.
        if today == self._done or late < 0:
            return False
        if late > MISSED_SECONDS:
            self._done = today
            return False
        return empty_for >= EMPTY_SECONDS or late >= PATIENCE_SECONDS

    def done(self, now: float) -> None:
        """Note that tonight's restart has been carried out."""
        self._done = self._calendar.day(now)


def _read_time(text: str) -> int | None:
    """Return seconds since midnight; None for never."""
    if not text:
        return None
    hour, separator, minute = text.partition(":")
    if not (separator and hour.isdecimal() and minute.isdecimal()):
        raise SettingsError(f"restart_at is a time of day, as in 04:30; found {text!r}")
    return int(hour) * 3600 + int(minute) * 60
