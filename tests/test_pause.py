"""Pause, resume and reset: everybody leaves with a reason, nothing old comes back, ids go on."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import closing

import numpy as np
import pytest
from fault_world import Receiver, Show, opened

from posekit.clock import ManualClock
from posekit.estimators.base import Estimate
from posekit.events import Presence
from posekit.events.gestures import Gestures
from posekit.frame import Frame
from posekit.health import CameraState
from posekit.pipeline import Pipeline
from posekit.pose import Pose
from posekit.runner.inline_feed import InlineFeed
from posekit.scene import Event, Leave
from posekit.settings import Settings
from posekit.smoothing import Smoother
from posekit.tracking import Tracker, TrackerOptions

CROWD = "synthetic:people=3,seed=7,seconds=600"


class Camera:
    """A source whose every picture has its number in it."""

    description, is_camera, rate, count, dropped, state = "camera", True, 10.0, None, 0, CameraState.OK

    def __init__(self, frames: int) -> None:
        self._frames = frames

    def frames(self) -> Iterator[Frame]:
        for at in range(self._frames):
            yield Frame(np.full((4, 6, 3), at, np.uint8), at / 10, at)

    def close(self) -> None: ...


class Counting:
    """An estimator that always sees the same body, and counts how often it was asked and reset."""

    name = description = "counting"

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.resets = 0

    def estimate(self, frame, hint=None) -> Estimate:
        self.asked.append(frame.index)
        across, down = np.linspace(-0.05, 0.05, 17), np.linspace(-0.25, 0.25, 17)
        return Estimate((Pose(np.stack([0.5 + across, 0.5 + down], axis=1), np.full(17, 0.9), 0.9),))

    def reset(self) -> None:
        self.resets += 1

    def close(self) -> None: ...


def run(frames: int, asks: dict[int, object]):
    """Run a pipeline and do at some frames, before they are looked at, what is asked for."""
    estimator = Counting()
    pipeline = Pipeline(
        estimator,
        Tracker(TrackerOptions(min_age=0.0)),
        Presence(),
        ManualClock(),
        smoother=Smoother(),
        watchers=(Gestures(),),
    )
    steps = []
    if 0 in asks:
        asks[0](pipeline)
    for step in pipeline.run(Camera(frames)):
        steps.append(step)
        if len(steps) in asks:
            asks[len(steps)](pipeline)
    return steps, estimator


def told(steps) -> list[tuple[int, str, int, str]]:
    return [
        (at, event.name, event.person_id, getattr(event, "reason", ""))
        for at, step in enumerate(steps)
        for event in step.events
        if event.name in ("enter", "leave")
    ]


def test_a_pause_estimates_nothing_and_shows_nothing_old_afterwards() -> None:
    asks = {4: lambda pipeline: pipeline.ask_pause(True), 7: lambda pipeline: pipeline.ask_pause(False)}
    steps, estimator = run(10, asks)
    assert estimator.asked == [0, 1, 2, 3, 7, 8, 9]
    assert told(steps) == [(0, "enter", 1, ""), (4, "leave", 1, "paused"), (7, "enter", 2, "")]
    assert [len(step.scene.people) for step in steps] == [1] * 4 + [0] * 3 + [1] * 3
    assert [step.frame.pixels[0, 0, 0] for step in steps] == list(range(10))  # pictures go on
    sequences = [event.sequence for step in steps for event in step.events]
    assert sequences == list(range(1, len(sequences) + 1))


def test_a_reset_forgets_everybody_and_ids_go_on() -> None:
    steps, estimator = run(6, {3: lambda pipeline: pipeline.ask_reset()})
    assert told(steps) == [(0, "enter", 1, ""), (3, "leave", 1, "reset"), (3, "enter", 2, "")]
    assert estimator.resets == 1
    assert estimator.asked == list(range(6))


def test_a_reset_in_a_pause_and_a_pause_from_the_start() -> None:
    def both(pipeline: Pipeline) -> None:
        pipeline.ask_reset()
        pipeline.ask_pause(False)

    steps, estimator = run(6, {0: lambda pipeline: pipeline.ask_pause(True), 3: both})
    assert told(steps) == [(3, "enter", 1, "")]
    assert estimator.asked == [3, 4, 5]


def test_a_file_that_is_rendered_can_be_paused_too() -> None:
    with closing(InlineFeed(Settings(source=CROWD, headless=True, osc=()))) as feed:
        updates = [feed.poll() for _ in range(60)]
        assert updates[-1].scene is not None
        here = [person.id for person in updates[-1].scene.people]
        assert here
        feed.pause(True)
        paused = [feed.poll() for _ in range(30)]
        assert [event.reason for event in paused[0].events if isinstance(event, Leave)] == ["paused"] * len(
            here
        )
        assert all(update.health.paused and not update.scene.people for update in paused)
        feed.pause(False)
        feed.reset()
        again = [feed.poll() for _ in range(60)]
        assert not again[0].health.paused
        assert min(person.id for person in again[-1].scene.people) > max(here)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture
def show(receiver: Receiver) -> Iterator[Show]:
    with opened(Settings(source=CROWD), receiver) as show:
        yield show


def leaves(events: list[Event]) -> dict[str, int]:
    reasons = [event.reason for event in events if isinstance(event, Leave)]
    return {reason: reasons.count(reason) for reason in set(reasons)}


def is_empty(receiver: Receiver) -> bool:
    return all(receiver.last.get(f"/p{slot}/active") == 0 for slot in range(1, 7))


def test_the_engine_pauses_resumes_and_forgets(show: Show) -> None:
    show.hears(lambda receiver: receiver.is_live, 15.0)
    show.until(lambda update: bool(update.scene and update.scene.people))
    show.feed.pause(True)
    show.until(lambda update: update.health.paused and not update.scene.people)
    here = set(show.entered)  # whoever came before the engine obeyed too
    assert leaves(show.events).get("paused") == len(here - set(show.left("gone")))
    show.hears(lambda receiver: receiver.last.get("/health/paused") == 1 and is_empty(receiver), 5.0)
    assert show.receiver.last["/health/engine"] == 1
    show.feed.pause(False)
    show.hears(lambda receiver: receiver.last.get("/health/paused") == 0 and receiver.is_live, 5.0)
    assert not here & set(show.entered[len(here) :])
    before = len(show.entered)
    show.feed.reset()
    show.until(lambda _: len(show.entered) > before)
    assert "reset" in leaves(show.events)
    assert show.entered == sorted(set(show.entered))


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_paused_stays_paused_when_the_engine_is_replaced(show: Show) -> None:
    show.hears(lambda receiver: receiver.is_live, 15.0)
    show.feed.pause(True)
    show.until(lambda update: update.health.paused)
    first = show.feed._engine.process_id
    os.kill(first, signal.SIGKILL)
    show.until(lambda update: not update.health.engine and update.health.paused)
    entered = list(show.entered)
    show.until(lambda update: update.health.engine and show.feed._engine.process_id != first)
    epoch = show.feed._engine.epoch
    show.hears(lambda receiver: receiver.last.get("/health/engine") == 1, 15.0)
    show.waits(0.5)
    show.until(lambda update: update.health.paused and update.scene.captured)
    assert show.entered == entered  # nobody came, not even for a frame
    show.feed.pause(False)
    show.until(lambda _: len(show.entered) > len(entered))
    assert show.feed._engine.epoch == epoch


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_a_pause_that_begins_while_there_is_no_engine_is_kept_too(show: Show) -> None:
    show.hears(lambda receiver: receiver.is_live, 15.0)
    os.kill(show.feed._engine.process_id, signal.SIGKILL)
    show.until(lambda update: not update.health.engine)
    show.feed.pause(True)
    show.feed.reset()
    assert show.feed.poll().health.paused
    entered = list(show.entered)
    show.hears(lambda receiver: receiver.last.get("/health/engine") == 1, 15.0)
    show.hears(lambda receiver: receiver.last.get("/health/paused") == 1, 15.0)
    assert show.entered == entered


def test_an_engine_that_is_told_nonsense_says_so_and_goes_on(show: Show) -> None:
    show.hears(lambda receiver: receiver.is_live, 15.0)
    show.feed._engine._tell({"dance": True})
    show.feed.pause(True)
    show.until(lambda update: update.health.paused)
