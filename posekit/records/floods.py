"""Which lines of a log are written, and which are only counted because the same is said over and over."""

from __future__ import annotations

from dataclasses import dataclass

SECONDS = 60.0
"""How long repetitions are summed."""
SAME_SENTENCE = 3
"""How often the same sentence is written in that time."""
SAME_NAME = 120
"""How many sentences of one name are, whatever they say: an error that has a number in it never repeats."""
MOST_KEYS = 500
"""How many sentences are watched at once; a month of new ones takes no more memory."""


@dataclass
class _Window:
    """What was said since an instant."""

    name: str
    severity: str
    sentence: str
    since: float
    said: int = 0
    held: int = 0

    def is_over(self, time: float) -> bool:
        """Whether its minute has passed; a beginning in the future is over too: the clock was put back."""
        return not 0 <= time - self.since < SECONDS

    def sums(self, time: float) -> list[Sum]:
        """Return what is told of what was held back: one sum, or nothing."""
        seconds = max(0.0, time - self.since)
        return [Sum(self.name, self.severity, self.sentence, self.held, seconds)] if self.held else []


@dataclass(frozen=True)
class Sum:
    """What is written in the place of many lines."""

    name: str
    severity: str
    sentence: str
    times: int
    seconds: float


class Floods:
    """Lets a sentence through a few times a minute, and sums what it held back."""

    def __init__(self) -> None:
        self._sentences: dict[str, _Window] = {}
        self._names: dict[str, _Window] = {}

    @property
    def is_holding(self) -> bool:
        """Whether something was held back that is still to be told."""
        return any(window.held for window in (*self._sentences.values(), *self._names.values()))

    def admit(self, name: str, severity: str, sentence: str, time: float) -> tuple[bool, list[Sum]]:
        """Return whether this line is written, else it is counted; and the sums that come before it."""
        same, named = "\n".join((name, severity, sentence)), f"further sentences about {name}"
        sums: list[Sum] = []
        for windows, key, most, words in (
            (self._sentences, same, SAME_SENTENCE, sentence),
            (self._names, name, SAME_NAME, named),
        ):
            if key in windows and windows[key].is_over(time):
                sums += windows.pop(key).sums(time)
            window = windows.setdefault(key, _Window(name, severity, words, time))
            if window.said >= most:
                window.held += 1
                return False, sums
            window.said += 1
            if len(windows) > MOST_KEYS:
                sums += windows.pop(next(iter(windows))).sums(time)
        return True, sums

    def take_over(self, time: float, *, everything: bool = False) -> list[Sum]:
        """Return the sums of all windows that are over, or of every one."""
        sums: list[Sum] = []
        for windows in (self._sentences, self._names):
            for key, window in tuple(windows.items()):
                if everything or window.is_over(time):
                    sums += windows.pop(key).sums(time)
        return sums
