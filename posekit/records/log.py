"""The log of a show: one JSON object a line, written beside the show, never in its way."""

from __future__ import annotations

import json
import threading
from collections import deque
from contextlib import suppress
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from posekit.records.floods import Floods
from posekit.records.local_hour import local_time
from posekit.records.log_files import LogFiles, lines_backwards
from posekit.records.plain import Masking

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import tzinfo
    from pathlib import Path

    from posekit.clock import Wall
    from posekit.records.floods import Sum
    from posekit.show.state import Severity

MOST_WAITING = 2000
"""Lines that wait for the disk; what comes when there are so many is lost, and counted."""
RETRY = 2.0
"""Seconds until a disk that failed is tried again."""
LONGEST_LINE = 8192
"""Bytes of one line; a longer one loses its data."""


class ShowLog:
    """What happened in a show, for the technician: when, what, how bad, in a sentence, with figures.

    `write` may be called from any thread; it neither waits nor raises. A thread of its own writes the lines;
    while the disk does not take them they wait in memory, as many as there is room for. A sentence that is
    said more than three times a minute is summed. `secrets` are values that never may be in it.
    """

    def __init__(
        self,
        folder: Path,
        wall: Wall,
        megabytes: float = 20,
        *,
        secrets: Iterable[str] = (),
        zone: tzinfo | None = None,
    ) -> None:
        self._files = LogFiles(folder, int(megabytes * 1_000_000))
        self._wall = wall
        self._zone = zone
        self._masking = Masking(secrets)
        self._floods = Floods()
        self._waiting: deque[dict[str, Any]] = deque()
        self._change = threading.Condition()
        self._disk = threading.Lock()
        self._lost = 0
        self._lost_all = 0
        self._problem = ""
        self._since = 0.0
        self._is_closing = self._is_asked = self._is_writing = False
        self._thread = threading.Thread(target=self._run, name="log", daemon=True)
        self._thread.start()

    @property
    def problem(self) -> str:
        """Why nothing can be written just now; empty when all is well."""
        return self._problem

    @property
    def lost(self) -> int:
        """How many lines were lost since the start."""
        return self._lost_all

    def mask(self, secrets: Iterable[str]) -> None:
        """Mask further secrets, for a show that read them again; an engine may still use the former ones."""
        self._masking = self._masking.and_also(secrets)

    def limit(self, megabytes: float) -> None:
        """Take other room for all files together, from the next line on."""
        self._files.limit(int(megabytes * 1_000_000))

    def write(self, name: str, sentence: str, severity: Severity = "notice", **data: object) -> None:
        """Tell what happened: `name` for machines, a sentence for people, plain figures as `data`."""
        try:
            self._write(name, sentence, severity, data)
        except Exception:  # whatever was handed in: a log never ends what it is told of
            self._lose(1)

    def newest(self, count: int, severity: Severity | None = None) -> list[dict[str, Any]]:
        """Return the newest lines, newest first, also those that wait for the disk; of one severity, or all.

        It reads files, so it is nothing for a loop that must not wait. Raises nothing.
        """
        has_disk = self._disk.acquire(timeout=RETRY)  # a disk that hangs has the writer
        try:
            with self._change:
                waiting = list(self._waiting)
            kept = _kept(self._files) if has_disk else iter(())
            lines = (line for line in chain(reversed(waiting), kept) if severity in (None, line["severity"]))
            return list(islice(lines, max(0, count)))
        finally:
            if has_disk:
                self._disk.release()

    def flush(self, timeout: float = 5.0) -> bool:
        """Wait until everything is written; return whether it is."""
        with self._change:
            self._is_asked = True
            self._change.notify_all()
            return self._change.wait_for(lambda: not (self._waiting or self._is_writing), timeout)

    def close(self, timeout: float = 3.0) -> None:
        """Write what waits, as far as the disk takes it within `timeout` seconds. May be called twice."""
        with self._change:
            self._is_closing = True
            self._change.notify_all()
        self._thread.join(timeout)

    def _write(self, name: str, sentence: str, severity: str, data: Mapping[str, object]) -> None:
        time = self._wall.time()
        sentence = " ".join(str(self._masking.plain(str(sentence))).split())
        line = self._line(time, self._masking.clean(str(name)), severity, sentence, data)
        with self._change:
            if self._is_closing:
                return self._lose(1)
            # Before the queue, so that a flood of one sentence pushes nothing else out of it.
            is_admitted, sums = self._floods.admit(line["name"], severity, sentence, time)
            for one in (*map(self._summary, sums), *((line,) if is_admitted else ())):
                self._put(one)
            self._change.notify_all()
            return None

    def _line(
        self, time: float, name: str, severity: str, sentence: str, data: Mapping[str, object]
    ) -> dict[str, Any]:
        line = {"time": self._stamp(time), "name": name, "severity": severity, "sentence": sentence}
        return {**line, "data": self._masking.plain(dict(data))} if data else line

    def _stamp(self, time: float) -> str:
        return local_time(time, self._zone).isoformat(timespec="milliseconds")

    def _put(self, line: dict[str, Any]) -> None:
        """Let a line wait for the disk; the oldest makes room for it. The lock is held."""
        self._waiting.append(line)
        while len(self._waiting) > MOST_WAITING:
            self._waiting.popleft()
            self._lose(1)

    def _lose(self, count: int) -> None:
        self._lost += count
        self._lost_all += count

    def _run(self) -> None:
        while True:
            with self._change:
                self._change.wait_for(self._is_due, 1.0 if self._floods.is_holding else None)
                is_last, self._is_asked = self._is_closing, False
                for summed in self._floods.take_over(self._wall.time(), everything=is_last):
                    self._put(self._summary(summed))
                self._is_writing = True
            is_written = self._write_waiting()
            with self._change:
                self._is_writing = False
                self._change.notify_all()
                if is_last:
                    break
                if not is_written:
                    self._change.wait_for(lambda: self._is_closing or self._is_asked, RETRY)
        self._files.close()

    def _is_due(self) -> bool:
        return bool(self._waiting) or self._is_closing or self._is_asked

    def _summary(self, summed: Sum) -> dict[str, Any]:
        words = f"{summed.sentence} ... {summed.times:,} times more in {summed.seconds:.0f} s"
        data = {"times": summed.times, "seconds": summed.seconds}
        return self._line(self._wall.time(), summed.name, summed.severity, words, data)

    def _write_waiting(self) -> bool:
        """Write what waits; what the disk does not take goes on waiting. Return whether it took all."""
        with self._disk:
            with self._change:
                lines = list(self._waiting)
                self._waiting.clear()
            written = 0
            try:
                for line in lines:
                    self._files.append(_encoded(line))
                    written += 1
                self._files.sync()
                self._tell_of_loss()
            except OSError as error:
                self._files.close()
                with self._change:
                    if not self._problem:
                        self._since = self._wall.time()
                    self._problem = f"the log cannot be written: {error.strerror or error}"
                    self._waiting.extendleft(reversed(lines[written:]))
                return False
            return True

    def _tell_of_loss(self) -> None:
        """Say, when the disk works again, that it did not and what that cost."""
        with self._change:
            problem, lost = self._problem, self._lost
        if not (problem or lost):
            return
        now = self._wall.time()
        words = f"{problem or 'too much was said at once'}; it works again, {lost:,} lines were lost"
        data = {"lost": lost, "seconds": now - self._since if problem else 0}
        self._files.append(_encoded(self._line(now, "log", "notice", words, data)))
        with self._change:
            self._problem, self._lost = "", self._lost - lost


def read_log(folder: Path, count: int, severity: Severity | None = None) -> list[dict[str, Any]]:
    """Return the newest lines of a log that another process may be writing, newest first; raises nothing."""
    lines = (line for line in _kept(LogFiles(folder, 0)) if severity in (None, line["severity"]))
    return list(islice(lines, max(0, count)))


def _encoded(line: dict[str, Any]) -> bytes:
    data = _as_json(line)
    return (data if len(data) <= LONGEST_LINE else _as_json({**line, "data": "<too much>"})) + b"\n"


def _as_json(line: dict[str, Any]) -> bytes:
    return json.dumps(line, ensure_ascii=False).encode("utf-8", "backslashreplace")


def _kept(files: LogFiles) -> Iterator[dict[str, Any]]:
    """Yield the lines in all files, newest first; what is no line of a log is passed over."""
    for path in files.paths():
        with suppress(OSError):
            for text in lines_backwards(path):
                with suppress(ValueError):
                    line = json.loads(text) if text else None
                    if isinstance(line, dict) and {"time", "name", "severity", "sentence"} <= line.keys():
                        yield line
