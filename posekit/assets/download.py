"""A file from an https address, in a time that has an end."""

from __future__ import annotations

import http.client
import queue
import socket
import ssl
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from typing import TYPE_CHECKING

from posekit.assets.source import SourceFailedError, in_megabytes

if TYPE_CHECKING:
    from posekit.assets.cache import NewFile
    from posekit.assets.progress import Progress

_REACH_SECONDS = 4.0
"""For finding a host and connecting to it, all its addresses together."""
_SILENCE_SECONDS = 10.0
"""Without a single byte, then the connection counts as lost."""
_TRIES = 3
"""How often a lost connection is taken up again where it broke."""
_SLOWEST = 2048
"""Bytes per second over the whole download, below which it is given up after half a minute."""
_PATIENCE_SECONDS = 30.0
_BLOCK = 1 << 16
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


def download(url: str, target: NewFile, size: int, progress: Progress) -> None:
    """Write what lies at `url` to `target`; `size` bytes are expected and no more than that is taken.

    Proxies are those that urllib finds (`https_proxy` and the system's). A connection that breaks is taken
    up where it stopped, or from the start where the server cannot do that. Raises SourceFailedError.
    """
    _require_safe(url)
    _require_reachable(url)
    started = time.monotonic()
    for attempt in range(_TRIES):
        try:
            _receive(url, target, size, progress, started)
        except urllib.error.HTTPError as error:
            error.close()
            if error.code == 416 and target.size:  # nothing lies beyond what was received
                break
            raise SourceFailedError(f"the server answered {error.code} {error.reason}") from error
        except (OSError, http.client.HTTPException) as error:
            # Without any byte gained a further try is hardly better.
            if attempt == _TRIES - 1 or target.size == 0:
                raise SourceFailedError(_reason(error)) from error
        if target.size >= size:
            return
    raise SourceFailedError(f"truncated: {target.size:,} of {size:,} bytes came")


def _receive(url: str, target: NewFile, size: int, progress: Progress, started: float) -> None:
    request = urllib.request.Request(url, headers={"User-Agent": "posekit"})  # noqa: S310
    if target.size:
        request.add_header("Range", f"bytes={target.size}-")
    with _opener().open(request, timeout=_SILENCE_SECONDS) as answer:
        resumed = answer.status == 206 and _first_byte(answer.headers.get("Content-Range")) == target.size
        if target.size and not resumed:
            progress.advance(-target.size)
            target.restart()
        while block := answer.read1(_BLOCK):
            if target.size + len(block) > size:
                raise SourceFailedError(f"longer than the {size:,} bytes it should have")
            target.write(block)
            progress.advance(len(block))
            _require_pace(target.size, time.monotonic() - started)


def _require_pace(received: int, seconds: float) -> None:
    if seconds > _PATIENCE_SECONDS and received < _SLOWEST * seconds:
        raise SourceFailedError(f"too slow: {in_megabytes(received)} in {seconds:.0f} s")


def _first_byte(content_range: str | None) -> int | None:
    """Return where a `bytes 100-199/200` begins."""
    words = (content_range or "").removeprefix("bytes ").split("-")
    return int(words[0]) if words[0].isdigit() else None


def _require_safe(url: str) -> None:
    parts = urllib.parse.urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise SourceFailedError(f"{parts.scheme or 'no scheme'} is not safe, https is asked for")


class _SafeRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(  # type: ignore[no-untyped-def]  # the signature is urllib's, untyped there
        self, req, fp, code, msg, headers, newurl
    ):
        _require_safe(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _opener() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(_SafeRedirects)


def _require_reachable(url: str) -> None:
    """Connect once and hang up, with a limit: looking a name up has none of its own and may take a minute."""
    host, port = _first_hop(url)
    answers: queue.Queue[Exception | None] = queue.Queue()

    def connect() -> None:
        try:
            socket.create_connection((host, port), timeout=_REACH_SECONDS).close()
        except OSError as error:
            answers.put(error)
        else:
            answers.put(None)

    # A daemon, because nothing can interrupt the system's resolver; it ends when the resolver gives up.
    threading.Thread(target=connect, name="posekit-reach", daemon=True).start()
    try:
        failure = answers.get(timeout=_REACH_SECONDS)
    except queue.Empty:
        raise SourceFailedError(f"{host} did not answer within {_REACH_SECONDS:.0f} s") from None
    if failure is not None:
        raise SourceFailedError(f"{host}: {_reason(failure)}") from failure


def _first_hop(url: str) -> tuple[str, int]:
    """Return host and port of the server, or of the proxy that urllib would go through."""
    parts = urllib.parse.urlsplit(url)
    host = parts.hostname or ""
    proxy = urllib.request.getproxies().get(parts.scheme)
    if proxy and not urllib.request.proxy_bypass(host):
        parts = urllib.parse.urlsplit(proxy if "//" in proxy else f"//{proxy}")
        host = parts.hostname or ""
    default = 443 if parts.scheme == "https" else 80
    return host, parts.port or default


def _reason(error: BaseException) -> str:
    """Return an error of the network in words that people know."""
    inner = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(inner, socket.gaierror):
        return "its name cannot be looked up"
    if isinstance(inner, ssl.SSLError):
        return f"no trusted connection ({inner.reason or inner})"
    if isinstance(inner, TimeoutError):
        return "no answer in time"
    if isinstance(inner, http.client.IncompleteRead):
        return "the connection broke"
    if isinstance(inner, OSError) and inner.strerror:
        return inner.strerror.lower()
    return str(inner) or type(inner).__name__
