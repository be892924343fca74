"""Who gets a key: the sketch first, then open tools, then what opens one; and what F1, F2 and Esc do."""

from __future__ import annotations

import numpy as np
import pytest
from sketch_world import ScriptedFeed

from posekit.clock import ManualClock
from posekit.health import CameraState, Health
from posekit.pose import Pose
from posekit.runner import run_sketch
from posekit.runner.feed import Update
from posekit.runner.help import Help
from posekit.runner.loop import Loop
from posekit.runner.overlay import Overlay
from posekit.runner.tool import Tool
from posekit.runner.toolbox import Toolbox
from posekit.scene import Scene
from posekit.settings import Settings
from posekit.sketch import Sketch
from posekit.sketch.canvas import Canvas
from posekit.sketch.loader import load_class, load_sketch
from posekit.sketch.quiet_pygame import pygame


class Diary(Tool):
    """A tool that writes down what it is told."""

    def __init__(self, name, key_name, *, has_mouse=False, takes=()):
        self.name, self.key_name, self.takes, self.told = name, key_name, takes, []
        self.wants_mouse = has_mouse

    @property
    def has_mouse(self):
        return self.is_open and self.wants_mouse

    def key(self, name, text):
        self.told.append(name)
        return name in self.takes

    def press(self, position, button):
        self.told.append((position, button))
        return position[0] < 100

    def draw(self, canvas):
        canvas.rect((0, 0, 50, 50), "red")


def nobody(name):
    return False


def test_a_key_opens_and_closes_a_tool_unless_the_sketch_wants_it():
    tool = Diary("one", "f7")
    box = Toolbox([tool])
    assert box.key("f7", "", lambda name: True)
    assert not tool.is_open
    assert box.key("f7", "", nobody)
    assert tool.is_open
    assert box.key("f7", "", nobody)
    assert not tool.is_open
    assert not box.key("x", "x", nobody)


def test_what_is_typed_into_a_tool_is_not_the_sketchs_but_what_it_leaves_is():
    tool, heard = Diary("one", "f7", has_mouse=True, takes=("a",)), []
    box = Toolbox([tool])
    box.toggle(tool)
    assert box.key("a", "a", heard.append)
    assert not box.key("b", "b", heard.append)
    assert tool.told == ["a", "b"]
    assert heard == ["b"]


def test_a_tool_that_only_shows_comes_after_the_sketch():
    tool = Diary("one", "f7", takes=("a",))
    box = Toolbox([tool])
    box.toggle(tool)
    assert box.key("a", "a", lambda name: True)
    assert tool.told == []
    assert box.key("a", "a", nobody)
    assert tool.told == ["a"]


def test_there_is_one_tool_to_work_with_at_a_time_and_esc_closes_it():
    one, two, shown = (
        Diary("one", "f7", has_mouse=True),
        Diary("two", "f8", has_mouse=True),
        Diary("three", "f9"),
    )
    box = Toolbox([one, two, shown])
    for name in ("f9", "f7", "f8"):
        assert box.key(name, "", nobody)
    assert [tool.is_open for tool in box.tools] == [False, True, True]
    assert box.at_work is two
    assert box.key("escape", "", nobody)
    assert [tool.is_open for tool in box.tools] == [False, False, True]
    assert not box.key("escape", "", nobody), "nothing is open that Esc closes: the run ends"


def test_a_click_beside_a_tool_is_the_sketchs():
    tool = Diary("one", "f7", has_mouse=True)
    box = Toolbox([tool])
    assert not box.press((10, 10), 1)
    box.toggle(tool)
    assert box.press((10, 10), 1)
    assert not box.press((200, 10), 1)


