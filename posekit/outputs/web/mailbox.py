"""What waits for one client: the newest scene, and every event up to a limit; a slow one holds no memory."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Literal

from posekit.outputs.web.messages import write_overflow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from posekit.outputs.web.messages import Moment

Form = Literal["whole", "poses", "events"]
"""What a client hears: everything in one message, bare poses, or nothing but events."""
EVENT_LIMIT = 1000
"""Events that wait for one client; older ones are dropped, and it is told how many."""


class Mailbox:
    """Belongs to the server's loop; nothing in it waits but `wait`."""

    def __init__(self, form: Form, *, mirror: bool = False) -> None:
        self.form: Form = form
        self.mirror = mirror
        self.is_closed = False
        """Whether nothing more will come; what waits is still to be sent."""
        self._latest: Moment | None = None
        self._is_new = False
        self._events: deque[str] = deque(maxlen=EVENT_LIMIT)
        self._lost = 0
        self._something = asyncio.Event()

    def put(self, moment: Moment | None, events: Sequence[str] = ()) -> int:
        """Put in a scene, in place of one that still waits, and events; returns how many were lost."""
        if moment is not None:
            self._latest, self._is_new = moment, True
        lost = 0
        if self.form != "poses":
            lost = max(0, len(self._events) + len(events) - EVENT_LIMIT)
            self._events.extend(events)
            self._lost += lost
        self._something.set()
        return lost

    def close(self) -> None:
        """Let whoever waits go."""
        self.is_closed = True
        self._something.set()

    async def wait(self) -> None:
        """Wait until something is there, or nothing more will come."""
        await self._something.wait()
        self._something.clear()

    def take(self) -> list[str]:
        """Return the messages that wait."""
        if self.form == "events":
            return self._take_events()
        if self._latest is None:
            return []  # events wait for the first scene
        if self.form == "poses":
            messages = [self._latest.poses(mirror=self.mirror)] if self._is_new else []
        elif self._is_new or self._events:
            messages = [self._latest.whole(self._take_events(), mirror=self.mirror)]
        else:
            messages = []
        self._is_new = False
        return messages

    def _take_events(self) -> list[str]:
        events = list(self._events)
        self._events.clear()
        if self._lost:
            time = self._latest.scene.captured if self._latest else 0.0
            events.insert(0, write_overflow(self._lost, time))
            self._lost = 0
        return events
