"""The API's description, as OpenAPI 3.1 has it, made from the table of routes."""

from __future__ import annotations

import re
from typing import Any

from posekit.status import schemas
from posekit.status.routes import LIVE, ROUTES, Route

PROBLEMS = {
    400: "it cannot be read",
    401: "a token is needed, or it is wrong",
    403: "the request comes from another page, or was sent to another host",
    404: "there is no such thing",
    405: "not by this method",
    409: "somebody else changed it meanwhile",
    413: "too much was sent",
    415: "JSON is meant",
    422: "it can be read, and cannot be right",
    429: "too often",
    503: "not now",
}
ALWAYS = (400, 403, 405, 429)
"""What may be answered to anything."""
OF_BODIES = (413, 415, 422)


def describe(version: str, *, needs_token: bool) -> dict[str, Any]:
    """Return the description, as plain values."""
    paths: dict[str, dict[str, Any]] = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, needs_token)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "A show of posekit",
            "version": version or "0",
            "description": (
                f"Besides there is a WebSocket at {LIVE}: JSON messages with `kind`: `state` (as "
                "/api/state), `scene` (people and zones) and `event`. What is asked for is carried out a "
                "moment later: read the state to see it."
            ),
        },
        "paths": paths,
        "components": {
            "schemas": {"Problem": schemas.ERROR},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def codes_of(route: Route, *, needs_token: bool) -> list[int]:
    """Return every problem's code that a route may answer with."""
    codes = {*ALWAYS, *route.may_fail, *(OF_BODIES if route.body is not None else ())}
    if needs_token and not route.is_public:
        codes.add(401)
    return sorted(codes)


def _operation(route: Route, needs_token: bool) -> dict[str, Any]:
    content = {route.media_type.partition(";")[0]: {"schema": dict(route.answer)} if route.answer else {}}
    answers: dict[str, Any] = {str(route.code): {"description": route.summary, "content": content}}
    for code in codes_of(route, needs_token=needs_token):
        problem = {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
        if route.path == "/healthz" and code == 503:
            problem = {"application/json": {"schema": dict(route.answer)}}
        answers[str(code)] = {"description": PROBLEMS[code], "content": problem}
    found: dict[str, Any] = {
        "operationId": route.handler,
        "summary": route.summary,
        "responses": answers,
        "parameters": _parameters(route),
    }
    if needs_token and not route.is_public:
        found["security"] = [{"token": []}]
    if route.body is not None:
        content = {"application/json": {"schema": dict(route.body)}}
        found["requestBody"] = {"required": True, "content": content}
    return found


def _parameters(route: Route) -> list[dict[str, Any]]:
    of_path = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"enum": list(route.names)} if route.names else {"type": "string", "maxLength": 200},
        }
        for name in re.findall(r"\{(\w+)\}", route.path)
    ]
    of_query = [
        {"name": one.name, "in": "query", "description": one.description, "schema": dict(one.schema)}
        for one in route.query
    ]
    return of_path + of_query
