"""How a window's loop gets on: counted in the loop, told by a thread beside it."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from posekit.clock import Clock


class Progress:
    """Counts frames and measures the time between them."""

    def __init__(self, clock: Clock) -> None:
        self._clock, self._lock = clock, Lock()
        self._frames = 0
        self._counted = (0, clock.now())
        self._last: float | None = None
        self._longest = 0.0

    def step(self) -> int:
        """Note a frame that is on the screen; return how many they are by now."""
        now = self._clock.now()
        with self._lock:
            if self._last is not None:
                self._longest = max(self._longest, now - self._last)
            self._last = now
            self._frames += 1
            return self._frames

    def take(self) -> dict[str, float]:
        """Return frames in all, and since this was last asked frames a second and the longest one's time."""
        now = self._clock.now()
        with self._lock:
            (before, then), self._counted = self._counted, (self._frames, now)
            lasting = 0.0 if self._last is None else now - self._last
            longest, self._longest = max(self._longest, lasting), 0.0
            fps = (self._frames - before) / (now - then) if now > then else 0.0
            return {"frames": self._frames, "fps": fps, "longest_ms": longest * 1000}
