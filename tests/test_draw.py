import math
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posekit import draw
from posekit.draw.clip import REACH, clip_polygon, clip_segments
from posekit.geometry import fit_picture
from posekit.pose import Pose

WHITE = (255, 255, 255)
any_number = st.one_of(
    st.floats(-200, 400),
    st.floats(),
    st.sampled_from([0, -1, 10**9, -(10**12), 10**400, 2**31 - 1, 1e308, 5e-324]),
)
any_point = st.tuples(any_number, any_number)


def blank(width=200, height=120, channels=3):
    return np.zeros((height, width, channels), np.uint8)


def framed():
    """Return pixels to draw on, and the array around them, in which nothing may be drawn."""
    around = np.full((160, 240, 4), 7, np.uint8)
    inside = around[20:140, 20:220]
    inside[...] = 0
    return inside, around


def untouched(around):
    return (around[:20] == 7).all() and (around[140:] == 7).all() and (around[:, :20] == 7).all()


@settings(deadline=None)
@given(any_point, any_point, any_point, any_number, any_number, any_number)
def test_no_number_whatever_raises_or_draws_outside(a, b, c, radius, width, alpha):
    pixels, around = framed()
    color = (9, 200, 30, 255)
    began = time.perf_counter()
    draw.circle(pixels, a, radius, color, width, alpha)
    draw.line(pixels, a, b, color, width, alpha)
    draw.polyline(pixels, [a, b, c, a], color, width, alpha)
    draw.polygon(pixels, [a, b, c], color, 0, alpha)
    draw.polygon(pixels, [a, b, c], color, width, alpha)
    draw.rectangle(pixels, (*a, *b), color, width, alpha)
    draw.paste(pixels, np.full((5, 4, 4), 99, np.uint8), *a, b, alpha)
    assert untouched(around)
    assert (around[:, 220:] == 7).all()
    assert time.perf_counter() - began < 2


def test_a_disc_has_its_area_between_pixels_too():
    pixels = blank()
    draw.circle(pixels, (60.25, 50.75), 20, WHITE)
    assert pixels[..., 0].sum() / 255 == pytest.approx(math.pi * 20.5**2, rel=0.03)
    rows, columns = np.nonzero(pixels[..., 0])
    assert columns.mean() == pytest.approx(60.25, abs=0.15)
    assert rows.mean() == pytest.approx(50.75, abs=0.15)


def test_edges_are_smooth():
    pixels = blank()
    draw.line(pixels, (10, 10), (180, 90), WHITE, 3)
    grey = pixels[(pixels > 0) & (pixels < 255)]
    assert len(grey) > 200


def test_alpha_mixes_once_however_a_line_crosses_itself():
    pixels = blank()
    draw.polyline(pixels, [(20, 60), (180, 60), (100, 10), (100, 110)], WHITE, 5, alpha=0.5)
    assert pixels.max() in (127, 128)
    assert pixels[60, 100, 0] in (127, 128)


def test_missing_points_leave_gaps_in_lines_and_take_polygons_away():
    nan = math.nan
    with_gap, pieces = blank(), blank()
    draw.polyline(with_gap, [(10, 10), (50, 10), (nan, nan), (100, 10), (150, 10)], WHITE, 4)
    draw.line(pieces, (10, 10), (50, 10), WHITE, 4)
    draw.line(pieces, (100, 10), (150, 10), WHITE, 4)
    assert (with_gap == pieces).all()
    nothing = blank()
    draw.polygon(nothing, [(10, 10), (100, 10), (nan, nan)], WHITE)
    draw.line(nothing, (10, 10), (nan, nan), WHITE)
    draw.circle(nothing, (nan, 3), 9, WHITE)
    assert not nothing.any()


def test_a_line_from_far_outside_crosses_where_it_should():
    near, far = blank(), blank()
    draw.line(near, (-1000, 60), (1000, 60), WHITE, 4)
    draw.line(far, (-1e9, 60), (1e9, 60), WHITE, 4)
    assert near.any()
    assert (near == far).all()


def test_a_gigantic_circle_is_a_straight_edge():
    pixels = blank()
    draw.circle(pixels, (100 + 1e9, 60), 1e9, WHITE)
    assert (pixels[:, 110:] == 255).all()
    assert not pixels[:, :90].any()


@given(st.lists(st.tuples(st.floats(-1e7, 1e7), st.floats(-1e7, 1e7)), min_size=3, max_size=8))
def test_clipping_stays_within_reach(corners):
    xy = np.array(corners)
    assert np.abs(clip_polygon(xy)).max(initial=0) <= REACH
    assert np.abs(clip_segments(np.stack((xy, np.roll(xy, 1, 0)), axis=1))).max(initial=0) <= REACH


def test_clipping_keeps_the_part_of_a_polygon_that_is_near():
    square = np.array([(-1e6, -1e6), (1e6, -1e6), (1e6, 1e6), (-1e6, 1e6)])
    clipped = clip_polygon(square).round(6)
    assert sorted(map(tuple, clipped.tolist())) == sorted(
        (x, y) for x in (-REACH, REACH) for y in (-REACH, REACH)
    )


