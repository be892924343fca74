"""The stages together, inline, on real footage and on poses that somebody else has seen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import pytest

from posekit.clock import ManualClock
from posekit.engine.session import RateMeter, Session
from posekit.errors import EstimatorError, SourceError
from posekit.estimators.base import Estimate, Hint
from posekit.events import Presence
from posekit.frame import Frame, Observed, Silence
from posekit.health import CameraState
from posekit.pipeline import Pipeline, Step
from posekit.pose import Pose
from posekit.scene import Event, Gesture, Person
from posekit.settings import Settings
from posekit.tracking import Tracker, TrackerOptions

AT_ONCE = TrackerOptions(min_age=0.0, grace=0.5)
"""Who is a person, and for how long, is the tracker's own matter: here everybody is one at first sight."""


def a_body(x: float) -> Pose:
    across, down = np.linspace(-0.05, 0.05, 17), np.linspace(-0.25, 0.25, 17)
    return Pose(np.stack([x + across, 0.5 + down], axis=1), np.full(17, 0.9), 0.9)


class Seen:
    """A source of poses that somebody has already seen: one list of places per tenth of a second."""

    description, is_camera, rate, count, dropped, state = "seen", False, 10.0, None, 0, CameraState.OK

    def __init__(self, places: list[list[float]], cut_at: int | None = None) -> None:
        self._places, self._cut_at = places, cut_at

    def frames(self) -> Iterator[Frame | Observed]:
        for at, places in enumerate(self._places):
            bodies = tuple(a_body(x) for x in places)
            yield Observed(bodies, at / 10, (640, 480), at, is_cut=at == self._cut_at)

    def close(self) -> None:
        pass


class Pictured(Seen):
    """A source of pictures."""

    def __init__(self, pictures: list[Frame]) -> None:
        self._pictures = pictures

    def frames(self) -> Iterator[Frame]:
        yield from self._pictures


class Blind:
    """An estimator that must not be asked."""

    name = description = "blind"

    def estimate(self, frame: Frame, hint: Hint | None = None) -> Estimate:
        raise AssertionError("poses that were seen already need no estimator")

    def reset(self) -> None:
        pass

    def close(self) -> None:
        pass


def test_poses_that_were_seen_already_go_through_the_same_stages() -> None:
    source = Seen([[], [0.3], [0.3, 0.7], [0.3, 0.7], *[[0.7]] * 8, *[[]] * 70])
    pipeline = Pipeline(Blind(), Tracker(AT_ONCE), Presence(), ManualClock(), epoch=3)
    steps = list(pipeline.run(source))
    assert len(steps) == 82
    events = [event for step in steps for event in step.events]
    assert [event.name for event in events] == ["enter", "first", "enter", "leave", "leave", "empty"]
    assert [event.sequence for event in events] == [1, 2, 3, 4, 5, 6]
    assert {event.epoch for event in events} == {3}
    assert max(len(step.scene.people) for step in steps) == 2
    assert all(step.scene.captured == step.scene.published for step in steps)


def test_a_person_is_in_the_scene_exactly_between_her_enter_and_her_leave() -> None:
    numbers = np.random.default_rng(5)
    places = [[x for x in (0.2, 0.5, 0.8) if numbers.random() < 0.5] for _ in range(300)]
    here: set[int] = set()
    for step in Pipeline(Blind(), Tracker(AT_ONCE), Presence(), ManualClock()).run(Seen(places)):
        for event in step.events:
            if event.name == "enter":
                here.add(event.person_id)
            elif event.name == "leave":
                here.remove(event.person_id)
        assert {person.id for person in step.scene.people} == here


def test_a_reset_lets_everybody_leave() -> None:
    pipeline = Pipeline(Blind(), Tracker(AT_ONCE), Presence(), ManualClock())
    list(pipeline.run(Seen([[0.3, 0.7]])))
    assert [(event.name, event.person_id, event.reason) for event in pipeline.reset()] == [
        ("leave", 1, "reset"),
        ("leave", 2, "reset"),
    ]


class Sitting:
    """A watcher: whoever is here has begun to sit, until she is gone."""

    def __init__(self) -> None:
        self._sitting: set[int] = set()

    def update(self, people: Sequence[Person], time: float, aspect: float) -> list[Event]:
        here = {person.id for person in people}
        begun = [Gesture("sit", at, time=time) for at in sorted(here - self._sitting)]
        ended = [Gesture("sit", at, time=time, phase="cancelled") for at in sorted(self._sitting - here)]
        self._sitting = here
        return begun + ended

    def reset(self) -> None:
        self._sitting = set()


