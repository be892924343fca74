"""Drawing zones: with the mouse's own events, in a mirror and out of it, down to the file."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest
from sketch_world import ScriptedFeed

from posekit.clock import ManualClock
from posekit.geometry import Placement, fit_picture
from posekit.runner import run_sketch
from posekit.runner.toolbox import Toolbox
from posekit.runner.zone_editor import ZoneEditor
from posekit.scene import ZoneState
from posekit.settings import Settings
from posekit.sketch import Sketch
from posekit.sketch.canvas import Canvas
from posekit.sketch.loader import load_class
from posekit.sketch.quiet_pygame import pygame
from posekit.zones import Zone, read_zones

SQUARE = ((0.2, 0.2), (0.6, 0.2), (0.6, 0.6), (0.2, 0.6))


@dataclass
class Stage:
    """A canvas of 400 x 300, wholly covered by a picture."""

    canvas: Canvas = field(default_factory=lambda: Canvas((400, 300)))
    placement: Placement = field(default_factory=lambda: Placement(400, 300, 0, 0))
    zone_states: tuple[ZoneState, ...] = ()


class Desk:
    """An editor with everything around it."""

    def __init__(self, tmp_path, *zones, stage=None):
        self.clock, self.told, self.said = ManualClock(), [], []
        self.stage, self.path = stage or Stage(), tmp_path / "zones.toml"
        self.editor = ZoneEditor(
            self.stage, zones, self.path, self.clock, changed=self.told.append, report=self.said.append
        )
        self.editor.open()

    def click(self, *places, seconds=1.0):
        for place in places:
            self.clock.set(self.clock.now() + seconds)
            self.editor.press(place, 1)
            self.editor.release()
        return self

    def type(self, *keys):
        for key in keys:
            assert self.editor.key(key, key if len(key) == 1 else "")
        return self

    def names(self):
        return [zone.name for zone in self.editor.zones]


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


def test_clicks_and_enter_make_a_zone_and_the_engine_has_it_at_once(desk):
    desk.click((40, 30), (200, 30), (200, 150)).type("return")
    assert desk.editor.zones == (Zone("zone1", ((0.1, 0.1), (0.5, 0.1), (0.5, 0.5))),)
    assert desk.told == [desk.editor.zones]
    assert not desk.path.exists()
    desk.type("s")
    assert read_zones(desk.path) == desk.editor.zones
    assert str(desk.path.resolve()) in desk.said[-1]


def test_a_double_click_closes_and_adds_no_corner(desk):
    desk.click((40, 30), (200, 30), (200, 150)).click((201, 150), seconds=0.1)
    assert [len(zone.points) for zone in desk.editor.zones] == [3]


def test_a_click_on_the_first_corner_closes(desk):
    desk.click((40, 30), (200, 30), (200, 150), (60, 200), (41, 31))
    assert [len(zone.points) for zone in desk.editor.zones] == [4]


def test_a_second_click_in_the_same_place_is_no_corner(desk):
    desk.click((40, 30), (200, 30), (200, 31), (200, 150)).type("return")
    assert [len(zone.points) for zone in desk.editor.zones] == [3]


def test_two_corners_make_no_zone_and_nothing_is_lost(desk):
    desk.click((40, 30), (200, 30)).type("return")
    assert desk.editor.zones == ()
    assert "3 points" in desk.editor.message
    desk.click((200, 150)).type("return")
    assert len(desk.editor.zones) == 1


def test_backspace_takes_corners_back(desk):
    desk.click((40, 30), (200, 30), (390, 10)).type("backspace").click((200, 150)).type("enter")
    assert desk.editor.zones[0].points == ((0.1, 0.1), (0.5, 0.1), (0.5, 0.5))
    desk.type("backspace")
    assert len(desk.editor.zones) == 1


def test_a_corner_is_dragged(tmp_path):
    desk = Desk(tmp_path, Zone("stage", SQUARE))
    desk.editor.press((81, 60), 1)
    desk.editor.move((20, 15))
    assert desk.told == []  # told once it is let go
    desk.editor.release()
    assert desk.editor.zones[0].points == ((0.05, 0.05), *SQUARE[1:])
    assert desk.told == [desk.editor.zones]
    desk.editor.press((20, 15), 1)
    desk.editor.release()
    assert len(desk.told) == 1


def test_delete_and_names_are_for_the_zone_under_the_mouse(tmp_path):
    other = Zone("door", ((0.7, 0.7), (0.9, 0.7), (0.9, 0.9)))
    desk = Desk(tmp_path, Zone("stage", SQUARE), other)
    desk.editor.move((160, 120))
    desk.type("n", *"bar", "x", "backspace", "return")
    assert desk.names() == ["bar", "door"]
    desk.type("n", *"door", "return")
    assert desk.names() == ["bar", "door"]
    assert "already" in desk.editor.message
    desk.type("n", *"1 x", "return")
    assert desk.names() == ["bar", "door"]
    assert "cannot be a zone's name" in desk.editor.message
    desk.type("n", *"no", "escape")
    assert desk.names() == ["bar", "door"]
    assert desk.editor.is_open
    desk.type("w")
    assert [zone.what for zone in desk.editor.zones] == ["center", "feet"]
    desk.type("delete")
    assert desk.names() == ["door"]
    desk.type("delete", "n", "w")  # nothing is under the mouse any more
    assert desk.names() == ["door"]


def test_leaving_saves_what_was_changed_and_only_that(desk):
    desk.type("escape")
    assert not desk.editor.is_open
    assert not desk.path.exists()
    desk.editor.open()
    desk.click((40, 30), (200, 30), (200, 150)).type("return").click((10, 10)).type("f3")
    assert not desk.editor.is_open
    assert len(read_zones(desk.path)) == 1
    assert len(desk.said) == 1
    desk.editor.close()
    assert len(desk.said) == 1


def test_a_file_that_cannot_be_written_is_said_and_the_zones_stay(tmp_path):
    desk = Desk(tmp_path / "nowhere")
    desk.click((40, 30), (200, 30), (200, 150)).type("return", "s")
    assert "cannot write" in desk.said[-1]
    (tmp_path / "nowhere").mkdir()
    desk.editor.close()
    assert len(read_zones(desk.path)) == 1


def test_the_window_keeps_its_own_keys(desk):
    assert not desk.editor.key("f11")
    assert not desk.editor.key("f12")
    assert desk.editor.key("q")


def test_in_a_mirror_zones_are_kept_as_the_camera_sees_them(tmp_path):
    placement = fit_picture((640, 480), (400, 225), "cover").mirrored(400)
    stage = Stage(Canvas((400, 225)), placement)
    desk = Desk(tmp_path, stage=stage)
    corners = [(300, 20), (390, 20), (390, 200)]  # on the mirror's right: the picture's left
    desk.click(*corners).type("return")
    points = desk.editor.zones[0].polygon
    assert points[:, 0].max() < 0.3
    assert placement.to_area(points) == pytest.approx(np.array(corners), abs=0.05)


def test_what_is_drawn_is_taken_away_again(tmp_path):
    stage = Stage(zone_states=(ZoneState("stage", (3, 4)),))
    desk = Desk(tmp_path, Zone("stage", SQUARE), stage=stage)
    desk.click((300, 250), (350, 250))
    before = stage.canvas.pixels.copy()
    toolbox = Toolbox([desk.editor])
    with toolbox.over(stage.canvas):
        shown = stage.canvas.pixels.copy()
    assert (stage.canvas.pixels == before).all()
    assert (shown[100, 100] != before[100, 100]).any()
    assert (shown[250, 320] != before[250, 320]).any()
    desk.editor.close()
    with toolbox.over(stage.canvas):
        assert (stage.canvas.pixels == before).all()


def key(code, text=""):
    return pygame.event.Event(pygame.KEYDOWN, key=code, unicode=text)


def mouse(kind, place, button=1):
    values = {"pos": place, "rel": (0, 0), "buttons": (0, 0, 0), "touch": False}
    return pygame.event.Event(
        kind, **(values if kind == pygame.MOUSEMOTION else {**values, "button": button})
    )


def click(place):
    return [mouse(pygame.MOUSEBUTTONDOWN, place), mouse(pygame.MOUSEBUTTONUP, place)]


class WatchedFeed(ScriptedFeed):
    """Remembers the zones that it was given, and is a camera."""

    def watch_zones(self, zones):
        self.watched = zones


class Heard(Sketch):
    """Posts the events it is told to, one a frame."""

    size = (400, 300)
    background = None
    script = ()

    def __init__(self):
        super().__init__()
        self.left, self.keys, self.clicks, self.seen = list(self.script), [], [], []

    def draw(self, canvas, scene):
        self.seen.append([zone.name for zone in scene.zones])
        if self.left:
            pygame.event.post(self.left.pop(0))

    def on_key(self, key):
        self.keys.append(key)

    def on_mouse(self, position):
        self.clicks.append(position)


def show(script, *, is_live=True, **settings):
    class Now(Heard):
        pass

    Now.script = script
    loaded = load_class(Now)
    feed = WatchedFeed(1, frames=len(script) + 5, is_live=is_live)
    said = []
    chosen = Settings(**{"size": (400, 300), "fit": "cover", "fps": 500.0, **settings})
    run_sketch(loaded, feed, chosen, report=said.append)
    return loaded.sketch, feed, said


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    monkeypatch.chdir(tmp_path)
    return tmp_path


DRAWN = [
    key(pygame.K_F3),
    *click((300, 30)),
    *click((380, 30)),
    *click((380, 200)),
    key(pygame.K_RETURN, "\r"),
]
OVER = [mouse(pygame.MOUSEMOTION, (370, 60)), key(pygame.K_n, "n"), *(key(ord(c), c) for c in "bar")]


def test_in_the_window_from_f3_to_the_file(folder):
    sketch, feed, said = show(
        [*DRAWN, *OVER, key(pygame.K_RETURN, "\r"), key(pygame.K_ESCAPE), key(pygame.K_q)]
    )
    (zone,) = read_zones(folder / "zones.toml")
    assert zone.name == "bar"
    assert zone.points == ((0.25, 0.1), (0.05, 0.1), (0.05, 0.6667))  # a camera is shown as a mirror
    assert feed.watched == (zone,)
    assert said == [f"saved the zones (bar) in {folder / 'zones.toml'}"]
    assert sketch.keys == ["f3", "q"]  # it is asked before the editor opens, and not while it is open
    assert sketch.clicks == []
    assert sketch.seen[0] == []
    assert sketch.seen[-1] == ["bar"]


def test_the_next_start_finds_them(folder):
    show([*DRAWN, key(pygame.K_ESCAPE)], is_live=False)
    assert read_zones(folder / "zones.toml")[0].points[0] == (0.75, 0.1)
    sketch, _, said = show([key(pygame.K_F3), key(pygame.K_F3)])
    assert sketch.seen[0] == ["zone1"]
    assert said == []


def test_a_window_that_is_closed_in_the_middle_saves_too(folder):
    _, _, said = show([*DRAWN, pygame.event.Event(pygame.QUIT)])
    assert len(read_zones(folder / "zones.toml")) == 1
    assert len(said) == 1


def test_zones_of_a_show_file_are_kept_elsewhere_and_it_is_said(folder):
    table = Zone("stage", ((0.1, 0.8), (0.2, 0.8), (0.2, 0.9))).as_table()
    _, _, said = show([*DRAWN, key(pygame.K_s, "s")], zones=(table,))
    assert [zone.name for zone in read_zones(folder / "zones.toml")] == ["stage", "zone1"]
    assert 'write zones = "zones.toml"' in said[-1]


def test_a_sketch_that_never_clears_keeps_nothing_of_the_editor(folder):
    class Kept(Heard):
        script = (*DRAWN,)
        last = None

        def draw(self, canvas):
            Heard.draw(self, canvas, self.scene_now)
            Kept.last = canvas.pixels.copy()

        def update(self, scene):
            self.scene_now = scene

    loaded = load_class(Kept)
    run_sketch(loaded, WatchedFeed(0, frames=20), Settings(size=(400, 300), fps=500.0))
    assert Kept.last is not None
    assert not Kept.last[..., :3].any()


def test_f3_is_the_sketchs_own_if_it_says_so(folder):
    class Mine(Heard):
        script = (*DRAWN,)

        def on_key(self, key):
            return key == "f3"

    loaded = load_class(Mine)
    run_sketch(loaded, WatchedFeed(1, frames=20), Settings(size=(400, 300), fps=500.0))
    assert not (folder / "zones.toml").exists()
