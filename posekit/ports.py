"""UDP ports of this machine: opening one, and who has one that is taken."""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import os
import re
import socket
import struct
import sys
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import psutil

from posekit.errors import OutputError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterable

LAST_PORT = 65_535
ROOM = 1 << 22
"""Bytes of packets that the system is asked to keep for us while we look away; it may give less."""
_TAKEN = (errno.EADDRINUSE, getattr(errno, "WSAEADDRINUSE", errno.EADDRINUSE))
_SAYS_LITTLE = re.compile(r"(posekit|(python|pypy|java|node|wish|electron)[\d.w]*)(\.exe)?", re.IGNORECASE)
"""Names of programs whose command line says more."""


class PortTakenError(OutputError):
    """Another program listens at a port already; `holder` is its name, empty where the system keeps that."""

    def __init__(self, port: int, holder: str) -> None:
        self.port, self.holder = port, holder
        other = port + 1 if port < LAST_PORT else port - 1
        super().__init__(
            f"{port} is in use by {holder or 'another program'}: add a second target where you send, "
            f"--osc {port} --osc {other}, and listen there: posekit listen {other}"
        )


def open_port(port: int, host: str = "127.0.0.1") -> socket.socket:
    """Bind a UDP socket, alone: a port that somebody has is never shared.

    `host` is an address of this machine, `0.0.0.0` or `::` for all of them, or a multicast group to join.
    Raises `SettingsError` for what is no port, `PortTakenError`, and `OutputError` when the host is not ours.
    """
    if not 1 <= port <= LAST_PORT:
        raise SettingsError(f"{port} is not a port; choose a number from 1 to {LAST_PORT}")
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
        return _bind(family, address)
    except (OSError, UnicodeError) as error:
        if _is_taken(error):
            raise PortTakenError(port, holder_of(port)) from error
        reason = getattr(error, "strerror", None) or "not a host name"
        raise OutputError(
            f"posekit cannot listen at {host}:{port} ({reason}); --host takes an address of this machine, "
            f"{' or '.join(['127.0.0.1', *own_addresses()[:2], '0.0.0.0'])}"  # noqa: S104 (named, not bound)
        ) from error


def _bind(family: int, address: Any) -> socket.socket:
    opened = socket.socket(family, socket.SOCK_DGRAM)
    try:
        if sys.platform == "win32":  # elsewhere it is so unless somebody asks for the contrary
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        with contextlib.suppress(OSError):
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, ROOM)
        group = ipaddress.ip_address(str(address[0]).partition("%")[0])
        if not group.is_multicast:
            opened.bind(address)
        elif family == socket.AF_INET:
            opened.bind(("", address[1]))
            opened.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group.packed + bytes(4))
        else:
            opened.bind(("", address[1]))
            scope = struct.pack("@I", address[3])
            opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, group.packed + scope)
    except BaseException:
        opened.close()
        raise
    return opened


def _is_taken(error: Exception) -> bool:
    # Windows answers so when the other has the port for itself alone.
    is_refused = sys.platform == "win32" and getattr(error, "winerror", 0) == 10013
    return getattr(error, "errno", None) in _TAKEN or is_refused


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether nobody listens at a port, found by taking it for a moment."""
    try:
        open_port(port, host).close()
    except PortTakenError:
        return False
    return True


def holder_of(port: int, kind: str = "udp") -> str:
    """Return the name of the program that has a port of a kind, `udp` or `tcp` to listen at.

    Empty where nobody has, or the system keeps it to itself.
    """
    for found, pid in _ports(kind):
        if found == port:
            return program_name(pid) if pid else ""
    return ""


def _ports(kind: str) -> Iterable[tuple[int, int | None]]:
    """Yield the ports that are taken, and by which process where that is told."""
    resting = (psutil.CONN_LISTEN, psutil.CONN_NONE)
    try:
        every = psutil.net_connections(kind)
        found = [(one.laddr.port, one.pid) for one in every if one.laddr and one.status in resting]
        # Those without a name come last: a port may have several owners, at several addresses.
        yield from sorted(found, key=lambda one: one[1] is None)
        return
    except (psutil.Error, OSError):
        pass
    for process in psutil.process_iter():  # macOS tells us of our own processes only, one by one
        with contextlib.suppress(psutil.Error, OSError):
            listed = getattr(process, "net_connections", None) or process.connections
            for one in listed(kind):
                if one.laddr and one.status in resting:
                    yield one.laddr.port, process.pid


def program_name(pid: int) -> str:
    """Return what people call a running program: "TouchDesigner", "posekit listen", "python paint.py"."""
    try:
        process = psutil.Process(pid)
        name = process.name()
        words = process.cmdline() if _SAYS_LITTLE.fullmatch(name) else []
    except (psutil.Error, OSError):
        return ""
    if pid == os.getpid():
        return "this very program"
    return _script_name(name.removesuffix(".exe"), words)


def _script_name(name: str, words: list[str]) -> str:
    """Return an interpreter's name with what it runs, from its command line."""
    if "-m" in words and len(words) > words.index("-m") + 1:
        rest = words[words.index("-m") + 1 :]
    else:
        rest = [word for word in words[1:] if not word.startswith("-")]
    if not rest or "-c" in words:
        return name
    script = PurePath(rest[0].replace("\\", "/")).name
    if script == "posekit" or rest[0].startswith("posekit"):
        command = [word for word in rest[1:2] if word.isidentifier()]
        return " ".join(("another posekit", *([f"({command[0]})"] if command else [])))
    return f"{name} {script}"


def own_addresses() -> list[str]:
    """Return this machine's IPv4 addresses in its networks, as another computer would write them."""
    try:
        interfaces = psutil.net_if_addrs()
    except (psutil.Error, OSError):
        return []
    found = [one.address for listed in interfaces.values() for one in listed if one.family == socket.AF_INET]
    return [one for one in found if not ipaddress.ip_address(one).is_loopback]
