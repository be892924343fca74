"""What is told of the counts: questions, CSV, and the report of a week, in numbers and on paper."""

from __future__ import annotations

import csv
import io
import json
import re
import xml.etree.ElementTree as ElementTree
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner

from posekit.cli.app import app
from posekit.clock import ManualWall
from posekit.errors import OutputError, SettingsError
from posekit.records.counts import Counts
from posekit.records.csv_text import CSV_HEAD
from posekit.records.local_hour import LocalHour
from posekit.records.log import ShowLog
from posekit.records.paper import Bullets, Drawing, Grid, Paper, Section
from posekit.records.reader import Records, StoredCounts
from posekit.records.report import make_report
from posekit.records.report_paper import report_paper, told_seconds
from posekit.records.tally import bounds_of
from posekit.scene import Gesture, Leave, ZoneEvent
from posekit.show.state import Part, ShowState, Trouble

BERLIN = ZoneInfo("Europe/Berlin")
FIRST = date(2026, 10, 12)
"""A Monday; the clocks go back on the second Sunday after it."""
PLAN = {(day, hour): (day * 7 + hour) % 5 for day in range(14) for hour in range(10, 18)}
"""Visits of each hour of two weeks."""


@pytest.fixture(scope="module")
def two_weeks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a show folder whose show has run for two weeks."""
    folder = tmp_path_factory.mktemp("show")
    wall = ManualWall(datetime(2026, 10, 12, 9, tzinfo=BERLIN).timestamp())
    counts = Counts(folder / "records/counts.sqlite", wall, zone=BERLIN)
    uptime = 0.0
    for (day, hour), visits in PLAN.items():
        start = datetime(2026, 10, 12, hour, 10, tzinfo=BERLIN) + timedelta(days=day)
        wall.seconds = start.timestamp()
        stay = ZoneEvent("zone_leave", 1, zone="=stage|<b>", stay=8.0)
        counts.note([Leave(1, visit=25.0 if day > 6 else 45.0), Gesture("wave", 1), stay] * visits)
        troubles = (Trouble("camera_lost", "gone", wall.seconds),) if (day, hour) == (8, 12) else ()
        for _ in range(40):
            uptime += 45
            parts = (Part("window", restarts=2 * (day > 9)),)
            state = ShowState("x", 0, phase="open", uptime=uptime, troubles=troubles, parts=parts)
            counts.note_state(state)
    counts.close()
    assert counts.problem == ""
    (folder / "show.toml").write_text(
        '[show]\nsketch = "hello"\ntitle = "Ribbons"\n[hours]\ntimezone = "Europe/Berlin"\n'
    )
    return folder


@pytest.fixture
def records(two_weeks: Path) -> Records:
    wall = ManualWall(datetime(2026, 10, 26, 9, tzinfo=BERLIN).timestamp())
    return Records(None, StoredCounts(two_weeks / "records/counts.sqlite", wall, BERLIN))


def visits_of(*days: int) -> int:
    return sum(visits for (day, _), visits in PLAN.items() if day in days)


def test_days_hours_and_lengths_are_answered(records: Records) -> None:
    days = records.days(14, "2026-10-25")
    assert [day["visits"] for day in days] == [visits_of(day) for day in range(14)]
    assert [day["day"] for day in days] == [(FIRST + timedelta(days=day)).isoformat() for day in range(14)]
    assert {day["median"] for day in days} == {45.0, 25.0}
    hours = records.hours("2026-10-25")
    assert len(hours) == 25
    assert {row["hour"][:2]: row["visits"] for row in hours if row["visits"]} == {
        f"{hour}": visits for (day, hour), visits in PLAN.items() if day == 13 and visits
    }
    lengths = records.dwell("2026-10-25")
    assert len(lengths) == 14
    assert [row for row in lengths if row["visits"]] == [{"from": 20, "to": 30, "visits": visits_of(13)}]
    assert records.today()["visits"] == 0
    assert records.today()["day"] == "2026-10-26"
    json.dumps([records.today(), days, hours, lengths, records.zones(), records.gestures()])


@pytest.mark.parametrize(
    "day", ["", "yesterday", "2026-13-01", "2026-02-30", "'; DROP TABLE counts", "x" * 1000]
)
def test_what_is_no_day_is_refused_in_a_sentence(day: str, records: Records) -> None:
    with pytest.raises(SettingsError, match="is no day; write it as in 2026-11-22") as refused:
        records.hours(day)
    assert len(str(refused.value)) < 120


def test_without_log_and_counts_there_is_nothing_to_tell() -> None:
    records = Records(None, None)
    assert records.today()["visits"] == 0
    assert (records.zones(), records.gestures(), records.log()) == ([], [], [])
    assert records.csv() == ",".join(CSV_HEAD) + "\n"


def test_the_log_is_answered_too(tmp_path: Path) -> None:
    log = ShowLog(tmp_path, ManualWall(1e9))
    log.write("step", "said")
    assert log.flush()
    assert [line["sentence"] for line in Records(log, None).log(5)] == ["said"]
    assert Records(log, None).log(5, "fault") == []
    log.close()


def test_the_csv_holds_every_number_and_no_formula(records: Records) -> None:
    rows = list(csv.DictReader(io.StringIO(records.csv())))
    assert tuple(rows[0]) == CSV_HEAD
    visits: Counter[str] = Counter()
    for row in rows:
        visits[row["day"]] += int(row["number"]) if row["what"] == "visit" else 0
    assert sum(visits.values()) == visits_of(*range(14))
    assert visits["2026-10-20"] == visits_of(8)
    assert {row["name"] for row in rows if row["what"] == "zone_stay"} == {"'=stage|<b>"}
    one = list(csv.DictReader(io.StringIO(records.csv("2026-10-20", "2026-10-20"))))
    assert {row["day"] for row in one} == {"2026-10-20"}


def test_the_csv_of_a_long_show_is_made_a_month_at_a_time(tmp_path, monkeypatch) -> None:
    """All of it was read at once, and a calendar asked for each of its rows."""
    path, wall = tmp_path / "counts.sqlite", ManualWall(datetime(2025, 9, 1, 9, tzinfo=BERLIN).timestamp())
    counts = Counts(path, wall, zone=BERLIN, keep_days=10_000)
    for _ in range(8):
        counts.note(
            [*(Gesture(name, 1) for name in ("b", "ü", "a,b", 'a"b', "=a", "Z")), Leave(1, visit=9e9)]
        )
        wall.seconds += 50 * 86_400
    wall.seconds = datetime(9000, 1, 1, 9, tzinfo=BERLIN).timestamp()  # the clock was wrong
    counts.note([Leave(1, visit=3.0)])
    counts.close()
    stored, asked, reads = StoredCounts(path, wall, BERLIN), [], []
    with monkeypatch.context() as patch:
        begins = LocalHour.begins.fget
        patch.setattr(LocalHour, "begins", property(lambda hour: asked.append(hour) or begins(hour)))
        text = Records(None, stored).csv()
    assert len(asked) == 9
    read = stored.rows
    monkeypatch.setattr(stored, "rows", lambda *span: reads.append(read(*span)) or reads[-1])
    assert Records(None, stored).csv() == text
    assert [len({row[0] for row in rows}) for rows in reads] == [1] * 9
    rows = [tuple(row.values()) for row in csv.DictReader(io.StringIO(text))]
    assert rows == plain_rows(stored)
    assert rows[0][:4] == ("2025-09-01", "09:00", "+02:00", "gesture")
    assert [row[0] for row in rows[-2:]] == ["2026-08-17", "9000-01-01"]
    reads.clear()
    one = Records(None, stored).csv("2026-01-29", "2026-01-29")
    assert len(list(csv.DictReader(io.StringIO(one)))) == 7
    assert len(reads) == 1


def plain_rows(stored: StoredCounts) -> list[tuple[str, ...]]:
    """Return what the CSV says, made row by row."""
    rows = []
    for key, number in sorted(stored.read().items()):
        begins = key.hour.begins
        place = (begins.date().isoformat(), f"{begins:%H:%M}", begins.isoformat()[19:])
        start, end = bounds_of(key.bucket) if key.what == "visit" else ("", "")
        name = f"'{key.name}" if key.name.startswith("=") else key.name
        rows.append((*place, key.what, name, str(start), "" if end is None else str(end), str(number)))
    return rows


def test_the_csv_tells_what_is_not_yet_kept_too(tmp_path: Path, monkeypatch) -> None:
    wall = ManualWall(datetime(2026, 10, 12, 9, tzinfo=BERLIN).timestamp())
    counts = Counts(tmp_path / "counts.sqlite", wall, zone=BERLIN)
    monkeypatch.setattr("posekit.records.counts.PAUSE", 60.0)  # nothing is kept but what is asked for
    for hour in (9, 10):
        wall.seconds = datetime(2026, 10, 12, hour, tzinfo=BERLIN).timestamp()
        counts.note([Gesture("wave", 1), Leave(1, visit=3.0)])
        assert counts.flush()
    counts.note([Leave(1, visit=3.0), Gesture("jump", 1)])
    wall.seconds += 90 * 86_400
    counts.note([Leave(1, visit=3.0)])
    told = [line.split(",") for line in Records(None, counts).csv().splitlines()[1:]]
    counts.close()
    assert [(row[0], row[1], row[3], row[4], row[7]) for row in told] == [
        ("2026-10-12", "09:00", "gesture", "wave", "1"),
        ("2026-10-12", "09:00", "visit", "", "1"),
        ("2026-10-12", "10:00", "gesture", "jump", "1"),
        ("2026-10-12", "10:00", "gesture", "wave", "1"),
        ("2026-10-12", "10:00", "visit", "", "2"),
        ("2027-01-10", "09:00", "visit", "", "1"),
    ]


def test_a_week_is_told_beside_the_one_before(records: Records) -> None:
    report = make_report(records, "Ribbons", date(2026, 10, 25))
    assert report.first == date(2026, 10, 19)
    assert (report.now.visits, report.before.visits) == (visits_of(*range(7, 14)), visits_of(*range(7)))
    assert (report.now.median, report.before.median) == (25.0, 45.0)
    assert [day["visits_before"] for day in report.days] == [visits_of(day) for day in range(7)]
    assert sum(row["visits"] for row in report.hours) == report.now.visits
    assert report.busiest is not None
    assert report.busiest["visits"] == 4
    assert report.now.troubles == {"camera_lost": {"times": 1, "seconds": 1800}}
    assert report.before.troubles == {}
    assert report.now.restarts == {"window": 2}
    assert report.now.uptime == 7 * 8 * 1800
    assert report.gestures == {"wave": report.now.visits}
    again = json.loads(json.dumps(report.as_dict()))
    assert again["now"]["visits"] == report.now.visits


def test_the_report_reads_as_text_markdown_and_html(records: Records) -> None:
    report = make_report(records, "Ribbons & <b>", date(2026, 10, 25))
    paper = report_paper(report)
    text, markdown, html = paper.as_text(), paper.as_markdown(), paper.as_html()
    for words in (f"{report.now.visits:,} visits", "camera_lost", "window: twice", "25 s; 45 s", "wave"):
        assert words in text
        assert words.replace("_", "\\_") in markdown
        assert words in html
    assert max(map(len, text.splitlines())) <= 110
    assert "<b>" not in html
    assert "<b>" not in markdown.replace("\\<b\\>", "")
    assert "=stage\\|\\<b\\>" in markdown
    assert re.search(r"https?://(?!www\.w3\.org/2000/svg)", html) is None
    drawings = re.findall(r"<svg.*?</svg>", html, re.DOTALL)
    assert len(drawings) == 2
    for drawing in drawings:
        root = ElementTree.fromstring(drawing)
        assert root.attrib["role"] == "img"
        assert root.attrib["aria-label"]
        shown = [
            int(node.text or "")
            for node in root.iter("{http://www.w3.org/2000/svg}text")
            if (node.text or "").isdecimal()
        ]
        assert sum(shown) >= report.now.visits


def test_a_week_in_which_nobody_came_is_told_too(tmp_path: Path) -> None:
    stored = StoredCounts(tmp_path / "none.sqlite", ManualWall(1_795_000_000), BERLIN)
    paper = report_paper(make_report(Records(None, stored), "Ribbons", date(2026, 11, 1)))
    assert "0 visits, as in the days before." in paper.as_text()
    assert "No fault was seen." in paper.as_html()
    assert "Day and hour" not in paper.as_markdown()


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (None, "-"),
        (0, "0 s"),
        (89.4, "89 s"),
        (90, "2 min"),
        (5399, "90 min"),
        (5400, "1.5 h"),
        (1e6, "277.8 h"),
    ],
)
def test_lengths_are_told_as_people_say_them(seconds, told: str) -> None:
    assert told_seconds(seconds) == told


def test_a_paper_escapes_whatever_stands_in_it() -> None:
    nasty = '<script>alert("x")</script> | *b* [a](http://x) `c`'
    blocks = (nasty, Bullets((nasty,)), Grid((nasty, "n"), ((nasty, 1),)), Drawing("<svg></svg>"))
    paper = Paper(nasty, nasty, (Section(nasty, blocks),), nasty)
    html = paper.as_html()
    assert "<script" not in html
    assert html.count("&lt;script&gt;") == 9
    assert "<svg></svg>" in html
    markdown = paper.as_markdown()
    assert len(re.findall(r"(?<!\\)[<\[`*]", markdown)) == 0
    assert paper.as_text().count("script") == 16


def run(*arguments: object) -> str:
    """Run `posekit gallery ...` and return what it prints."""
    done = CliRunner().invoke(app, ["gallery", *map(str, arguments)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_the_commands_print_and_write(two_weeks: Path, tmp_path: Path) -> None:
    config = ("--config", two_weeks / "show.toml")
    counted = run("counts", *config, "--since", "2026-10-19", "--until", "2026-10-25").splitlines()
    assert len(counted) == 7
    assert counted[1].split()[:3] == ["2026-10-20", str(visits_of(8)), "visits,"]
    assert run("counts", *config, "--csv", "-").startswith(",".join(CSV_HEAD))
    run("counts", *config, "--csv", tmp_path / "all.csv")
    assert (tmp_path / "all.csv").read_text() == run("counts", *config, "--csv", "-")
    until = ("--until", "2026-10-25")
    assert json.loads(run("report", *config, *until, "--week", "--json"))["now"]["visits"] == visits_of(
        *range(7, 14)
    )
    assert run("report", *config, *until).startswith("Ribbons: 7 days\n")
    for ending, begin in (
        (".html", "<!doctype html>"),
        (".md", "# Ribbons"),
        (".txt", "Ribbons"),
        (".json", "{"),
    ):
        file = tmp_path / f"week{ending}"
        assert run("report", *config, *until, "--save", file) == f"{file} is written\n"
        assert file.read_text().startswith(begin)


@pytest.mark.parametrize(
    ("age", "last"),
    [(0, "2026-10-12"), (3, "2026-10-15"), (6, "2026-10-18"), (7, "2026-10-18"), (9, "2026-10-20")],
)
def test_a_report_ends_with_yesterday_but_in_a_shows_first_week(two_weeks, monkeypatch, age, last) -> None:
    wall = ManualWall(datetime(2026, 10, 12, 15, tzinfo=BERLIN).timestamp() + age * 86400)
    monkeypatch.setattr("posekit.clock.SystemWall", lambda: wall)
    done = CliRunner().invoke(
        app, ["gallery", "report", "--json", "--config", str(two_weeks / "show.toml")], catch_exceptions=False
    )
    assert json.loads(done.stdout[done.stdout.index("{") :])["last"] == last
    assert ("includes today" in done.output) == (age < 7)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (["counts", "--since", "2026-10-20", "--until", "2026-10-19"], SettingsError, "is later than"),
        (["counts", "--since", "soon"], SettingsError, "'soon' is no day"),
        (["report", "--save", "week.pdf"], SettingsError, "choose one of these endings"),
        (["report", "--week", "--days", "3"], SettingsError, "leave one of"),
    ],
)
def test_wrong_use_is_refused_in_a_sentence(arguments, error, words: str, two_weeks: Path) -> None:
    done = CliRunner().invoke(app, ["gallery", *arguments, "--config", str(two_weeks / "show.toml")])
    assert isinstance(done.exception, error)
    assert words in str(done.exception)


def test_a_show_that_has_counted_nobody_says_so(tmp_path: Path) -> None:
    (tmp_path / "show.toml").write_text('[show]\nsketch = "hello"\n')
    done = CliRunner().invoke(app, ["gallery", "counts", "--config", str(tmp_path / "show.toml")])
    assert isinstance(done.exception, OutputError)
    assert "has counted nobody yet" in str(done.exception)


def test_a_file_that_is_no_database_is_told_and_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "counts.sqlite"
    path.write_text("no database " * 100)
    records = Records(None, StoredCounts(path, ManualWall(1e9)))
    with pytest.raises(OutputError, match="cannot be read: file is not a database"):
        records.days(3)
    assert path.read_text() == "no database " * 100
