"""What takes a while and must not hold up the loop: done in a thread, one thing after the other."""

from __future__ import annotations

from collections import deque
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    Work = Callable[[], Any]
    Then = Callable[[Any], None]
    Failed = Callable[[Exception], None]


class Errands:
    """Runs work in a thread; what came of it is told in the loop, by `look`.

    The thread is nobody's to wait for: work that never ends does not keep the show from ending.
    """

    def __init__(self, wake: Callable[[], None], failed: Failed) -> None:
        """`failed` is told of every error that nobody else takes."""
        self._wake, self._failed = wake, failed
        self._work: SimpleQueue[tuple[Work, Then | None, Failed | None] | None] = SimpleQueue()
        self._over: deque[Callable[[], None]] = deque()
        self._thread = Thread(target=self._run, name="errands", daemon=True)
        self._thread.start()

    def do(self, work: Work, then: Then | None = None, failed: Failed | None = None) -> None:
        """Run `work` in the thread, then `then` with its result, or `failed` with its error, in the loop."""
        self._work.put((work, then, failed))

    def look(self) -> None:
        """Tell what is over."""
        while self._over:
            self._over.popleft()()

    def close(self) -> None:
        """Begin nothing any more; twice is harmless."""
        while True:
            try:
                self._work.get_nowait()
            except Empty:
                break
        self._work.put(None)
        self._thread.join(0.3)

    def _run(self) -> None:
        while (errand := self._work.get()) is not None:
            work, then, failed = errand
            try:
                result = work()
            except Exception as error:  # it belongs to whoever asked
                self._put(failed or self._failed, error)
            else:
                if then is not None:
                    self._put(then, result)
            self._wake()

    def _put(self, what: Callable[[Any], None], value: Any) -> None:
        self._over.append(lambda: what(value))
