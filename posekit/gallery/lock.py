"""One supervisor for each show folder: a lock that the system itself frees, however its holder ends."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import IO, TYPE_CHECKING

from posekit.errors import OutputError
from posekit.show.state_file import make_runtime_folder, state_path

if TYPE_CHECKING:
    from pathlib import Path


class ShowLock:
    """Holds the lock of a show folder until it is closed; raises `OutputError` when another one has it."""

    def __init__(self, folder: Path) -> None:
        self._path = lock_path(folder)
        make_runtime_folder(self._path.parent)
        try:
            self._file: IO[str] = self._path.open("a+", encoding="utf-8")
        except OSError as error:
            raise OutputError(f"cannot write {self._path}: {error.strerror}") from None
        try:
            _take(self._file)
        except OSError:
            self._file.close()
            raise OutputError(
                f"the show in {folder} runs already{self._holder()}; end that one first, "
                "or look at it with: posekit gallery status"
            ) from None
        self._write_holder()

    def close(self) -> None:
        """Give it back; twice is harmless."""
        self._file.close()

    def _write_holder(self) -> None:
        # Beside the lock, because on Windows nobody else can read a locked file.
        with suppress(OSError):
            self._path.with_suffix(".pid").write_text(str(os.getpid()), encoding="utf-8")

    def _holder(self) -> str:
        with suppress(OSError, ValueError):
            return f" (process {int(self._path.with_suffix('.pid').read_text(encoding='utf-8'))})"
        return ""


def lock_path(folder: Path) -> Path:
    """Return the file that stands for a show folder; it lies where it goes with the machine's next start."""
    return state_path(folder).with_suffix(".lock")


if sys.platform == "win32":
    import msvcrt

    def _take(file: IO[str]) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _take(file: IO[str]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
