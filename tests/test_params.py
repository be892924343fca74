"""Parameters: declared in a line, read as plain values, set from outside, always in their range."""

from __future__ import annotations

import math
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posekit import Param, Sketch
from posekit.errors import SettingsError, SketchError, UnknownNameError
from posekit.sketch.canvas import Canvas
from posekit.sketch.loader import load_class, load_sketch
from posekit.sketch.parameters import Parameters, Params


class Dots(Sketch):
    speed = Param(1.0, 0, 5, help="how fast")
    count = Param(3, 1, 10)
    loud = Param(False)
    tint = Param("gold")
    mode = Param("ring", choices=["ring", "disc"])
    fine = Param(0.25, 0.0, 1.0, step=0.25)
    free = Param(0.0)
    whole = Param(0)
    stepped = Param(0.0, step=1e-9)

    def draw(self):
        return self.speed * self.count


@pytest.fixture
def dots():
    return load_class(Dots)


@pytest.fixture
def write(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", list(sys.path))

    def write(code):
        path = tmp_path / "mine.py"
        path.write_text(code, encoding="utf-8")
        return str(path)

    return write


def test_in_a_class_they_are_values_and_each_sketch_has_its_own(dots):
    other = load_class(Dots)
    dots.sketch.speed = 4
    assert (dots.sketch.speed, other.sketch.speed) == (4.0, 1.0)
    assert dots.hooks["draw"]({}) == 12.0
    names = ["speed", "count", "loud", "tint", "mode", "fine", "free", "whole", "stepped"]
    assert list(dots.parameters) == names
    assert [Dots.__dict__[name].kind for name in dots.parameters] == [
        *("float", "int", "bool", "colour", "choice", "float", "float", "int", "float"),
    ]
    assert dots.parameters.take_changes() == {"speed": 4.0}
    assert dots.parameters.take_changes() == {}


def test_in_a_file_of_functions_they_are_in_params(write):
    loaded = load_sketch(
        write("from posekit import Param\nspeed = Param(1.0, 0, 5)\ndef draw(params): return params.speed\n")
    )
    params = Params(loaded.parameters)
    assert loaded.hooks["draw"]({"params": params}) == 1.0
    params.speed = 99
    assert loaded.hooks["draw"]({"params": params}) == 5.0
    assert (list(params), dir(params), repr(params)) == (["speed"], ["speed"], "Params(speed=5.0)")


@pytest.mark.parametrize(
    "use",
    [
        *("speed * 2", "2 - speed", "bool(speed)", "f'{speed}'", "speed > 1", "-speed"),
        *("canvas.circle((9, 9), speed, 'red')", "canvas.circle((9, 9), 5, color=speed)"),
    ],
)
def test_the_bare_name_in_a_function_is_told_to_be_a_declaration(write, use):
    code = f"from posekit import Param\nspeed = Param(1.0, 0, 5)\ndef draw(canvas): {use}\n"
    loaded = load_sketch(write(code))
    with pytest.raises(SettingsError, match=r"^speed is a parameter; .* write params\.speed$"):
        loaded.hooks["draw"]({"canvas": Canvas((20, 20))})


def test_a_misspelt_parameter_is_told_with_the_nearest(dots):
    params = Params(dots.parameters)
    with pytest.raises(AttributeError, match=r"no parameter 'sped'; did you mean 'speed'\?"):
        _ = params.sped
    with pytest.raises(UnknownNameError, match="did you mean 'speed'"):
        params.sped = 1
    with pytest.raises(SettingsError, match="the sketch has none"):
        Parameters().find("speed")


def test_a_parameter_can_be_read_and_set_in_a_constructor_of_ones_own():
    class Early(Sketch):
        speed = Param(1.0, 0, 5)

        def __init__(self):
            self.twice = self.speed * 2
            self.speed = 3

        def draw(self): ...

    loaded = load_class(Early)
    assert (loaded.sketch.twice, loaded.sketch.speed) == (2.0, 3.0)
    assert loaded.parameters.take_changes() == {}  # it is where it begins


def test_parameters_are_inherited_and_a_subclass_may_change_or_drop_one():
    class More(Dots):
        speed = Param(2.0, 0, 9)
        loud = None
        extra = Param(0.0)

    loaded = load_class(More)
    assert loaded.sketch.speed == 2.0
    assert list(loaded.parameters)[-2:] == ["stepped", "extra"]
    assert "loud" not in loaded.parameters


RECEIVED = {
    ("speed", (2,)): 2.0,
    ("speed", (-3.0,)): 0.0,
    ("speed", (1e300,)): 5.0,
    ("speed", (2**62,)): 5.0,
    ("count", (3.5,)): 4,
    ("count", (99,)): 10,
    ("free", (1e300,)): 3.4e38,
    ("whole", (-1e300,)): -(2**31) + 1,
    ("stepped", (1e308,)): 3.4e38,
    ("loud", (True,)): True,
    ("loud", (0.0,)): False,
    ("loud", (7,)): True,
    ("tint", ("Dark Orange",)): "Dark Orange",
    ("tint", ("#fc0",)): "#fc0",
    ("tint", (1.0, 0.5, 0.0)): "#ff8000",
    ("tint", (255, 128, 999)): "#ff80ff",
    ("tint", ((1.0, 0.0, 0.0, 0.5),)): "#ff000080",
    ("mode", ("disc",)): "disc",
    ("mode", (1,)): "disc",
    ("fine", (0.37,)): 0.25,
    ("fine", (0.38,)): 0.5,
}


@pytest.mark.parametrize(("told", "value"), RECEIVED.items(), ids=str)
def test_what_arrives_is_read_kindly_and_brought_into_the_range(dots, told, value):
    name, arguments = told
    assert dots.parameters.receive(name, arguments) == value
    assert type(dots.parameters[name]) is type(value)


REFUSED = {
    "speed": [(), (1, 2), ("1",), (math.nan,), (math.inf,), (True,), (None,), (b"x",), ((1,),)],
    "count": [("three",), (False,), (-math.inf,)],
    "loud": [("on",), (), (None,), (math.nan,)],
    "tint": [(1,), (1, 2), ("golld",), ("#12",), (math.nan, 0.0, 0.0), ("x" * 5000,), (True, True, True)],
    "mode": [("square",), (2,), (-1,), (0.5,), (math.nan,), (True,), ("d" * 5000,)],
}


@pytest.mark.parametrize("explain", [True, False])
@pytest.mark.parametrize(("name", "many"), REFUSED.items(), ids=REFUSED)
def test_what_makes_no_sense_is_refused_in_a_short_sentence(dots, name, many, explain):
    before = dots.parameters.values
    for arguments in many:
        with pytest.raises(SettingsError) as caught:
            dots.parameters.receive(name, arguments, explain=explain)
        assert 10 < len(str(caught.value)) < 200
    assert dots.parameters.values == before


@given(
    st.floats(allow_nan=False, allow_infinity=False), st.floats(0.01, 3), st.floats(-5, 5), st.floats(0.1, 9)
)
def test_a_number_is_always_in_the_range_and_on_a_step(given_, step, low, span):
    high = low + span
    value = Param(low, low, high, step=step).read((given_,))
    steps = (value - low) / step
    assert low <= value <= high
    assert value == low or abs(steps - round(steps)) < 1e-6


WRONG = {
    "Param(9, 0, 5)": "default lies in its range",
    "Param(0.3, 0.0, 1.0, step=0.25)": "default lies in its range, on one of its steps",
    "Param(1, 5, 0)": "min is below its max",
    "Param(1, 0, 5, step=-1)": "step is above 0",
    "Param(1, 0, 'x')": "min, max and step are numbers",
    "Param(True, 0, 1)": "min, max and step are for numbers",
    "Param('golld')": "did you mean 'gold'",
    "Param('a', choices=['b', 'c'])": "unknown choice 'a'",
    "Param('a', choices=['a'])": "two or more different texts",
    "Param(None)": "a parameter's default is a number",
    "Param(float('nan'))": "found nan",
}


@pytest.mark.parametrize(("code", "sentence"), WRONG.items(), ids=WRONG)
def test_what_cannot_be_a_parameter_stops_the_start_with_its_line(write, code, sentence):
    with pytest.raises(SketchError, match=r"mine.py, line 2: ") as caught:
        load_sketch(write(f"from posekit import Param\nspeed = {code}\ndef draw(): pass\n"))
    assert sentence in str(caught.value)


NAMES = {
    "size = Param(1.0)": "size is a setting",
    "background = Param('gold')": "background is a setting",
    "draw = Param(1.0)\ndef update(): pass": "draw means something else",
    "on_wave_end = Param(1.0)": "on_wave_end means something else",
    "state = Param(1.0)": "state means something else",
    "größe = Param(1.0)": "becomes part of an OSC address",
    "a = b = Param(1.0)": "a and b are the same Param",
}


@pytest.mark.parametrize(("code", "sentence"), NAMES.items(), ids=NAMES)
@pytest.mark.parametrize("form", ["functions", "class"])
def test_names_that_mean_something_else_are_refused(write, form, code, sentence):
    lines = [code, "def on_enter(): pass"]
    if form == "class":
        lines = ["from posekit import Sketch", "class Mine(Sketch):"] + [
            f"    {line}" for one in lines for line in one.replace("()", "(self)").splitlines()
        ]
    code = "\n".join(["from posekit import Param", *lines, ""])
    with pytest.raises(SketchError, match=r"mine\.py, line \d") as caught:
        load_sketch(write(code))
    assert sentence in str(caught.value)


@pytest.mark.soak
def test_type_checkers_see_plain_values(tmp_path):
    pytest.importorskip("mypy")
    path = tmp_path / "typed.py"
    path.write_text(
        "from posekit import Param, Sketch\n"
        "class Mine(Sketch):\n"
        "    a = Param(1.0, 0, 5)\n    b = Param(3, 1, 10)\n    c = Param(False)\n    d = Param('gold')\n"
        "    def draw(self) -> tuple[float, int, bool, str]:\n"
        "        self.a = 2\n"
        "        return self.a, self.b, self.c, self.d\n"
        "    def update(self) -> None:\n        self.b = 'x'\n"
    )
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--cache-dir", str(tmp_path)]
    done = subprocess.run([*command, str(path)], capture_output=True, text=True, cwd=tmp_path)
    assert [line.partition(": ")[0].rpartition(":")[2] for line in done.stdout.splitlines()] == ["11"], done
