"""A window's feed in a gallery: scenes, events and pictures from whoever owns engine and window."""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future
from dataclasses import replace
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from posekit.clock import Clock, SystemClock
from posekit.engine.outbox import EVENT_LIMIT
from posekit.engine.wire import Message, read_events, read_scene
from posekit.gallery.present import read_here
from posekit.health import CameraState, Health
from posekit.runner.feed import Update

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from posekit.engine.pictures import SharedPictures
    from posekit.gallery.orders import WindowOrder
    from posekit.scene import Event, Scene
    from posekit.settings import Settings
    from posekit.zones import Zone


OLD_SECONDS = 5.0
"""A camera's last picture is taken down after so long without another: whoever went by when its cable was
pulled is not to hang on the wall until somebody comes."""


class LinkFeed:
    """Hands on what `take` is given from the pipe's thread, and copies pictures out of the shared memory.

    The newest scene wins, every event arrives once. What a runner asks of its engine goes to `wish`.
    """

    def __init__(
        self,
        order: WindowOrder,
        pictures: SharedPictures,
        wish: Callable[[dict[str, object]], object],
        clock: Clock | None = None,
    ) -> None:
        self.is_live, self.rate = order.is_live, order.rate
        self.estimator = order.estimator
        self._pictures, self._wish, self._clock = pictures, wish, clock or SystemClock()
        self._pictured = self._clock.now()
        self._lock = Lock()
        self._newest: Message | None = None
        self._events: deque[Event] = deque(maxlen=EVENT_LIMIT)
        self._here = read_here(order.here)
        self._finished = False
        self._scene: Scene | None = None
        self._health = Health(paused=order.paused)
        self._picture: NDArray[np.uint8] | None = None
        self._mask: NDArray[np.uint8] | None = None
        self._place: tuple[int, int] | None = None

    def take(self, message: Message) -> None:
        """Take a `scene`, `blank` or `events` message; may be called from any thread."""
        with self._lock:
            if message.kind == "events":
                self._events.extend(read_events(message))
            else:
                self._newest = message

    def finish(self) -> None:
        """Let the next look be the last; may be called from any thread."""
        self._finished = True

    def poll(self) -> Update:
        """Return the newest scene and every event since."""
        with self._lock:
            message, self._newest = self._newest, None
            events = tuple(self._events)
            self._events.clear()
        if message is not None:
            self._look(message)
        if self.is_live and self._clock.now() - self._pictured > OLD_SECONDS:
            self._picture = self._mask = None
        if self._here and (self._scene is not None or not self._health.engine or self._finished):
            # They came in before, and are to be seen when they are told of.
            events, self._here = self._here + events, ()
        return Update(self._scene, events, self._picture, self._health, self._finished, self._mask)

    def watch_zones(self, zones: Sequence[Zone]) -> None:
        """Ask for other zones."""
        self._wish({"kind": "zones", "zones": [zone.as_table() for zone in zones]})

    def pause(self, paused: bool) -> None:
        """Ask that nobody is looked for, or that somebody is again."""
        self._wish({"kind": "pause", "paused": paused})

    def reset(self) -> None:
        """Ask that everybody is forgotten."""
        self._wish({"kind": "reset"})

    def switch(self, settings: Settings, prepare: Callable[[], Settings] | None = None) -> Future[str]:  # noqa: ARG002
        """Ask for another estimator; who owns the engine prepares it, and says what becomes of it."""
        self._wish({"kind": "estimator", "estimator": settings.estimator})
        over: Future[str] = Future()
        over.set_result(self.estimator)
        return over

    def close(self) -> None:
        """Let go of the pictures."""
        self._picture = self._mask = None

    def _look(self, message: Message) -> None:
        """Take in a message as an `EngineFeed` takes in what its engine says."""
        if message.kind == "blank":
            health = Health(**message.data["health"])
            self._health = replace(
                health, camera=CameraState(health.camera), target_rates=tuple(health.target_rates)
            )
            self._scene = self._mask = self._place = None
            return
        self._scene, self._health, place = read_scene(message)
        masked = bool(message.data["masked"])
        if place is None:
            self._empty_mask()
        elif place != self._place:
            picture = self._pictures.read(place)
            mask = self._pictures.read_mask(place) if masked else None
            self._picture = picture if picture is not None else self._picture
            self._pictured = self._clock.now()
            if mask is not None or not masked:
                self._mask = mask
        self._place = place

    def _empty_mask(self) -> None:
        """Show no outline of anybody whom nobody sees."""
        if self._mask is not None and self._mask.any():
            self._mask = np.zeros_like(self._mask)
