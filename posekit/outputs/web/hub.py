"""Hands what the runner publishes to every client, in the server's loop; the runner only lays it down."""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from dataclasses import dataclass, replace
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from posekit.health import Health
from posekit.outputs.web.mailbox import EVENT_LIMIT
from posekit.outputs.web.messages import Moment, write_event

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from posekit.outputs.web.mailbox import Mailbox
    from posekit.outputs.web.projector import Projector
    from posekit.scene import Event, Scene


def _projector(name: str) -> Projector:
    """Make one; it loads OpenCV, which who shows no picture can do without."""
    from posekit.outputs.web.projector import Projector

    return Projector(name)


@dataclass
class _News:
    """What was laid down and not yet taken."""

    scene: Scene | None = None
    picture: NDArray[np.uint8] | None = None
    health: Health | None = None
    mask: NDArray[np.uint8] | None = None


class Hub:
    """Between the runner's thread, which only calls `publish`, and the server's loop, which does the rest."""

    def __init__(self, shares: Iterable[str] = ()) -> None:
        self.projectors = {name: _projector(name) for name in shares}
        """By what is shared: `picture`, `mask`."""
        self.boxes: set[Mailbox] = set()
        """Of everybody who listens."""
        self.health = Health()
        self.lost = 0
        """Events that clients were too slow for, since the start."""
        self.latest: Moment | None = None
        """The newest scene."""
        self.is_closed = False
        self._lock = Lock()
        self._news = _News()
        self._events: deque[Event] = deque(maxlen=EVENT_LIMIT)
        self._is_called = False
        self._mask: NDArray[np.uint8] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        """Take the loop that clients are served in."""
        self._loop = loop

    def publish(
        self,
        scene: Scene | None,
        events: Sequence[Event] = (),
        picture: NDArray[np.uint8] | None = None,
        health: Health | None = None,
        mask: NDArray[np.uint8] | None = None,
    ) -> None:
        """Lay down the newest scene, what happened, and picture and mask, which nobody writes to any more.

        From one thread; takes microseconds, whatever the clients do, and wakes the loop only when there are
        any.
        """
        before = self._news
        is_old = scene is before.scene and picture is before.picture and mask is before.mask
        if is_old and not events:
            return
        with self._lock:
            self._news = _News(scene, picture, health, mask)
            self._events.extend(events)
        if self.has_audience and self._loop is not None and not self._is_called:
            self._is_called = True
            with suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(self.catch_up)

    @property
    def has_audience(self) -> bool:
        """Whether anybody listens or looks."""
        return bool(self.boxes) or any(projector.viewers for projector in self.projectors.values())

    def add(self, box: Mailbox) -> None:
        """Begin to fill a client's box, with the newest scene first; what happened before is over."""
        self.catch_up()
        self.boxes.add(box)
        if self.latest is not None:
            box.put(self.latest)
        if self.is_closed:
            box.close()
        self.catch_up()  # with what was laid down while nobody seemed to be there

    def close(self) -> None:
        """Leave an empty room behind, and let everybody go."""
        self.catch_up()
        self.is_closed = True
        if self.latest is not None:
            gone = tuple(replace(zone, ids=()) for zone in self.latest.scene.zones)
            empty = replace(self.latest.scene, people=(), candidates=(), lead_id=None, zones=gone)
            self.latest = Moment(empty)
        for box in self.boxes:
            box.put(self.latest)
            box.close()
        for projector in self.projectors.values():
            projector.close()

    def catch_up(self) -> None:
        """Hand out what was laid down."""
        self._is_called = False  # first: what is laid down from now on is to be called for
        with self._lock:
            news, events = self._news, list(self._events)
            self._events.clear()
        if self.is_closed:
            return
        self.health = news.health or self.health
        moment = None
        if news.scene is not None and (self.latest is None or self.latest.scene is not news.scene):
            moment = self.latest = Moment(news.scene)
        self._deliver(moment, events)
        if news.picture is not None and "picture" in self.projectors:
            self.projectors["picture"].put(news.picture)
        if "mask" in self.projectors:
            self._show_mask(news.mask)

    def _show_mask(self, mask: NDArray[np.uint8] | None) -> None:
        """Show the newest mask; where none comes any more, an empty one in place of the last."""
        projector = self.projectors["mask"]
        if mask is None and self._mask is not None:
            mask = np.zeros_like(self._mask) if self._mask.any() else self._mask
        if mask is not None:
            self._mask = mask
            projector.put(mask)

    def _deliver(self, moment: Moment | None, events: list[Event]) -> None:
        if not self.boxes:
            return
        written = [text for event in events if (text := write_event(event)) is not None]
        if moment is None and not written:
            return
        for box in self.boxes:
            self.lost += box.put(moment, written)

    def describe(self) -> dict[str, Any]:
        """Return how things are, for people and programs that ask over HTTP."""
        self.catch_up()
        health = self.health
        return {
            "engine": health.engine,
            "camera": health.camera.name.lower(),
            "fps": round(health.fps, 1),
            "latency_ms": round(health.latency_ms, 1),
            "people": self.latest.scene.count if self.latest else 0,
            "clients": len(self.boxes),
            "lost_events": self.lost,
            "viewers": {name: len(projector.viewers) for name, projector in self.projectors.items()},
        }
