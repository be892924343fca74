"""One process and no other: its number, which the system gives away again, and when it was started."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

START_SLACK = 2.0
"""Seconds by which two readings of a process's start may differ, where the system tells wall time alone."""
PROCESSES, BOOT = Path("/proc"), Path("/proc/sys/kernel/random/boot_id")
TICKS_FIELD = 21
"""Which field of /proc/PID/stat says when it started, from 0: proc(5)."""


@dataclass(frozen=True)
class ProcessMark:
    """A process as it is told in files that outlive it."""

    process_id: int
    started: float
    """Wall time, as the system told it then."""
    birth: str = ""
    """Linux: which start of the machine it belongs to, and how long after that it began. Linux makes wall
    time of it with today's clock, so that `started` moves when a clock is put right; this does not. Elsewhere
    empty."""

    @property
    def is_running(self) -> bool:
        """Whether this very process is still there."""
        try:
            process = psutil.Process(self.process_id)
            if process.status() == psutil.STATUS_ZOMBIE:
                return False
            if self.birth and (birth := _birth(self.process_id)):
                return birth == self.birth
            return abs(process.create_time() - self.started) <= START_SLACK
        except (psutil.Error, ValueError, OverflowError):
            return False


_OWN: dict[int, ProcessMark] = {}
"""By its number, since a fork has another: the system is asked once, not every second."""


def own_mark() -> ProcessMark:
    """Return the mark of this process."""
    number = os.getpid()
    if number not in _OWN:
        _OWN[number] = ProcessMark(number, psutil.Process(number).create_time(), _birth(number))
    return _OWN[number]


def _birth(number: int) -> str:
    """Return a process's birth; empty where the system does not tell it so."""
    if sys.platform == "linux":
        with suppress(OSError, IndexError):
            # A program's name stands in parentheses, and may have any in it.
            fields = (PROCESSES / str(number) / "stat").read_text(errors="replace").rpartition(")")[2].split()
            return f"{BOOT.read_text().strip()} {int(fields[TICKS_FIELD - 2])}"
    return ""
