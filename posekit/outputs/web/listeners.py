"""A WebSocket's client who is told much and asked nothing: how he is heard, and how he is sent away."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from starlette.websockets import WebSocketDisconnect

if TYPE_CHECKING:
    from starlette.websockets import WebSocket

MESSAGE_LIMIT = 20
"""Messages that a client may send in a second; nobody reads them."""
GOING_AWAY, TOO_MUCH = 1001, 1008
"""WebSocket close codes (RFC 6455, 7.4.1)."""


async def hear_out(socket: WebSocket) -> None:
    """Take what a client says, which nobody reads, until he goes; whoever says much is hung up on."""
    loop = asyncio.get_running_loop()
    since, count = loop.time(), 0
    while (await socket.receive())["type"] != "websocket.disconnect":
        now = loop.time()
        since, count = (now, 1) if now - since > 1 else (since, count + 1)
        if count > MESSAGE_LIMIT:
            await hang_up(socket, "nobody reads what is said here", TOO_MUCH)
            return


async def hang_up(socket: WebSocket, reason: str, code: int = GOING_AWAY) -> None:
    """End a WebSocket, which either side may have done already."""
    with suppress(RuntimeError, OSError, WebSocketDisconnect):
        await socket.close(code, reason)
