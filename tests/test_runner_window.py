"""The window itself, on SDL's dummy driver: everything but the glass."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from sketch_world import ScriptedFeed

from posekit.clock import ManualClock
from posekit.errors import HookError, OutputError, SettingsError
from posekit.runner import run_sketch
from posekit.runner.loop import Loop
from posekit.runner.window import Window, fitting, has_display
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
        loop = Loop(loaded, canvas)
        window.show(loop)
        assert screen.get_at((320, 320))[:3] == (255, 0, 0)
        assert screen.get_at((320, 100))[:3] == (0, 0, 0)
        pygame.event.post(pygame.event.Event(pygame.MOUSEBUTTONDOWN, pos=(320, 320), button=3))
        assert window.handle_input(loop)
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


def click(x, y, button=1):
    return pygame.event.Event(pygame.MOUSEBUTTONDOWN, pos=(x, y), button=button)


def test_only_clicks_on_the_canvas_are_told_and_the_wheel_is_none():
    canvas, loaded = Canvas((320, 180)), load_class(Pressing)
    loop = Loop(loaded, canvas)
    with Window(Settings(size=(320, 180)), "test") as window:
        pygame.display.set_mode((640, 640))  # the canvas lies between y = 140 and 500
        window.show(loop)
        for event in (click(320, 139), click(320, 501), click(320, 320, 4), click(320, 320, 5)):
            pygame.event.post(event)
        pygame.event.post(click(320, 320, 6))
        pygame.event.post(click(0, 140, 2))
        pygame.event.post(click(639, 499))
        assert window.handle_input(loop)
    assert loaded.sketch.heard == [(0, 0, 2), (320, 180, 1)]


def test_leaving_full_screen_gives_back_the_windows_own_size():
    loop = Loop(load_class(Sketch0), Canvas((320, 180)))
    with Window(Settings(size=(320, 180)), "test") as window:
        pygame.display.set_mode((500, 400), pygame.RESIZABLE)  # the user pulls at a corner
        for sizes in ((1024, 768), (500, 400), (1024, 768), (500, 400)):
            pygame.event.post(press(pygame.K_F11))
            assert window.handle_input(loop)
            window.show(loop)
            assert pygame.display.get_window_size() == sizes
        assert not window.has_vsync, "there is no screen to wait for"


class Sketch0(Sketch):
    def draw(self):
        pass


@pytest.mark.parametrize("headless", [False, True])
@pytest.mark.parametrize("keeps", ["canvas.pixels", "pygame.surfarray.pixels3d"])
def test_a_sketch_that_keeps_the_pixels_is_told_what_to_do(headless, keeps):
    class Keeping(Sketch):
        def draw(self, canvas):
            own = keeps == "canvas.pixels"
            self.kept = canvas.pixels if own else pygame.surfarray.pixels3d(canvas.surface)

        def close(self):
            self.kept = None

    settings = Settings(fps=FAST, size=(320, 180), frames=3, headless=headless)
    with pytest.raises(
        HookError, match=r"test_runner_window\.py: the canvas's pixels .*canvas\.pixels\.copy\(\)"
    ):
        run_sketch(load_class(Keeping), ScriptedFeed(1), settings)


@pytest.mark.parametrize("headless", [False, True])
def test_pixels_that_are_let_go_of_lock_nothing(headless):
    class Copying(Sketch):
        def draw(self, canvas):
            pixels = canvas.pixels
            pixels[:10] = 255
            self.kept = pixels.copy()
            circle = [pixels]
            circle.append(circle)

    settings = Settings(fps=FAST, size=(320, 180), frames=3, headless=headless)
    assert run_sketch(load_class(Copying), ScriptedFeed(1), settings) == 3


@pytest.mark.parametrize("closing", [pygame.quit, pygame.display.quit])
@pytest.mark.parametrize("hook", ["draw", "on_key", "setup"])
def test_a_sketch_that_closes_the_window_is_told_how_to_end(hook, closing):
    class Now(Sketch):
        def draw(self):
            pygame.event.post(press(pygame.K_a))
            pygame.event.post(press(pygame.K_b))

    setattr(Now, hook, lambda self: closing())
    with pytest.raises(HookError, match=r"test_runner_window\.py: pygame\.quit\(\)"):
        run_sketch(load_class(Now), ScriptedFeed(1), Settings(fps=FAST, size=(320, 180), frames=5))


@pytest.mark.parametrize("depth", [32, 24, 16])
@pytest.mark.parametrize("size", [(640, 640), (100, 100), (320, 181)])
def test_a_canvas_looks_the_same_on_every_kind_of_screen(depth, size, monkeypatch):
    canvas = Canvas((320, 180))
    canvas.rect((0, 0, 160, 180), "red")
    canvas.rect((160, 0, 160, 180), "blue")
    screen = pygame.Surface(size, 0, depth)
    screen.fill("white")
    with Window(Settings(size=(320, 180)), "test") as window:
        monkeypatch.setattr(pygame.display, "get_surface", lambda: screen)
        window.show(Loop(load_class(Sketch0), canvas))
    width, height = size
    for x, color in ((width // 4, (255, 0, 0)), (3 * width // 4, (0, 0, 255))):
        shown = screen.get_at((x, height // 2))[:3]
        assert np.abs(np.array(shown) - color).max() < 9
    assert screen.get_at((0, height - 1))[:3] != (255, 255, 255)
    assert not screen.get_locked()


def test_ctrl_c_before_the_first_frame_is_ctrl_c_and_leaves_no_film(tmp_path):
    class Interrupted(Pressing):
        def setup(self):
            raise KeyboardInterrupt

    settings = Settings(fps=FAST, size=(320, 180), save_video=tmp_path / "a.mp4")
    with pytest.raises(KeyboardInterrupt):
        run_sketch(load_class(Interrupted), ScriptedFeed(1, is_live=True), settings)
    assert list(tmp_path.iterdir()) == []


def test_full_screen_waits_for_the_screen_only_where_there_is_one_to_wait_for(monkeypatch):
    """SDL's dummy driver shows nothing; a driver that refuses or merely pretends gets a plain full screen."""
    loop = Loop(load_class(Sketch0), Canvas((320, 180)))
    with Window(Settings(size=(320, 180), fullscreen=True), "test") as window:
        assert not window.has_vsync
    monkeypatch.setattr("posekit.runner.window.INVISIBLE", ())
    with Window(Settings(size=(320, 180), fullscreen=True), "test") as window:
        assert not window.has_vsync, "the dummy driver has no renderer"
        window.show(loop)
        pygame.event.post(press(pygame.K_F11))
        assert window.handle_input(loop)
        assert pygame.display.get_window_size() == (320, 180)


@pytest.mark.parametrize(
    ("canvas", "window"),
    [
        ((1280, 720), (1280, 720)),
        ((1080, 1920), (405, 720)),
        ((3840, 1080), (1152, 324)),
        ((1, 9999), (1, 720)),
    ],
)
def test_a_window_is_never_larger_than_its_screen(canvas, window):
    assert fitting(canvas, (1280, 800)) == window


def test_a_canvas_of_another_size_is_shown_whole_and_clicked_where_it_is():
    settings = Settings(size=(640, 480))
    with Window(settings, "title") as window:
        canvas = Canvas((300, 900))
        canvas.background("white")
        window.use(canvas.size)
        screen = pygame.display.get_surface()
        window.screens.show(canvas, screen)
        shown = pygame.surfarray.array3d(screen)[..., 0] > 128
        assert shown.any(axis=1).sum() == 160  # of 480 by a third
        assert shown.any(axis=0).all()
        event = SimpleNamespace(pos=(320, 240))
        assert window.screens.on_canvas(event) == pytest.approx((150, 450), abs=2)
