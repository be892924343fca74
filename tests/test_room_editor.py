"""F4 and F6: corners moved by mouse, by keys and on foot, saved at once, and the same after a restart."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sketch_world import PICTURE, ScriptedFeed, dancer, room, scene
from test_room import SLOPING, quads
from test_room_stage import moved_to

from posekit.clock import ManualClock
from posekit.errors import SettingsError
from posekit.geometry import fit_picture
from posekit.health import Health
from posekit.room import DisplayRoom, known_displays, read_room, write_room
from posekit.runner import run_sketch
from posekit.runner.feed import Update
from posekit.runner.keystone import Projection, Projector
from posekit.runner.loop import Loop
from posekit.runner.room_editor import RoomEditor
from posekit.runner.room_walk import STILL_SECONDS, Walk, mark_places
from posekit.runner.screens import Screens
from posekit.runner.test_card import PaintedCards, Sheet, TestCard, sheets
from posekit.settings import Settings
from posekit.sketch import Sketch
from posekit.sketch.canvas import Canvas
from posekit.sketch.loader import load_class
from posekit.sketch.quiet_pygame import pygame
from posekit.warp import Warp, rectangle, scaled

CANVAS, SCREEN = (400, 300), (800, 600)
FLOOR = ((0.3, 0.35), (0.7, 0.3), (0.9, 0.9), (0.1, 0.85))


class Plain(Sketch):
    """Draws nothing."""

    def draw(self):
        pass


class Desk:
    """An editor with a loop and a screen around it, full unless said otherwise."""

    def __init__(self, folder, *, people=(), mirror=False, **values):
        self.said, self.shift, self.clock = [], False, ManualClock()
        self.path = folder / "room.toml"
        values = {"size": CANVAS, "fullscreen": True, "room": str(self.path), **values}
        known = read_room(self.path) if self.path.exists() else ()
        self.screens = Screens(Settings(**values), known, self.said.append)
        self.screens.found([SCREEN, (1024, 768)])
        self.loop = Loop(load_class(Plain), Canvas(self.screens.canvas), mirror=mirror)
        self.loop.stage = self.screens.stage
        self.see(*people)
        self.screen = pygame.Surface(SCREEN, 0, 32)
        self.show()
        self.editor = RoomEditor(
            self.loop, self.screens, self.clock, report=self.said.append, is_shift_held=lambda: self.shift
        )
        self.editor.open()

    def see(self, *people, time=0.0):
        self.loop.frame(Update(scene(people, 1, time), (), room(time), Health()), time)

    def show(self):
        self.screens.show(self.loop.canvas, self.screen)

    def type(self, *keys, shift=False):
        self.shift = shift
        for key in keys:
            assert self.editor.key(key, key if len(key) == 1 else "")
            self.draw()
        return self

    def drag(self, start, end):
        """Drag from one place on the screen to another, as a mouse's events tell of it."""
        for step in range(5):
            place = np.array(start) + (np.array(end) - start) * step / 4
            where = tuple(self.screens.projection(self.editor.screen).back.apply(place).tolist())
            if step == 0:
                self.editor.press(where, 1)
            self.editor.move(where)
        self.editor.release()
        self.draw()

    def draw(self):
        self.editor.draw(self.loop.canvas)
        self.show()

    def keystone(self):
        return np.array(self.screens.room(self.editor.screen).keystone)


def test_a_corner_is_dragged_over_the_screen_and_kept_for_the_next_start(tmp_path):
    desk = Desk(tmp_path)
    desk.drag((2, 3), (102, 63))
    assert desk.keystone() == pytest.approx(np.array([(0.125, 0.1), (1, 0), (1, 1), (0, 1)]))
    assert str(desk.path.resolve()) in desk.editor.message
    desk.drag((790, 590), (750, 540))
    assert desk.keystone()[2] == pytest.approx((1 - 40 / 800, 1 - 50 / 600))
    after = Desk(tmp_path)
    assert after.keystone() == pytest.approx(desk.keystone(), abs=1e-5)
    assert after.screens.projection().warp.apply((0, 0)) == pytest.approx((100, 60), abs=0.01)
    desk.editor.close()
    assert "saved in" in desk.said[-1]


