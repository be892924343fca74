"""Whose turn it is to be repeated: everything once a second, a share of it with each scene."""

from __future__ import annotations

REFRESH_SECONDS = 0.75
"""From one turn to the next. A turn is taken with the first scene after it, so where scenes are no more than
`SLOW_SECONDS` apart nothing is older than a second."""
SLOW_SECONDS = 0.25
"""Scenes further apart than this repeat everything: spreading would save nothing, and nobody waits longer."""


class Turns:
    """Deals turns to things that are numbered from 0, evenly over time, so that no scene carries them all."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._taken: int | None = None
        self._at = 0.0

    def take(self, seconds: float) -> list[int]:
        """Return whose turn has come since the last call; everyone's at the first, and after a pause."""
        turn = int(seconds * self._count / REFRESH_SECONDS)
        since, gap = self._taken, seconds - self._at
        self._taken, self._at = turn, seconds
        if since is None or not 0.0 <= gap <= SLOW_SECONDS:
            return list(range(self._count))
        return [number % self._count for number in range(since + 1, turn + 1)]

    def reset(self) -> None:
        """Begin afresh: the next turn is everyone's."""
        self._taken = None
