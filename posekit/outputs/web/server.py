"""The web server: one thread of the runner's process with a loop of its own, closed on every way out."""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
import sys
from contextlib import suppress
from threading import Event as Flag
from threading import Thread
from typing import TYPE_CHECKING

import h11
import uvicorn

from posekit.errors import OutputError
from posekit.outputs.web.door import Door, own_names
from posekit.outputs.web.guard import LARGEST_REQUEST, Guard, guarded
from posekit.outputs.web.hub import Hub
from posekit.outputs.web.site import Site
from posekit.ports import holder_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from posekit.health import Health
    from posekit.outputs.web.address import WebAddress
    from posekit.scene import Event, Scene

START_SECONDS = 5.0
LAST_WORDS_SECONDS = 0.3
"""How long clients may take to hear that it is over."""
STOP_SECONDS = 2.0
"""How long the whole end may take; the thread ends with the process in any case."""
SEND_BYTES = 128 * 1024
"""What the system keeps for one client; more would only be old."""
BACKLOG = 64
"""Connections that wait until we look."""
LARGEST_MESSAGE = 4 * 1024
PING_SECONDS = 20.0
"""How often a silent client is asked whether it is there, and how long it may take to say so."""
THEIRS = (h11.ProtocolError, UnicodeError, OSError)
"""What is raised when somebody else does not keep to HTTP, writes no UTF-8, or has gone."""
OURS = "Exception in ASGI application"
"""What uvicorn says when it was our part that raised."""
_TAKEN = (errno.EADDRINUSE, errno.EACCES) if sys.platform == "win32" else (errno.EADDRINUSE,)


class WebServer:
    """Serves what is published until it is closed. Raises `OutputError` where it cannot listen."""

    def __init__(
        self,
        address: WebAddress,
        *,
        shares: Iterable[str] = (),
        origins: Iterable[str] = (),
        sharing: Sequence[str] = (),
        report: Callable[[str], None] | None = None,
    ) -> None:
        """Open the port and begin; `sharing` says in sentences what of the camera can be seen."""
        self.address = address
        self._report = report or (lambda _: None)
        self._hub = Hub(shares)
        self._guard = Guard()
        self._site = Site(
            self._hub,
            Door(frozenset(origins), frozenset() if address.is_loopback else own_names()),
            mirror=address.mirror,
            sharing=sharing,
            report=self._report,
        )
        self._sockets = open_sockets(address)
        self._started, self._loop = Flag(), None
        self._stop: asyncio.Event | None = None
        self._thread = Thread(target=self._run, name="posekit-web", daemon=True)
        self._thread.start()
        if not self._started.wait(START_SECONDS) or self._loop is None:
            self.close()
            raise OutputError(f"the web server at {address.url()} did not start")

    _loop: asyncio.AbstractEventLoop | None

    @property
    def port(self) -> int:
        """The port it listens at."""
        return self.address.port

    @property
    def hub(self) -> Hub:
        """What it serves; belongs to its thread."""
        return self._hub

    def publish(
        self,
        scene: Scene | None,
        events: Sequence[Event] = (),
        picture: NDArray[np.uint8] | None = None,
        health: Health | None = None,
        mask: NDArray[np.uint8] | None = None,
    ) -> None:
        """Lay down the newest scene, what happened, and picture and mask, which nobody writes to any more."""
        self._hub.publish(scene, events, picture, health, mask)

    def stop(self) -> None:
        """Begin to end, without waiting; twice is harmless."""
        loop, stop = self._loop, self._stop
        if loop is not None and stop is not None:
            with suppress(RuntimeError):  # it has ended already
                loop.call_soon_threadsafe(stop.set)

    def close(self) -> None:
        """End, within `STOP_SECONDS`; twice is harmless."""
        self.stop()
        self._thread.join(STOP_SECONDS)
        for opened in self._sockets:
            opened.close()

    def _run(self) -> None:
        logger = logging.getLogger("uvicorn.error")
        teller = _Teller(self._report)
        logger.addHandler(teller)
        logger.propagate = False
        try:
            asyncio.run(self._serve())
        except Exception as error:  # nothing that goes wrong here may end the show
            self._report(f"web: the server ended ({type(error).__name__}: {error})")
        finally:
            logger.removeHandler(teller)
            self._started.set()

    async def _serve(self) -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(_quietly)
        self._stop = asyncio.Event()
        server = uvicorn.Server(self._config())
        serving = loop.create_task(server.serve(self._sockets))
        while not server.started and not serving.done():
            await asyncio.sleep(0.005)
        self._hub.attach(loop)
        self._loop = loop
        self._started.set()
        ended = loop.create_task(self._stop.wait())
        await asyncio.wait({serving, ended}, return_when=asyncio.FIRST_COMPLETED)
        ended.cancel()
        self._hub.close()
        due = loop.time() + LAST_WORDS_SECONDS
        while server.server_state.tasks and loop.time() < due:
            await asyncio.sleep(0.01)
        self._guard.end_all()
        server.should_exit = server.force_exit = True
        await serving

    def _config(self) -> uvicorn.Config:
        http, web_socket = guarded(self._guard)
        return uvicorn.Config(
            self._site,
            http=http,
            ws=web_socket,
            lifespan="off",
            interface="asgi3",
            log_config=None,
            log_level="warning",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            date_header=False,
            h11_max_incomplete_event_size=LARGEST_REQUEST,
            backlog=BACKLOG,
            ws_max_size=LARGEST_MESSAGE,
            ws_ping_interval=PING_SECONDS,
            ws_ping_timeout=PING_SECONDS,
            ws_per_message_deflate=False,
            timeout_graceful_shutdown=1,
        )


