"""Which machine was measured, and with which versions of what."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = ("posekit", "numpy", "opencv-python", "pygame", "pygame-ce", "mediapipe", "ai-edge-litert")


@dataclass(frozen=True)
class Machine:
    """A machine as far as it matters for speed; never its name in a network."""

    name: str
    """Processor and number of cores, for a heading."""
    cpu: str
    cores: int
    os: str
    python: str
    runtime: str
    """Where the model ran: `litert` or `mediapipe`."""
    versions: dict[str, str]


def describe_machine(runtime: str) -> Machine:
    """Look at this machine."""
    cpu, cores = find_cpu(), os.cpu_count() or 1
    versions = {name: found for name in PACKAGES if (found := _version(name))}
    return Machine(
        name=f"{cpu}, {cores} core{'s' if cores != 1 else ''}",
        cpu=cpu,
        cores=cores,
        os=platform.platform(),
        python=platform.python_version(),
        runtime=runtime,
        versions=versions,
    )


def find_cpu() -> str:
    """Return the processor's model, or its architecture where the system does not tell the model."""
    found = ""
    with suppress(OSError, subprocess.SubprocessError):
        if sys.platform == "linux":
            lines = Path("/proc/cpuinfo").read_text().splitlines()
            models = (line.partition(":")[2] for line in lines if line.lower().startswith("model name"))
            found = next(models, "")
        elif sys.platform == "darwin":
            found = subprocess.run(
                ["sysctl", "-n", "machdep.cpu.brand_string"],
                capture_output=True,
                text=True,
                timeout=5,
                check=False,
            ).stdout
    return " ".join((found or platform.processor() or platform.machine()).split())


def resident_mb(process_id: int) -> float | None:
    """Return the resident memory of a process and of all its children, in MB (2^20 bytes)."""
    table = _processes()
    if process_id not in table:
        return None
    wanted, size = {process_id}, -1
    while len(wanted) > size:
        size = len(wanted)
        wanted |= {child for child, (parent, _) in table.items() if parent in wanted}
    return sum(table[one][1] for one in wanted) / 1024


def _processes() -> dict[int, tuple[int, int]]:
    """Return parent and resident kB of every process; empty where there is no `ps`, as on Windows."""
    try:
        done = subprocess.run(
            ["ps", "-A", "-o", "pid=,ppid=,rss="], capture_output=True, text=True, timeout=5, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return {}
    rows = (line.split() for line in done.stdout.splitlines())
    return {int(row[0]): (int(row[1]), int(row[2])) for row in rows if len(row) == 3}


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
