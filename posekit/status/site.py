"""The status page's application: who is let in, and which handler answers."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.websockets import WebSocket

from posekit.errors import PosekitError
from posekit.outputs.web.listeners import hang_up, hear_out
from posekit.outputs.web.visit import Visit, first_of
from posekit.status.access import bearer_of
from posekit.status.answers import ProblemError, page_headers, too_often
from posekit.status.asking import Ask, read_body, read_query
from posekit.status.checks import fault_of
from posekit.status.limits import Buckets, client_of
from posekit.status.live import send_all
from posekit.status.pages import read_pages
from posekit.status.routes import LIVE, find_route, methods_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import Receive, Scope, Send

    from posekit.clock import Clock
    from posekit.outputs.web.door import Door
    from posekit.status.access import Access
    from posekit.status.api import Api
    from posekit.status.live import Live
    from posekit.status.routes import Route

WATCHERS = 32
"""Pages that watch live at a time; and of one client, half of them."""
WRITES_PER_SECOND, WRITES_AT_ONCE = 15.0, 30
READS_PER_SECOND, READS_AT_ONCE = 20.0, 80
WRONG_TOKEN_SECONDS = 0.5
"""How long the answer to a wrong token takes."""
LOOK_AGAIN_SECONDS = 2.0
"""How often it is looked whether who watches may still."""
REFUSALS_TOLD = 20
"""Kinds of refusals that are told at all."""


class Site:
    """An ASGI application."""

    def __init__(
        self,
        api: Api,
        live: Live,
        door: Door,
        access: Access,
        clock: Clock,
        report: Callable[[str], None],
    ) -> None:
        self._api, self._live, self._door, self._access = api, live, door, access
        self._report = report
        self._pages = read_pages()
        self._writes = Buckets(WRITES_PER_SECOND, WRITES_AT_ONCE, clock)
        self._reads = Buckets(READS_PER_SECOND, READS_AT_ONCE, clock)
        self._watching: dict[str, int] = {}
        self._told: set[str] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection."""
        visit = Visit.of(scope, receive, send)
        client = client_of(scope.get("client"))
        try:
            self._let_in(visit)
            if scope["type"] == "websocket":
                await self._watch(visit, client)
                return
            response = await self._answer(visit, client)
        except ProblemError as problem:
            response = problem.answer()
        except PosekitError as error:
            response = ProblemError(422, str(error)).answer()
        if scope["type"] == "websocket":
            await _refuse(visit, response)
        else:
            await visit.answer(response)

    def _let_in(self, visit: Visit) -> None:
        """Raise `ProblemError` for who asks for another host, or from another page than ours."""
        if self._is_link(visit):
            return
        refusal = self._door.refusal(visit.said)
        if refusal is not None:
            if refusal not in self._told and len(self._told) < REFUSALS_TOLD:
                self._told.add(refusal)
                self._report(f"status: {refusal}")
            raise ProblemError(403, refusal)

    def _is_link(self, visit: Visit) -> bool:
        """Whether somebody follows a link on another page to ours, which shows him nothing but the page."""
        said = {name: visit.said.get(name, "") for name in ("sec-fetch-mode", "sec-fetch-dest", "origin")}
        is_link = said == {"sec-fetch-mode": "navigate", "sec-fetch-dest": "document", "origin": ""}
        own_host = {"host": visit.said.get("host", "")}
        is_page = visit.scope["type"] == "http" and visit.scope["path"] == "/"
        return is_link and is_page and self._door.refusal(own_host) is None

    async def _answer(self, visit: Visit, client: str) -> Response:
        """Answer a request over HTTP; raises `ProblemError`."""
        path, method = str(visit.scope["path"]), str(visit.scope["method"])
        if path in self._pages:
            return self._page(visit, path, method)
        known = methods_of(path)
        if not known:
            raise ProblemError(404, "there is no such thing here; /openapi.json has all there is")
        found = find_route("GET" if method == "HEAD" else method, path)
        if found is None:
            raise _wrong_method(known)
        route, names = found
        if not route.is_public:
            await self._check_token(visit, client)
        ask = await self._read(visit, route, names, client)
        response: Response = await getattr(self._api, route.handler)(ask)
        return response

    def _page(self, visit: Visit, path: str, method: str) -> Response:
        if method not in ("GET", "HEAD"):
            raise _wrong_method(["GET"])
        page = self._pages[path]
        headers = {**page_headers(visit.said.get("host", "")), "etag": page.tag}
        if visit.said.get("if-none-match") == page.tag:
            return Response(status_code=304, headers=headers)
        return Response(page.data, headers={**headers, "content-type": page.media_type})

    async def _check_token(self, visit: Visit, client: str) -> None:
        """Raise `ProblemError` for who has neither a session nor the token."""
        if self._access.has_session(visit.said):
            return
        token = bearer_of(visit.said)
        demand = {"www-authenticate": 'Bearer realm="posekit"'}
        if token is None:
            raise ProblemError(401, "the token is needed: Authorization: Bearer TOKEN", demand)
        self._access.check_patience(client)
        if not self._access.try_token(token, client):
            await asyncio.sleep(WRONG_TOKEN_SECONDS)
            raise ProblemError(401, "this is not the token", demand)

    async def _read(self, visit: Visit, route: Route, names: dict[str, str], client: str) -> Ask:
        """Return what is asked for; raises `ProblemError` for what cannot be."""
        buckets = self._reads if route.body is None else self._writes
        wait = buckets.take(client)
        if wait:
            raise too_often(wait, "too many requests; wait a moment")
        if route.handler == "login" and self._access.needs_token:
            self._access.check_patience(client)
        query = read_query(visit, route)
        if route.body is None:
            return Ask(client, visit.said, names, query)
        body = await read_body(visit)
        fault = fault_of(body, route.body)
        if fault:
            raise ProblemError(422, fault)
        return Ask(client, visit.said, names, query, body)

    async def _watch(self, visit: Visit, client: str) -> None:
        """Send a page what happens, until either side ends it; raises `ProblemError` before that."""
        if visit.scope["path"] != LIVE:
            raise ProblemError(404, f"there is a WebSocket at {LIVE}, and no other")
        await self._check_token(visit, client)
        mine = self._watching.get(client, 0)
        if len(self._live) >= WATCHERS or mine >= WATCHERS // 2:
            raise ProblemError(503, "too many watch already; close other pages of this show")
        socket = WebSocket(visit.scope, visit.receive, visit.send)
        self._watching[client] = mine + 1
        box = self._live.enter()
        try:
            await socket.accept()
            await first_of(send_all(socket, box), hear_out(socket), self._while_let_in(visit))
            if not self._access.lets_in(visit.said):
                await hang_up(socket, "the session has ended")
            elif box.is_closed:
                await hang_up(socket, "the show has ended")
        finally:
            self._live.leave(box)
            self._watching[client] -= 1
            if not self._watching[client]:
                del self._watching[client]

    async def _while_let_in(self, visit: Visit) -> None:
        """Wait until the session that somebody watches with has ended."""
        while self._access.lets_in(visit.said):
            await asyncio.sleep(LOOK_AGAIN_SECONDS)


def _wrong_method(known: list[str]) -> ProblemError:
    allowed = sorted({*known, *(("HEAD",) if "GET" in known else ())})
    return ProblemError(405, f"this is asked for by {' or '.join(known)}", {"allow": ", ".join(allowed)})


async def _refuse(visit: Visit, response: Response) -> None:
    """Answer in place of a WebSocket."""
    # uvicorn adds the headers; some of its versions write those that it is given a second time.
    await visit.send({"type": "websocket.http.response.start", "status": response.status_code, "headers": []})
    await visit.send({"type": "websocket.http.response.body", "body": bytes(response.body)})
