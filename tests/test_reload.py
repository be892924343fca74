"""Live reload, as somebody at an editor meets it."""

from __future__ import annotations

import gc
import sys
import time
import weakref

import numpy as np
import pytest
from reload_world import Studio, tell
from soaking import IS_SHORT

from posekit.runner import reload as reloading


@pytest.fixture(autouse=True)
def _own_modules(monkeypatch):
    """Leave nothing of a sketch's modules behind."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if name.startswith("_posekit_sketch_") or name in ("helper", "deeper", "aside"):
            del sys.modules[name]


@pytest.fixture
def run(tmp_path, monkeypatch):
    def run(story, code: str, **more) -> Studio:
        return tell(story, tmp_path, monkeypatch, code, **more)

    return run


PLAIN = """
background = None
shade = "red"
rings = []

def setup(state):
    state.set_up = getattr(state, "set_up", 0) + 1
    state.drawn = []
    global begun
    begun = True

def on_enter(person):
    person.memory.seen = person.id

def draw(canvas, people, state):
    state.drawn.append("one")
    rings.append(len(rings))
    canvas.circle((160, 90), 40, shade)
    state.here = [(person.id, person.memory.seen) for person in people]
    state.rings = rings
"""


def test_saved_code_runs_and_all_that_was_there_stays(run):
    def story(studio):
        window, canvas, sketch, state = (
            id(studio.loop.canvas.surface),
            studio.loop.canvas,
            studio.sketch,
            studio.state,
        )
        studio.state.rings = []
        yield
        rings = studio.state.rings
        canvas.rect((0, 0, 10, 10), "white")
        yield from studio.save(PLAIN.replace('"one"', '"two"').replace('"red"', '"blue"'))
        assert studio.trouble is None
        assert (studio.loop.canvas, studio.sketch, studio.state) == (canvas, sketch, state)
        assert id(studio.loop.canvas.surface) == window
        assert state.set_up == 1
        assert "one" in state.drawn
        assert state.drawn[-1] == "two"
        assert state.here == [(1, 1), (2, 2)]
        assert state.rings is rings, "a list that no edit has touched"
        assert tuple(canvas.pixels[5, 5, :3]) == (255, 255, 255), "what was painted"
        assert tuple(canvas.pixels[90, 160, :3]) == (255, 0, 0), "blue, in BGR"

    studio = run(story, PLAIN)
    assert studio.reloader.swaps == 1
    assert any("mine.py: the new version runs" in said for said in studio.said)


KEPT = """
count = 0
speed = 1
sizes = [speed, 2]
table = dict(a=1)
names = []

def setup():
    global made
    made = ["made"]

def draw(state):
    global count
    count += 1
    table["frames"] = count
    sizes.append(3)
    state.all = dict(count=count, speed=speed, sizes=sizes[:3], table=table, made=made)
"""


def test_a_value_stays_unless_its_line_or_what_it_is_made_from_was_changed(run):
    def story(studio):
        yield from studio.frames(3)
        yield from studio.save(KEPT.replace("speed = 1", "speed = 5") + "\nx_ray = 1\n")
        now = studio.state.all
        assert now["count"] > 3
        assert now["speed"] == 5
        assert now["sizes"] == [5, 2, 3], "made from speed"
        assert now["table"]["frames"] >= now["count"]
        assert now["made"] == ["made"], "made by setup, which is not run again"
        yield from studio.save(KEPT.replace("speed = 1", "speed = 5").replace("count = 0", "count = 1000"))
        assert studio.state.all["count"] > 1000

    run(story, KEPT)


CLASSES = """
from posekit import Param, Sketch

class Ball:
    made = 0
    def __init__(self): self.x = 0; Ball.made += 1
    def step(self): self.x += 1

class Mine(Sketch):
    color = "red"
    height = 3
    size_of = Param(4.0, 0, 10)
    pace = Param(2, 0, 10)

    def setup(self):
        self.balls = [Ball() for _ in range(3)]
        self.color = "green"
        self.height = 7

    def draw(self, canvas):
        for ball in self.balls:
            ball.step()
        places = [ball.x for ball in self.balls]
        self.state.told = (self.color, self.height, self.size_of, self.pace, places, Ball.made)
