"""Focus: far visitors are seen, newcomers in time, nobody in an empty room; each body once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from walk_in import read_room

from posekit.estimators import EstimatorOptions, open_estimator, prepare_estimator
from posekit.estimators.focus import Focus, FocusOptions
from posekit.frame import Frame

MODEL = (481, 353)
SIZE = (1280, 720)
RATE = 30.0
WALKING = 0.76
"""Heights of a body per second: 1.3 m/s of 1.7 m."""


@pytest.fixture(scope="module")
def room(asset):
    return read_room(asset("data/videos/one-by-one-person-detection.mp4"), SIZE)


@pytest.fixture(scope="module")
def posenet(assets_folder):
    estimator = open_estimator(EstimatorOptions(name="posenet", input_size=MODEL))
    yield estimator
    estimator.close()


def middle(pose) -> np.ndarray:
    return pose.xy[pose.scores > 0.3].mean(axis=0) * SIZE


def is_seen(poses, place, tall) -> int:
    """Return how many poses stand at a place."""
    return sum(bool(np.hypot(*(middle(pose) - place)) < 0.35 * tall) for pose in poses)


def test_a_far_visitor_is_seen_again_and_again_once_she_was_found(room, posenet):
    """At 100 of 720 pixels the whole picture does not show her to the model; a part of it does."""
    visitor = room.visitors[0].tall(100)
    picture = room.with_people((visitor, 900, 560))
    place = np.array([900 + visitor.alpha.shape[1] / 2, 510])
    assert is_seen(posenet.estimate(Frame(picture, 0.0, 0)).poses, place, 100) == 0
    focus = Focus(posenet)
    seen = [is_seen(focus.estimate(Frame(picture, i / RATE, i)).poses, place, 100) for i in range(45)]
    first = seen.index(1)
    assert first <= 18
    assert sum(seen[first:]) == len(seen) - first


@pytest.mark.parametrize("options", [FocusOptions(), FocusOptions(regions=4)])
@pytest.mark.parametrize("tall", [200, 300])
def test_a_newcomer_is_seen_within_three_tenths_of_a_second(room, posenet, options, tall):
    known, newcomer = room.visitors[0].tall(180), room.visitors[1].tall(tall)
    wide = newcomer.alpha.shape[1]
    focus = Focus(posenet, options)
    whole_since = None
    for index in range(75):
        time = index / RATE
        left = SIZE[0] - WALKING * tall * (time - 0.9)
        picture = room.with_people((known, 200, 600), (newcomer, left, 640))
        poses = focus.estimate(Frame(picture, time, index)).poses
        whole_since = time if whole_since is None and left + wide <= SIZE[0] else whole_since
        if is_seen(poses, (left + wide / 2, 640 - tall / 2), tall):
            break
    else:
        pytest.fail("the newcomer was never seen")
    assert time - (whole_since if whole_since is not None else time) <= 0.3


def test_each_body_is_told_of_once_and_no_more_than_wanted(room, posenet):
    visitor = room.visitors[0]
    picture = room.with_people(*((visitor.tall(190), 80 + 200 * at, 620) for at in range(6)))
    for regions in (1, 2, 4):
        focus = Focus(posenet, FocusOptions(regions=regions))
        counts = [len(focus.estimate(Frame(picture, i / RATE, i)).poses) for i in range(15)]
        assert counts[3:] == [6] * 12
        few = Focus(posenet, FocusOptions(regions=regions, max_poses=4))
        assert [len(few.estimate(Frame(picture, i / RATE, i)).poses) for i in range(3)] == [4] * 3


def test_nobody_is_seen_in_an_empty_room(room, posenet):
    focus = Focus(posenet, FocusOptions(regions=4))
    counts = [len(focus.estimate(Frame(room.empty, i / RATE, i)).poses) for i in range(36)]
    assert len(counts) == 36
    assert sum(counts) == 0


def test_reset_equals_new_and_time_may_go_back(room, posenet):
    picture = room.with_people((room.visitors[0].tall(180), 300, 600))
    used = Focus(posenet)
    for index, time in enumerate((5.0, 5.03, 4.0, 4.0, 9.0)):
        assert len(used.estimate(Frame(picture, time, index)).poses) == 1
    used.reset()
    fresh = Focus(posenet)
    for index in range(4):
        frame = Frame(picture, index / RATE, index)
        one, other = (focus.estimate(frame).poses for focus in (used, fresh))
        assert len(one) == len(other) == 1
        np.testing.assert_array_equal(one[0].xy, other[0].xy)


def test_a_picture_of_another_size_begins_anew(room, posenet):
    focus = Focus(posenet)
    picture = room.with_people((room.visitors[0].tall(200), 300, 600))
    for index in range(4):
        focus.estimate(Frame(picture, index / RATE, index))
    turned = np.ascontiguousarray(picture[:, 200:600])
    poses = focus.estimate(Frame(turned, 4 / RATE, 4)).poses
    assert len(poses) == 1
    assert 0.2 < middle(poses[0])[0] / SIZE[0] < 0.5


def test_who_is_waited_for_is_looked_for(room, posenet):
    """The tracker's people count too: somebody hidden for a moment keeps her place in the region."""
    focus = Focus(posenet)
    tall = room.visitors[0].tall(220)
    pose = posenet.estimate(Frame(room.with_people((tall, 300, 600)), 0.0, 0)).poses
    assert len(pose) == 1
    focus.estimate(Frame(room.with_people((tall, 300, 600)), 0.0, 0))
    far = replace(pose[0], xy=pose[0].xy + np.array([0.5, 0.0], np.float32))

    class People:
        people = (type("Person", (), {"pose": far, "seen": -0.1})(),)

    focus.estimate(Frame(room.empty, 1 / RATE, 1), People())
    (region,) = focus.regions
    assert region.left + region.width > (300 + 0.5 * SIZE[0])


def decided(asset, **asked) -> tuple[str, list[str]]:
    asset("models")
    said: list[str] = []
    options = prepare_estimator(EstimatorOptions(**asked), report=said.append)
    assert prepare_estimator(options, report=said.append) == options  # and it is told once
    return options.focus, [sentence for sentence in said if "focus" in sentence]


def test_focus_is_decided_before_anything_starts_and_no_wish_is_dropped_in_silence(asset):
    for family, asked, focus in (
        ("posenet", {"focus": "auto"}, "on"),
        ("posenet", {"focus": "auto", "still": True}, "off"),
        ("posenet", {"focus": "auto", "single": True}, "off"),
        ("movenet", {"focus": "auto"}, "off"),
        ("posenet", {"focus": "people"}, "people"),
        ("posenet", {"focus": "off"}, "off"),
    ):
        assert decided(asset, name=family, **asked) == (focus, []), asked
    for family, asked, word in (
        ("posenet", {"focus": "on", "still": True}, "single pictures"),
        ("posenet", {"focus": "people", "single": True}, "--single"),
        ("movenet", {"focus": "on"}, "by itself"),
    ):
        focus, (sentence,) = decided(asset, name=family, **asked)
        assert (focus, word in sentence) == ("off", True), sentence
