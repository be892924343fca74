"""The counts as CSV, made month by month: each is read in a moment, and few rows are held at a time."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Protocol

from posekit.records.local_hour import LocalHour
from posekit.records.old_hours import DAY, midnight
from posekit.records.tally import bounds_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from posekit.records.snapshot import Row

CSV_HEAD = ("day", "hour", "utc_offset", "what", "name", "from_seconds", "to_seconds", "number")
MONTH = 31 * DAY
WITH_LENGTH = ("visit", "zone_stay")


class RowSource(Protocol):
    """Counts that can be read row by row."""

    def rows(self, since: int = ..., until: int = ...) -> list[Row]:
        """Return what was counted in the hours that begin in since <= start < until, in order."""
        ...

    def first_hour(self, since: int = ...) -> int | None:
        """Return when the first hour from `since` on begins in which something was counted; None for none."""
        ...


def csv_parts(source: RowSource | None, first: date, last: date) -> Iterator[str]:
    """Tell what was counted between two days of the venue, both included: the head, then month by month."""
    yield _line(CSV_HEAD)
    if source is None:
        return
    lines = _Lines(first, last)
    # The file knows hours by UTC, from which a venue is up to 14 hours away.
    at, end = midnight(first) - DAY, midnight(last) + 2 * DAY
    while (since := source.first_hour(at)) is not None and since < end:
        at = since + MONTH
        yield lines.of(source.rows(since, min(at, end)))


class _Lines:
    """Makes lines of rows. What they have in common is made once: of an hour, and of each thing counted."""

    def __init__(self, first: date, last: date) -> None:
        self._first, self._last = first, last
        self._things: dict[tuple[str, str, int], str] = {}

    def of(self, rows: Iterable[Row]) -> str:
        """Return the lines of rows that are in order, those of other days left out."""
        lines: list[str] = []
        things, place, before = self._things, "", (0, 0)
        for start, offset, what, name, bucket, number in rows:
            if (start, offset) != before or not lines:
                before, place = (start, offset), self._place(LocalHour(start, offset))
            if place:
                thing = things.get((what, name, bucket)) or self._thing(what, name, bucket)
                lines.append(f"{place}{thing}{number}\n")
        return "".join(lines)

    def _place(self, hour: LocalHour) -> str:
        """Return how an hour's lines begin; nothing for one that is not wanted."""
        begins = hour.begins
        if not self._first <= begins.date() <= self._last:
            return ""
        return f"{begins.date().isoformat()},{begins:%H:%M},{begins.isoformat()[19:]},"

    def _thing(self, what: str, name: str, bucket: int) -> str:
        start, end = bounds_of(bucket) if what in WITH_LENGTH else ("", "")
        text = _line((what, _harmless(name), start, "" if end is None else end, ""))[:-1]
        self._things[what, name, bucket] = text
        return text


def _line(values: tuple[object, ...]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(values)
    return text.getvalue()


def _harmless(text: str) -> str:
    """Return text that no spreadsheet takes for a formula."""
    return "'" + text if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
