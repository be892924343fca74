"""Where the web server listens, and what it shares: `--web`, `--share` and `--web-origin` as values."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from posekit.errors import SettingsError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from posekit.settings import Settings

OFF = "off"
"""The word for no server at all."""
FORM = "PORT or HOST:PORT, as in 8080 or 127.0.0.1:8080, or off"
SHARES = ("picture", "mask")
"""What of the camera can be shared."""
FROM_DISK = "null"
"""What a browser says of a page that was opened from disk, and of one that hides where it is from."""
ORIGIN = re.compile(r"https?://(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:[0-9]{1,5})?")
"""Where a page comes from, as browsers spell it: never with a path, a user, or anything that hides one."""


@dataclass(frozen=True)
class WebAddress:
    """Where the server listens."""

    port: int
    host: str = ""
    """A name or address of this machine; empty for this machine alone, at both of its loopback addresses."""
    mirror: bool = False
    """Whether left and right of the picture are exchanged for clients that do not ask; names never are."""

    @property
    def name(self) -> str:
        """The host as it stands in a URL."""
        host = self.host or "127.0.0.1"
        return f"[{host}]" if ":" in host else host

    @property
    def is_loopback(self) -> bool:
        """Whether only programs on this machine can reach it."""
        return not self.host or is_loopback(self.host)

    def url(self, path: str = "/", scheme: str = "http") -> str:
        """Return the URL of one of its pages."""
        return f"{scheme}://{self.name}:{self.port}{path}"


def is_loopback(host: str) -> bool:
    """Whether a host, without a port and brackets, can only be the machine that names it."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def parse_address(text: str) -> WebAddress | None:
    """Read `PORT`, `HOST:PORT` or `off`, with `,mirror=on` behind it; raises `SettingsError`."""
    where, *pairs = (part.strip() for part in text.strip().split(","))
    if where.lower() == OFF:
        if pairs:
            raise SettingsError(f"--web off stands alone; found {text!r}")
        return None
    host, _, port = where.rpartition(":")
    if not (port.isascii() and port.isdecimal()) or (where.startswith(":") and not host):
        raise SettingsError(f"--web is {FORM}; found {text!r}")
    if not 1 <= int(port) <= 65535:
        raise SettingsError(f"--web {text}: {port} is not a port; choose a number from 1 to 65535")
    if ":" in host and not (host.startswith("[") and host.endswith("]")):
        raise SettingsError(f"--web {text}: an IPv6 address stands in brackets, as in [::1]:8080")
    host = host.strip("[]").lower()
    return WebAddress(int(port), "" if host == "localhost" else host, mirror=_read_mirror(pairs))


def _read_mirror(pairs: Sequence[str]) -> bool:
    mirror = False
    for pair in pairs:
        key, _, value = (part.strip() for part in pair.partition("="))
        if key != "mirror":
            raise UnknownNameError("key of --web", key, ("mirror",))
        if value not in ("on", "off"):
            raise SettingsError(f"--web: mirror is on or off; found {value!r}")
        mirror = value == "on"
    return mirror


def check_shares(names: Sequence[str]) -> None:
    """Raise `UnknownNameError` for what cannot be shared."""
    for name in names:
        if name not in SHARES:
            raise UnknownNameError("thing to --share", name, SHARES)


def check_origins(origins: Sequence[str]) -> None:
    """Raise `SettingsError` for what no browser would ever say of a page."""
    for origin in origins:
        if origin != FROM_DISK and not ORIGIN.fullmatch(origin):
            raise SettingsError(
                "--web-origin is where a page comes from, as in https://preview.p5js.org, "
                f"or {FROM_DISK} for pages that are opened from disk; found {origin!r}"
            )


def web_address(settings: Settings) -> WebAddress | None:
    """Return where the settings want a server, or None; raises for all that is wrong with them."""
    address = parse_address(settings.web)
    check_shares(settings.share)
    check_origins(settings.web_origin)
    if address is None and settings.share:
        what = ",".join(settings.share)
        raise SettingsError(f"--share {what} needs the server that shares it: add --web 8080")
    if address is None and settings.web_origin:
        raise SettingsError("--web-origin needs the server that it opens: add --web 8080")
    return address
