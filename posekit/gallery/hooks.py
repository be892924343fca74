"""What happens outside of a show when it starts, opens, closes, fails or ends: amplifiers, projectors.

Entries run in a thread of their own, one after the other in the order in which they were asked for, so that
nothing that hangs can hold the show, and `off` never overtakes `on`.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from contextlib import suppress
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, NamedTuple

from posekit.clock import SystemClock
from posekit.errors import PosekitError, UnknownNameError
from posekit.gallery.command import LIMIT_SECONDS, Ended, run_command
from posekit.gallery.hook_osc import parse_osc_word
from posekit.secret_values import Secrets

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from posekit.clock import Clock, Wall

HOOKS = ("start", "open", "close", "fault", "clear", "end")
MOST_WAITING = 60
"""Entries; a fault that comes and goes all night must not fill the memory."""
END_SECONDS = 8.0
"""How long the end of the show waits for its hooks: projectors take their time to answer."""
LONGEST_FACT = 1000
"""Letters of a fact in the environment."""


class _Job(NamedTuple):
    hook: str
    entry: Any
    facts: Mapping[str, str]

    @property
    def shown(self) -> str:
        """The entry as it is written in the show file: names, never their values."""
        return self.entry if isinstance(self.entry, str) else " ".join(self.entry)


class Hooks:
    """Fires hooks; all methods may be called from any thread.

    `table` has an attribute with a list of entries for each of `HOOKS`. `report` takes a sentence for the
    technician when hooks begin to fail and when they work again, `log(name, sentence, severity, **data)` an
    entry of the log for each that ran; both are called from a thread of ours. Relative programs are looked
    for in `folder`.
    """

    def __init__(
        self,
        table: object,
        folder: Path,
        wall: Wall,
        report: Callable[[str], None],
        log: Callable[..., object],
        *,
        secrets: Mapping[str, str] | None = None,
        show: str = "",
        clock: Clock | None = None,
        limit: float = LIMIT_SECONDS,
    ) -> None:
        self.sentence = ""
        """What is wrong with hooks now, for the trouble `hook_failed`; empty when the last one worked."""
        self._folder, self._wall, self._report, self._log = folder, wall, report, log
        self._secrets, self._show = Secrets(values=dict(secrets or {})), show
        self._clock, self._limit = clock or SystemClock(), limit
        self._changed = threading.Condition()
        self._waiting: deque[_Job] = deque()
        self._running: _Job | None = None
        self._deadline: float | None = None
        self._entries: dict[str, Sequence[Any]] = {}
        self.use(table)
        self._thread: threading.Thread | None = None

    def use(self, table: object, secrets: Mapping[str, str] | None = None) -> None:
        """Go on with these entries, for instance after the show file was changed, and with other secrets."""
        if secrets is not None:
            self._secrets = Secrets(values=dict(secrets))
        self._entries = {name: tuple(getattr(table, name, ())) for name in HOOKS}

    def fire(self, name: str, **facts: object) -> None:
        """Put the entries of a hook into the queue; returns at once. Raises `UnknownNameError` for no hook.

        `facts` reach commands as POSEKIT_TROUBLE and so on, beside POSEKIT_SHOW, POSEKIT_HOOK and
        POSEKIT_TIME (UTC). A hook `fault` that is fired because a hook failed would never come to an end.
        """
        if name not in HOOKS:
            raise UnknownNameError("hook", name, HOOKS)
        now = datetime.fromtimestamp(self._wall.time(), timezone.utc).isoformat(timespec="seconds")
        told = {"hook": name, "show": self._show, "time": now, **facts}
        texts = {f"POSEKIT_{key.upper()}": _plain(value) for key, value in told.items()}
        left_out = 0
        with self._changed:
            for entry in self._entries[name]:
                if len(self._waiting) >= MOST_WAITING or self._deadline is not None:
                    left_out += 1
                else:
                    self._waiting.append(_Job(name, entry, texts))
            if self._waiting and self._thread is None:
                self._thread = threading.Thread(target=self._work, name="hooks", daemon=True)
                self._thread.start()
            self._changed.notify_all()
        if left_out and self._deadline is None:
            self._fail(f"{left_out} of the hook {name} left out, because {MOST_WAITING} wait already")

    @property
    def is_idle(self) -> bool:
        """Whether nothing runs and nothing waits."""
        with self._changed:
            return not self._waiting and self._running is None

    def wait(self, seconds: float) -> bool:
        """Wait until nothing runs and nothing waits; returns whether it came to that."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._waiting and self._running is None, seconds)

    def close(self, seconds: float = END_SECONDS) -> None:
        """Give what waits so many seconds, `end` among it, then end what still runs; twice is harmless."""
        with self._changed:
            if self._deadline is None:
                self._deadline = self._clock.now() + seconds
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(seconds + 3.0)  # it needs a moment to end a command's group

    # ------------------------------------------------------------------ the thread

    def _work(self) -> None:
        while (job := self._next()) is not None:
            hide = self._secrets.hide
            ended = self._do(job)
            shown = hide(job.shown)
            line = hide(ended.last_line)
            said = f"; it said: {line}" if line else ""
            sentence = f"the hook {job.hook} ({shown}) {hide(ended.sentence) or 'is done'}{said}"
            severity = "notice" if ended.is_ok else "fault"
            with suppress(Exception):  # whoever listens, at a terminal that is gone, must not end the hooks
                self._log("hook", sentence, severity, hook=job.hook, entry=shown, said=line)
                if ended.is_ok:
                    self._recover()
                else:
                    self._fail(sentence)

    def _next(self) -> _Job | None:
        """Return the next entry; None when the show has ended and nothing is to be done any more."""
        with self._changed:
            self._running = None
            self._changed.notify_all()
            while not self._waiting:
                if self._deadline is not None:
                    return None
                self._changed.wait()
            if self._deadline is not None and self._clock.now() >= self._deadline:
                left = len(self._waiting)
                self._waiting.clear()
                self._report(f"hooks: {left} left out, because the show has ended")
                return None
            self._running = self._waiting.popleft()
            return self._running

    def _do(self, job: _Job) -> Ended:
        try:
            words = [self._word(word, job.facts) for word in _words(job.entry)]
            if isinstance(job.entry, str):
                parse_osc_word(words[0]).send()
                return Ended(True, "")
        except (PosekitError, ValueError) as error:
            return Ended(False, f"failed: {error}")
        if not words:
            return Ended(False, "has no words")
        end = self._clock.now() + self._limit

        def is_over() -> str | None:
            now, deadline = self._clock.now(), self._deadline
            if now >= end:
                return f"took longer than {self._limit:g} s and was ended"
            if deadline is None:
                return None
            # Whatever still runs leaves the `end` hooks behind it time to run.
            last = deadline if job.hook == "end" or not self._waiting else deadline - 2 * END_SECONDS / 3
            return "was ended, because the show has ended" if now >= last else None

        return run_command(words, self._folder, {**os.environ, **job.facts}, is_over)

    def _word(self, word: str, facts: Mapping[str, str]) -> str:
        """Return a word as it is run: secrets put in, and a fact where it is the whole word.

        Within a word it is a shell's, which finds it in its environment, and runs none of it.
        """
        return facts[word[1:]] if word[:1] == "$" and word[1:] in facts else self._secrets.reveal(word)

    def _fail(self, sentence: str) -> None:
        is_news, self.sentence = sentence != self.sentence, sentence
        if is_news:
            self._report(sentence)

    def _recover(self) -> None:
        if self.sentence:
            self.sentence = ""
            self._report("hooks work again")


def _words(entry: Any) -> tuple[str, ...]:
    return (entry,) if isinstance(entry, str) else tuple(str(word) for word in entry)


def _plain(value: object) -> str:
    return str(value).replace("\0", " ")[:LONGEST_FACT]