def test_the_keyboard_alone_is_enough(tmp_path):
    desk = Desk(tmp_path)
    desk.type("2", "left", "left", "down")
    assert desk.keystone()[1] == pytest.approx((1 - 2 / 800, 1 / 600))
    desk.type("tab", "up", shift=False)
    assert desk.editor.chosen == 2
    assert desk.keystone()[2] == pytest.approx((1, 1 - 1 / 600))
    desk.type("left", shift=True)
    assert desk.keystone()[2] == pytest.approx((1 - 10 / 800, 1 - 1 / 600))
    desk.type("tab", shift=True)
    assert desk.editor.chosen == 1
    desk.type("u")  # the third corner's steps are one
    assert desk.keystone()[2] == pytest.approx((1, 1))
    desk.type("u")
    assert desk.screens.room().keystone is None
    desk.type("u")
    assert "nothing to undo" in desk.editor.message
    desk.type("1", "right", "r")
    assert read_room(desk.path)[0].keystone is None
    desk.type("u")
    assert read_room(desk.path)[0].keystone is not None
    assert not desk.editor.key("f11", "")
    desk.type("escape")
    assert not desk.editor.is_open


def test_what_could_not_be_shown_is_refused_and_the_corner_stays(tmp_path):
    desk = Desk(tmp_path)
    desk.drag((0, 0), (795, 595))
    assert desk.screens.projection().warp.apply((400, 300)) == pytest.approx(SCREEN)
    assert desk.editor.message.startswith("the keystone:")
    before = desk.keystone()
    assert before[0] == pytest.approx((0.25 * 795 / 800, 0.25 * 595 / 600))  # as far as it went
    desk.drag((790, 590), (790, 590))
    assert (desk.keystone() == before).all()
    desk.type("u", "u")
    assert "nothing to undo" in desk.editor.message


@settings(max_examples=20, deadline=None)
@given(quads(), st.sampled_from([0, 90, 180, 270]), st.integers(0, 3), st.integers(-3, 3), st.integers(-3, 3))
def test_the_corner_that_is_seen_is_moved_as_it_is_seen(
    tmp_path_factory, keystone, turn, corner, right, down
):
    desk = Desk(tmp_path_factory.mktemp("room"), turn=turn)
    desk.screens.change(keystone=keystone)
    canvas_corner = rectangle(0.0, 0.0, *map(float, CANVAS))[corner]
    before = desk.screens.projection().warp.apply(canvas_corner)
    desk.editor.key(str(corner + 1), "")
    for key in (
        *["right" if right > 0 else "left"] * abs(right),
        *["down" if down > 0 else "up"] * abs(down),
    ):
        desk.editor.key(key, "")
    after = desk.screens.projection().warp.apply(canvas_corner)
    on_screen = {0: (right, down), 90: (-down, right), 180: (-right, -down), 270: (down, -right)}[turn]
    assert after - before == pytest.approx(on_screen, abs=1e-6)