"""


def test_a_class_keeps_what_it_has_become_and_its_objects_learn_what_is_new(run):
    def story(studio):
        balls = studio.sketch.balls
        studio.sketch.size_of, studio.sketch.pace = 9, 3
        new = CLASSES.replace("self.x += 1", "self.x -= 1000").replace('color = "red"', 'color = "navy"')
        new = new.replace("Param(2,", "Param(5,")
        yield from studio.save(new)
        color, height, size, pace, xs, made = studio.state.told
        assert color == "navy", "changed in the file"
        assert height == 7, "as the sketch has left it"
        assert (size, pace) == (9.0, 5)
        assert max(xs) < 0, "the same balls, falling the other way"
        assert made == 3
        assert studio.sketch.balls is balls
        assert type(balls[0]) is sys.modules[type(studio.sketch).__module__].Ball

    run(story, CLASSES)


def test_a_class_is_found_again_by_its_name_else_the_last_counts(run):
    def story(studio):
        first = (
            "from posekit import Sketch\nclass Mine(Sketch):\n    def draw(self): self.state.by = 'mine'\n"
        )
        yield from studio.save(first + "class Other(Sketch):\n    def draw(self): self.state.by = 'other'\n")
        assert studio.state.by == "mine"
        yield from studio.save(
            first.replace("Mine", "First") + first.replace("Mine", "Last").replace("'mine'", "'last'")
        )
        assert studio.state.by == "last"
        yield from studio.save("def draw(state): state.by = 'function'\n")
        assert studio.state.by == "function"

    run(story, CLASSES)


WRONG = {
    "syntax": (PLAIN.replace("def draw(", "def draw(("), r"mine\.py, line 1[56]: "),
    "import": ("import no_such_module_here\n" + PLAIN, "no_such_module_here"),
    "raises": (PLAIN + "\n1 / 0\n", "ZeroDivisionError"),
    "hook": (PLAIN.replace("def on_enter", "def on_entre"), "did you mean 'on_enter'"),
    "keypoint": (PLAIN.replace("person.id, person.memory", "person.left_wirst, person.memory"), "left_wrist"),
    "argument": (PLAIN.replace("people, state)", "poeple, state)"), "did you mean 'people'"),
    "setting": ("sise = (10, 10)\n" + PLAIN, "did you mean 'size'"),
    "color": (PLAIN.replace("background = None", "background = 'gould'"), "did you mean 'gold'"),
    "value": ("fps = 'many'\n" + PLAIN, "fps"),
    "draw": (PLAIN.replace("canvas.circle", "canvas.circel"), "did you mean 'circle'"),
    "update": (PLAIN + "\ndef update(): return nothing\n", "name 'nothing' is not defined"),
    "empty": ("", "nothing to run"),
    "bytes": (b"draw = '\xff\xfe'", "utf-8"),
    "brackets": ("x = " + "(" * 300 + "\n", "mine.py"),
    "parameter": (
        "from posekit import Param\nvolume = Param(1.0)\n" + PLAIN + "\ndef update(params): params.volum\n",
        "did you mean 'volume'",
    ),
}


@pytest.mark.parametrize("kind", WRONG)
def test_what_is_wrong_is_shown_while_the_last_good_version_goes_on(kind, run):
    code, expected = WRONG[kind]

    def story(studio):
        drawn = studio.state.drawn
        yield from studio.frames(3)
        studio.write(code)
        yield from studio.until(lambda: studio.trouble, "the card")
        before = len(drawn)
        yield from studio.frames(5)
        assert len(drawn) >= before + 4
        assert studio.state.here == [(1, 1), (2, 2)]
        import re

        assert re.search(expected, studio.said[-1]), studio.said
        assert studio.said[-1].endswith("the last version that worked goes on")
        if kind not in ("value", "empty", "brackets"):
            assert studio.trouble.place.path.name == "mine.py"
            assert studio.trouble.place.lines
        yield from studio.save(PLAIN.replace('"one"', '"three"'))
        assert studio.trouble is None
        assert studio.state.drawn is drawn
        assert drawn[-1] == "three"

    run(story, PLAIN)


def test_a_version_that_fails_leaves_no_trace(run):
    """Not on the canvas, not in the state, and its own objects are the old version's again."""

    def story(studio):
        canvas = studio.loop.canvas
        canvas.rect((0, 0, 320, 180), "teal")
        yield
        before = canvas.pixels.copy()
        bad = CLASSES.replace(
            "def draw(self, canvas):",
            "def draw(self, canvas):\n        canvas.rect((0, 0, 320, 180), 'white')\n"
            "        self.balls, self.state.junk = None, 1\n        self.color = 1 / 0",
        )
        assert "1 / 0" in bad
        studio.write(bad)
        yield from studio.until(lambda: studio.trouble, "the card")
        assert len(studio.sketch.balls) == 3
        assert not hasattr(studio.state, "junk")
        assert type(studio.sketch.balls[0]).__module__ == type(studio.sketch).__module__
        assert type(studio.sketch) is sys.modules[type(studio.sketch).__module__].Mine
        yield
        assert (canvas.pixels == before).all()

    run(story, CLASSES.replace("class Mine(Sketch):", "class Mine(Sketch):\n    background = None"))


