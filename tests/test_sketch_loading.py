import re
import sys

import pytest

from posekit.errors import OutputError, SettingsError, SketchError, UnknownNameError
from posekit.sketch import settings_of
from posekit.sketch.loader import builtin_sketches, find_sketch, load_class, load_sketch
from posekit.sketch.sketch import Sketch
from posekit.sketch.template import write_sketch


@pytest.fixture
def write(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", list(sys.path))

    def write(code, name="mine.py"):
        path = tmp_path / name
        path.write_text(code, encoding="utf-8")
        return str(path)

    return write


def test_a_file_of_functions_is_a_sketch(write):
    loaded = load_sketch(write("size = (640, 360)\nbackground = 'navy'\ndef draw(canvas, people): pass\n"))
    assert list(loaded.hooks) == ["draw"]
    assert loaded.hooks["draw"].wants == ("canvas", "people")
    assert settings_of(loaded.sketch) == {"size": (640, 360)}
    assert loaded.sketch.background == "navy"
    assert loaded.sketch.name == "mine"


def test_a_class_is_a_sketch_and_the_last_one_counts(write):
    loaded = load_sketch(
        write(
            "from posekit import Sketch\n"
            "class First(Sketch):\n    def draw(self): pass\n"
            "class Second(First):\n    fps = 30\n    def on_enter(self, person): pass\n"
        )
    )
    assert type(loaded.sketch).__name__ == "Second"
    assert sorted(loaded.hooks) == ["draw", "on_enter"]
    assert settings_of(loaded.sketch) == {"fps": 30}


def test_a_file_without_a_main_guard_works(write):
    code = "from posekit import Sketch\nclass A(Sketch):\n    def draw(self): pass\nA.run()\n"
    assert list(load_sketch(write(code)).hooks) == ["draw"]


def test_a_main_guard_is_not_entered_and_the_folder_is_importable(write):
    write("value = 7\n", "neighbour_module.py")
    code = "import neighbour_module\ndef draw(): return neighbour_module.value\n"
    loaded = load_sketch(write(code + "if __name__ == '__main__':\n    raise SystemExit\n"))
    assert loaded.hooks["draw"]({}) == 7


def test_a_class_defined_anywhere_can_be_bound():
    class Here(Sketch):
        def draw(self, canvas):
            return canvas

    loaded = load_class(Here)
    assert loaded.hooks["draw"]({"canvas": 3}) == 3
    assert loaded.path.name == "test_sketch_loading.py"


def test_a_functions_file_changes_its_background_while_it_runs(write):
    code = "background = 'red'\ndef draw():\n    global background\n    background = 'blue'\n"
    loaded = load_sketch(write(code))
    loaded.hooks["draw"]({})
    assert loaded.sketch.background == "blue"


def test_helpers_may_have_any_name(write):
    code = """
import random as model
sizes = [1, 2]
side = 4
fix = 2
frames = 0 * side
threads = 3
_drawn = 1
def redraw(): return sizes
def on_beat(): redraw()
def source(): return 1
def helper(unknown, argument): pass
def draw(canvas, people, extra=5, *rest): on_beat()
def _on_something_private(): pass
class Particle:
    left_wrists = ()
    def noise(self): return self.noise, self.left_wrists, self.left_hand, self.pose
    def move(self, x): self.right_elbows = x, x.right_elbows
    def updat(self): pass
    def on_hit(self): pass
"""
    loaded = load_sketch(write(code))
    assert loaded.hooks["draw"].wants == ("canvas", "people")
    assert settings_of(loaded.sketch) == {}


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("def drawn(canvas): pass", "line 1: unknown hook 'drawn'; did you mean 'draw'"),
        (
            "def draw(): pass\n\ndef on_entr(person): pass",
            "line 3: unknown hook 'on_entr'; did you mean 'on_enter'",
        ),
        (
            "def draw(): pass\ndef on_xyzzy(): pass",
            "line 2: unknown hook 'on_xyzzy'; choose from setup, update",
        ),
        (
            "backgroud = 'red'\ndef draw(): pass",
            "line 1: unknown setting 'backgroud'; did you mean 'background'",
        ),
        (
            "def draw(people):\n    for p in people:\n        p.left_wirst + p.left_wirst",
            "line 3: unknown keypoint 'left_wirst'; did you mean 'left_wrist'",
        ),
        (
            "def draw(lead):\n    lead.keypoint('rihgt_knee')",
            "line 2: unknown keypoint 'rihgt_knee'; did you",
        ),
        ("Size = 1, 2\ndef draw(): pass", "line 1: unknown setting 'Size'; did you mean 'size'"),
        ("sise = (10, 10)\ndef draw(): pass", "line 1: unknown setting 'sise'; did you mean 'size'"),
        (
            "siz = (10, 10)\nmodl = 3\ndef draw(): pass",
            "line 2: unknown setting 'modl'; did you mean 'model'",
        ),
        ("def setup(): pass\ndef drow(): pass", "line 2: unknown hook 'drow'; did you mean 'draw'"),
        ("def draw(canvas, peeple): pass", "unknown argument of draw 'peeple'; did you mean 'people'"),
        ("def on_key(k): pass", "unknown argument of on_key 'k'; choose from key, canvas, scene"),
        ("def draw(person): pass", "unknown argument of draw 'person'"),
        (
            "from posekit import Sketch\nclass A(Sketch):\n    titel = 'x'\n    def draw(self, canvs): pass",
            "line 3: unknown setting 'titel'; did you mean 'title'?; "
            "also line 4: unknown argument of draw 'canvs'",
        ),
    ],
)
def test_misspelt_names_are_caught_with_their_line_and_the_nearest(write, code, sentence):
    with pytest.raises(UnknownNameError) as caught:
        load_sketch(write(code))
    assert isinstance(caught.value, SketchError)
    assert str(caught.value).startswith("mine.py, line")
    assert sentence in str(caught.value)


