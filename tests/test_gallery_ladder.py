"""When parts that failed are tried again, what counts as slow, and what is renewed though it is well."""

from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from posekit.clock import ManualClock, ManualWall
from posekit.errors import OutputError, SettingsError
from posekit.gallery.desk import TRAY, ShowDesk
from posekit.gallery.ladder import HOPELESS_SECONDS, MANY, Ladder
from posekit.gallery.lock import ShowLock
from posekit.gallery.renewal import Nightly, is_old
from posekit.gallery.slowness import Slowness
from posekit.gallery.troubles import Troubles
from posekit.gallery.watching import Need, Seen, Watch
from posekit.health import CameraState, Health
from posekit.show.hours import Hours
from posekit.show.state import ShowState

BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).timestamp()


# ---------------------------------------------------------------- the ladder


def test_the_waits_grow_and_stay_short() -> None:
    clock = ManualClock(100.0)
    ladder = Ladder(clock)
    waits = []
    for _ in range(7):
        wait = ladder.fail(lived=1.0)
        waits.append(wait)
        clock.advance(wait + 60.0)
    assert waits == [0.0, 1.0, 2.0, 5.0, 10.0, 10.0, 10.0]
    assert not ladder.is_given_up


def test_what_ran_well_is_started_at_once_again() -> None:
    clock = ManualClock()
    ladder = Ladder(clock)
    assert [ladder.fail(1.0) for _ in range(3)] == [0.0, 1.0, 2.0]
    assert ladder.fail(lived=31.0) == 0.0


def test_it_is_given_up_tried_for_ever_and_heals() -> None:
    clock = ManualClock()
    ladder = Ladder(clock)
    for number in range(MANY):
        assert not ladder.is_given_up, number
        clock.advance(ladder.fail(1.0))
    assert ladder.is_given_up
    tries = 0
    for _ in range(20):  # a day of it is no different
        assert ladder.is_due
        assert ladder.fail(1.0) == HOPELESS_SECONDS
        assert not ladder.is_due
        clock.advance(HOPELESS_SECONDS)
        tries += 1
    assert ladder.is_given_up
    assert tries == 20
    ladder.live(29.0)
    assert ladder.is_given_up
    ladder.live(30.0)
    assert not ladder.is_given_up


def test_slow_crashes_are_never_given_up() -> None:
    clock = ManualClock()
    ladder = Ladder(clock)
    for _ in range(50):
        clock.advance(45.0)
        assert ladder.fail(45.0) == 0.0
    assert not ladder.is_given_up


def test_whoever_changes_something_need_not_wait() -> None:
    clock = ManualClock()
    ladder = Ladder(clock)
    for _ in range(MANY):
        ladder.fail(0.1)
    assert not ladder.is_due
    ladder.hurry()
    assert ladder.is_due
    assert not ladder.is_given_up


# ---------------------------------------------------------------- slowness


def test_slow_against_the_best_hour() -> None:
    clock = ManualClock()
    slowness = Slowness(clock)

    def run(seconds: float, rate: float) -> bool:
        found = False
        for _ in range(int(seconds)):
            clock.advance(1.0)
            found = slowness.note(rate)
        return found

    assert not run(599, 60.0)
    assert slowness.best == 0.0
    assert not run(3600, 60.0)
    assert slowness.best == pytest.approx(60.0)
    assert not run(600, 31.0), "more than half is not slow"
    assert not run(59, 29.0)
    assert not run(1, 60.0), "a minute without a break"
    assert not run(60, 29.0)
    assert run(1, 29.0)
    assert not run(1, 0.0), "nothing is shown: that says nothing"
    assert not run(1, 60.0)


# ---------------------------------------------------------------- renewal


def test_what_is_old_is_renewed_when_nobody_is_there() -> None:
    assert is_old(24 * 3600, 24.0, 60.0)
    assert not is_old(24 * 3600, 24.0, 59.0)
    assert not is_old(23 * 3600, 24.0, 1e9)
    assert not is_old(1e9, 0.0, 1e9), "0 is never"


HOURS = Hours(timezone="Europe/Berlin")


