"""Telling systemd how the show is doing, in the few bytes of its own protocol (sd_notify(3)).

Nothing happens where no $NOTIFY_SOCKET is, so the supervisor may always call these.
"""

from __future__ import annotations

import os
import socket

LONGEST_STATUS = 200


def ready(status: str = "") -> bool:
    """Say that the show has started; returns whether somebody was told."""
    return send("READY=1", *_status(status))


def beat(status: str = "") -> bool:
    """Say that the supervisor is alive, to be called each second: without it systemd starts it anew."""
    return send("WATCHDOG=1", *_status(status))


def stopping() -> bool:
    """Say that the show ends because it was asked to."""
    return send("STOPPING=1")


def send(*lines: str) -> bool:
    """Send lines of the protocol in one datagram; returns whether somebody was told, and never waits."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    family = getattr(socket, "AF_UNIX", None)
    if family is None or address[:1] not in ("/", "@"):
        return False
    if address.startswith("@"):  # a socket without a file
        address = "\0" + address[1:]
    try:
        with socket.socket(family, socket.SOCK_DGRAM | getattr(socket, "SOCK_CLOEXEC", 0)) as told:
            told.setblocking(False)
            told.sendto("\n".join(lines).encode(), address)
    except OSError:
        return False
    return True


def _status(text: str) -> list[str]:
    """Return the line that `systemctl status` shows."""
    return [f"STATUS={' '.join(text.split())[:LONGEST_STATUS]}"] if text else []
