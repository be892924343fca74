"""The processes of a running show: which there are, what each holds, and what is left when all is over."""

from __future__ import annotations

import os
import socket
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

MODULES = {
    "posekit.engine": "engine",
    "posekit.gallery.window": "window",
    "posekit.gallery.curtain": "curtain",
    "last_will.py": "last will",
}
"""Which process is which, by the module or file it was started with; who started them is the supervisor."""
SHARED_MEMORY = Path("/dev/shm")


@dataclass(frozen=True)
class Look:
    """One process at one moment."""

    seconds: float
    resident_mb: float
    unique_mb: float
    """What would be free if it ended: without what it shares with others."""
    files: int
    threads: int
    process_id: int


def name_of(process: psutil.Process) -> str:
    """Return which of a show's processes it is; raises psutil's errors when it has gone."""
    words = process.cmdline()
    if "-m" in words[:-1]:
        module = words[words.index("-m") + 1]
    else:
        module = next((Path(word).name for word in words if word.endswith(".py")), "ending")
    return MODULES.get(module, module)


def family(process_id: int) -> list[tuple[str, psutil.Process]]:
    """Return the supervisor and everything below it, by name."""
    try:
        supervisor = psutil.Process(process_id)
        found = [("supervisor", supervisor)]
        children = supervisor.children(recursive=True)
    except psutil.Error:
        return []
    for child in children:
        with suppress(psutil.Error):
            if child.status() != psutil.STATUS_ZOMBIE:
                found.append((name_of(child), child))
    return found


def find(process_id: int, name: str) -> psutil.Process | None:
    """Return the newest process of that name, or None."""
    found = [process for own, process in family(process_id) if own == name]
    return max(found, key=lambda one: one.create_time(), default=None)


def look(process: psutil.Process, seconds: float) -> Look:
    """Look at one process; raises psutil's errors when it has gone."""
    with process.oneshot():
        memory = process.memory_full_info()
        return Look(
            seconds,
            memory.rss / 2**20,
            memory.uss / 2**20,
            process.num_fds(),
            process.num_threads(),
            process.pid,
        )


def left_over(mark: str) -> list[psutil.Process]:
    """Return every process whose environment holds `mark`, whoever its parent is now."""
    found = []
    for process in psutil.process_iter():
        if process.pid == os.getpid():
            continue
        with suppress(psutil.Error, OSError):
            environment = Path(f"/proc/{process.pid}/environ").read_bytes()
            if mark.encode() in environment and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def size_of(folder: Path, pattern: str) -> int:
    """Return the bytes of all files below a folder that match."""
    total = 0
    for path in folder.rglob(pattern):
        with suppress(OSError):
            total += path.stat().st_size if path.is_file() else 0
    return total


def shared_memory() -> dict[str, int]:
    """Return the files in shared memory and their bytes; none where the system has no such folder."""
    return files_in(SHARED_MEMORY)


def temporary_files() -> dict[str, int]:
    """Return what lies in the folder for temporary files."""
    return files_in(Path(tempfile.gettempdir()))


def files_in(folder: Path) -> dict[str, int]:
    found = {}
    if folder.is_dir():
        for path in folder.iterdir():
            with suppress(OSError):
                found[path.name] = path.lstat().st_size
    return found


def free_port(kind: int = socket.SOCK_DGRAM) -> int:
    """Return a port of this machine that nobody has just now."""
    with socket.socket(socket.AF_INET, kind) as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def newest(looks: list[Look]) -> list[Look]:
    """Return the looks at the newest process of that name, if it was replaced."""
    return [one for one in looks if one.process_id == looks[-1].process_id]


def settle_after(looks: list[Look], settle: float) -> float:
    """Return from which second on a line is fitted: `settle` after the newest one's first look, too."""
    first = newest(looks)[0].seconds
    return settle if first < settle else first + settle
