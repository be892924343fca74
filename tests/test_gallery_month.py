"""A simulated month and two hours of a show, in their short forms; and that the bench itself is right.

`pytest -m soak tests/test_gallery_month.py` takes two hours; with `POSEKIT_SOAK_SECONDS=5` before it, it is
three days with each fault once and five power cuts, and half a minute of the other.
"""

from __future__ import annotations

import ast
import random
import sys
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from soaking import IS_SHORT

sys.path.append(str(Path(__file__).parents[1] / "bench"))
import gallery_soak
import month
import month_plan
from month_faults import FAULTS
from month_room import VISITS, write_visits
from month_wall import SharedWall

from posekit.clock import ManualClock, ManualWall
from posekit.gallery.believed import BelievedWall
from posekit.gallery.floor import Floor
from posekit.recording import open_recording
from posekit.show.hours import Hours
from posekit.show.tables import HoursTable

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")


def test_a_shared_wall_is_the_same_for_all_who_look(tmp_path: Path) -> None:
    wall = SharedWall(tmp_path / "wall", create=True)
    other = SharedWall(tmp_path / "wall")
    wall.set(1000.0, rate=0.0)
    assert wall.time() == other.time() == 1000.0
    wall.set(5000.0, rate=3600.0)
    before, seen, after = wall.time(), other.time(), wall.time()
    assert 5000.0 <= before <= seen <= after
    wall.set(rate=0.0)
    assert wall.time() == other.time() >= after
    wall.close()
    other.close()


def test_a_round_of_visits_has_everybody_and_an_empty_room(tmp_path: Path) -> None:
    write_visits(tmp_path / "visits.jsonl")
    scenes = list(open_recording(tmp_path / "visits.jsonl").scenes())
    many = [len(scene.poses) for scene in scenes]
    assert len(many) == 200
    assert max(many) >= 3
    begun = sum(max(0, now - before) for before, now in zip([0, *many], many, strict=False))
    assert begun == len(VISITS)
    assert not any(many[150:])


def test_a_plan_has_everything_that_is_asked_for() -> None:
    faults = month_plan.chosen_faults(60)
    assert len(faults) == 60
    assert {fault.name for fault in faults} == {fault.name for fault in FAULTS}
    items = month_plan.plan(30, faults, 200, random.Random(1))
    many = Counter(item.name for item in items)
    assert (many["fault"], many["kill"], many["night"]) == (60, 200, 29)
    # Five Mondays and Good Friday are closed.
    assert many["opened"] == many["closed"] == 24
    assert [item.wall for item in items] == sorted(item.wall for item in items)


def test_the_late_night_is_an_hour_short() -> None:
    begin, end = month_plan.opening(datetime(2027, 3, 27)) or (0.0, 0.0)
    assert end - begin == 5 * 3600  # 22:00 to 04:00, without the hour from 02:00 to 03:00
    assert month_plan.opening(datetime(2027, 3, 26)) is None


def test_the_bench_and_the_show_agree_on_the_hours() -> None:
    said = dict(line.split(" = ", 1) for line in month_plan.HOURS.splitlines())
    table = HoursTable(
        timezone="Europe/Berlin", **{name: ast.literal_eval(list_) for name, list_ in said.items()}
    )
    hours = Hours.from_settings(table)
    spans = [month_plan.opening(month_plan.FIRST_DAY + timedelta(days=number)) for number in range(-1, 31)]
    first, last = month_plan.at(month_plan.FIRST_DAY, 0), month_plan.at(month_plan.FIRST_DAY, 30 * 24)
    looks = [first + 600 * number + 1 for number in range(int((last - first) / 600))]
    assert len(looks) > 4000
    expected = [any(span and span[0] <= now < span[1] for span in spans) for now in looks]
    assert [hours.is_open(now) for now in looks] == expected
    assert 0.2 < sum(expected) / len(expected) < 0.4


def test_time_goes_on_for_the_counts_where_the_clock_is_plainly_wrong() -> None:
    wall, clock = ManualWall(1_800_000_000.0), ManualClock(10.0)
    believed = BelievedWall(wall, clock, Hours(), floor=Floor(1_790_000_000.0))
    assert believed.time() == 1_800_000_000.0
    for wrong in (0.0, 1_800_000_000.0 + 30 * 365 * 86400):
        wall.seconds = wrong
        clock.advance(60)
        assert believed.time() == pytest.approx(1_800_000_000.0 + clock.now() - 10)
    wall.seconds = 1_800_000_500.0
    assert believed.time() == 1_800_000_500.0
    wall.seconds, cold = 0.0, ManualClock(0.0)
    fresh = BelievedWall(wall, cold, Hours(), floor=Floor(1_790_000_000.0))
    cold.advance(5)
    assert fresh.time() == 1_790_000_005.0


@linux
@pytest.mark.soak
@pytest.mark.timeout(0)
def test_a_month_of_faults_and_power_cuts(assets_folder: Path) -> None:
    asked = month.Asked(3, 0, 5) if IS_SHORT else month.Asked()
    figures = month.live(asked)
    assert figures["failures"] == []
    assert figures["kills"] >= asked.kills
    assert figures["faults"] >= (asked.faults or 12)
    assert figures["visits"] > 20


@linux
@pytest.mark.soak
@pytest.mark.timeout(0)
def test_a_show_stays_flat(assets_folder: Path, tmp_path: Path) -> None:
    minutes, every, settle = (0.5, 1.0, 10.0) if IS_SHORT else (60.0, 15.0, 300.0)
    story = gallery_soak.soak(minutes, every, None)
    figures = gallery_soak.report(story, settle)
    assert {"supervisor", "engine", "window", "curtain"} <= figures.keys()
    for name in ("supervisor", "engine", "window"):
        assert figures[name]["processes"] == 1
        if not IS_SHORT:
            assert figures[name]["interval"][0] < 2.0  # MB an hour, at the least
    gallery_soak.draw(story, figures, settle, tmp_path / "soak.png")
    assert (tmp_path / "soak.png").stat().st_size > 10_000
