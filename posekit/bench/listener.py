"""Notes when OSC packets arrive: a socket of our own on this machine."""

from __future__ import annotations

import socket
from threading import Event, Thread
from typing import TYPE_CHECKING

from posekit.clock import SystemClock

if TYPE_CHECKING:
    from types import TracebackType

BUFFER_BYTES = 4 * 1024 * 1024
"""Asked of the system, so that no packet is lost while Python looks elsewhere."""


class Listener:
    """Receives packets in a thread and stamps them; they are read when all is over."""

    def __init__(self) -> None:
        self._clock = SystemClock()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
            self._socket.bind(("127.0.0.1", 0))
            self._socket.settimeout(0.2)
        except OSError:
            self._socket.close()
            raise
        self.target = f"127.0.0.1:{self._socket.getsockname()[1]}"
        """Where to send, as `--osc` takes it."""
        self._packets: list[tuple[float, bytes]] = []
        self._closed = Event()
        self._thread = Thread(target=self._listen, name="bench-osc", daemon=True)
        self._thread.start()

    def __enter__(self) -> Listener:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop listening; twice is harmless."""
        self._closed.set()
        self._thread.join()
        self._socket.close()

    def arrivals(self) -> dict[int, float]:
        """Return, for every frame number heard, when its last packet came, in seconds."""
        heard: dict[int, float] = {}
        for time, packet in tuple(self._packets):
            number = frame_number(packet)
            if number is not None:
                heard[number] = time
        return heard

    def _listen(self) -> None:
        while not self._closed.is_set():
            try:
                packet = self._socket.recv(65536)
            except TimeoutError:
                continue
            self._packets.append((self._clock.now(), packet))


def frame_number(packet: bytes) -> int | None:
    """Return the number in a packet's `/frame`, None for a packet without one."""
    from pythonosc.osc_bundle import OscBundle, ParseError
    from pythonosc.osc_message import OscMessage

    try:
        for message in OscBundle(packet):
            if isinstance(message, OscMessage) and message.address == "/frame":
                return int(message.params[0])
    except ParseError:
        pass
    return None