def test_a_typo_beside_something_unknown_hides_neither(write):
    with pytest.raises(UnknownNameError) as caught:
        load_sketch(write("def on_moonwalk(person): pass\ndef drwa(canvas): pass\n"))
    assert "line 1: unknown hook 'on_moonwalk'" in str(caught.value)
    assert "also line 2: unknown hook 'drwa'; did you mean 'draw'" in str(caught.value)


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("def draw(:\n", "mine.py, line 1: "),
        ("x = 1\nboom = 1 / 0\n", "mine.py, line 2: ZeroDivisionError: division by zero, in `boom = 1 / 0`"),
        ("import no_such_module_at_all\n", "mine.py, line 1: ModuleNotFoundError"),
        (
            "import math\nx = math.sine(1)\n",
            "no attribute 'sine'; did you mean 'sin'?, in `x =",
        ),
        ("speed = 1\nx = sped + 1\n", "name 'sped' is not defined; did you mean 'speed'?, in"),
        ("from posekit import param\n", "did you mean 'Param'?, in `from posekit import param`"),
        ("x = qwertz\n", "mine.py, line 1: NameError: name 'qwertz' is not defined, in `x = qwertz`"),
        ("import sys\nsys.exit(3)\n", "mine.py, line 2: SystemExit: 3"),
        ("x = 1\n", "nothing to run"),
        ("draw = 5\n", "draw is a hook's name; found 5"),
        ("x = 1\nbackground = 'blakc'\ndef draw(): pass\n", "line 2: the background: unknown colour 'blakc'"),
        (
            "from posekit import Sketch\nclass A(Sketch):\n    background = 7\n    def draw(self): pass\n",
            "line 3: the background: 7 is not a colour",
        ),
        ("async def draw(): pass\n", "without async or yield"),
        ("def draw():\n    yield\n", "without async or yield"),
        ("def draw(canvas, /): pass\n", "leave out the /"),
        ("from posekit import Sketch\nclass A(Sketch): pass\n", "has no hook"),
        (
            "from posekit import Sketch\ndef draw(): pass\nclass A(Sketch):\n    def draw(self): pass\n",
            "line 2: both a function draw and the class A",
        ),
        (
            "from posekit import Sketch\n"
            "class A(Sketch):\n    def __init__(self, x): pass\n    def draw(self): pass\n",
            "TypeError",
        ),
    ],
)
def test_what_cannot_run_is_said_in_one_line(write, code, sentence):
    with pytest.raises(SketchError) as caught:
        load_sketch(write(code))
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 2


def test_an_error_in_a_module_beside_the_sketch_names_that_file(write):
    write("def half():\n    return 1 / 0\n", "beside_helper.py")
    with pytest.raises(SketchError, match=r"beside_helper\.py, line 2: ZeroDivisionError"):
        load_sketch(write("import beside_helper\nbeside_helper.half()\ndef draw(): pass\n"))


def test_the_traceback_is_the_users_own(write):
    with pytest.raises(SketchError) as caught:
        load_sketch(write("import json\njson.loads('{')\n"))
    step, lines = caught.value.__cause__.__traceback__, []
    while step:
        lines.append((step.tb_frame.f_code.co_filename.rsplit("/", 1)[-1], step.tb_lineno))
        step = step.tb_next
    assert lines == [("mine.py", 2)]


