"""Real windows on a screen of their own: keys and mouse from outside, OSC and files as they come out."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import closing
from pathlib import Path

import cv2
import numpy as np
import pytest
from fault_world import Program, Receiver
from pythonosc.udp_client import SimpleUDPClient
from xvfb_world import IS_THERE, Screen

from posekit.runner.panel_picture import layout
from posekit.sketch.canvas import Canvas

IS_OPTIONAL = os.environ.get("POSEKIT_REQUIRE_TOOLS") != "1"
pytestmark = pytest.mark.skipif(IS_OPTIONAL and not IS_THERE, reason="needs Xvfb, xdotool and xwd (x11-apps)")

SIZE = (960, 540)
PATIENCE = 60.0
"""Seconds that anything may take on a machine that has much to do."""
SKETCH = '''"""dots: a sketch to be steered.

What you see: dots.
"""

from posekit import Param

size = (960, 540)
radius = Param(20.0, 0, 100, help="of the dots")
tint = Param("gold")


def draw(canvas, people, params):
    for person in people:
        canvas.circle(person.left_wrist, params.radius, params.tint)


def on_param(name, value):
    with open("told.txt", "a") as file:
        print(name, value, file=file)
'''
LINES = ("radius", "tint")


@pytest.fixture(scope="module")
def screen():
    screen = Screen()
    yield screen
    screen.close()


class Show:
    """The sketch in a window, steered from outside."""

    def __init__(self, screen: Screen, folder: Path, *options: str) -> None:
        self.screen, self.folder, self.receiver = screen, folder, Receiver()
        (folder / "dots.py").write_text(SKETCH)
        self.program = Program(
            folder, "run", "dots.py", "--source", "synthetic:people=3,seed=7,seconds=600",
            "--osc", str(self.receiver.port), *options, **screen.environment,
        )  # fmt: skip
        self.left = self.top = 0

    def __enter__(self):
        self.left, self.top = self.screen.focus()
        self.until(lambda: self.receiver.last.get("/param/radius") == 20)
        return self

    def __exit__(self, *_):
        self.program.__exit__()
        self.receiver.close()

    def until(self, what) -> None:
        self.program.until(lambda: (self.receiver.hear(), what())[1], PATIENCE)

    def key(self, *names: str) -> None:
        self.screen.do("key", "--delay", "60", *names)

    def move(self, place: tuple[float, float]) -> None:
        self.screen.do("mousemove", round(self.left + place[0]), round(self.top + place[1]))

    def window(self):
        there = self.screen.look()
        return there[self.top : self.top + SIZE[1], self.left : self.left + SIZE[0]]

    def is_dark(self, box) -> bool:
        """Whether a card lies there: the sketch's own canvas is black, a card is not."""
        left, top, width, high = (round(number) for number in box)
        part = self.window()[top : top + high, left : left + width]
        return bool((part.max(axis=2) > 0).mean() > 0.9)

    def ends(self) -> None:
        self.key("Escape")
        self.program.ends()


@pytest.fixture
def show(screen, tmp_path):
    show = Show(screen, tmp_path, "--osc-in", "off")
    with show:
        yield show


def test_tab_opens_the_panel_and_a_drag_is_heard_by_others(show):
    place = layout(Canvas(SIZE), len(LINES))
    left, top, width, high = place.control(0)
    middle = top + high / 2
    show.key("Tab")
    show.until(lambda: show.is_dark(place.box))
    show.move((left + width * 0.2, middle))
    show.screen.do("mousedown", 1)
    for share in (0.4, 0.6, 0.8):
        show.move((left + width * share, middle))
    show.screen.do("mouseup", 1)
    show.until(lambda: show.receiver.last.get("/param/radius") == pytest.approx(80, abs=1))
    show.move((left + width * 0.1, middle))
    show.key("Delete")
    show.until(lambda: show.receiver.last.get("/param/radius") == 20)
    show.key("Down", "numbersign", "f", "0", "0", "Return")
    show.until(lambda: show.receiver.last.get("/param/tint") == "#f00")
    told = (show.folder / "told.txt").read_text().splitlines()
    assert told[-2:] == ["radius 20.0", "tint #f00"]
    show.key("Escape")
    show.until(lambda: not show.is_dark(place.box))
    show.ends()
    assert show.program.process.returncode == 0


