"""Knows whether somebody else used the machine while something was measured (Linux; elsewhere: nobody)."""

from __future__ import annotations

import os
import resource
import sys
import time
from pathlib import Path


class Disturbance:
    """How much of the machine others use, from one look to the next; our own waited-for children are ours."""

    def __init__(self) -> None:
        self._at, self._busy, self._ours = time.perf_counter(), _busy_seconds(), _our_seconds()

    def share(self) -> float:
        """Return the share of all cores, from 0 to 1, that others took since the start; resets."""
        before = self._at, self._busy, self._ours
        self.__init__()
        elapsed = (self._at - before[0]) * (os.cpu_count() or 1)
        return max(0.0, (self._busy - before[1] - (self._ours - before[2])) / elapsed) if elapsed else 0.0


def wait_until_quiet(most_seconds: float = 5.0, share: float = 0.1) -> None:
    """Wait until others leave the machine alone, but not for ever."""
    end = time.monotonic() + most_seconds
    others = Disturbance()
    while time.monotonic() < end:
        time.sleep(0.5)
        if others.share() < share:
            return


def undisturbed(run, allowed: float = 0.05, tries: int = 3):
    """Return what `run()` returns and the share others took: the first try below `allowed`, else the best.

    With no tries at all it is run once, without waiting for quiet.
    """
    best = None
    for _ in range(max(1, tries)):
        if tries:
            wait_until_quiet()
        others = Disturbance()
        result = run()
        share = others.share()
        if best is None or share < best[1]:
            best = result, share
        if share <= allowed:
            break
    return best


def _busy_seconds() -> float:
    """Return the seconds that all cores together were not idle since the machine started, stolen ones too."""
    if not sys.platform.startswith("linux"):
        return 0.0
    fields = [int(word) for word in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    user, nice, system, _idle, _waiting, interrupt, soft, steal = fields
    return (user + nice + system + interrupt + soft + steal) / os.sysconf("SC_CLK_TCK")


def _our_seconds() -> float:
    if not sys.platform.startswith("linux"):
        return 0.0
    uses = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(use.ru_utime + use.ru_stime for use in uses)
