"""People are told apart on real clips and in a crowd, and whole frames are assigned as well as can be."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from posekit.crowd import CrowdOptions, moments
from posekit.estimators import EstimatorOptions, open_estimator
from posekit.events import Presence
from posekit.frame import Frame
from posekit.tracking import Tracker
from posekit.tracking.assignment import assign

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from posekit.geometry import Size
    from posekit.pose import Pose


@pytest.mark.parametrize("seed", range(5))
def test_an_assignment_is_the_best_there_is(seed: int) -> None:
    optimize = pytest.importorskip("scipy.optimize")
    numbers = np.random.default_rng(seed)
    pairs = 0
    for trial in range(120):
        rows, columns = numbers.integers(0, 11, 2)
        gain = numbers.normal(-0.3, 1, (rows, columns)).astype(np.float32)
        if trial % 3 == 0:
            gain = np.round(gain * 2) / 2  # with ties
        taken, given = assign(gain)
        assert len(set(taken.tolist())) == len(taken) == len(set(given.tolist()))
        assert (gain[taken, given] > 0).all()
        best = optimize.linear_sum_assignment(-np.maximum(gain, 0))
        assert gain[taken, given].sum() == pytest.approx(np.maximum(gain, 0)[best].sum(), abs=1e-4)
        pairs += len(taken)
    assert pairs > 300


def test_greed_would_be_wrong_here() -> None:
    rows, columns = assign(np.array([[0.9, 0.8], [0.8, 0.1]]))
    assert list(zip(rows.tolist(), columns.tolist(), strict=True)) == [(0, 1), (1, 0)]


def film(path: Path, step: int = 1) -> Iterator[tuple[float, tuple[Pose, ...], Size]]:
    capture = cv2.VideoCapture(str(path))
    rate = capture.get(cv2.CAP_PROP_FPS)
    estimator = open_estimator(EstimatorOptions(name="posenet"))
    try:
        index = 0
        while (read := capture.read())[0]:
            if index % step == 0:
                frame = Frame(cv2.cvtColor(read[1], cv2.COLOR_BGR2RGB), index / rate, index)
                yield frame.time, estimator.estimate(frame).poses, frame.size
            index += 1
    finally:
        estimator.close()
        capture.release()


def test_six_visitors_one_by_one_are_six_visits(asset) -> None:
    name = "one-by-one-person-detection"
    truth = json.loads(asset(f"data/truth/{name}.events.gt.json").read_text())
    tracker, presence = Tracker(), Presence()
    told: dict[str, list[float]] = {"enter": [], "leave": []}
    for time, poses, size in film(asset(f"data/videos/{name}.mp4"), step=2):
        for event in presence.update(tracker.update(poses, time, size).people, time):
            if event.name in told:
                told[event.name].append(event.time)
    told["leave"] += [event.time for event in presence.reset()]
    assert len(told["enter"]) == len(told["leave"]) == len(truth["visits"]) == 6
    for visit, enter, leave in zip(truth["visits"], told["enter"], told["leave"], strict=True):
        assert enter == pytest.approx(visit["enter"] / truth["fps"], abs=1.6)
        assert leave == pytest.approx(visit["leave"] / truth["fps"], abs=1.6)


def test_two_walkers_who_cross_keep_their_ids(asset) -> None:
    frames = json.loads(asset("data/truth/crossing.gt.json").read_text())["frames"]
    tracker, ids = Tracker(), {1: set(), 2: set()}
    checked = 0
    for (time, poses, size), frame in zip(film(asset("data/videos/crossing.mp4")), frames, strict=False):
        people = tracker.update(poses, time, size).people
        boxes = {one["track_id"]: one["bbox"] for one in frame["people"]}
        if len(boxes) < 2 or abs(boxes[1][0] - boxes[2][0]) < 150:
            continue  # they overlap: which pose is whose cannot be told by boxes
        for number, (x, y, width, height) in boxes.items():
            middle = (x + width / 2, y + height / 2)
            found = [person.id for person in people if person.seen == time and within(person, middle, size)]
            ids[number].update(found)
            checked += len(found)
    assert checked > 60
    assert [len(ids[1]), len(ids[2])] == [1, 1]
    assert ids[1] != ids[2]


def within(person, middle: tuple[float, float], size: Size) -> bool:
    x, y = person.center
    return abs(x * size[0] - middle[0]) < 60 and abs(y * size[1] - middle[1]) < 100


@pytest.mark.parametrize("rate", [10.0, 30.0])
def test_in_a_crowd_most_of_each_visit_has_one_id(rate: float) -> None:
    tracker, seen = Tracker(), {}
    for moment in moments(CrowdOptions(people=3, seed=31, rate=rate, seconds=20)):
        whose = {id(pose): origin for pose, origin in zip(moment.poses, moment.origins, strict=True)}
        for person in tracker.update(moment.poses, moment.time, (1280, 720)).people:
            if person.seen == moment.time and whose[id(person.raw)]:
                seen.setdefault(whose[id(person.raw)], []).append(person.id)
    assert sum(map(len, seen.values())) > 20 * rate
    right = sum(max(ids.count(number) for number in set(ids)) for ids in seen.values())
    assert right / sum(map(len, seen.values())) > 0.93
