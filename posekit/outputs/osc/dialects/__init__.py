"""The OSC vocabularies by name; each is a file with its tables and one function that makes an encoder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from posekit.errors import UnknownNameError
from posekit.outputs.osc.dialects import posekit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from posekit.health import Health
    from posekit.outputs.osc.target import Target
    from posekit.scene import Event, Scene


class Encoder(Protocol):
    """Turns one target's scenes and events into packets. `seconds` count from the sender's start."""

    @property
    def counters(self) -> Mapping[str, int]:
        """How often each event happened, by `p1/enter`, `lead/enter`; to hand to the next encoder."""
        ...

    def update(
        self, seconds: float, scene: Scene | None, events: Sequence[Event], health: Health | None
    ) -> list[bytes]:
        """Return the packets to send now, perhaps none; `scene` None when nothing new was seen."""
        ...

    def neutral(self, seconds: float) -> list[bytes]:
        """Return the packets that leave every receiver with an empty room and no engine."""
        ...


@dataclass(frozen=True)
class Dialect:
    """One OSC vocabulary."""

    encoder: Callable[[Target, Mapping[str, int]], Encoder]
    """Makes the encoder for a target, given the counters to go on from."""
    least_bytes: Callable[[Target], int]
    """The bytes of a target's largest bundle with a single message after the header."""


DIALECTS: dict[str, Dialect] = {
    "posekit": Dialect(posekit.encoder, posekit.least_bytes),
}


def find_dialect(name: str) -> Dialect:
    """Return a dialect by name; raises `UnknownNameError` with the nearest name."""
    try:
        return DIALECTS[name]
    except KeyError:
        raise UnknownNameError("OSC dialect", name, DIALECTS) from None
