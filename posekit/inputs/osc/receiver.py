"""Takes what has arrived at a port, a bounded amount at a time, and never waits and never raises."""

from __future__ import annotations

import socket
import struct
import sys
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from posekit.inputs.osc.packet import Message, read_packet
from posekit.ports import open_port

if TYPE_CHECKING:
    from collections.abc import Iterator

    from posekit.clock import Clock
    from posekit.inputs.osc.place import Place

MOST_DATAGRAMS = 200
"""Datagrams taken at one look; a fader moved by hand sends one or two a frame."""
MOST_SECONDS = 0.002
"""Of one look; an eighth of a frame at 60 Hz. What is left over waits in the system's buffer."""
LARGEST_DATAGRAM = 65_535
BUFFER_BYTES = 1 << 18
"""What the system may keep for us: more would only make what is heard in a flood older."""
_SO_RXQ_OVFL = 40
"""Linux's socket option that tells how many datagrams its buffer had no room for (socket(7))."""


class Letter(NamedTuple):
    """A message, and where an answer goes."""

    message: Message
    sender: Any
    """The sender's socket address."""


@dataclass
class Counters:
    """What became of all that arrived since the start."""

    received: int = 0
    """Datagrams."""
    undecodable: int = 0
    """Datagrams that are not OSC."""
    messages: int = 0
    unknown: int = 0
    """Messages to addresses that mean nothing to anybody here."""
    refused: int = 0
    """Messages whose arguments do not suit their address."""
    dropped: int = 0
    """Datagrams that the system had no room for, where it says so (Linux)."""


class OscReceiver:
    """One UDP socket. Raises `OutputError` (`posekit.ports`) when the place cannot be had; later nothing."""

    def __init__(self, place: Place, clock: Clock) -> None:
        self.place = place
        self.counters = Counters()
        self._clock = clock
        self._unread: deque[Letter] = deque()
        self._socket = open_port(place.port, place.host)
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
        self._tells_drops = sys.platform == "linux"
        if self._tells_drops:
            self._socket.setsockopt(socket.SOL_SOCKET, _SO_RXQ_OVFL, 1)

    @property
    def address(self) -> tuple[str, int]:
        """The host and port that it has."""
        host, port = self._socket.getsockname()[:2]
        return host, port

    def letters(self) -> Iterator[Letter]:
        """Yield what has arrived, in order, no more than one look allows, and no longer."""
        end = self._clock.now() + MOST_SECONDS
        for _ in range(MOST_DATAGRAMS):
            while self._unread:
                yield self._unread.popleft()
                if self._clock.now() > end:
                    return  # also in the middle of a packet: what is done with a message takes time too
            taken = self._take()
            if taken is None:
                return
            packet, sender = taken
            if sender is None:
                continue
            self.counters.received += 1
            messages = read_packet(packet)
            if messages is None:
                self.counters.undecodable += 1
                messages = []
            self.counters.messages += len(messages)
            self._unread.extend(Letter(message, sender) for message in messages)
            if self._clock.now() > end:
                return

    def answer(self, letter: Letter, address: str) -> None:
        """Send a message's arguments back at another address; whether they arrive is not our concern."""
        self.reply(letter, letter.message.with_address(address))

    def reply(self, letter: Letter, packet: bytes) -> None:
        """Send a packet to whoever sent a message; whether it arrives is not our concern."""
        try:
            self._socket.sendto(packet, letter.sender)
        except OSError:
            return

    def close(self) -> None:
        """Let the port go; twice is harmless."""
        self._socket.close()

    def _take(self) -> tuple[bytes, Any] | None:
        """Return the next datagram and its sender, who is None where none came; None when that was all."""
        try:
            if not self._tells_drops:
                packet, sender = self._socket.recvfrom(LARGEST_DATAGRAM)
            else:
                packet, extras, _, sender = self._socket.recvmsg(LARGEST_DATAGRAM, 32)
                if extras:
                    self._note_drops(extras)
        except ConnectionError:
            # Windows says here that an answer of ours was refused; there may be datagrams behind it.
            return b"", None
        except OSError:
            return None
        return packet, sender

    def _note_drops(self, extras: list[tuple[int, int, bytes]]) -> None:
        for level, kind, data in extras:
            if (level, kind, len(data)) == (socket.SOL_SOCKET, _SO_RXQ_OVFL, 4):
                self.counters.dropped = struct.unpack("=I", data)[0]
