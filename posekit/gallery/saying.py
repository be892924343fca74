"""Says sentences to whoever sits there: no part of a show ends because nobody can hear them any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Saying:
    """Calls `say`, and lets go of what cannot be said: a log on a full disk, a terminal that was closed."""

    def __init__(self, say: Callable[[str], None] | None) -> None:
        self._say = say

    def __call__(self, sentence: str) -> None:
        """Say it, if that can be; from any thread."""
        if self._say is None:
            return
        try:
            self._say(sentence)
        except (OSError, ValueError, SystemExit):
            # rich ends the program (SystemExit) when the pipe it prints to was closed; here it would end a
            # thread, and with it what that thread looks after.
            return
