"""One process and no other: its number, which the system gives away again, and when it was started."""

from __future__ import annotations

import os
from dataclasses import dataclass

import psutil

START_SLACK = 2.0
"""Seconds by which two readings of a process's start may differ; Linux computes it from a boot time that
is corrected with the clock."""


@dataclass(frozen=True)
class ProcessMark:
    """A process as it is told in files that outlive it."""

    process_id: int
    started: float
    """Wall time, as the system tells it."""

    @property
    def is_running(self) -> bool:
        """Whether this very process is still there."""
        try:
            process = psutil.Process(self.process_id)
            if process.status() == psutil.STATUS_ZOMBIE:
                return False
            return abs(process.create_time() - self.started) <= START_SLACK
        except (psutil.Error, ValueError, OverflowError):
            return False


_OWN: dict[int, ProcessMark] = {}
"""By its number, since a fork has another: the system is asked once, not every second."""


def own_mark() -> ProcessMark:
    """Return the mark of this process."""
    number = os.getpid()
    if number not in _OWN:
        _OWN[number] = ProcessMark(number, psutil.Process(number).create_time())
    return _OWN[number]
