"""Where a runner gets its scenes, events and pictures: from an engine process, or from the stages inline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from posekit.health import Health
    from posekit.scene import Event, Scene
    from posekit.zones import Zone


@dataclass(frozen=True, eq=False)
class Update:
    """What a runner learns when it looks."""

    scene: Scene | None
    """The newest scene; None before the first."""
    events: tuple[Event, ...]
    """Everything that happened since the last look, in order, each once."""
    picture: NDArray[np.uint8] | None
    """(H, W, 3) uint8 RGB, the scene's picture, valid until the next look; None for recordings."""
    health: Health
    finished: bool = False
    """Whether the source has ended and nothing more will come."""


class Feed(Protocol):
    """Something that a runner can look at, again and again."""

    is_live: bool
    """Whether it shows a camera: `mirror="auto"` mirrors those."""
    rate: float
    """The source's frames per second."""

    def poll(self) -> Update:
        """Look. A live feed returns the newest at once, an inline one computes and returns the next frame."""
        ...

    def watch_zones(self, zones: Sequence[Zone]) -> None:
        """Watch other zones from the next frame on."""
        ...

    def close(self) -> None:
        """Release everything; twice is harmless."""
        ...
