"""The owner's side of a gallery's curtain: hung, told what to show, taken down."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from posekit.engine.wire import Message
from posekit.gallery.child import MOST_WAITING, Child

if TYPE_CHECKING:
    from collections.abc import Callable

    from posekit.clock import Clock
    from posekit.gallery.orders import CurtainOrder


class CurtainProcess:
    """A curtain's process. Make one in a thread that lives as long as the curtain is to hang."""

    has_quit = False
    """A curtain ends by itself only when something is wrong."""

    def __init__(
        self, order: CurtainOrder, clock: Clock, report: Callable[[str], None] | None = None
    ) -> None:
        self._report = report or (lambda _: None)
        self._failure = ""
        self.is_ready = False
        """Whether it hangs."""
        order = replace(order, owner=os.getpid())
        self._child = Child("posekit.gallery.curtain", order.encode(), clock, self._hear, self._overhear)

    @property
    def process_id(self) -> int:
        """The curtain's process id."""
        return self._child.process_id

    @property
    def is_alive(self) -> bool:
        """Whether it still hangs."""
        return self._child.is_alive

    @property
    def started(self) -> float:
        """When it was started, in seconds."""
        return self._child.started

    @property
    def memory(self) -> int:
        """Its resident bytes; 0 once it has ended."""
        return self._child.memory

    def tell(self, kind: str, **data: Any) -> None:
        """Have it show something else: `card(title, line)` or `black()`."""
        self._child.outbox.put(Message("tell", {"what": kind, **data}), MOST_WAITING)

    def card(self, title: str, line: str) -> None:
        """Show a title, and a line below it."""
        self.tell("card", title=title, line=line)

    def black(self) -> None:
        """Show nothing."""
        self.tell("black")

    def failure(self) -> str:
        """Return why it ended, in a sentence."""
        return self._failure or f"the curtain {self._child.how_it_ended()}"

    def end(self, seconds: float) -> None:
        """Ask it to end; kill it when that takes longer."""
        self._child.outbox.put(Message("end", {}))
        if not self._child.wait(seconds):
            self._child.kill()

    def kill(self) -> None:
        """End it at once."""
        self._child.kill()

    def close(self) -> None:
        """End it and release everything; twice is harmless."""
        self._child.close()

    def _hear(self, message: Message) -> None:
        if message.kind == "ready":
            self.is_ready = True
        elif message.kind == "failure":
            self._failure = message.data["text"]

    def _overhear(self, line: str) -> None:
        self._report(f"the curtain says: {line}")
