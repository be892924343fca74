"""The show's housekeeping, in a thread: memory and disk are looked at, and its state is written."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from threading import Event, Thread
from typing import TYPE_CHECKING

import psutil

from posekit.errors import PosekitError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

LOOK_SECONDS = 1.0


class Figures:
    """Looks once a second; a disk that answers late (a network's) holds up nobody but this thread.

    `processes` returns the process ids of the parts, by name. `free` says how much room there is, in bytes;
    `write` keeps the state, and may raise `PosekitError`.
    """

    def __init__(
        self,
        processes: Callable[[], Mapping[str, int | None]],
        folder: Path,
        free: Callable[[Path], int] | None = None,
        write: Callable[[], None] | None = None,
    ) -> None:
        self._processes, self._folder, self._free = processes, folder, free or free_bytes
        self._write = write or (lambda: None)
        self.memory: dict[str, int] = {}
        """Resident bytes by name, and of the `supervisor`."""
        self.disk_free: int | None = None
        """Bytes; None while not known."""
        self._closed = Event()
        self._thread = Thread(target=self._run, name="figures", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop; twice is harmless."""
        self._closed.set()
        self._thread.join(0.2)

    def _run(self) -> None:
        while True:
            self._look()
            if self._closed.wait(LOOK_SECONDS):
                return

    def _look(self) -> None:
        memory = {}
        for name, number in {**self._processes(), "supervisor": os.getpid()}.items():
            if number is not None:
                with suppress(psutil.Error):
                    memory[name] = int(psutil.Process(number).memory_info().rss)
        self.memory = memory
        with suppress(OSError):
            self.disk_free = self._free(self._folder)
        with suppress(PosekitError, OSError):
            self._write()


def free_bytes(folder: Path) -> int:
    """Return how many bytes a file in a folder may take."""
    return shutil.disk_usage(folder).free
