"""A fade to black and back, frame by frame."""

from __future__ import annotations


class Fading:
    """How black the picture is: from 0, as the sketch draws it, to 1."""

    def __init__(self, black: float = 0.0) -> None:
        self._start = self._end = _within(black)
        self._began, self._seconds = 0.0, 0.0

    def fade(self, to: float, seconds: float, now: float) -> None:
        """Go to another blackness within so many seconds, from what it is at `now`."""
        self._start, self._end = self.at(now), _within(to)
        self._began, self._seconds = now, max(0.0, seconds)

    def at(self, now: float) -> float:
        """Return how black it is at `now` seconds; it begins and ends gently."""
        spent = now - self._began
        if self._seconds <= 0 or spent >= self._seconds:
            return self._end
        part = max(0.0, spent) / self._seconds
        return self._start + (self._end - self._start) * part * part * (3 - 2 * part)


def _within(black: float) -> float:
    return min(1.0, max(0.0, float(black)))
