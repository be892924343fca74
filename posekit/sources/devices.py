"""Which cameras the system knows of, their names and sockets, without opening one to read it.

Linux tells everything: sysfs lists the nodes, and the driver says what each can do (a Raspberry Pi has a
dozen that are codecs and image processors). macOS tells names. Windows tells nothing without a library.
"""

from __future__ import annotations

import json
import os
import re
import struct
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

QUERY_CAPABILITIES = 0x80685600
"""VIDIOC_QUERYCAP on x86, ARM and RISC-V: _IOR('V', 0, struct v4l2_capability) (linux/videodev2.h)."""
CAPABILITY = struct.Struct("16s32s32sIII12x")
"""struct v4l2_capability: driver, card, bus, version, what the device can do, what this node can do."""
CAPTURE = 0x1 | 0x1000
"""V4L2_CAP_VIDEO_CAPTURE and its _MPLANE."""
MEMORY_TO_MEMORY = 0x8000 | 0x4000
"""V4L2_CAP_VIDEO_M2M and its _MPLANE: a codec."""
MEDIA_CONTROLLED = 0x20000000
"""V4L2_CAP_IO_MC: one part of a chain that a media controller has to set up; OpenCV cannot."""
PER_NODE = 0x80000000
"""V4L2_CAP_DEVICE_CAPS: what this node can do is told."""
PROCESSORS = re.compile(
    r"bcm2835-(codec|isp)|rpi-hevc|rpivid|pispbe|rp1-cfe|hantro|rkvdec|rkisp|cedrus", re.I
)
"""Parts of a system on a chip that call themselves video devices and are no cameras."""
MAC_SECONDS = 10.0
"""How long macOS may take to list its cameras; usually one."""


class Camera(NamedTuple):
    """A camera that is there."""

    number: int
    name: str
    port: str = ""
    """The socket it is plugged into, as `v4l2-ctl --list-devices` has it: "usb-0000:00:14.0-2"."""


class Capability(NamedTuple):
    """What a V4L2 driver says of a node."""

    bus: str
    flags: int

    @property
    def is_camera(self) -> bool:
        """Whether it delivers pictures that it has not been given."""
        return bool(self.flags & CAPTURE) and not self.flags & (MEMORY_TO_MEMORY | MEDIA_CONTROLLED)


def ask_driver(node: Path) -> Capability | None:
    """Return what the driver says of a node; None where it cannot be asked."""
    import fcntl

    answer = bytearray(CAPABILITY.size)
    try:
        descriptor = os.open(node, os.O_RDWR | os.O_NONBLOCK)
        try:
            fcntl.ioctl(descriptor, QUERY_CAPABILITIES, answer)
        finally:
            os.close(descriptor)
    except OSError:
        return None
    return read_capability(bytes(answer))


def read_capability(answer: bytes) -> Capability:
    """Read a `struct v4l2_capability`."""
    _driver, _card, bus, _version, device, node = CAPABILITY.unpack(answer)
    return Capability(bus.split(b"\0")[0].decode(errors="replace"), node if device & PER_NODE else device)


def linux_cameras(
    root: Path = Path("/"), ask: Callable[[Path], Capability | None] = ask_driver
) -> tuple[Camera, ...]:
    """Return the cameras below a root folder's `sys` and `dev`, by number."""
    found = []
    for entry in (root / "sys/class/video4linux").glob("video*"):
        number = entry.name.removeprefix("video")
        name = _read(entry / "name")
        if not number.isdecimal() or PROCESSORS.search(name):
            continue
        capability = ask(root / "dev" / entry.name)
        # Where the driver is not to be asked: a webcam shows up several times, and its first node is the one.
        is_camera = capability.is_camera if capability else _read(entry / "index") in ("", "0")
        if is_camera:
            port = usb_port(entry.resolve()) or (capability.bus if capability else "")
            found.append(Camera(int(number), tidy_name(name) or f"camera {number}", port))
    return tuple(sorted(found, key=lambda camera: camera.number))


def usb_port(device: Path) -> str:
    """Return the USB socket of a device's resolved sysfs path; empty where it is not on USB.

    The host controller's name and the way from there, hub by hub, as the kernel's `usb_make_path` writes it:
    .../0000:00:14.0/usb1/1-2/1-2.4/1-2.4:1.0/video4linux/video0 is usb-0000:00:14.0-2.4. Unlike the number of
    the camera, or of the bus, it is the same after every start.
    """
    parts = device.parts
    controllers = [at for at, part in enumerate(parts) if re.fullmatch(r"usb\d+", part)]
    sockets = [part for part in parts if re.fullmatch(r"\d+-\d+(\.\d+)*", part)]
    if not controllers or not sockets:
        return ""
    return f"usb-{parts[controllers[-1] - 1]}-{sockets[-1].partition('-')[2]}"


def tidy_name(name: str) -> str:
    """Return a name once, where a driver says it twice ("HD Webcam: HD Webcam")."""
    first, colon, second = (part.strip() for part in name.partition(":"))
    return first if colon and first.startswith(second) else name.strip()


def mac_names() -> list[str]:
    """Return the names of a Mac's cameras, in OpenCV's order; empty when it does not tell in time."""
    if sys.platform != "darwin":
        return []
    try:
        done = subprocess.run(
            ["/usr/sbin/system_profiler", "-json", "SPCameraDataType"],
            capture_output=True,
            timeout=MAC_SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return []
    return read_mac_names(done.stdout)


def read_mac_names(answer: bytes) -> list[str]:
    """Read what system_profiler says; OpenCV numbers cameras in the order of their unique ids."""
    try:
        entries = json.loads(answer)["SPCameraDataType"]
        return [str(entry["_name"]) for entry in sorted(entries, key=lambda one: one["spcamera_unique-id"])]
    except (ValueError, KeyError, TypeError):
        return []


def _read(file: Path) -> str:
    try:
        return file.read_text(errors="replace").strip()
    except OSError:
        return ""
