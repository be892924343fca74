"""What the bench hears by itself: every leave that is sent over OSC, and what the sketch says it shows."""

from __future__ import annotations

import selectors
import socket
import struct
from dataclasses import dataclass
from threading import Event, Thread

from pythonosc.osc_packet import OscPacket, ParseError

from posekit.clock import SystemClock

REPORT = struct.Struct("<iii")
"""What the sketch says of a frame: its process, how many people are in it, and the highest id."""
BUFFER_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True)
class Heard:
    """A leave, as it came."""

    time: float
    person_id: int
    seconds: float
    """Of the visit."""


class Ears:
    """Listens in a thread on two UDP sockets of this machine."""

    def __init__(self) -> None:
        self._clock = SystemClock()
        self._osc, self._sketch = _bound(), _bound()
        self.osc = _address(self._osc)
        self.sketch = _address(self._sketch)
        self.leaves: list[Heard] = []
        self.enters = 0
        self.frames = 0
        self.process_id = 0
        """Whose report came last."""
        self.reported = self.people_at = 0.0
        """When the newest report came, and the newest one with people."""
        self.highest = 0
        """The highest id that was ever shown, in the newest report with people."""
        self._over = Event()
        self._thread = Thread(target=self._listen, name="ears", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening."""
        self._over.set()
        self._thread.join()
        self._osc.close()
        self._sketch.close()

    def _listen(self) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._osc, selectors.EVENT_READ, self._hear_osc)
            selector.register(self._sketch, selectors.EVENT_READ, self._hear_sketch)
            while not self._over.is_set():
                for key, _ in selector.select(0.1):
                    key.data(key.fileobj.recv(65536))  # type: ignore[union-attr]

    def _hear_osc(self, packet: bytes) -> None:
        if b"/event/leave" not in packet and b"/event/enter" not in packet:
            return
        try:
            messages = OscPacket(packet).messages
        except ParseError:
            return
        for timed in messages:
            message = timed.message
            if message.address == "/event/leave":
                self.leaves.append(Heard(self._clock.now(), message.params[1], message.params[2]))
            elif message.address == "/event/enter":
                self.enters += 1

    def _hear_sketch(self, packet: bytes) -> None:
        self.process_id, people, highest = REPORT.unpack(packet)
        self.frames += 1
        self.reported = self._clock.now()
        if people:
            self.people_at, self.highest = self.reported, highest


def _bound() -> socket.socket:
    one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
    one.bind(("127.0.0.1", 0))
    return one


def _address(one: socket.socket) -> str:
    return f"127.0.0.1:{one.getsockname()[1]}"
