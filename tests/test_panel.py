"""The parameter panel: with mouse and keys on a real canvas, down to what the sketch and OSC are told."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posekit import Param
from posekit.clock import ManualClock
from posekit.runner.knobs import Knobs
from posekit.runner.panel_picture import layout
from posekit.runner.panel_rows import Line, fraction_of, range_of, shown, stepped, typed, value_at
from posekit.runner.parameter_panel import ParameterPanel
from posekit.runner.tool import LEFT, RIGHT, WHEEL_DOWN, WHEEL_UP
from posekit.sketch.canvas import Canvas
from posekit.sketch.parameters import Parameters

KINDS = {
    "speed": Param(1.0, 0, 5, help="how fast"),
    "count": Param(3, 1, 10),
    "loud": Param(False),
    "tint": Param("gold"),
    "mode": Param("ring", choices=["ring", "disc", "star"]),
    "fine": Param(0.25, 0.0, 1.0, step=0.25),
    "free": Param(2.0),
}
ORDER = list(KINDS)


@dataclass
class Stage:
    canvas: Canvas = field(default_factory=lambda: Canvas((1280, 720)))


class Desk:
    """A panel with everything around it."""

    def __init__(self, size=(1280, 720), **declared):
        self.parameters = Parameters(declared or KINDS)
        self.told, self.clock, self.shift = [], ManualClock(), False
        knobs = Knobs(lambda: self.parameters, self.told.append)
        self.stage = Stage(Canvas(size))
        self.panel = ParameterPanel(self.stage, knobs, self.clock, lambda: self.shift)
        self.panel.open()

    def __getitem__(self, name):
        return self.parameters[name]

    @property
    def changes(self):
        assert all(heard.hook == "on_param" for heard in self.told)
        return [(heard.arguments["name"], heard.arguments["value"]) for heard in self.told]

    def spot(self, name, fraction=0.5, part="control"):
        """Return a place on a parameter's line."""
        at = [line.name for line in self.panel._lines()].index(name) - self.panel._first
        place = layout(self.stage.canvas, len(self.panel._lines()))
        left, top, width, high = getattr(place, part)(at)
        return left + width * fraction, top + high / 2

    def click(self, place, button=LEFT, seconds=1.0):
        self.clock.set(self.clock.now() + seconds)
        assert self.panel.press(place, button)
        self.panel.release()
        return self

    def type(self, *keys):
        for key in keys:
            assert self.panel.key(key, key if len(key) == 1 else ""), key
        return self

    def choose(self, name):
        return self.type("home", *["down"] * ORDER.index(name))

    def picture(self):
        canvas = Canvas(self.stage.canvas.size)
        self.panel.draw(canvas)
        return canvas.pixels.copy()


@pytest.fixture
def desk():
    return Desk()


def test_a_slider_is_dragged_and_both_sketch_and_targets_hear_of_it(desk):
    desk.panel.press(desk.spot("speed", 0.2), LEFT)
    assert desk["speed"] == pytest.approx(1.0, abs=0.01)
    desk.panel.move(desk.spot("speed", 0.5))
    desk.panel.move((5000, 0))
    assert desk["speed"] == 5
    desk.panel.move((-10, 700))
    desk.panel.release()
    desk.panel.move(desk.spot("speed", 0.7))
    assert desk["speed"] == 0
    names, values = zip(*desk.changes, strict=True)
    assert set(names) == {"speed"}
    assert values[-3:] == (pytest.approx(2.5, abs=0.01), 5.0, 0.0)
    assert desk.parameters.take_changes() == {"speed": 0.0}


def test_what_changes_nothing_is_told_to_nobody(desk):
    desk.choose("loud").type("left", "left", "backspace")
    assert desk.told == []
    assert desk.parameters.take_changes() == {}


def test_every_kind_is_clicked(desk):
    desk.click(desk.spot("loud"))
    assert desk["loud"] is True
    desk.click(desk.spot("mode", 0.9, "value"))
    assert desk["mode"] == "disc"
    desk.click(desk.spot("mode", 0.05))
    desk.click(desk.spot("mode", 0.05))
    assert desk["mode"] == "star"
    desk.click(desk.spot("count", 1.0 - 1e-9))
    assert desk["count"] == 10
    desk.click(desk.spot("fine", 0.6))
    assert desk["fine"] == 0.5
    desk.click(desk.spot("free"))
    assert desk["free"] == 2


def test_a_number_without_ends_is_pulled(desk):
    x, y = desk.spot("free")
    desk.panel.press((x, y), LEFT)
    desk.panel.move((x + 24, y))
    there = desk["free"]
    assert there > 2
    desk.panel.move((x - 24, y))
    assert desk["free"] == pytest.approx(4 - there)


