import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posekit.errors import MissingKeypointError
from posekit.keypoint import Keypoint, Vector

numbers = st.floats(-1e6, 1e6)
vectors = st.builds(Vector, numbers, numbers)


@given(vectors, vectors)
def test_adding_and_taking_away_is_nothing(a, b):
    there = a + b - b
    assert there.x == pytest.approx(a.x, abs=1e-6)
    assert there.y == pytest.approx(a.y, abs=1e-6)
    assert a.distance_to(b) == pytest.approx((b - a).length)


@given(vectors, vectors)
def test_lerp_begins_here_and_ends_there(a, b):
    assert a.lerp(b, 0) == a
    assert a.lerp(b, 1).distance_to(b) == pytest.approx(0, abs=1e-6)


def test_a_vector_mixes_with_tuples_from_either_side():
    v, one = Vector(3, 4), (1, 1)
    assert (v + one) == (4, 5)
    assert (one + v) == (4, 5)
    assert ((5, 5) - v) == (2, 1)
    assert (2 * v) == (v * 2) == (6, 8)
    assert (v / 2) == (1.5, 2)
    assert -v == (-3, -4)
    assert v.length == 5
    x, y = v
    assert (x, y, v[0], v[-1], len(v)) == (3, 4, 3, 4, 2)


def test_angles_run_clockwise_from_the_right_because_y_points_down():
    here = Vector(0, 0)
    assert here.angle_to((1, 0)) == 0
    assert here.angle_to((0, 1)) == 90
    assert here.angle_to((0, -1)) == -90


def test_a_vector_cannot_be_changed():
    with pytest.raises(AttributeError, match="make a new one"):
        Vector(1, 2).x = 5


def test_a_visible_keypoint_is_true_even_in_the_corner():
    corner = Keypoint(0, 0, name="nose", score=0.1)
    assert corner
    assert corner.visible
    assert corner.velocity == (0, 0)


@pytest.mark.parametrize(("x", "y", "score"), [(1, 2, 0), (math.nan, 1, 1), (1, math.inf, 1)])
def test_a_missing_keypoint_is_false_and_says_its_name_when_counted(x, y, score):
    missing = Keypoint(x, y, name="left_wrist", score=score)
    assert not missing
    assert missing.score == 0
    assert math.isnan(missing.x)
    for count in (int, round, math.floor):
        with pytest.raises(MissingKeypointError, match="left_wrist is not visible"):
            count(missing.x + 10)


def test_nothing_compares_with_a_missing_keypoint():
    missing = Keypoint(0, 0, name="nose", score=0)
    assert not missing.distance_to((0, 0)) < 100
    assert not missing.distance_to((0, 0)) > 100
    assert not missing.lerp((1, 1), 0.5)
