"""A clock that jumps: nobody's wall clock matters, and an hour of sleep is no fault of the engine's."""

from __future__ import annotations

import ast
import os
import re
import signal
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from builders import a_pose
from fault_world import (
    RECOVERY_SECONDS,
    Program,
    Receiver,
    Show,
    changed_python,
    held,
    leftovers,
    people_are_here,
    record,
)

import posekit
from posekit.clock import ManualClock, SystemClock
from posekit.estimators.base import Estimate
from posekit.events import Presence
from posekit.frame import Observed
from posekit.health import Health
from posekit.outputs.osc.opening import open_osc
from posekit.pipeline import Pipeline
from posekit.runner.engine_feed import EngineFeed
from posekit.runner.pacing import Pacer
from posekit.settings import Settings
from posekit.tracking import Tracker

HOUR = 3600.0
WALL = {"time", "time_ns", "localtime", "gmtime", "ctime", "asctime", "strftime", "datetime"}
BEFORE_A_SHOW = ("assets", "bench", "cli")
"""What runs before a show or beside it: a download goes by the files' own dates."""
WITH_HOURS = ("gallery", "records", "service", "show", "status")
"""What keeps opening hours and dates: it turns wall time into days, and is handed the clock that tells it."""
TURNING = {"datetime", "localtime", "gmtime", "strftime"}


def wall_time_in(path: Path) -> list[str]:
    """Return every use of wall time in a file: `time.time`, `from time import time`, anything of datetime."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "time":
            found += [node.attr] if node.attr in WALL else []
        elif isinstance(node, ast.ImportFrom) and node.module in ("time", "datetime"):
            own = node.module == "time"
            found += [alias.name if own else "datetime" for alias in node.names if alias.name in WALL]
        elif isinstance(node, ast.Import):
            found += [alias.name for alias in node.names if alias.name == "datetime"]
    return found


def test_nothing_that_runs_in_a_show_asks_for_the_wall_clock() -> None:
    package = Path(posekit.__file__).parent
    looked = {path.relative_to(package): wall_time_in(path) for path in package.rglob("*.py")}
    assert len(looked) > 80
    assert looked[Path("assets/cache.py")] == ["time"], "what finds wall time has stopped finding it"
    shows = {path: found for path, found in looked.items() if path.parts[0] not in BEFORE_A_SHOW}
    assert shows.pop(Path("clock.py")) == ["time"], "one place reads the wall clock, for those who ask there"
    asked = {path: found for path, found in shows.items() if found and path.parts[0] not in WITH_HOURS}
    assert asked == {}
    calendars = {path: set(found) for path, found in shows.items() if path.parts[0] in WITH_HOURS}
    assert {path: found for path, found in calendars.items() if found - TURNING} == {}
    asking = re.compile(r"datetime\.now\(|\.utcnow\(|date\.today\(|localtime\(\)|gmtime\(\)")
    assert [path for path in calendars if asking.search((package / path).read_text(encoding="utf-8"))] == []


def test_an_hour_of_sleep_makes_the_pacer_hurry_nobody() -> None:
    clock = ManualClock(100.0)
    pacer = Pacer(60.0, clock, clock.advance)
    for _ in range(60):
        pacer.wait()
    clock.advance(HOUR)
    woken, frames = clock.now(), 0
    while pacer.wait() < woken + 1.0:
        frames += 1
    assert frames == pytest.approx(60, abs=1)


class Places:
    """A source of bodies that were seen already, at times of its own."""

    description, is_camera, rate, count, dropped = "places", False, 10.0, None, 0

    def __init__(self, *seen: tuple[float, list[float]]) -> None:
        self._seen = seen

    def frames(self):
        for at, (time_, places) in enumerate(self._seen):
            # They walk towards the middle: what never moves may be a coat on its hook.
            poses = tuple(a_pose(x + 0.01 * at * (1 if x < 0.5 else -1)) for x in places)
            yield Observed(poses, time_, (640, 480), at)

    def close(self) -> None:
        pass


class Blind:
    name = description = "blind"

    def estimate(self, frame, hint=None) -> Estimate:
        raise AssertionError("these poses were seen already")


def test_after_an_hour_of_sleep_people_are_as_old_as_they_are_and_leave_once() -> None:
    before = [(at / 10, [0.2, 0.8]) for at in range(20)]
    after = [(HOUR + at / 10, [0.2]) for at in range(20)]
    receiver, clock = Receiver(), ManualClock()
    with closing(receiver), closing(open_osc(Settings(osc=(f"127.0.0.1:{receiver.port}",)), clock)) as osc:
        events, packets = [], []
        for step in Pipeline(Blind(), Tracker(), Presence(), clock).run(Places(*before, *after)):
            events += step.events
            sent = receiver.hear().packets
            osc.update(step.scene, step.events, Health())
            packets.append(receiver.hear().packets - sent)
        (person,) = step.scene.people
        assert receiver.is_live
        assert receiver.last["/count"] == 1
    entered = [event.person_id for event in events if event.name == "enter"]
    left = [event.person_id for event in events if event.name == "leave"]
    assert len(set(entered)) == len(entered) >= 2
    # Whoever was there before and is not known again has left once, when she was last seen.
    assert sorted([*left, person.id]) == sorted(entered)
    assert all(event.visit <= 1.91 for event in events if event.name == "leave")
    came = next(event.time for event in events if (event.name, event.person_id) == ("enter", person.id))
    assert person.age == pytest.approx(step.scene.captured - came, abs=1e-6)
    assert len(packets) == 40
    # A scene is sent once for every frame, before as after; the first of either is a full refresh.
    assert max(packets[20:]) <= max(packets[:20])
    assert sum(packets[21:]) <= sum(packets[1:20])


class Jumping(SystemClock):
    """The system's clock, put forward by hand."""

    ahead = 0.0

    def now(self) -> float:
        return super().now() + self.ahead


