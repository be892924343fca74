"""Looks at what may hang or crash from a process of its own, with a limit on how long it may take.

The child says what it is about to do before it does it, one JSON object a line: so a library or driver that
takes the process down, or never comes back, has a name.
"""

from __future__ import annotations

import faulthandler
import json
import subprocess
import sys
from contextlib import suppress
from threading import Thread
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

KILL_SECONDS = 0.5
"""How long a killed child is waited for: one that hangs in its driver cannot even die."""
LIFETIME = 20.0
"""Seconds after which a child ends itself."""
LONGEST_REASON = 300


class Child:
    """A module of ours that runs in a process of its own. Use it as a context manager: leaving kills it."""

    def __init__(self, module: str, order: Mapping[str, Any]) -> None:
        """Start `python -m module`, with the order as JSON on its command line."""
        self.told: list[dict[str, Any]] = []
        """What it has said so far; each has `doing`, or what was found."""
        self._errors: list[str] = []
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, json.dumps(order)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self._readers = [
            Thread(target=self._read_found, daemon=True),
            Thread(target=self._read_errors, daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    def __enter__(self) -> Child:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(KILL_SECONDS)
        for reader, pipe in zip(self._readers, (self._process.stdout, self._process.stderr), strict=True):
            reader.join(KILL_SECONDS)
            if pipe is not None and not reader.is_alive():  # else it is being read, and closing would wait
                pipe.close()

    def wait(self, seconds: float) -> bool:
        """Wait until it has ended, so many seconds at most; whether it has."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
            for reader in self._readers:
                reader.join(KILL_SECONDS)
            return True
        return False

    @property
    def doing(self) -> str:
        """What it was last about to do; empty when it came to its end."""
        return str(self.told[-1].get("doing", "")) if self.told else "start"

    @property
    def reason(self) -> str:
        """Why it ended early, in its own last words or the system's."""
        code = self._process.returncode
        last = next((line for line in reversed(self._errors) if line.strip()), "")
        fate = f"ended by signal {-code}" if code is not None and code < 0 else f"ended with code {code}"
        return last.strip()[:LONGEST_REASON] or fate

    def found(self, name: str) -> dict[str, Any] | None:
        """Return what it found under a name, None while it has not."""
        return next((one for one in self.told if one.get("found") == name), None)

    def _read_found(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            with suppress(ValueError):  # libraries print, too
                said = json.loads(line)
                if isinstance(said, dict):
                    self.told.append(said)

    def _read_errors(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self._errors = [*self._errors[-20:], line.decode(errors="replace")]


def die_in_time() -> None:
    """End this process after a while, should the parent be gone that would have ended it."""
    faulthandler.dump_traceback_later(LIFETIME, exit=True)  # a thread of C: it needs no interpreter


def say(**said: Any) -> None:
    """Say something to the parent."""
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()