def test_the_stage_is_dragged_in_the_cameras_picture_and_people_follow_at_once(tmp_path):
    desk = Desk(tmp_path, people=[dancer(1, 1, 0.0)], mirror=True, fit="stretch")
    desk.type("s")
    view = desk.editor._stage.view
    assert view.is_mirrored
    fitted = np.array(desk.editor.moved.corners)
    assert fitted[0][0] > fitted[1][0]  # in a mirror the canvas's left is the picture's right
    start = view.to_area(fitted[0])
    desk.editor.press(tuple(start + 2), 1)
    desk.editor.move(tuple(start + np.array((42, 32))))
    desk.draw()
    desk.editor.release()
    expected = fitted.copy()
    expected[0] = view.to_picture(start + np.array((40, 30)))
    assert np.array(desk.screens.stage) == pytest.approx(expected, abs=1e-5)
    assert desk.loop.stage == desk.screens.stage
    desk.see(dancer(1, 1, 0.1), time=0.1)
    assert desk.loop.placement.is_mirrored
    assert np.array(read_room(desk.path)[0].stage) == pytest.approx(expected, abs=1e-5)
    desk.type("1", "right")
    assert desk.screens.stage[0][0] == pytest.approx(expected[0][0] - 1 / PICTURE[0], abs=1e-5)
    desk.type("r")
    assert desk.loop.stage is None


def test_four_clicks_on_four_marks_are_a_stage(tmp_path):
    desk = Desk(tmp_path)
    desk.type("s")
    view = desk.editor._stage.view
    for number, mark in enumerate(FLOOR):
        assert len(desk.editor.marks) == number
        desk.editor.move(tuple(view.to_area(np.array(mark))))
        desk.editor.press(tuple(view.to_area(np.array(mark))), 1)
        desk.editor.release()
        desk.draw()
    assert desk.editor.marks == []
    assert np.array(desk.screens.stage) == pytest.approx(np.array(FLOOR), abs=1e-5)
    desk.editor.press(tuple(view.to_area(np.array((0.5, 0.6)))), 1)
    desk.type("backspace")
    assert desk.editor.marks == []
    for mark in (FLOOR[0], FLOOR[2], FLOOR[1], FLOOR[3]):
        desk.editor._mark(mark)
    assert "cross" in desk.editor.message
    assert np.array(desk.screens.stage) == pytest.approx(np.array(FLOOR), abs=1e-5)
    desk.type("m", *"4,5", "return")
    assert read_room(desk.path)[0].width_m == 4.5
    desk.type("m", *"1.2.3", "return")
    assert "no length" in desk.editor.message
    desk.type("m", "1", "backspace", "escape", "u")
    assert read_room(desk.path)[0].width_m is None


def test_walking_to_the_marks_makes_the_stage_that_puts_her_on_them(tmp_path):
    desk = Desk(tmp_path)
    desk.type("w")
    warp = Warp.between(rectangle(0.0, 0.0, *map(float, CANVAS)), FLOOR)
    time, rng = 0.0, np.random.default_rng(3)
    desk.editor._walk.see((0.5, 0.9), time)  # where she comes from
    for number, mark in enumerate(mark_places(CANVAS)):
        assert desk.editor._walk.number == number
        place = warp.apply(mark)
        for _ in range(round(STILL_SECONDS * 30) + 2):
            time += 1 / 30
            desk.clock.set(time)
            trembling = place + rng.normal(0, 0.002, 2)
            desk.see(moved_to(dancer(1, 1, time), trembling), time=time)
            desk.editor.frame(desk.loop.canvas, time)
        desk.draw()
    assert desk.editor.mode == "stage"
    assert np.array(desk.screens.stage) == pytest.approx(np.array(FLOOR), abs=0.01)
    desk.see(moved_to(dancer(1, 1, time), warp.apply((200, 150))), time=time + 1)
    assert tuple(desk.loop.scene.people[0].feet) == pytest.approx((200, 150), abs=3)


def test_walking_takes_nobody_who_moves_and_no_mark_twice():
    walk = Walk()
    assert not walk.take()
    for step in range(300):
        assert not walk.see((0.1 + step / 400, 0.5), step / 30)
    walk = Walk()
    assert not any(walk.see((0.5, 0.5), step / 10) for step in range(60))  # she has not walked yet
    assert [walk.see((0.2, 0.2), step / 10) for step in range(60)].count(True) == 1
    assert walk.number == 1
    walk.see(None, 7.0)
    assert walk.progress == 0
    walk.see((0.8, 0.2), 7.1)
    assert walk.take()
    walk.back()
    assert walk.number == 1
    for place in ((0.4, 0.2), (0.6, 0.2), (0.8, 0.2)):
        walk.see(place, 9.0)
        walk.take()
    with pytest.raises(SettingsError, match="line"):
        walk.corners()


