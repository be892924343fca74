"""The receivers of `receivers/` as programs that run, and one performance that all of them hear at once."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from osc_messages import messages_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

RECEIVERS = Path(__file__).parents[1] / "receivers"
STARTS_WITHIN = 40.0
"""Seconds that a program may take until it says that it listens."""
ENDS_WITHIN = 5.0


def free_port(kind: socket.SocketKind = socket.SOCK_DGRAM) -> int:
    """Return the number of a port that nobody has."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Program:
    """A program of its own process group, whose words go to a file; ended with all that it started."""

    def __init__(self, command: list[str], folder: Path, name: str, **environment: str) -> None:
        self.path = folder / f"{name}.log"
        self._file = self.path.open("wb")
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=self._file,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env={**os.environ, "HOME": str(folder), **environment},
            start_new_session=True,
        )

    @property
    def log(self) -> str:
        return self.path.read_text(errors="replace")

    def wait_for(self, is_so: Callable[[str], bool], what: str) -> None:
        """Wait until its words say so; raises `AssertionError` with all of them otherwise."""
        until = time.monotonic() + STARTS_WITHIN
        while not is_so(self.log):
            assert time.monotonic() < until, f"no {what} after {STARTS_WITHIN} s:\n{self.log}"
            assert self._process.poll() is None, f"ended before {what}:\n{self.log}"
            time.sleep(0.02)

    def wait(self) -> int:
        """Wait for its own end; return its exit code."""
        return self._process.wait(STARTS_WITHIN)

    def close(self) -> None:
        """End it and what it started, in this order: please, now."""
        for how in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, how)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(ENDS_WITHIN)
        self._file.close()


@dataclass
class Truth:
    """What was sent, as python-osc reads it at a port of our own."""

    wrist: list[tuple[float, ...]] = field(default_factory=list)
    """x, y, score of every `/p1/left_wrist`."""
    events: list[tuple[str, tuple[float, ...]]] = field(default_factory=list)

    def take(self, packet: bytes) -> None:
        for address, values in messages_of(packet):
            if address == "/p1/left_wrist":
                self.wrist.append(values)
            elif address.startswith("/event/"):
                self.events.append((address, values))


@contextlib.contextmanager
def listening() -> Iterator[tuple[int, Truth, Callable[[], None]]]:
    """Listen at a port; yield it, what was heard, and what is to be called again and again to hear."""
    truth = Truth()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear:
        ear.bind(("127.0.0.1", 0))
        ear.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        ear.setblocking(False)

        def hear() -> None:
            with contextlib.suppress(BlockingIOError):
                while True:
                    truth.take(ear.recv(65535))

        yield ear.getsockname()[1], truth, hear


def perform(targets: list[str], source: list[str], folder: Path, hear: Callable[[], None], *more: str) -> str:
    """Send a performance to all targets with the real `posekit send`; return what it said."""
    command = [sys.executable, "-m", "posekit", "send", "--headless", *source, *more]
    for target in targets:
        command += ["--osc", target]
    with (folder / "send.log").open("wb") as words:
        with subprocess.Popen(command, stdout=words, stderr=subprocess.STDOUT, cwd=folder) as process:
            while process.poll() is None:
                hear()
                time.sleep(0.001)
        hear()
    said = (folder / "send.log").read_text()
    assert process.returncode == 0, said
    return said


def with_port(source: Path, was: str, now: str, folder: Path) -> Path:
    """Copy a receiver with everything beside it, with nothing changed but its port; return the copy."""
    shutil.copytree(source.parent, folder, dirs_exist_ok=True)
    copy = folder / source.name
    text = copy.read_text()
    assert text.count(was) == 1, f"{was!r} is in {source.name} {text.count(was)} times"
    copy.write_text(text.replace(was, now))
    return copy
