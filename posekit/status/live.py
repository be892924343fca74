"""What goes over the WebSocket: the newest scene, events and the state, each written once for all."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import numpy as np

from posekit.outputs.web.hub import Hub
from posekit.outputs.web.mailbox import Mailbox
from posekit.status.answers import write_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.websockets import WebSocket

    from posekit.scene import Scene
    from posekit.show.state import ShowState

RATE = 30.0
"""Messages with a scene per second, at most: what a phone draws."""
STATE_EVERY = 0.5
"""Seconds between two looks at the state."""
GRAIN = 10_000
"""Of a place: whole ten-thousandths of the picture's width and height."""
MISSING = -99_999
"""Both numbers of a keypoint that is not seen."""


class LiveBox(Mailbox):
    """What waits for one page: the newest scene, the newest state, and events up to a limit."""

    def __init__(self, write: Callable[[Scene], str]) -> None:
        super().__init__("whole")
        self._write = write
        self._state: str | None = None

    def tell_state(self, text: str) -> None:
        """Put in the newest state, in place of one that still waits."""
        self._state = text
        self._something.set()

    def take(self) -> list[str]:
        """Return the messages that wait."""
        messages = [] if self._state is None else [self._state]
        self._state = None
        if self._latest is not None and self._is_new:
            messages.append(self._write(self._latest.scene))
            self._is_new = False
        if self._latest is not None:
            messages += [f'{{"kind":"event","event":{event}}}' for event in self._take_events()]
        return messages


class Live:
    """Everybody who watches, with the hub that is published to; all but `hub.publish` runs in the loop."""

    def __init__(self, state: Callable[[], ShowState], describe: Callable[[], dict[str, Any]]) -> None:
        self.hub = Hub()
        self._state, self._describe = state, describe
        self._boxes: set[LiveBox] = set()
        self._written: tuple[Scene, str] | None = None
        self._telling: asyncio.Task[None] | None = None

    def __len__(self) -> int:
        return len(self._boxes)

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        """Take the loop that clients are served in."""
        self.hub.attach(loop)

    def close(self) -> None:
        """Let everybody go."""
        if self._telling is not None:
            self._telling.cancel()
            self._telling = None
        for box in self._boxes:
            box.tell_state(self._write_state())
        self.hub.close()

    def enter(self) -> LiveBox:
        """Begin to watch."""
        box = LiveBox(self._write)
        self._boxes.add(box)
        self.hub.add(box)
        box.tell_state(self._write_state())
        if self._telling is None:
            self._telling = asyncio.get_running_loop().create_task(self._tell())
        return box

    def leave(self, box: LiveBox) -> None:
        """Watch no more; twice is harmless."""
        self._boxes.discard(box)
        self.hub.boxes.discard(box)
        if not self._boxes and self._telling is not None:
            self._telling.cancel()
            self._telling = None

    async def _tell(self) -> None:
        """Look at the state as long as anybody watches, and tell everybody what is new."""
        told = self._state()
        while True:
            await asyncio.sleep(STATE_EVERY)
            state = self._state()
            if state is told:
                continue
            told = state
            text = self._write_state()
            for box in self._boxes:
                box.tell_state(text)

    def _write_state(self) -> str:
        return f'{{"kind":"state","state":{write_json(self._describe())}}}'

    def _write(self, scene: Scene) -> str:
        """Return a scene as a message; the same scene is written once."""
        if self._written is None or self._written[0] is not scene:
            self._written = (scene, write_scene(scene))
        return self._written[1]


def write_scene(scene: Scene) -> str:
    """Return people and zones as JSON: keypoints in the skeleton's order, x, y, x, y, ... in `GRAIN`."""
    people = []
    for person in scene.people:
        xy = np.asarray(person.pose.xy, np.float64)
        seen = np.isfinite(xy).all(axis=1, keepdims=True)
        places = np.where(seen, np.rint(np.where(seen, xy, 0.0) * GRAIN), MISSING).astype(int)
        people.append({"id": person.id, "slot": person.slot, "points": places.ravel().tolist()})
    return write_json(
        {
            "kind": "scene",
            "time": round(scene.captured, 3),
            "size": list(scene.size),
            "people": people,
            "lead": scene.lead_id,
            "zones": {zone.name: zone.count for zone in scene.zones},
        }
    )


async def send_all(socket: WebSocket, box: LiveBox) -> None:
    """Send a page what comes, at most `RATE` times a second, until nothing more will."""
    while not box.is_closed:
        await box.wait()
        for message in box.take():
            await socket.send_text(message)
        await asyncio.sleep(1 / RATE)