def test_enter_needs_feet_and_the_keys_lead_on_and_back(tmp_path):
    desk = Desk(tmp_path)
    desk.type("w", "return")
    assert "feet" in desk.editor.message
    desk.see(moved_to(dancer(1, 1, 0.0), (0.3, 0.6)))
    desk.editor.frame(desk.loop.canvas, 0.1)
    desk.type("return")
    assert desk.editor._walk.number == 1
    desk.type("backspace")
    assert desk.editor._walk.number == 0
    desk.type("k", "f4")
    assert not desk.editor.is_open


def test_in_a_window_a_keystone_is_only_seen_while_it_is_changed(tmp_path):
    write_room(tmp_path / "room.toml", [DisplayRoom("0 800x600", SLOPING)])
    desk = Desk(tmp_path, fullscreen=False)
    assert desk.screens.projection().keystone == SLOPING
    assert "F11" in desk.editor.message
    desk.editor.close()
    assert desk.screens.projection().keystone is None


def test_a_file_that_cannot_be_written_is_said_and_the_show_goes_on(tmp_path):
    desk = Desk(tmp_path)
    desk.path.mkdir()
    desk.drag((0, 0), (50, 50))
    assert "room file" in desk.editor.message
    assert desk.keystone()[0] == pytest.approx((50 / 800, 50 / 600))


def test_another_size_of_the_same_display_is_told_and_used(tmp_path):
    write_room(tmp_path / "room.toml", [DisplayRoom("0 1920x1080", SLOPING)])
    desk = Desk(tmp_path)
    assert "had another size" in desk.said[0]
    assert desk.screens.room() == DisplayRoom("0 800x600", SLOPING)


