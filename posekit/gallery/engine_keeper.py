"""The engine of a show, kept in a thread of its own, so that nothing it needs time for holds up the loop.

On Linux an engine ends with the thread that started it, so this thread lives as long as the supervisor.
"""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from threading import Condition, Thread
from typing import TYPE_CHECKING, Any

from posekit.engine.outbox import EVENT_LIMIT
from posekit.errors import PosekitError, SourceError
from posekit.gallery.ladder import Ladder
from posekit.health import CameraState, Health
from posekit.runner import interrupt

if TYPE_CHECKING:
    from collections.abc import Callable

    from posekit.clock import Clock
    from posekit.runner.feed import Update
    from posekit.scene import Event

IDLE_SECONDS = 0.1
"""How often the thread looks whether something is wanted while no engine runs."""
AGAIN_SECONDS = 1.0
"""Between the end of a source and its next beginning."""
SOURCE_SECONDS = 3.0
"""How often a source is looked for that is not there: nobody gives up a camera that may be plugged in."""


class EngineKeeper:
    """Opens a feed, polls it, and opens another when it raises; whoever wants may rest it meanwhile.

    `open_feed` opens an `EngineFeed`, and is called in the thread; so is everything that `tell` is given.
    `wake` is called when there is something new.
    """

    def __init__(
        self,
        open_feed: Callable[[], Any],
        clock: Clock,
        wake: Callable[[], None],
        report: Callable[[str], None],
    ) -> None:
        self._open_feed, self._clock, self._wake, self._report = open_feed, clock, wake, report
        self._changed = Condition()
        self._told: deque[Callable[[Any], None]] = deque()
        self._events: deque[Event] = deque(maxlen=EVENT_LIMIT)
        self._newest: Update | None = None
        self._ladder = Ladder(clock)
        self._is_wanted = self._is_ending = False
        self._earliest = 0.0
        self.feed: Any = None
        """The feed, for reading; None while there is none."""
        self.failure = ""
        """Why no feed can be opened, in a sentence; empty when one could."""
        self.has_no_source = False
        """Whether that is because the source, a camera perhaps, is not there."""
        self._restarts = self._renewals = 0
        self.next_id = 1
        """Above every id that was given so far."""
        self.last_end = ""
        """Why the engine before this one ended, in a sentence."""
        self._thread = Thread(target=self._run, name="engine-keeper", daemon=True)
        self._thread.start()

    @property
    def is_given_up(self) -> bool:
        """Whether it failed to start again and again; it is still tried now and then."""
        return self._ladder.is_given_up

    @property
    def restarts(self) -> int:
        """How often an engine was lost and replaced."""
        return self._restarts + int(getattr(self.feed, "restarts", 0))

    @property
    def renewals(self) -> int:
        """How often an engine was replaced as planned."""
        return self._renewals + int(getattr(self.feed, "renewals", 0))

    @property
    def is_wanted(self) -> bool:
        """Whether an engine is to run."""
        return self._is_wanted

    @property
    def is_resting(self) -> bool:
        """Whether no engine runs because nobody wants one."""
        return not self._is_wanted and self.feed is None

    def want(self, is_wanted: bool) -> None:
        """Run an engine, or none; returns at once."""
        if is_wanted != self._is_wanted:
            self._is_wanted = is_wanted
            self._ladder.hurry()
            self._notify()

    def hurry(self) -> None:
        """Try again at once, because something was changed."""
        self._ladder.hurry()
        self._earliest = 0.0
        self._notify()

    def tell(self, what: Callable[[Any], None]) -> None:
        """Have something done with the feed, in its thread; nothing happens while there is none."""
        with self._changed:
            self._told.append(what)
            self._changed.notify_all()

    def take(self) -> tuple[Update | None, tuple[Event, ...]]:
        """Return the newest update since the last look, or None, and every event since."""
        with self._changed:
            update, self._newest = self._newest, None
            events = tuple(self._events)
            self._events.clear()
        return update, events

    def end(self) -> None:
        """Begin to end; `close` waits for it."""
        self._is_ending = True
        self._notify()

    def close(self, seconds: float = 2.5) -> None:
        """End the engine in good order; twice is harmless."""
        self.end()
        self._thread.join(seconds)

    def _notify(self) -> None:
        with self._changed:
            self._changed.notify_all()

    @property
    def is_working(self) -> bool:
        """Whether the thread still does what it is for; without it no engine is looked after."""
        return self._is_ending or self._thread.is_alive()

    def _run(self) -> None:
        while not (self._is_ending or interrupt.is_asked()):
            if not self._is_wanted:
                with suppress(SourceError):
                    self._obey()
                self._close_feed()
                self._wait()
            elif self.feed is None:
                self._open_when_due()
            else:
                self._poll()
        self._close_feed()

    def _wait(self) -> None:
        with self._changed:
            self._told.clear()
            self._changed.wait(IDLE_SECONDS)

    def _open_when_due(self) -> None:
        if not self._ladder.is_due or self._clock.now() < self._earliest:
            self._wait()
            return
        try:
            self.feed = self._open_feed()
        except SourceError as error:
            self._miss(str(error))
        except Exception as error:  # whatever it is, a show goes on trying
            self._fail(_sentence(error), 0.0)
        else:
            self.failure, self.has_no_source = "", False
            self._wake()

    def _poll(self) -> None:
        feed = self.feed
        try:
            self._obey()
            update = feed.poll()
        except Exception as error:
            lived = self._clock.now() - float(getattr(feed, "started", 0.0))
            self._close_feed()
            if isinstance(error, SourceError):
                self._miss(str(error))
            else:
                self._fail(_sentence(error), lived)
            return
        self.last_end = getattr(feed, "last_end", "") or self.last_end
        self._keep(update)
        if update.finished:
            self._report("the source came to its end; it begins again")
            self._close_feed()
            self._earliest = self._clock.now() + AGAIN_SECONDS

    def _obey(self) -> None:
        """Do what was told, as far as there is a feed to do it with; raises `SourceError` alone."""
        while self._told and self.feed is not None:
            try:
                self._told.popleft()(self.feed)
            except SourceError:
                raise
            except Exception as error:  # whoever asked for it asked for too much; the engine goes on
                self._report(f"the engine was asked for what it cannot do: {_sentence(error)}")

    def _keep(self, update: Update) -> None:
        with self._changed:
            self._newest = update
            self._events.extend(update.events)
        if update.events:
            self.next_id = max(self.next_id, *(event.person_id + 1 for event in update.events))
        self._wake()

    def _miss(self, sentence: str) -> None:
        if sentence != self.failure:
            self._report(f"{sentence}; it is looked for until it is there")
        self.failure = self.last_end = sentence
        self.has_no_source = True
        self._earliest = self._clock.now() + SOURCE_SECONDS
        self._keep(_absent())

    def _fail(self, sentence: str, lived: float) -> None:
        wait = self._ladder.fail(lived)
        self.has_no_source = False
        self.failure = self.last_end = sentence
        self._restarts += 1
        self._report(f"{sentence}; the next engine starts {f'in {wait:g} s' if wait else 'now'}")
        self._keep(_absent())

    def _close_feed(self) -> None:
        feed, self.feed = self.feed, None
        if feed is not None:
            self._restarts += int(getattr(feed, "restarts", 0))
            self._renewals += int(getattr(feed, "renewals", 0))
            try:
                feed.close()
            except Exception as error:
                self._report(f"the engine did not end well: {_sentence(error)}")
            self._keep(_absent())


def _absent() -> Update:
    """Return what is seen while there is no engine."""
    from posekit.runner.feed import Update

    return Update(None, (), None, Health(engine=False, camera=CameraState.LOST))


def _sentence(error: BaseException) -> str:
    return str(error) if isinstance(error, PosekitError) else f"{type(error).__name__}: {error}"