@pytest.mark.parametrize("fails", ["open", "key", "press", "draw", "frame", "close"])
def test_a_tool_that_fails_is_closed_and_the_show_goes_on(fails):
    said = []
    tool = Diary("one", "f7", has_mouse=True)
    box, canvas = Toolbox([tool], said.append), Canvas((100, 100))

    def fail(*_):
        raise ValueError("no")

    setattr(tool, fails, fail)
    box.toggle(tool)
    box.key("a", "a", nobody)
    box.press((1, 1), 1)
    box.frame(canvas, 1.0)
    with box.over(canvas):
        pass
    if tool.is_open:
        box.toggle(tool)
    assert not tool.is_open
    assert said == ["one is closed, it failed: ValueError: no"]
    assert not canvas.pixels.any()


def test_nothing_of_a_tool_stays_on_the_canvas():
    tool, canvas = Diary("one", "f7"), Canvas((100, 100))
    canvas.background("navy")
    before = canvas.pixels.copy()
    box = Toolbox([tool])
    box.toggle(tool)
    for _ in range(2):
        with box.over(canvas):
            assert (canvas.pixels != before).any()
        assert (canvas.pixels == before).all()


def key(code, text=""):
    return pygame.event.Event(pygame.KEYDOWN, key=code, unicode=text)


class Pressing(Sketch):
    """Presses the keys it is told to, one a frame."""

    size = (640, 360)
    script = ()

    def __init__(self):
        super().__init__()
        self.left, self.keys, self.frames = list(self.script), [], 0

    def draw(self, canvas):
        self.frames += 1
        self.last = canvas.pixels.copy()
        if self.left:
            pygame.event.post(self.left.pop(0))

    def on_key(self, key):
        self.keys.append(key)


def show(*script, frames=200, **settings):
    class Now(Pressing):
        pass

    Now.script = script
    loaded, said = load_class(Now), []
    drawn = run_sketch(
        loaded,
        ScriptedFeed(2, frames=frames),
        Settings(**{"size": (640, 360), "fps": 500.0, "reload": False, **settings}),
        report=said.append,
    )
    return loaded.sketch, drawn, said


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    monkeypatch.chdir(tmp_path)
    return tmp_path


ALL = (pygame.K_F1, pygame.K_F2, pygame.K_F3, pygame.K_F5, pygame.K_TAB)


@pytest.mark.parametrize("code", ALL)
def test_esc_closes_what_is_open_and_then_ends_the_run(code):
    sketch, drawn, said = show(key(code), key(pygame.K_ESCAPE), key(pygame.K_q), key(pygame.K_ESCAPE))
    assert drawn == 4
    assert sketch.keys[-1] == "escape"
    assert "q" in sketch.keys
    assert said == []


def test_every_tool_is_opened_over_and_over_and_leaves_nothing_behind():
    sketch, drawn, said = show(*(key(code) for code in ALL * 3), frames=40)
    assert drawn == 41
    assert said == []
    assert not sketch.last[..., :3].any(), "the sketch draws nothing, and the tools are taken away"


def test_a_film_and_a_picture_have_nothing_of_the_tools(folder):
    import cv2

    script = (*(key(code) for code in (pygame.K_F2, pygame.K_F1, pygame.K_TAB)), key(pygame.K_F12))
    show(*script, frames=8, save_video=folder / "a.mp4")
    picture = cv2.imread(str(next(folder.glob("*.png"))))
    assert picture.shape == (360, 640, 3)
    assert not picture.any()
    film = cv2.VideoCapture(str(folder / "a.mp4"))
    found = 0
    while (read := film.read())[0]:
        found += 1
        assert read[1].max() < 30
    assert found >= 8


def world(path="knobs", count=2, size=(1280, 720)):
    loop = Loop(load_sketch(path), Canvas(size))
    loop.frame(ScriptedFeed(count).poll(), 1.0)
    return loop


def words_of(help_):
    return [f"{words.lead} {words.text}".strip() for block in help_.blocks() for words in block]


