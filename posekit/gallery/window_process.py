"""The owner's side of a gallery's window: starts the process, feeds it, listens to it, and ends it."""

from __future__ import annotations

import os
from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from posekit.gallery.child import MOST_WAITING, Child
from posekit.gallery.link import WindowBeat, letters_message, update_message
from posekit.gallery.owned_process import OwnedProcess

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from posekit.clock import Clock
    from posekit.engine.pictures import SharedPictures
    from posekit.engine.wire import Message
    from posekit.gallery.orders import WindowOrder
    from posekit.health import Health
    from posekit.inputs.osc import Letter
    from posekit.runner.feed import Update
    from posekit.scene import Event, Scene

MOST_WISHES = 100
"""Wishes that wait to be taken; whoever sends more wants the last ones."""


class WindowProcess(OwnedProcess):
    """A window's process and what it said last.

    Nothing here waits for the window, but `end` and `close`. Make one in a thread that lives as long as the
    window is to: on Linux it ends with that thread.
    """

    def __init__(
        self,
        order: WindowOrder,
        pictures: SharedPictures,
        clock: Clock,
        report: Callable[[str], None] | None = None,
    ) -> None:
        self._report = report or (lambda _: None)
        self._last = (order.after[0], order.after[1])
        self._given: tuple[Scene | None, Health | None] = (None, None)
        self._failure = ""
        self._wishes: deque[dict[str, Any]] = deque(maxlen=MOST_WISHES)
        self.beat: WindowBeat | None = None
        """What it said last of how it is doing."""
        order = replace(order, pictures=pictures.handle, owner=os.getpid())
        descriptor = pictures.descriptor
        self._child = Child(
            "posekit.gallery.window",
            order.encode(),
            clock,
            self._hear,
            lambda line: self._report(f"the sketch's window says: {line}"),
            () if descriptor is None else (descriptor,),
        )

    @property
    def heard(self) -> float:
        """When it was heard of last, in seconds; a beat comes every 0.4 s, whatever its loop does."""
        return self._child.heard

    def give(self, update: Update) -> None:
        """Hand on what is new: a scene replaces one that was not sent yet, every event is sent once."""
        events = self._untold(update.events)
        message = None
        if self._given[0] is not update.scene or self._given[1] != update.health:
            self._given = update.scene, update.health
            message = update_message(update)
        if message is not None or events:
            self._child.outbox.publish(message, events)

    def hear(self, letters: Sequence[Letter]) -> None:
        """Hand on OSC that is for the sketch; what a window that hangs cannot take is lost."""
        if letters:
            self._child.outbox.put(letters_message(letters), MOST_WAITING)

    def tell(self, kind: str, **data: Any) -> None:
        """Have something done before its next frame.

        `fade(to, seconds)`: to black (1) or back (0). `test_card(on)`. `preset(preset)`: by number or name.
        `parameter(name, value)`. `zones(zones)`: which are watched, as tables. `reload()`: take the sketch's
        code as it is now. `estimator(estimator)`: what looks at the frames, in a line.
        """
        super().tell(kind, **data)

    def wishes(self) -> list[dict[str, Any]]:
        """Return what the window has asked of the engine since.

        Each has a `kind`: `pause` (`paused`), `reset`, `zones` (`zones`: tables), `estimator` (`estimator`).
        """
        taken = []
        while self._wishes:
            taken.append(self._wishes.popleft())
        return taken

    def failure(self) -> str:
        """Return why the window ended, in a sentence."""
        return self._failure or f"the window {self._child.how_it_ended()}"

    def _untold(self, events: Sequence[Event]) -> list[Event]:
        """Return the events without those that were told before; one without a number never was."""
        untold = [
            event for event in events if not event.sequence or (event.epoch, event.sequence) > self._last
        ]
        self._last = max([self._last, *((event.epoch, event.sequence) for event in untold)])
        return untold

    def _hear(self, message: Message) -> None:
        if message.kind == "beat":
            self.beat = WindowBeat.read(message)
        elif message.kind == "report":
            self._report(message.data["text"])
        elif message.kind == "wish":
            self._wishes.append(message.data)
        elif message.kind == "ready":
            self.is_ready = True
        elif message.kind == "quit":
            self.has_quit = True
        elif message.kind == "failure":
            self._failure = message.data["text"]
