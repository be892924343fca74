"""The lines of `[hours]`: days and times as people write them, read once and checked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache

from posekit.errors import nearest_name

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
NAMES = (
    *DAYS,
    *("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
    "daily",
)
DAY_SECONDS = 86400
LONGEST_RANGE = 3660
"""Days: ten years; a longer range of closed days is a slip of the pen."""
_TIME = re.compile(r"(\d{1,2})(?::(\d{2}))?")

Span = tuple[int, int]
"""Seconds from the day's midnight to the opening's beginning and end; an end beyond 86400 is tomorrow's."""


@dataclass(frozen=True)
class WeekRule:
    """One line of `open`: on these days (0 is Monday) it is open so; no span means closed."""

    days: frozenset[int]
    spans: tuple[Span, ...]


@dataclass(frozen=True)
class DateRule:
    """One line of `closed` or `extra`: from `first` to `last`, both included; no span means closed."""

    first: date
    last: date
    spans: tuple[Span, ...] = ()


def read_open(line: str) -> WeekRule:
    """Read `tue-sun 10:00-18:00`; raises `ValueError` with a sentence."""
    days, separator, times = line.strip().lower().partition(" ")
    if not separator:
        raise ValueError(
            f"{line!r} has no times; write days and times, as in 'tue-sun 10:00-18:00' or 'mon closed'"
        )
    named = frozenset(number for part in days.split(",") for number in _read_days(part, line))
    return WeekRule(named, () if times.strip() == "closed" else _read_spans(times, line))


def read_closed(line: str) -> DateRule:
    """Read `2026-12-24` or `2026-08-01..2026-08-14`; raises `ValueError` with a sentence."""
    first, separator, last = line.strip().partition("..")
    begin = _read_date(first.strip(), line)
    end = _read_date(last.strip(), line) if separator else begin
    if end < begin:
        raise ValueError(f"{line!r} ends before it begins; write the earlier day first")
    if (end - begin).days > LONGEST_RANGE:
        raise ValueError(f"{line!r} is longer than ten years; look at the years")
    return DateRule(begin, end)


def read_extra(line: str) -> DateRule:
    """Read `2026-12-26 12:00-16:00`; raises `ValueError` with a sentence."""
    day, separator, times = line.strip().partition(" ")
    if not separator:
        raise ValueError(f"{line!r} has no times; write a day and times, as in '2026-12-26 12:00-16:00'")
    at = _read_date(day, line)
    return DateRule(at, at, _read_spans(times, line))


def read_time(text: str) -> int:
    """Read `04:30` as seconds from midnight; raises `ValueError` with a sentence."""
    match = _TIME.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is no time of day; write hours and minutes, as in '04:30'")
    hours, minutes = int(match[1]), int(match[2] or 0)
    if hours > 24 or minutes > 59 or (hours == 24 and minutes):
        raise ValueError(f"{text!r} is no time of day; they run from 00:00 to 24:00")
    return hours * 3600 + minutes * 60


def check_zone(name: str) -> str:
    """Return the name of a time zone that this machine knows; raises `ValueError` with a sentence."""
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        known = _zones()
        if not known:
            raise ValueError(
                f"{name!r} cannot be looked up, because this machine has no time zones; pip install tzdata"
            ) from None
        nearest = nearest_name(name, known) or nearest_name(name, {zone.rpartition("/")[2] for zone in known})
        nearest = next((zone for zone in sorted(known) if nearest in (zone, zone.rpartition("/")[2])), None)
        hint = f"did you mean {nearest!r}?" if nearest else "write it as in 'Europe/Berlin'"
        raise ValueError(f"{name!r} is no time zone; {hint}") from None
    return name


@cache
def _zones() -> frozenset[str]:
    from zoneinfo import available_timezones

    return frozenset(available_timezones())


def _read_days(part: str, line: str) -> tuple[int, ...]:
    if part == "daily":
        return tuple(range(7))
    first, separator, last = part.partition("-")
    begin = _read_day(first, line)
    if not separator:
        return (begin,)
    count = (_read_day(last, line) - begin) % 7 + 1  # fri-mon runs over the week's end
    return tuple((begin + step) % 7 for step in range(count))


def _read_day(word: str, line: str) -> int:
    if word in NAMES and word != "daily":
        return DAYS.index(word[:3])
    nearest = nearest_name(word, NAMES) or next((day for day in DAYS if word and word.startswith(day)), None)
    hint = f"did you mean {nearest!r}?" if nearest else f"days are {', '.join(DAYS)} and daily"
    raise ValueError(f"{word!r} in {line!r} is no day; {hint}")


def _read_spans(times: str, line: str) -> tuple[Span, ...]:
    spans = []
    for part in times.replace(" - ", "-").split(","):
        first, separator, last = part.strip().partition("-")
        if not separator:
            raise ValueError(
                f"{part.strip()!r} in {line!r} is no span of time; write from and to, as in '10:00-18:00'"
            )
        begin, end = (_in_line(time, line) for time in (first, last))
        if begin == DAY_SECONDS:
            raise ValueError(f"nothing can open at 24:00, as {line!r} says; write 00:00 of the day after")
        if begin == end:
            raise ValueError(f"{line!r} ends when it begins; write 00:00-24:00 for a whole day")
        spans.append((begin, end if end > begin else end + DAY_SECONDS))
    return tuple(spans)


def _in_line(time: str, line: str) -> int:
    try:
        return read_time(time)
    except ValueError as error:
        raise ValueError(f"{line!r}: {error}") from None


def _read_date(text: str, line: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        raise ValueError(
            f"{text!r} in {line!r} is no date; write year-month-day, as in '2026-12-24'"
            if text != line
            else f"{text!r} is no date; write year-month-day, as in '2026-12-24'"
        ) from None


def day_after(day: date, days: int = 1) -> date:
    """Return a day `days` later, or the calendar's last."""
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return date.max
