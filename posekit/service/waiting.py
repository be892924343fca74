"""What a show that starts with the machine waits for, each with an end: the camera, the network, the screen.

A machine starts its services before a USB hub has found its cameras, and before there is an address. The
show would mend itself without these waits; with them the first minute of the day is quiet in the log.
"""

from __future__ import annotations

import contextlib
import os
import socket
import sys
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from posekit.errors import PosekitError
from posekit.outputs.osc.opening import targets_of
from posekit.runner import interrupt
from posekit.secret_values import named_in
from posekit.service.commands import Run, run_command
from posekit.service.job import SERVICE, WITHOUT_DESKTOP
from posekit.service.notify import beat
from posekit.show.lines import OSC, read_place
from posekit.sources import STREAMS, is_live

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, MutableMapping

    from posekit.clock import Clock
    from posekit.settings import Settings
    from posekit.show.tables import GallerySettings
    from posekit.sources.devices import Camera

LONGEST = 30.0
"""Seconds that a show waits for its room; then it begins, and says what is missing."""
LOOK_EVERY = 0.5
QUIET = 1.0
"""What is there within a second is not worth a word."""
SCREEN = ("DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "XDG_SESSION_TYPE", "XDG_CURRENT_DESKTOP")
"""What a session tells systemd once its screen is there."""


@dataclass(frozen=True)
class Awaited:
    """One thing that may not be there yet."""

    name: str
    """As sentences have it: `camera 0`, `the network to 10.0.0.7`, `a screen`."""
    is_here: Callable[[], bool]


def wait_as_service(
    settings: Settings, clock: Clock, report: Callable[[str], None], hosts: Iterable[str] = ()
) -> None:
    """Wait for the room if this process was started by the system; whoever starts a show by hand sees it.

    Raises `KeyboardInterrupt` when it is asked to end meanwhile.
    """
    if SERVICE in os.environ:
        wait_for_room(settings, clock, report, hosts=hosts, pause=_pause)


def _pause(seconds: float) -> None:
    time.sleep(seconds)
    interrupt.check()


def wait_for_room(
    settings: Settings,
    clock: Clock,
    report: Callable[[str], None],
    *,
    hosts: Iterable[str] = (),
    longest: float = LONGEST,
    is_over: Callable[[], bool] = lambda: False,
    pause: Callable[[float], object] = time.sleep,
    things: Iterable[Awaited] | None = None,
) -> bool:
    """Wait until camera, network and screen are there as far as the settings need them; whether they are.

    It never raises and never waits longer than `longest` seconds, nor once `is_over()`. `report` is told in
    sentences of what is waited for, what came, and what did not. `hosts` are further machines or URLs that
    the show speaks to. systemd is told that we live. `things` replaces what is waited for, in tests.
    """
    missing = list(awaited(settings, hosts) if things is None else things)
    start, told = clock.now(), False
    while True:
        beat("waiting for " + ", ".join(one.name for one in missing) if missing else "")
        waited = clock.now() - start
        here = [one for one in missing if one.is_here()]
        missing = [one for one in missing if one not in here]
        if told:
            for one in here:
                report(f"{one.name} is here after {waited:.0f} s")
        if not missing:
            return True
        names = " and ".join(one.name for one in missing)
        if is_over():
            return False
        if waited >= longest:
            report(f"{names} did not come within {longest:.0f} s; the show begins without")
            return False
        if not told and waited >= QUIET:
            told = True
            report(f"waiting for {names}, {longest:.0f} s at most")
        pause(LOOK_EVERY)


def awaited(settings: Settings, hosts: Iterable[str] = ()) -> list[Awaited]:
    """Return what a show needs that may come later than it."""
    found = []
    source = settings.source
    is_stream = source.lower().startswith(STREAMS)
    if is_live(source) and not is_stream:
        found.append(Awaited(f"camera {source.removeprefix('camera:')}", lambda: camera_is_here(source)))
    remote = sorted(remote_hosts(settings, hosts))
    found += [Awaited(f"the network to {host}", Network(host)) for host in remote]
    if not settings.headless and sys.platform.startswith("linux"):
        found.append(Awaited("a screen", adopt_screen))
    return found


def camera_is_here(source: str) -> bool:
    """Whether a camera is plugged in; true where the system only tells by opening it, which is not done."""
    if not sys.platform.startswith("linux"):
        return True
    from posekit.sources.devices import linux_cameras

    return any(is_camera_of(source, camera) for camera in linux_cameras())


def is_camera_of(source: str, camera: Camera) -> bool:
    """Whether a camera is the one that a source names, by number, name or socket."""
    if source.isdecimal():
        return camera.number == int(source)
    word = source.removeprefix("camera:").lower()
    name, at, port = word.rpartition("@")
    is_at_port = bool(at) and camera.port.lower() == port and name in camera.name.lower()
    return word in camera.name.lower() or is_at_port


def spoken_to(gallery: GallerySettings) -> tuple[str, ...]:
    """Return the machines, or URLs of them, that a show's heartbeat and its hooks' messages go to.

    A hook happens once: a projector that cannot be reached yet when the show starts stays off all day.
    """
    hooks = (hook for name in type(gallery.hooks).model_fields for hook in getattr(gallery.hooks, name))
    messages = (hook.removeprefix(OSC).partition("/")[0] for hook in hooks if isinstance(hook, str))
    places = (place for place in (*gallery.heartbeat.osc, *messages) if not named_in(place))
    return (*(read_place(place)[0] for place in places), *gallery.heartbeat.http)


def remote_hosts(settings: Settings, more: Iterable[str] = ()) -> set[str]:
    """Return the other machines that a show speaks to; `more` are further ones, or URLs of them."""
    found = set()
    with contextlib.suppress(PosekitError):
        found |= {target.host for target in targets_of(settings)}
    for text in (settings.source, *more):
        with contextlib.suppress(ValueError):
            is_address = "://" in text
            host = urlsplit(text).hostname if is_address else text if text in more else None
            found |= {host} if host and "$" not in host else set()
    return {host for host in found if not _is_own(host)}


def _is_own(host: str) -> bool:
    return host in ("localhost", "0.0.0.0", "::", "::1") or host.startswith("127.")  # noqa: S104 (compared)


class Network:
    """Whether there is a way to a machine: its name is known, a route leads there. Nothing is sent to it."""

    def __init__(self, host: str) -> None:
        self._host = host
        self._asking: threading.Thread | None = None
        self._found = False

    def __call__(self) -> bool:
        """Return what the last look found, and look again beside; a name may take half a minute to fail."""
        if not self._found and (self._asking is None or not self._asking.is_alive()):
            self._asking = threading.Thread(target=self._look, name="network", daemon=True)
            self._asking.start()
            self._asking.join(0.2)
        return self._found

    def _look(self) -> None:
        with contextlib.suppress(OSError, UnicodeError):
            family, _, _, _, address = socket.getaddrinfo(self._host, 9, type=socket.SOCK_DGRAM)[0]
            with socket.socket(family, socket.SOCK_DGRAM) as tried:
                tried.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
                tried.connect(address)  # a datagram's: only the route is looked up
            self._found = True


def adopt_screen(environment: MutableMapping[str, str] = os.environ, run: Run = run_command) -> bool:
    """Whether this process knows a screen; one that came after it is taken over from the user's systemd.

    Only a service may have been started before its session; whoever starts a show by hand knows what he does.
    """
    if any(environment.get(name) for name in SCREEN[:2]) or SERVICE not in environment:
        return True
    if environment.get("SDL_VIDEODRIVER") in WITHOUT_DESKTOP:
        return True
    said = run(["systemctl", "--user", "show-environment"])
    if not said.is_fine:
        return False
    for line in said.text.splitlines():
        name, _, value = line.partition("=")
        if name in SCREEN and value:
            environment[name] = value
    return any(environment.get(name) for name in SCREEN[:2])
