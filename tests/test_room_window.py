"""The room in real windows: an X server, a window manager's absence, a mouse that drags, screenshots."""

from __future__ import annotations

import ctypes
import os
import struct
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from posekit.room import read_room
from posekit.warp import Warp, rectangle, scaled

SCREEN = (800, 600)
BESIDE = ("--right-of", "DUMMY0")
Z_PIXMAP = 2
SKETCH = """
size = (640, 480)
background = "#ff0000"

def draw(canvas, time):
    canvas.rect((40, 40, 560, 400), "#00ff00")
    print("drawn", flush=True)
"""


TWO_SCREENS = """
Section "ServerFlags"
  Option "AutoAddDevices" "false"
  Option "AutoAddGPU" "false"
EndSection
Section "Device"
  Identifier "sham"
  Driver "dummy"
  VideoRam 64000
EndSection
Section "Screen"
  Identifier "screens"
  Device "sham"
  DefaultDepth 24
  SubSection "Display"
    Depth 24
    Modes "800x600"
    Virtual 1600 600
  EndSubSection
EndSection
"""
"""For Xorg: its sham graphics card has sixteen sockets."""


class Desktop:
    """An X server of its own, what runs in it, and what it shows."""

    def __init__(self, folder: Path, tool, screens: int = 1) -> None:
        self.folder, self._xdotool = folder, tool("xdotool")
        read, write = os.pipe()
        size = f"{SCREEN[0]}x{SCREEN[1]}"
        if screens == 1:
            command = [tool("Xvfb"), "-screen", "0", f"{size}x24"]
        else:
            (folder / "two.conf").write_text(TWO_SCREENS)
            command = [tool("Xorg"), "-config", str(folder / "two.conf"), "-logfile", str(folder / "log")]
        self._server = subprocess.Popen(
            [*command, "-displayfd", str(write), "-noreset", "-nolisten", "tcp"],
            pass_fds=[write],
            stderr=subprocess.DEVNULL,
        )
        os.close(write)
        with os.fdopen(read) as told:
            self.name = f":{told.readline().strip()}"
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("POSEKIT_")},
            "DISPLAY": self.name,
            "SDL_VIDEODRIVER": "x11",
            "POSEKIT_REMEMBERED": "off",
        }
        self.show: subprocess.Popen[str] | None = None
        if screens == 2:
            plugged = ("--addmode", "DUMMY1", size), ("--output", "DUMMY1", "--mode", size, *BESIDE)
            for words in (*plugged, ("--query",)):  # the server notes only when it is asked
                subprocess.run([tool("xrandr"), *words], env=self.environment, check=True, timeout=20)

    def run(self, *options: str) -> None:
        """Start a show and wait until it draws."""
        (self.folder / "field.py").write_text(SKETCH)
        command = [
            sys.executable,
            "-m",
            "posekit",
            "run",
            "field.py",
            "--source",
            "synthetic:",
            "--osc-in",
            "off",
        ]
        self.show = subprocess.Popen(
            [*command, *options],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.frames(3)

    def frames(self, count: int) -> None:
        """Wait until so many more frames were drawn."""
        assert self.show is not None
        assert self.show.stdout is not None
        while count:
            line = self.show.stdout.readline()
            assert line, "the show has ended"
            count -= line == "drawn\n"

    def do(self, *words: str) -> None:
        subprocess.run([self._xdotool, *words], env=self.environment, check=True, timeout=20)
        self.frames(3)

    def end(self) -> None:
        assert self.show is not None
        subprocess.run([self._xdotool, "key", "Escape"], env=self.environment, check=True, timeout=20)
        self.show.communicate(timeout=20)
        assert self.show.returncode == 0

    def picture(self, screen: int = 0) -> np.ndarray:
        """Return what a screen shows, (H, W, 3) BGR."""
        x11 = ctypes.CDLL("libX11.so.6")
        for name in ("XOpenDisplay", "XDefaultRootWindow", "XGetImage"):
            getattr(x11, name).restype = ctypes.c_void_p
        display = ctypes.c_void_p(x11.XOpenDisplay(self.name.encode()))
        try:
            root = ctypes.c_void_p(x11.XDefaultRootWindow(display))
            # More than there is would end this very process: Xlib's own answer to an error.
            area = (screen * SCREEN[0], 0, *SCREEN)
            image = x11.XGetImage(display, root, *area, ctypes.c_ulong(0xFFFFFF), Z_PIXMAP)
            (start,) = struct.unpack("P", ctypes.string_at(image + 16, 8))  # XImage.data
            data = np.frombuffer(ctypes.string_at(start, SCREEN[0] * SCREEN[1] * 4), np.uint8)
        finally:
            x11.XCloseDisplay(display)
        return data.reshape(SCREEN[1], SCREEN[0], 4)[..., :3]

    def green(self, screen: int = 0) -> np.ndarray:
        """Return the corners (4, 2) of the green field on a screen."""
        picture = self.picture(screen)
        mask = ((picture[..., 1] > 128) & (picture[..., 2] < 128)).astype(np.uint8)
        if mask.sum() < 1000:
            return np.zeros((4, 2))
        contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        outline = max(contours, key=cv2.contourArea)
        corners = cv2.approxPolyDP(outline, 8, closed=True)[:, 0].astype(float)
        across, down = corners.sum(axis=1), corners[:, 0] - corners[:, 1]
        return corners[[across.argmin(), down.argmax(), across.argmax(), down.argmin()]]

    def sees(self, expected: np.ndarray, screen: int = 0, within: float = 2.5) -> None:
        """Assert where the green field is on a screen; a server takes its time until it shows what it has."""
        for _ in range(60):
            if np.abs(self.green(screen) - expected).max() <= within:
                return
            self.frames(1)
        assert self.green(screen) == pytest.approx(expected, abs=within)

    def close(self) -> None:
        if self.show is not None and self.show.poll() is None:
            self.show.kill()
            self.show.communicate()
        self._server.terminate()
        self._server.wait(10)


@pytest.fixture
def desktop(tmp_path, tool):
    made = Desktop(tmp_path, tool)
    yield made
    made.close()


@pytest.mark.timeout(90)
def test_a_corner_dragged_in_the_full_screen_warps_the_picture_and_is_there_again(desktop):
    field = np.array(rectangle(40.0, 40.0, 560.0, 400.0))
    desktop.run("--fullscreen")
    desktop.sees(field * 1.25)
    desktop.do("key", "F4")
    desktop.do("mousemove", "3", "3", "mousedown", "1")
    for x, y in ((40, 30), (83, 63)):
        desktop.do("mousemove", str(x), str(y))
    desktop.do("mouseup", "1")
    desktop.do("key", "Escape")  # leaves the editor
    (display,) = read_room(desktop.folder / "room.toml")
    assert display.name == "0 800x600"
    assert np.array(display.keystone) == pytest.approx(
        np.array([(0.1, 0.1), (1, 0), (1, 1), (0, 1)]), abs=1e-5
    )
    warp = Warp.between(rectangle(0.0, 0.0, 640.0, 480.0), scaled(display.keystone, *map(float, SCREEN)))
    expected = warp.apply(field)
    desktop.sees(expected)
    desktop.do("key", "F11")
    desktop.do("key", "F11")
    desktop.sees(expected)
    desktop.end()
    desktop.run("--fullscreen")
    desktop.sees(expected)
    desktop.end()


@pytest.mark.timeout(60)
def test_two_screens_share_the_canvas_and_each_keeps_its_own_keystone(tmp_path, tool):
    desktop = Desktop(tmp_path, tool, screens=2)
    try:
        desktop.run("--fullscreen", "--more-displays", "1")
        # Each half, 320 x 480, is as high as its screen: 1.25 times, in the middle.
        left = np.array(rectangle(40.0, 40.0, 280.0, 400.0)) * 1.25 + (200, 0)
        right = np.array(rectangle(0.0, 40.0, 280.0, 400.0)) * 1.25 + (200, 0)
        desktop.sees(left, 0)
        desktop.sees(right, 1)
        for key in ("F4", "d", "1", *["Up", "Right"] * 5, "Escape"):
            desktop.do("key", key)
        (second,) = read_room(desktop.folder / "room.toml")
        assert second.name == "1 800x600"
        assert np.array(second.keystone)[0] * SCREEN == pytest.approx((205, -5), abs=0.01)
        desktop.sees(left, 0)
        desktop.do("key", "F11")
        desktop.sees(np.zeros((4, 2)), 1)
        subprocess.run([tool("xrandr"), "--output", "DUMMY1", "--off"], env=desktop.environment, check=True)
        desktop.do("key", "F11")  # a pulled cable does not end the show
        desktop.sees(np.array(rectangle(40.0, 40.0, 560.0, 400.0)) * 1.25, 0)
        desktop.end()
    finally:
        desktop.close()
