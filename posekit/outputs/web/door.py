"""Who may come in: this machine's own programs and pages, and pages that the owner has named.

A browser lets any web site connect to any address, also to this machine's loopback, and says in `Origin`
where the page comes from. So the page is judged by that, and the name by which it found us by `Host`: a
foreign name that was pointed at 127.0.0.1 (DNS rebinding) would make a foreign page look like one of ours.
`null` is said of a page from disk, but any site can have it said of a sandboxed frame: it has to be allowed.
"""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from posekit.outputs.web.address import FROM_DISK, ORIGIN, is_loopback

if TYPE_CHECKING:
    from collections.abc import Mapping

PAGES_FROM_ELSEWHERE = ("cross-site", "same-site")
"""What browsers say in `Sec-Fetch-Site` when a page of another origin wants something."""


def own_names() -> frozenset[str]:
    """Return what this machine is called: `studio`, `studio.local`, as its network may know it."""
    name = socket.gethostname().lower()
    short = name.partition(".")[0]
    return frozenset({name, short, f"{short}.local", f"{short}.lan"} - {""})


@dataclass(frozen=True)
class Door:
    """Says who is let in."""

    origins: frozenset[str] = frozenset()
    """Pages that may come in besides those of this machine."""
    names: frozenset[str] = frozenset()
    """What this machine is called in its network; none when only its own programs can reach us. Whoever gives
    out names there could otherwise serve a page under ours, and then point the name at loopback."""
    is_strict: bool = False
    """Whether the only page that may come in is our own: of the same host, at the same port. Not even another
    server of this machine may then have its pages act for whoever reads them."""

    def refusal(self, headers: Mapping[str, str]) -> str | None:
        """Return why whoever sends these headers (names in lower case) may not come in, or None."""
        host = host_of(f"//{headers.get('host', '')}")
        if not self._is_ours(host):
            return f"a request for {_spell(headers.get('host', ''))} was refused; that is not this machine"
        origin = page_origin(headers)
        if self.is_strict:
            own = headers.get("host", "").strip().lower()
            if origin is None or origin in (f"http://{own}", f"https://{own}"):
                return None
            return f"a page from {_spell(origin)} was refused; only this page itself may ask"
        if origin is None or self._is_welcome(origin, host):
            return None
        if origin == FROM_DISK:
            return (
                "a page that was opened from disk, or hides where it is from, was refused; "
                "if it is yours: --web-origin null"
            )
        found = _spell(origin)
        return f"a page from {found} was refused; if it is yours: --web-origin {found}"

    def _is_ours(self, host: str) -> bool:
        """Whether a host that was asked for is this machine, or an address, which no name server gave."""
        return is_loopback(host) or _is_address(host) or host in self.names

    def _is_welcome(self, origin: str, host: str) -> bool:
        if origin in self.origins:
            return True
        page = host_of(origin)
        return bool(ORIGIN.fullmatch(origin)) and (is_loopback(page) or page == host)


def page_origin(headers: Mapping[str, str]) -> str | None:
    """Return where the page that asks comes from, `null` where it hides that; None for programs and ours.

    Pictures in a page come without `Origin`, but with a word on whether the page is another's, and with its
    address unless it is hidden.
    """
    if "origin" in headers:
        return headers["origin"].strip().lower()
    if headers.get("sec-fetch-site", "").lower() not in PAGES_FROM_ELSEWHERE:
        return None
    try:
        page = urlsplit(headers.get("referer", "").lower())
    except ValueError:
        return FROM_DISK
    return f"{page.scheme}://{page.netloc}" if page.netloc else FROM_DISK


def host_of(url: str) -> str:
    """Return the host of a URL in lower case, without port, brackets and last dot; empty without one."""
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def _spell(text: str) -> str:
    """Return a stranger's words, shortened, and with nothing in them that a terminal would act on."""
    plain = "".join(letter if letter.isprintable() and letter.isascii() else "?" for letter in text[:80])
    return plain or "nobody"
