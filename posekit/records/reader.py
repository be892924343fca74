"""What the records say, as plain values: for the status page, the report and the command line."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import contextmanager, nullcontext
from datetime import date, datetime, timedelta, timezone, tzinfo
from typing import TYPE_CHECKING, Any, Protocol

from posekit.clock import SystemWall
from posekit.errors import OutputError, SettingsError
from posekit.records.csv_text import RowSource, csv_parts
from posekit.records.local_hour import local_hour, local_time
from posekit.records.snapshot import counter_of, open_snapshot
from posekit.records.tally import EDGES, bounds_of, median_seconds

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from posekit.clock import Wall
    from posekit.records.local_hour import LocalHour
    from posekit.records.log import ShowLog
    from posekit.records.snapshot import Row, Snapshot
    from posekit.records.tally import Key, What
    from posekit.show.state import Severity


class CountsSource(RowSource, Protocol):
    """Counts that can be read: of the running show, or of a file."""

    wall: Wall
    zone: tzinfo | None

    def read(self, since: int = ..., until: int = ...) -> Counter[Key]:
        """Return what was counted in the hours that begin in since <= start < until."""
        ...


class StoredCounts:
    """The counts in a file, which a running show may be writing."""

    def __init__(self, path: Path, wall: Wall, zone: tzinfo | None = None) -> None:
        self.path, self.wall, self.zone = path, wall, zone

    def read(self, since: int = 0, until: int = 2**62) -> Counter[Key]:
        """Return what was counted; raises `OutputError` for a file that cannot be read."""
        return counter_of(self.rows(since, until))

    def rows(self, since: int = 0, until: int = 2**62) -> list[Row]:
        """Return the same as rows, in order."""
        with self._opened() as kept:
            return kept.rows(since, until) if kept is not None else []

    def first_hour(self, since: int = 0) -> int | None:
        """Return when the first hour from `since` on begins in which something was counted; None for none."""
        with self._opened() as kept:
            return kept.first_hour(since) if kept is not None else None

    @contextmanager
    def _opened(self) -> Iterator[Snapshot | None]:
        try:
            with open_snapshot(self.path) or nullcontext() as kept:
                yield kept
        except sqlite3.Error as error:
            raise OutputError(f"the counts in {self.path} cannot be read: {error}") from None


class Records:
    """Answers questions about a show's log and counts. It reads files: nothing for a loop that must not wait.

    A day is a `date`, its ISO form, or None for the venue's today; `SettingsError` for what is none.
    """

    def __init__(self, log: ShowLog | None, counts: CountsSource | None) -> None:
        self._log, self._counts = log, counts

    def day(self, day: date | str | None = None) -> date:
        """Return the day that is meant."""
        if isinstance(day, date):
            return day
        if day is not None:
            try:
                return date.fromisoformat(day)
            except ValueError:
                raise SettingsError(f"{day[:40]!r} is no day; write it as in 2026-11-22") from None
        if self._counts is None:
            return local_time(SystemWall().time(), None).date()
        return local_time(self._counts.wall.time(), self._counts.zone).date()

    def today(self) -> dict[str, Any]:
        """Return the day, its visits, their median in seconds (None for none), its hours and lengths."""
        day = self.day()
        return {**self._summary(day, self._read(day)), "hours": self.hours(day), "dwell": self.dwell(day)}

    def hours(self, day: date | str | None = None) -> list[dict[str, Any]]:
        """Return every hour of a day, 23 to 25 of them: its name, its distance from UTC, its visits."""
        day = self.day(day)
        counted = self._read(day)
        visits: Counter[LocalHour] = Counter()
        for key, number in counted.items():
            visits[key.hour] += number if key.what == "visit" else 0
        hours = sorted({*self._hours_of(day), *visits})
        return [{**_named(hour), "visits": visits[hour]} for hour in hours]

    def dwell(self, day: date | str | None = None) -> list[dict[str, Any]]:
        """Return how many visits of a day were how long: `from` and `to` in seconds, `to` None at the end."""
        lengths = lengths_in(self._read(self.day(day)), "visit")
        spans = ((bounds_of(bucket), lengths[bucket]) for bucket in range(len(EDGES) + 1))
        return [{"from": start, "to": end, "visits": number} for (start, end), number in spans]

    def days(self, count: int = 7, until: date | str | None = None) -> list[dict[str, Any]]:
        """Return so many days up to and with `until`, the oldest first: visits, their median, uptime."""
        last = self.day(until)
        days = [last - timedelta(days=back) for back in reversed(range(count))]
        counted: dict[date, Counter[Key]] = {day: Counter() for day in days}
        for key, number in self._read(days[0], last).items() if days else ():
            counted[key.hour.day][key] = number
        return [self._summary(day, counted[day]) for day in days]

    def zones(self, day: date | str | None = None) -> list[dict[str, Any]]:
        """Return every zone that somebody was in on a day: entries, and the median stay in seconds."""
        return zones_in(self._read(self.day(day)))

    def gestures(self, day: date | str | None = None) -> list[dict[str, Any]]:
        """Return how often each gesture was made on a day, the most frequent first, equal ones by name."""
        found = numbers_of(self._read(self.day(day)), "gesture")
        return [{"gesture": name, "times": times} for name, times in most_first(found)]

    def csv(self, since: date | str | None = None, until: date | str | None = None) -> str:
        """Return all counts between two days, both included, as CSV; without days all there are."""
        first = self.day(since) if since else date(1970, 1, 2)
        last = self.day(until) if until else date(9998, 12, 31)
        return "".join(csv_parts(self._counts, first, last))

    def log(self, count: int = 100, severity: Severity | None = None) -> list[dict[str, Any]]:
        """Return the newest lines of the log, newest first."""
        return self._log.newest(count, severity) if self._log else []

    def counted(self, first: date, last: date) -> Counter[Key]:
        """Return everything counted between two days, both included."""
        return self._read(first, last)

    def _read(self, first: date, last: date | None = None) -> Counter[Key]:
        """Read the days' hours. The file knows hours by UTC, from which a venue is up to 14 hours away."""
        if self._counts is None:
            return Counter()
        last = last or first
        since = datetime.combine(first, datetime.min.time(), timezone.utc).timestamp() - 86400
        until = datetime.combine(last, datetime.min.time(), timezone.utc).timestamp() + 2 * 86400
        found = self._counts.read(int(since), int(until))
        return Counter({key: number for key, number in found.items() if first <= key.hour.day <= last})

    def _hours_of(self, day: date) -> list[LocalHour]:
        """Return the hours that the venue's clock has on a day."""
        zone = self._counts.zone if self._counts else None
        noon = int(datetime.combine(day, datetime.min.time(), timezone.utc).timestamp()) + 43200
        # Looked for by quarters of an hour: clocks differ from UTC by such, and are put on at any hour.
        found = {local_hour(time, zone) for time in range(noon - 100_800, noon + 100_800, 900)}
        return sorted(hour for hour in found if hour.day == day)

    def _summary(self, day: date, counted: Counter[Key]) -> dict[str, Any]:
        lengths = lengths_in(counted, "visit")
        return {
            "day": day.isoformat(),
            "visits": sum(lengths.values()),
            "median": median_seconds(lengths),
            "uptime": sum(numbers_of(counted, "uptime").values()),
            "open": sum(numbers_of(counted, "open").values()),
        }


