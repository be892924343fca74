"""A screen that is not there, with hands and eyes: Xvfb, xdotool, and pictures of what is on it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

NEEDED = ("Xvfb", "xdotool", "xwd")
IS_THERE = sys.platform.startswith("linux") and all(shutil.which(name) for name in NEEDED)
CLASS = "posekit"
"""What SDL is told to call its windows, to be found by."""
XWD_HEADER = 100
"""Bytes of an X window dump before the name of its window (XWDFile.h)."""


class Screen:
    """An X server of its own; `close` ends it."""

    def __init__(self, width: int = 1280, height: int = 800, *options: str) -> None:
        reader, writer = os.pipe()
        self._server = subprocess.Popen(
            [
                "Xvfb",
                "-displayfd",
                str(writer),
                "-screen",
                "0",
                f"{width}x{height}x24",
                "-nolisten",
                "tcp",
                *options,
            ],
            pass_fds=(writer,),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(writer)
        with os.fdopen(reader) as told:
            self.display = f":{told.readline().strip()}"
        self.environment = {
            "DISPLAY": self.display,
            "SDL_VIDEODRIVER": "x11",
            "SDL_VIDEO_X11_WMCLASS": CLASS,
        }

    def do(self, *arguments: object) -> str:
        """Run xdotool: `key F1`, `mousemove 10 20`, `click 1`."""
        command = ["xdotool", *map(str, arguments)]
        done = subprocess.run(
            command,
            env={**os.environ, **self.environment},
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
        return done.stdout.strip()

    def focus(self, seconds: float = 60.0) -> tuple[int, int]:
        """Wait for the window, give it the keys, and return where its left top corner is."""
        end = time.monotonic() + seconds
        while not (found := self.do("search", "--onlyvisible", "--class", CLASS)):
            assert time.monotonic() < end, "there is no window"
            time.sleep(0.1)
        window = found.splitlines()[0]
        self.do("windowfocus", "--sync", window)
        lines = self.do("getwindowgeometry", "--shell", window).splitlines()
        values = dict(line.split("=") for line in lines)
        return int(values["X"]), int(values["Y"])

    def look(self) -> NDArray[np.uint8]:
        """Return what is on the screen as (H, W, 3) BGR."""
        dump = subprocess.run(
            ["xwd", "-root", "-silent", "-display", self.display], capture_output=True, timeout=20, check=True
        ).stdout
        header = np.frombuffer(dump, ">u4", XWD_HEADER // 4)
        start, width, height, bits, stride = (int(header[at]) for at in (0, 4, 5, 11, 12))
        start += 12 * int(header[19])  # the colour map's entries
        rows = np.frombuffer(dump, np.uint8, stride * height, start).reshape(height, stride)
        depth = bits // 8
        return np.ascontiguousarray(rows[:, : depth * width].reshape(height, width, depth)[..., :3])

    def close(self) -> None:
        """End the server."""
        self._server.terminate()
        self._server.wait(10)
