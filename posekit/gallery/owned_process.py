"""What the owner's sides of a window and of a curtain have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from posekit.engine.wire import Message
from posekit.gallery.child import MOST_WAITING

if TYPE_CHECKING:
    from posekit.gallery.child import Child


class OwnedProcess:
    """A process that shows something. Nothing here waits for it, but `end` and `close`."""

    _child: Child
    is_ready = False
    """Whether what it shows is on the screen."""
    has_quit = False
    """Whether its user or its sketch ended it, so that it is not to be started again."""

    @property
    def process_id(self) -> int:
        """Its process id."""
        return self._child.process_id

    @property
    def is_alive(self) -> bool:
        """Whether it still runs."""
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
        """Have something done; what a process that hangs cannot take is lost."""
        self._child.outbox.put(Message("tell", {"what": kind, **data}), MOST_WAITING)

    def end(self, seconds: float) -> None:
        """Ask it to end in good order, a sketch's `close` and all; kill it when that takes longer."""
        self._child.outbox.put(Message("end", {}))
        if not self._child.wait(seconds):
            self._child.kill()

    def kill(self) -> None:
        """End it at once, without grace."""
        self._child.kill()

    def close(self) -> None:
        """End it, within two seconds, and release everything; twice is harmless."""
        self._child.close()
