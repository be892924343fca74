"""Open and closed: by the hours, by hand, with a wrong clock; and what that does to engine and window."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from posekit.clock import ManualClock, ManualWall
from posekit.gallery.believed import BelievedWall
from posekit.gallery.floor import SHIFT_SECONDS, Floor
from posekit.gallery.lights import LEAVE_SECONDS, Lights
from posekit.gallery.timetable import DAY_SECONDS, STEADY_SECONDS, Timetable
from posekit.gallery.window_keeper import NAP_SECONDS, START_SECONDS, WELL_SECONDS, WindowKeeper
from posekit.show.hours import Hours
from posekit.show.tables import HoursTable

BERLIN = ZoneInfo("Europe/Berlin")
FLOOR = 1_790_000_000.0


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).timestamp()


class World:
    """A timetable with both clocks, which go together unless one is made to jump."""

    def __init__(self, start: str, *lines: str, floor: float = FLOOR) -> None:
        self.wall, self.clock = ManualWall(at(start)), ManualClock(50.0)
        table = HoursTable(timezone="Europe/Berlin", open=lines)
        self.floor = Floor(floor, FLOOR)
        self.timetable = Timetable(Hours.from_settings(table), self.wall, self.clock, floor=self.floor)

    def go(self, seconds: float) -> None:
        left = seconds
        while left > 0:
            step = min(left, 600.0)
            self.wall.seconds += step
            self.clock.advance(step)
            self.timetable.look()
            left -= step

    def go_to(self, text: str) -> None:
        self.go(at(text) - self.wall.seconds)

    @property
    def is_open(self) -> bool:
        return self.timetable.look().is_open


def test_a_day_by_its_hours() -> None:
    world = World("2026-12-01T09:00", "tue-sun 10:00-18:00")
    assert not world.is_open
    assert world.timetable.look().next_change == at("2026-12-01T10:00")
    world.go_to("2026-12-01T10:00")
    assert world.is_open
    world.go_to("2026-12-01T18:00")
    assert not world.is_open
    assert world.timetable.look().held == ""


def test_a_hand_holds_until_the_next_change() -> None:
    world = World("2026-12-01T20:00", "tue-sun 10:00-18:00")
    world.timetable.hold(True)
    assert world.timetable.look().held == "opened by hand"
    world.go_to("2026-12-02T09:59")
    assert world.is_open, "all night, if nobody closes it"
    world.go_to("2026-12-02T10:01")
    assert world.is_open
    assert world.timetable.look().held == ""
    world.timetable.hold(False)
    assert not world.is_open
    world.go_to("2026-12-02T18:01")
    assert world.timetable.look().held == ""
    world.go_to("2026-12-03T11:00")
    assert world.is_open
    world.timetable.hold(False)
    world.timetable.release()
    assert world.is_open


def test_what_is_always_open_is_held_until_somebody_lets_go() -> None:
    world = World("2026-12-01T20:00")
    world.timetable.hold(False)
    world.go(40 * DAY_SECONDS)
    assert not world.is_open
    world.timetable.release()
    assert world.is_open


def test_a_clock_that_is_plainly_wrong_opens() -> None:
    world = World("2026-12-01T20:00", "mon-sun 10:00-18:00")
    assert not world.is_open
    world.wall.seconds = 0.0
    verdict = world.timetable.look()
    assert verdict.is_open
    assert "time server" in verdict.wrong
    assert verdict.next_change is None
    world.wall.seconds = at("2026-12-01T20:01")
    verdict = world.timetable.look()
    assert (verdict.is_open, verdict.wrong) == (False, ""), "put right: believed at once"


def test_a_log_from_a_clock_that_was_ahead_is_believed_for_an_hour_and_no_longer() -> None:
    ahead = at("2027-12-28T09:00")
    world = World("2026-11-23T21:00", "daily 10:00-18:00", floor=ahead)
    believed = BelievedWall(world.wall, world.clock, Hours(), world.floor)
    assert world.is_open
    assert "a date that is over" in world.timetable.look().wrong
    assert believed.time() == ahead
    world.go(STEADY_SECONDS / 2)
    world.wall.seconds += 2 * SHIFT_SECONDS  # set by hand, and an hour from then on counts
    assert world.is_open
    world.go(STEADY_SECONDS - 60)
    assert world.is_open
    world.go(120)
    verdict = world.timetable.look()
    assert (verdict.is_open, verdict.wrong) == (False, "")
    assert believed.time() == world.wall.seconds
    world.wall.seconds = 0.0
    assert world.timetable.look().wrong, "1970 is never right, however steady"
    world.go(3 * STEADY_SECONDS)
    assert world.timetable.look().wrong


def test_a_clock_that_jumps_by_days_is_mistrusted_for_a_while() -> None:
    world = World("2026-12-01T20:00", "mon-sun 10:00-18:00")
    world.wall.seconds += 3 * DAY_SECONDS
    assert "+3 days" in world.timetable.look().wrong
    assert world.is_open
    world.wall.seconds -= 3 * DAY_SECONDS
    assert world.timetable.look().wrong == ""
    world.wall.seconds -= 2 * DAY_SECONDS
    assert "-2 days" in world.timetable.look().wrong
    world.go(STEADY_SECONDS - 600)
    assert world.timetable.look().wrong
    world.go(600)
    assert world.timetable.look().wrong == ""
    assert not world.is_open


def test_an_hour_more_or_less_is_no_jump() -> None:
    world = World("2026-10-24T20:00", "mon-sun 10:00-18:00")
    for _ in range(48):
        world.go(3600)
        assert world.timetable.look().wrong == ""
    world.wall.seconds += 3600
    assert world.timetable.look().wrong == ""


# ---------------------------------------------------------------- lights


class FakeEngine:
    def __init__(self) -> None:
        self.is_wanted = False
        self.log: list[str] = []

    def want(self, is_wanted: bool) -> None:
        self.is_wanted = is_wanted
        self.log.append("runs" if is_wanted else "ends")

    def tell(self, what) -> None:
        what(self)

    def pause(self, paused: bool) -> None:
        self.log.append("paused" if paused else "looks")


class FakeWindow:
    def __init__(self) -> None:
        self.told: list[tuple[float, float]] = []

    def tell(self, kind: str, to: float, seconds: float) -> None:
        assert kind == "fade"
        self.told.append((to, seconds))


def test_it_closes_slowly_and_opens_again() -> None:
    engine, window, clock, told = FakeEngine(), FakeWindow(), ManualClock(10.0), []
    lights = Lights(engine, window, clock, 3.0, told.append)  # type: ignore[arg-type]
    lights.look(True)
    assert (engine.is_wanted, told, window.told) == (True, ["open"], [(0.0, 0.0)])
    lights.look(False)
    assert window.told[-1] == (1.0, 3.0)
    assert told == ["open"], "the projector stays on until all is black"
    clock.advance(2.9)
    lights.look(False)
    assert engine.log[-1] == "runs"
    clock.advance(0.2)
    lights.look(False)
    assert told == ["open", "close"]
    assert engine.log[-1] == "paused", "so that everybody leaves before the engine does"
    clock.advance(LEAVE_SECONDS)
    lights.look(False)
    assert engine.log[-1] == "ends"
    assert not engine.is_wanted
    lights.look(True)
    assert engine.is_wanted
    assert window.told[-1] == (0.0, 3.0)
    assert told == ["open", "close", "open"]


def test_it_opens_again_in_the_middle_of_closing() -> None:
    engine, clock = FakeEngine(), ManualClock(10.0)
    lights = Lights(engine, FakeWindow(), clock, 3.0, lambda _: None)  # type: ignore[arg-type]
    lights.look(True)
    lights.look(False)
    clock.advance(3.0)
    lights.look(False)
    lights.look(True)
    clock.advance(10.0)
    lights.look(True)
    assert engine.is_wanted
    assert engine.log[-2:] == ["looks", "runs"]


def test_a_blackout_has_nothing_to_do_with_the_hours() -> None:
    engine, window, clock = FakeEngine(), FakeWindow(), ManualClock(10.0)
    lights = Lights(engine, window, clock, 3.0, lambda _: None)  # type: ignore[arg-type]
    lights.look(True)
    lights.blackout(True)
    assert window.told[-1][0] == 1.0
    assert not lights.is_lit
    lights.look(False)
    lights.blackout(False)
    assert window.told[-1][0] == 1.0, "it is closed"
    lights.look(True)
    assert window.told[-1] == (0.0, 3.0)
    assert lights.is_lit


# ---------------------------------------------------------------- the window's keeper


class FakeProcess:
    """A window that does what the test says."""

    def __init__(self, clock: ManualClock) -> None:
        self.started = clock.now()
        self.is_alive, self.is_ready, self.has_quit, self.process_id = True, False, False, 1
        self.beat: object = None
        self.log: list[str] = []

    def show(self, frames: int) -> None:
        self.is_ready, self.beat = True, type("Beat", (), {"frames": frames})()

    def give(self, update) -> None:
        self.log.append("given")

    def tell(self, kind: str, **_: object) -> None:
        self.log.append(kind)

    def failure(self) -> str:
        return "it crashed"

    def end(self, _: float) -> None:
        self.log.append("ended")

    def kill(self) -> None:
        self.is_alive = False
        self.log.append("killed")

    def close(self) -> None:
        self.log.append("closed")


class Stage:
    """A keeper, with every window that it started."""

    def __init__(self) -> None:
        self.clock = ManualClock(100.0)
        self.started: list[FakeProcess] = []
        self.said: list[str] = []
        self.keeper = WindowKeeper(self._start, self.clock, self.said.append, frozen_after=5.0)
        self.keeper.is_wanted = True

    def _start(self) -> FakeProcess:
        self.started.append(FakeProcess(self.clock))
        return self.started[-1]

    def run(self, seconds: float, *, draws: bool = True) -> None:
        for _ in range(round(seconds * 10)):
            self.clock.advance(0.1)
            for process in self.started:
                if draws and process.is_ready and process.is_alive:
                    process.show(process.beat.frames + 6)  # type: ignore[attr-defined]
            self.keeper.look()


@pytest.fixture
def stage() -> Stage:
    stage = Stage()
    stage.keeper.look()
    stage.started[0].show(1)
    stage.run(40.0)
    return stage


def test_a_crash_is_followed_by_another_window(stage: Stage) -> None:
    stage.started[0].is_alive = False
    stage.run(0.2)
    assert len(stage.started) == 2
    assert stage.keeper.lost == "it crashed"
    assert not stage.keeper.is_shown
    stage.run(2.0)
    assert stage.keeper.missing_for == pytest.approx(2.1, abs=0.2)
    stage.started[1].show(1)
    stage.run(WELL_SECONDS + 0.3)
    assert (stage.keeper.lost, stage.keeper.restarts, stage.keeper.missing_for) == ("", 1, 0.0)


def test_a_window_that_draws_nothing_is_killed(stage: Stage) -> None:
    stage.run(4.8, draws=False)
    assert stage.keeper.frozen == ""
    stage.run(0.4, draws=False)
    assert "drew nothing for 5" in stage.keeper.frozen
    assert "killed" in stage.started[0].log


def test_our_own_nap_is_held_against_nobody(stage: Stage) -> None:
    stage.clock.advance(3600.0 + NAP_SECONDS)
    stage.keeper.look()
    assert stage.keeper.lost == ""
    stage.run(4.0, draws=False)
    assert stage.keeper.lost == ""


def test_a_window_that_never_shows_anything(stage: Stage) -> None:
    stage.started[0].is_alive = False
    stage.run(0.2)
    stage.run(START_SECONDS + 0.5)
    assert "showed nothing within 60 s" in stage.keeper.last_end
    assert "killed" in stage.started[1].log


def test_it_is_given_up_and_comes_back(stage: Stage) -> None:
    def crash_always(seconds: float) -> None:
        for _ in range(round(seconds * 10)):
            stage.started[-1].is_alive = False
            stage.run(0.1)

    crash_always(60.0)
    assert stage.keeper.is_given_up
    crashes = len(stage.started)
    assert crashes <= 10
    crash_always(600.0)
    assert len(stage.started) - crashes in (9, 10, 11), "once a minute"
    stage.run(61.0)
    stage.started[-1].show(1)
    stage.run(31.0)
    assert not stage.keeper.is_given_up
    assert stage.keeper.lost == ""


def test_a_quit_is_no_crash(stage: Stage) -> None:
    stage.started[0].is_alive, stage.started[0].has_quit = False, True
    stage.run(0.2)
    assert stage.keeper.has_quit
    assert len(stage.started) == 1


def test_a_renewal_shows_the_next_before_the_old_one_ends(stage: Stage) -> None:
    stage.keeper.renew("it is night")
    stage.run(1.0)
    assert len(stage.started) == 2
    assert "ended" not in stage.started[0].log
    assert stage.keeper.is_shown
    stage.started[1].show(1)
    stage.run(0.2)
    assert stage.keeper.process is stage.started[1]
    stage.keeper.close()
    assert stage.started[0].log[-2:] == ["ended", "closed"]
    assert (stage.keeper.renewals, stage.keeper.restarts) == (1, 0)


def test_a_renewal_that_fails_leaves_the_old_one(stage: Stage) -> None:
    stage.keeper.renew("it is night")
    stage.run(0.1)
    stage.started[1].is_alive = False
    stage.run(5.0)
    assert stage.keeper.process is stage.started[0]
    assert any("goes on" in sentence for sentence in stage.said)
    stage.keeper.close()


def test_a_crash_while_the_next_one_is_on_its_way(stage: Stage) -> None:
    stage.keeper.renew("it is night")
    stage.run(0.1)
    stage.started[0].is_alive = False
    stage.run(0.2)
    assert stage.keeper.process is stage.started[1]
    assert len(stage.started) == 2
    stage.keeper.close()
