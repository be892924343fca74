"""Where OSC in listens, as it is written in settings: `7001`, `0.0.0.0:7001`, `auto` or `off`."""

from __future__ import annotations

import ipaddress
import re
from typing import NamedTuple

from posekit.errors import SettingsError

AUTO, OFF = "auto", "off"
PORT_FORM, HOST_FORM = "a port (7001)", "HOST:PORT (0.0.0.0:7001)"
FORM = f"{PORT_FORM}, {HOST_FORM}, auto or off"


class Place(NamedTuple):
    """An address of this machine and a port."""

    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def is_private(self) -> bool:
        """Whether programs of this machine alone can reach it."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host.partition("%")[0]).is_loopback
        except ValueError:
            return False


DEFAULT_PLACE = Place("127.0.0.1", 7001)
"""One above where `send` sends."""


def parse_place(text: str) -> Place | None:
    """Read a place; None for `off`, and `DEFAULT_PLACE` for `auto`. Raises `SettingsError`.

    Just a port means this machine alone, so that nobody is heard by accident.
    """
    text = text.strip()
    if text.lower() == OFF:
        return None
    if text.lower() == AUTO:
        return DEFAULT_PLACE
    return exact_place(text, "osc-in: ", FORM)


def exact_place(text: str, who: str = "", form: str = f"{PORT_FORM} or {HOST_FORM}") -> Place:
    """Read a port, or an address and a port; raises `SettingsError`, which `who` begins and `form` ends."""
    found = re.fullmatch(r"(?:\[([^\[\]\s]+)\]:|([^:\s/]+):)?([0-9]{1,5})", text.strip(), re.ASCII)
    if not found:
        raise SettingsError(f"{who}{text!r} is no place to listen at; write {form}")
    host, port = found[1] or found[2] or DEFAULT_PLACE.host, int(found[3])
    if not 1 <= port <= 65535:
        raise SettingsError(f"{who}{port} is not a port; choose a number from 1 to 65535")
    return Place(host, port)
