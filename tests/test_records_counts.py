"""Counts of a show: every visit once, in the venue's hour, and nothing by which one could be known."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections import Counter
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posekit.clock import ManualWall
from posekit.records.counts import Counts
from posekit.records.local_hour import LocalHour, local_hour
from posekit.records.reader import Records
from posekit.records.tally import EDGES, Key, bounds_of, bucket_of, median_seconds
from posekit.scene import Empty, Enter, First, Gesture, Leave, ZoneEvent
from posekit.show.state import Part, ShowState, Trouble

BERLIN = ZoneInfo("Europe/Berlin")


def instant(text: str, zone=BERLIN) -> float:
    """Return wall time of a local date and time."""
    return datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()


@pytest.fixture
def wall() -> ManualWall:
    return ManualWall(instant("2026-11-22T15:00"))


@pytest.fixture
def open_counts(tmp_path: Path, wall: ManualWall):
    """Return a function that opens the counts in tmp_path; all are closed again."""
    opened = []

    def open_one(**options) -> Counts:
        opened.append(Counts(tmp_path / "records/counts.sqlite", wall, **{"zone": BERLIN, **options}))
        return opened[-1]

    yield open_one
    for counts in opened:
        counts.close()


def test_a_visit_counts_when_it_is_over_in_the_hour_that_it_ends(open_counts, wall) -> None:
    counts = open_counts()
    wall.seconds = instant("2026-11-22T15:59:50")
    counts.note([Enter(1), First()])
    assert counts.visits_today() == 0
    wall.seconds = instant("2026-11-22T16:00:10")
    counts.note([Leave(1, visit=20.0), Empty()])
    assert counts.visits_today() == 1
    assert counts.flush()
    assert counts.visits_today() == 1
    hours = {row["hour"]: row["visits"] for row in Records(None, counts).hours() if row["visits"]}
    assert hours == {"16:00": 1}


@pytest.mark.parametrize("reason", ["gone", "camera", "engine", "cut", "reset"])
def test_a_visit_is_over_whatever_ended_it_and_whoever_comes_back_is_new(reason: str, open_counts) -> None:
    counts = open_counts()
    counts.note([Enter(1), Leave(1, visit=20.0, reason=reason), Enter(2)])
    counts.note([Leave(2, visit=4.0)])
    assert counts.visits_today() == 2


def test_zones_and_gestures_are_counted_too(open_counts) -> None:
    counts = open_counts()
    counts.note(
        [
            ZoneEvent("zone_enter", 1, zone="stage", occupancy=1),
            ZoneEvent("zone_dwell", 1, zone="stage", stay=2.0),
            *(Gesture("wave", 1, phase=phase) for phase in ("start", "progress", "held", "end")),
            Gesture("jump", 1),
            ZoneEvent("zone_leave", 1, zone="stage", stay=25.0),
            ZoneEvent("zone_enter", 2, zone="door", occupancy=1),
        ]
    )
    records = Records(None, counts)
    assert records.zones() == [
        {"zone": "door", "entries": 1, "median": None},
        {"zone": "stage", "entries": 1, "median": 25.0},
    ]
    assert records.gestures() == [{"gesture": "jump", "times": 1}, {"gesture": "wave", "times": 1}]


def test_the_days_visits_are_known_after_a_restart_and_begin_anew_at_midnight(open_counts, wall) -> None:
    counts = open_counts()
    counts.note([Leave(1, visit=20.0)] * 3)
    counts.close()
    counts = open_counts()
    assert counts.visits_today() == 3
    wall.seconds = instant("2026-11-23T00:00:01")
    assert counts.visits_today() == 0
    counts.note([Leave(1, visit=20.0)])
    counts.tick()
    assert counts.flush()
    assert counts.visits_today() == 1
    wall.seconds = instant("2026-11-22T23:59:59")  # the clock was put right
    counts.note([Leave(1, visit=20.0)])
    assert counts.flush()
    counts.tick()
    counts.close()
    assert counts.visits_today() == 4


@pytest.mark.parametrize(
    ("day", "zone", "hours", "twice", "missing"),
    [
        ("2026-10-25", BERLIN, 25, "02:00", None),
        ("2026-03-29", BERLIN, 23, None, "02:00"),
        ("2026-11-22", BERLIN, 24, None, None),
        ("2026-11-22", ZoneInfo("Asia/Kolkata"), 24, None, None),
        ("2026-11-22", ZoneInfo("Asia/Kathmandu"), 24, None, None),
        ("2026-09-06", ZoneInfo("America/Santiago"), 23, None, "00:00"),  # midnight itself does not exist
        ("2011-12-31", ZoneInfo("Pacific/Apia"), 24, None, None),  # the day before was left out
    ],
)
def test_a_day_has_the_hours_that_its_clock_shows(
    day, zone, hours, twice, missing, open_counts, wall
) -> None:
    counts = open_counts(zone=zone)
    start = datetime.fromisoformat(day).replace(tzinfo=timezone.utc).timestamp() - 15 * 3600
    noted: Counter[tuple[str, str]] = Counter()
    for step in range(54 * 4):
        wall.seconds = start + step * 900 + 60
        counts.note([Leave(1, visit=20.0)])
        local = datetime.fromtimestamp(wall.seconds, zone)
        noted[local.date().isoformat(), f"{local:%H}:00"] += 1
    assert counts.flush()
    found = Records(None, counts).hours(day)
    assert len(found) == hours
    names = [row["hour"] for row in found]
    assert names == sorted(names)
    assert [name for name, times in Counter(names).items() if times > 1] == ([twice] if twice else [])
    assert missing not in names
    assert {row["day"] for row in found} == {day}
    shown: Counter[str] = Counter()
    for row in found:
        shown[row["hour"]] += row["visits"]
    assert shown == {hour: times for (on, hour), times in noted.items() if on == day}
    assert sum(shown.values()) == hours * 4


@given(st.floats(-1e18, 1e18) | st.sampled_from([float("inf"), float("-inf"), float("nan")]))
def test_no_clock_is_so_wrong_that_there_is_no_hour(at: float) -> None:
    for zone in (BERLIN, None, timezone.utc):
        hour = local_hour(at, zone)
        assert isinstance(hour.day, date)
        assert (hour.begins.minute, hour.begins.second) == (0, 0)


ZONES = st.sampled_from(["Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe"])


@given(st.integers(200_000, 4_000_000_000), ZONES)
def test_an_hour_holds_its_own_instants(at: int, name: str) -> None:
    zone = ZoneInfo(name)
    hour, local = local_hour(at, zone), datetime.fromtimestamp(at, zone)
    assert 0 <= at - hour.start < 3600
    assert hour.day == local.date()
    assert hour.begins.hour == local.hour


names = st.sampled_from(["stage", "door", "Bühne", "a'b"])
lengths = st.floats(0, 8000) | st.sampled_from([float("nan"), *map(float, EDGES)])
events = st.one_of(
    st.builds(Enter, st.integers(1, 9)),
    st.builds(Leave, st.integers(1, 9), visit=lengths),
    st.builds(
        ZoneEvent, st.sampled_from(["zone_enter", "zone_dwell", "zone_leave"]), zone=names, stay=lengths
    ),
    st.builds(Gesture, st.sampled_from(["wave", "jump"]), phase=st.sampled_from(["start", "held", "end"])),
)
steps = st.one_of(
    st.lists(events, max_size=4),
    st.sampled_from(["restart", "keep", "tick", "lock"]),
    st.integers(-3 * 3600, 60 * 3600),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(steps, max_size=25))
def test_whatever_happens_the_file_says_what_a_table_in_memory_says(life) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path, wall = Path(folder) / "counts.sqlite", ManualWall(instant("2026-10-24T12:00"))
        model: Counter[tuple] = Counter()
        counts = Counts(path, wall, zone=BERLIN)
        try:
            for step in life:
                if isinstance(step, int):
                    wall.seconds += step
                elif step == "restart":
                    counts.close()
                    counts = Counts(path, wall, zone=BERLIN)
                elif step == "keep":
                    assert counts.flush()
                elif step == "tick":
                    counts.tick()
                elif step == "lock":
                    with sqlite3.connect(path) as other:  # a backup that reads in the middle of it
                        other.execute("SELECT count(*) FROM counts").fetchone()
                    other.close()
                else:
                    counts.note(step)
                    model.update(told_plainly(step, wall.seconds))
            assert plain(counts.read()) == model
            today = datetime.fromtimestamp(wall.seconds, BERLIN).date()
            counts.tick()
            assert counts.flush()
            counts.close()
            assert counts.integrity() == []
            counts = Counts(path, wall, zone=BERLIN)
            assert plain(counts.read()) == model
            visits = sum(n for key, n in model.items() if key[2] == "visit" and key[0] == today)
            assert counts.visits_today() == visits
        finally:
            counts.close()


def told_plainly(happened, wall_time: float) -> Counter[tuple]:
    """Count as the module's documentation says, in other words than the module's."""
    local = datetime.fromtimestamp(wall_time, BERLIN)
    at, found = (local.date(), (local.hour, local.utcoffset())), Counter()
    for event in happened:
        kind = {"leave": "visit", "zone_enter": "zone_enter", "zone_leave": "zone_stay"}.get(event.name)
        if isinstance(event, Gesture):
            kind = "gesture" if event.phase == "start" else None
        if kind is None:
            continue
        name = event.name if kind == "gesture" else getattr(event, "zone", "")
        length = getattr(event, "visit", getattr(event, "stay", 0.0)) if kind in ("visit", "zone_stay") else 0
        found[(*at, kind, name, sum(length >= edge for edge in EDGES))] += 1
    return Counter({(day, hour, *rest): n for (day, hour, *rest), n in found.items()})


def plain(counted: Counter[Key]) -> Counter[tuple]:
    found: Counter[tuple] = Counter()
    for key, number in counted.items():
        begins = key.hour.begins
        found[begins.date(), (begins.hour, begins.utcoffset()), key.what, key.name, key.bucket] += number
    return Counter({(day, hour, *rest): n for (day, hour, *rest), n in found.items()})


def test_nothing_in_the_file_could_tell_one_visit_from_another(open_counts, tmp_path, wall) -> None:
    counts = open_counts()
    wall.seconds += 1234.567
    counts.note([Enter(4711, 3, 99.25), Leave(4711, 3, 99.25, visit=23.456), Gesture("wave", 4711, 3)])
    counts.note([ZoneEvent("zone_leave", 4711, zone="stage", stay=17.89)])
    assert counts.flush()
    counts.close()
    with sqlite3.connect(tmp_path / "records/counts.sqlite") as file:
        tables = {row[0] for row in file.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        columns = [row[1] for row in file.execute("PRAGMA table_info(counts)")]
        rows = file.execute("SELECT * FROM counts").fetchall()
    file.close()
    assert tables == {"counts", "last_batch"}
    assert columns == ["start", "utc_offset", "what", "name", "bucket", "number"]
    hour = int(instant("2026-11-22T15:00"))
    assert sorted(rows) == [
        (hour, 3600, "gesture", "wave", 0, 1),
        (hour, 3600, "visit", "", bucket_of(23.456), 1),
        (hour, 3600, "zone_stay", "stage", bucket_of(17.89), 1),
    ]


def test_broken_files_that_were_put_aside_go_as_old_hours_do(open_counts, wall, tmp_path) -> None:
    """What is promised of the counts holds for the copies of them, too."""
    counts = open_counts(keep_days=30)
    records = tmp_path / "records"
    for name, age in (("old", 33), ("young", 20)):
        for ending in ("", "-wal"):
            path = records / f"counts.broken-{name}.sqlite{ending}"
            path.touch()
            os.utime(path, (wall.seconds - age * 86400,) * 2)
    for _ in range(2):
        counts.note([Leave(1, visit=3.0)])
        assert counts.flush()
        wall.seconds += 86400
        counts.tick()
    counts.close()
    assert {path.name for path in records.glob("*broken*")} == {
        "counts.broken-young.sqlite",
        "counts.broken-young.sqlite-wal",
    }


def test_old_hours_go_and_the_rest_stays(open_counts, wall) -> None:
    counts = open_counts(keep_days=30)
    first = wall.seconds
    for day in range(60):
        wall.seconds = first + day * 86400
        counts.note([Leave(1, visit=3.0)])
        counts.tick()
        assert counts.flush()
    counts.close()
    counts = open_counts(keep_days=30)
    days = {key.hour.day for key in counts.read()}
    last = datetime.fromtimestamp(wall.seconds, BERLIN).date()
    assert last in days
    assert min(days) == last - timedelta(days=31)
    assert len(days) == 32


def test_hours_are_kept_for_as_long_as_is_said_while_it_counts(open_counts, wall) -> None:
    counts = open_counts(keep_days=60)
    first = wall.seconds
    for day in range(50):
        wall.seconds = first + day * 86400
        counts.note([Leave(1, visit=3.0)])
        counts.tick()
        assert counts.flush()
    assert len(counts.read()) == 50
    counts.keep_for(30)
    counts.note([Leave(1, visit=3.0)])
    until = time.monotonic() + 10
    while len(counts.read()) > 32 and time.monotonic() < until:
        time.sleep(0.02)
    assert len(counts.read()) == 32
    assert counts.visits_today() == 2
    counts.keep_for(400)  # what is gone does not come back, and nothing more goes
    assert counts.flush()
    assert len(counts.read()) == 32


class Reading(sqlite3.Connection):
    """A connection that lets something happen in the middle of a reading."""

    meanwhile = None

    def execute(self, sql: str, *values):
        found = super().execute(sql, *values)
        if Reading.meanwhile is not None and "number FROM counts" in sql:
            happens, Reading.meanwhile = Reading.meanwhile, None
            happens()
        return found


def test_who_reads_holds_nobody_up(open_counts, monkeypatch) -> None:
    """All of a year's counts took seconds to read, in which nothing was written."""
    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *a, **k: connect(*a, **{**k, "factory": Reading}))
    counts = open_counts()
    counts.note([Leave(1, visit=3.0)] * 3)
    assert counts.flush()
    kept = []

    def count_on() -> None:
        counts.note([Leave(1, visit=3.0)] * 4)
        kept.append(counts.flush(5.0))

    monkeypatch.setattr(Reading, "meanwhile", count_on)
    assert sum(counts.read().values()) == 3  # as it was when the reading began
    assert kept == [True]
    assert sum(counts.read().values()) == 7