def restarts(nightly: Nightly, start: float, seconds: float, empty_for: float = 1e6) -> list[str]:
    """Return when it restarts, looked at every ten minutes."""
    found = []
    for now in range(int(start), int(start + seconds), 600):
        if nightly.is_due(now, empty_for):
            nightly.done(now)
            found.append(datetime.fromtimestamp(now, BERLIN).strftime("%d %H:%M"))
    return found


def test_once_a_night_across_both_changes_of_the_clock() -> None:
    spring = at("2026-03-27T12:00")
    nightly = Nightly("02:30", HOURS, spring)
    assert restarts(nightly, spring, 4 * 86400) == ["28 02:30", "29 03:00", "30 02:30", "31 02:30"]
    autumn = at("2026-10-23T12:00")
    nightly = Nightly("02:30", HOURS, autumn)
    assert restarts(nightly, autumn, 4 * 86400) == ["24 02:30", "25 02:30", "26 02:30", "27 02:30"]


def test_it_waits_for_people_an_hour_at_most() -> None:
    evening = at("2026-05-01T20:00")
    assert restarts(Nightly("04:30", HOURS, evening), evening, 86400, empty_for=5.0) == ["02 05:30"]


def test_a_start_and_a_night_that_was_slept_through_are_none() -> None:
    late = at("2026-05-01T04:40")
    assert restarts(Nightly("04:30", HOURS, late), late, 20 * 3600) == []
    nightly = Nightly("04:30", HOURS, at("2026-05-01T20:00"))
    assert restarts(nightly, at("2026-05-02T09:00"), 10 * 3600) == []
    assert restarts(nightly, at("2026-05-03T04:00"), 2 * 3600) == ["03 04:30"]


def test_a_show_that_started_with_its_clock_ahead_has_its_nights_too() -> None:
    ahead, right = at("2027-05-01T20:00"), at("2026-05-01T20:00")
    assert restarts(Nightly("04:30", HOURS, ahead), right, 3 * 86400) == ["02 04:30", "03 04:30", "04 04:30"]


def test_never_and_nonsense() -> None:
    now = at("2026-05-01T20:00")
    assert restarts(Nightly("", HOURS, now), now, 3 * 86400) == []
    with pytest.raises(SettingsError, match="time of day"):
        Nightly("half past four", HOURS, now)


# ---------------------------------------------------------------- troubles


def test_a_trouble_begins_once_and_ends_once() -> None:
    wall, told = ManualWall(1000.0), []
    troubles = Troubles(
        wall, lambda one: told.append(("begun", one.name)), lambda one: told.append(("over", one.name))
    )
    for second in range(10):
        wall.seconds = 1000.0 + second
        troubles.note("disk_full", f"{200 - second} MB are free" if 2 <= second < 7 else None)
    assert told == [("begun", "disk_full"), ("over", "disk_full")]
    troubles.note("disk_full", "1 MB is free")
    wall.seconds = 2000.0
    troubles.note("disk_full", "0 MB are free")
    assert [(one.sentence, one.since) for one in troubles.now] == [("0 MB are free", 1009.0)]
    with pytest.raises(KeyError):
        troubles.note("tired", "no such trouble")


class Room:
    """A watch with everything in order, and what is changed of it."""

    def __init__(self) -> None:
        self.clock = ManualClock(1000.0)
        self.troubles = Troubles(ManualWall())
        self.watch = Watch(self.clock, self.troubles, memory_limit=1500)

    def look(self, seconds: float = 0.5, **seen: object) -> list[Need]:
        needs: list[Need] = []
        for _ in range(int(seconds / 0.5)):
            self.clock.advance(0.5)
            needs += self.watch.look(Seen(**seen))  # type: ignore[arg-type]
        return needs

    @property
    def names(self) -> list[str]:
        return [trouble.name for trouble in self.troubles.now]


@pytest.mark.parametrize(
    ("state", "name"),
    [
        (CameraState.LOST, "camera_lost"),
        (CameraState.FROZEN, "camera_frozen"),
        (CameraState.BLACK, "camera_black"),
    ],
)
def test_a_camera_is_given_three_seconds(state: CameraState, name: str) -> None:
    room = Room()
    room.look(3.0, health=Health(camera=state))
    assert room.names == []
    room.look(0.5, health=Health(camera=state))
    assert room.names == [name]
    room.look(0.5, health=Health())
    assert room.names == []