class _Teller(logging.Handler):
    """Tells each exception of our own once; what strangers send wrongly raises none, and is no news."""

    def __init__(self, report: Callable[[str], None]) -> None:
        super().__init__(logging.ERROR)
        self._report = report
        self._told: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        if error is None or isinstance(error, THEIRS) or not record.getMessage().startswith(OURS):
            return
        what = f"{type(error).__name__}: {error}"
        if what not in self._told and len(self._told) < 20:
            self._told.add(what)
            self._report(f"web: {what}")


def _quietly(_loop: asyncio.AbstractEventLoop, _context: object) -> None:
    """Say nothing of what connections do to the loop; whoever was meant has gone."""


def open_sockets(address: WebAddress) -> list[socket.socket]:
    """Open what to listen at; for this machine alone both of its loopback addresses, where there are two.

    Raises `OutputError` with a sentence: who has the port, or whose address it is not.
    """
    if address.host:
        return [_open(address.host, address)]
    opened = [_open("127.0.0.1", address)]
    try:
        opened.append(_open("::1", address))
    except OutputError as error:
        # Not every machine has IPv6; but where another program has the port, `localhost` leads to that.
        if _is_taken(error.__cause__):
            opened[0].close()
            raise
    return opened


def _open(host: str, address: WebAddress) -> socket.socket:
    try:
        found = socket.getaddrinfo(host, address.port, type=socket.SOCK_STREAM)
        family, kind, _, _, where = min(found, key=lambda one: one[0] != socket.AF_INET)
        opened = socket.socket(family, kind)
    except (OSError, UnicodeError) as error:
        raise _cannot(host, address, error) from error
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
        raise _cannot(host, address, error) from error
    return opened


def _is_taken(error: BaseException | None) -> bool:
    return getattr(error, "errno", None) in _TAKEN


def _cannot(host: str, address: WebAddress, error: Exception) -> OutputError:
    port = address.port
    if _is_taken(error):
        other = port + 1 if port < 65535 else port - 1
        holder = holder_of(port, "tcp") or "another program"
        return OutputError(f"port {port} is in use by {holder}; choose another: --web {other}")
    reason = getattr(error, "strerror", None) or "not a host name"
    return OutputError(
        f"posekit cannot serve at {host}:{port} ({reason}); --web takes a port, or before it an address of "
        "this machine, as in 127.0.0.1:8080 or 0.0.0.0:8080"
    )
