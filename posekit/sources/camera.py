"""A camera or network stream: always the newest frame, never a queue."""

from __future__ import annotations

import sys
from pathlib import Path
from threading import Condition, Thread
from typing import TYPE_CHECKING

from posekit.errors import SourceError, UnknownNameError
from posekit.frame import Frame
from posekit.sources.capture import Capture

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from posekit.clock import Clock

SILENCE_SECONDS = 5.0
"""How long a camera may deliver nothing before it counts as lost."""
WANTED_SIZE = (1280, 720)


class LiveCapture:
    """Reads a camera or stream in a thread of its own and keeps the newest frame only."""

    count: int | None = None

    def __init__(self, what: int | str, name: str, clock: Clock, *, is_camera: bool) -> None:
        self._capture = Capture(what)
        if not self._capture.is_open:
            self._capture.release()
            raise SourceError(f"{name} cannot be opened; {_why_not(what)}")
        if isinstance(what, int):
            self._capture.ask_for(WANTED_SIZE)
        self.is_camera = is_camera
        self.rate = self._capture.rate
        width, height = self._capture.size
        self.description = f"{name}, {width}x{height} at {self.rate:g} fps"
        self.dropped = 0
        self._name = name
        self._clock = clock
        self._changed = Condition()
        self._newest: tuple[NDArray[np.uint8], float, int] | None = None
        self._ended = self._closed = False
        # A daemon, because a driver may never come back from a read and the process must still end.
        self._thread = Thread(target=self._read, name="camera", daemon=True)
        self._thread.start()

    def _read(self) -> None:
        index = 0
        while not self._closed:
            if not self._capture.grab():
                break
            time = self._clock.now()
            pixels = self._capture.retrieve()
            if pixels is None:
                continue
            with self._changed:
                if self._newest is not None:
                    self.dropped += 1
                self._newest = (pixels, time, index)
                self._changed.notify()
            index += 1
        with self._changed:
            self._ended = True
            self._changed.notify()
        self._capture.release()

    def frames(self) -> Iterator[Frame]:
        """Yield the newest frame as soon as there is one; raises `SourceError` when the camera is lost."""
        while True:
            with self._changed:
                arrived = self._changed.wait_for(
                    lambda: self._newest is not None or self._ended or self._closed, SILENCE_SECONDS
                )
                if self._closed:
                    return
                newest, self._newest = self._newest, None
            if newest is None:
                reason = "ended" if arrived else f"has delivered nothing for {SILENCE_SECONDS:g} s"
                raise SourceError(f"{self._name} {reason}; was it unplugged?")
            pixels, time, index = newest
            yield Frame(pixels, time, index, self._name)

    def close(self) -> None:
        """Stop reading and end `frames`; waits a moment for the driver, no longer."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._thread.join(0.5)


def camera_names() -> dict[int, str]:
    """Return the cameras' numbers and names, as far as the system tells without opening them (Linux only)."""
    names = {}
    for device in sorted(Path("/sys/class/video4linux").glob("video*")):
        index = device / "index"
        # A camera shows up several times; only its first node delivers pictures.
        if index.exists() and index.read_text().strip() != "0":
            continue
        names[int(device.name.removeprefix("video"))] = (device / "name").read_text().strip()
    return names


def find_cameras(limit: int = 5) -> dict[int, str]:
    """Return the cameras that can be opened; where the system does not name them, by trying the first few."""
    if sys.platform.startswith("linux"):
        return camera_names()
    found = {}
    for number in range(limit):
        capture = Capture(number)
        if capture.is_open:
            found[number] = f"camera {number}"
        capture.release()
    return found


def find_camera(name: str) -> int:
    """Return the number of the camera whose name contains `name`, whatever the case."""
    cameras = find_cameras()
    matching = [number for number, known in cameras.items() if name.lower() in known.lower()]
    if len(matching) == 1:
        return matching[0]
    if len(matching) > 1:
        several = ", ".join(f"{number} ({cameras[number]})" for number in matching)
        raise SourceError(f"camera:{name} fits several cameras: {several}; use the number")
    if not cameras:
        raise SourceError(f"camera:{name} is not here: no camera was found; {NO_CAMERA}")
    raise UnknownNameError("camera", name, cameras.values())


def require_cameras(text: str) -> None:
    """Raise `SourceError` when a camera is asked for and the system knows of none (Linux tells)."""
    if sys.platform.startswith("linux") and not camera_names():
        name = text.removeprefix("camera:")
        raise SourceError(f"camera {name} is not here: no camera was found; {NO_CAMERA}")


NO_CAMERA = "plug one in, or use --source sample (a clip), --source FILE or --source FOLDER"


def _why_not(what: int | str) -> str:
    if isinstance(what, str):
        return "is the address right and the sender running?"
    cameras = find_cameras()
    if not cameras:
        return f"no camera was found: {NO_CAMERA}"
    listed = ", ".join(f"{number} ({name})" for number, name in cameras.items())
    if what in cameras:
        return "another program may hold it, or you may not be allowed to use it (Linux: group video)"
    return f"there is: {listed}"