def test_a_rectangle_covers_exactly_its_pixels_and_parts_of_them():
    pixels, expected = blank(), blank()
    draw.rectangle(pixels, (10, 20, 30, 40), WHITE)
    expected[20:60, 10:40] = 255
    assert (pixels == expected).all()
    draw.rectangle(pixels, (100.5, 20.25, 30, 40), WHITE)
    assert pixels[:, 100:].sum() / 255 / 3 == pytest.approx(30 * 40, rel=0.01)
    assert pixels[30, 100, 0] in (127, 128)
    backwards = blank()
    draw.rectangle(backwards, (40, 60, -30, -40), WHITE)
    assert (backwards == expected).all()


def test_a_body_loses_only_the_bones_of_a_missing_keypoint():
    xy = np.random.default_rng(3).uniform(20, 100, (17, 2))
    whole, without = blank(), blank()
    draw.skeleton(whole, xy, WHITE, width=2)
    xy[9] = np.nan
    draw.skeleton(without, xy, WHITE, width=2)
    assert without.any()
    assert whole.sum() > without.sum()
    assert not (without.astype(int) > whole).any()


def test_poses_are_drawn_in_the_pictures_own_pixels_a_colour_each():
    picture = blank(300, 200)
    xy = np.linspace((0.1, 0.1), (0.4, 0.9), 17).astype(np.float32)
    poses = [Pose(xy + np.array((shift, 0)), np.full(17, 0.9), 0.9) for shift in (0, 0.5)]
    draw.draw_poses(picture, poses)
    for pose, number in zip(poses, (1, 2), strict=True):
        area = picture[:, int(pose.xy[:, 0].min() * 300) : int(pose.xy[:, 0].max() * 300)]
        assert (area == draw.person_color(number)).all(axis=2).any()
    draw.draw_poses(picture, [])


def test_people_have_lasting_colours_that_differ_from_their_neighbours():
    assert [draw.person_color(number) for number in range(1, 9)] == [
        draw.person_color(number) for number in range(9, 17)
    ]
    assert len({draw.person_color(number) for number in range(1, 9)}) == 8


def test_fading_arrives():
    pixels = np.full((4, 4, 4), 255, np.uint8)
    for _ in range(255):
        before = pixels.copy()
        draw.fade(pixels, (10, 20, 30), 0.004)
        assert (pixels[..., :3] <= before[..., :3]).all()
    assert (pixels[..., :3] == (10, 20, 30)).all()
    assert (pixels[..., 3] == 255).all()


def halves(width, height):
    """Return a picture whose left half is red and whose top half is bright."""
    picture = np.zeros((height, width, 3), np.uint8)
    picture[:, : width // 2, 0] = 200
    picture[:, width // 2 :, 2] = 200
    picture[: height // 2, :, 1] = 100
    return picture


@pytest.mark.parametrize("picture_size", [(640, 480), (200, 120), (64, 48), (1920, 1080)])
@pytest.mark.parametrize("fit", ["cover", "contain", "stretch"])
@pytest.mark.parametrize("mirrored", [False, True])
def test_a_picture_lands_where_its_keypoints_land(picture_size, fit, mirrored):
    placement = fit_picture(picture_size, (200, 120), fit)
    placement = placement.mirrored(200) if mirrored else placement
    target = blank(200, 120, 4)
    draw.place_picture(target, halves(*picture_size), placement)
    for point, bgr in {(0.4, 0.4): (0, 100, 200), (0.6, 0.6): (200, 0, 0)}.items():
        x, y = placement.to_area(np.array(point)).round().astype(int)
        assert target[y, x, :3].tolist() == list(bgr)
    corner = target[0, 0]
    if fit == "contain" and picture_size != (200, 120):
        assert not corner.any()
    else:
        assert corner[:3].any()


def test_a_picture_mixes_with_what_is_there():
    target = np.full((120, 200, 4), 100, np.uint8)
    draw.place_picture(
        target, np.full((60, 100, 3), 200, np.uint8), fit_picture((100, 60), (200, 120), "cover"), 0.5
    )
    assert (target[..., :3] == 150).all()


def test_a_picture_placed_wholly_outside_draws_nothing():
    from posekit.geometry import Placement

    target = blank(200, 120, 4)
    draw.place_picture(target, halves(64, 48), Placement(50, 50, 1000, 0))
    assert not target.any()


def test_pasting_respects_the_images_own_opacity_and_any_size():
    image = np.zeros((2, 2, 4), np.uint8)
    image[...] = (255, 255, 255, 0)
    image[:, 1, 3] = 255
    pixels = blank()
    draw.paste(pixels, image, 50, 50, (2, 2))
    assert pixels[50:52, 51].all()
    assert not pixels[50:52, 50].any()
    huge = blank()
    draw.paste(huge, image, -1e6, -1e6, (2e6 + 100, 2e6 + 60))
    assert huge[:, 150:].all()
