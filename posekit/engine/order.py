"""What a runner tells its engine to do, as one line of JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
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
    epoch: int = 1
    first_id: int = 1

    def encode(self) -> bytes:
        """Return the line to write to the engine's stdin."""
        return json.dumps(asdict(self)).encode() + b"\n"
