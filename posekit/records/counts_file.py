"""The SQLite file of the counts: opened or begun anew, added to exactly once, cleared of what is old."""

from __future__ import annotations

import sqlite3
import uuid
from contextlib import suppress
from typing import TYPE_CHECKING

from posekit.records.snapshot import READ, counter_of

if TYPE_CHECKING:
    import os
    from collections import Counter
    from collections.abc import Mapping
    from pathlib import Path

    from posekit.records.tally import Key

SCHEMA_VERSION = 1
BUSY_SECONDS = 1.0
"""How long another program may hold the file, a backup for instance, before a try counts as failed."""
SCHEMA = """
CREATE TABLE counts (
  start INTEGER NOT NULL,   -- seconds since 1970 (UTC) at which the venue's hour begins
  utc_offset INTEGER NOT NULL,  -- seconds that the venue's clock is ahead of UTC in it
  what TEXT NOT NULL,
  name TEXT NOT NULL,
  bucket INTEGER NOT NULL,
  number INTEGER NOT NULL,
  PRIMARY KEY (start, utc_offset, what, name, bucket)
) WITHOUT ROWID;
CREATE TABLE last_batch (
  only INTEGER PRIMARY KEY CHECK (only = 1), writer TEXT NOT NULL, number INTEGER NOT NULL
);
INSERT INTO last_batch VALUES (1, '', 0);
"""
ADD = """
INSERT INTO counts VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET number = number + excluded.number
"""


class BrokenFileError(Exception):
    """The file is no database of ours, or a damaged one."""


class CountsFile:
    """One open file of counts. Every method raises `sqlite3.Error` or `OSError` as the disk does.

    A write-ahead log with `synchronous=FULL`: a transaction is on the disk when it is committed, so a killed
    process loses none, nor does a power cut. It costs one wait for the disk each time.
    """

    def __init__(self, path: Path) -> None:
        """Open it, or begin it; raises `BrokenFileError` besides."""
        self.path = path
        self._writer = uuid.uuid4().hex
        self._batch = 0
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = _connect(path)
        try:
            _prepare(self._connection)
            self._identity: os.stat_result = path.stat()
        except BaseException:
            self._connection.close()
            raise

    @property
    def last_batch(self) -> tuple[str, int]:
        """By what the last batch that was added here is known in the file, if it is there."""
        return self._writer, self._batch

    def is_in_place(self) -> bool:
        """Whether the open file still is the one of that name: somebody may have cleared the folder."""
        try:
            found = self.path.stat()
        except OSError:
            return False
        return (found.st_ino, found.st_dev) == (self._identity.st_ino, self._identity.st_dev)

    def add(self, batch: Mapping[Key, int]) -> None:
        """Add a batch, all of it or nothing."""
        self._batch += 1
        with _transaction(self._connection):
            rows = ((*key.hour, key.what, key.name, key.bucket, number) for key, number in batch.items())
            self._connection.executemany(ADD, rows)
            self._connection.execute(
                "UPDATE last_batch SET writer = ?, number = ?", (self._writer, self._batch)
            )

    def has_taken(self, other: CountsFile) -> bool:
        """Whether the last batch in the file is the one that another connection was not sure of.

        A commit that failed may stand all the same, when the error came after it was written.
        """
        found = self._connection.execute("SELECT writer, number FROM last_batch").fetchone()
        return bool(found == other.last_batch)

    def remove_before(self, start: int) -> int:
        """Remove the hours that began before `start`; return how many rows those were."""
        with _transaction(self._connection):
            return self._connection.execute("DELETE FROM counts WHERE start < ?", (start,)).rowcount

    def read(self, since: int, until: int) -> Counter[Key]:
        """Return what was counted in the hours that begin in since <= start < until."""
        return counter_of(self._connection.execute(READ, (since, until)))

    def close(self) -> None:
        """Close it; raises nothing."""
        with suppress(sqlite3.Error):
            self._connection.close()


def check_integrity(path: Path) -> list[str]:
    """Return what is wrong with a file, by SQLite's own full check; nothing for a sound one."""
    try:
        connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=BUSY_SECONDS)
        try:
            found = [str(row[0]) for row in connection.execute("PRAGMA integrity_check")]
        finally:
            connection.close()
    except sqlite3.Error as error:
        return [str(error)]
    return [] if found == ["ok"] else found


def move_aside(path: Path, stamp: str) -> Path:
    """Move a broken file, with what belongs to it, out of the way; return its new place."""
    numbers = ("", *(f"-{number}" for number in range(1, 1000)))
    names = (f"{path.stem}.broken-{stamp}{number}{path.suffix}" for number in numbers)
    target = next(place for place in map(path.with_name, names) if not place.exists())
    for ending in ("-wal", "-shm"):
        with suppress(FileNotFoundError):
            path.with_name(path.name + ending).replace(target.with_name(target.name + ending))
    path.replace(target)
    return target


def remove_aside(path: Path, before: float) -> None:
    """Remove broken files that were last written to before a wall time; raises nothing."""
    with suppress(OSError):
        for kept in path.parent.glob(f"{path.stem}.broken-*"):
            with suppress(OSError):
                if kept.stat().st_mtime < before:
                    kept.unlink()


def _connect(path: Path) -> sqlite3.Connection:
    # Every call comes from one thread at a time, under the lock of whoever owns it.
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA fullfsync = ON")  # macOS: the disk's own cache too
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("PRAGMA journal_size_limit = 1000000")
    except sqlite3.DatabaseError as error:
        connection.close()
        if type(error) is sqlite3.DatabaseError:  # "file is not a database"; a busy one is another class
            raise BrokenFileError(str(error)) from None
        raise
    return connection


def _prepare(connection: sqlite3.Connection) -> None:
    """Check a file that was there, or make the tables of a new one."""
    try:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version == 0 and not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            with _transaction(connection):
                for statement in SCHEMA.strip().rstrip(";").split(";\n"):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
            return
        if version != SCHEMA_VERSION:
            raise BrokenFileError(f"it has the layout {version}, this posekit knows {SCHEMA_VERSION}")
        found = [row[0] for row in connection.execute("PRAGMA quick_check")]
        if found != ["ok"]:
            raise BrokenFileError(str(found[0]))
        connection.execute(READ, (0, 1)).fetchone()
        connection.execute("SELECT writer, number FROM last_batch").fetchone()
    except sqlite3.OperationalError as error:
        if str(error).startswith("no such"):
            raise BrokenFileError(str(error)) from None
        raise
    except sqlite3.DatabaseError as error:
        raise BrokenFileError(str(error)) from None


class _transaction:  # noqa: N801  # reads as a word
    """One transaction that waits for its turn to write at its beginning, never in its middle."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __enter__(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            try:
                self._connection.execute("COMMIT")
                return
            except sqlite3.Error:
                self._roll_back()
                raise
        self._roll_back()

    def _roll_back(self) -> None:
        with suppress(sqlite3.Error):
            self._connection.execute("ROLLBACK")
