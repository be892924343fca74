"""The owner's side of a gallery's curtain: hung, told what to show, taken down."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from posekit.gallery.child import Child
from posekit.gallery.owned_process import OwnedProcess

if TYPE_CHECKING:
    from collections.abc import Callable

    from posekit.clock import Clock
    from posekit.engine.wire import Message
    from posekit.gallery.orders import CurtainOrder


class CurtainProcess(OwnedProcess):
    """A curtain's process. Make one in a thread that lives as long as the curtain is to hang."""

    def __init__(
        self, order: CurtainOrder, clock: Clock, report: Callable[[str], None] | None = None
    ) -> None:
        self._report = report or (lambda _: None)
        self._failure = ""
        order = replace(order, owner=os.getpid())
        self._child = Child("posekit.gallery.curtain", order.encode(), clock, self._hear, self._overhear)

    def card(self, title: str, line: str) -> None:
        """Show a title, and a line below it."""
        self.tell("card", title=title, line=line)

    def black(self) -> None:
        """Show nothing."""
        self.tell("black")

    def failure(self) -> str:
        """Return why it ended, in a sentence."""
        return self._failure or f"the curtain {self._child.how_it_ended()}"

    def _hear(self, message: Message) -> None:
        if message.kind == "ready":
            self.is_ready = True
        elif message.kind == "failure":
            self._failure = message.data["text"]

    def _overhear(self, line: str) -> None:
        self._report(f"the curtain says: {line}")
