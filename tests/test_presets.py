"""Presets: saved, read by people, loaded at once or by fading, and never trusted."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sketch_world import ScriptedFeed

from posekit import Param
from posekit.clock import ManualClock
from posekit.errors import OutputError
from posekit.runner import run_sketch
from posekit.runner.asked_preset import AskedPreset
from posekit.runner.knobs import Knobs
from posekit.runner.preset_player import PresetPlayer
from posekit.runner.preset_strip import PresetStrip
from posekit.runner.presets import (
    Preset,
    PresetFile,
    clean_name,
    presets_file,
    read_presets,
    write_presets,
)
from posekit.runner.tool import LEFT, RIGHT
from posekit.settings import Settings
from posekit.sketch import Sketch
from posekit.sketch.canvas import Canvas
from posekit.sketch.loader import builtin_folder, load_class
from posekit.sketch.parameters import Parameters
from posekit.sketch.quiet_pygame import pygame

KINDS = {
    "speed": Param(1.0, 0, 5),
    "count": Param(3, 1, 10),
    "loud": Param(False),
    "tint": Param("gold"),
    "mode": Param("ring", choices=["ring", "disc"]),
}


@dataclass
class Stage:
    canvas: Canvas = field(default_factory=lambda: Canvas((1280, 720)))


class Desk:
    """A player and its strip, with everything around them."""

    def __init__(self, path, size=(1280, 720)):
        self.path, self.clock = path, ManualClock()
        self.parameters, self.told, self.said, self.shift = Parameters(KINDS), [], [], False
        knobs = Knobs(lambda: self.parameters, self.told.append)
        self.player = PresetPlayer(knobs, path, self.clock, self.said.append)
        self.stage = Stage(Canvas(size))
        self.strip = PresetStrip(self.stage, self.player, lambda: self.shift)

    def turn(self, **values):
        for name, value in values.items():
            self.parameters.put(name, value)
        return self

    def after(self, seconds):
        self.clock.set(self.clock.now() + seconds)
        self.player.tick()
        return self.parameters["speed"]

    def type(self, *keys):
        for key in keys:
            assert self.strip.key(key, key if len(key) == 1 else ""), key
        return self


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path / "dots.presets.toml")


def test_what_is_saved_comes_back_and_is_told(desk):
    first = desk.turn(speed=2.5, count=7, loud=True, tint="#102030", mode="disc").parameters.values
    assert desk.player.save(1)
    desk.turn(speed=1, count=3, loud=False, tint="gold", mode="ring")
    desk.parameters.take_changes()
    assert desk.player.load(1)
    assert desk.parameters.values == first
    assert {heard.arguments["name"]: heard.arguments["value"] for heard in desk.told} == first
    assert desk.parameters.take_changes() == first
    assert desk.said == ["saved preset 1 in dots.presets.toml", "preset 1"]


def test_the_file_is_one_that_people_can_read_and_write(desk):
    desk.player.save(2)
    assert desk.player.rename(2, "calm")
    assert desk.path.read_text().splitlines()[1:] == [
        "fade = 0.0", "", "[[preset]]", "number = 2", 'name = "calm"', "", "[preset.values]",
        "speed = 1.0", "count = 3", "loud = false", 'tint = "gold"', 'mode = "ring"',
    ]  # fmt: skip
    desk.path.write_text('[[preset]]\nnumber = 4\nname = "mine"\nvalues = {speed = 4, count = 2}\n')
    assert desk.player.load("mine")
    assert (desk.parameters["speed"], desk.parameters["count"]) == (4.0, 2)


def test_the_next_preset_goes_round(desk):
    for number, speed in ((2, 0.5), (5, 1.5), (9, 2.5)):
        desk.turn(speed=speed).player.save(number)
    desk.player.load(2)
    found = []
    for _ in range(4):
        desk.player.load_next()
        found.append(desk.parameters["speed"])
    assert found == [1.5, 2.5, 0.5, 1.5]


def test_what_the_sketch_does_not_know_is_said_and_kept(desk):
    desk.path.write_text(
        "[[preset]]\nnumber = 1\n[preset.values]\n"
        'spede = 4.0\ncount = 99\nmode = "rign"\nloud = "yes"\ntint = "gald"\n'
    )
    assert desk.player.load(1)
    assert desk.player.is_alarm
    for words in ("'speed'", "'ring'", "loud: on is 1 and off is 0", "'gold'"):
        assert words in desk.player.message
    assert desk.parameters.values == {**Parameters(KINDS).values, "count": 10}
    desk.player.save(1)
    assert read_presets(desk.path).presets[1].values == {**desk.parameters.values, "spede": 4.0}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("preset = 3", "every preset begins with"),
        ("[[preset]]\nnumber = 0", "a preset's number is one of 1 to 9"),
        ("[[preset]]\nnumber = true", "a preset's number is one of 1 to 9"),
        ("[[preset]]\nnumber = 1\n[[preset]]\nnumber = 1", "two presets 1"),
        ("[[preset]]\nnumber = 1\nnmae = 'a'", "'name'"),
        ("[[preset]]\nnumber = 1\nname = 3", "a preset's name is a text"),
        ("[[preset]]\nnumber = 1\nvalues = 3", "below [preset.values]"),
        ("[[preset]]\nnumber = 1\nvalues = {speed = [1, 2]}", "speed is a number, a text"),
        ("fade = -1", "fade is seconds"),
        ("fade = nan", "fade is seconds"),
        ("fdae = 1", "'fade'"),
        ("fade = ", "is not valid TOML"),
        ("a = " + "[" * 5000, "is not valid TOML"),
        ("#" * 2_000_000, "too big"),
    ],
)
def test_a_file_that_is_none_is_said_and_never_written_over(desk, text, words):
    desk.path.write_text(text)
    assert not desk.player.load(1)
    assert words in desk.player.message
    assert not desk.player.save(1)
    assert not desk.player.remove(1)
    assert desk.path.read_text() == text
    assert all(str(desk.path) in said or words in said for said in desk.said)


def test_no_such_preset(desk):
    assert not desk.player.load(3)
    assert "none is saved yet" in desk.player.message
    desk.player.save(1)
    desk.player.rename(1, "calm")
    assert not desk.player.load("clam")
    assert "'calm'" in desk.player.message
    assert not desk.player.load(3)
    assert "saved are 1 calm" in desk.player.message
    assert not desk.player.load_next() or desk.player.active == 1


def test_two_presets_have_two_names(desk):
    desk.player.save(1)
    desk.player.save(2)
    assert desk.player.rename(1, "calm")
    assert not desk.player.rename(2, " calm ")
    assert not desk.player.rename(2, "1")
    assert desk.player.rename(2, "")
    assert desk.player.remove(1)
    assert sorted(read_presets(desk.path).presets) == [2]


def test_numbers_fade_and_whoever_turns_one_meanwhile_is_right(desk):
    desk.turn(speed=1.0, count=2, tint="red").player.save(1)
    desk.turn(speed=3.0, count=8, tint="blue").player.save(2)
    for _ in range(2):
        desk.player.next_fade()
    assert read_presets(desk.path).fade == 3.0
    desk.player.load(1)
    assert (desk.parameters["speed"], desk.parameters["count"], desk.parameters["tint"]) == (3.0, 2, "red")
    assert desk.after(1.5) == pytest.approx(2.0)
    assert desk.after(0.75) == pytest.approx(1.5)
    assert desk.after(5) == 1.0
    assert desk.after(1) == 1.0
    desk.player.load(2)
    assert desk.after(1.5) == pytest.approx(2.0)
    desk.turn(speed=4.5)
    assert desk.after(0.5) == 4.5
    assert desk.after(9) == 4.5
    desk.player.load(1)
    desk.after(1)
    desk.parameters = Parameters({"other": Param(1.0)})
    desk.player.tick()
    assert desk.parameters.values == {"other": 1.0}


scalars = st.one_of(
    st.booleans(),
    st.integers(-(2**40), 2**40),
    st.floats(allow_nan=False),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
)
names = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@given(st.dictionaries(st.integers(1, 9), st.tuples(names, st.dictionaries(names, scalars, max_size=4))))
def test_every_file_that_is_written_is_read_as_it_was(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("a") / "x.presets.toml"
    presets = {number: Preset(number, clean_name(name), values) for number, (name, values) in content.items()}
    write_presets(path, PresetFile(presets, 1.5))
    assert read_presets(path) == PresetFile(presets, 1.5)
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_it_is_beside_the_sketch_or_in_the_users_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setattr("platformdirs.user_data_dir", lambda *_, **__: str(tmp_path / "data"))
    assert presets_file(tmp_path / "dots.py") == tmp_path / "dots.presets.toml"
    own = presets_file(builtin_folder() / "05_knobs.py")
    assert own == tmp_path / "data" / "presets" / "05_knobs.presets.toml"
    write_presets(own, PresetFile({1: Preset(1)}))
    assert read_presets(own).presets[1].number == 1


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_to(tmp_path, monkeypatch):
    monkeypatch.setattr("platformdirs.user_data_dir", lambda *_, **__: str(tmp_path / "data"))
    (tmp_path / "shut").mkdir(mode=0o500)
    found = presets_file(tmp_path / "shut" / "dots.py")
    assert found == tmp_path / "data" / "presets" / "dots.presets.toml"


def test_where_it_cannot_be_written_that_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    desk = Desk(tmp_path / "file" / "dots.presets.toml")
    assert not desk.player.save(1)
    assert "cannot" in desk.player.message
    assert desk.said == [desk.player.message]
    with pytest.raises(OutputError):
        write_presets(tmp_path / "file" / "x.toml", PresetFile())


def test_the_strip_by_keys(desk):
    desk.strip.open()
    desk.shift = True
    desk.turn(speed=2.0).type("1")
    desk.shift = False
    desk.turn(speed=3.0).type("s", "2")
    desk.type("n", *"loud", "return")
    desk.type("[1]")
    assert desk.parameters["speed"] == 2.0
    assert desk.strip.is_open
    assert read_presets(desk.path).presets[2].name == "loud"
    desk.type("f", "2", "delete")
    assert sorted(read_presets(desk.path).presets) == [1]
    assert not desk.strip.key("escape", "")
    assert not desk.strip.key("x", "x")
    desk.type("1", "n", "x", "escape")
    assert read_presets(desk.path).presets[1].name == ""


def test_where_digits_are_typed_with_shift_they_load(desk):
    """A French keyboard: the key is `&`, with Shift it types 1."""
    desk.turn(speed=2.0).player.save(1)
    desk.turn(speed=3.0).strip.open()
    desk.shift = True
    assert desk.strip.key("&", "1")
    assert desk.parameters["speed"] == 2.0


def test_f5_with_shift_goes_on_without_a_strip(desk):
    desk.turn(speed=2.0).player.save(1)
    desk.turn(speed=3.0).player.save(2)
    desk.shift = True
    desk.strip.open()
    assert not desk.strip.is_open
    assert desk.parameters["speed"] == 2.0


@pytest.mark.parametrize("size", [(1280, 720), (640, 360), (720, 1280), (1920, 1080)])
def test_the_strip_by_mouse_on_every_canvas(tmp_path, size):
    desk = Desk(tmp_path / "dots.presets.toml", size)
    desk.strip.open()
    left, top, width, high = desk.strip._box()
    assert left >= 0
    assert left + width <= size[0]
    assert top >= 0
    assert top + high <= size[1]
    for number in range(1, 10):
        x, y, across, down = desk.strip._slot(number)
        desk.turn(speed=number / 2)
        assert desk.strip.press((x + across / 2, y + down / 2), LEFT)
    assert sorted(read_presets(desk.path).presets) == [*range(1, 10)]
    x, y, across, down = desk.strip._slot(4)
    assert desk.strip.press((x + 2, y + 2), LEFT)
    assert desk.parameters["speed"] == 2.0
    desk.turn(speed=5)
    assert desk.player.is_changed()
    assert desk.strip.press((x + across - 2, y + down - 2), RIGHT)
    assert read_presets(desk.path).presets[4].values["speed"] == 5
    assert not desk.strip.press((2, 2), LEFT)
    canvas = Canvas(size)
    desk.strip.draw(canvas)
    assert canvas.pixels.any()


@pytest.mark.parametrize(
    ("address", "arguments", "wanted"),
    [
        ("/preset/calm", (), "calm"),
        ("/preset/3", (1.0,), "3"),
        ("/posekit/preset/3", (1,), "3"),
        ("/preset", (3,), "3"),
        ("/preset", (3.0,), "3"),
        ("/preset", ("calm",), "calm"),
        ("/preset/a/b", (), "a/b"),
        ("/preset/calm", (0,), None),
        ("/preset/calm", (0.0,), None),
    ],
)
def test_presets_over_osc(address, arguments, wanted):
    asked, loaded = AskedPreset(), []
    assert not asked.is_meant(address)
    asked.load = lambda name: loaded.append(name) or ""
    assert asked.is_meant(address)
    assert asked.ask(address, arguments) == ""
    assert asked.obey() is None
    assert asked.obey() is None
    assert loaded == ([wanted] if wanted else [])


def test_what_is_no_preset_over_osc():
    asked = AskedPreset()
    asked.load = lambda name: f"no {name}"
    assert not asked.is_meant("/presets")
    assert not asked.is_meant("/other")
    for arguments in ((), (None,), (True,), (b"x",), ("",), (float("nan"),)):
        assert (asked.ask("/preset", arguments) != "") or asked.obey() == ("/preset", "no nan")
    assert asked.ask("/preset/9", ()) == ""
    assert asked.ask("/preset/8", ()) == ""
    assert asked.obey() == ("/preset/8", "no 8"), "the last one that was asked for"


class Dots(Sketch):
    size = (320, 180)
    speed = Param(1.0, 0, 5)

    def __init__(self):
        super().__init__()
        self.told, self.left = [], list(self.script)

    def draw(self):
        if self.left:
            pygame.event.post(self.left.pop(0))

    def on_param(self, name, value):
        self.told.append((name, value))

    def on_key(self, key):
        if key == "a":
            self.speed = 4.0


def key(code, text="", mod=0):
    return pygame.event.Event(pygame.KEYDOWN, key=code, unicode=text, mod=mod)


def test_in_the_window_from_f5_to_the_file_and_back(tmp_path, monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    monkeypatch.setattr("posekit.runner.run.presets_file", lambda path: tmp_path / "dots.presets.toml")

    class Now(Dots):
        script = (
            key(pygame.K_F5), key(pygame.K_1, "!", pygame.KMOD_LSHIFT), key(pygame.K_2, "2"),
            key(pygame.K_ESCAPE), key(pygame.K_a, "a"), key(pygame.K_F5), key(pygame.K_1, "1"),
        )  # fmt: skip

    loaded, said = load_class(Now), []
    settings = Settings(size=(320, 180), fps=500.0, reload=False)
    run_sketch(loaded, ScriptedFeed(1, frames=14), settings, report=said.append)
    assert said == [
        "saved preset 1 in dots.presets.toml",
        "there is no preset 2; saved are 1",
        "preset 1",
    ]
    assert loaded.sketch.told == [("speed", 1.0)]
    assert loaded.sketch.speed == 1.0