def test_an_error_after_the_trial_is_a_mishap_and_the_version_stays(run, monkeypatch):
    monkeypatch.setattr(reloading, "TRIAL_SECONDS", 0.05)
    late = (
        PLAIN
        + "\ndef update(state):\n    state.since = getattr(state, 'since', 0) + 1\n"
        + "    if state.since == 60: 1 / 0\n"
    )

    def story(studio):
        yield from studio.save(late)
        yield from studio.until(lambda: studio.state.since > 60)
        assert studio.trouble is None
        assert any("ZeroDivisionError" in said and "the show goes on" in said for said in studio.said)

    run(story, PLAIN)


GROWN = """
from posekit import Param

size_of = Param(4.0, 0, 10)

def setup(state, params):
    state.kept = 1
    state.pace = 2
    params.size_of = 7.0

def draw(state): pass
"""


def test_a_setup_that_was_changed_makes_what_is_new_in_it_and_leaves_the_rest(run):
    def story(studio):
        yield from studio.save("def draw(state): state.drawn = 1")  # none at all; then the first
        yield from studio.save(GROWN)
        assert (studio.state.kept, studio.state.pace) == (1, 2)
        studio.state.kept = studio.state.pace = 9
        studio.loop.parameters.put("size_of", 3.0)
        more = "    half = 8\n    state.new = half + state.kept\n\ndef draw"
        yield from studio.save(GROWN.replace("pace = 2", "pace = 5").replace("\ndef draw", more))
        assert (studio.state.kept, studio.state.pace, studio.state.new) == (9, 5, 9)
        assert studio.loop.parameters["size_of"] == 3.0
        assert not studio.trouble

    run(story, PLAIN)


def test_a_class_and_globals_learn_what_is_new_in_setup(run):
    code = """
from posekit import Sketch

class Dots(Sketch):
    def setup(self):
        global count
        count = 1
        self.rings = [1]

    def draw(self): pass
"""

    def story(studio):
        studio.sketch.rings.append(2)
        studio.loop.loaded.source.module.count = 5
        more = code.replace(
            "        self.rings", "        self.state.late = self.more = count\n        self.rings"
        )
        yield from studio.save(more.replace("class Dots", "class Spots"))
        assert (studio.sketch.rings, studio.sketch.more, studio.state.late) == ([1, 2], 1, 1)
        assert studio.loop.loaded.source.module.count == 5

    run(story, code)


def test_a_setup_that_fails_is_a_version_that_fails(run):
    def story(studio):
        studio.state.drawn.append("mine")
        studio.write(PLAIN.replace("state.drawn = []", "state.drawn = []; state.more = 1 / 0"))
        yield from studio.until(lambda: studio.trouble, "the card")
        assert "mine" in studio.state.drawn
        assert "division by zero" in studio.trouble.sentence

    run(story, PLAIN)


@pytest.mark.parametrize(
    ("top", "hook", "hint"),
    [("reload_setup = False", "setup", "reload_setup = False"), ("", "__init__", "make it there")],
)
def test_what_is_not_made_by_a_save_is_explained(top, hook, hint, run):
    code = f"""
from posekit import Sketch

class Dots(Sketch):
    {top}
    def {hook}(self):
        Sketch.__init__(self)
        self.rings = []

    def draw(self):
        self.rings.append(1)
"""

    def story(studio):
        studio.write(code.replace("self.rings", "self.balls"))
        yield from studio.until(lambda: studio.trouble, "the card")
        assert hint in studio.trouble.sentence

    run(story, code)


