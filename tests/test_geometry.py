import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posekit.errors import UnknownNameError
from posekit.geometry import FITS, Placement, fit_picture, letterbox

sizes = st.tuples(st.integers(16, 4000), st.integers(16, 4000))
points = st.tuples(st.floats(-1, 2), st.floats(-1, 2))


@given(sizes, sizes, st.sampled_from(FITS), st.booleans(), points)
def test_to_the_area_and_back_is_where_it_began(picture, area, fit, mirrored, point):
    placement = fit_picture(picture, area, fit)
    if mirrored:
        placement = placement.mirrored(area[0])
    back = placement.to_picture(placement.to_area(np.array(point)))
    assert back == pytest.approx(point, abs=2e-3)


@given(sizes, sizes, st.sampled_from(FITS))
def test_mirroring_twice_changes_nothing(picture, area, fit):
    placement = fit_picture(picture, area, fit)
    twice = placement.mirrored(area[0]).mirrored(area[0])
    assert (twice.extent_x, twice.extent_y, twice.offset_y) == (
        placement.extent_x,
        placement.extent_y,
        placement.offset_y,
    )
    assert twice.offset_x == pytest.approx(placement.offset_x, abs=1e-6)
    assert placement.mirrored(area[0]).is_mirrored
    assert not twice.is_mirrored


@given(sizes, sizes)
def test_cover_leaves_nothing_free_contain_loses_nothing_stretch_does_both(picture, area):
    corners = np.array([(0.0, 0.0), (1.0, 1.0)])
    covered = fit_picture(picture, area, "cover").to_area(corners)
    assert (covered[0] <= 0.01).all()
    assert (covered[1] >= np.array(area) - 0.01).all()
    contained = fit_picture(picture, area, "contain").to_area(corners)
    assert (contained[0] >= -0.01).all()
    assert (contained[1] <= np.array(area) + 0.01).all()
    assert fit_picture(picture, area, "stretch").to_area(corners).tolist() == [[0, 0], list(area)]


@given(sizes, st.floats(-math.pi, math.pi), st.booleans())
def test_a_speed_keeps_its_length_whatever_its_direction(picture, angle, mirrored):
    placement = fit_picture(picture, (1280, 720), "cover")
    placement = placement.mirrored(1280) if mirrored else placement
    moved = placement.vector_to_area(np.array([math.cos(angle), math.sin(angle)]), picture)
    assert float(np.hypot(*moved)) == pytest.approx(placement.extent_y, rel=1e-4)


def test_a_mirror_turns_a_speed_round_too():
    plain = Placement(640, 480, 0, 0)
    right = np.array([1.0, 0.0])
    assert plain.vector_to_area(right, (640, 480)).tolist() == [480, 0]
    assert plain.mirrored(640).vector_to_area(right, (640, 480)).tolist() == [-480, 0]


@given(sizes, sizes)
def test_a_letterbox_lies_on_whole_pixels_inside(picture, area):
    placement = letterbox(picture, area)
    numbers = (placement.extent_x, placement.extent_y, placement.offset_x, placement.offset_y)
    assert all(number == int(number) for number in numbers)
    assert 0 <= placement.offset_x <= area[0] - placement.extent_x
    assert 0 <= placement.offset_y <= area[1] - placement.extent_y


def test_a_misspelt_fit_names_the_right_one():
    with pytest.raises(UnknownNameError, match="did you mean 'cover'"):
        fit_picture((4, 3), (4, 3), "covr")  # type: ignore[arg-type]
