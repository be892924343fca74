"""Versions, packages that get in each other's way, disk, memory and cores."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from posekit.assets.cache import assets_folder, cache_folder
from posekit.doctor.finding import Finding, ok, trouble, warning

if TYPE_CHECKING:
    from posekit.doctor.child import Child

OPENCVS = (
    "opencv-python",
    "opencv-python-headless",
    "opencv-contrib-python",
    "opencv-contrib-python-headless",
)
PYGAMES = ("pygame", "pygame-ce")
SHOWN = ("numpy", "python-osc", "mediapipe", "ai-edge-litert")
LIBRARIES = ("numpy", "cv2", "pygame", "mediapipe", "ai_edge_litert")
"""What is loaded on trial; the last two where they are installed, and one of them must be."""
DEBIAN = {
    "libGL.so.1": "libgl1",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libEGL.so.1": "libegl1",
    "libGLESv2.so.2": "libgles2",
    "libSM.so.6": "libsm6",
    "libXext.so.6": "libxext6",
    "libxcb.so.1": "libxcb1",
    "libusb-1.0.so.0": "libusb-1.0-0",
}
"""Debian's packages (Ubuntu's too) of the shared libraries that wheels ask for."""
GIGABYTE = 1 << 30
LEAST_DISK, LEAST_MEMORY = GIGABYTE // 4, GIGABYTE


def check_versions() -> list[Finding]:
    """Name what runs here, and packages of which only one can be."""
    found = {name: _version(name) for name in ("posekit", *OPENCVS, *PYGAMES, *SHOWN)}
    shown = ", ".join(f"{name} {number}" for name, number in found.items() if number and name != "posekit")
    findings = [
        ok(
            "versions",
            f"posekit {found['posekit'] or 'without a version'}, Python {platform.python_version()}, "
            f"{_system()}; {shown}",
        )
    ]
    for names, module in ((OPENCVS, "cv2"), (PYGAMES, "pygame")):
        several = [name for name in names if found[name]]
        if len(several) > 1:
            keep = several[0]
            findings.append(
                trouble(
                    "packages",
                    f"{' and '.join(several)} are both installed and overwrite each other's {module}",
                    f"pip uninstall -y {' '.join(several)}, then pip install {keep}",
                )
            )
    return findings


def describe_libraries(child: Child, in_time: bool) -> list[Finding]:
    """Return what the child says of libraries that cannot be loaded; nothing where all can."""
    findings: list[Finding] = []
    for name in wanted_libraries():
        said = child.found(f"library {name}")
        if said is None:
            how = "takes too long to load" if not in_time else f"takes the process down ({child.reason})"
            return [*findings, trouble("libraries", f"{name} {how}", f"install it anew: {_reinstall(name)}")]
        if said["reason"]:
            findings.append(
                trouble(
                    "libraries", f"{name} cannot be loaded ({said['reason']})", mend(name, said["reason"])
                )
            )
    if not findings:
        findings.append(ok("libraries", f"{', '.join(wanted_libraries())} can be loaded"))
    return findings


def wanted_libraries() -> tuple[str, ...]:
    """Return the modules to load on trial."""
    import importlib.util

    return tuple(
        name for name in LIBRARIES if name in LIBRARIES[:3] or importlib.util.find_spec(name) is not None
    )


def mend(module: str, reason: str) -> str:
    """Say what may help a library that cannot be loaded."""
    for library, package in DEBIAN.items():
        if library in reason:
            return (
                f"Debian, Ubuntu: sudo apt install {package}{' libglib2.0-0' if package == 'libgl1' else ''}"
            )
    return f"install it anew: {_reinstall(module)}"


def check_disk() -> list[Finding]:
    """Look at the cache's folder: room, and whether it can be written."""
    folder = cache_folder()
    there = next((one for one in (folder, *folder.parents) if one.is_dir()), Path("/"))
    named = f"cache {folder}"
    assets = assets_folder()
    if assets is not None and not assets.is_dir():
        return [
            trouble("disk", f"POSEKIT_ASSETS names {assets}, which is no folder", "name another, or none")
        ]
    if not os.access(there, os.W_OK):
        return [trouble("disk", f"{named} cannot be written", "set POSEKIT_CACHE to a folder of yours")]
    free = shutil.disk_usage(there).free
    found = f"{named}: {_amount(free)} free"
    if free < LEAST_DISK:
        return [warning("disk", found, "make room, or set POSEKIT_CACHE to a folder on another disk")]
    return [ok("disk", found)]


def check_memory() -> list[Finding]:
    """Look at memory and cores."""
    memory, cores = psutil.virtual_memory(), os.cpu_count() or 1
    found = f"{_amount(memory.available)} of {_amount(memory.total)} free, {cores} core{'s' * (cores != 1)}"
    if memory.available < LEAST_MEMORY:
        return [warning("memory", found, "posekit takes about half a gigabyte: end programs not needed")]
    if cores < 2:
        return [warning("memory", found, "one core is little: a smaller --input-size, no window (send)")]
    return [ok("memory", found)]


def _reinstall(module: str) -> str:
    package = {"cv2": "opencv-python", "ai_edge_litert": "ai-edge-litert", "mediapipe": "mediapipe==0.10.31"}
    return f"pip install --force-reinstall {package.get(module, module)}"


def _system() -> str:
    if sys.platform == "darwin":
        return f"macOS {platform.mac_ver()[0]} {platform.machine()}"
    if sys.platform == "win32":
        return f"Windows {platform.release()} ({platform.version()}) {platform.machine()}"
    try:
        return f"{platform.freedesktop_os_release()['PRETTY_NAME']} {platform.machine()}"
    except (OSError, KeyError):
        return platform.platform()


def _amount(size: float) -> str:
    return f"{size / GIGABYTE:.1f} GB" if size >= GIGABYTE else f"{size / (1 << 20):.0f} MB"


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
