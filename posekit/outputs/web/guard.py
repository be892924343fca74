"""Connections as strangers make them, never finished, never read, too many: each costs little, and ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

REQUEST_SECONDS = 5.0
"""How long a connection may take until it has said what it wants."""
STUCK_SECONDS = 10.0
"""How long somebody may take nothing of what is sent to him."""
CONNECTION_LIMIT = 128
"""Connections at a time, of whatever kind; beyond, those go first that have not said what they want."""
LARGEST_REQUEST = 16 * 1024
"""Bytes that an HTTP request may have, all in all, where nothing is asked for but by GET."""
LEAST_TO_SEND = 64 * 1024
"""Bytes that a connection may say in any case; nobody has anything to tell us."""
BYTES_PER_SECOND = 16 * 1024
"""And what it may say in every second after that."""


class Guard:
    """Counts connections, and ends those that are too many or take too long; lives in the server's loop."""

    def __init__(
        self,
        limit: int = CONNECTION_LIMIT,
        largest_request: int = LARGEST_REQUEST,
        breathe: Callable[[], None] | None = None,
    ) -> None:
        """`breathe` is called before anything that a connection says is looked at, and may take its time."""
        self._limit = limit
        self.largest_request = largest_request
        self.breathe = breathe or (lambda: None)
        self._transports: dict[asyncio.Transport, None] = {}
        self._undecided: dict[asyncio.Transport, asyncio.TimerHandle] = {}
        self._stuck: dict[asyncio.Transport, asyncio.TimerHandle] = {}

    def welcome(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        """Take a new connection, whose request is due within `REQUEST_SECONDS`."""
        self.breathe()
        if len(self._transports) >= self._limit:
            # In good order or not at all: whoever has asked for something goes on getting it.
            oldest = next(iter(self._undecided), transport)
            self.forget(oldest)
            oldest.abort()
            if oldest is transport:
                return
        self._transports[transport] = None
        self._undecided[transport] = loop.call_later(REQUEST_SECONDS, transport.abort)

    def is_sending(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        """Note that a connection has said what it wants, and has yet to send what belongs to it.

        Until it has, it goes before others do, for it costs nothing to keep that back. How long it may take
        is for whoever answers to say, and in a sentence: this is the end that comes if he does not.
        """
        timer = self._undecided.get(transport)
        if timer is not None:
            timer.cancel()
            self._undecided[transport] = loop.call_later(2 * REQUEST_SECONDS, transport.abort)

    def has_asked(self, transport: asyncio.Transport) -> None:
        """Note that a connection has said all of what it wants."""
        timer = self._undecided.pop(transport, None)
        if timer is not None:
            timer.cancel()

    def is_full(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        """Note that a connection does not take what is sent; meanwhile nothing is heard from it either."""
        transport.pause_reading()
        if transport not in self._stuck:
            self._stuck[transport] = loop.call_later(STUCK_SECONDS, transport.abort)

    def has_room(self, transport: asyncio.Transport) -> None:
        """Note that a connection takes what is sent again."""
        timer = self._stuck.pop(transport, None)
        if timer is not None:
            timer.cancel()

    def forget(self, transport: asyncio.Transport) -> None:
        """Note that a connection has ended."""
        self._transports.pop(transport, None)
        self.has_asked(transport)
        self.has_room(transport)

    def end_all(self) -> None:
        """End every connection at once."""
        for transport in list(self._transports):
            self.forget(transport)
            transport.abort()


class _Http(H11Protocol):
    """uvicorn's HTTP, for one request of a few bytes."""

    guard: ClassVar[Guard]
    _said = 0
    _is_sending = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as there
        super().connection_made(transport)
        self.guard.welcome(transport, self.loop)

    def connection_lost(self, exc: Exception | None) -> None:
        self.guard.forget(self.transport)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._said += len(data)
        self.guard.breathe()
        if self._said > self.guard.largest_request:
            self.transport.abort()
        if self.transport.is_closing():
            return
        super().data_received(data)
        if self.cycle is None:
            return
        if not self.cycle.more_body:
            self.guard.has_asked(self.transport)
        elif not self._is_sending:
            self._is_sending = True
            self.guard.is_sending(self.transport, self.loop)

    def pause_writing(self) -> None:
        super().pause_writing()
        self.guard.is_full(self.transport, self.loop)

    def resume_writing(self) -> None:
        super().resume_writing()
        self.guard.has_room(self.transport)
        if not self.flow.read_paused:
            self.transport.resume_reading()


class _Socket(WebSocketsSansIOProtocol):
    """uvicorn's WebSocket, for clients that have little to say."""

    guard: ClassVar[Guard]
    _allowance = float(LEAST_TO_SEND)
    _heard = 0.0

    def connection_lost(self, exc: Exception | None) -> None:
        self.guard.forget(self.transport)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        self.guard.breathe()
        now = self.loop.time()
        earned = (now - self._heard) * BYTES_PER_SECOND
        self._allowance = min(LEAST_TO_SEND, self._allowance + earned) - len(data)
        self._heard = now
        if self._allowance < 0:
            self.transport.abort()
            return
        super().data_received(data)
        if self.handshake_initiated:
            self.guard.has_asked(self.transport)

    def pause_writing(self) -> None:
        super().pause_writing()
        self.guard.is_full(self.transport, self.loop)

    def resume_writing(self) -> None:
        super().resume_writing()
        self.guard.has_room(self.transport)
        if not self.read_paused:
            self.transport.resume_reading()


def guarded(guard: Guard) -> tuple[type[H11Protocol], type[WebSocketsSansIOProtocol]]:
    """Return uvicorn's two protocols, guarded; it makes one of them for each connection by itself."""
    own = {"guard": guard}
    return type("Http", (_Http,), own), type("Socket", (_Socket,), own)
