"""The window itself, on SDL's dummy driver: everything but the glass."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sketch_world import ScriptedFeed

from posekit.clock import ManualClock
from posekit.errors import OutputError, SettingsError
from posekit.runner import run_sketch
from posekit.runner.loop import Loop
from posekit.runner.window import Window, has_display
from posekit.settings import Settings
from posekit.sketch import Sketch
from posekit.sketch.canvas import Canvas
from posekit.sketch.loader import load_class
from posekit.sketch.quiet_pygame import pygame

FAST = 500.0


class Pressing(Sketch):
    """Presses the keys it is told to, one a frame."""

    keys = ()

    def __init__(self):
        super().__init__()
        self.left, self.heard, self.frames, self.closed = list(self.keys), [], 0, False

    def draw(self, canvas):
        self.frames += 1
        canvas.circle(canvas.center, 50, "red")
        if self.left:
            pygame.event.post(self.left.pop(0))

    def on_key(self, key):
        self.heard.append(key)
        return key == "f11" and self.frames < 3

    def on_mouse(self, position, button):
        self.heard.append((round(position.x), round(position.y), button))

    def close(self):
        self.closed = True


def press(code):
    return pygame.event.Event(pygame.KEYDOWN, key=code)


def show(*events, feed=None, **settings):
    class Now(Pressing):
        keys = events

    loaded = load_class(Now)
    feed = feed or ScriptedFeed(2, frames=100)
    drawn = run_sketch(loaded, feed, Settings(fps=FAST, size=(320, 180), **settings))
    assert loaded.sketch.closed
    assert not pygame.display.get_init()
    return loaded.sketch, drawn


@pytest.mark.parametrize("event", [press(pygame.K_ESCAPE), pygame.event.Event(pygame.QUIT)])
def test_esc_and_the_close_button_end_the_run(event):
    sketch, drawn = show(event)
    assert drawn == 1
    assert sketch.heard == (["escape"] if event.type == pygame.KEYDOWN else [])


def test_a_source_that_ends_ends_the_run():
    _, drawn = show(feed=ScriptedFeed(1, frames=9))
    assert drawn == 10


def test_frames_ends_a_window_too():
    assert show(frames=4)[1] == 4


def test_f12_keeps_a_picture_and_never_writes_over_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    show(press(pygame.K_F12), press(pygame.K_F12), press(pygame.K_ESCAPE))
    name = Path(__file__).stem
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"{name}-001.png", f"{name}-002.png"]


def test_a_window_records_too(tmp_path):
    show(frames=5, save_video=tmp_path / "a.mp4")
    assert (tmp_path / "a.mp4").stat().st_size > 500


def test_a_click_is_told_in_canvas_pixels_whatever_the_windows_size():
    sketch, _ = show(
        pygame.event.Event(pygame.MOUSEBUTTONDOWN, pos=(30, 40), button=1), press(pygame.K_ESCAPE)
    )
    assert sketch.heard[0] == (30, 40, 1)
    settings = Settings(size=(320, 180))
    canvas = Canvas((320, 180))
    canvas.background("red")
    loaded = load_class(Pressing)
    with Window(settings, "test") as window:
        screen = pygame.display.set_mode((640, 640))
        window.show(canvas)
        assert screen.get_at((320, 320))[:3] == (255, 0, 0)
        assert screen.get_at((320, 100))[:3] == (0, 0, 0)
        pygame.event.post(pygame.event.Event(pygame.MOUSEBUTTONDOWN, pos=(320, 320), button=3))
        assert window.handle_input(Loop(loaded, canvas))
    assert loaded.sketch.heard == [(160, 90, 3)]


def test_f11_changes_to_full_screen_and_back_unless_the_sketch_wants_the_key():
    sketch, _ = show(*[press(pygame.K_F11)] * 5, press(pygame.K_ESCAPE))
    assert sketch.heard == ["f11"] * 5 + ["escape"]


def test_a_screen_that_is_not_there_is_refused():
    with pytest.raises(SettingsError, match="there is no display 7"):
        show(display=7)
    assert not pygame.display.get_init()


def test_ctrl_c_closes_everything_and_keeps_what_was_recorded(tmp_path):
    class Interrupted(Pressing):
        def update(self):
            if self.frames == 3:
                raise KeyboardInterrupt

    loaded = load_class(Interrupted)
    with pytest.raises(KeyboardInterrupt):
        run_sketch(
            loaded,
            ScriptedFeed(1, frames=50),
            Settings(fps=FAST, size=(320, 180), save_video=tmp_path / "a.mp4"),
            clock=ManualClock(),
        )
    assert loaded.sketch.closed
    assert not pygame.display.get_init()
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]


def without_display(code, **environment):
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER", "PYGAME_HIDE_SUPPORT_PROMPT")
    clean = {name: value for name, value in os.environ.items() if name not in hidden}
    command = [sys.executable, "-W", "error", "-c", code]
    return subprocess.run(
        command, env={**clean, **environment}, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere there is always a display")
def test_without_a_display_a_window_is_refused_and_headless_needs_none():
    code = """
import sys; sys.path.insert(0, {tests!r})
from sketch_world import ScriptedFeed
from posekit.errors import OutputError
from posekit.runner import run_sketch
from posekit.settings import Settings
from posekit.sketch.loader import load_sketch
try:
    run_sketch(load_sketch("hello"), ScriptedFeed(1), Settings(frames=3))
except OutputError as error:
    print(error)
print(run_sketch(load_sketch("hello"), ScriptedFeed(1), Settings(frames=3, headless=True)))
"""
    done = without_display(code.format(tests=str(Path(__file__).parent)))
    assert done.returncode == 0, done.stderr
    refused, drawn = done.stdout.splitlines()
    assert refused.startswith("no window can be opened here")
    assert "--headless" in refused
    assert drawn == "3"


def test_the_dummy_driver_counts_as_a_display_for_whoever_asks_for_it():
    assert has_display()
    assert not pygame.display.get_init()


def test_importing_posekit_is_light():
    code = """
import sys
import posekit
assert posekit.Sketch and posekit.Keypoint and posekit.__version__
heavy = {"pygame", "cv2", "mediapipe", "pydantic", "typer"} & set(sys.modules)
assert not heavy, heavy
assert set(posekit.__all__) <= set(dir(posekit))
"""
    done = without_display(code)
    assert done.returncode == 0, done.stderr


def test_a_name_that_posekit_does_not_have_is_an_ordinary_error():
    import posekit

    with pytest.raises(AttributeError, match="no attribute 'Skecth'"):
        _ = posekit.Skecth


def test_a_picture_that_cannot_be_kept_ends_no_show(tmp_path, monkeypatch):
    from posekit.runner import run as running

    def refuse(path, pixels):
        raise OutputError(f"cannot write {path}: the disk is full")

    monkeypatch.setattr(running, "write_picture", refuse)
    said = []

    class Now(Pressing):
        keys = (press(pygame.K_F12),)

    run_sketch(load_class(Now), ScriptedFeed(1), Settings(fps=FAST, frames=4), report=said.append)
    assert len(said) == 1
    assert "the disk is full" in said[0]