def test_the_wheel_and_the_arrows_step_and_with_shift_finely(desk):
    desk.click(desk.spot("speed"), WHEEL_UP)
    assert desk["speed"] == 1.05
    desk.click(desk.spot("speed"), WHEEL_DOWN).click(desk.spot("speed"), WHEEL_DOWN)
    assert desk["speed"] == 0.95
    desk.shift = True
    desk.type("right")
    assert desk["speed"] == 0.955
    desk.shift = False
    desk.choose("count").type("right", "right")
    assert desk["count"] == 5
    desk.choose("mode").type("left")
    assert desk["mode"] == "star"
    desk.choose("loud").type("right")
    assert desk["loud"] is True


def test_defaults_come_back_by_double_click_right_click_and_key(desk):
    desk.click(desk.spot("speed", 0.9)).click(desk.spot("speed", 0.9), seconds=0.1)
    assert desk["speed"] == 1
    desk.click(desk.spot("loud")).click(desk.spot("loud"), RIGHT)
    assert desk["loud"] is False
    desk.choose("count").type("right", "backspace")
    assert desk["count"] == 3
    for name in ("speed", "count", "loud", "mode"):
        desk.choose(name).type("right")
    desk.shift = True
    desk.type("delete")
    assert desk.parameters.values == Parameters(KINDS).values


def test_numbers_and_colours_are_typed(desk):
    desk.choose("speed").type(*"2.5", "return")
    assert desk["speed"] == 2.5
    desk.type(*"9", "return")
    assert desk["speed"] == 5
    desk.choose("count").type(*"1", "2", "backspace", "return")
    assert desk["count"] == 1
    desk.choose("tint").type(*"#ff5d8f", "return")
    assert desk["tint"] == "#ff5d8f"
    desk.type(*"tomato", "return")
    assert desk["tint"] == "tomato"
    desk.click(desk.spot("free", 0.5, "value")).type(*"-1,5")
    desk.click(desk.spot("loud"))
    assert desk["free"] == -1.5, "a click elsewhere takes what was typed"


def test_what_cannot_be_is_said_and_changes_nothing(desk):
    desk.choose("tint").type(*"gald", "return")
    assert desk["tint"] == "gold"
    assert "'gold'" in desk.panel._alarm
    desk.choose("speed")
    assert desk.panel._alarm == ""
    desk.type(*"1e", "return")
    assert "a number from 0 to 5 is meant" in desk.panel._alarm
    desk.type(*"12", "escape")
    assert desk["speed"] == 1
    assert desk.panel.is_open


def test_a_colour_is_mixed_and_grey_remembers_its_hue(desk):
    desk.click(desk.spot("tint"))
    lines = [line.part for line in desk.panel._lines()]
    assert lines[4:7] == ["hue", "saturation", "lightness"]
    desk.type("down", "down", *["left"] * 40)
    red, green, blue = (int(desk["tint"][at : at + 2], 16) for at in (1, 3, 5))
    assert red == green == blue
    desk.type(*["right"] * 40)
    assert desk["tint"] == "#ffd700", "as golden as before"
    desk.click(desk.spot("tint"))
    assert len(desk.panel._lines()) == len(KINDS)
    assert [name for name, _ in desk.changes] == ["tint"] * len(desk.changes)


def test_an_opacity_stays_when_a_colour_is_mixed():
    desk = Desk(veil=Param("#10203080"))
    desk.click(desk.spot("veil")).type("down", "right")
    assert desk["veil"].endswith("80")
    assert len(desk["veil"]) == 9


def test_what_the_panel_has_no_use_for_is_the_sketchs(desk):
    assert not desk.panel.key("space", " "), "nothing is chosen yet"
    desk.choose("speed")
    assert not desk.panel.key("f1", "")
    assert not desk.panel.key("tab", "\t")
    assert not desk.panel.key("q", "q")
    assert not desk.panel.press((1000, 600), LEFT)


def test_many_parameters_scroll_and_the_chosen_one_is_always_seen():
    names = [f"p{number}" for number in range(40)]
    desk = Desk((640, 360), **{name: Param(0.5, 0, 1) for name in names})
    place = layout(desk.stage.canvas, 40)
    assert place.room < 10
    assert place.box[1] + place.box[3] <= 360
    seen = {desk.picture().tobytes()}
    for number in range(40):
        desk.type("down")
        assert desk.panel._first <= number < desk.panel._first + place.room
        seen.add(desk.picture().tobytes())
    assert len(seen) == 41
    desk.type("page up", "home")
    assert desk.panel._first == 0
    desk.click((place.row(0)[0] + 20, place.row(0)[1] + 5), WHEEL_DOWN)
    assert desk.panel._first == 1
    assert desk.told == []


