"""A sketch that fails in an open window: the show goes on, says so once, shows it, and counts."""

from __future__ import annotations

import re
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from fault_world import Program, Receiver, held, leftovers, record
from sketch_world import ScriptedFeed

from posekit.clock import SystemClock
from posekit.errors import HookError
from posekit.runner import run_sketch
from posekit.runner.mishaps import MANY, OVER_SECONDS, Mishaps
from posekit.settings import Settings
from posekit.sketch.canvas import Canvas
from posekit.sketch.loader import load_sketch
from posekit.sketch.quiet_pygame import pygame

SIZE = (320, 180)


class Ticking(SystemClock):
    """A clock that an hour takes 60 looks, so that a test of seconds takes none."""

    def __init__(self) -> None:
        self._now = 0.0

    def now(self) -> float:
        self._now += 1 / 120
        return self._now


@pytest.fixture
def play(tmp_path, monkeypatch):
    """Return a function that plays a sketch in a window until its source ends, and tells what was said."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr("time.sleep", lambda _: None)

    def play(
        code: str, length: int = 30, **settings: object
    ) -> tuple[list[str], list[np.ndarray], HookError | None]:
        path = tmp_path / "mine.py"
        path.write_text(code, encoding="utf-8")
        said: list[str] = []
        shown: list[np.ndarray] = []
        flip = pygame.display.flip

        def look() -> None:
            shown.append(pygame.surfarray.array3d(pygame.display.get_surface()).swapaxes(0, 1))
            flip()

        monkeypatch.setattr(pygame.display, "flip", look)
        feed, failure = ScriptedFeed(1, frames=length), None
        try:
            run_sketch(
                load_sketch(str(path)),
                feed,
                Settings(size=SIZE, **settings),
                clock=Ticking(),
                report=said.append,
            )
        except HookError as error:
            failure = error
        finally:
            monkeypatch.setattr(pygame.display, "flip", flip)
            assert not pygame.display.get_init()
        return said, shown, failure

    return play


def has_banner(picture: np.ndarray) -> bool:
    """Whether the strip above a banner is there, in its colour."""
    return bool((np.abs(picture.astype(int) - (255, 99, 71)).max(axis=2) < 12).sum() > SIZE[0])


COUNTING = """
background = "teal"
state = {"frames": 0, "told": []}

def draw(canvas):
    state["frames"] += 1
    canvas.circle((40, 40), 20, "gold")
    if state["frames"] in FAILS:
        canvas.circle((40, 40), 20, 1 / 0)

def on_enter(person):
    state["told"].append("enter")

def on_leave(person):
    state["told"].append("leave")

def close():
    import pathlib
    pathlib.Path(__file__).with_suffix(".txt").write_text(str((state["frames"], state["told"])))
"""


def test_a_sketch_that_raises_once_is_back_in_the_next_frame(play, tmp_path: Path) -> None:
    said, shown, failure = play(COUNTING.replace("FAILS", "(10,)"))
    assert failure is None
    assert len(shown) == 31
    assert [has_banner(picture) for picture in shown] == [at == 9 for at in range(31)]
    assert (shown[10] == shown[8]).all()
    assert (tmp_path / "mine.txt").read_text() == "(31, ['enter', 'leave'])"
    assert said == [
        "mine.py, line 9: ZeroDivisionError: division by zero, in `canvas.circle((40, 40), 20, 1 / 0)` "
        "(in draw); the show goes on"
    ]


def test_a_sketch_that_raises_in_every_frame_says_so_once_and_ends_with_it(play, tmp_path: Path) -> None:
    said, shown, failure = play(COUNTING.replace("FAILS", "range(5, 1000)"), length=150)
    assert failure is not None
    assert str(failure).startswith("mine.py, line 9: ZeroDivisionError")
    assert failure.exit_code == 1
    assert [has_banner(picture) for picture in shown] == [at >= 4 for at in range(151)]
    assert (tmp_path / "mine.txt").read_text() == "(151, ['enter', 'leave'])"
    assert len(said) == 2
    assert said[0].endswith("the show goes on")
    assert said[1].startswith("the error happened 147 times: mine.py, line 9: ZeroDivisionError")


def test_a_misspelt_name_is_told_with_the_nearest_and_keeps_no_pixels(play) -> None:
    code = """
def draw(canvas, osc):
    if canvas.width:
        canvas.pixels.sape

def update(osc):
    osc.sned("/ball", 1)
"""
    said, _, failure = play(code)
    assert failure is not None
    assert len(said) == 4, "each once, and how often; that pixels lock the canvas is not true"
    assert "no attribute 'sned'; did you mean 'send'?, in" in said[0]
    assert "no attribute 'sape'; did you mean 'shape'?, in" in said[1]


def test_an_error_that_is_over_is_counted_when_it_is_over(play) -> None:
    said, _, failure = play(COUNTING.replace("FAILS", "range(5, 17)") + "\ndef update(): pass\n", length=150)
    assert failure is None
    assert [line.partition(":")[0] for line in said] == ["mine.py, line 9", "the error happened 12 times"]


def test_every_hook_but_setup_and_close_may_fail_and_others_go_on(play) -> None:
    code = """
