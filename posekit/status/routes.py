"""Every address of the page's API, once: what is answered there, to whom, and what is to be sent."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from posekit.show.actions import ACTIONS
from posekit.status import schemas

if TYPE_CHECKING:
    from collections.abc import Mapping

Method = Literal["GET", "PUT", "POST"]


@dataclass(frozen=True)
class Query:
    """Something that may be said behind the `?`."""

    name: str
    description: str
    schema: Mapping[str, Any]


@dataclass(frozen=True)
class Route:
    """One thing that can be asked for."""

    method: Method
    path: str
    """With the name of a part in braces: `/api/actions/{name}`."""
    handler: str
    """The method of `Api` that answers."""
    summary: str
    answer: Mapping[str, Any] = field(default_factory=dict)
    """The JSON schema of the answer; or, with `media_type`, nothing."""
    media_type: str = "application/json"
    code: int = 200
    body: Mapping[str, Any] | None = None
    """The JSON schema of what is to be sent; None where nothing is."""
    query: tuple[Query, ...] = ()
    names: tuple[str, ...] | None = None
    """What may stand for the name in braces, where that is fixed."""
    may_fail: tuple[int, ...] = ()
    """Further codes that are answered here, besides those that every route has."""
    is_public: bool = False
    """Whether it is answered without a token."""

    @property
    def pattern(self) -> re.Pattern[str]:
        """What its path looks like."""
        return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]{1,200})", self.path))


DAY = Query(
    "day",
    "a day, as in 2026-03-01; today without it",
    {"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"},
)
COUNT = Query("count", "how many lines, newest first", {"type": "integer", "minimum": 1, "maximum": 500})
SEVERITY = Query("severity", "only these", {"type": "string", "enum": ["notice", "fault"]})

ROUTES = (
    Route("GET", "/healthz", "healthz", "Whether the show is well: for monitors", schemas.HEALTH,
          may_fail=(503,), is_public=True),
    Route("GET", "/metrics", "metrics", "Figures for Prometheus",
          media_type="text/plain; version=0.0.4; charset=utf-8"),
    Route("GET", "/openapi.json", "openapi", "This description", {"type": "object"}),
    Route("POST", "/api/login", "login", "Open a session with the token: sets a cookie", schemas.DONE,
          body=schemas.LOGIN, is_public=True, may_fail=(401,)),
    Route("POST", "/api/logout", "logout", "End the session", schemas.DONE, body=schemas.NOTHING,
          is_public=True),
    Route("GET", "/api/state", "state", "How the show is doing", schemas.STATE),
    Route("GET", "/api/counts", "counts", "Visits of a day: by hour, and by how long they were",
          schemas.COUNTS, query=(DAY,), may_fail=(503,)),
    Route("GET", "/api/counts.csv", "counts_csv", "Every hour that is kept, as CSV",
          media_type="text/csv; charset=utf-8", may_fail=(503,)),
    Route("GET", "/api/log", "log", "What happened, newest first", schemas.LOG, query=(COUNT, SEVERITY),
          may_fail=(503,)),
    Route("GET", "/api/parameters", "parameters", "The sketch's parameters", schemas.PARAMETERS),
    Route("PUT", "/api/parameters/{name}", "set_parameter", "Set a parameter", schemas.ASKED, code=202,
          body=schemas.VALUE, may_fail=(404, 503)),
    Route("GET", "/api/presets", "presets", "The sketch's presets", schemas.PRESETS),
    Route("GET", "/api/zones", "zones", "The zones that are watched", schemas.ZONES),
    Route("PUT", "/api/zones", "set_zones", "Watch these zones, and keep them", schemas.ASKED, code=202,
          body=schemas.NEW_ZONES, may_fail=(409, 503)),
    Route("GET", "/api/ignore", "ignore", "Where nobody is looked at", schemas.IGNORE),
    Route("PUT", "/api/ignore", "set_ignore", "Look at nobody in these places", schemas.ASKED, code=202,
          body=schemas.NEW_IGNORE, may_fail=(409, 503)),
    Route("GET", "/api/actions", "actions", "What can be asked of the show", schemas.ACTIONS),
    Route("POST", "/api/actions/{name}", "act", "Ask for something", schemas.ASKED, code=202,
          body=schemas.ACTION, names=tuple(ACTIONS), may_fail=(404, 503)),
    Route("GET", "/api/preview.jpg", "preview", "The camera's picture, where the owner allows it",
          media_type="image/jpeg", may_fail=(404, 503)),
)  # fmt: skip
LIVE = "/api/live"
"""The WebSocket: OpenAPI has no words for it but a description."""


def find_route(method: str, path: str) -> tuple[Route, dict[str, str]] | None:
    """Return the route of a request and the names in its path, or None."""
    for route, pattern in _PATTERNS:
        if route.method == method and (found := pattern.fullmatch(path)):
            return route, found.groupdict()
    return None


def methods_of(path: str) -> list[str]:
    """Return by which methods a path can be asked for; none where there is nothing."""
    return [route.method for route, pattern in _PATTERNS if pattern.fullmatch(path)]


_PATTERNS = tuple((route, route.pattern) for route in ROUTES)
