"""The lines of a text file, packed with gzip or not: bounded in length, and as many as are whole."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from posekit.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CHUNK = 1 << 16
LONGEST = 1 << 22
"""Bytes of a line; a hundred people in 33 keypoints and metres take a tenth of that."""
GZIP_MAGIC = b"\x1f\x8b"
GZIP_WINDOW = 31
"""What zlib calls a gzip container with any window (zlib.h, inflateInit2)."""
UNREADABLE = b"\0"
"""Stands for the rest of a packed file that cannot be unpacked: a last line that nobody takes for whole."""


@dataclass(frozen=True)
class Line:
    """One line without its end."""

    number: int
    """From 1."""
    data: bytes
    is_ended: bool
    """Whether a line end follows; only the file's last line may lack one, as when its writer was killed."""


def read_lines(path: Path, longest: int = LONGEST) -> Iterator[Line]:
    """Yield a file's lines that are not blank; raises `SourceError` for what cannot be read or is too long.

    A packed file that was cut off yields every line that is whole, then the beginning of the next.
    """
    rest, number = b"", 0
    for chunk in read_chunks(path):
        parts = (rest + chunk).split(b"\n") if b"\n" in chunk else [rest + chunk]
        rest = parts.pop()
        for part in parts:
            number += 1
            _check_length(path, number, part, longest)
            if part.strip():
                yield Line(number, part, is_ended=True)
        _check_length(path, number + 1, rest, longest)
    if rest.strip():
        yield Line(number + 1, rest, is_ended=False)


def read_chunks(path: Path) -> Iterator[bytes]:
    """Yield a file's bytes, unpacked; raises `SourceError`."""
    try:
        with path.open("rb") as file:
            is_packed = file.read(2) == GZIP_MAGIC
            file.seek(0)
            yield from _unpack(file) if is_packed else iter(lambda: file.read(CHUNK), b"")
    except OSError as error:
        raise SourceError(f"cannot read {path}: {error.strerror or error}") from None


def _unpack(file: IO[bytes]) -> Iterator[bytes]:
    """Yield what a gzip file holds, piece by piece, so that a small file cannot fill the memory."""
    inflater = zlib.decompressobj(GZIP_WINDOW)
    packed = b""
    while packed or (packed := file.read(CHUNK)):
        try:
            data = inflater.decompress(packed, CHUNK)
        except zlib.error:
            yield UNREADABLE
            return
        if data:
            yield data
        packed = inflater.unconsumed_tail
        if inflater.eof:
            packed = inflater.unused_data.lstrip(b"\0")
            inflater = zlib.decompressobj(GZIP_WINDOW)
    yield inflater.flush()


def _check_length(path: Path, number: int, line: bytes, longest: int) -> None:
    if len(line) > longest:
        raise SourceError(
            f"{path}, line {number}: it is longer than {longest:,} bytes, so it is no recording's"
        )
