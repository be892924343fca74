"""Why a service gets no picture from its camera: the permission that is missing, and what to type."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from posekit.ports import program_name
from posekit.service.waiting import is_camera_of
from posekit.sources import STREAMS, is_live
from posekit.sources.devices import linux_cameras

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from posekit.settings import Settings
    from posekit.sources.devices import Camera

STORE = r"Software\Microsoft\Windows\CurrentVersion\CapabilityAccessManager\ConsentStore\webcam"
"""Where Windows keeps who may use a camera, `Allow` or `Deny` under `Value`."""
SWITCHES = (
    ("machine", STORE, "Camera access"),
    ("user", STORE, "Let apps access your camera"),
    ("user", STORE + r"\NonPackaged", "Let desktop apps access your camera"),
)
WINDOWS_PLACE = "Settings > Privacy & security > Camera"
MAC_PLACE = "System Settings > Privacy & Security > Camera"
PLUG = "plug one in, at a socket of the computer itself"


def why_no_picture(settings: Settings, own: Collection[int] = ()) -> list[str]:
    """Return what keeps a camera's pictures away, in sentences with what to do; empty when nothing is found.

    `own` are processes of the show itself, which may have the camera.
    """
    if not is_live(settings.source) or settings.source.lower().startswith(STREAMS):
        return []
    if sys.platform == "win32":
        return windows_reasons(read_switch)
    if sys.platform == "darwin":
        return mac_reasons()
    if not sys.platform.startswith("linux"):
        return []
    return linux_reasons(settings.source, linux_cameras(), own=own)


def linux_reasons(
    source: str,
    cameras: Collection[Camera],
    *,
    devices: Path = Path("/dev"),
    own: Collection[int] = (),
    processes: Path = Path("/proc"),
    may_open: Callable[[Path], bool] = lambda node: os.access(node, os.R_OK | os.W_OK),
) -> list[str]:
    """Return what is the matter with a camera on Linux."""
    if not cameras:
        return [f"no camera is there: /dev/video* has none; {PLUG}"]
    named = source.removeprefix("camera:")
    wanted = [one for one in cameras if is_camera_of(source, one)]
    if not wanted:
        there = ", ".join(f"{one.number} ({one.name})" for one in cameras)
        return [f"camera {named} is not there; there is {there}"]
    node = devices / f"video{wanted[0].number}"
    if not node.exists():
        return [f"{node} is not there; {PLUG}"]
    if not may_open(node):
        return [group_reason(node)]
    others = [pid for pid in holders(node, processes) if pid not in own]
    return [f"{node} is in use by {_called(pid)}; end it" for pid in others]


def _called(pid: int) -> str:
    return f"{program_name(pid) or 'a program'} (process {pid})"


def group_reason(node: Path) -> str:
    """Return which group one has to be in to use a device, and how to get there."""
    import grp
    import pwd

    status = node.stat()
    try:
        group = grp.getgrgid(status.st_gid)
        name, members = group.gr_name, group.gr_mem
    except KeyError:
        name, members = str(status.st_gid), []
    user = pwd.getpwuid(os.getuid()).pw_name
    if not status.st_mode & 0o060 or name == "root":
        # The rules of udev give cameras to the group video; who changed them knows where.
        return f"{node} belongs to {name} alone: let a rule of udev give it to the group video"
    if user in members:
        return (
            f"{user} is in the group {name}, but was not yet when logging in: restart the machine, "
            f"so that {node} may be used"
        )
    return (
        f"{user} may not use {node}, which is for the group {name}. Type\n"
        f"    sudo usermod -aG {name} {user}\nand restart the machine"
    )


def holders(device: Path, processes: Path = Path("/proc")) -> list[int]:
    """Return the processes that have a device open, other than this one; none where there is no /proc."""
    found = []
    for link in processes.glob("[0-9]*/fd/*"):
        try:
            is_it = str(link.readlink()) == str(device)
        except OSError:
            continue
        if is_it:
            found.append(int(link.parts[-3]))
    return [pid for pid in dict.fromkeys(found) if pid != os.getpid()]


def mac_reasons() -> list[str]:
    """Return what macOS may be asking; it keeps to itself what was answered."""
    program = Path(os.path.realpath(sys.executable)).name
    return [
        f"macOS asks once, at the screen, whether {program} may use the camera: allow it there. If it was "
        f"refused before: {MAC_PLACE}, switch on {program} (or Python); if it is not listed, type\n"
        "    tccutil reset Camera\nand try again, so that it asks anew"
    ]


def windows_reasons(read: Callable[[str, str], str | None]) -> list[str]:
    """Return the privacy switches of Windows that are off; `read` returns a key's value, None for none."""
    off = [title for place, key, title in SWITCHES if (read(place, key) or "Allow") != "Allow"]
    return [f'"{title}" is off: switch it on in {WINDOWS_PLACE}' for title in off]


def read_switch(place: str, key: str) -> str | None:
    """Return what Windows keeps under `Value` of a key, of the machine or of the user."""
    if sys.platform != "win32":
        return None
    import winreg

    root = winreg.HKEY_LOCAL_MACHINE if place == "machine" else winreg.HKEY_CURRENT_USER
    try:
        with winreg.OpenKey(root, key) as opened:
            return str(winreg.QueryValueEx(opened, "Value")[0])
    except OSError:
        return None
