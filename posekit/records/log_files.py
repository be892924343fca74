"""The files of a log: appended to, rotated by size, read from their ends."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAME = "show.jsonl"
PARTS = 5
"""Files that share the room: the one that grows, and four before it."""
BLOCK = 65536


class LogFiles:
    """`show.jsonl` and, older and older, `show.1.jsonl` to `show.4.jsonl`; never more bytes than `bound`.

    Every method raises `OSError` as the disk does, except where it says otherwise.
    """

    def __init__(self, folder: Path, bound: int) -> None:
        self.folder = folder
        self._bound = self._limit = 0
        self._is_limited_anew = False
        self._file: int | None = None
        self._size = 0
        self.limit(bound)

    @property
    def newest(self) -> Path:
        """The file that grows."""
        return self.folder / NAME

    def limit(self, bound: int) -> None:
        """Take another bound from the next line on; may be called from any thread."""
        self._bound, self._limit = bound, max(1, bound // PARTS)
        self._is_limited_anew = True

    def append(self, line: bytes) -> None:
        """Append a line, which ends with a line feed.

        It is written whole or not at all: what a full disk took of it is cut off again.
        """
        if self._file is None or self._is_limited_anew or not self._is_in_place():
            self._is_limited_anew = False
            self._open()
        if self._size and self._size + len(line) > self._limit:
            self._rotate()
        self._append_one(line)

    def sync(self) -> None:
        """Wait until all of it is on the disk."""
        if self._file is not None:
            os.fsync(self._file)

    def close(self) -> None:
        """Close the file; raises nothing. The next line opens it again."""
        if self._file is not None:
            with suppress(OSError):
                os.close(self._file)
        self._file = None

    def paths(self) -> list[Path]:
        """Return the files there are, newest first; raises nothing."""
        found: dict[int, Path] = {}
        with suppress(OSError):
            for path in self.folder.iterdir():
                number = re.fullmatch(r"show(?:\.(\d{1,6}))?\.jsonl", path.name)
                if number:
                    found[int(number[1] or 0)] = path
        return [found[number] for number in sorted(found)]

    def _append_one(self, line: bytes) -> None:
        assert self._file is not None
        taken = 0
        try:
            while taken < len(line):
                taken += os.write(self._file, line[taken:])
        except OSError:
            if taken:
                with suppress(OSError):
                    os.ftruncate(self._file, self._size)
            self.close()
            raise
        self._size += len(line)

    def _is_in_place(self) -> bool:
        """Whether the open file still is the one of that name: somebody may have cleared the folder."""
        assert self._file is not None
        try:
            return os.path.samestat(os.fstat(self._file), self.newest.stat())
        except OSError:
            return False

    def _open(self) -> None:
        self.close()
        self.folder.mkdir(parents=True, exist_ok=True)
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
        self._file = os.open(self.newest, flags, 0o644)
        self._size = os.fstat(self._file).st_size
        self._trim(self._bound - self._limit)
        if self._size and _last_byte(self.newest) != b"\n":
            self._append_one(b"\n")  # a power cut tore the last line; the next one gets a line of its own

    def _rotate(self) -> None:
        self.close()
        for path in reversed(self.paths()):
            number = int((re.search(r"\.(\d+)\.", path.name) or [0, 0])[1])
            path.replace(self.folder / f"show.{number + 1}.jsonl")
        self._open()

    def _trim(self, most: int) -> None:
        """Remove the oldest files, so that those before the newest have at most `most` bytes."""
        total = 0
        for at, path in enumerate(self.paths()[1:], 1):
            total += path.stat().st_size
            if total > most or at >= PARTS:
                path.unlink()


def _last_byte(path: Path) -> bytes:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1)


def lines_backwards(path: Path) -> Iterator[bytes]:
    """Yield a file's lines, the last one first; raises `OSError`."""
    with path.open("rb") as file:
        at = file.seek(0, os.SEEK_END)
        rest = b""
        while at > 0:
            start = max(0, at - BLOCK)
            file.seek(start)
            rest = file.read(at - start) + rest
            at = start
            rest, *lines = rest.split(b"\n") if at > 0 else (b"", *rest.split(b"\n"))
            yield from reversed(lines)
