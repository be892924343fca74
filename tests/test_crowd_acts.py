"""What scripted bodies do, in every proportion: each act reaches its posture, at its time, and ends."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posekit.crowd import ACTS, DISTRACTORS, GESTURES, observe, scripted
from posekit.crowd.body import ADULT, CHILD, SWAPPED, place
from posekit.crowd.posture import ANGLES, STANDING, mirrored
from posekit.errors import SettingsError, UnknownNameError
from posekit.skeleton import COCO_17

BODIES = ("adult", "child")
SIZE = (1280, 720)
FLAT = np.array(SIZE) / SIZE[1]


def points(act: str, time: float, proportions: str = "adult", **more) -> dict[str, np.ndarray]:
    """Return where the keypoints are, by name, in statures from the feet, y up."""
    body = scripted(act, height=0.5, proportions=proportions, **more)
    xy = (body.pose(time).xy * FLAT - np.array([0.5 * FLAT[0], 0.75])) / (0.5, -0.5)
    return dict(zip(COCO_17.keypoints, xy, strict=True))


def middle(act: str) -> float:
    """Return a time in the middle of an act that begins at 1 second."""
    truth = scripted(act).ground_truth[0]
    return (truth.reached + truth.released) / 2


@pytest.mark.parametrize("proportions", BODIES)
def test_standing_is_as_high_as_a_body(proportions: str) -> None:
    body = points("still", 0.5, proportions)
    assert 0.85 < body["nose"][1] < 0.95
    assert abs(body["left_ankle"][1]) < 0.06
    assert body["left_shoulder"][0] > 0 > body["right_shoulder"][0]  # her left is on the picture's right
    assert body["left_wrist"][1] < body["left_elbow"][1] < body["left_shoulder"][1]


@pytest.mark.parametrize("proportions", BODIES)
def test_hands_are_raised_above_the_head(proportions: str) -> None:
    for act, up, down in (("raise_left", "left", "right"), ("raise_right", "right", "left")):
        body = points(act, middle(act), proportions)
        assert body[f"{up}_wrist"][1] > body["nose"][1] + 0.1
        assert body[f"{down}_wrist"][1] < body["nose"][1] - 0.3
    body = points("raise_both", middle("raise_both"), proportions)
    assert min(body["left_wrist"][1], body["right_wrist"][1]) > body["nose"][1] + 0.1


@pytest.mark.parametrize("proportions", BODIES)
def test_a_t_pose_is_level_and_straight(proportions: str) -> None:
    body = points("t_pose", 2.0, proportions)
    for side, sign in (("left", 1), ("right", -1)):
        shoulder, elbow, wrist = (body[f"{side}_{part}"] for part in ("shoulder", "elbow", "wrist"))
        assert abs(wrist[1] - shoulder[1]) < 0.02
        assert sign * (elbow[0] - shoulder[0]) > 0.15
        assert sign * (wrist[0] - elbow[0]) > 0.12


@pytest.mark.parametrize("proportions", BODIES)
def test_hands_meet(proportions: str) -> None:
    body = points("hands_together", 2.0, proportions)
    assert np.hypot(*(body["left_wrist"] - body["right_wrist"])) < 0.06
    assert body["left_hip"][1] + 0.05 < body["left_wrist"][1] < body["left_shoulder"][1]
    times = np.linspace(1.4, 2.6, 61)
    apart = [
        np.hypot(*(body["left_wrist"] - body["right_wrist"]))
        for body in (points("clap", time, proportions) for time in times)
    ]
    assert min(apart) < 0.07
    assert max(apart) > 0.15
    claps = np.diff(np.sign(np.array(apart) - 0.11))
    assert (claps < 0).sum() >= 2


@pytest.mark.parametrize("proportions", BODIES)
def test_arms_cross(proportions: str) -> None:
    body = points("arms_crossed", 2.0, proportions)
    assert body["left_wrist"][0] < -0.03
    assert body["right_wrist"][0] > 0.03
    assert abs(body["left_wrist"][1] - body["right_elbow"][1]) < 0.05


@pytest.mark.parametrize("proportions", BODIES)
def test_a_wave_swings_beside_the_head(proportions: str) -> None:
    times = np.linspace(1.4, 3.6, 111)
    swing = [points("wave", time, proportions, duration=3)["right_wrist"] for time in times]
    x, y = np.array(swing).T
    assert y.min() > points("still", 0, proportions)["right_shoulder"][1] + 0.02
    assert np.ptp(x) > 0.1
    assert (np.diff(np.sign(np.diff(x))) != 0).sum() >= 6


def test_a_jump_leaves_the_floor_and_comes_back() -> None:
    times = np.linspace(0.5, 3, 251)
    feet = [points("jump", time)["left_ankle"][1] for time in times]
    assert max(feet) == pytest.approx(0.039 + 0.15, abs=0.02)
    flying = np.array(feet) > 0.06
    assert 0.3 < flying.sum() * 0.01 < 0.5
    assert feet[-1] == pytest.approx(feet[0], abs=0.005)


def test_a_crouch_is_low_and_a_lean_is_aslant() -> None:
    assert points("crouch", 2.0)["nose"][1] < 0.75 * points("still", 0)["nose"][1]
    assert points("lean_left", 2.0)["nose"][0] > 0.12
    assert points("lean_right", 2.0)["nose"][0] < -0.12


def test_steps_go_aside_and_stay_there() -> None:
    for act, sign in (("step_left", 1), ("step_right", -1)):
        assert sign * points(act, 4.0)["left_hip"][0] == pytest.approx(0.3, abs=0.08)
        assert max(abs(points(act, 4.0)[f"{side}_ankle"][1] - 0.039) for side in ("left", "right")) < 0.01


@pytest.mark.parametrize("hand", ["left", "right"])
def test_swipes_and_punches_are_fast(hand: str) -> None:
    sign = 1 if hand == "left" else -1
    times = np.arange(1, 2.4, 1 / 60)
    for way, direction in (("inward", -1), ("outward", 1)):
        x = [points(f"swipe_{hand}_{way}", time)[f"{hand}_wrist"][0] * sign * direction for time in times]
        assert np.max(np.diff(x)) * 60 > 1.2  # statures per second, in the way it goes
    punch = np.array([points(f"punch_{hand}", time)[f"{hand}_wrist"] for time in times])
    assert np.hypot(*np.diff(punch, axis=0).T).max() * 60 > 1.5


@pytest.mark.parametrize("act", [*GESTURES, *DISTRACTORS])
@pytest.mark.parametrize("proportions", BODIES)
def test_every_act_begins_and_ends_at_rest_without_a_leap(act: str, proportions: str) -> None:
    body = scripted(act, proportions=proportions, begin=1.0, duration=1.8, total=5.0)
    (truth,) = body.ground_truth
    assert (truth.name, truth.begin) == (act, 1.0)
    seen = body.look(np.arange(0, 5, 1 / 120)).xy * FLAT / 0.6
    steps = np.abs(np.diff(seen, axis=0)).max(axis=(1, 2))
    assert steps.max() * 120 < 12  # nothing of a body goes faster than 20 m/s
    assert steps[: int(1.0 * 120) - 1].max() * 120 < 0.1
    assert steps[int(truth.end * 120) + 2 :].max() * 120 < 0.1
    if act not in ("still", "look_around"):
        assert steps.max() * 120 > 0.15


@pytest.mark.parametrize("act", [*GESTURES, *DISTRACTORS])
def test_bones_keep_their_lengths(act: str) -> None:
    for proportions in (ADULT, CHILD):
        body = scripted(act, proportions="adult" if proportions is ADULT else "child")
        postures = body._postures(np.linspace(0, 5, 101))
        xyz = place(postures, proportions)
        for first, second, length in ((5, 7, proportions.upper_arm), (14, 16, proportions.shank)):
            assert np.linalg.norm(xyz[:, first] - xyz[:, second], axis=-1) == pytest.approx(length)


@given(st.lists(st.floats(-60, 60), min_size=21, max_size=21), st.floats(-180, 180))
def test_a_mirror_shows_the_other_side(angles: list[float], facing: float) -> None:
    posture = STANDING + np.array(angles) * ([0.01, 0.01] + [1] * 19)
    assert len(ANGLES) == len(posture)
    own, other = place(posture, ADULT, facing), place(mirrored(posture), ADULT, -facing)
    assert np.allclose(own[SWAPPED] * (-1, 1, 1), other, atol=1e-9)


def test_a_mirrored_body_does_the_other_hands_act() -> None:
    real, mirror = scripted("raise_left"), scripted("raise_right", mirrored=True)
    assert real.ground_truth == mirror.ground_truth
    assert np.allclose(real.pose(2.0).xy, mirror.pose(2.0).xy, atol=0.01)


@pytest.mark.parametrize("act", sorted({"wave", "clap", "t_pose", "raise_both", "arms_crossed"}))
def test_seated_bodies_act_with_hips_and_ankles_hidden(act: str) -> None:
    body = scripted(act, seated=True, proportions="child")
    pose = body.pose(2.0)
    hidden = {name for name, there in zip(COCO_17.keypoints, pose.visible, strict=True) if not there}
    assert hidden == {"left_hip", "right_hip", "left_ankle", "right_ankle"}
    told = [moment.poses[0] for moment in observe([body], 30, 5, SIZE, seed=1) if moment.poses]
    assert len(told) > 130
    hips = np.array([told_pose.scores[11] for told_pose in told])
    assert (hips < 0.3).mean() > 0.6


def test_the_size_and_place_are_those_asked_for() -> None:
    small, big = (scripted(height=height, at=(0.3, 0.6)).pose(0) for height in (0.2, 0.8))
    assert big.box.height == pytest.approx(4 * small.box.height, rel=0.01)
    assert small.box.center == pytest.approx((0.3, 0.6), abs=0.03)


def test_wrong_words_are_told() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 't_pose'"):
        scripted("tpose")
    with pytest.raises(UnknownNameError, match="did you mean 'child'"):
        scripted(proportions="chlid")
    with pytest.raises(SettingsError, match="on a chair"):
        scripted("jump", seated=True)
    assert "raise_both" in ACTS
