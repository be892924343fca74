"""A week of a show: how many came, when, how long they stayed, and how the show itself did."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from posekit.records.reader import lengths_in, most_first, numbers_of, zones_in
from posekit.records.tally import EDGES, bounds_of, median_seconds

if TYPE_CHECKING:
    from posekit.records.reader import Records
    from posekit.records.tally import Key


@dataclass(frozen=True)
class Span:
    """What was counted in some days."""

    visits: int
    median: float | None
    """Seconds; None when nobody came."""
    uptime: int
    """Seconds that the supervisor ran."""
    open: int
    """Seconds that the show was open."""
    troubles: dict[str, dict[str, int]]
    """By name: how many times, and seconds altogether; the longest first."""
    restarts: dict[str, int]
    """By process, planned renewals not counted."""


@dataclass(frozen=True)
class Report:
    """Some days of a show, beside as many before them."""

    title: str
    first: date
    last: date
    now: Span
    before: Span
    days: tuple[dict[str, Any], ...]
    """As `Records.days`, with `visits_before` of the same weekday."""
    hours: tuple[dict[str, Any], ...]
    """day, hour, visits: of every hour that had one."""
    dwell: tuple[dict[str, Any], ...]
    """from, to, visits: how many visits were how long."""
    zones: tuple[dict[str, Any], ...]
    gestures: dict[str, int]

    @property
    def busiest(self) -> dict[str, Any] | None:
        """The hour with the most visits, the earliest of several; None when nobody came."""
        return max(self.hours, key=lambda row: int(row["visits"]), default=None)

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain values, for JSON."""
        plain = {**asdict(self), "busiest": self.busiest}
        return {**plain, "first": self.first.isoformat(), "last": self.last.isoformat()}


def make_report(records: Records, title: str, last: date, count: int = 7) -> Report:
    """Return the report of the `count` days up to and with `last`."""
    first = last - timedelta(days=count - 1)
    counted = records.counted(first, last)
    counted_before = records.counted(first - timedelta(days=count), first - timedelta(days=1))
    before = records.days(count, first - timedelta(days=1))
    days = tuple(
        {**day, "visits_before": old["visits"]}
        for day, old in zip(records.days(count, last), before, strict=True)
    )
    lengths = lengths_in(counted, "visit")
    spans = ((bounds_of(bucket), lengths[bucket]) for bucket in range(len(EDGES) + 1))
    return Report(
        title,
        first,
        last,
        _span(counted),
        _span(counted_before),
        days,
        _hours(counted),
        tuple({"from": start, "to": end, "visits": number} for (start, end), number in spans),
        tuple(zones_in(counted)),
        dict(most_first(numbers_of(counted, "gesture"))),
    )


def _span(counted: Counter[Key]) -> Span:
    lengths = lengths_in(counted, "visit")
    times, seconds = numbers_of(counted, "trouble"), numbers_of(counted, "trouble_seconds")
    names = sorted({*times, *seconds}, key=lambda name: (-seconds[name], name))
    return Span(
        sum(lengths.values()),
        median_seconds(lengths),
        sum(numbers_of(counted, "uptime").values()),
        sum(numbers_of(counted, "open").values()),
        {name: {"times": times[name], "seconds": seconds[name]} for name in names},
        dict(sorted(numbers_of(counted, "restart").items())),
    )


def _hours(counted: Counter[Key]) -> tuple[dict[str, Any], ...]:
    """Return hours that had visits; the two of one name, where the clock is put back, are one."""
    visits: Counter[tuple[str, str]] = Counter()
    for key, number in counted.items():
        if key.what == "visit":
            begins = key.hour.begins
            visits[begins.date().isoformat(), begins.strftime("%H:00")] += number
    return tuple({"day": day, "hour": hour, "visits": visits[day, hour]} for day, hour in sorted(visits))
