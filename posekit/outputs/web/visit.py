"""One connection, with what its request said, and how it is answered."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.responses import PlainTextResponse, Response
from starlette.websockets import WebSocketDisconnect

from posekit.outputs.web.door import page_origin

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping

    from starlette.types import Receive, Scope, Send

PLAIN = {"connection": "close", "cache-control": "no-store", "x-content-type-options": "nosniff"}
"""Headers of every answer: one request a connection, and nothing of a room is kept anywhere."""


@dataclass(frozen=True)
class Visit:
    """What a client asked for, over HTTP or WebSocket."""

    scope: Scope
    receive: Receive
    send: Send
    said: Mapping[str, str]
    """Its headers, names in lower case."""

    @classmethod
    def of(cls, scope: Scope, receive: Receive, send: Send) -> Visit:
        """Read the headers of a request; what is said twice is joined, as HTTP has it, and so no origin."""
        said: dict[str, str] = {}
        for raw, value in scope["headers"]:
            name, text = raw.decode("latin-1"), value.decode("latin-1")
            said[name] = f"{said[name]}, {text}" if name in said else text
        return cls(scope, receive, send, said)

    @property
    def path(self) -> str:
        """What it asked for, without a last slash."""
        return str(self.scope["path"]).rstrip("/") or "/"

    @property
    def headers(self) -> dict[str, str]:
        """Headers for the answer; a page that was let in may read it."""
        origin = page_origin(self.said)
        return {**PLAIN, "access-control-allow-origin": origin, "vary": "origin"} if origin else PLAIN

    async def answer(self, response: Response) -> None:
        """Answer a request over HTTP."""
        await response(self.scope, self.receive, self.send)

    async def say(self, code: int, text: str) -> None:
        """Answer with a sentence, which other pages cannot read; also in place of a WebSocket."""
        if self.scope["type"] == "http":
            await self.answer(PlainTextResponse(f"posekit: {text}\n", code, headers=PLAIN))
            return
        # uvicorn adds the headers; some of its versions write those that it is given a second time.
        body = f"posekit: {text}\n".encode()
        await self.send({"type": "websocket.http.response.start", "status": code, "headers": []})
        await self.send({"type": "websocket.http.response.body", "body": body})


async def first_of(*ways: Coroutine[Any, Any, None]) -> None:
    """Do several things until the first is done; the end of a connection is no error."""
    tasks = [asyncio.ensure_future(way) for way in ways]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        ends = await asyncio.gather(*tasks, return_exceptions=True)
    for end in ends:
        if isinstance(end, Exception) and not isinstance(end, (WebSocketDisconnect, OSError)):
            raise end