def test_every_reading_finds_each_visit_once_while_they_are_counted(open_counts, monkeypatch) -> None:
    monkeypatch.setattr("posekit.records.counts.PAUSE", 0.001)
    counts = open_counts()
    is_over, noted = threading.Event(), [0]

    def count() -> None:
        while not is_over.is_set():
            counts.note([Leave(1, visit=3.0)])
            noted[0] += 1
            time.sleep(0.0002)

    counting = threading.Thread(target=count)
    counting.start()
    try:
        for _ in range(60):
            before = noted[0]
            found = sum(counts.read().values())
            assert before <= found <= noted[0] + 1
    finally:
        is_over.set()
        counting.join()
    assert counts.flush()
    assert sum(counts.read().values()) == noted[0]


def test_a_clock_that_is_years_ahead_clears_nothing(open_counts, wall) -> None:
    counts = open_counts(keep_days=30)
    counts.note([Leave(1, visit=3.0)])
    assert counts.flush()
    counts.close()
    wall.seconds = instant("2091-01-01T12:00")
    counts = open_counts(keep_days=30)
    counts.note([Leave(1, visit=3.0)])
    counts.tick()
    assert counts.flush()
    assert len(counts.read()) == 2


@pytest.mark.parametrize("what", ["text", "header", "middle", "other", "newer", "empty"])
def test_a_broken_file_is_kept_aside_and_a_new_one_begun(what: str, open_counts, tmp_path) -> None:
    counts = open_counts()
    for number in range(60):
        counts.note([Gesture(f"{'g' * 50}{number}", 1) for number in range(60)])
    assert counts.flush()
    counts.close()
    path = tmp_path / "records/counts.sqlite"
    data = bytearray(path.read_bytes())
    assert len(data) > 3 * 4096
    if what == "text":
        data = bytearray(b"visits: many\n" * 1000)
    elif what == "header":
        data[0:100] = bytes(100)
    elif what == "middle":
        data[4096 + 8 :] = b"\xa5" * (len(data) - 4096 - 8)
    path.write_bytes(data if what != "empty" else b"")
    if what in ("other", "newer"):
        with sqlite3.connect(path) as file:
            file.execute("PRAGMA user_version = 99" if what == "newer" else "ALTER TABLE counts RENAME TO x")
        file.close()
    broken, said = path.read_bytes(), []
    counts = open_counts(say=said.append)
    counts.note([Leave(1, visit=3.0)])
    assert counts.flush()
    assert counts.integrity() == []
    assert counts.visits_today() == 1
    kept = list(path.parent.glob("counts.broken-20261122-1500*.sqlite"))
    if what == "empty":
        assert (kept, said) == ([], [])
    else:
        assert [file.read_bytes() for file in kept] == [broken]
        assert len(said) == 1
        assert kept[0].name in said[0]


