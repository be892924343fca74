"""A wall clock that several processes share, and that goes as fast as a simulation wants."""

from __future__ import annotations

import mmap
import struct
from typing import TYPE_CHECKING

from posekit.clock import SystemClock

if TYPE_CHECKING:
    from pathlib import Path

SLOT = struct.Struct("<ddd")
"""When it was set by the clock that does not jump, which wall time it was then, and how fast that goes."""
FIRST = 8
"""Bytes before the two slots: the first of them says which one counts."""


class SharedWall:
    """A `Wall` in a small file: the simulation sets it, and a show's supervisor reads it.

    Both read the same monotonic clock, so between two settings each computes the same time. The slot that
    does not count is written, then it counts: nobody reads half of a setting.
    """

    def __init__(self, path: Path, *, create: bool = False) -> None:
        self._clock = SystemClock()
        if create:
            path.write_bytes(bytes(FIRST + 2 * SLOT.size))
        with path.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), 0)

    def time(self) -> float:
        """Return seconds since 1970."""
        since, wall, rate = self._slot(self._memory[0])
        return wall + rate * (self._clock.now() - since)

    def set(self, wall: float | None = None, rate: float = 1.0) -> None:
        """Go on from a wall time (None: from now) at so many seconds a second."""
        start = self.time() if wall is None else wall
        other = 1 - self._memory[0]
        SLOT.pack_into(self._memory, FIRST + other * SLOT.size, self._clock.now(), start, rate)
        self._memory[0] = other

    def close(self) -> None:
        """Let go of the file."""
        self._memory.close()

    def _slot(self, which: int) -> tuple[float, float, float]:
        since, wall, rate = SLOT.unpack_from(self._memory, FIRST + which * SLOT.size)
        return since, wall, rate