def test_f1_f2_and_presets_are_seen_and_gone_again(show):
    for key, box in (("F1", (30, 30, 900, 480)), ("F5", (30, 430, 900, 60))):
        show.key(key)
        show.until(lambda box=box: show.is_dark(box))
        show.key("Escape")
        show.until(lambda box=box: not show.is_dark(box))
    show.key("F2")
    show.until(lambda: show.is_dark((700, 30, 230, 150)))
    show.key("F2")
    show.until(lambda: not show.is_dark((700, 30, 230, 150)))
    show.key("F5", "shift+1", "F5", "Tab", "Down", "5", "Return", "Tab")
    show.until(lambda: show.receiver.last.get("/param/radius") == 5)
    show.until((show.folder / "dots.presets.toml").exists)
    show.key("F5", "1")
    show.until(lambda: show.receiver.last.get("/param/radius") == 20)
    show.key("Escape")
    show.ends()


def test_a_preset_is_loaded_over_osc_and_echoed(screen, tmp_path):
    (tmp_path / "dots.presets.toml").write_text(
        '[[preset]]\nnumber = 3\nname = "big"\nvalues = {radius = 77.0}\n'
    )
    port = Receiver()
    free = port.port
    port.close()
    client = SimpleUDPClient("127.0.0.1", free)
    with closing(client._sock), Show(screen, tmp_path, "--osc-in", str(free)) as show:
        client.send_message("/preset/big", [])
        show.until(lambda: show.receiver.last.get("/param/radius") == 77)
        client.send_message("/param/radius", 30.0)
        show.until(lambda: show.receiver.last.get("/param/radius") == 30)
        client.send_message("/preset", 3)
        show.until(lambda: show.receiver.last.get("/param/radius") == 77)
        client.send_message("/preset/bgi", 1)
        show.until(lambda: show.program.has_said("did you mean 'big'"))
        show.ends()


def frames_of(path: Path) -> tuple[int, float]:
    """Return how many frames a clip has and how many seconds it lasts, as ffprobe says where it is there."""
    if shutil.which("ffprobe"):
        asked = "stream=nb_read_frames,duration"
        command = [
            "ffprobe",
            "-v",
            "error",
            "-count_frames",
            "-show_entries",
            asked,
            "-of",
            "csv=p=0",
            str(path),
        ]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
        seconds, frames = done.stdout.strip().split(",")[:2]
        return int(frames), float(seconds)
    film = cv2.VideoCapture(str(path))
    frames = film.get(cv2.CAP_PROP_FRAME_COUNT)
    return round(frames), frames / film.get(cv2.CAP_PROP_FPS)


def test_f9_records_what_is_drawn_and_not_the_dot(show):
    clip = show.folder / "dots-001.mp4"
    show.key("F9")
    show.until(lambda: show.program.has_said("recording dots-001.mp4"))
    dot = (480 - 60, 10, 120, 40)
    show.until(
        lambda: (np.abs(cropped(show.window(), dot).astype(int) - (52, 64, 235)).max(axis=2) < 25).any()
    )
    show.screen.do("sleep", "1.5")
    show.key("F9")
    show.until(lambda: show.program.has_said("saved dots-001.mp4"))
    frames, seconds = frames_of(clip)
    assert seconds > 1.4
    assert frames == pytest.approx(30 * seconds, abs=max(3, 0.1 * frames))
    film, reds = cv2.VideoCapture(str(clip)), 0
    for _ in range(frames):
        is_read, picture = film.read()
        assert is_read
        reds += int((np.abs(cropped(picture, dot).astype(int) - (52, 64, 235)).max(axis=2) < 40).sum())
    assert reds == 0
    show.ends()


def cropped(picture, box):
    left, top, width, high = box
    return picture[top : top + high, left : left + width]


def test_the_screen_is_our_own(screen):
    assert screen.look().shape == (800, 1280, 3)
    assert screen.display != os.environ.get("DISPLAY")
