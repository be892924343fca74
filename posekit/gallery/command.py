"""Runs one command of a hook: no shell, no input, a bounded time, and its last line of output."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from typing import IO, TYPE_CHECKING, NamedTuple

import psutil

from posekit.show.lines import PYTHONS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

LIMIT_SECONDS = 30.0
TAIL_BYTES = 4096
"""Of its output, kept for its last line."""
LONGEST_LINE = 300
LOOK_SECONDS = 0.05
PIECE = 1 << 16
DRAIN_SECONDS = 0.5
"""How long the last output is waited for once the command has ended."""


class Ended(NamedTuple):
    """How a command ended."""

    is_ok: bool
    sentence: str
    """`ended with 3`, `took longer than 30 s`; empty when all is well."""
    last_line: str = ""


def run_command(
    words: Sequence[str], folder: Path, environment: Mapping[str, str], is_over: Callable[[], str | None]
) -> Ended:
    """Run it until it ends, or until `is_over` says why it has to; then its whole group is ended.

    What it started in the background and left in its group ends with it. Raises nothing.
    """
    program = sys.executable if words[0] in PYTHONS else words[0]
    try:
        process = subprocess.Popen(
            [program, *words[1:]],
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except (OSError, ValueError) as error:
        return Ended(False, f"cannot be started ({getattr(error, 'strerror', None) or error})")
    assert process.stdout is not None
    tail = _Tail(process.stdout)
    why: str | None = None
    try:
        while why is None:
            with suppress(subprocess.TimeoutExpired):
                process.wait(LOOK_SECONDS)
                break
            why = is_over()
    finally:
        _end_group(process)
        last_line = tail.close()
    if why is not None:
        return Ended(False, why, last_line)
    code = process.returncode
    if code == 0:
        return Ended(True, "", last_line)
    return Ended(False, f"ended with {code}" if code > 0 else f"was ended by signal {-code}", last_line)


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """End it and all that it started; a child that left its group lives on if its parent ended before."""
    if sys.platform == "win32":
        with suppress(psutil.Error):
            for child in psutil.Process(process.pid).children(recursive=True):
                with suppress(psutil.Error):
                    child.kill()
    else:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    with suppress(OSError):
        process.kill()
    with suppress(subprocess.TimeoutExpired):
        process.wait(1.0)


class _Tail:
    """Reads what a command says, so that it never waits for us, and keeps the end."""

    def __init__(self, output: IO[bytes]) -> None:
        self._output, self._kept = output, b""
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._read, name="hook output", daemon=True)
        self._thread.start()

    def close(self) -> str:
        """Return the last line that is not empty, as plain text."""
        self._thread.join(DRAIN_SECONDS)
        self._is_over.set()
        # A process that left the group may hold the pipe's other end: the reader must not wait for it.
        self._thread.join(DRAIN_SECONDS)
        if not self._thread.is_alive():
            self._output.close()
        lines = [line.strip() for line in self._kept.decode(errors="replace").splitlines() if line.strip()]
        plain = "".join(letter if letter.isprintable() else " " for letter in lines[-1]) if lines else ""
        return plain.strip()[:LONGEST_LINE]

    def _read(self) -> None:
        descriptor = self._output.fileno()
        while not self._is_over.is_set():
            if not _has_output(descriptor):
                continue
            try:
                piece = os.read(descriptor, PIECE)
            except OSError:
                return
            if not piece:
                return
            self._kept = (self._kept + piece)[-TAIL_BYTES:]
            if len(piece) > PIECE // 2:
                self._is_over.wait(0.01)  # who floods waits at the pipe, and leaves the processor to the show


def _has_output(descriptor: int) -> bool:
    if sys.platform == "win32":  # where only sockets can be waited for
        return True
    import select

    # select cannot name descriptors above 1,023, and poll can
    waiter = select.poll()
    waiter.register(descriptor, select.POLLIN)
    return bool(waiter.poll(LOOK_SECONDS * 1000))