def test_a_parameter_that_the_class_itself_sets_keeps_its_value(run):
    code = """
from posekit import Param, Sketch

class Dots(Sketch):
    radius = Param(24.0, 1, 200)
    def __init__(self):
        super().__init__()
        self.radius = 50

    def draw(self): pass
"""

    def story(studio):
        assert studio.sketch.radius == 50
        yield from studio.save(code + "# a remark")
        assert studio.sketch.radius == 50
        studio.loop.parameters.put("radius", 60.0)
        yield from studio.save(code + "    def close(self): pass\n")
        assert studio.sketch.radius == 60
        yield from studio.save(code.replace("Param(24.0", "Param(30.0"))
        assert studio.sketch.radius == 30

    run(story, code)


SETUP = """
reload_setup = True
calls = []

def setup(state):
    state.calls = getattr(state, "calls", []) + ["setup A"]

def close(state):
    state.calls.append("close A")

def draw(): pass
"""


def test_setup_runs_again_for_who_asks_for_it_after_close(run):
    def story(studio):
        yield from studio.save(SETUP.replace(" A", " B"))
        assert studio.state.calls == ["setup A", "close A", "setup B"]
        studio.write(SETUP.replace(" A", " C").replace('["setup C"]', '["setup C"] + 1 / 0'))
        yield from studio.until(lambda: studio.trouble, "the card")
        assert studio.state.calls == ["setup A", "close A", "setup B", "close B", "setup B"]

    run(story, SETUP)


def test_modules_beside_are_taken_anew_when_they_or_what_they_import_was_saved(run, tmp_path):
    (tmp_path / "helper.py").write_text("import deeper\ncount = []\ndef word(): return deeper.WORD\n")
    (tmp_path / "deeper.py").write_text("WORD = 'one'\n")
    (tmp_path / "aside.py").write_text("kept = object()\n")
    code = "import aside, helper\ndef draw(state):\n    state.word, state.aside = helper.word(), aside.kept\n"

    def story(studio):
        aside = studio.state.aside
        for word in ("two", "six", "ten"):  # of one length, within one second
            yield from studio.save(f"WORD = '{word}'\n", tmp_path / "deeper.py")
            assert studio.state.word == word
        assert studio.state.aside is aside
        studio.write("WORD = \n", tmp_path / "deeper.py")
        yield from studio.until(lambda: studio.trouble, "the card")
        assert studio.trouble.place.path.name == "deeper.py"
        assert studio.state.word == "ten"
        yield from studio.save("WORD = 'end'\n", tmp_path / "deeper.py")
        assert studio.state.word == "end"

    run(story, code)


def test_a_module_that_is_written_after_its_import_mends_it(run, tmp_path):
    def story(studio):
        studio.write("import helper\n" + PLAIN)
        yield from studio.until(lambda: studio.trouble, "the card")
        yield from studio.save("\n", tmp_path / "helper.py")
        assert studio.trouble is None

    run(story, PLAIN)


def test_a_file_that_is_half_written_for_a_moment_is_never_an_error(run):
    def story(studio):
        whole = PLAIN.replace('"one"', '"two"')
        for share in (0.0, 0.3, 0.55, 0.8):
            studio.path.write_text(whole[: int(len(whole) * share)])
            ends = time.perf_counter() + 0.03
            while time.perf_counter() < ends:
                yield
        yield from studio.save(whole)
        assert not [said for said in studio.said if "the last version that worked" in said]
        assert studio.state.drawn[-1] == "two"

    run(story, PLAIN)


def test_a_file_that_is_gone_is_waited_for_and_a_link_is_followed(tmp_path, run):
    def story(studio):
        studio.path.unlink()
        yield from studio.frames(30)
        assert studio.trouble is None
        yield from studio.save(PLAIN.replace('"one"', '"two"'))
        assert studio.state.drawn[-1] == "two"
        (tmp_path / "other.py").write_text(PLAIN.replace('"one"', '"linked"'))
        studio.path.unlink()
        before = studio.reloader.swaps
        studio.path.symlink_to(tmp_path / "other.py")
        yield from studio.until(lambda: studio.reloader.swaps > before)
        yield
        yield
        assert studio.state.drawn[-1] == "linked"

    run(story, PLAIN)