@pytest.mark.parametrize("size", [(1280, 720), (640, 360), (720, 1280), (3840, 2160), (320, 180)])
def test_it_stays_on_its_card_whatever_the_canvas(size):
    desk = Desk(size)
    left, top, width, high = layout(desk.stage.canvas, len(KINDS)).box
    drawn = np.argwhere(desk.choose("speed").picture()[..., :3].any(axis=2))
    assert len(drawn)
    (first_y, first_x), (last_y, last_x) = drawn.min(axis=0), drawn.max(axis=0)
    assert first_x >= left - 3
    assert first_y >= top - 3
    assert last_x <= left + width + 3
    assert last_y <= top + high + 3


def test_a_canvas_too_small_for_it_breaks_nothing():
    desk = Desk((60, 40))
    desk.type("down", "down", "right")
    desk.panel.press((30, 20), LEFT)
    assert desk.picture().any()


def test_a_sketch_without_parameters_is_told_how_to_have_one():
    desk = Desk()
    desk.parameters = Parameters()
    assert desk.picture().any()
    assert desk.panel.key("down", "")
    assert not desk.panel.key("right", "")


def test_a_save_may_take_away_what_is_dragged_or_make_something_else_of_it():
    for following in ({"x": Param("gold")}, {"y": Param(1.0)}, {}):
        desk = Desk(x=Param(1.0, 0, 5), y=Param(1.0))
        desk.panel.press(desk.spot("x", 0.5), LEFT)
        desk.parameters = Parameters(following)
        desk.panel.move((500, 300))
        desk.panel.draw(desk.stage.canvas)
        desk.panel.release()
        assert all(desk[name] == param.default for name, param in following.items())


def test_other_code_may_bring_other_parameters_at_any_time(desk):
    desk.click(desk.spot("tint")).type(*"#12")
    desk.parameters = Parameters({"tint": Param(1.0, 0, 2), "new": Param(True)})
    desk.picture()
    desk.panel.key("return", "")
    desk.panel.press(desk.spot("tint", 0.5), LEFT)
    desk.parameters = Parameters({"new": Param(True)})
    desk.panel.move((300, 100))
    desk.panel.release()
    assert desk.picture().any()
    assert desk["new"] is True


NUMBERS = st.floats(-1e6, 1e6, allow_nan=False)


@st.composite
def sliders(draw):
    low = draw(NUMBERS)
    high = low + draw(st.floats(1e-3, 1e6))
    kind = draw(st.sampled_from((float, int)))
    low, high = (int(low), int(high) + 1) if kind is int else (low, high)
    return Line("x", Param(low, low, high))


@given(sliders(), st.floats(0, 1), st.integers(-5, 5), st.booleans())
def test_a_place_on_a_slider_and_its_value_are_the_same_thing(line, fraction, steps, fine):
    param = line.param
    value = param.read((value_at(line, fraction, param.default),))
    assert param.min <= value <= param.max
    slack = max(0.002, 1 / (param.max - param.min) if param.kind == "int" else 0)
    assert fraction_of(line, value) == pytest.approx(fraction, abs=slack)
    further = param.read((stepped(line, value, steps, fine=fine),))
    assert (further - value) * steps >= -1e-6 * abs(value)
    assert len(shown(line, value)) < 24
    assert value_at(line, 0.0, value) == param.min
    assert value_at(line, 1.0, value) == param.max
    assert range_of(line)


@pytest.mark.parametrize(("low", "high"), [(-3e38, 3e38), (0.0, 1e-12), (-1.0, 1e300)])
def test_odd_ranges_break_nothing(low, high):
    line = Line("x", Param(0.0, low, high))
    for fraction in (0.0, 0.3, 1.0):
        value = line.param.read((value_at(line, fraction, 0.0),))
        assert 0 <= fraction_of(line, value) <= 1
        assert shown(line, value)
        line.param.read((stepped(line, value, 1),))


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("speed", " 2,5 ", 2.5),
        ("count", "4", 4.0),
        ("loud", "on", True),
        ("tint", "ff0000", "#ff0000"),
        ("tint", "red", "red"),
        ("mode", "disc", "disc"),
        ("speed", "fast", "fast"),
    ],
)
def test_what_is_typed_means_what_one_would_think(name, text, value):
    assert typed(Line(name, KINDS[name]), text) == value
