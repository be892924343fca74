"""The report of a week in words, tables and two drawings."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from posekit.records.bars import bars, hour_map
from posekit.records.paper import Bullets, Drawing, Grid, Paper, Section
from posekit.show.state import TROUBLES

if TYPE_CHECKING:
    from posekit.records.paper import Block
    from posekit.records.report import Report

DAY_NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MOST_ROWS = 12


def report_paper(report: Report) -> Paper:
    """Lay a report out."""
    lead = (
        f"{_long_day(report.first)} to {_long_day(report.last)}, beside the {len(report.days)} days before."
    )
    foot = (
        "A visit counts when it is over, in the hour it ends, by the venue's clock. Lengths are kept as one "
        f"of {len(report.dwell)} steps, so a median is as exact as these. Whoever goes out of the picture "
        "and comes back later counts twice."
    )
    sections = (_visits(report), _hours(report), _dwell(report), _places(report), _health(report))
    found = tuple(section for section in sections if section is not None)
    return Paper(f"{report.title}: {len(report.days)} days", lead, found, foot)


def _visits(report: Report) -> Section:
    now, before = report.now, report.before
    words = [f"{now.visits:,} visits, {_compared(now.visits, before.visits)}."]
    if now.median is not None:
        old = f"; {told_seconds(before.median)} in the days before" if before.median is not None else ""
        words.append(f"Half of them were shorter than {told_seconds(now.median)}{old}.")
    busiest = report.busiest
    if busiest is not None:
        day, hour = _short_day(busiest["day"]), busiest["hour"]
        words.append(f"The busiest hour began on {day} at {hour}: {busiest['visits']} visits.")
    rows = tuple(
        (
            *(_short_day(day["day"]), day["visits"], day["visits_before"]),
            *(told_seconds(day["median"]), told_seconds(day["open"]), told_seconds(day["uptime"])),
        )
        for day in report.days
    )
    names = [_short_day(day["day"]) for day in report.days]
    caption = "Visits of each day; pale, those of the same day before"
    drawing = bars(
        caption,
        names,
        [day["visits"] for day in report.days],
        [day["visits_before"] for day in report.days],
    )
    head = ("day", "visits", "before", "median", "open", "running")
    return Section("Visits", (" ".join(words), Drawing(drawing, caption), Grid(head, rows)))


def _hours(report: Report) -> Section | None:
    if not report.hours:
        return None
    starts = [int(row["hour"][:2]) for row in report.hours]
    hours = [f"{hour:02}:00" for hour in range(min(starts), max(starts) + 1)]
    visits = {(_short_day(row["day"]), row["hour"]): int(row["visits"]) for row in report.hours}
    days = [_short_day(day["day"]) for day in report.days]
    rows = tuple((day, *(visits.get((day, hour), 0) or "" for hour in hours)) for day in days)
    caption = "Visits of each day and hour"
    drawing = Drawing(hour_map(caption, days, hours, visits), caption)
    return Section("Day and hour", (drawing, Grid(("", *(hour[:2] for hour in hours)), rows, is_drawn=True)))


def _dwell(report: Report) -> Section | None:
    if not report.now.visits:
        return None
    rows = tuple(
        (_bucket(row["from"], row["to"]), row["visits"], f"{row['visits'] / report.now.visits:.0%}")
        for row in report.dwell
        if row["visits"]
    )
    return Section("How long they stayed", (Grid(("length", "visits", "share"), rows),))


def _places(report: Report) -> Section | None:
    blocks: list[Block] = []
    if report.zones:
        rows = tuple((row["zone"], row["entries"], told_seconds(row["median"])) for row in report.zones)
        blocks.append(Grid(("zone", "entries", "median stay"), rows))
    if report.gestures:
        rows_of = tuple(report.gestures.items())[:MOST_ROWS]
        blocks.append(Grid(("gesture", "times"), rows_of))
    return Section("Zones and gestures", tuple(blocks)) if blocks else None


def _health(report: Report) -> Section:
    now, before = report.now, report.before
    words = f"It ran for {told_seconds(now.uptime)} and was open for {told_seconds(now.open)} of that"
    blocks: list[Block] = [f"{words}; in the days before {told_seconds(before.uptime)}."]
    restarts = [f"{part}: {_times(times)}" for part, times in now.restarts.items()]
    blocks.append(f"Restarts that were not planned: {', '.join(restarts) or 'none'}.")
    if now.troubles:
        rows = tuple(
            (
                *(name, row["times"], told_seconds(row["seconds"])),
                *(before.troubles.get(name, {}).get("times", 0), TROUBLES.get(name, "")),
            )
            for name, row in now.troubles.items()
        )
        blocks.append(Grid(("fault", "times", "together", "before", "what it is"), rows))
    else:
        blocks.append("No fault was seen.")
    gone = [name for name in before.troubles if name not in now.troubles]
    if gone:
        blocks.append(Bullets(tuple(f"No longer: {name}" for name in gone)))
    return Section("The show itself", tuple(blocks))


def told_seconds(seconds: float | None) -> str:
    """Return a length as people say it: `41 s`, `3 min`, `7.5 h`, `-` for none."""
    if seconds is None:
        return "-"
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


def _compared(now: int, before: int) -> str:
    if not before:
        return "none in the days before" if now else "as in the days before"
    change = (now - before) / before
    return (
        f"{abs(change):.0%} {'more' if change > 0 else 'fewer'} than the {before:,} before"
        if change
        else "as before"
    )


def _bucket(start: float, end: float | None) -> str:
    return (
        f"up to {told_seconds(end)}"
        if not start
        else f"{told_seconds(start)} and more"
        if end is None
        else (f"{told_seconds(start)} to {told_seconds(end)}")
    )


def _times(times: int) -> str:
    return {1: "once", 2: "twice"}.get(times, f"{times} times")


def _short_day(day: str) -> str:
    found = date.fromisoformat(day)
    return f"{DAY_NAMES[found.weekday()]} {found.day} {MONTHS[found.month - 1]}"


def _long_day(day: date) -> str:
    return f"{_short_day(day.isoformat())} {day.year}"
