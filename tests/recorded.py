"""Recordings for tests: made by hand, written, and compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from builders import a_pose
from hypothesis import strategies as st

from posekit.clock import ManualClock
from posekit.events import Presence
from posekit.frame import Observed
from posekit.health import CameraState
from posekit.pipeline import Pipeline
from posekit.pose import Pose
from posekit.recording import RecordedPerson, RecordedScene, RecordingWriter
from posekit.tracking import Tracker

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from posekit.pipeline import Step

ROUNDING = 0.6e-5
"""Half of the last decimal that is kept, and float32's share."""

numbers = st.floats(-3, 3, width=32)
scores = st.floats(0, 1, width=32)


@st.composite
def poses(draw: st.DrawFn) -> Pose:
    """Return any pose, with keypoints missing."""
    values = np.random.default_rng(draw(st.integers(0, 1 << 32)))
    xy = values.uniform(-1, 2, (17, 2)).astype(np.float32)
    keypoint_scores = values.uniform(0.001, 1, 17).astype(np.float32)
    xy[0], keypoint_scores[0] = (draw(numbers), draw(numbers)), max(draw(scores), 1e-3)
    absent = values.random(17) < draw(st.sampled_from((0.0, 0.3, 0.95, 1.0)))
    xy[absent], keypoint_scores[absent] = np.nan, 0.0
    return Pose(xy, keypoint_scores, float(draw(scores)))


@st.composite
def recordings(draw: st.DrawFn) -> list[RecordedScene]:
    """Return any list of scenes, in the order of time."""
    time, scenes = 0.0, []
    sizes = st.sampled_from(((640, 480), (1280, 720), (33, 1000)))
    for index in range(draw(st.integers(1, 6))):
        ids = draw(st.lists(st.integers(1, 999), max_size=3, unique=True))
        people = tuple(
            RecordedPerson(person, draw(st.none() | st.integers(1, 6)), draw(poses())) for person in ids
        )
        others = tuple(draw(st.lists(poses(), max_size=2)))
        scenes.append(RecordedScene(time, index, draw(sizes), people, others))
        time += draw(st.floats(0.001, 5))
    return scenes


def assert_same_poses(found: Sequence[Pose], expected: Sequence[Pose], within: float = ROUNDING) -> None:
    """Compare poses, keypoint by keypoint."""
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one.xy, other.xy, atol=within, rtol=1e-6)
        np.testing.assert_allclose(one.scores, other.scores, atol=within)
        assert abs(one.score - other.score) <= within


def assert_same_scenes(
    found: Sequence[RecordedScene], expected: Sequence[RecordedScene], within: float = ROUNDING
) -> None:
    """Compare what every kind of file keeps."""
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        assert abs(one.time - other.time) <= within
        assert one.size == other.size
        assert [(who.id, who.slot) for who in one.people] == [(who.id, who.slot) for who in other.people]
        assert_same_poses(one.poses, other.poses, within)


class Watched:
    """A source of poses by hand: one list per tenth of a second."""

    description, is_camera, rate, count, dropped, state = "watched", False, 10.0, None, 0, CameraState.OK

    def __init__(self, observed: Iterable[Iterable[Pose]]) -> None:
        self._observed = [tuple(seen) for seen in observed]

    def frames(self) -> Iterator[Observed]:
        for at, seen in enumerate(self._observed):
            yield Observed(seen, at / 10, (640, 480), at)

    def close(self) -> None:
        pass


def two_visits() -> Watched:
    """Return somebody who comes and goes while somebody else walks by, with drop-outs and a ghost."""
    frames = []
    for at in range(80):
        seen = []
        if 5 <= at < 40 and at % 9:
            seen.append(a_pose(0.3, 0.2, missing=("left_wrist",) if at % 4 else ()))
        if 10 <= at < 60:
            seen.append(a_pose(0.5 + at / 200, 0.2, score=0.8))
        if at % 7 == 0:
            seen.append(a_pose(0.9, 0.9, score=0.1))
        frames.append(seen)
    return Watched(frames)


def run(source: object) -> list[Step]:
    """Run a source through tracker and events, without an estimator."""
    return list(Pipeline(None, Tracker(), Presence(1.0), ManualClock()).run(source))


def write(path: Path, steps: Iterable[Step]) -> Path:
    """Record steps."""
    with RecordingWriter(path, ManualClock(), source="by hand") as writer:
        for step in steps:
            writer.write(step.scene, step.events)
    return path


def happened(steps: Iterable[Step]) -> list[tuple[str, int, int | None, float]]:
    """Return what happened, to whom and when."""
    return [
        (event.name, event.person_id, event.slot, round(event.time, 4))
        for step in steps
        for event in step.events
    ]


def there(steps: Iterable[Step]) -> list[list[tuple[int, int | None]]]:
    """Return who was there, step by step."""
    return [[(person.id, person.slot) for person in step.scene.people] for step in steps]
