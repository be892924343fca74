"""Sends messages from a thread of its own, so that a slow reader never holds the engine up.

Of scenes and signs of life only the newest waits to be sent; of events every one, in order, up to a bound.
"""

from __future__ import annotations

from collections import deque
from threading import Condition, Thread
from typing import TYPE_CHECKING, BinaryIO

from posekit.engine.wire import Message, events_message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from posekit.scene import Event

EVENT_LIMIT = 10_000
"""Events that may wait; beyond this the oldest are given up, and one message says so."""


class Outbox:
    """The sender's side of a pipe: an engine's to its owner, a show's to its window."""

    def __init__(self, stream: BinaryIO, event_limit: int = EVENT_LIMIT) -> None:
        self._stream = stream
        self._changed = Condition()
        self._events: deque[Event] = deque(maxlen=event_limit)
        self._others: deque[Message] = deque()
        self._scene: Message | None = None
        self._beat: Message | None = None
        self._lost = 0
        self._closing = self._broken = False
        # A daemon: a reader that never reads must not keep the engine from ending.
        self._thread = Thread(target=self._send, name="outbox", daemon=True)
        self._thread.start()

    @property
    def is_broken(self) -> bool:
        """Whether nobody reads any more."""
        return self._broken

    def put(self, message: Message, most: int | None = None) -> bool:
        """Queue a message that must arrive; false when it is given up, as `most` wait already."""
        with self._changed:
            if most is not None and len(self._others) >= most:
                return False
            self._others.append(message)
            self._changed.notify()
        return True

    def publish(self, scene: Message | None, events: Sequence[Event]) -> None:
        """Queue events, and a scene, if there is a new one, in place of one that has not been sent yet."""
        with self._changed:
            self._scene = scene or self._scene
            for event in events:
                self._lost += len(self._events) == self._events.maxlen
                self._events.append(event)
            self._changed.notify()

    def beat(self, message: Message) -> None:
        """Queue a sign of life, in place of one that has not been sent yet."""
        with self._changed:
            self._beat = message
            self._changed.notify()

    def close(self, seconds: float = 0.5) -> bool:
        """Send what waits, but not for longer than `seconds`; whether the stream is let go of."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _send(self) -> None:
        try:
            while batch := self._take():
                self._stream.write(b"".join(message.encode() for message in batch))
                self._stream.flush()
        except (OSError, ValueError):  # a pipe that nobody reads, or a stream that was closed
            self._broken = True

    def _take(self) -> list[Message]:
        """Wait for something to send; an empty list means that all is sent and we are closing."""
        with self._changed:
            self._changed.wait_for(self._has_something)
            batch = list(self._others)
            self._others.clear()
            if self._lost:
                batch.append(Message("report", {"text": f"overflow: {self._lost} events were lost"}))
                self._lost = 0
            if self._events:
                batch.append(events_message(list(self._events)))
                self._events.clear()
            batch += [message for message in (self._beat, self._scene) if message is not None]
            self._beat = self._scene = None
            return batch

    def _has_something(self) -> bool:
        return bool(self._others or self._events or self._beat or self._scene or self._closing)
