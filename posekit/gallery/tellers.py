"""Receivers of the heartbeat: each has a thread with room for one beat, so that none holds up anybody."""

from __future__ import annotations

import http.client
import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from posekit.errors import OutputError
from posekit.outputs.osc.sender import open_socket, resolve
from posekit.outputs.osc.target import Target

if TYPE_CHECKING:
    from posekit.clock import Clock
    from posekit.gallery.beat import Beat

HTTP_SECONDS = 5.0
"""For each step of an answer; a monitor in the same town takes a tenth of one."""
LONGEST_SECONDS = 10.0
"""For the whole of it: a server that drips is left."""
MOST_REDIRECTS = 3
FAREWELLS = 5
"""How often the last word is said over OSC, since packets may be lost and no other follows."""
FAREWELL_SECONDS = 0.05
"""Between two of them: what loses one packet often loses its neighbours."""
PATIENCE = 2
"""Beats in a row that must fail before it is told: one lost answer is no news."""


class Teller:
    """A thread that tells one receiver the newest beat; beats that come meanwhile replace each other."""

    def __init__(self, name: str, clock: Clock) -> None:
        self.name = name
        """Who it is, without any secret."""
        self.told = 0
        """Beats that were taken."""
        self._clock = clock
        self._changed = threading.Condition()
        self._beat: Beat | None = None
        self._began: float | None = None
        self._closing = False
        self._failures, self._reason = 0, ""
        self._thread = threading.Thread(target=self._work, name=f"heartbeat to {name}", daemon=True)
        self._thread.start()

    @property
    def failure(self) -> str:
        """What is wrong, in a few words; empty when beats arrive, as far as can be known."""
        began = self._began
        if began is not None and self._clock.now() - began > LONGEST_SECONDS:
            return "no answer"
        return self._reason if self._failures >= PATIENCE else ""

    def tell(self, beat: Beat) -> None:
        """Tell a beat when the thread is free; returns at once."""
        with self._changed:
            self._beat = beat
            self._changed.notify_all()

    def look(self) -> None:
        """Break off what takes too long; to be called now and then."""
        began = self._began
        if began is not None and self._clock.now() - began > LONGEST_SECONDS:
            self._break_off()

    def close(self, beat: Beat | None = None) -> None:
        """Tell a last beat if there is one, and end; returns at once, `join` waits."""
        with self._changed:
            self._closing, self._beat = True, beat
            self._changed.notify_all()

    def join(self, seconds: float) -> None:
        """Wait for the end, at most so long; after that it is broken off."""
        self._thread.join(max(0.0, seconds))
        if self._thread.is_alive():
            self._break_off()

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._beat is not None or self._closing)
                beat, self._beat = self._beat, None
                is_last = self._closing
                self._began = self._clock.now() if beat is not None else None
            if beat is not None:
                try:
                    self._say(beat, is_last)
                except (OSError, OutputError, http.client.HTTPException, ValueError) as error:
                    self._failures, self._reason = self._failures + 1, _reason(error)
                else:
                    self._failures = 0
                    self.told += 1
                self._began = None
            if is_last:
                return

    def _say(self, beat: Beat, is_last: bool) -> None:
        raise NotImplementedError

    def _break_off(self) -> None:
        """Make `_say` end soon, if it can be done."""


class OscTeller(Teller):
    """Tells one UDP target. Nobody answers, so only what the own network refuses is known."""

    def __init__(self, host: str, port: int, clock: Clock) -> None:
        self._target = Target(host, port)
        super().__init__(f"osc {self._target.where}", clock)

    def _say(self, beat: Beat, is_last: bool) -> None:
        family, address = resolve(self._target)
        with open_socket(family) as opened:
            opened.sendto(beat.packet, address)
            pause = threading.Event()
            for _ in range(FAREWELLS - 1 if is_last else 0):
                pause.wait(FAREWELL_SECONDS)
                opened.sendto(beat.packet, address)


class HttpTeller(Teller):
    """Asks for one address of the web with GET; an answer from 200 to 299 means that it was heard.

    Redirects are followed within the same host. Neither proxies nor cookies are known.
    """

    def __init__(self, template: str, clock: Clock, shown: str = "") -> None:
        """Take an address with its secrets filled in, which are never told, and how it may be `shown`."""
        self._template = template
        self._connection: http.client.HTTPConnection | None = None
        parts = urlsplit(shown or template)
        super().__init__(f"{parts.scheme}://{parts.hostname}", clock)

    def _say(self, beat: Beat, is_last: bool) -> None:  # noqa: ARG002  # once is enough here
        url = beat.url(self._template)
        for _ in range(1 + MOST_REDIRECTS):
            if url is None:
                return
            url = self._ask(url)
        if url is not None:
            raise OutputError("redirects without an end")

    def _ask(self, url: str) -> str | None:
        """Return where the answer sends us, or None when it was heard."""
        parts = urlsplit(url)
        assert parts.hostname is not None
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(parts.hostname, parts.port, timeout=HTTP_SECONDS)
        self._connection = connection
        try:
            place = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request("GET", place, headers={"User-Agent": "posekit", "Connection": "close"})
            answer = connection.getresponse()
            status, onward = answer.status, answer.getheader("Location")
        finally:
            self._connection = None
            connection.close()
        if 200 <= status < 300:
            return None
        if status in (301, 302, 303, 307, 308) and onward:
            return _onward(url, onward)
        raise OutputError(f"it answers {status}")

    def _break_off(self) -> None:
        connection = self._connection
        opened = connection.sock if connection is not None else None
        if opened is not None:
            with suppress(OSError):
                opened.shutdown(socket.SHUT_RDWR)


def _onward(url: str, onward: str) -> str:
    """Return the whole address of a redirect; `OutputError` for another host, or from https to http."""
    whole = urljoin(url, onward)
    before, after = urlsplit(url), urlsplit(whole)
    if after.scheme not in ("http", "https") or after.hostname != before.hostname:
        raise OutputError("it redirects to another host, which is not followed")
    if before.scheme == "https" and after.scheme == "http":
        raise OutputError("it redirects from https to http, which is not followed")
    return whole


def _reason(error: Exception) -> str:
    """Return a few words without the address that was asked for."""
    if isinstance(error, TimeoutError):
        return f"no answer within {HTTP_SECONDS:g} s"
    if isinstance(error, OutputError):
        return str(error)
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    if isinstance(error, http.client.InvalidURL):
        return "the address has letters that an address cannot have"
    return f"no readable answer ({type(error).__name__})"
