"""A process that a gallery owns: started, listened to, written to without ever waiting, and ended."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import deque
from contextlib import suppress
from functools import partial
from threading import Event, Thread
from typing import TYPE_CHECKING, BinaryIO, cast

import psutil

from posekit.engine.outbox import Outbox
from posekit.engine.wire import Message, read_messages

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from posekit.clock import Clock

STOP_SECONDS = 1.5
"""How long a process may take to end once its stdin is closed; it ends itself a little sooner."""
DRAIN_SECONDS = 0.5
"""How long its last words may take to be read; what it has started itself may hold its pipes for longer."""
KILL_SECONDS = 2.0
"""How long the system may take to end what was killed."""
OUTBOX_SECONDS = 0.2
"""How long what waits to be told may take when all is closed."""
LINES_A_MINUTE = 20
"""Of what a process prints; a sketch that prints in every frame must not fill a log."""
LONGEST_LINE = 8192
"""Bytes of it; what never ends one, such as a sketch that prints dots, must not fill our memory."""
MOST_WAITING = 2000
"""Messages that may wait for a process that does not read."""


class Child:
    """A Python module as a process, with messages both ways.

    `hear` is called with each message, in a thread; `print` with what it prints, some of it. Make one in a
    thread that lives as long as the process is to: on Linux it ends with that thread.
    """

    def __init__(
        self,
        module: str,
        order: bytes,
        clock: Clock,
        hear: Callable[[Message], None],
        overhear: Callable[[str], None],
        descriptors: Sequence[int] = (),
    ) -> None:
        self._clock, self._hear, self._overheard = clock, hear, overhear
        self._ended = Event()
        self.last_words: deque[str] = deque(maxlen=40)
        """The last lines that it printed."""
        self.started = self.heard = clock.now()
        """When it was started, and when it was heard of last, in seconds."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=tuple(descriptors),
            env={**os.environ, "PYTHONSAFEPATH": "1", "SDL_VIDEO_MINIMIZE_ON_FOCUS_LOSS": "0"},
        )
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # it has ended, which the threads find out
            self._process.stdin.write(order)
            self._process.stdin.flush()
        self.outbox = Outbox(cast("BinaryIO", self._process.stdin))
        self._threads = [
            Thread(target=target, name=f"{module}-{name}", daemon=True)
            for name, target in (
                ("messages", self._listen),
                ("stderr", self._overhear),
                ("end", self._await_end),
            )
        ]
        for thread in self._threads:
            thread.start()

    @property
    def process_id(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether it still runs."""
        return not self._ended.is_set()

    @property
    def memory(self) -> int:
        """Its resident bytes; 0 once it has ended."""
        try:
            return int(psutil.Process(self._process.pid).memory_info().rss)
        except psutil.Error:
            return 0

    def how_it_ended(self) -> str:
        """Return how it ended: `was killed by signal 9`, `ended with code 1 (its last line)`."""
        code = self._process.poll()
        if code is not None and code < 0:
            return f"was killed by signal {-code}" + (", perhaps for lack of memory" if code == -9 else "")
        words = f" ({self.last_words[-1]})" if self.last_words else ""
        return f"ended with code {code}{words}"

    def wait(self, seconds: float) -> bool:
        """Wait until it has ended; whether it has."""
        return self._ended.wait(seconds)

    def kill(self) -> None:
        """End it at once, without grace."""
        self._process.kill()

    def close(self, seconds: float = STOP_SECONDS) -> None:
        """End it, within some seconds, and release everything; twice is harmless."""
        stdin = self._process.stdin
        assert stdin is not None
        if stdin.closed:
            return
        if not self.outbox.close(OUTBOX_SECONDS):
            self._process.kill()  # it does not read: nothing but its end frees who writes
            self.outbox.close()
        with suppress(OSError):
            stdin.close()
        if not self._ended.wait(seconds):
            self._process.kill()
        self._ended.wait(KILL_SECONDS)
        for thread in self._threads:  # a reader goes on while something the process has started has its pipe
            thread.join(0.1)

    def _await_end(self) -> None:
        """Note its end by its exit, not by its pipes, which what it has started itself may hold open."""
        self._process.wait()
        for reader in self._threads[:2]:  # what it said before it ended belongs before that
            reader.join(DRAIN_SECONDS)
        self._ended.set()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as stdout:
            try:
                for message in read_messages(stdout):
                    self.heard = self._clock.now()
                    self._hear(message)
            finally:
                # Closing the pipe and ending are two things; one that says nothing any more is of no use.
                try:
                    self._process.wait(STOP_SECONDS)
                except subprocess.TimeoutExpired:
                    self._process.kill()

    def _overhear(self) -> None:
        assert self._process.stderr is not None
        since, lines = self._clock.now(), 0
        with self._process.stderr as stderr:
            for line in iter(partial(stderr.readline, LONGEST_LINE), b""):
                text = line.decode(errors="replace").strip()[:500]
                if not text:
                    continue
                self.last_words.append(text)
                if self._clock.now() - since > 60.0:
                    since, lines = self._clock.now(), 0
                lines += 1
                if lines <= LINES_A_MINUTE:
                    self._overheard(text)
