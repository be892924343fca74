"""One viewer's motion JPEG over HTTP."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from starlette.responses import Response

from posekit.outputs.web.projector import CONTENT_TYPE, SEPARATOR
from posekit.outputs.web.visit import first_of

if TYPE_CHECKING:
    from posekit.outputs.web.projector import Projector, Viewer
    from posekit.outputs.web.visit import Visit

FIRST_SECONDS = 2.0
"""How long the first picture may take until it is said that there is none."""


async def show_pictures(visit: Visit, projector: Projector) -> None:
    """Send a viewer pictures, each time the newest, until either side ends it."""
    if visit.scope["method"] == "HEAD":
        await visit.answer(Response(headers=visit.headers, media_type=CONTENT_TYPE))
        return
    viewer = projector.enter()
    try:
        await first_of(_send(visit, viewer, projector), _gone(visit))
    finally:
        projector.leave(viewer)


async def _send(visit: Visit, viewer: Viewer, projector: Projector) -> None:
    try:
        part = await asyncio.wait_for(viewer.next(), FIRST_SECONDS)
    except asyncio.TimeoutError:
        name = projector.name
        what = f"the {name} is late" if projector.has_picture else f"no {name} has come yet"
        await visit.say(503, f"{what}; recordings and crowds have none")
        return
    headers = {**visit.headers, "content-type": CONTENT_TYPE}
    raw = [(key.encode("latin-1"), value.encode("latin-1")) for key, value in headers.items()]
    await visit.send({"type": "http.response.start", "status": 200, "headers": raw})
    body = SEPARATOR
    while part is not None:
        await visit.send({"type": "http.response.body", "body": body + part, "more_body": True})
        body = b""
        part = await viewer.next()
    await visit.send({"type": "http.response.body", "body": b"", "more_body": False})


async def _gone(visit: Visit) -> None:
    while (await visit.receive())["type"] != "http.disconnect":
        pass
