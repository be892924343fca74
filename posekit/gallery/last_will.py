"""A tiny process that speaks when its owner was killed: it says the last will it was given, and ends.

It reads lines on stdin: an order as JSON, which replaces the one before, or `bye`. When stdin closes without
a goodbye, the owner is dead, however it died: the system closes a dead process's pipes. Standard library
only, and no import of posekit: it should be the last to fail.
"""

from __future__ import annotations

import base64
import json
import signal
import socket
import sys
import time

ROUNDS = 4
PAUSE_SECONDS = 0.4
"""Between rounds: the engine goes on for up to a second, and its last frames must not have the last word."""
HTTP_SECONDS = 5.0


def main() -> int:
    """Wait, and speak if it comes to that."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            # A service manager tells every process of a show to end; this one ends with its owner.
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    order: dict[str, list] = {}  # type: ignore[type-arg]  # plain JSON
    while True:
        line = sys.stdin.buffer.readline()
        if not line.endswith(b"\n"):
            break
        if line.strip() == b"bye":
            return 0
        order = json.loads(line)
    say_packets(order.get("packets", []))
    for url in order.get("urls", []):
        ask(url)
    return 0


def say_packets(letters: list) -> None:  # type: ignore[type-arg]  # plain JSON
    """Send `[host, port, [packet as base64, ...]]`, several times, because packets may be lost."""
    for turn in range(ROUNDS):
        if turn:
            time.sleep(PAUSE_SECONDS)
        for host, port, packets in letters:
            try:
                found = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
                family, _, _, _, address = min(found, key=lambda one: one[0] != socket.AF_INET)
                with socket.socket(family, socket.SOCK_DGRAM) as opened:
                    opened.setblocking(False)
                    if family == socket.AF_INET:
                        opened.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
                    for packet in packets:
                        opened.sendto(base64.b64decode(packet), address)
            except (OSError, ValueError):
                continue


def ask(url: str) -> None:
    """Ask for an address of the web once; nobody is left to tell how it went."""
    import http.client  # with its certificates it weighs as much again as all else here
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    try:
        connection = kind(parts.hostname or "", parts.port, timeout=HTTP_SECONDS)
        place = (parts.path or "/") + ("?" + parts.query if parts.query else "")
        connection.request("GET", place, headers={"User-Agent": "posekit", "Connection": "close"})
        connection.getresponse()
        connection.close()
    except (OSError, ValueError, http.client.HTTPException):
        return


if __name__ == "__main__":
    sys.exit(main())
