"""A web server to try, with clients that are not ours: `websockets`, and plain sockets that say anything."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from builders import a_person, a_scene
from websockets.sync.client import ClientConnection, connect

from posekit.outputs.web import server as web
from posekit.outputs.web.address import WebAddress

PATIENCE = 10.0
"""Seconds that anything is waited for."""


def free_port() -> int:
    """Return a port where nobody listens just now."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@contextmanager
def a_server(*, mirror: bool = False, **options: Any) -> Iterator[web.WebServer]:
    """Run a server, on loopback."""
    server = web.WebServer(WebAddress(free_port(), mirror=mirror), **options)
    try:
        yield server
    finally:
        server.close()
        assert not server._thread.is_alive(), "the server does not end"


def url(server: web.WebServer, path: str = "/", scheme: str = "ws") -> str:
    return server.address.url(path, scheme)


def hear(client: ClientConnection) -> Any:
    """Return what a client hears next."""
    return json.loads(client.recv(timeout=PATIENCE))


@contextmanager
def a_client(server: web.WebServer, path: str = "/", **options: Any) -> Iterator[ClientConnection]:
    """Connect, as a program would; it is heard of by the server when this returns."""
    before = set(server.hub.boxes)
    with connect(url(server, path), open_timeout=PATIENCE, close_timeout=1, **options) as client:
        wait_until(lambda: bool(set(server.hub.boxes) - before))
        yield client


def wait_until(is_so: Callable[[], bool], seconds: float = PATIENCE) -> None:
    """Wait until something holds, which must be soon."""
    due = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < due, "it never came to pass"
        time.sleep(0.002)


def say(server: web.WebServer, text: bytes, seconds: float = PATIENCE) -> bytes:
    """Send bytes as they are and return all that comes back, until the server hangs up."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=seconds) as client:
        client.sendall(text)
        return hear_out(client)


def hear_out(client: socket.socket) -> bytes:
    """Return everything that comes until the other side hangs up."""
    heard = b""
    try:
        while data := client.recv(65536):
            heard += data
    except ConnectionError:
        pass
    return heard


def get(path: str = "/health", **headers: str) -> bytes:
    """Return an HTTP request."""
    lines = {"Host": "127.0.0.1", **{name.replace("_", "-"): value for name, value in headers.items()}}
    said = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"GET {path} HTTP/1.1\r\n{said}\r\n".encode()


def upgrade(path: str = "/", **headers: str) -> bytes:
    """Return a request for a WebSocket."""
    wanted = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec_WebSocket_Version": "13",
        "Sec_WebSocket_Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    return get(path, **{**wanted, **headers})


def status_of(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.1 ") else 0


def one_scene(time: float = 1.0, **options: Any):
    """Return a scene with one person in slot 1."""
    return a_scene(a_person(7, 1, x=0.25), time=time, size=(640, 480), **options)


@contextmanager
def a_stuck_client(server: web.WebServer, request: bytes) -> Iterator[socket.socket]:
    """Ask for something and never read what comes."""
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(("127.0.0.1", server.port))
        client.sendall(request)
        yield client
