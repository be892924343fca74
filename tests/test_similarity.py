"""How like two poses are, as a sketch asks: scale, place, hidden parts, mirrors, and what is no pose."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from gallery_world import dance
from hypothesis import given
from hypothesis import strategies as st
from sketch_world import dancer

from posekit.errors import SettingsError
from posekit.geometry import fit_picture
from posekit.health import Health
from posekit.sketch.loader import load_sketch
from posekit.sketch.people import SketchPerson
from posekit.sketch.scene import SketchScene
from posekit.taught import average

PICTURE, CANVAS = (640, 480), (1280, 720)


def sketched(person, *, mirror=False):
    placement = fit_picture(PICTURE, CANVAS, "contain")
    return SketchPerson(
        person, placement.mirrored(CANVAS[0]) if mirror else placement, PICTURE, SimpleNamespace()
    )


@given(st.floats(0, 9), st.floats(0.1, 5), st.floats(-2000, 2000), st.booleans())
def test_a_pose_is_itself_wherever_and_however_big(time, size, x, mirror):
    person = sketched(dancer(1, 1, time), mirror=mirror)
    assert person.similarity(person) == pytest.approx(1, abs=2e-3)
    assert person.similarity(person.xy.astype(float) * size + (x, -x)) == pytest.approx(1, abs=5e-3)


def test_the_poses_of_pose_match_are_told_apart():
    sketch = load_sketch("pose_match").sketch.module
    person = sketched(dancer(1, 1, 0.0))
    shown = [sketch.figure(pose, left_side=1) for pose in sketch.POSES]
    alike = np.zeros((len(shown), len(shown)))
    for row, own in enumerate(shown):
        vars(person)["xy"] = (own * 100 + 300).astype(np.float32)
        vars(person).pop("_placed", None)
        alike[row] = [person.similarity(other) for other in shown]
    assert alike.diagonal() == pytest.approx(1, abs=1e-2)
    assert (alike - 2 * np.eye(len(shown))).max() < 0.84  # none of them fills for another


def test_what_is_left_free_does_not_count_and_too_little_is_no_pose():
    person = sketched(dancer(1, 1, 1.0))
    some = person.xy.copy()
    some[1:5] = np.nan
    assert person.similarity(some) == pytest.approx(1, abs=2e-3)
    some[5:] = np.nan
    assert person.similarity(some) == 0.0
    assert sketched(dancer(1, 1, 1.0, tuple(range(17)))).similarity(person) == 0.0


@pytest.mark.parametrize("mirror", [False, True])
def test_a_taught_pose_is_compared_as_the_camera_saw_it(mirror):
    person = dancer(1, 1, 1.0)
    taught, _ = average("mine", person.pose.xy[None], person.pose.scores[None], PICTURE[0] / PICTURE[1])
    assert sketched(person, mirror=mirror).similarity(taught) == pytest.approx(1, abs=2e-3)
    assert sketched(dancer(1, 1, 0.26), mirror=mirror).similarity(taught) < 0.95


@pytest.mark.parametrize("wrong", [5, "star", np.zeros((16, 2)), [(1, 2)]])
def test_what_is_no_pose_is_told_in_a_sentence(wrong):
    with pytest.raises(SettingsError, match="17 points"):
        sketched(dancer(1, 1, 0.0)).similarity(wrong)


def test_points_are_placed_as_people_are():
    person = dancer(1, 1, 1.0)
    for mirror in (False, True):
        placed = sketched(person, mirror=mirror)
        scene = SketchScene((placed,), None, Health(), 0.0, (), placed._placement)
        np.testing.assert_allclose(scene.place(person.pose.xy), placed.xy, atol=1e-3)


def test_the_dancers_of_the_pictures_have_bones_that_hardly_stretch():
    shown = np.array([seen[0].xy * (16 / 9, 1) for seen in dance(1, 4.0)])
    for one, other in ((5, 7), (7, 9), (11, 13), (13, 15)):
        length = np.linalg.norm(shown[:, one] - shown[:, other], axis=1)
        assert np.ptp(length) < 0.25 * length.mean()
