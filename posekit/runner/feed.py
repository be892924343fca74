"""Where a runner gets its scenes, events and pictures: from an engine process, or from the stages inline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Future

    import numpy as np
    from numpy.typing import NDArray

    from posekit.health import Health
    from posekit.scene import Event, Scene
    from posekit.settings import Settings
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
    mask: NDArray[np.uint8] | None = None
    """(H, W) uint8, 255 where a body is, in the picture's proportions but smaller, of the newest picture; all
    0 when nobody is seen, None where there are no silhouettes. Nobody writes to it any more."""
    place: tuple[int, int] | None = None
    """Where the newest picture is in the memory that engine and runner share: the buffer, and its stamp."""
    masked: bool = False
    """Whether silhouettes are known of that picture."""


class Feed(Protocol):
    """Something that a runner can look at, again and again."""

    is_live: bool
    """Whether it shows a camera: `mirror="auto"` mirrors those."""
    rate: float
    """The source's frames per second."""

    @property
    def estimator(self) -> str:
        """What looks at the frames just now, in a line."""
        ...

    def poll(self) -> Update:
        """Look. A live feed returns the newest at once, an inline one computes and returns the next frame."""
        ...

    def watch_zones(self, zones: Sequence[Zone]) -> None:
        """Watch other zones from the next frame on."""
        ...

    def pause(self, paused: bool) -> None:
        """Look for nobody from the next frame on, whoever is there leaves; or look again."""
        ...

    def reset(self) -> None:
        """Forget everybody before the next frame, so that they leave; ids go on."""
        ...

    def switch(self, settings: Settings, prepare: Callable[[], Settings] | None = None) -> Future[str]:
        """Go on with other settings, which are prepared; the result, once they run, is the estimator's line.

        Nobody leaves who is still seen where the estimator alone differs. The old settings go on where the
        future has an error, and a later call cancels an earlier one's future.
        """
        ...

    def close(self) -> None:
        """Release everything; twice is harmless."""
        ...


class FeedAround:
    """A feed around another one, for what looks on: it passes on what the other is told."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self.is_live, self.rate = feed.is_live, feed.rate

    @property
    def estimator(self) -> str:
        """What looks at the frames just now, in a line."""
        return self._feed.estimator

    def watch_zones(self, zones: Sequence[Zone]) -> None:
        """Watch other zones from the next frame on."""
        self._feed.watch_zones(zones)

    def pause(self, paused: bool) -> None:
        """Look for nobody from the next frame on, or look again."""
        self._feed.pause(paused)

    def reset(self) -> None:
        """Forget everybody before the next frame."""
        self._feed.reset()

    def switch(self, settings: Settings, prepare: Callable[[], Settings] | None = None) -> Future[str]:
        """Go on with other settings."""
        return self._feed.switch(settings, prepare)
