"""Nobody enters a dark room who is not there, however much light is added for the model."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

import cv2
import numpy as np
import pytest
from coco_truth import frames_in
from darkroom import darker
from soaking import IS_SHORT

from posekit.estimators import EstimatorOptions, open_estimator
from posekit.estimators.base import Estimator, Hint
from posekit.events import Presence
from posekit.frame import Frame
from posekit.tracking import Tracker

WIDTH = 640
PERSON_ON_IT = "000000174632.jpg"
"""A picture on which somebody is seen in any light: toy figures."""


@pytest.fixture
def eyes() -> Iterator[Estimator]:
    estimator = open_estimator(EstimatorOptions("posenet", focus="on", light="auto"))
    yield estimator
    estimator.close()


def entered(estimator: Estimator, frames: Iterable[Frame]) -> list[float]:
    """Return when somebody entered; nobody is known before."""
    estimator.reset()
    tracker, presence, people, times = Tracker(), Presence(), (), []
    for frame in frames:
        poses = estimator.estimate(frame, Hint(people)).poses
        people = tracker.update(poses, frame.time, frame.size).people
        times += [event.time for event in presence.update(people, frame.time) if event.name == "enter"]
    return times


def small(pixels: np.ndarray) -> np.ndarray:
    height = round(WIDTH * pixels.shape[0] / pixels.shape[1])
    return cv2.resize(pixels, (WIDTH, height), interpolation=cv2.INTER_AREA)


def dark_film(path: str, stops: float, step: int, seconds: float) -> Iterator[Frame]:
    capture = cv2.VideoCapture(path)
    rate, index = capture.get(cv2.CAP_PROP_FPS), 0
    while index / rate < seconds and capture.grab():
        if index % step == 0:
            pixels = np.ascontiguousarray(small(capture.retrieve()[1])[..., ::-1])
            yield Frame(darker(pixels, stops, index), index / rate, index)
        index += 1
    capture.release()


@pytest.mark.soak
@pytest.mark.parametrize("stops", [5] if IS_SHORT else [4, 5])
def test_visitors_in_the_dark_are_as_many_visits(eyes: Estimator, stops: float, asset) -> None:
    name = "one-by-one-person-detection"
    truth = json.loads(asset(f"data/truth/{name}.events.gt.json").read_text())
    step, seconds = (4, 45.0) if IS_SHORT else (2, 1e9)
    came = entered(eyes, dark_film(str(asset(f"data/videos/{name}.mp4")), stops, step, seconds))
    visits = [visit["enter"] / truth["fps"] for visit in truth["visits"]]
    assert came == pytest.approx([visit for visit in visits if visit < seconds], abs=2.0)
    assert len(came) == (2 if IS_SHORT else 6)


@pytest.mark.soak
@pytest.mark.parametrize("stops", [5] if IS_SHORT else [2, 4, 5, 6, 8])
def test_nobody_enters_a_dark_picture_without_people(eyes: Estimator, stops: float, asset) -> None:
    pictures = frames_in(asset("data/no_people"))
    assert len(pictures) == 14
    for picture in pictures:
        shots = [darker(small(picture.pixels), stops, seed) for seed in range(3)]
        frames = (Frame(shots[at % 3], at / 10, at) for at in range(10))
        assert picture.name == PERSON_ON_IT or not entered(eyes, frames), picture.name
