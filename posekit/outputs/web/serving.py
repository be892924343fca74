"""A thread with a loop of its own in which uvicorn serves one application, closed on every way out."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from threading import Event as Flag
from threading import Thread
from typing import TYPE_CHECKING, Protocol

import h11
import uvicorn

from posekit.errors import OutputError
from posekit.outputs.web.guard import LARGEST_REQUEST, Guard, guarded
from posekit.outputs.web.listening import BACKLOG

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Sequence

    from starlette.types import ASGIApp

START_SECONDS = 5.0
LAST_WORDS_SECONDS = 0.3
"""How long clients may take to hear that it is over."""
STOP_SECONDS = 2.0
"""How long the whole end may take; the thread ends with the process in any case."""
LARGEST_MESSAGE = 4 * 1024
PING_SECONDS = 20.0
"""How often a silent client is asked whether it is there, and how long it may take to say so."""
THEIRS = (h11.ProtocolError, UnicodeError, OSError)
"""What is raised when somebody else does not keep to HTTP, writes no UTF-8, or has gone."""
OURS = "Exception in ASGI application"
"""What uvicorn says when it was our part that raised."""


class Served(Protocol):
    """What lives in the server's loop: told of it when it begins, and let go when it ends."""

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        """Take the loop that clients are served in."""
        ...

    def close(self) -> None:
        """Let everybody go; called in that loop."""
        ...


class Serving:
    """Serves an application at open sockets until it is closed; raises `OutputError` if it does not start."""

    def __init__(
        self,
        application: ASGIApp,
        served: Served,
        sockets: Sequence[socket.socket],
        *,
        url: str,
        guard: Guard | None = None,
        name: str = "web",
        report: Callable[[str], None] | None = None,
    ) -> None:
        """`name` is how the server is called in what it reports, and in its thread's name."""
        self._application, self._served = application, served
        self._sockets = list(sockets)
        self._guard = guard or Guard()
        self._name = name
        self._report = report or (lambda _: None)
        self._started, self._loop = Flag(), None
        self._stop: asyncio.Event | None = None
        self.thread = Thread(target=self._run, name=f"posekit-{name}", daemon=True)
        self.thread.start()
        if not self._started.wait(START_SECONDS) or self._loop is None:
            self.close()
            raise OutputError(f"the {name} server at {url} did not start")

    _loop: asyncio.AbstractEventLoop | None

    def stop(self) -> None:
        """Begin to end, without waiting; twice is harmless."""
        loop, stop = self._loop, self._stop
        if loop is not None and stop is not None:
            with suppress(RuntimeError):  # it has ended already
                loop.call_soon_threadsafe(stop.set)

    def close(self) -> None:
        """End, within `STOP_SECONDS`; twice is harmless."""
        self.stop()
        self.thread.join(STOP_SECONDS)
        for opened in self._sockets:
            opened.close()

    def _run(self) -> None:
        logger = logging.getLogger("uvicorn.error")
        teller = _Teller(self._name, self._report)
        logger.addHandler(teller)
        logger.propagate = False
        try:
            asyncio.run(self._serve())
        except Exception as error:  # nothing that goes wrong here may end the show
            self._report(f"{self._name}: the server ended ({type(error).__name__}: {error})")
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
        self._served.attach(loop)
        self._loop = loop
        self._started.set()
        ended = loop.create_task(self._stop.wait())
        await asyncio.wait({serving, ended}, return_when=asyncio.FIRST_COMPLETED)
        ended.cancel()
        self._served.close()
        due = loop.time() + LAST_WORDS_SECONDS
        while server.server_state.tasks and loop.time() < due:
            await asyncio.sleep(0.01)
        self._guard.end_all()
        server.should_exit = server.force_exit = True
        await serving

    def _config(self) -> uvicorn.Config:
        http, web_socket = guarded(self._guard)
        return uvicorn.Config(
            self._application,
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

    def __init__(self, name: str, report: Callable[[str], None]) -> None:
        super().__init__(logging.ERROR)
        self._server, self._report = name, report
        self._told: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        if error is None or isinstance(error, THEIRS) or not record.getMessage().startswith(OURS):
            return
        what = f"{type(error).__name__}: {error}"
        if what not in self._told and len(self._told) < 20:
            self._told.add(what)
            self._report(f"{self._server}: {what}")


def _quietly(_loop: asyncio.AbstractEventLoop, _context: object) -> None:
    """Say nothing of what connections do to the loop; whoever was meant has gone."""
