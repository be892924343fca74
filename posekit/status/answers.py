"""What the page's server answers with: JSON, sentences about what is wrong, and the headers of all of it."""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

if TYPE_CHECKING:
    from collections.abc import Mapping

JSON = "application/json"
SAFE = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), interest-cohort=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "connection": "close",
}
"""Headers of every answer; one request a connection."""
PLAIN_HOST = re.compile(r"[A-Za-z0-9.:\[\]_-]{1,100}")


def api_headers() -> dict[str, str]:
    """Return the headers of what is never kept and never shown as a page."""
    return {
        **SAFE,
        "cache-control": "no-store",
        "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    }


def page_headers(host: str) -> dict[str, str]:
    """Return the headers of the page and its parts; `host` is how the browser has found us."""
    # Older Safari does not count WebSockets to ourselves as 'self'.
    sockets = f" ws://{host} wss://{host}" if PLAIN_HOST.fullmatch(host) else ""
    rules = (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob:",
        f"connect-src 'self'{sockets}",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
    return {**SAFE, "cache-control": "no-cache", "content-security-policy": "; ".join(rules)}


class ProblemError(Exception):
    """Why something is not answered as it was asked; `code` is HTTP's."""

    def __init__(self, code: int, sentence: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(sentence)
        self.code, self.sentence = code, sentence
        self.headers = dict(headers or {})

    def answer(self) -> Response:
        """Return the answer that says so."""
        return as_json({"error": self.sentence}, self.code, self.headers)


def too_often(seconds: float, sentence: str) -> ProblemError:
    """Return the problem of somebody who asks too often, with when to ask again."""
    return ProblemError(429, sentence, {"retry-after": str(max(1, math.ceil(seconds)))})


def write_json(data: object) -> str:
    """Return plain values as JSON, which can be sent as UTF-8; what JSON cannot say is null."""
    try:
        text = json.dumps(data, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    except ValueError:
        text = json.dumps(_plain(data), separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    # A file name that is not UTF-8 has half characters in it (PEP 383), and a WebSocket would end at one.
    return text.encode("utf-8", "replace").decode("utf-8")


def as_json(data: object, code: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return plain values as an answer."""
    return as_bytes(write_json(data).encode("utf-8"), JSON, code, headers)


def as_bytes(
    data: bytes, media_type: str, code: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Return bytes as an answer that nobody keeps."""
    return Response(data, code, {**api_headers(), **(headers or {}), "content-type": media_type})


def _plain(value: object) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return value
