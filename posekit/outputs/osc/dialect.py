"""What an OSC vocabulary is: how its encoder is made, and which keys of a target mean something to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol

from posekit.errors import UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from posekit.health import Health
    from posekit.outputs.osc.sheet import Entry, Occasions
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


class Sample(NamedTuple):
    """What somebody who wires the receiver will look for first."""

    address: str
    numbers: str
    """What comes with that address, in words."""
    units: str
    """A sentence about its coordinates."""
    note: str = ""
    """What else is to be known of this target before it sends; mostly nothing."""


@dataclass(frozen=True)
class Dialect:
    """One OSC vocabulary."""

    encoder: Callable[[Target, Mapping[str, int]], Encoder]
    """Makes the encoder for a target, given the counters to go on from."""
    sample: Callable[[Target], Sample]
    """Says what a target's receiver will hear."""
    keys: tuple[str, ...]
    """The keys of a target that it knows, of those that several dialects have."""
    sheet: Callable[[Target, Occasions], Iterable[Entry]]
    """Describes every message that a target's receiver can get, for `posekit osc-sheet`."""
    options: Mapping[str, Callable[[str, str], str]] = field(default_factory=dict)
    """Keys that it alone has: given key and text, each returns the value or raises `SettingsError`."""
    defaults: Mapping[str, str] = field(default_factory=dict)
    """Values of keys that differ from those of other dialects."""
    least_bytes: Callable[[Target], int] = lambda _: 0
    """The bytes of a target's largest bundle with a single message after the header."""
    port: int = 7000
    """Where programs that speak it listen unless told otherwise."""


def one_of(*values: str) -> Callable[[str, str], str]:
    """Return an option's reader that takes one of these words."""

    def read(key: str, value: str) -> str:
        if value not in values:
            raise UnknownNameError(f"{key} of a target", value, values)
        return value

    return read
