"""A gallery's window and curtain on a real screen: pictures of what visitors would see."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from window_world import Gallery, standing
from xvfb_world import IS_THERE, Screen

from posekit.clock import SystemClock
from posekit.gallery.curtain_process import CurtainProcess
from posekit.gallery.orders import CurtainOrder

IS_OPTIONAL = os.environ.get("POSEKIT_REQUIRE_TOOLS") != "1"
pytestmark = pytest.mark.skipif(IS_OPTIONAL and not IS_THERE, reason="needs Xvfb, xdotool and xwd (x11-apps)")
COLOUR = (200, 120, 40)
SKETCH = f"""
def draw(canvas, time):
    canvas.background({COLOUR})
    if time > 1.0:
        canvas.circle(canvas.center, 20, 1 / 0)
"""


@pytest.fixture(scope="module")
def screen() -> Iterator[Screen]:
    screen = Screen(640, 360)
    yield screen
    screen.close()


@pytest.fixture
def show(screen: Screen, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Gallery]:
    for name, value in screen.environment.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "lamp.py").write_text(SKETCH)
    with standing(fullscreen=True) as show:
        yield show


def light(screen: Screen) -> float:
    """Return how bright the screen is, of what the sketch draws; it is the same all over."""
    looked = screen.look().astype(float)[..., ::-1]
    shares = looked.mean(axis=(0, 1)) / COLOUR
    assert looked.std(axis=(0, 1)).max() < 1.0 or not np.allclose(shares, shares[0], atol=0.02)
    return float(shares.mean())


def test_a_fade_to_black_and_back(screen: Screen, show: Gallery, tmp_path: Path) -> None:
    window = show.start(tmp_path / "lamp.py", black=1.0)
    show.shows(10)
    assert light(screen) == 0
    window.tell("fade", to=0, seconds=0.2)
    show.until(lambda: light(screen) > 0.99)
    show.until(lambda: window.beat is not None and window.beat.errors > 3)
    assert light(screen) > 0.99, "no visitor reads an error"
    window.tell("fade", to=1, seconds=3.0)
    show.until(lambda: 0.2 < light(screen) < 0.8)
    show.until(lambda: light(screen) == 0)
    window.tell("test_card", on=True)
    frames = window.beat.frames
    show.shows(frames + 40)
    assert light(screen) == 0
    window.tell("fade", to=0, seconds=0.0)
    show.until(lambda: screen.look().max() == 255)
    assert screen.look().std() > 20
    window.tell("test_card", on=False)
    show.until(lambda: light(screen) > 0.99)


def test_keys_and_a_closed_window_are_nobodys_in_a_gallery(
    screen: Screen, show: Gallery, tmp_path: Path
) -> None:
    window = show.start(tmp_path / "lamp.py")
    show.shows()
    screen.focus()
    screen.do("key", "F6", "F1", "Escape", "F11")
    frames = window.beat.frames
    show.shows(frames + 60)
    assert window.is_alive
    assert light(screen) > 0.99
    screen.do("key", "F6", "Escape")
    assert window.is_alive


def test_a_curtain_lies_beneath_and_shows_its_card_when_the_window_is_gone(
    screen: Screen, show: Gallery, tmp_path: Path
) -> None:
    clock = SystemClock()
    order = CurtainOrder(title="Lamp", line="Back in a moment")
    with closing(CurtainProcess(order, clock)) as curtain:
        show.until(lambda: curtain.is_ready and screen.look().max() > 200)
        assert (screen.look().max(axis=2) > 0).mean() < 0.1
        window = show.start(tmp_path / "lamp.py")
        show.shows()
        show.until(lambda: light(screen) > 0.99)
        with closing(CurtainProcess(order, clock)) as second:
            show.until(lambda: second.is_ready)
            show.shows(window.beat.frames + 30)
            assert light(screen) > 0.99, "one that is hung later lies beneath too"
        os.kill(window.process_id, signal.SIGKILL)
        show.until(lambda: not window.is_alive)
        show.until(lambda: screen.look().max() > 200)
        assert (screen.look().max(axis=2) > 0).mean() < 0.1
        curtain.black()
        show.until(lambda: screen.look().max() == 0)
