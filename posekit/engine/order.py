"""What a runner tells its engine to do, as one line of JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Order:
    """What a runner tells its engine to do."""

    settings: dict[str, Any]
    """`Settings`, as plain values."""
    pictures: str
    """The handle of the shared pictures."""
    owner: int
    """The runner's process id."""
    nice: int = 0
    """How much the engine gives way to others, as nice(1) counts: a window beside it has to be in time."""
    epoch: int = 1
    """Which engine of this run it is, from 1."""
    first_id: int = 1
    """The first person's id: above all that earlier engines gave."""
    patient: bool = False
    """Whether it waits for a camera that is not there, though it be the first engine."""
    paused: bool = False
    """Whether it begins with a pause: nobody is looked for until it is told otherwise."""
    counters: dict[str, int] = field(default_factory=dict)
    """How often each event has been sent over OSC before, so that the numbers never go back."""

    def encode(self) -> bytes:
        """Return the line to write to the engine's stdin."""
        return json.dumps(asdict(self)).encode() + b"\n"
