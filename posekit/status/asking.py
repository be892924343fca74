"""One request to the API, taken apart: what was said behind the `?`, and what was sent."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from posekit.status.answers import JSON, ProblemError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from posekit.outputs.web.visit import Visit
    from posekit.status.routes import Route

LARGEST_BODY = 128 * 1024
"""Bytes; sixty-four zones of two hundred corners have less."""
BODY_SECONDS = 5.0
"""How long somebody may take to send it."""
LARGEST_REQUEST = 512 * 1024
"""Bytes that are read of a request before its connection is cut; so who sends too much is told so."""
DEEPEST = 12
"""Levels of JSON in JSON."""


@dataclass(frozen=True)
class Ask:
    """What somebody asks for."""

    client: str
    said: Mapping[str, str] = field(default_factory=dict)
    """The request's headers, names in lower case."""
    names: Mapping[str, str] = field(default_factory=dict)
    """What stands for the names in the route's path."""
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)


def read_query(visit: Visit, route: Route) -> dict[str, str]:
    """Return what was said behind the `?`; raises `ProblemError` for what the route does not know."""
    raw = visit.scope["query_string"].decode("latin-1")
    try:
        pairs = parse_qsl(raw, keep_blank_values=True, max_num_fields=20, errors="strict")
    except ValueError:
        raise ProblemError(400, "what stands behind the ? cannot be read") from None
    known = {one.name for one in route.query}
    found: dict[str, str] = {}
    for name, value in pairs:
        if name not in known:
            what = f"; {', '.join(sorted(known))} may" if known else ""
            raise ProblemError(400, f"{name[:40]!a} cannot be asked for here{what}")
        if name in found:
            raise ProblemError(400, f"{name} is asked for twice")
        found[name] = value
    return found


async def read_body(visit: Visit) -> Mapping[str, Any]:
    """Return the JSON table that was sent; raises `ProblemError` for anything else."""
    kind = visit.said.get("content-type", "").partition(";")[0].strip().lower()
    if kind != JSON:
        raise ProblemError(415, f"send it as {JSON}")
    try:
        raw = await asyncio.wait_for(_read(visit), BODY_SECONDS)
    except asyncio.TimeoutError:
        raise ProblemError(400, f"it took more than {BODY_SECONDS:.0f} s to send it") from None
    try:
        data = json.loads(raw.decode("utf-8"), parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise ProblemError(400, "what was sent is no JSON") from None
    if not isinstance(data, dict):
        raise ProblemError(422, "a JSON object is meant, as in {}")
    if _depth(data) > DEEPEST:
        raise ProblemError(422, "it is too deep")
    return data


async def _read(visit: Visit) -> bytes:
    parts: list[bytes] = []
    length = 0
    while True:
        message = await visit.receive()
        if message["type"] == "http.disconnect":
            raise ProblemError(400, "the connection ended before everything was sent")
        part = message.get("body", b"")
        length += len(part)
        if length <= LARGEST_BODY:
            parts.append(part)
        else:
            parts.clear()  # the rest is heard, so that the answer is too, and not kept
        if not message.get("more_body", False):
            break
    if length > LARGEST_BODY:
        raise ProblemError(413, f"{LARGEST_BODY // 1024} kB can be sent at most")
    return b"".join(parts)


def _refuse(word: str) -> float:
    raise ValueError(word)


def _depth(value: object, level: int = 0) -> int:
    if level > DEEPEST:
        return level
    if isinstance(value, dict):
        return max((_depth(one, level + 1) for one in value.values()), default=level)
    if isinstance(value, list):
        return max((_depth(one, level + 1) for one in value), default=level)
    return level