def test_a_watchdog_whose_clock_jumps_does_not_blame_the_engine(asset) -> None:
    before, receiver, clock = held(), Receiver(), Jumping()
    settings = Settings(source=str(asset("data/videos/crossing.mp4")), osc=(f"127.0.0.1:{receiver.port}",))
    with closing(receiver):
        with closing(EngineFeed(settings, clock)) as feed:
            show = Show(feed, receiver)
            show.until(people_are_here)
            show.hears(lambda receiver: receiver.is_live)
            first = feed._engine.process_id
            clock.ahead += HOUR
            ended = time.monotonic() + 0.7
            show.until(lambda update: not update.health.engine or time.monotonic() > ended)
            assert feed._engine.process_id == first
            assert show.left("engine") == []
            assert receiver.is_live
            if sys.platform != "win32":
                assert_even_a_slow_runner_notices(show, clock)
        receiver.hear()
        assert receiver.is_neutral
    assert leftovers(before, held()) == []


def assert_even_a_slow_runner_notices(show: Show, clock: Jumping) -> None:
    """Assert that a runner that is always slow has no excuse for an engine that is stuck."""
    os.kill(show.feed._engine.process_id, signal.SIGSTOP)
    show.until(lambda update: True)
    looks = 0
    while show.feed.poll().health.engine:
        clock.ahead += 1.2
        looks += 1
        assert looks < 6
    stuck = show.feed._engine.process_id
    while show.feed._engine.process_id == stuck:
        show.feed.poll()
    os.kill(stuck := show.feed._engine.process_id, signal.SIGSTOP)  # the next one is stuck before it is ready
    for _ in range(90):
        clock.ahead += 0.9
        show.feed.poll()
    assert show.feed._engine.process_id != stuck


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_a_show_that_is_stopped_for_a_while_goes_on_whatever_the_wall_clock_says(
    asset, tmp_path: Path
) -> None:
    path = changed_python(
        tmp_path,
        "import itertools, time\n"
        "true, count = time.time, itertools.count()\n"
        "time.time = lambda: true() + (-1) ** next(count) * 31e6\n"  # a year ahead, a year behind, ...
        "time.time_ns = lambda: int(time.time() * 1e9)\n",
    )
    receiver = Receiver()
    source, target = str(asset("data/videos/crossing.mp4")), f"127.0.0.1:{receiver.port}"
    arguments = ("send", "--headless", "--source", source, "--osc", target)
    with closing(receiver), Program(tmp_path, *arguments, PYTHONPATH=path) as program:
        program.until(lambda: receiver.hear().is_live)
        (engine,) = program.children()
        os.killpg(program.process.pid, signal.SIGSTOP)
        time.sleep(2.5)  # longer than the watchdog's patience
        heard = receiver.hear().packets
        os.killpg(program.process.pid, signal.SIGCONT)
        back = program.until(lambda: receiver.hear().packets > heard, RECOVERY_SECONDS)
        uptime = int(str(receiver.last["/uptime"]))
        program.until(lambda: receiver.hear().is_live and int(str(receiver.last["/uptime"])) > uptime + 1)
        assert program.children() == [engine]
        assert not program.has_said("the next engine starts")
        record("stopped for 2.5 s, wall clock jumping", heard_again=back)
        program.process.send_signal(signal.SIGINT)
        program.ends()
        assert program.process.returncode == 0
        assert receiver.hear().is_neutral
