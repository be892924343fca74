"""Says a few times a second that a process lives, and how long its loop has been at one frame."""

from __future__ import annotations

import faulthandler
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

from posekit.engine.wire import Message

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from posekit.clock import Clock
    from posekit.engine.outbox import Outbox

BEAT_SECONDS = 0.4
SELF_DESTRUCT_SECONDS = 10.0
"""How long native code may hold the interpreter before the process ends itself."""


class Heartbeat:
    """A thread that sends beats until it is closed, with whatever `say` returns in them.

    It runs beside the loop, so the two ways of being stuck can be told apart: native code that holds the
    interpreter silences it, and a loop that waits for a driver or a model lets it say so.
    """

    def __init__(self, outbox: Outbox, clock: Clock, say: Callable[[], Mapping[str, Any]]) -> None:
        self._outbox, self._clock, self._say = outbox, clock, say
        self._moved = clock.now()
        self._closed = Event()
        self._thread = Thread(target=self._beat, name="heartbeat", daemon=True)
        self._thread.start()

    def step(self) -> None:
        """Note that the loop has come one frame further."""
        self._moved = self._clock.now()

    def close(self) -> None:
        """Stop, with a last beat: what was counted since the one before must not be lost."""
        self._closed.set()
        self._thread.join(BEAT_SECONDS)
        self._send()
        faulthandler.cancel_dump_traceback_later()

    def _beat(self) -> None:
        while not self._closed.wait(BEAT_SECONDS):
            # Should native code hold the interpreter and the owner be dead, nobody could end us any more but
            # this: a thread of C, which needs no interpreter, unless it is wound up again.
            faulthandler.dump_traceback_later(SELF_DESTRUCT_SECONDS, exit=True, file=2)
            self._send()

    def _send(self) -> None:
        stalled = self._clock.now() - self._moved
        self._outbox.beat(Message("beat", {"stalled": stalled, **self._say()}))