def test_built_in_sketches_have_names():
    assert list(builtin_sketches())[:4] == ["hello", "skeleton", "paint", "waves"]
    assert len(builtin_sketches()) == 15
    assert find_sketch("hello").name == "01_hello.py"
    assert find_sketch("02_skeleton").name == "02_skeleton.py"
    assert find_sketch("03_paint.py").name == "03_paint.py"
    with pytest.raises(UnknownNameError, match="did you mean 'hello'"):
        find_sketch("helo")


def test_a_file_that_is_not_there_names_one_that_is(write, tmp_path):
    write("", "hello.py")
    with pytest.raises(SketchError, match=r"there is no file .*helo\.py; did you mean 'hello\.py'"):
        find_sketch(str(tmp_path / "helo.py"))
    with pytest.raises(SketchError, match="is a folder"):
        find_sketch(str(tmp_path))
    with pytest.raises(SketchError, match="posekit new NAME"):
        find_sketch("nowhere/at/all.py")


def test_a_new_sketch_runs_and_is_never_written_over(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", list(sys.path))
    path = write_sketch("my_dance", tmp_path)
    assert path == tmp_path / "my_dance.py"
    assert sorted(load_sketch(str(path)).hooks) == ["draw", "on_enter"]
    path.write_text("mine")
    with pytest.raises(SettingsError, match="there already"):
        write_sketch("my_dance.py", tmp_path)
    assert path.read_text() == "mine"
    for wrong in ("", "../up", "a/b", "class", "-x", "ä" * 3 + "/"):
        with pytest.raises(SettingsError, match="cannot be a sketch's name"):
            write_sketch(wrong, tmp_path)
    with pytest.raises(OutputError, match="cannot write"):
        write_sketch("x", tmp_path / "no_folder")


def test_extrapolate_is_yes_or_no(write):
    assert load_sketch(write("extrapolate = True\ndef draw(): pass")).sketch.extrapolate
    with pytest.raises(SketchError, match=r"line 1: extrapolate is True or False; found 0\.1"):
        load_sketch(write("extrapolate = 0.1\ndef draw(): pass"))


def test_gestures_lead_and_ignore_may_be_brought_along(write):
    head = 'gestures = "wave,clap"\nlead = "biggest"\nignore = "0,0,20%,1"\n'
    loaded = load_sketch(write(head + "def draw(canvas): pass\n"))
    assert settings_of(loaded.sketch) == {"gestures": "wave,clap", "lead": "biggest", "ignore": "0,0,20%,1"}
    assert loaded.remarks == ()


@pytest.mark.parametrize(
    "code",
    [
        "fps = 30\ngrace = 5\n\ndef draw(canvas): pass\n",
        "import posekit\nclass A(posekit.Sketch):\n    grace = 5\n    def draw(self, canvas): pass\n",
    ],
)
def test_a_setting_that_no_sketch_can_set_is_told_and_what_the_file_uses_is_not(write, code):
    (remark,) = load_sketch(write(code)).remarks
    assert re.match(r"mine\.py, line [23]: a sketch cannot bring along grace; it is set on", remark)
    assert load_sketch(write(code + "\ndef helper():\n    print(grace)\n", "other.py")).remarks == ()


IDLE = {
    "gestures = 'off'\ndef on_wave_end(person): pass": "on_wave_end is never called, because gestures =",
    "gestures = 'clap, jump'\ndef on_wave(person): pass": "on_wave is never called, because gestures = 'clap",
    "gestures = ('clap',)\ndef on_clap(person): pass": None,
    "gestures = 'off'\ndef on_gesture(event): pass": "on_gesture is never called, because gestures = 'off'",
    "zones = 'off'\ndef on_zone_enter(zone): pass": "on_zone_enter is never called, because zones = 'off'",
    "osc_in = 'off'\ndef on_osc(address, *args): pass": "on_osc is never called, because osc_in = 'off'",
    "def on_param(name, value): pass": "on_param is never called, because the sketch has no Param",
    "def on_wave_held(person): pass": None,
}


@pytest.mark.parametrize("code", IDLE)
def test_a_hook_that_nothing_can_call_is_told(write, code):
    remarks = load_sketch(write(code + "\ndef draw(): pass\n")).remarks
    assert len(remarks) == (IDLE[code] is not None)
    if remarks:
        line = len(code.splitlines())
        assert remarks[0].startswith(f"mine.py, line {line}: {IDLE[code]}")


def test_an_unknown_hook_that_resembles_none_is_answered_with_few_names(write):
    with pytest.raises(UnknownNameError, match="on_wave and every other gesture") as caught:
        load_sketch(write("def on_xyzzy(): pass\n"))
    assert len(str(caught.value)) < 400