background = "teal"

def update():
    global background
    background = "no such colour"
    [][0]

def draw(canvas): canvas.nothing
def on_enter(person): person.memory.nothing
def on_first_person(): {}["first"]
def on_leave(person): int("left")
"""
    said, shown, failure = play(code)
    assert failure is not None
    assert len(shown) == 31
    hooks = [match[1] for line in said if (match := re.search(r"\(in (\w+)\); the show goes on", line))]
    assert hooks == ["on_enter", "on_first_person", "update", "background", "draw", "on_leave"]


def test_the_banner_is_no_part_of_what_the_sketch_has_drawn(play) -> None:
    code = """
background = None
seen = []

def draw(canvas):
    if not seen:
        canvas.background("teal")
    seen.append(canvas.pixels.tobytes())
    if len(seen) == 5:
        raise RuntimeError("once")

def close():
    assert len(set(seen)) == 1
"""
    _, shown, failure = play(code)
    assert failure is None
    assert [at for at, picture in enumerate(shown) if has_banner(picture)] == [4]


def test_an_error_that_holds_on_to_the_pixels_locks_nothing(play) -> None:
    code = """
def draw(canvas):
    pixels = canvas.pixels
    pixels[:] = 1 / 0
"""
    said, shown, _ = play(code)
    assert len(shown) == 31
    assert len(said) == 2
    assert not any("locks the canvas" in line for line in said)


def test_a_canvas_that_the_sketch_keeps_locked_is_shown_all_the_same(play) -> None:
    code = """
kept = []

def draw(canvas):
    canvas.background("teal")
    kept.append(canvas.pixels)
"""
    said, shown, failure = play(code, length=8)
    assert failure is not None
    assert "locks the canvas" in said[0]
    assert len(shown) == 9
    assert all(has_banner(picture) for picture in shown)
    assert tuple(shown[-1][5, 5]) == (0, 128, 128)


@pytest.mark.parametrize("hook", ["setup", "close"])
def test_setup_and_close_end_the_show_as_ever(play, hook: str) -> None:
    _, shown, failure = play(f"def {hook}(): 1 / 0\ndef draw(): pass\n", length=5)
    assert f"(in {hook})" in str(failure)
    assert len(shown) == (0 if hook == "setup" else 6)


@pytest.mark.parametrize("kept", [{"frames": 20}, {"save_video": "out.mp4"}, {"save_frame": "out.png"}])
def test_what_is_kept_of_a_run_hides_no_error(play, kept, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    said, shown, failure = play(COUNTING.replace("FAILS", "(10,)"), **kept)
    assert "line 9: ZeroDivisionError" in str(failure)
    assert len(shown) == 9
    assert not any("the show goes on" in line for line in said)
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == ["mine.py", "mine.txt"]


def test_errors_without_end_and_without_number() -> None:
    said: list[str] = []
    clock = Ticking()
    mishaps = Mishaps(clock, said.append)
    canvas = Canvas(SIZE)
    for at in range(3 * MANY):
        mishaps.note(HookError(f"error {at}"))
        mishaps.end_frame()
        assert len(mishaps._known) <= MANY
        with mishaps.banner(canvas):
            assert canvas.pixels.any()
        assert not canvas.pixels.any()
    mishaps.end_frame()
    assert mishaps.failing is None
    for _ in range(int(OVER_SECONDS * 240)):
        mishaps.end_frame()
    assert not mishaps._known
    assert len(said) == 3 * MANY


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_osc_and_the_engine_know_nothing_of_a_sketch_that_fails(asset, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("def draw(time):\n    if time < 0.7:\n        1 / 0\n")
    before, receiver = held(), Receiver()
    target, clip = f"127.0.0.1:{receiver.port}", str(asset("data/videos/crossing.mp4"))
    with closing(receiver), Program(tmp_path, "run", "mine.py", "--source", clip, "--osc", target) as program:
        program.until(lambda: receiver.hear().is_live and program.has_said("the show goes on"))
        (engine,) = program.children()
        packets = receiver.packets
        over = program.until(lambda: receiver.hear() and program.has_said("the error happened"))
        assert receiver.is_live
        assert receiver.packets - packets > 30
        assert program.children() == [engine]
        record("sketch raises in every frame for 0.7 s", told_as_over=over)
        program.process.terminate()
        program.ends()
        assert program.process.returncode == 0
        assert receiver.hear().is_neutral
    assert sum("ZeroDivisionError" in line for line in program.said) == 2
    assert leftovers(before, held()) == []
