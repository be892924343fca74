"""A camera that was moved is noticed, and light, people's things and noise are not: on real rooms."""

from __future__ import annotations

import re

import cv2
import numpy as np
import pytest
from darkroom import LIGHTS, noisier

from posekit.clock import ManualClock, ManualWall
from posekit.errors import SettingsError
from posekit.gallery.view import HOLD, HOLD_STRANGE, View, compare, describe, take_map
from posekit.gallery.view_map import Match, edge_map, small_grey
from posekit.gallery.view_watch import AUTO_SECONDS, LOOK_SECONDS, PICTURES, ViewWatch

SEEN = 0.76


def window(picture, x=0.0, y=0.0, turn=0.0, zoom=1.0):
    """Return what a camera sees of a picture, three quarters of it, after its content moved."""
    height, width = picture.shape[:2]
    wide, high = int(width * SEEN), int(height * SEEN)
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -turn, zoom)
    matrix[:, 2] += x * wide - (width - wide) / 2, y * high - (height - high) / 2
    return cv2.warpAffine(np.ascontiguousarray(picture), matrix, (wide, high), flags=cv2.INTER_LINEAR)


@pytest.fixture(scope="module")
def room(asset):
    film = cv2.VideoCapture(str(asset("data/videos/one-by-one-person-detection.mp4")))
    frames = [film.read()[1][..., ::-1] for _ in range(30)]
    film.release()
    return cv2.resize(np.median(np.array(frames[::6]), axis=0).astype(np.uint8), (480, 270))


@pytest.fixture(scope="module")
def elsewhere(asset):
    return cv2.resize(cv2.imread(str(asset("data/no_people/000000107438.jpg"))), (480, 270))[..., ::-1]


@pytest.fixture
def view(room):
    found = View()
    found.calibrate([noisier(window(room), 1, seed) for seed in range(5)], "2026-11-22 20:44")
    return found


MOVES = [
    ({"x": -0.06, "turn": 1.0}, "about 6 % to the left, turned 1 degree clockwise"),
    ({"x": 0.03}, "about 3 % to the right"),
    ({"y": 0.05}, "about 5 % down"),
    ({"turn": -3.0}, "turned 3 degrees anticlockwise"),
    ({"zoom": 1.08}, "larger by 8 %"),
]


@pytest.mark.parametrize(("move", "words"), MOVES)
def test_a_move_that_holds_is_told_with_how_far_and_where_to_and_cleared(view, room, move, words):
    for number in range(HOLD):
        assert view.sentence is None
        view.look(noisier(window(room, **move), 2, number))
    numbers, told = (re.findall(r"[\d.]+", text) for text in (words, view.sentence))
    assert re.sub(r"\d+", "N", words) in re.sub(r"\d+", "N", view.sentence)
    assert all(abs(float(a) - float(b)) <= 1 for a, b in zip(numbers, told, strict=True))
    view.look(noisier(window(room), 2))
    assert view.sentence is not None
    assert view.look(noisier(window(room), 2, 1)) is None


@pytest.mark.parametrize("light", LIGHTS)
def test_other_light_is_no_move(view, room, light):
    for seed in range(HOLD):
        assert view.look(LIGHTS[light](window(room), seed)) is None
        assert view.last.verdict != "shifted"


