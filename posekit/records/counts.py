"""The anonymous counts of a running show: taken without waiting, kept by a thread of their own."""

from __future__ import annotations

import sqlite3
import threading
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING

from posekit.records.counts_file import BrokenFileError, CountsFile, check_integrity, move_aside
from posekit.records.health_tally import HealthTally
from posekit.records.local_hour import local_hour, local_time
from posekit.records.old_hours import DAY, midnight, remove_old
from posekit.records.snapshot import counter_of, open_snapshot, with_more
from posekit.records.tally import Key, tally

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date, tzinfo
    from pathlib import Path

    from posekit.clock import Wall
    from posekit.records.snapshot import Row, Snapshot
    from posekit.scene import Event
    from posekit.show.state import ShowState

PAUSE = 0.5
"""Seconds between two commits; as long again is left for the disk, so that a kill costs a second at most."""
LAZY = 60.0
"""Seconds after which seconds of uptime are kept, when nothing else was counted: a disk wears by commits."""
RETRY = 2.0
"""Seconds until a file that failed is tried again."""
FOREVER = 2**62


class Counts:
    """Counts visits, zones, gestures and the show's own health per hour; see `tally.What` for all of it.

    No position, no picture, no person's id, no time finer than an hour gets into the file, and no length of a
    visit but the bucket it falls in. `note`, `note_state`, `tick` and `visits_today` never wait for the disk
    and never raise; while the file cannot be written, it is counted in memory and `say` is told, once.
    """

    def __init__(
        self,
        path: Path,
        wall: Wall,
        keep_days: int = 400,
        *,
        zone: tzinfo | None = None,
        say: Callable[[str], None] | None = None,
    ) -> None:
        self.path, self.wall, self.zone = path, wall, zone
        self._keep_days, self._days_kept = keep_days, 0
        self._say = say or (lambda _: None)
        self._health = HealthTally()
        self._change = threading.Condition()
        self._pending: Counter[Key] = Counter()
        self._is_urgent = self._is_closing = self._is_asked = False
        self._disk = threading.Lock()
        self._file: CountsFile | None = None
        self._unsure: CountsFile | None = None
        self._in_flight: Counter[Key] = Counter()
        self._problem = ""
        self._day: date | None = None
        self._kept_visits = 0
        self._is_open = threading.Event()
        self._thread = threading.Thread(target=self._run, name="counts", daemon=True)
        self._thread.start()
        self._is_open.wait(RETRY)

    @property
    def problem(self) -> str:
        """Why nothing can be kept just now, in a sentence; empty when all is well."""
        return self._problem

    def note(self, events: Iterable[Event]) -> None:
        """Count events, at the wall's time of now."""
        self._count(tally(events, local_hour(self.wall.time(), self.zone)), is_urgent=True)

    def note_state(self, state: ShowState) -> None:
        """Count uptime, troubles and restarts: to be called with every new state."""
        counted = self._health.update(state, local_hour(self.wall.time(), self.zone))
        self._count(counted, is_urgent=any(key.what in ("trouble", "restart") for key in counted))

    def tick(self) -> None:
        """Let the thread look at the date: a new day begins at nought, and old hours go."""
        if self._date() != self._day:
            with self._change:
                self._is_urgent = True
                self._change.notify_all()

    def visits_today(self) -> int:
        """Return how many visits were over on the venue's day of now."""
        today = self._date()
        with self._change:
            kept = self._kept_visits if self._day == today else 0
            return kept + _visits(self._pending, today) + _visits(self._in_flight, today)

    def keep_for(self, days: int) -> None:
        """Keep hours for so many days from now on; what is older goes at once."""
        with self._change:
            self._keep_days = days
            self._is_urgent = True
            self._change.notify_all()

    def read(self, since: int = 0, until: int = FOREVER) -> Counter[Key]:
        """Return what was counted in the hours that begin in since <= start < until, kept or not yet.

        It may wait for the disk, which no writing waits for; where that fails, it returns what is in memory.
        """
        return counter_of(self.rows(since, until))

    def rows(self, since: int = 0, until: int = FOREVER) -> list[Row]:
        """Return the same as rows, in order."""
        kept, waiting = self._look()
        found: list[Row] = []
        if kept is not None:
            with kept, suppress(sqlite3.Error):
                found = kept.rows(since, until)
        more = {key: number for key, number in waiting.items() if since <= key.hour.start < until}
        return with_more(found, Counter(more))

    def first_hour(self, since: int = 0) -> int | None:
        """Return when the first hour from `since` on begins in which something was counted; None for none."""
        kept, waiting = self._look()
        starts = {key.hour.start for key in waiting if key.hour.start >= since}
        if kept is not None:
            with kept, suppress(sqlite3.Error):
                first = kept.first_hour(since)
                starts |= {first} if first is not None else set()
        return min(starts, default=None)

    def _look(self) -> tuple[Snapshot | None, Counter[Key]]:
        """Return what the file holds, and what waits to be in it: together everything, and nothing twice.

        Both are of a moment at which nothing is being written. The lock is held for no longer than that: what
        is read of the file afterwards is as it was then, whatever is written to it.
        """
        has_disk, kept = self._disk.acquire(timeout=RETRY), None
        try:
            if has_disk:
                with suppress(sqlite3.Error, OSError):
                    kept = open_snapshot(self.path)
            with self._change:
                unsure = self._unsure.last_batch if self._unsure is not None else None
                is_in = kept is not None and kept.last_batch == unsure
                return kept, self._pending + (Counter() if is_in else self._in_flight)
        finally:
            if has_disk:
                self._disk.release()

    def integrity(self) -> list[str]:
        """Return what is wrong with the file, by SQLite's full check; nothing when it is sound."""
        return check_integrity(self.path)

    def flush(self, timeout: float = 5.0) -> bool:
        """Wait until everything is kept; return whether it is."""
        with self._change:
            self._is_asked = True
            self._change.notify_all()
            return self._change.wait_for(lambda: not (self._pending or self._in_flight), timeout)

    def close(self, timeout: float = 3.0) -> None:
        """Keep what was counted, as far as the disk takes it in `timeout` seconds. May be called twice."""
        with self._change:
            self._is_closing = True
            self._change.notify_all()
        self._thread.join(timeout)

    def _count(self, counted: Counter[Key], *, is_urgent: bool) -> None:
        if counted:
            with self._change:
                self._pending.update(counted)
                if is_urgent:
                    self._is_urgent = True
                    self._change.notify_all()

    def _date(self) -> date:
        return local_time(self.wall.time(), self.zone).date()

    def _run(self) -> None:
        while True:
            with self._change:
                is_last = self._is_closing
                self._is_urgent = self._is_asked = False
            has_written = self._keep()
            self._is_open.set()
            with self._change:
                self._change.notify_all()
                if is_last:
                    break
                pause = RETRY if self._problem else PAUSE if has_written else 0.0
                self._change.wait_for(self._is_hurried, pause)
                if not self._problem:
                    self._change.wait_for(lambda: self._is_urgent or self._is_hurried(), LAZY)
        with self._disk:
            if self._file is not None:
                self._file.close()
                self._file = None

    def _is_hurried(self) -> bool:
        return self._is_closing or self._is_asked

    def _keep(self) -> bool:
        """Write what is pending, and return whether there was any; what fails stays pending."""
        with self._disk:
            try:
                self._make_ready()
                has_written = self._add()
                self._look_at_date()
            except Exception as error:  # whatever it is: what was counted stays, and is tried again
                self._fail(error)
                return False
            if self._problem:
                self._problem = ""
                self._tell("the counts are kept again; nothing that was counted meanwhile is lost")
            return has_written

    def _make_ready(self) -> None:
        if self._file is not None and not self._file.is_in_place():
            self._file.close()
            self._file = None
            self._tell("the file of the counts was taken away; another one is begun")
        if self._file is None:
            self._file = self._open()
        if self._unsure is not None:
            is_in = self._file.has_taken(self._unsure)
            with self._change:
                if is_in:
                    self._note_kept()
                else:
                    self._pending.update(self._in_flight)
                    self._in_flight = Counter()
                self._unsure = None

    def _open(self) -> CountsFile:
        try:
            return CountsFile(self.path)
        except BrokenFileError as error:
            stamp = local_time(self.wall.time(), self.zone).strftime("%Y%m%d-%H%M%S")
            kept = move_aside(self.path, stamp)
            self._tell(
                f"the file of the counts is broken ({error}); it is kept as {kept.name}, a new one is begun"
            )
            return CountsFile(self.path)

    def _add(self) -> bool:
        assert self._file is not None
        with self._change:
            self._in_flight, self._pending = self._pending, Counter()
        if not self._in_flight:
            return False
        try:
            self._file.add(self._in_flight)
        except sqlite3.Error:
            self._unsure = self._file
            raise
        with self._change:
            self._note_kept()
        return True

    def _note_kept(self) -> None:
        """Count what was in flight as kept. The lock is held."""
        if self._day is not None:
            self._kept_visits += _visits(self._in_flight, self._day)
        self._in_flight = Counter()

    def _look_at_date(self) -> None:
        """On a new day, learn how many visits it has had before; and let old hours go."""
        assert self._file is not None
        today, keep_days = self._date(), self._keep_days
        if today != self._day:
            around = self._file.read(midnight(today) - 2 * DAY, midnight(today) + 3 * DAY)
            with self._change:
                self._kept_visits, self._day = _visits(around, today), today
        elif keep_days == self._days_kept:
            return
        remove_old(self._file, today, keep_days)
        self._days_kept = keep_days

    def _fail(self, error: Exception) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
        is_new = not self._problem
        self._problem = f"the counts cannot be kept: {error}"
        if is_new:
            self._tell(f"{self._problem}; they are counted in memory and kept as soon as it works again")

    def _tell(self, sentence: str) -> None:
        with suppress(Exception):  # whoever listens must not end the counting
            self._say(sentence)


def _visits(counted: Counter[Key], day: date) -> int:
    return sum(number for key, number in counted.items() if key.what == "visit" and key.hour.day == day)
