"""Opening what a server listens at, and saying in a sentence why that cannot be."""

from __future__ import annotations

import errno
import socket
import sys
from typing import TYPE_CHECKING

from posekit.errors import OutputError
from posekit.ports import holder_of

if TYPE_CHECKING:
    from posekit.outputs.web.address import WebAddress

SEND_BYTES = 128 * 1024
"""What the system keeps for one client; more would only be old."""
BACKLOG = 64
"""Connections that wait until we look."""
_TAKEN = (errno.EADDRINUSE, errno.EACCES) if sys.platform == "win32" else (errno.EADDRINUSE,)


def open_sockets(address: WebAddress, setting: str = "--web") -> list[socket.socket]:
    """Open what to listen at; for this machine alone both of its loopback addresses, where there are two.

    Raises `OutputError` with a sentence: who has the port, or whose address it is not. `setting` is what the
    user wrote the address behind.
    """
    if address.host:
        return [_open(address.host, address, setting)]
    opened = [_open("127.0.0.1", address, setting)]
    try:
        opened.append(_open("::1", address, setting))
    except OutputError as error:
        # Not every machine has IPv6; but where another program has the port, `localhost` leads to that.
        if _is_taken(error.__cause__):
            opened[0].close()
            raise
    return opened


def _open(host: str, address: WebAddress, setting: str) -> socket.socket:
    try:
        found = socket.getaddrinfo(host, address.port, type=socket.SOCK_STREAM)
        family, kind, _, _, where = min(found, key=lambda one: one[0] != socket.AF_INET)
        opened = socket.socket(family, kind)
    except (OSError, UnicodeError) as error:
        raise _cannot(host, address, error, setting) from error
    try:
        if sys.platform == "win32":
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:  # there it lets two programs have one port; here it only forgives what has just ended
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BYTES)
        opened.bind(where)
        opened.listen(BACKLOG)
    except OSError as error:
        opened.close()
        raise _cannot(host, address, error, setting) from error
    return opened


def _is_taken(error: BaseException | None) -> bool:
    return getattr(error, "errno", None) in _TAKEN


def _cannot(host: str, address: WebAddress, error: Exception, setting: str) -> OutputError:
    port = address.port
    if _is_taken(error):
        other = port + 1 if port < 65535 else port - 1
        holder = holder_of(port, "tcp") or "another program"
        return OutputError(f"port {port} is in use by {holder}; choose another: {setting} {other}")
    reason = getattr(error, "strerror", None) or "not a host name"
    return OutputError(
        f"posekit cannot serve at {host}:{port} ({reason}); {setting} takes a port, or before it an address "
        "of this machine, as in 127.0.0.1:8080 or 0.0.0.0:8080"
    )
