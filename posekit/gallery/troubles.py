"""What is wrong with a show just now: each trouble begins once and ends once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from posekit.secret_values import hide_revealed
from posekit.show.state import TROUBLES, Trouble

if TYPE_CHECKING:
    from collections.abc import Callable

    from posekit.clock import Wall
    from posekit.show.state import Severity


class Troubles:
    """The list of what is wrong; `begun` and `ended` are told of every change, once each."""

    def __init__(
        self,
        wall: Wall,
        begun: Callable[[Trouble], None] | None = None,
        ended: Callable[[Trouble], None] | None = None,
    ) -> None:
        self._wall = wall
        self._begun, self._ended = begun or (lambda _: None), ended or (lambda _: None)
        self._now: dict[str, Trouble] = {}

    def note(self, name: str, sentence: str | None, severity: Severity = "fault") -> None:
        """Say what is wrong, or by None or nothing that it is no more; saying it again changes the words."""
        if name not in TROUBLES:
            raise KeyError(name)
        if not sentence:
            over = self._now.pop(name, None)
            if over is not None:
                self._ended(over)
            return
        sentence = hide_revealed(sentence)  # it goes to pages, hooks and whoever they tell of it
        known = self._now.get(name)
        if known is not None:
            self._now[name] = replace(known, sentence=sentence)
            return
        trouble = Trouble(name, sentence, self._wall.time(), severity)
        self._now[name] = trouble
        self._begun(trouble)

    def __contains__(self, name: str) -> bool:
        return name in self._now

    @property
    def now(self) -> tuple[Trouble, ...]:
        """Everything that is wrong, oldest first."""
        return tuple(self._now.values())

    def sentence(self, name: str) -> str:
        """Return what is said of a trouble; empty when there is none."""
        trouble = self._now.get(name)
        return trouble.sentence if trouble is not None else ""
