"""Opening hours: laws over random rules in every zone whose clocks change, and life stories of one venue."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone
from functools import cache
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posekit.show.hours import Hours
from posekit.show.hours_rules import DAYS, read_closed, read_extra, read_open, read_time

BERLIN = "Europe/Berlin"


def hours(**lines: Any) -> Hours:
    table = {"timezone": BERLIN, "open": (), "closed": (), "extra": (), **lines}
    return Hours.from_settings(SimpleNamespace(**table))


def at(text: str, zone: str = BERLIN, fold: int = 0) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).timestamp()


def told(when: float | None, zone: str = BERLIN) -> str:
    return "never" if when is None else datetime.fromtimestamp(when, ZoneInfo(zone)).isoformat(" ", "minutes")


@cache
def changing_zones() -> tuple[str, ...]:
    """Every zone whose clocks are changed in 2026."""
    months = [datetime(2026, month, 1, tzinfo=timezone.utc).timestamp() for month in range(1, 13)]
    return tuple(
        name
        for name in sorted(available_timezones())
        if name != "localtime" and len({offset(month, name) for month in months}) > 1
    )


def offset(instant: float, zone: str) -> float:
    found = datetime.fromtimestamp(instant, ZoneInfo(zone)).utcoffset()
    assert found is not None
    return found.total_seconds()


@cache
def change_days(zone: str) -> tuple[date, ...]:
    """The local days of 2026 around which the clocks of a zone are changed."""
    days = [date(2026, 1, 2) + timedelta(days=number) for number in range(362)]
    noons = [datetime(day.year, day.month, day.day, tzinfo=timezone.utc).timestamp() for day in days]
    offsets = [offset(noon, zone) for noon in noons]
    return tuple(
        day for day, before, after in zip(days, offsets, offsets[1:], strict=False) if before != after
    )


def minutes(number: int) -> str:
    return f"{number // 60:02}:{number % 60:02}"


@st.composite
def spans(draw: Any) -> str:
    # Mostly in the night, when clocks are changed, and as short as an opening that falls into the gap.
    begin = draw(st.one_of(st.integers(0, 239), st.integers(0, 1439)))
    length = draw(st.one_of(st.integers(1, 90), st.integers(1, 1439)))
    end = begin + length
    return f"{minutes(begin)}-{minutes(end % 1440 if end != 1440 else 1440)}"


open_lines = st.builds(
    lambda days, times: f"{','.join(days)} {times}",
    st.lists(st.sampled_from((*DAYS, "mon-fri", "sat-mon", "daily")), min_size=1, max_size=3),
    st.one_of(spans(), st.builds("{},{}".format, spans(), spans()), st.just("closed")),
)


@st.composite
def timetables(draw: Any) -> tuple[Hours, date]:
    zone = draw(st.sampled_from(changing_zones()))
    around = draw(st.sampled_from(change_days(zone)))
    near = st.integers(-4, 4).map(lambda days: around + timedelta(days=days))
    closed = draw(st.lists(near.map(str), max_size=2))
    extra = draw(st.lists(st.builds("{} {}".format, near, spans()), max_size=2))
    lines = draw(st.lists(open_lines, min_size=1, max_size=3))
    return hours(timezone=zone, open=tuple(lines), closed=tuple(closed), extra=tuple(extra)), around


def offsets(instants: np.ndarray, zone: str) -> np.ndarray:
    """Return the offset of each minute; those of an hour at once, where it begins and ends with the same."""
    found = np.empty(len(instants))
    for start in range(0, len(instants), 60):
        hour = instants[start : start + 60]
        first, last = offset(hour[0], zone), offset(hour[-1], zone)
        found[start : start + 60] = first if first == last else [offset(minute, zone) for minute in hour]
    return found


def open_by_the_minute(table: Hours, around: date, instants: np.ndarray) -> np.ndarray:
    """The law, minute by minute: the clock on the wall decides, and no opening is lost or happens twice."""
    zone = table.timezone or ""
    local = instants + offsets(instants, zone)
    is_open = np.zeros(len(instants), bool)
    for number in range(-9, 10):
        day = around + timedelta(days=number)
        midnight = datetime(day.year, day.month, day.day, tzinfo=timezone.utc).timestamp()
        for begin, end in table.spans(day):
            shown = np.flatnonzero((local >= midnight + begin) & (local < midnight + end))
            if len(shown):
                is_open[shown[0] : shown[-1] + 1] = True
            elif local[0] < midnight + begin and local[-1] >= midnight + end:  # wholly in an hour that is not
                jump = int(np.flatnonzero(local >= midnight + begin)[0])
                is_open[jump : jump + (end - begin) // 60] = True
    return is_open


@settings(max_examples=60, deadline=None)
@given(timetables())
def test_the_weeks_of_a_change_of_the_clocks_by_the_minute(drawn: tuple[Hours, date]) -> None:
    table, around = drawn
    middle = datetime(around.year, around.month, around.day, tzinfo=timezone.utc).timestamp()
    instants = np.arange(middle - 6 * 86400, middle + 6 * 86400, 60.0)
    expected = open_by_the_minute(table, around, instants)
    found = np.zeros(len(instants), bool)
    now = float(instants[0])
    is_open = table.is_open(now)
    while now < instants[-1]:
        change = table.next_change(now)
        assert change is None or change > now
        until = instants[-1] + 60 if change is None else change
        found[(instants >= now) & (instants < until)] = is_open
        if change is not None:
            assert table.is_open(change) is not is_open
            assert table.is_open(change - 0.5) is is_open
        now, is_open = until, not is_open
    wrong = np.flatnonzero(found != expected)
    assert not len(wrong), told(float(instants[wrong[0]]), table.timezone or "")


@settings(max_examples=60, deadline=None)
@given(timetables(), st.floats(-8 * 86400, 8 * 86400))
def test_it_changes_at_the_next_change_and_never_before(drawn: tuple[Hours, date], later: float) -> None:
    table, around = drawn
    now = datetime(around.year, around.month, around.day, tzinfo=timezone.utc).timestamp() + later
    change = table.next_change(now)
    until = now + 9 * 86400 if change is None else change
    assert until > now
    assert {table.is_open(float(instant)) for instant in np.linspace(now, until, 40, endpoint=False)} == {
        table.is_open(now)
    }


@pytest.mark.parametrize(
    "zone", ["Australia/Lord_Howe", "Antarctica/Troll", "America/Nuuk", "Africa/Casablanca"]
)
def test_zones_that_change_by_other_than_an_hour(zone: str) -> None:
    assert zone in changing_zones()
    table = hours(timezone=zone, open=("daily 22:00-02:30",))
    openings = 0
    now, end = at("2026-01-01 12:00", zone), at("2026-12-31 12:00", zone)
    while (change := table.next_change(now)) is not None and change < end:
        openings += table.is_open(change)
        now = change
    assert openings == 364


def test_a_year_of_a_house_that_is_open_while_the_clocks_change() -> None:
    table = hours(open=("daily 10:00-18:00", "sat 22:00-02:30", "sun 02:15-02:45"))
    # In spring 02:00 becomes 03:00: Saturday's night ends when the clock jumps, and what would have been in
    # the missing hour follows at once.
    assert told(table.next_change(at("2026-03-28 23:00"))) == "2026-03-29 03:30+02:00"
    assert told(table.next_change(at("2026-03-28 12:00"))) == "2026-03-28 22:00+01:00"
    # In autumn 03:00 becomes 02:00: what lies in the hour that comes twice happens once.
    assert told(table.next_change(at("2026-10-24 23:00"))) == "2026-10-25 02:45+01:00"
    alone = hours(open=("sun 02:15-02:45",))
    assert told(alone.next_change(at("2026-03-28 12:00"))) == "2026-03-29 03:00+02:00"
    assert told(alone.next_change(at("2026-03-29 03:00"))) == "2026-03-29 03:30+02:00"
    assert told(alone.next_change(at("2026-10-24 12:00"))) == "2026-10-25 02:15+02:00"
    assert told(alone.next_change(at("2026-10-25 02:15"))) == "2026-10-25 02:45+01:00"


def test_later_lines_win_for_their_days() -> None:
    table = hours(open=("tue-sun 10:00-18:00", "thu 10:00-20:00", "sat closed"))
    assert table.is_open(at("2026-11-24 10:00"))  # a Tuesday
    assert not table.is_open(at("2026-11-24 18:00"))
    assert table.is_open(at("2026-11-26 19:59"))
    assert not table.is_open(at("2026-11-28 12:00"))
    assert not table.is_open(at("2026-11-23 12:00"))
    assert told(table.next_change(at("2026-11-27 18:00"))) == "2026-11-29 10:00+01:00"


def test_closed_days_and_what_is_instead_of_them() -> None:
    table = hours(
        open=("daily 10:00-18:00",),
        closed=("2026-12-24", "2026-08-01..2026-08-14"),
        extra=("2026-12-24 12:00-13:00", "2026-12-24 15:00-16:00", "2026-12-27 08:00-09:00"),
    )
    assert told(table.next_change(at("2026-07-31 18:00"))) == "2026-08-15 10:00+02:00"
    changes, now = [], at("2026-12-23 18:00")
    for _ in range(5):
        now = table.next_change(now) or 0.0
        changes.append(told(now)[5:16])
    assert changes == ["12-24 12:00", "12-24 13:00", "12-24 15:00", "12-24 16:00", "12-25 10:00"]
    assert table.is_open(at("2026-12-27 08:30"))
    assert not table.is_open(at("2026-12-27 12:00"))


def test_a_night_belongs_to_the_day_on_which_it_begins() -> None:
    table = hours(open=("fri,sat 22:00-02:00",), closed=("2026-11-28",))
    assert table.is_open(at("2026-11-28 01:59"))  # Friday's night, though Saturday is a closed day
    assert not table.is_open(at("2026-11-28 23:00"))
    assert not table.is_open(at("2026-11-29 01:00"))


def test_always_open_and_never_open() -> None:
    always = hours()
    assert always.is_always_open
    assert always.is_open(at("2026-01-01 00:00"))
    assert always.next_change(at("2026-01-01 00:00")) is None
    through = hours(open=("daily 00:00-24:00",))
    assert through.next_change(at("2026-01-01 00:00")) is None
    assert through.is_open(at("2026-10-25 02:30", fold=1))
    never = hours(open=("daily closed",))
    assert never.next_change(at("2026-01-01 00:00")) is None
    assert not never.is_open(at("2026-01-01 12:00"))
    but_one = hours(closed=("2031-12-24",))
    assert told(but_one.next_change(at("2026-01-01 00:00"))) == "2031-12-24 00:00+01:00"
    assert told(but_one.next_change(at("2031-12-24 00:00"))) == "2031-12-25 00:00+01:00"


def test_whoever_said_no_zone_has_the_machines(monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    if not hasattr(time, "tzset"):
        pytest.skip("the zone of this system cannot be changed for a test")
    lines = {"open": ("daily 22:00-02:30", "sun 02:15-02:45")}
    named, own = hours(timezone="America/New_York", **lines), hours(timezone=None, **lines)
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        for start in ("2026-03-07 12:00", "2026-10-31 12:00", "2026-06-01 00:00"):
            now: float | None = at(start)
            for _ in range(6):
                assert now is not None
                assert own.is_open(now) == named.is_open(now)
                assert own.next_change(now) == named.next_change(now)
                now = named.next_change(now)
    finally:
        monkeypatch.undo()
        time.tzset()


def test_a_clock_that_is_plainly_wrong() -> None:
    table, floor = hours(open=("daily 10:00-18:00",)), at("2026-11-22 00:00")
    assert table.is_plausible(floor, floor)
    assert table.is_plausible(floor - 3600, floor)
    assert table.is_plausible(at("2040-01-01 00:00"), floor)
    for wrong in (0.0, at("2015-01-01 00:00"), at("2090-01-01 00:00"), -1e12, 1e18):
        assert not table.is_plausible(wrong, floor)
        table.is_open(wrong)
        table.next_change(wrong)


@pytest.mark.parametrize(
    ("read", "line", "sentence"),
    [
        (read_open, "tues 10:00-18:00", "did you mean 'tue'"),
        (read_open, "wednesdy 10:00-18:00", "did you mean 'wednesday'"),
        (read_open, "x 10:00-18:00", "days are mon, tue"),
        (read_open, "mon", "has no times"),
        (read_open, "mon 10:00", "no span of time"),
        (read_open, "mon 10:00-25:00", "from 00:00 to 24:00"),
        (read_open, "mon 10:00-18:60", "from 00:00 to 24:00"),
        (read_open, "mon 10-half six", "'half six' is no time of day"),
        (read_open, "mon 10:00-10:00", "00:00-24:00 for a whole day"),
        (read_open, "mon 24:00-02:00", "nothing can open at 24:00"),
        (read_closed, "24.12.2026", "year-month-day"),
        (read_closed, "2026-02-30", "is no date"),
        (read_closed, "2026-08-14..2026-08-01", "earlier day first"),
        (read_closed, "2026-01-01..2126-01-01", "ten years"),
        (read_extra, "2026-12-26", "has no times"),
        (read_extra, "tomorrow 10:00-12:00", "is no date"),
        (read_time, "4.30", "is no time of day"),
    ],
)
def test_what_cannot_be_read_gets_one_sentence(read: Any, line: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=re.escape(sentence)) as refused:
        read(line)
    assert "\n" not in str(refused.value)


@given(st.text(max_size=30))
def test_no_line_raises_anything_else(line: str) -> None:
    for read in (read_open, read_closed, read_extra, read_time):
        try:
            read(line)
        except ValueError as refused:
            assert "\n" not in str(refused) or "\n" in line
