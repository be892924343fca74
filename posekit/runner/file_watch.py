"""Notices that files were saved, once they are whole.

Looking at a file's stamp costs two millionths of a second, works on every disk, and sees an editor that
writes another file and renames it. It is done in a thread, because a disk in the network may not answer.
"""

from __future__ import annotations

from threading import Event, Lock, Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from posekit.clock import Clock

LOOK_SECONDS = 0.02
SETTLE_SECONDS = 0.05
"""So long nothing has changed, and a file counts as whole; many editors empty it before they write."""

Stamp = tuple[int, int, int, int]


class FileWatch:
    """Watches files and collects those that were saved; gone files are waited for.

    `look` does it once; `start` does it in a thread until `close`.
    """

    def __init__(self, files: Iterable[Path], clock: Clock) -> None:
        self._clock = clock
        self._known: dict[Path, Stamp | None] = {}
        self._unsettled: dict[Path, tuple[Stamp, float]] = {}
        self._saved: set[Path] = set()
        self._lock, self._ended = Lock(), Event()
        self._thread: Thread | None = None
        self.files: tuple[Path, ...] = ()
        self.watch(files)

    def watch(self, files: Iterable[Path]) -> None:
        """Watch these files from now on; those that were watched before are still known."""
        files = tuple(dict.fromkeys(files))
        for path in files:
            if path not in self._known:
                self._known[path] = _stamp(path)
        self.files = files

    def count_as_saved(self, path: Path) -> None:
        """Take a file for one that was just saved."""
        with self._lock:
            self._saved.add(path)

    def catch_up(self) -> None:
        """Take every file that is otherwise than it was known for one that was saved, whole or not."""
        for path in self.files:
            stamp = _stamp(path)
            if stamp is not None and stamp != self._known[path]:
                self._known[path] = stamp
                self._unsettled.pop(path, None)
                self.count_as_saved(path)

    def look(self, now: float) -> None:
        """Look at every file once, at `now` seconds."""
        settled = []
        for path in self.files:
            stamp = _stamp(path)
            if stamp is None or stamp == self._known[path]:
                self._unsettled.pop(path, None)
                continue
            seen, since = self._unsettled.get(path, (None, now))
            self._unsettled[path] = (stamp, since if seen == stamp else now)
            if seen == stamp and now - since >= SETTLE_SECONDS:
                settled.append(path)
        # Several files that are saved together are one change.
        if settled and len(settled) == len(self._unsettled):
            for path in settled:
                self._known[path], _ = self._unsettled.pop(path)
            with self._lock:
                self._saved.update(settled)

    def take(self) -> set[Path]:
        """Return the files that were saved since this was last asked."""
        if not self._saved:
            return set()
        with self._lock:
            saved, self._saved = self._saved, set()
        return saved

    def start(self) -> None:
        """Begin to look by itself."""
        self._thread = Thread(target=self._run, name="file watch", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the looking; a disk that does not answer is not waited for."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join(timeout=1.0)

    def _run(self) -> None:
        while not self._ended.wait(LOOK_SECONDS):
            self.look(self._clock.now())


def _stamp(path: Path) -> Stamp | None:
    """Return what tells one state of a file from another; None while there is no such file."""
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino, found.st_dev
