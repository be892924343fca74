"""What a body does, in numbers, against bodies of which it is known."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from builders import a_person, a_pose, a_scene
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from posekit.crowd import scripted
from posekit.errors import UnknownNameError
from posekit.features import FEATURES, UNKNOWN_FEATURES, Features, flat, measure, statures
from posekit.geometry import fit_picture
from posekit.health import Health
from posekit.skeleton import COCO_17
from posekit.sketch.people import SketchPerson
from posekit.sketch.scene import SketchScene

SIZE = (1280, 720)
ASPECT = 1280 / 720


def features_of(pose, velocity=None, aspect=ASPECT):
    velocity = np.zeros((17, 2), np.float32) if velocity is None else velocity
    return Features(measure(pose.xy[None], pose.scores[None], velocity[None], aspect)[0])


def acting(act, **how):
    return features_of(scripted(act, **how).pose(2.0))


@pytest.mark.parametrize("proportions", ["adult", "child"])
@pytest.mark.parametrize("height", [0.25, 0.6, 0.9])
@pytest.mark.parametrize("act", ["still", "t_pose", "crouch", "raise_both"])
def test_a_stature_is_the_same_in_any_posture(act, height, proportions):
    pose = scripted(act, height, proportions).pose(2.0)
    (stature,) = statures(flat(pose.xy[None], ASPECT))
    assert stature == pytest.approx(height, rel=0.05)


def test_who_sits_behind_a_table_has_a_stature_too():
    pose = scripted("still", 0.6, seated=True).pose(2.0)
    assert not pose.left_hip
    assert statures(flat(pose.xy[None], ASPECT))[0] == pytest.approx(0.6, rel=0.05)


def test_height_is_what_one_sees_and_shrinks_in_a_crouch():
    standing, crouching = acting("still", height=0.6), acting("crouch", height=0.6)
    assert standing.height == pytest.approx(0.9 * 0.6, abs=0.02)
    assert crouching.height < 0.65 * standing.height


@pytest.mark.parametrize(("act", "degrees"), [("still", 0), ("lean_left", 26), ("lean_right", -26)])
def test_lean_is_positive_towards_the_pictures_right(act, degrees):
    # Her own left is the picture's right.
    assert acting(act).lean == pytest.approx(degrees, abs=1.5)


@pytest.mark.parametrize("degrees", [-180, -90, -45, 0, 45, 90])
def test_facing_tells_where_a_body_is_turned_to(degrees):
    off = (acting("still", facing=degrees).facing - degrees + 180) % 360 - 180
    assert abs(off) < 20


@pytest.mark.parametrize("degrees", [-135, 135])
def test_from_behind_no_nose_tells_the_side(degrees):
    assert abs(acting("still", facing=degrees).facing) == 180


def test_facing_is_unknown_in_profile_without_a_nose():
    side = scripted("still", facing=90).pose(2.0)
    assert math.isnan(features_of(hidden(side, "nose")).facing)
    assert abs(features_of(hidden(scripted("still", facing=180).pose(2.0), "nose")).facing) == 180


def hidden(pose, *names):
    at = [COCO_17.find(name) for name in names]
    xy, scores = pose.xy.copy(), pose.scores.copy()
    xy[at], scores[at] = np.nan, 0
    return replace(pose, xy=xy, scores=scores)


def test_arms_hang_are_level_and_straight_up():
    assert acting("still").left_arm_angle < 12
    level = acting("t_pose")
    assert (level.left_arm_angle, level.right_arm_angle) == pytest.approx((90, 90), abs=2)
    assert (level.left_elbow_angle, level.right_elbow_angle) == pytest.approx((180, 180), abs=2)
    left = acting("raise_left")
    assert left.left_arm_angle > 160
    assert left.right_arm_angle < 12
    assert acting("arms_crossed").left_elbow_angle < 120


def test_an_arm_is_measured_against_the_trunk():
    tilted = acting("lean_left")
    assert tilted.left_arm_angle == pytest.approx(acting("still").left_arm_angle, abs=2)


def test_contraction_is_small_when_stretched_out_and_large_when_drawn_in():
    order = [acting(act).contraction for act in ("t_pose", "still", "crouch")]
    assert order == sorted(order)
    assert order[0] < 0.1
    assert order[2] > 0.45
    assert 0 <= acting("still", seated=True).contraction <= 1


def test_hands_are_as_far_apart_as_they_are():
    pose = a_pose(left_wrist=(0.75, 0.5), right_wrist=(0.25, 0.5))
    assert features_of(pose, aspect=2.0).hand_distance == pytest.approx(1.0, abs=1e-6)
    assert math.isnan(features_of(hidden(pose, "left_wrist")).hand_distance)


def test_speed_is_of_the_whole_and_motion_of_all_parts():
    pose = scripted("still", 0.5).pose(2.0)
    along = np.tile(np.float32((0.3, 0.4)), (17, 1))
    going = features_of(pose, along)
    assert going.speed == pytest.approx(0.5)
    assert going.motion == pytest.approx(0.5 / 0.5, rel=0.05)
    apart = along * np.where(np.arange(17) % 2, 1, -1)[:, None]
    assert features_of(pose, apart).speed < 0.05
    assert features_of(pose, apart).motion == pytest.approx(going.motion)
    head = np.where(np.arange(17)[:, None] < 5, along, 0)
    assert features_of(pose, head).motion == pytest.approx(going.motion / 13, rel=1e-4)


def test_lengths_go_with_size_and_angles_do_not():
    near, far = acting("raise_left", height=0.8), acting("raise_left", height=0.4)
    for name in ("height", "hand_distance"):
        assert near.get(name) == pytest.approx(2 * far.get(name), rel=1e-3)
    for name in ("lean", "contraction", "left_arm_angle", "left_elbow_angle"):
        assert near.get(name) == pytest.approx(far.get(name), abs=0.01)


def test_nobody_and_nothing():
    assert measure(*nothing(0), ASPECT).shape == (0, len(FEATURES))
    assert np.isnan(measure(*nothing(3), ASPECT)).all()
    assert math.isnan(UNKNOWN_FEATURES.motion)


def nothing(count):
    return np.full((count, 17, 2), np.nan, np.float32), np.zeros((count, 17)), np.zeros((count, 17, 2))


def test_a_feature_that_does_not_exist_names_the_nearest():
    features = acting("still")
    assert [features.get(name) for name in FEATURES] == features.values.tolist()
    with pytest.raises(UnknownNameError, match="lean"):
        features.get("leam")
    with pytest.raises(AttributeError, match="motion"):
        _ = features.motoin


bodies = st.integers(1, 4).flatmap(
    lambda count: st.tuples(
        npst.arrays(np.float32, (count, 17, 2), elements=st.floats(-1, 2, width=32) | st.just(np.nan)),
        npst.arrays(np.float32, (count, 17), elements=st.sampled_from([0.0, 0.5, 1.0])),
        npst.arrays(np.float32, (count, 17, 2), elements=st.floats(-5, 5, width=32)),
    )
)


@settings(max_examples=100, deadline=None)
@given(bodies)
def test_law_each_is_measured_alone_within_bounds_and_without_a_warning(arrays):
    xy, scores, velocity = arrays
    together = measure(xy, scores, velocity, ASPECT)
    assert together.dtype == np.float32
    assert not np.isinf(together).any()
    for at in range(len(xy)):
        alone = measure(xy[at : at + 1], scores[at : at + 1], velocity[at : at + 1], ASPECT)[0]
        assert alone == pytest.approx(together[at], rel=1e-4, abs=1e-4, nan_ok=True)
    known = [together[:, FEATURES.index(name)] for name in ("contraction", "left_arm_angle", "facing")]
    for values, low, high in zip(known, (0, 0, -180), (1, 180, 180), strict=True):
        assert np.nanmin(values, initial=low) >= low - 1e-3
        assert np.nanmax(values, initial=high) <= high + 1e-3


def measured(person_id, act="still", x=0.3, velocity=0.2):
    pose = scripted(act, 0.5, at=(x, 0.5)).pose(2.0)
    moves = np.full((17, 2), velocity, np.float32)
    return replace(a_person(person_id, pose=pose), velocity=moves, features=features_of(pose, moves))


def in_canvas(person, *, mirror, size=(1280, 720)):
    placement = fit_picture(SIZE, size, "cover")
    return SketchPerson(person, placement.mirrored(size[0]) if mirror else placement, SIZE, None)


@pytest.mark.parametrize("mirror", [False, True])
def test_a_sketch_has_them_as_the_canvas_shows_them(mirror):
    person = measured(1, "lean_left")
    seen = in_canvas(person, mirror=mirror)
    sign = -1 if mirror else 1
    assert seen.lean == pytest.approx(26 * sign, abs=1.5)
    assert seen.facing == pytest.approx(person.features.facing * sign)
    assert seen.motion == person.features.motion
    assert seen.contraction == person.features.contraction
    assert seen.hand_distance == pytest.approx(person.features.hand_distance * 720, rel=1e-4)
    assert seen.left_arm_angle == person.features.left_arm_angle
    assert seen.right_elbow_angle == person.features.right_elbow_angle
    assert seen.left_elbow.name == "left_elbow"


def test_a_scene_tells_of_everybody_together():
    first, second = measured(1, x=0.3), measured(2, x=0.7)
    scene = a_scene(first, second)
    assert scene.count == 2
    assert scene.motion == pytest.approx(first.features.motion * 2)
    assert scene.center.x == pytest.approx(0.5, abs=0.01)
    apart = scene.distance(first, second)
    assert apart == pytest.approx(0.4 * scene.aspect, abs=0.01)
    empty = a_scene()
    assert (empty.count, empty.motion, bool(empty.center)) == (0, 0.0, False)


def test_a_sketch_has_the_scene_in_pixels():
    people = [measured(1, x=0.3), measured(2, x=0.7)]
    drawn = [in_canvas(person, mirror=True) for person in people]
    scene = SketchScene(drawn, replace(a_scene(*people), size=SIZE), Health(), 0.0)
    assert scene.distance(*drawn) == pytest.approx(0.4 * 1280, abs=2)
    assert scene.center.x == pytest.approx(640, abs=8)
    assert scene.motion == pytest.approx(people[0].features.motion * 2)
    empty = SketchScene((), None, Health(), 0.0)
    assert (empty.motion, bool(empty.center)) == (0.0, False)
