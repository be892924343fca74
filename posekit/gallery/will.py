"""The supervisor's side of its last will: a tiny process that speaks when the supervisor is killed."""

from __future__ import annotations

import base64
import json
import math
import os
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from posekit.outputs.osc.dialects import find_dialect
from posekit.outputs.osc.opening import targets_of
from posekit.service.job import SERVICE

if TYPE_CHECKING:
    from collections.abc import Callable

    from posekit.clock import Clock
    from posekit.settings import Settings

PROGRAM = Path(__file__).with_name("last_will.py")
GOODBYE = b"bye\n"
SCOPE = ("systemd-run", "--user", "--scope", "--quiet", "--collect")
"""Has systemd keep a process apart from the service that starts it."""
REST_SECONDS = 30.0
"""Before a watcher that ended by itself is followed by another."""
GOODBYE_SECONDS = 1.0


class LastWords(NamedTuple):
    """Packets to say over UDP, and addresses to ask for."""

    packets: tuple[tuple[str, int, tuple[bytes, ...]], ...] = ()
    """Host, port, packets."""
    urls: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.packets or self.urls)


def neutral_words(settings: Settings) -> LastWords:
    """Return what says to every OSC target of a show that nobody is there and no engine runs."""
    return LastWords(
        tuple(
            (target.host, target.port, tuple(find_dialect(target.dialect).encoder(target, {}).neutral(0.0)))
            for target in targets_of(settings)
        )
    )


class LastWill:
    """Keeps the watcher running, with the newest last words. Nothing runs while there is nothing to say.

    A power cut silences the watcher too: a monitor has to alarm on silence.
    """

    def __init__(self, clock: Clock, report: Callable[[str], None]) -> None:
        self._clock, self._report = clock, report
        self._process: subprocess.Popen[bytes] | None = None
        self._words = LastWords()
        self._tried = -math.inf
        self._closed = False
        # systemd kills all that is left of a service whose main process died, before it could say a word.
        self._apart = SCOPE if SERVICE in os.environ and shutil.which(SCOPE[0]) else ()

    @property
    def process_id(self) -> int | None:
        """The watcher's process; None when none runs."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def write(self, *words: LastWords) -> None:
        """Replace the last words; `update` hands them over again should the watcher have ended."""
        joined = LastWords(
            tuple(one for each in words for one in each.packets),
            tuple(url for each in words for url in each.urls),
        )
        if joined == self._words:
            return
        self._words, self._tried = joined, -math.inf
        if self.process_id is not None:
            self._hand_over()
        self.update()

    def update(self) -> None:
        """Start the watcher if it should run and does not; returns at once."""
        now = self._clock.now()
        if self._closed or not self._words or self.process_id is not None or now - self._tried < REST_SECONDS:
            return
        self._tried = now
        self._release()
        try:
            # By its file and without `site`, since it needs nothing but the standard library, and six months
            # of six megabytes more. In a session of its own, so that Ctrl-C and a closed terminal leave it.
            self._process = subprocess.Popen(
                [*self._apart, sys.executable, "-I", "-S", str(PROGRAM)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd=PROGRAM.anchor,
                start_new_session=True,
                creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
                | getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError as error:
            self._report(f"the last will cannot be kept ({error.strerror or error})")
            return
        self._hand_over()

    def close(self) -> None:
        """Say goodbye: the show ends in good order, and nothing is to be said; twice is harmless."""
        self._closed = True
        process = self._process
        if process is None or process.stdin is None:
            return
        with suppress(OSError, ValueError):
            process.stdin.write(GOODBYE)
        with suppress(OSError, ValueError):
            process.stdin.close()
        try:
            process.wait(GOODBYE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(GOODBYE_SECONDS)
        self._process = None

    def _hand_over(self) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        order: dict[str, Any] = {
            "packets": [
                (host, port, [base64.b64encode(packet).decode() for packet in packets])
                for host, port, packets in self._words.packets
            ],
            "urls": self._words.urls,
        }
        line = json.dumps(order).encode() + b"\n"
        try:
            _write_all(self._process.stdin.fileno(), line)
        except OSError:
            self._release()  # it ended; the next update starts another

    def _release(self) -> None:
        if self._process is not None and self._process.stdin is not None:
            with suppress(OSError, ValueError):
                self._process.stdin.close()
            if self._process.poll() is None:
                self._process.kill()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(GOODBYE_SECONDS)
            if (self._process.returncode or 0) > 0:
                self._apart = ()  # a systemd that cannot do it: without is better than nothing
            self._process = None


def _write_all(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]