def picture(size):
    canvas = Canvas(size)
    canvas.background("white")
    rng = np.random.default_rng(1)
    canvas.pixels[..., :3] = rng.integers(0, 256, (size[1], size[0], 3), np.uint8)
    return canvas


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_turning_is_exact_and_the_mouse_follows(turn):
    canvas = picture((120, 200))
    size = (200, 120) if turn in (90, 270) else (120, 200)
    screen = pygame.Surface(size, 0, 32)
    projection = Projection(canvas.size, size, None, turn)
    Projector().show(canvas, screen, projection)
    shown = pygame.surfarray.array3d(screen).swapaxes(0, 1)
    expected = np.rot90(canvas.pixels[..., 2::-1], -turn // 90)
    assert np.array_equal(shown, expected)
    x, y = projection.warp.apply((30.5, 70.5)).astype(int)
    assert shown[y, x].tolist() == canvas.pixels[70, 30, 2::-1].tolist()


@pytest.mark.parametrize("screen_size", [(320, 180), (640, 480), (100, 300), (1280, 720)])
def test_without_keystone_everything_is_fitted_as_ever(screen_size):
    projection = Projection((320, 180), screen_size)
    place = fit_picture((320, 180), screen_size, "contain")
    assert projection.area.left == round(place.offset_x)
    assert projection.warp.apply((0, 0)) == pytest.approx((place.offset_x, place.offset_y), abs=0.51)
    assert projection.back.apply(projection.warp.apply((77, 33))) == pytest.approx((77, 33), abs=1e-6)


def test_a_warped_picture_is_where_its_corners_are_and_black_beside():
    canvas = Canvas((320, 180))
    canvas.background("white")
    projection = Projection(canvas.size, (640, 480), SLOPING)
    for depth in (32, 24):  # straight into the screen's memory, and by way of another canvas
        screen = pygame.Surface((640, 480), 0, depth)
        screen.fill("red")
        Projector().show(canvas, screen, projection)
        shown = pygame.surfarray.array3d(screen).swapaxes(0, 1)[..., 1]
        inside = Warp.between(SLOPING, ((0, 0), (1, 0), (1, 1), (0, 1)))
        rows, columns = np.mgrid[0:480, 0:640] + 0.5
        places = inside.apply(np.stack((columns / 640, rows / 480), axis=-1))
        edge = np.minimum(places, 1 - places).min(axis=-1)
        assert (shown[edge > 0.02] == 255).all()
        assert (shown[edge < -0.02] == 0).all()


def test_the_same_corners_as_upright_change_no_pixel_by_more_than_a_rounding():
    canvas, screen = picture((200, 120)), pygame.Surface((200, 120), 0, 32)
    Projector().show(canvas, screen, Projection((200, 120), (200, 120), ((0, 0), (1, 0), (1, 1), (0, 1))))
    shown = pygame.surfarray.array3d(screen).swapaxes(0, 1).astype(int)
    assert np.abs(shown - canvas.pixels[..., 2::-1]).max() <= 1


def test_the_test_card_says_which_screen_it_is_and_runs(tmp_path):
    desk = Desk(tmp_path)
    desk.screens.change(width_m=4.0)
    card = TestCard(desk.screens, desk.clock)
    card.open()
    canvas, pictures = Canvas(CANVAS), []
    for time in (0.0, 1.0):
        desk.clock.set(time)
        card.draw(canvas)
        pictures.append(canvas.pixels.copy())
    assert (pictures[0] != pictures[1]).any(axis=2).mean() < 0.03
    assert (canvas.pixels[0, :, :3] > 200).mean() > 0.5  # the outermost pixels are lit
    sheet = sheets(desk.screens)[0]
    assert sheet.words[0] == "display 0"
    assert "screen 800 x 600" in sheet.words[1]
    assert sheet.width_m == 4.0
    painted = PaintedCards()
    for size in ((64, 64), (1080, 1920), (1, 1)):
        painted.draw(Canvas(size), [Sheet((0, 0, *size), ("display 0", "", ""), 2.0)], 0.5)


def test_a_display_that_is_not_there_is_refused_with_how_many_there_are():
    screens = Screens(Settings(display=0, more_displays=(3,)))
    with pytest.raises(SettingsError, match="no display 3; they are 0 to 1"):
        screens.found([SCREEN, SCREEN])


def post(*events):
    for kind, values in events:
        pygame.event.post(pygame.event.Event(kind, **values))


class Calibrated(Sketch):
    """Presses F4 and nudges a corner in its third frame."""

    def __init__(self):
        super().__init__()
        self.frames = 0

    def draw(self, canvas):
        canvas.background("white")
        self.frames += 1
        if self.frames == 3:
            post(
                *(
                    (pygame.KEYDOWN, {"key": key})
                    for key in (pygame.K_F4, pygame.K_3, pygame.K_LEFT, pygame.K_LEFT)
                )
            )
        if self.frames == 5:
            post((pygame.KEYDOWN, {"key": pygame.K_ESCAPE}), (pygame.KEYDOWN, {"key": pygame.K_F6}))


def test_calibrate_save_restart_the_same(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    said = []
    for _ in range(2):
        loaded = load_class(Calibrated)
        run = Settings(size=CANVAS, fps=500, frames=9)
        run_sketch(loaded, ScriptedFeed(1, frames=30), run, report=said.append)
    (display,) = known_displays(Settings())
    assert display.index == 0
    corner = np.array(display.keystone[2])
    upright = np.array(Projection(CANVAS, CANVAS).upright[2])
    assert (upright - corner) * CANVAS == pytest.approx((4, 0), abs=0.01)
    assert scaled(display.keystone, 1, 1) == display.keystone
    assert [line for line in said if "room.toml" in line]