def test_without_an_engine_nothing_is_said_of_its_camera() -> None:
    room = Room()
    room.look(10.0, engine_runs=False, engine_down="it was killed", health=Health(camera=CameraState.LOST))
    assert room.names == ["engine_lost"]
    room.look(10.0, engine_runs=False, source_missing="camera:Top is not here")
    assert room.names == ["camera_lost"]
    assert room.troubles.sentence("camera_lost") == "camera:Top is not here"


def test_stale_poses_are_told_then_mended() -> None:
    room = Room()
    assert room.look(scene_age=5.0) == []
    assert room.look(scene_age=6.0) == []
    assert room.names == ["poses_stale"]
    assert [need.part for need in room.look(scene_age=16.0)] == ["engine"]
    room.look(scene_age=0.1)
    assert room.names == []


def test_memory_waits_for_an_empty_room_until_it_cannot() -> None:
    room = Room()
    assert room.look(memory={"window": 1_600_000_000}, empty_for=10.0) == []
    assert room.names == ["memory"]
    assert [need.part for need in room.look(memory={"window": 1_600_000_000}, empty_for=61.0)] == ["window"]
    big = {"engine": 3_100_000_000, "supervisor": 3_100_000_000}
    assert [need.part for need in room.look(memory=big, empty_for=0.0)] == ["engine", "supervisor"]
    room.look(memory={"window": 100_000_000})
    assert room.names == []


def test_a_full_disk_does_not_flicker() -> None:
    room = Room()
    free = [300, 210, 199, 205, 240, 249, 251, 201]
    names = []
    for megabytes in free:
        room.look(disk_free=megabytes * 1_000_000)
        names.append(room.names)
    assert names == [[], [], *[["disk_full"]] * 4, [], []]


def test_a_slow_engine_is_renewed_once_when_nobody_is_there() -> None:
    room = Room()
    room.look(700.0, health=Health(fps=30.0))
    assert room.look(100.0, health=Health(fps=10.0), empty_for=10.0) == []
    assert [(one.name, one.severity) for one in room.troubles.now] == [("slow", "notice")]
    needs = room.look(100.0, health=Health(fps=10.0), empty_for=100.0)
    assert [need.part for need in needs] == ["engine"]
    room.look(1.0, health=Health(fps=29.0))
    assert room.names == []


def test_a_frozen_window_is_one_trouble_not_two() -> None:
    room = Room()
    room.look(window_lost="it drew nothing", window_frozen="it drew nothing")
    assert room.names == ["window_frozen"]
    room.look(window_lost="it was killed", sketch_error="ZeroDivisionError in line 3")
    assert sorted(room.names) == ["sketch_failing", "window_lost"]


# ---------------------------------------------------------------- desk and lock


def test_the_desk_checks_keeps_the_order_and_is_not_flooded() -> None:
    woken: list[bool] = []
    desk = ShowDesk(ShowState("Ribbons", 0.0), lambda: woken.append(True))
    desk.ask("blackout", True, "page")
    desk.ask("reset", origin="osc")
    with pytest.raises(SettingsError):
        desk.ask("blackout", "please")
    assert [(wish.action, wish.value, wish.origin) for wish in desk.take()] == [
        ("blackout", True, "page"),
        ("reset", None, "osc"),
    ]
    assert desk.take() == ()
    assert len(woken) == 2
    for _ in range(TRAY):
        desk.ask("reset")
    with pytest.raises(OutputError, match="wait already"):
        desk.ask("reset")


def test_a_second_start_is_refused_in_one_sentence(tmp_path, monkeypatch) -> None:
    (tmp_path / "run").mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    folder = tmp_path / "show"
    folder.mkdir()
    first = ShowLock(folder)
    with pytest.raises(OutputError, match=r"runs already \(process \d+\)"):
        ShowLock(folder)
    other = ShowLock(tmp_path)
    other.close()
    first.close()
    ShowLock(folder).close()


def test_every_action_is_carried_out_by_somebody() -> None:
    from posekit.gallery.acting import Acting
    from posekit.show.actions import ACTIONS

    acting = Acting(SimpleNamespace())  # type: ignore[arg-type]
    missing = [name for name in ACTIONS if not hasattr(acting, f"_{name.replace('-', '_')}")]
    assert missing == []
