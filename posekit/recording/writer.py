"""Writes a recording while it happens: whatever ends the process, what was written so far can be read."""

from __future__ import annotations

import gzip
import os
from contextlib import suppress
from typing import IO, TYPE_CHECKING

from posekit.errors import OutputError, SettingsError
from posekit.recording.form import Header, header_line, scene_line
from posekit.recording.scene import record_scene

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from posekit.clock import Clock
    from posekit.geometry import Size
    from posekit.scene import Event, Scene

FLUSH_SECONDS = 0.5
"""How much a killed process may lose."""
PACKED_SUFFIX = ".gz"
FOREIGN = (".csv", ".json")
"""What recordings are exported to, not written as."""


def check_new(path: Path, *, overwrite: bool = False) -> None:
    """Refuse a file that is there already, or that could not be written, before any work is done.

    Raises `SettingsError` or `OutputError`. What is no ordinary file (a pipe, a device) is no obstacle.
    """
    if path.is_dir():
        raise SettingsError(f"{path} is a folder; name a file in it")
    if not path.parent.is_dir():
        raise OutputError(f"cannot write {path}: there is no folder {path.parent}")
    if path.is_file() and not overwrite:
        raise OutputError(f"{path} is there already; name another file, or add --force to replace it")


class RecordingWriter:
    """Appends scenes and events to a new file; packed when its name ends in `.gz`.

    What is written reaches the system within `FLUSH_SECONDS` and the disk at `close`. A disk that is full or
    gone is told in one sentence, and nothing is written from then on: no show ends because of it. The
    constructor raises `OutputError` when the file cannot be opened.
    """

    def __init__(
        self,
        path: Path,
        clock: Clock,
        *,
        source: str = "",
        estimator: str = "",
        overwrite: bool = False,
        report: Callable[[str], None] | None = None,
    ) -> None:
        check_new(path, overwrite=overwrite)
        self.path, self._clock, self._report = path, clock, report
        self._source, self._estimator = source, estimator
        self.scenes = self.events = 0
        """How many were written."""
        self.seconds = 0.0
        """How long it is."""
        self.failure: str | None = None
        """Why it ended early; None while all is well."""
        self._start: float | None = None
        self._size: Size | None = None
        self._flushed = clock.now()
        try:
            self._file = _Counted(path.open("xb" if not overwrite and not path.exists() else "wb"))
        except OSError as error:
            raise OutputError(f"cannot write {path}: {error.strerror or error}") from None
        self._packer = _packer(path, self._file)
        self._is_open = True

    @property
    def bytes(self) -> int:
        """How many were written, packed if it is; also into a pipe, which has no size."""
        return self._file.count

    def write(self, scene: Scene, events: Sequence[Event] = ()) -> None:
        """Append a scene and what happened since the one before."""
        if self.failure is not None or not self._is_open:
            return
        lines = []
        if self._start is None:
            self._start, self._size = scene.captured, scene.size
            lines.append(header_line(Header(scene.size, self._source, self._estimator)))
        recorded = record_scene(scene, events, self._start)
        lines.append(scene_line(recorded, self._size))
        try:
            self._packer.write("".join(lines).encode())
            self._flush_when_due()
        except OSError as error:
            self._fail(error)
            return
        self.scenes += 1
        self.events += len(events)
        self.seconds = max(self.seconds, recorded.time)

    def flush_when_due(self) -> None:
        """Hand what is written to the system, if that was not done for a while; to be called now and then."""
        if self.failure is None and self._is_open:
            try:
                self._flush_when_due()
            except OSError as error:
                self._fail(error)

    def close(self) -> None:
        """Finish the file, down to the disk; twice is harmless. A file without a scene is taken away."""
        if not self._is_open:
            return
        self._is_open = False
        try:
            if self.failure is None:
                self._finish()
        except OSError as error:
            self._fail(error)
        finally:
            self._release()
        if self._start is None and self.path.is_file():
            with suppress(OSError):
                self.path.unlink()

    def _finish(self) -> None:
        if self._packer is not self._file:
            self._packer.close()
        self._file.flush()
        if self.path.is_file():  # a pipe has no disk to reach
            os.fsync(self._file.fileno())

    def _flush_when_due(self) -> None:
        now = self._clock.now()
        if now - self._flushed >= FLUSH_SECONDS or self.scenes == 0:
            self._flushed = now
            self._packer.flush()
            self._file.flush()

    def _fail(self, error: OSError) -> None:
        self.failure = f"{self.path} is not whole: {error.strerror or error}; nothing more is recorded"
        if self._report is not None:
            self._report(self.failure)
        self._is_open = False
        self._release()

    def _release(self) -> None:
        for file in (self._packer, self._file):
            with suppress(OSError, ValueError):  # it was told already that no more can be written
                file.close()

    def __enter__(self) -> RecordingWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Counted:
    """A file that counts what is written to it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self.count = file, 0
        self.fileno, self.flush, self.close = file.fileno, file.flush, file.close

    def write(self, data: bytes | memoryview) -> int:
        written = self._file.write(data)
        self.count += written
        return written


def _packer(path: Path, file: _Counted) -> _Counted | gzip.GzipFile:
    if path.suffix.lower() != PACKED_SUFFIX:
        return file
    return gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0)
