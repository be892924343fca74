"""What a heartbeat says: one OSC message, or one word in an address of the web."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, NamedTuple

from posekit.outputs.osc.encode import real, whole
from posekit.outputs.osc.messages import build_message
from posekit.show.lines import BEAT_WORDS

if TYPE_CHECKING:
    from posekit.show.state import ShowState

ADDRESS = "/posekit/heartbeat"
Word = Literal["ok", "fail", "ended", "lost"]
"""All is well; something is wrong; the show ended in good order; it was killed."""
_PLACE = re.compile(rf"\{{({'|'.join(BEAT_WORDS)})\}}")


class Beat(NamedTuple):
    """How the show is at one instant, in five numbers and words."""

    word: Word
    uptime: float = 0.0
    """Seconds."""
    people: int = 0
    fps: float = 0.0
    phase: str = ""
    """As in `ShowState`, or `ended`, or `lost`."""

    @classmethod
    def of(cls, state: ShowState) -> Beat:
        """Return the beat of a running show."""
        word: Word = "ok" if state.is_healthy else "fail"
        return cls(word, state.uptime, state.people, state.fps, state.phase)

    @property
    def packet(self) -> bytes:
        """The message: healthy (1 or 0), uptime in seconds, people, fps, phase."""
        values = (("i", whole(self.word == "ok")), ("i", whole(self.uptime)), ("i", whole(self.people)))
        return build_message(ADDRESS, (*values, ("f", real(self.fps)), ("s", self.phase)))

    def url(self, template: str) -> str | None:
        """Return the address to ask for; None where nothing but silence can say that something is wrong.

        `{state}` is the word, `{code}` 0 or 1 as a program would end, `{up}` up or down. An address without
        any of them says by being asked for that all is well.
        """
        is_ok = self.word == "ok"
        told = {"state": self.word, "code": "0" if is_ok else "1", "up": "up" if is_ok else "down"}
        if not is_ok and not _PLACE.search(template):
            return None
        return _PLACE.sub(lambda found: told[found[1]], template)
