"""Zones as values: what can be one, what is inside it, and the file they are kept in."""

from __future__ import annotations

import math
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posekit.engine.options import watched_zones, zones_file
from posekit.errors import OutputError, SettingsError, UnknownNameError
from posekit.resolving import resolve
from posekit.settings import Settings
from posekit.zones import WHATS, Zone, inside, next_name, read_zones, write_zones

SQUARE = ((0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8))

names = st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,31}", fullmatch=True)
numbers = st.floats(-1, 2)
points = st.lists(st.tuples(numbers, numbers), min_size=3, max_size=9)


@st.composite
def any_zones(draw):
    zones = []
    for name in draw(st.lists(names, unique=True, max_size=5)):
        try:
            dwell = draw(st.floats(0, 1e6))
            zones.append(Zone(name, tuple(draw(points)), draw(st.sampled_from(WHATS)), dwell))
        except SettingsError as error:
            assert "one line" in str(error)
    return tuple(zones)


def a_file(folder: Path, text: str) -> Path:
    path = folder / "zones.toml"
    path.write_text(text)
    return path


@given(points, st.integers(0, 2**32 - 1))
def test_inside_is_what_opencv_says_away_from_the_border(corners, seed):
    # OpenCV counts crossings too, in float32: corners and points that it can hold exactly.
    polygon = np.array(corners, np.float32)
    places = np.random.default_rng(seed).uniform(-1.2, 2.2, (40, 2)).astype(np.float32)
    found = inside(places, polygon)
    assert found.shape == (40,)
    assert found.dtype == np.bool_
    compared = 0
    for place, is_in in zip(places, found, strict=True):
        distance = cv2.pointPolygonTest(polygon, (float(place[0]), float(place[1])), True)
        if abs(distance) > 1e-4:
            compared += 1
            assert is_in == (distance > 0), (place, distance)
    assert compared > 20


def test_a_star_is_hollow_where_its_sides_surround_twice():
    angles = np.arange(5) * 4 * math.pi / 5
    star = np.stack((0.5 + 0.4 * np.sin(angles), 0.5 - 0.4 * np.cos(angles)), axis=1)
    assert inside(np.array([[0.5, 0.5], [0.5, 0.15], [0.1, 0.1], [np.nan, 0.5]]), star).tolist() == [
        False,
        True,
        False,
        False,
    ]


def test_nobody_and_nothing():
    assert inside(np.zeros((0, 2)), np.array(SQUARE)).tolist() == []


@given(any_zones())
def test_what_is_written_is_what_is_read(tmp_path_factory, zones):
    path = tmp_path_factory.getbasetemp() / "law.toml"
    write_zones(path, zones)
    assert read_zones(path) == zones
    assert list(path.parent.glob(".law*")) == []