def test_help_tells_of_the_sketch_its_keys_and_its_parameters():
    loop = world()
    tools = [Overlay(loop, ManualClock()), Diary("one", "f7")]
    help_ = Help(loop, lambda: [*tools, help_], lambda: ["out to 127.0.0.1:7000"])
    words = words_of(help_)
    assert words[0].startswith("knobs: rings on everybody's hands")
    for expected in ("What you see", "What to notice", "Try this", "How to run", "Keys", "Parameters"):
        assert expected in words
    assert "F1 this help" in words
    assert "F7 one" in words
    assert "Esc close what is open, or end" in words
    assert "radius pixels; 5 to 200, default 40" in words
    assert "update, draw, on_osc" in words
    assert "out to 127.0.0.1:7000" in words


@pytest.mark.parametrize("size", [(1280, 720), (640, 360), (720, 1280), (1920, 1080), (200, 120)])
def test_help_has_as_many_pages_as_it_needs_and_each_is_shown(size):
    loop = world(size=size)
    help_ = Help(loop, lambda: [help_])
    help_.open()
    shown, pages = set(), 0
    for _ in range(60):
        canvas = Canvas(size)
        help_.draw(canvas)
        pages += 1
        shown.add(canvas.pixels.tobytes())
        if not help_.key("right", ""):
            break
        if help_._page == 0:
            break
    assert len(shown) == pages
    assert (pages == 1) == (size == (1920, 1080) or size == (1280, 720) or size == (720, 1280))
    assert help_.key("escape", "")
    assert not help_.is_open


def test_help_for_a_sketch_without_a_word(tmp_path):
    (tmp_path / "bare.py").write_text("def draw(canvas):\n    pass\n")
    loop = Loop(load_sketch(str(tmp_path / "bare.py")), Canvas((640, 360)))
    help_ = Help(loop, list)
    assert words_of(help_)[0] == "bare"
    help_.draw(loop.canvas)


def figures(overlay):
    return {figure.name: (figure.text, figure.is_alarm) for figure in overlay.figures()}


def test_the_overlay_tells_how_it_is_going():
    loop = world()
    clock = ManualClock()
    overlay = Overlay(loop, clock, lambda: "PoseNet")
    for number in range(100):
        overlay.frame(loop.canvas, 10 + number / 50)
    clock.set(5.08)  # the scene was captured at 5
    for number in range(200):
        overlay.frame(loop.canvas, 12 + number / 50)
    told = figures(overlay)
    assert told["window"] == ("50 fps", False)
    assert told["engine"] == ("30.0 fps", False)
    assert told["camera to window"] == ("80 ms", False)
    assert told["camera"] == ("ok", False)
    assert told["people"] == ("2", False)
    health = Health(engine=False, camera=CameraState.LOST, dropped=7)
    loop.frame(Update(None, (), None, health), 2.0)
    told = figures(overlay)
    assert told["camera"] == ("no engine", True)
    assert told["dropped"] == ("7", False)


def test_the_overlay_draws_everybody_and_the_faint_too():
    loop = world(count=2)
    before = loop.canvas.pixels.copy()
    pose = Pose(
        np.full((17, 2), 0.5, np.float32) + np.arange(17)[:, None] / 100, np.full(17, 0.2, np.float32), 0.1
    )
    scene = Scene(1, (640, 480), 5.0, 5.0, 5.0, (), candidates=(pose,))
    overlay = Overlay(
        loop, ManualClock(), lambda: "PoseNet MobileNet, with a name that needs several lines " * 3
    )
    overlay.draw(loop.canvas)
    assert (loop.canvas.pixels[:, :640] != before[:, :640]).any()
    empty = Loop(load_sketch("knobs"), Canvas((1280, 720)))
    empty.frame(Update(scene, (), None, Health()), 1.0)
    before = empty.canvas.pixels.copy()
    overlay = Overlay(empty, ManualClock())
    overlay.draw(empty.canvas)
    middle = (slice(360, 540), slice(640, 800))
    assert (empty.canvas.pixels[middle] != before[middle]).any()
    assert figures(overlay)["people"] == ("0 (+1 faint)", False)
