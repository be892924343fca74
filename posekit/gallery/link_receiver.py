"""OSC for the sketch that has come over the pipe: who owns the port answers pings and keeps its own."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from posekit.inputs.osc.receiver import MOST_DATAGRAMS, MOST_SECONDS, Counters

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from posekit.clock import Clock
    from posekit.inputs.osc import Letter

MOST_LETTERS = 2000
"""Letters that wait for a window that is slow; beyond that the oldest are given up."""


class LinkReceiver:
    """Hands on letters as an `OscReceiver` does, without a port of its own."""

    def __init__(self, place: str, clock: Clock) -> None:
        self.place = place
        self.counters = Counters()
        self._clock = clock
        self._letters: deque[Letter] = deque(maxlen=MOST_LETTERS)

    def take(self, letters: Iterable[Letter]) -> None:
        """Take letters; may be called from any thread."""
        for letter in letters:
            self.counters.received += 1
            self.counters.messages += 1
            self.counters.dropped += len(self._letters) == MOST_LETTERS
            self._letters.append(letter)

    def letters(self) -> Iterator[Letter]:
        """Yield what has arrived, in order, no more than one look allows, and no longer."""
        end = self._clock.now() + MOST_SECONDS
        for _ in range(min(MOST_DATAGRAMS, len(self._letters))):
            yield self._letters.popleft()
            if self._clock.now() > end:
                return

    def answer(self, letter: Letter, address: str) -> None:
        """Leave answers to whoever owns the port."""

    def close(self) -> None:
        """Forget what waits; twice is harmless."""
        self._letters.clear()
