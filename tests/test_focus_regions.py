"""Where focus looks: inside the picture, around everybody, and everywhere in the end."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from posekit.estimators.focus_regions import (
    MOST_SCALE,
    are_loose,
    around,
    hold_all,
    overlap,
    regions_around,
    tiles,
    whole,
)

MODEL = (481, 353)
sizes = st.tuples(st.integers(1, 3000), st.integers(1, 3000))


@st.composite
def pictures_with_bodies(draw, most=8):
    """A picture's size and the boxes of bodies in it, some of them partly outside."""
    size = draw(sizes)
    count = draw(st.integers(1, most))
    unit = draw(arrays.arrays(np.float64, (count, 2, 2), elements=st.floats(-0.25, 1.25)))
    corners = np.sort(unit, axis=1) * size
    return size, np.concatenate([corners[:, 0], corners[:, 1]], axis=1).tolist()


def is_inside(region, picture) -> bool:
    return (
        region.left >= 0
        and region.top >= 0
        and region.width >= 1
        and region.height >= 1
        and region.left + region.width <= picture[0]
        and region.top + region.height <= picture[1]
    )


@given(pictures_with_bodies())
def test_a_region_lies_in_the_picture_and_holds_everybody(given_):
    picture, boxes = given_
    region = around(boxes, picture, MODEL)
    assert is_inside(region, picture)
    assert all(region.holds(box, 0.0, picture) for box in boxes)
    assert region.scale(MODEL) >= whole(picture).scale(MODEL) - 1e-9


@given(pictures_with_bodies(), st.integers(1, 5))
def test_no_more_regions_than_allowed_and_each_body_in_one(given_, most):
    picture, boxes = given_
    regions = regions_around(boxes, picture, MODEL, most)
    assert 1 <= len(regions) <= min(most, len(boxes))
    assert all(is_inside(region, picture) for region in regions)
    assert all(any(region.holds(box, 0.0, picture) for region in regions) for box in boxes)


@given(pictures_with_bodies(), st.integers(1, 5))
def test_new_regions_hold_all_and_are_not_loose(given_, most):
    picture, boxes = given_
    regions = regions_around(boxes, picture, MODEL, most)
    assert hold_all(regions, boxes, picture)
    assert not are_loose(regions, regions, MODEL)


@given(sizes)
def test_tiles_cover_the_picture(picture):
    parts = tiles(picture)
    assert len(parts) == 9
    assert all(is_inside(part, picture) for part in parts)
    assert {part.left for part in parts} >= {0}
    covered = np.zeros((60, 60), bool)
    at_x, at_y = ((np.arange(60) + 0.5) / 60 * side for side in picture)
    for part in parts:
        columns = (at_x >= part.left - 0.5) & (at_x <= part.left + part.width + 0.5)
        rows = (at_y >= part.top - 0.5) & (at_y <= part.top + part.height + 0.5)
        covered |= rows[:, None] & columns
    assert covered.all()


def test_a_far_body_is_enlarged_but_not_beyond_what_can_be_seen():
    picture = (1920, 1080)
    far = [(900.0, 500.0, 920.0, 560.0)]
    region = around(far, picture, MODEL)
    assert region.scale(MODEL) == np.float64(min(MODEL[0] / region.width, MODEL[1] / region.height))
    assert region.scale(MODEL) <= MOST_SCALE
    assert region.scale(MODEL) > 0.95 * MOST_SCALE


def test_near_and_far_people_are_looked_at_apart():
    picture = (1280, 720)
    boxes = [(100.0, 40.0, 400.0, 700.0), (1100.0, 300.0, 1140.0, 400.0), (1180.0, 300.0, 1220.0, 400.0)]
    one = regions_around(boxes, picture, MODEL, 1)
    two = regions_around(boxes, picture, MODEL, 2)
    assert len(one) == 1
    assert len(two) == 2
    assert max(region.scale(MODEL) for region in two) > 2 * one[0].scale(MODEL)


def test_a_body_that_walks_keeps_her_region_until_she_comes_near_its_edge():
    picture = (1280, 720)
    body = (300.0, 300.0, 360.0, 480.0)
    regions = regions_around([body], picture, MODEL, 1)
    assert hold_all(regions, [(320.0, 300.0, 380.0, 480.0)], picture)
    assert not hold_all(regions, [(500.0, 300.0, 560.0, 480.0)], picture)


def test_what_two_bodies_share():
    one = (0.0, 0.0, 2.0, 4.0)
    assert overlap(one, one) == 1.0
    assert overlap(one, (1.0, 0.0, 3.0, 4.0)) == 1 / 3
    assert overlap(one, (2.0, 0.0, 3.0, 4.0)) == 0.0