def test_settings_that_can_change_do_and_the_others_are_told(run):
    code = "fps = 240\nsize = (320, 180)\n" + PLAIN

    def story(studio):
        yield from studio.save(
            "fps = 120\nsize = (200, 100)\nmirror = True\nslots = 3\ntitle = 'Mine'\n" + PLAIN
        )
        assert studio.loop.canvas.size == (200, 100)
        assert studio.loop.mirror is True
        assert studio.reloader.fps == 120
        yield
        assert studio.loop.scene.people[0].nose.x < 200
        assert any(
            "slots: what the file says of it now counts from the next start on" in said
            for said in studio.said
        )
        studio.write("fps = 120\nsize = (400, 300)\n" + PLAIN + "\ndef update(): 1 / 0\n")
        yield from studio.until(lambda: studio.trouble, "the card")
        assert studio.loop.canvas.size == (200, 100)

    run(story, code)


def test_code_that_never_ends_is_broken_off(run, monkeypatch):
    monkeypatch.setattr(reloading, "FRAME_PATIENCE", 0.3)
    monkeypatch.setattr(reloading, "LOAD_PATIENCE", 0.3)

    def story(studio):
        for endless in (
            "def update():\n    while True:\n        try: x = 1\n        except Exception: pass\n",
            "while True: pass\n",
        ):
            studio.write(PLAIN + endless)
            yield from studio.until(lambda: studio.trouble, "the card")
            assert "does not come to an end" in studio.trouble.sentence
            yield from studio.save(PLAIN)
            assert studio.trouble is None

    run(story, PLAIN)


@pytest.mark.parametrize("versions", [15, pytest.param(50 if IS_SHORT else 200, marks=pytest.mark.soak)])
def test_many_versions_leave_nothing_behind(run, versions):
    """Modules and classes of old versions are let go of, those that failed too."""
    old: list[weakref.ref] = []

    def story(studio):
        watch = studio.reloader._watch
        watch.close()
        for number in range(versions):
            module = sys.modules["_posekit_sketch_mine"]
            old.extend((weakref.ref(module), weakref.ref(type(studio.sketch)), weakref.ref(module.Ball)))
            failing = "\n        1 / 0" if number % 5 == 4 else ""
            studio.path.write_text(CLASSES.replace("ball.step()", f"ball.step(){failing}") + f"# {number}\n")
            watch._saved = {studio.path}  # without waiting for the disk
            yield
            yield
        assert studio.reloader.swaps == versions
        gc.collect()
        assert sum(ref() is not None for ref in old) <= 6

    run(story, CLASSES)
    assert len(old) == 3 * versions


def test_what_was_saved_while_the_window_was_opened_is_not_missed(run, tmp_path):
    early = "import pathlib\n" + PLAIN.replace(
        "def setup(state):",
        "def setup(state):\n"
        "    here = pathlib.Path(__file__)\n"
        "    here.write_text(here.read_text().replace('\"one\"', '\"two\"'))",
    )

    def story(studio):
        yield from studio.until(lambda: studio.state.drawn[-1] == "two")

    run(story, early)


def test_the_card_is_shown_over_the_canvas_and_in_no_picture(run, monkeypatch):
    from posekit.sketch.quiet_pygame import pygame

    shown = []
    flip = pygame.display.flip

    def look():
        shown.append(pygame.surfarray.array3d(pygame.display.get_surface()).swapaxes(0, 1))
        flip()

    monkeypatch.setattr(pygame.display, "flip", look)

    def story(studio):
        studio.write("def draw(:\n")
        yield from studio.until(lambda: studio.trouble, "the card")
        yield
        yield
        kept = studio.loop.canvas.pixels[..., 2::-1].astype(int)
        red = np.abs(shown[-1].astype(int) - (255, 107, 107)).max(axis=2) < 12
        assert red.sum() > 60
        assert (np.abs(kept - (255, 107, 107)).max(axis=2) < 12).sum() == 0

    run(story, PLAIN.replace('"red"', '"blue"'))


def test_nothing_is_reloaded_where_something_is_kept_or_nobody_asks(run, tmp_path):
    def story(studio):
        studio.write(PLAIN.replace('"one"', '"two"'))
        ends = time.perf_counter() + 0.3
        while time.perf_counter() < ends:
            yield
        assert studio.state.drawn[-1] == "one"

    run(story, PLAIN, reload=False)
    run(story, PLAIN, frames=10**6)
