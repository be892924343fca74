"""Perspective and the room file: laws of four corners, and what is read again as it was written."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posekit.errors import OutputError, SettingsError, UnknownNameError
from posekit.room import (
    DisplayRoom,
    display_name,
    find_display,
    known_displays,
    read_room,
    save_display,
    write_room,
)
from posekit.settings import Settings
from posekit.warp import IDENTITY, UNIT, Warp, check_corners, rectangle, scaled

SCREEN = rectangle(0.0, 0.0, 1920.0, 1080.0)
SLOPING = ((0.1, 0.05), (0.8, 0.2), (0.9, 0.9), (0.05, 0.7))


@st.composite
def quads(draw, reach=0.2):
    """Draw four corners, each anywhere near its own corner of the unit square: all are convex."""
    away = st.floats(-reach, reach)
    corners = [(x + draw(away), y + draw(away)) for x, y in UNIT]
    return check_corners(corners, "the quad")


@given(quads(), quads(), st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=20))
def test_there_and_back_is_within_a_hundredth_of_a_pixel(start, end, places):
    screen = scaled(end, 1920, 1080)
    warp = Warp.between(start, screen)
    inside = Warp.between(UNIT, start).apply(np.array(places))
    there = warp.apply(inside)
    assert np.isfinite(there).all()
    back = warp.inverse.apply(there)
    assert np.abs((back - inside) * (1920, 1080)).max() < 0.01
    assert np.abs(warp.apply(back) - there).max() < 0.01


@given(quads(), quads())
def test_corners_go_to_corners_and_lines_stay_lines(start, end):
    warp = Warp.between(start, end)
    assert np.abs(warp.apply(np.array(start)) - end).max() < 1e-9
    first, last = np.array(start[0]), np.array(start[2])
    on_line = warp.apply(first + (last - first) * np.linspace(0, 1, 7)[:, None])
    way, steps = on_line[-1] - on_line[0], on_line - on_line[0]
    assert np.abs(way[0] * steps[:, 1] - way[1] * steps[:, 0]).max() < 1e-9


@given(quads())
def test_the_same_corners_are_the_identity_exactly(corners):
    assert Warp.between(corners, corners) == IDENTITY
    assert IDENTITY.apply([0.1, 0.7]).tolist() == [0.1, 0.7]


@given(quads(), quads())
def test_a_mirror_is_a_mirror(start, end):
    warp = Warp.between(start, end)
    assert not warp.is_mirrored
    one, two, three, four = end
    assert Warp.between(start, (two, one, four, three)).is_mirrored
    assert warp.inverse.is_mirrored is False


@given(quads(), st.floats(0.1, 0.9), st.floats(0.1, 0.9), st.floats(0, 2 * math.pi))
def test_small_movements_go_as_the_points_do(corners, x, y, turn):
    warp = Warp.between(corners, SCREEN)
    at = Warp.between(UNIT, corners).apply((x, y))
    step = 1e-6 * np.array((math.cos(turn), math.sin(turn)))
    moved = warp.apply(at + step) - warp.apply(at - step)
    assert np.abs(warp.move(2 * step, at) - moved).max() < 1e-6


def test_above_the_horizon_there_is_no_place_on_the_floor():
    floor = ((0.4, 0.5), (0.6, 0.5), (0.9, 0.9), (0.1, 0.9))  # its sides meet above, at y = 0.366
    warp = Warp.between(floor, UNIT)
    near, beyond = warp.apply(np.array([(0.5, 0.45), (0.5, 0.3)]))
    assert np.isfinite(near).all()
    assert near[1] < 0
    assert np.isnan(beyond).all()
    assert np.isnan(warp.move(np.array((0.1, 0.1)), np.array((0.5, 0.3)))).all()


@pytest.mark.parametrize(
    ("corners", "told"),
    [
        ([(0, 0), (0.5, 0.0), (1, 0), (0, 1)], "one line"),
        ([(0, 0), (1, 1), (1, 0), (0, 1)], "cross"),
        ([(0, 0), (1, 0), (0.1, 0.1), (0, 1)], "inside the triangle"),
        ([(0, 0), (0.005, 0), (0.005, 1), (0, 1)], "same place"),
        ([(0.2, 0.2)] * 4, "same place"),
        ([(0, 0), (1, 0), (1, 1)], "four corners"),
        ([(0, 0), (1, 0), (1, 1), (0, "1")], "two numbers"),
        ([(0, 0), (1, 0), (1, 1), (0, math.nan)], "two numbers"),
        ([(0, 0), (1, 0), (1, True), (0, 1)], "two numbers"),
        ([(0, 0), (9, 0), (1, 1), (0, 1)], "too far outside"),
        ("corners", "four corners"),
    ],
)
def test_corners_that_enclose_nothing_are_refused_in_a_sentence(corners, told):
    with pytest.raises(SettingsError, match=told) as refused:
        check_corners(corners, "the stage")
    assert str(refused.value).startswith("the stage")


@given(quads(), st.integers(0, 3))
def test_either_way_round_and_from_any_corner_will_do(corners, first):
    rolled = [corners[(at + first) % 4] for at in range(4)]
    assert len(check_corners(rolled, "it")) == len(check_corners(rolled[::-1], "it")) == 4


@given(quads(), quads(), st.none() | st.floats(0.1, 100))
def test_a_room_file_is_read_as_it_was_written(tmp_path_factory, keystone, stage, width):
    path = tmp_path_factory.mktemp("room") / "room.toml"
    first = DisplayRoom("0 1920x1080", keystone, None, width)
    second = DisplayRoom("1 1024x768", None, stage)
    write_room(path, (second, first))
    read = read_room(path)
    assert [display.name for display in read] == ["0 1920x1080", "1 1024x768"]
    assert np.abs(np.subtract(read[0].keystone, keystone)).max() < 1e-6
    assert np.abs(np.subtract(read[1].stage, stage)).max() < 1e-6
    assert (read[0].stage, read[1].keystone, read[0].width_m) == (None, None, width)


def test_each_display_keeps_its_own_though_another_show_saved_meanwhile(tmp_path):
    path = tmp_path / "room.toml"
    save_display(path, DisplayRoom("0 640x480", SLOPING))
    save_display(path, DisplayRoom("1 800x600", None, SLOPING))
    both = save_display(path, DisplayRoom("0 640x480", None, None, 3.0))
    assert read_room(path) == tuple(sorted(both, key=lambda display: display.index))
    assert read_room(path) == (
        DisplayRoom("0 640x480", None, None, 3.0),
        DisplayRoom("1 800x600", None, SLOPING),
    )


def test_a_display_is_known_by_number_and_size_and_else_by_number(tmp_path):
    big, small = DisplayRoom("1 1920x1080", SLOPING), DisplayRoom("1 1280x720")
    assert display_name(1, (1280, 720)) == small.name
    assert find_display((big, small), 1, (1280, 720)) is small
    assert find_display((big, small), 1, (800, 600)) is big
    assert find_display((big, small), 0, (1920, 1080)) is None
    assert find_display((big, small), 1) is big


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("displays = 3", r"\[\[displays\]\]"),
        ("[[displays]]\nkeystone = []", "no name"),
        ("[[displays]]\nname = 'beamer'", "number and size"),
        ("[[displays]]\nname = '0 10x10'\nkeystone = [[0, 0], [1, 0]]", "four corners"),
        ("[[displays]]\nname = '0 10x10'\nwidth_m = -1", "metres"),
        ("[[displays]]\nname = '0 10x10'\n\n[[displays]]\nname = '0 10x10'", "twice"),
        ("not toml", "not valid TOML"),
        ("\xff", "not valid TOML"),
    ],
)
def test_a_wrong_room_file_stops_the_start_and_says_why(tmp_path, text, told):
    path = tmp_path / "room.toml"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(SettingsError, match=told) as refused:
        known_displays(Settings(room=str(path)))
    assert str(path) in str(refused.value)


def test_misspelt_entries_get_the_nearest_name(tmp_path):
    path = tmp_path / "room.toml"
    path.write_text("[[displays]]\nname = '0 10x10'\nkeystones = 1\n")
    with pytest.raises(UnknownNameError, match="keystone"):
        read_room(path)
    path.write_text("[[display]]\nname = '0 10x10'\n")
    with pytest.raises(UnknownNameError, match="displays"):
        read_room(path)


def test_auto_takes_the_file_that_is_there_and_off_takes_none(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert known_displays(Settings()) == ()
    write_room(tmp_path / "room.toml", [DisplayRoom("0 640x480", SLOPING)])
    assert [display.name for display in known_displays(Settings())] == ["0 640x480"]
    assert known_displays(Settings(room="off")) == ()
    with pytest.raises(SettingsError, match="cannot read the room file"):
        known_displays(Settings(room="away.toml"))
    with pytest.raises(OutputError, match="cannot write the room file"):
        write_room(tmp_path / "away" / "room.toml", [])


@pytest.mark.parametrize(
    ("given_displays", "read"), [("1,2", (1, 2)), ("2 1", (2, 1)), (1, (1,)), ([1, 1], (1,)), ("", ())]
)
def test_more_displays_are_numbers(given_displays, read):
    assert Settings(more_displays=given_displays).more_displays == read


@pytest.mark.parametrize("wrong", ["left", "-1", [True], {"a": 1}, 1.5])
def test_other_words_for_displays_are_refused(wrong):
    with pytest.raises(ValueError, match="screen"):
        Settings(more_displays=wrong)
