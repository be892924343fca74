"""Whose turn it is to be repeated: everything once a second, a share of it with each scene."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

REFRESH_SECONDS = 0.75
"""From one turn to the next. A turn is taken with the first scene after it, so where scenes are no more than
`SLOW_SECONDS` apart nothing is older than a second."""
SLOW_SECONDS = 0.25
"""Scenes further apart than this repeat everything: spreading would save nothing, and nobody waits longer."""

ECHOES = 8
"""How often something that is over is said again, with the scenes that follow."""


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


class Echoes:
    """Says again what was said once, since nobody tells whether a packet arrived.

    With 30 % of packets lost, what was said once and echoed eight times is lost with a probability of
    0.3 ** 9, one in 50,000; at ten scenes a second or more all of that happens within a second.
    """

    def __init__(self) -> None:
        self._left: dict[int, int] = {}

    def take(self, new: Iterable[int], but: Collection[int] = ()) -> list[int]:
        """Return which numbers are to be said now: those that are new, and echoes; `but` are over."""
        self._left.update(dict.fromkeys(new, ECHOES + 1))
        told = [number for number in self._left if number not in but]
        self._left = {number: self._left[number] - 1 for number in told if self._left[number] > 1}
        return told

    def reset(self) -> None:
        """Forget what was to be said again."""
        self._left.clear()