def test_a_chair_and_coats_are_no_move(view, room):
    changed = window(room).copy()
    height, width = changed.shape[:2]
    for across in (0.1, 0.4, 0.7):
        left, wide = int(across * width), width // 8
        changed[height // 2 :, left : left + wide] = changed[: height - height // 2, left : left + wide, ::-1]
    for seed in range(HOLD + 1):
        assert view.look(noisier(changed, 3, seed)) is None
    assert view.last.verdict == "fits"


def test_another_room_is_told_after_a_while_and_the_dark_never(view, elsewhere):
    rng = np.random.default_rng(1)
    for _ in range(HOLD_STRANGE + 2):
        dark = rng.integers(0, 6, window(elsewhere).shape, np.uint8)
        assert view.look(dark) is None
    for number in range(HOLD_STRANGE + 1):
        view.look(noisier(window(elsewhere), 2, number))
    assert "something other than the room" in view.sentence


def test_the_file_is_small_and_read_back_as_it_was(view, tmp_path, room):
    path = tmp_path / "view.toml"
    view.save(path)
    assert path.stat().st_size < 9_000
    again = View.load(path)
    assert np.allclose(again.room.edges, view.room.edges)
    assert (again.room.size, again.room.made) == (view.room.size, "2026-11-22 20:44")
    assert compare(again.room.edges, edge_map(small_grey(window(room)))).here > 0.9
    assert View.load(tmp_path / "none.toml").room is None


@pytest.mark.parametrize(
    "text",
    [
        "[view]",
        "view = 1",
        "[view]\nsize = [4, 3]\nrows = []",
        '[view]\nsize = [4, 3]\nrows = ["."]',
        '[view]\nsize = [-4, "a"]\nrows = 3',
        '[view]\nsize = [1e300, 3]\nrows = ["ü"]',
        "[view]\nsize = [inf, 3]\nrows = []",
        "[other]",
        "[",
    ],
)
def test_a_file_that_is_wrong_is_told_in_a_sentence_and_left_alone(tmp_path, text):
    path = tmp_path / "view.toml"
    path.write_text(text)
    with pytest.raises(SettingsError, match=r"view\.toml"):
        View.load(path)
    said = []
    watch = ViewWatch(path, ManualClock(), ManualWall(), said.append)
    assert len(said) == 1
    assert not watch.is_known
    assert path.read_text() == text


@pytest.mark.parametrize("shape", [(480, 640), (1080, 1920), (1920, 1088), (48, 64), (3, 5), (200, 3000)])
def test_pictures_of_any_size_have_a_map(shape):
    picture = np.random.default_rng(0).integers(0, 255, (*shape, 3), np.uint8)
    edges = edge_map(small_grey(picture))
    assert max(edges.shape) == 96
    assert np.isfinite(edges).all()
    assert (np.abs(edges) <= 1).all()


def test_pictures_of_another_shape_are_told(view):
    assert "480x640 now and were 364x205" in view.look(np.zeros((640, 480, 3), np.uint8))


def test_the_dark_is_not_remembered():
    rng = np.random.default_rng(1)
    with pytest.raises(SettingsError, match="too little light"):
        take_map([rng.integers(0, 6, (120, 160, 3), np.uint8) for _ in range(6)])
    with pytest.raises(SettingsError, match="no edges"):
        take_map([np.zeros((120, 160, 3), np.uint8)])


def test_a_move_that_is_none_has_words_too():
    assert describe(Match(1.0)) == "a little"


class Show:
    """A room with a camera, watched over."""

    def __init__(self, folder, room):
        self.room, self.said, self.seed, self.asked = room, [], 0, 0
        self.move, self.is_lost, self.seen = {}, False, None
        self.clock = ManualClock()
        self.path = folder / "view.toml"
        self.watch = ViewWatch(self.path, self.clock, ManualWall(1.8e9), self.said.append)

    def picture(self):
        self.asked += 1
        if not self.is_lost or self.seen is None:
            self.seed += 1
            self.seen = noisier(window(self.room, **self.move), 1, self.seed)
        return self.seen.copy()

    def go_on(self, seconds, people=0):
        for _ in range(int(seconds * 2)):
            self.clock.advance(0.5)
            self.watch.update(people, self.picture)
            self.watch.wait()


def test_a_show_remembers_its_room_by_itself_and_looks_once_a_minute(tmp_path, room):
    show = Show(tmp_path, room)
    show.go_on(AUTO_SECONDS, people=2)
    show.go_on(AUTO_SECONDS, people=None)
    show.go_on(AUTO_SECONDS - 1)
    assert show.asked == 0
    show.go_on(8)
    assert show.asked == PICTURES
    assert "because the room was empty for the first time" in show.said[0]
    assert show.path.exists()
    show.move = {"x": 0.05}
    show.go_on(HOLD * LOOK_SECONDS + 1)
    assert show.asked == PICTURES + HOLD
    assert "about 5 % to the right" in show.watch.sentence
    show.watch.calibrate()
    show.go_on(3, people=1)
    assert "as soon as nobody is in the picture" in show.said[-1]
    show.go_on(10)
    assert show.watch.sentence == ""
    assert show.said[-2].startswith("the view was calibrated: view.toml keeps")
    assert ViewWatch(show.path, show.clock, ManualWall(), show.said.append).is_known


def test_the_picture_of_a_camera_that_is_gone_and_a_view_that_is_not_wanted_are_not_looked_at(tmp_path, room):
    show = Show(tmp_path, room)
    show.watch.is_wanted = False
    show.go_on(2 * AUTO_SECONDS)
    assert show.asked == 0
    show.watch.is_wanted, show.is_lost = True, True
    show.go_on(30)
    assert not show.watch.is_known
    assert len(show.watch._pictures) == 1