def numbers_of(counted: Counter[Key], what: What) -> Counter[str]:
    """Return the numbers of one kind by name, all hours and lengths together."""
    found: Counter[str] = Counter()
    for key, number in counted.items():
        if key.what == what:
            found[key.name] += number
    return found


def most_first(numbers: Counter[str]) -> list[tuple[str, int]]:
    """Return the largest first, equal ones by name: in which order they were counted says nothing."""
    return sorted(numbers.items(), key=lambda item: (-item[1], item[0]))


def zones_in(counted: Counter[Key]) -> list[dict[str, Any]]:
    """Return every zone that was entered: entries, and the median stay in seconds, None for none."""
    entries = numbers_of(counted, "zone_enter")
    names = sorted({*entries, *numbers_of(counted, "zone_stay")})
    return [
        {
            "zone": name,
            "entries": entries[name],
            "median": median_seconds(lengths_in(counted, "zone_stay", name)),
        }
        for name in names
    ]


def lengths_in(counted: Counter[Key], what: What, name: str = "") -> Counter[int]:
    """Return how many visits, or stays in the zone `name`, fell in which bucket."""
    found: Counter[int] = Counter()
    for key, number in counted.items():
        if key.what == what and key.name == name:
            found[key.bucket] += number
    return found


def _named(hour: LocalHour) -> dict[str, str]:
    begins = hour.begins
    return {
        "day": begins.date().isoformat(),
        "hour": begins.strftime("%H:%M"),
        "offset": begins.isoformat()[19:],
    }