def test_a_link_is_written_through_and_the_old_file_outlives_a_failure(tmp_path):
    real, link = tmp_path / "real.toml", tmp_path / "zones.toml"
    write_zones(real, [Zone("stage", SQUARE)])
    real.chmod(0o640)
    link.symlink_to(real)
    write_zones(link, [Zone("door", SQUARE)])
    assert link.is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    assert [zone.name for zone in read_zones(real)] == ["door"]
    with pytest.raises(OutputError, match="cannot write the zones file"):
        write_zones(tmp_path / "nowhere" / "zones.toml", [])


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"name": "my stage"}, "'my stage' cannot be a zone's name"),
        ({"name": ""}, "cannot be a zone's name"),
        ({"name": "1st"}, "cannot be a zone's name"),
        ({"name": 3}, "cannot be a zone's name"),
        ({"name": "stage\n"}, "cannot be a zone's name"),
        ({"points": SQUARE[:2]}, "needs 3 points or more; found 2"),
        ({"points": "square"}, "needs 3 points or more; found 0"),
        ({"points": (*SQUARE, (0.5, 2.5))}, "from -1 to 2 at most"),
        ({"points": (*SQUARE, (math.nan, 0.5))}, "from -1 to 2 at most"),
        ({"points": (*SQUARE, (0.5,))}, r"a point is \[x, y\]"),
        ({"points": (*SQUARE, (True, 0.5))}, r"a point is \[x, y\]"),
        ({"points": ((0, 0), (0.5, 0.5), (1, 1))}, "encloses nothing"),
        ({"points": (SQUARE[0],) * 3}, "encloses nothing"),
        ({"dwell": -1}, "dwell is in seconds"),
        ({"dwell": math.inf}, "dwell is in seconds"),
        ({"dwell": 10**400}, "dwell is in seconds"),
        ({"dwell": "long"}, "dwell is in seconds"),
        ({"what": "hand"}, "did you mean 'hands'"),
        ({"what": "left_hand"}, "unknown part of a person for zone 'stage'"),
    ],
)
def test_what_cannot_be_a_zone_is_refused_in_a_sentence(values, words):
    with pytest.raises(SettingsError, match=words) as caught:
        Zone(**{"name": "stage", "points": SQUARE, **values})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[zones", "not valid TOML"),
        ("zones = 3", r"each under a line \[\[zones\]\]"),
        ("[[zone]]", "unknown entry of the zones file .*; did you mean 'zones'"),
        ("[[zones]]\nname = 'a'", "zone 1 has no points"),
        ("[[zones]]\nname = 'a'\npoint = []", "unknown entry of a zone in .*; did you mean 'points'"),
        ("[[zones]]\nname = 'a'\npoints = [[0, 0]]", "zones.toml: zone 'a' needs 3 points"),
        (2 * "[[zones]]\nname = 'a'\npoints = [[0, 0], [1, 0], [1, 1]]\n", "two zones 'a'"),
    ],
)
def test_a_wrong_file_is_refused_with_its_name(tmp_path, text, words):
    with pytest.raises(SettingsError, match=words) as caught:
        read_zones(a_file(tmp_path, text))
    assert "zones.toml" in str(caught.value)


def test_a_missing_file_is_an_error_and_an_empty_one_holds_no_zones(tmp_path):
    with pytest.raises(SettingsError, match="cannot read the zones file"):
        read_zones(tmp_path / "zones.toml")
    assert read_zones(a_file(tmp_path, "")) == ()


def test_points_may_be_whole_numbers():
    zone = Zone("a", ((0, 0), (1, 0), (1, 1)), dwell=2)
    assert zone == Zone("a", ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0)), dwell=2.0)
    assert zone.polygon.shape == (3, 2)
    assert Zone(**zone.as_table()) == zone


def test_new_zones_get_the_first_free_name():
    assert next_name([]) == "zone1"
    assert next_name([Zone("zone1", SQUARE), Zone("zone3", SQUARE)]) == "zone2"


def test_where_settings_say_that_zones_are(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert watched_zones(Settings()) == ()
    assert zones_file(Settings()) == Path("zones.toml")
    a_file(tmp_path, "[[zones]]\nname = 'here'\npoints = [[0, 0], [1, 0], [1, 1]]")
    assert [zone.name for zone in watched_zones(Settings())] == ["here"]
    assert watched_zones(Settings(zones="off")) == ()
    assert zones_file(Settings(zones="off")) == Path("zones.toml")
    other = tmp_path / "other.toml"
    write_zones(other, [Zone("there", SQUARE)])
    assert [zone.name for zone in watched_zones(Settings(zones=other))] == ["there"]
    assert zones_file(Settings(zones=other)) == other
    with pytest.raises(SettingsError, match="cannot read the zones file missing"):
        watched_zones(Settings(zones="missing.toml"))


def test_a_show_file_may_hold_them_and_they_travel_to_the_engine(tmp_path):
    show = tmp_path / "show.toml"
    show.write_text("slots = 3\n[[zones]]\nname = 'a'\npoints = [[0, 0], [1, 0], [1, 1]]\ndwell = 1\n")
    settings = resolve({}, {}, show).settings
    assert [zone.name for zone in watched_zones(settings)] == ["a"]
    assert watched_zones(Settings(**settings.model_dump(mode="json"))) == watched_zones(settings)
    assert zones_file(settings) == Path("zones.toml")  # a show file is never written to
    with pytest.raises(SettingsError, match="zones are a file, auto, off"):
        resolve({}, {}, sketch={"zones": 3})
    show.write_text("[[zones]]\nname = 'a'\npionts = []\n")
    with pytest.raises(UnknownNameError, match="did you mean 'points'"):
        watched_zones(resolve({}, {}, show).settings)
