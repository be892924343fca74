"""Finds the camera that is meant, and says what may be the matter when it is not there."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from posekit.errors import SourceError, nearest_name
from posekit.sources.capture import READ_SECONDS, Capture
from posekit.sources.controls import ask, describe
from posekit.sources.devices import Camera, linux_cameras, mac_names
from posekit.sources.reader import Opened

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from posekit.sources.request import CameraRequest

NO_CAMERA = "plug one in, or use --source sample (a clip), --source FILE or --source FOLDER"
PREFIX = "camera:"
TRIED = 5
"""How many numbers are tried where the system does not list its cameras."""


def find_cameras() -> tuple[Camera, ...]:
    """Return the cameras that are there; where the system does not list them, by trying the first few."""
    if sys.platform.startswith("linux"):
        return linux_cameras()
    numbers = []
    for number in range(TRIED):
        capture = Capture(number)
        if capture.is_open:
            numbers.append(number)
        capture.release()
    names = mac_names()
    if len(names) != len(numbers):
        names = [f"camera {number}" for number in numbers]
    return tuple(Camera(number, name) for number, name in zip(numbers, names, strict=True))


def pick_camera(text: str, cameras: Sequence[Camera]) -> Camera:
    """Return the camera that `NAME`, `NAME@PORT` or `@PORT` means: a part of its name, its whole port.

    Raises `SourceError` where none or several fit: what is not plugged in may be so later.
    """
    if not cameras:
        raise SourceError(f"{PREFIX}{text} is not here: no camera was found; {NO_CAMERA}")
    matching = [camera for camera in cameras if text.lower() in camera.name.lower()]
    name, at, port = text.rpartition("@")
    if not matching and at:
        matching = [
            camera for camera in cameras if camera.port == port and name.lower() in camera.name.lower()
        ]
        if not matching:
            raise SourceError(f"{PREFIX}{text} is not here; {list_cameras(cameras)}")
    if not matching:
        nearest = nearest_name(text, [camera.name for camera in cameras])
        hint = f"did you mean {nearest!r}?" if nearest else list_cameras(cameras)
        raise SourceError(f"{PREFIX}{text} is not here; {hint}")
    # One device may show up as several cameras (a second size, infrared); its first is the usual one.
    if len({(camera.port or camera.number) for camera in matching}) > 1:
        several = " or ".join(paste(camera) for camera in matching)
        raise SourceError(f"{PREFIX}{text} fits several cameras; use {several}")
    return min(matching, key=lambda camera: camera.number)


def find_again(number: int, cameras: Sequence[Camera], last: Camera | None) -> Camera | None:
    """Return the camera of the name and in the socket of the `last`; else whichever has the number now."""
    same = [camera for camera in cameras if last and last.port and (camera.name, camera.port) == last[1:]]
    fits = [camera for camera in cameras if camera.number == number]
    return next((camera for camera in fits if camera in same), next(iter(same + fits), None))


def paste(camera: Camera) -> str:
    """Return the shell's word for a camera: by name and port where it has one, else by number."""
    if not camera.port:
        return f"--source {camera.number}"
    return f"--source {shlex.quote(f'{PREFIX}{camera.name}@{camera.port}')}"


def list_cameras(cameras: Sequence[Camera]) -> str:
    """Return what there is, for a sentence."""
    return "there is: " + ", ".join(f"{camera.number} ({_full_name(camera)})" for camera in cameras)


def require_cameras(text: str) -> None:
    """Raise `SourceError` when a camera is asked for that the system does not know (Linux tells)."""
    if not sys.platform.startswith("linux"):
        return
    cameras = linux_cameras()
    name = text.removeprefix(PREFIX)
    if text.startswith(PREFIX):
        pick_camera(name, cameras)
    elif not cameras:
        raise SourceError(f"camera {name} is not here: no camera was found; {NO_CAMERA}")


class CameraOpener:
    """Finds and opens a camera, `NUMBER` or `camera:NAME@PORT`, and asks it for everything, each time anew.

    A camera that was unplugged may come back with another number, and has forgotten what was asked of it.
    """

    def __init__(self, text: str, request: CameraRequest) -> None:
        self._text, self._request = text, request
        self._last: Camera | None = None
        self._was_open = False

    def __call__(self) -> Opened:
        """Open it; raises `PosekitError` where it is not there just now."""
        number = self._find()
        capture = Capture(number)
        if not capture.is_open:
            capture.release()
            # Where the system does not list its cameras, asking why would open every one of them.
            why = "it is not there" if self._was_open else _why_not(number)
            raise SourceError(f"{camera_title(self._text)} cannot be opened; {why}")
        self._was_open = True
        try:
            refused = tuple(ask(capture, self._request))
            size, rate = capture.size, capture.rate
            return Opened(capture, size, rate, describe(capture, size, rate), refused, _unplugged(number))
        except BaseException:
            capture.release()
            raise

    def _find(self) -> int:
        is_listed = sys.platform.startswith("linux")
        if not self._text.startswith(PREFIX):
            number = int(self._text)
            found = find_again(number, linux_cameras(), self._last) if is_listed else None
            self._last = found or self._last
            return found.number if found else number
        if self._last is None or is_listed:
            self._last = pick_camera(self._text.removeprefix(PREFIX), find_cameras())
        return self._last.number


def stream_opener(address: str, read_seconds: float = READ_SECONDS) -> Callable[[], Opened]:
    """Return what opens a network stream, which ends when it delivers nothing for `read_seconds`."""

    def open_stream() -> Opened:
        capture = Capture(address, read_seconds)
        if not capture.is_open:
            capture.release()
            raise SourceError(f"{address} cannot be opened; is the address right and the sender running?")
        size, rate = capture.size, capture.rate
        return Opened(capture, size, rate, f"{size[0]}x{size[1]} at {rate:.4g} fps")

    return open_stream


def camera_title(text: str) -> str:
    """Return how a camera is called in sentences: "camera 0", "camera Logitech"."""
    return f"camera {text.removeprefix(PREFIX)}"


def _unplugged(number: int) -> Callable[[], bool]:
    """Return what asks whether a camera's device is gone; only Linux tells."""
    node = Path(f"/dev/video{number}")
    return lambda: sys.platform.startswith("linux") and not node.exists()


def _full_name(camera: Camera) -> str:
    return f"{camera.name}@{camera.port}" if camera.port else camera.name


def _why_not(number: int) -> str:
    """Say what may be the matter with a camera that cannot be opened."""
    cameras = find_cameras()
    if not cameras:
        return f"no camera was found: {NO_CAMERA}"
    if number in {camera.number for camera in cameras}:
        return "another program may hold it, or you may not be allowed to use it (Linux: group video)"
    return list_cameras(cameras)