def told(steps: Iterable[Step]) -> list[str]:
    return [
        event.name if not isinstance(event, Gesture) else f"{event.name} {event.phase}"
        for step in steps
        for event in step.events
    ]


def test_nobody_does_anything_before_she_enters_or_after_she_leaves() -> None:
    pipeline = Pipeline(None, Tracker(AT_ONCE), Presence(), ManualClock(), watchers=[Sitting()])
    steps = list(pipeline.run(Seen([[0.3]] * 10 + [[]] * 40)))
    assert told(steps) == ["enter", "first", "sit start", "sit cancelled", "leave"]
    assert [event.sequence for step in steps for event in step.events] == [1, 2, 3, 4, 5]


def test_what_a_film_shows_after_it_has_begun_anew_does_not_go_on_from_its_end() -> None:
    pipeline = Pipeline(None, Tracker(AT_ONCE), Presence(), ManualClock(), watchers=[Sitting()])
    steps = list(pipeline.run(Seen([[0.3]] * 20, cut_at=10)))
    assert told(steps) == ["enter", "first", "sit start", "sit cancelled", "leave", "enter", "sit start"]
    left = [event for step in steps for event in step.events if event.name == "leave"]
    assert [(event.person_id, event.reason) for event in left] == [(1, "cut")]


class Blinded(Seen):
    """A camera that delivers a body ten times a second, then nothing, then the body again."""

    def __init__(self) -> None:
        pass

    def frames(self) -> Iterator[Frame | Observed | Silence]:
        for at in range(50):
            if 10 <= at < 40:
                yield Silence(at / 10, (640, 480), 9, CameraState.LOST)
            else:
                yield Observed((a_body(0.3),), at / 10, (640, 480), at)


def test_nobody_is_waited_for_with_a_camera_that_sees_nothing() -> None:
    tracker = Tracker(TrackerOptions(min_age=0, grace=10))
    pipeline = Pipeline(None, tracker, Presence(), ManualClock(), watchers=[Sitting()])
    steps = list(pipeline.run(Blinded()))
    assert told(steps) == ["enter", "first", "sit start", "sit cancelled", "leave", "enter", "sit start"]
    (at,) = (at for at, step in enumerate(steps) for event in step.events if event.name == "leave")
    assert 19 <= at <= 20  # a second after the last frame, which was the tenth
    (left,) = (event for step in steps for event in step.events if event.name == "leave")
    assert (left.person_id, left.reason, left.time) == (1, "camera", 0.9)


def test_a_pipeline_without_an_estimator_says_what_it_wants() -> None:
    pipeline = Pipeline(None, Tracker(AT_ONCE), Presence(), ManualClock())
    frame = Frame(np.zeros((48, 64, 3), np.uint8), 0.0, 0)
    with pytest.raises(EstimatorError, match="brings pictures"):
        list(pipeline.run(Pictured([frame])))


def test_the_same_clip_gives_the_same_result_twice(asset) -> None:
    clip = str(asset("data/videos/crossing.mp4"))

    def run() -> list[tuple[float, tuple[int, ...], float]]:
        with Session(Settings(source=clip), ManualClock(), every_frame=True) as session:
            scenes = [moment.step.scene for moment, _ in zip(session.moments(), range(25), strict=False)]
        return [
            (
                scene.captured,
                tuple(person.id for person in scene.people),
                float(sum(p.center.x for p in scene.people)),
            )
            for scene in scenes
        ]

    first, second = run(), run()
    assert len(first) == 25
    assert first == second
    assert max(len(people) for _, people, _ in first) >= 1


def test_a_session_that_cannot_open_its_source_leaves_nothing_open(asset) -> None:
    asset("models")
    with pytest.raises(SourceError):
        Session(Settings(source="/nowhere.mp4"), ManualClock(), every_frame=True)


def test_the_rate_counts_gaps_not_stamps() -> None:
    meter = RateMeter()
    assert meter.update(5.0, 1) == 0.0
    assert meter.update(6.0, 2) == 1.0
    for at in range(1, 31):
        rate = meter.update(6.0 + at / 30, 2 + at)
    assert rate == pytest.approx(30.0)
    assert RateMeter().update(0.0, 0) == 0.0