def test_a_locked_file_is_waited_for_in_memory(open_counts, tmp_path) -> None:
    said: list[str] = []
    counts = open_counts(say=said.append)
    counts.note([Leave(1, visit=3.0)])
    assert counts.flush()
    with sqlite3.connect(tmp_path / "records/counts.sqlite", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        counts.note([Leave(1, visit=3.0)] * 5)
        until = time.monotonic() + 30
        while not counts.problem and time.monotonic() < until:
            assert not counts.flush(0.1)
        assert "locked" in counts.problem
        assert counts.visits_today() == 6
        assert sum(counts.read().values()) == 6
        other.execute("ROLLBACK")
    other.close()
    assert counts.flush(10)
    assert sum(counts.read().values()) == 6
    counts.close()
    assert ["locked" in sentence for sentence in said] == [True, False]
    assert counts.problem == ""


def test_a_commit_of_which_nobody_knows_whether_it_stands_is_not_repeated(open_counts, monkeypatch) -> None:
    from posekit.records.counts_file import CountsFile

    add, fails = CountsFile.add, [True, False, True, False]

    def add_and_fail(self, batch) -> None:
        """Fail after the transaction, and then before one."""
        if fails and fails.pop():
            raise sqlite3.OperationalError("disk I/O error")
        add(self, batch)
        if fails and fails.pop():
            raise sqlite3.OperationalError("disk I/O error")

    counts = open_counts()
    assert counts.flush()
    monkeypatch.setattr(CountsFile, "add", add_and_fail)
    monkeypatch.setattr("posekit.records.counts.RETRY", 0.01)
    for _ in range(6):
        counts.note([Leave(1, visit=3.0)])
        assert counts.flush(10)
    assert fails == []
    assert counts.visits_today() == 6
    counts.close()
    again = open_counts()
    assert (again.visits_today(), sum(again.read().values())) == (6, 6)


def test_what_nobody_knows_of_whether_it_is_kept_is_read_once(open_counts, monkeypatch) -> None:
    """It was read from the file, and from memory too, until the file was tried again."""
    from posekit.records.counts_file import CountsFile

    add = CountsFile.add

    def add_and_fail(self, batch) -> None:
        add(self, batch)
        raise sqlite3.OperationalError("disk I/O error")

    counts = open_counts()
    assert counts.flush()
    monkeypatch.setattr("posekit.records.counts.RETRY", 30.0)
    monkeypatch.setattr(CountsFile, "add", add_and_fail)
    counts.note([Leave(1, visit=3.0)])
    until = time.monotonic() + 10
    while not counts.problem and time.monotonic() < until:
        time.sleep(0.01)
    assert "disk I/O error" in counts.problem
    assert sum(counts.read().values()) == 1
    monkeypatch.setattr(CountsFile, "add", add)
    assert counts.flush(10)
    assert sum(counts.read().values()) == 1


def test_a_file_that_is_taken_away_is_begun_anew(open_counts, tmp_path) -> None:
    said: list[str] = []
    counts = open_counts(say=said.append)
    counts.note([Leave(1, visit=3.0)])
    assert counts.flush()
    for file in (tmp_path / "records").iterdir():
        file.unlink()
    counts.note([Leave(1, visit=3.0)])
    assert counts.flush()
    counts.close()
    assert (tmp_path / "records/counts.sqlite").exists()
    assert len(said) == 1
    assert counts.visits_today() == 2  # the day goes on, whoever cleared the folder


def test_uptime_troubles_and_restarts_are_counted_from_states(open_counts, wall) -> None:
    counts = open_counts()
    lost = Trouble("engine_lost", "it ended", wall.seconds)
    for second in range(100):
        troubles = (lost,) if 20 <= second < 27.5 else ()
        parts = (Part("engine", restarts=int(second >= 22)), Part("window", restarts=0))
        phase = "open" if second >= 10 else "closed"
        state = ShowState(
            "x", wall.seconds, phase=phase, uptime=second * 1.25, parts=parts, troubles=troubles
        )
        counts.note_state(state)
        wall.seconds += 1.25
    found = {(key.what, key.name): number for key, number in counts.read().items()}
    assert found == {
        ("uptime", ""): 123,
        ("open", ""): 112,
        ("trouble", "engine_lost"): 1,
        ("trouble_seconds", "engine_lost"): 10,
        ("restart", "engine"): 1,
    }


def test_counts_that_begin_in_the_middle_of_a_show_take_over_nothing_twice(open_counts) -> None:
    counts = open_counts()
    lost = (Trouble("engine_lost", "it ended", 5.0),)
    for uptime, restarts in ((5000.0, 3), (5001.0, 3), (5002.0, 4)):
        parts = (Part("engine", restarts=restarts),)
        counts.note_state(ShowState("x", 0, uptime=uptime, parts=parts, troubles=lost))
    found = {key.what: number for key, number in counts.read().items()}
    assert found == {"uptime": 2, "trouble_seconds": 2, "restart": 1}


def test_where_nothing_can_be_written_it_is_counted_in_memory(tmp_path, wall, monkeypatch) -> None:
    monkeypatch.setattr("posekit.records.counts.RETRY", 0.02)
    (tmp_path / "records").write_text("a file where the folder should be")
    said: list[str] = []
    counts = Counts(tmp_path / "records/counts.sqlite", wall, zone=BERLIN, say=said.append)
    counts.note([Leave(1, visit=3.0)] * 7)
    assert not counts.flush(0.2)
    assert (counts.visits_today(), sum(counts.read().values())) == (7, 7)
    (tmp_path / "records").unlink()
    assert counts.flush(10)
    counts.close()
    assert (counts.visits_today(), sum(counts.read().values()), len(said)) == (7, 7, 2)


def test_a_listener_that_fails_ends_nothing(open_counts, tmp_path) -> None:
    def fail(sentence: str) -> None:
        raise RuntimeError(sentence)

    (tmp_path / "records").mkdir()
    (tmp_path / "records/counts.sqlite").write_text("no database")
    counts = open_counts(say=fail)
    counts.note([Leave(1, visit=3.0)])
    assert counts.flush()
    assert counts.visits_today() == 1


def test_a_machine_that_slept_has_not_been_up(open_counts, wall) -> None:
    counts = open_counts()
    for uptime in (0.0, 1.0, 5000.0, 5001.0):
        counts.note_state(ShowState("x", wall.seconds, uptime=uptime))
    assert {key.what: number for key, number in counts.read().items()} == {"uptime": 2}


def test_the_buckets_are_told_by_their_bounds() -> None:
    assert [bucket_of(seconds) for seconds in (0, 1.99, 2, 3599, 3600, 1e9)] == [0, 0, 1, 12, 13, 13]
    assert bounds_of(0) == (0, 2)
    assert bounds_of(13) == (3600, None)
    for bucket in range(len(EDGES)):
        start, end = bounds_of(bucket)
        assert bucket_of(start) == bucket
        assert bucket_of(end) == bucket + 1


@given(st.lists(st.floats(0, 3599), min_size=1, max_size=200))
def test_the_median_lies_in_the_bucket_of_the_true_one(lengths) -> None:
    found = median_seconds(Counter(map(bucket_of, lengths)))
    middle = sorted(lengths)[(len(lengths) - 1) // 2]
    start, end = bounds_of(bucket_of(middle))
    assert start <= found <= end


def test_hours_are_ordered_by_time() -> None:
    hours = [LocalHour(1_792_886_400 + 3600 * step, 7200 if step < 2 else 3600) for step in range(4)]
    assert sorted(hours) == hours
