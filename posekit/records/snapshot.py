"""Reads a file of counts as it is at one moment, without making whoever writes it wait."""

from __future__ import annotations

import sqlite3
from collections import Counter
from typing import TYPE_CHECKING

from posekit.records.local_hour import LocalHour
from posekit.records.tally import Key

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path
    from types import TracebackType

    Row = tuple[int, int, str, str, int, int]
    """An hour's start and distance from UTC, what, name, bucket and number, as they stand in the file."""

WAIT_SECONDS = 1.0
"""How long a program that holds the whole file to itself is waited for."""
READ = """
SELECT start, utc_offset, what, name, bucket, number FROM counts WHERE start >= ? AND start < ?
ORDER BY start, utc_offset, what, name, bucket
"""


class Snapshot:
    """What a file holds at one moment, seen through a read-only connection of its own; to be closed.

    With a write-ahead log neither waits for the other: whatever is committed meanwhile is not in here. Every
    method raises `sqlite3.Error` as the file does.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._begin(path, "mode=ro")
        except sqlite3.OperationalError:
            if path.with_name(path.name + "-wal").exists():
                raise
            # A folder that cannot be written, a stick for instance: nobody else can be writing there either.
            self._begin(path, "immutable=1")

    def __enter__(self) -> Snapshot:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def rows(self, since: int, until: int) -> list[Row]:
        """Return what was counted in the hours that begin in since <= start < until, in order."""
        return self._connection.execute(READ, (since, until)).fetchall()

    def first_hour(self, since: int) -> int | None:
        """Return when the first hour from `since` on begins; None where there is none."""
        found = self._connection.execute("SELECT min(start) FROM counts WHERE start >= ?", (since,))
        first: int | None = found.fetchone()[0]
        return first

    def close(self) -> None:
        """End it."""
        self._connection.close()

    def _begin(self, path: Path, how: str) -> None:
        self._connection = sqlite3.connect(
            f"{path.resolve().as_uri()}?{how}", uri=True, timeout=WAIT_SECONDS, isolation_level=None
        )
        try:
            self._connection.execute("BEGIN")
            # The moment is that of the first look.
            found = self._connection.execute("SELECT writer, number FROM last_batch").fetchone()
            self.last_batch: tuple[str, int] | None = found
        except BaseException:
            self._connection.close()
            raise


def open_snapshot(path: Path) -> Snapshot | None:
    """Open what a file holds now; None where there is no file yet. Raises `sqlite3.Error` and `OSError`."""
    return Snapshot(path) if path.exists() else None


def read_file(path: Path, since: int, until: int) -> Counter[Key]:
    """Return what a file counts; nothing where there is no file yet. Raises `sqlite3.Error`."""
    if (kept := open_snapshot(path)) is None:
        return Counter()
    with kept:
        return counter_of(kept.rows(since, until))


def counter_of(rows: Iterable[Row]) -> Counter[Key]:
    """Return rows as what they count; all of an hour share its one object."""
    hours: dict[tuple[int, int], LocalHour] = {}
    found: dict[Key, int] = {}
    for start, offset, what, name, bucket, number in rows:
        hour = hours.get((start, offset))
        if hour is None:
            hour = hours[start, offset] = LocalHour(start, offset)
        found[Key(hour, what, name, bucket)] = number  # type: ignore[arg-type]  # we wrote it ourselves
    return Counter(found)


def with_more(rows: list[Row], more: Counter[Key]) -> list[Row]:
    """Return rows with what was counted besides, in the same order."""
    if not more:
        return rows
    numbers = {row[:5]: row[5] for row in rows}
    for key, number in more.items():
        place = (*key.hour, key.what, key.name, key.bucket)
        numbers[place] = numbers.get(place, 0) + number
    return [(*place, number) for place, number in sorted(numbers.items())]
