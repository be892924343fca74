"""What the server answers: WebSockets with poses and events, motion JPEG, health, and a page to look at."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from starlette.responses import HTMLResponse, JSONResponse
from starlette.websockets import WebSocket

from posekit.outputs.web.address import SHARES
from posekit.outputs.web.listeners import hang_up, hear_out
from posekit.outputs.web.mailbox import Form, Mailbox
from posekit.outputs.web.stream import show_pictures
from posekit.outputs.web.visit import Visit, first_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.types import Receive, Scope, Send

    from posekit.outputs.web.door import Door
    from posekit.outputs.web.hub import Hub

CLIENT_LIMIT = 64
"""Who listens or looks at a time."""
FULL = f"{CLIENT_LIMIT} clients are served at a time; try later"
REFUSALS_TOLD = 20
"""Kinds of refusals that are told at all; whoever tries more is no mistake."""
FORMS: dict[str, Form] = {"/": "whole", "/tfjs": "poses", "/events": "events"}
"""What is heard at which path."""
PAGE_MAY = (
    "default-src 'none'; img-src 'self'; connect-src 'self' ws: wss:; style-src 'unsafe-inline'; "
    "script-src 'unsafe-inline'; frame-ancestors 'none'"
)
"""What the page to look at may do: nothing but ask us."""


class Site:
    """An ASGI application."""

    def __init__(
        self,
        hub: Hub,
        door: Door,
        *,
        mirror: bool = False,
        sharing: Sequence[str] = (),
        report: Callable[[str], None] | None = None,
    ) -> None:
        """`sharing` says in sentences what of the camera can be seen; refusals are told to `report`, once."""
        self._hub, self._door, self._mirror = hub, door, mirror
        self._sharing = list(sharing) or ["nothing of the camera is shared"]
        self._report = report or (lambda _: None)
        self._told: set[str] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection."""
        visit = Visit.of(scope, receive, send)
        refusal = self._door.refusal(visit.said)
        if refusal is not None:
            self._tell(refusal)
            await visit.say(403, refusal)
        elif scope["type"] == "websocket":
            await self._talk(visit)
        elif scope["method"] not in ("GET", "HEAD"):
            await visit.say(405, "nothing can be asked for but by GET")
        else:
            await self._get(visit)

    async def _get(self, visit: Visit) -> None:
        """Answer an HTTP request."""
        name = visit.path.removeprefix("/").removesuffix(".mjpg")
        if visit.path == "/":
            page = files("posekit.outputs.web").joinpath("page.html").read_text("utf-8")
            headers = {**visit.headers, "content-security-policy": PAGE_MAY}
            await visit.answer(HTMLResponse(page, headers=headers))
        elif visit.path == "/health":
            health = {**self._hub.describe(), "sharing": self._sharing}
            await visit.answer(JSONResponse(health, headers=visit.headers))
        elif visit.path != f"/{name}.mjpg" or name not in SHARES:
            await visit.say(404, self._paths())
        elif name not in self._hub.projectors:
            await visit.say(404, f"the {name} is not shared; start with --share {name}")
        elif self._is_full:
            await visit.say(503, FULL)
        else:
            self._hub.catch_up()
            await show_pictures(visit, self._hub.projectors[name])

    async def _talk(self, visit: Visit) -> None:
        """Send a client what it came for, until either side ends it."""
        form = FORMS.get(visit.path)
        if form is None:
            await visit.say(404, self._paths())
            return
        if self._is_full:
            await visit.say(503, FULL)
            return
        socket = WebSocket(visit.scope, visit.receive, visit.send)
        box = Mailbox(form, mirror=self._wants_mirror(visit.scope))
        self._hub.add(box)
        try:
            await socket.accept()
            await first_of(_send(socket, box), hear_out(socket))
        finally:
            self._hub.boxes.discard(box)

    @property
    def _is_full(self) -> bool:
        viewers = sum(len(projector.viewers) for projector in self._hub.projectors.values())
        return len(self._hub.boxes) + viewers >= CLIENT_LIMIT

    def _wants_mirror(self, scope: Scope) -> bool:
        asked = parse_qs(scope["query_string"].decode("latin-1")).get("mirror", [""])[-1]
        return {"on": True, "off": False}.get(asked, self._mirror)

    def _paths(self) -> str:
        shared = "".join(f", /{name}.mjpg" for name in self._hub.projectors)
        return f"there are WebSockets at {', '.join(FORMS)}, and pages at /, /health{shared}"

    def _tell(self, refusal: str) -> None:
        if refusal not in self._told and len(self._told) < REFUSALS_TOLD:
            self._told.add(refusal)
            self._report(f"web: {refusal}")


async def _send(socket: WebSocket, box: Mailbox) -> None:
    while not box.is_closed:
        await box.wait()
        for message in box.take():
            await socket.send_text(message)
    await hang_up(socket, "posekit has ended")
