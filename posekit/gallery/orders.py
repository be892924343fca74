"""What a gallery tells its window and its curtain when it starts them: one line of JSON on their stdin."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class WindowOrder:
    """What a window is to show, and how."""

    sketch: str
    """A file, or the name of a built-in sketch."""
    settings: dict[str, Any]
    """Prepared `Settings`, as plain values; whether the screen is filled is said there."""
    keys: bool = False
    """Whether tools open by their keys, and Esc ends it."""
    reload: bool = False
    """Whether the sketch's new code is taken as soon as its file is saved."""
    is_live: bool = False
    """Whether the source is a camera: `mirror = "auto"` mirrors those."""
    rate: float = 30.0
    """The source's frames per second."""
    estimator: str = ""
    """What looks at the frames, in a line."""
    paused: bool = False
    """Whether nobody is looked for just now."""
    parameters: dict[str, Any] = field(default_factory=dict)
    """Values that the sketch's parameters begin with, in place of their defaults."""
    here: tuple[dict[str, Any], ...] = ()
    """Events that tell who is here already, as plain values: `Present.events`."""
    after: tuple[int, int] = (0, 0)
    """Epoch and sequence of the newest event that counts as told: `Present.last`."""
    black: float = 0.0
    """How black it begins: from 0 to 1."""
    test_card: bool = False
    pictures: str = ""
    """The handle of the shared pictures; `WindowProcess` sets it."""
    owner: int = 0
    """The process id of whoever starts it; `WindowProcess` sets it."""

    def encode(self) -> bytes:
        """Return the line to write to its stdin."""
        return _line(self)

    @classmethod
    def decode(cls, line: bytes) -> WindowOrder:
        """Read the line."""
        return cls(**json.loads(line))


@dataclass(frozen=True)
class CurtainOrder:
    """Which displays a curtain hangs on, and what it shows at first."""

    displays: tuple[int, ...] = (0,)
    title: str = ""
    line: str = ""
    """Below the title, a sentence; both are empty for a curtain that is black."""
    fullscreen: bool = True
    """Whether it fills the displays; else it is a small window, for whoever tries a show at a desk."""
    owner: int = 0
    """The process id of whoever starts it; `CurtainProcess` sets it."""

    def encode(self) -> bytes:
        """Return the line to write to its stdin."""
        return _line(self)

    @classmethod
    def decode(cls, line: bytes) -> CurtainOrder:
        """Read the line."""
        return cls(**json.loads(line))


def _line(order: WindowOrder | CurtainOrder) -> bytes:
    return json.dumps(asdict(order)).encode() + b"\n"
