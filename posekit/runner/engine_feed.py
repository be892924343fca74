"""A feed from an engine process that the runner owns, watches, and replaces when it fails."""

from __future__ import annotations

from dataclasses import replace
from threading import Event as Never
from typing import TYPE_CHECKING

from posekit.engine.options import differ_in_estimator
from posekit.engine.owner import START_SECONDS
from posekit.errors import AssetError, SettingsError
from posekit.runner.absence import Absence
from posekit.runner.last_seen import LastSeen
from posekit.runner.naps import Naps
from posekit.runner.next_engine import NextEngine
from posekit.runner.switching import Switching
from posekit.runner.watchdog import BIG_BYTES, BackOff, Vitals, verdict
from posekit.sources import is_live

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Future

    from posekit.clock import Clock
    from posekit.engine.answers import Ready
    from posekit.engine.pictures import SharedPictures
    from posekit.runner.feed import Update
    from posekit.scene import Event
    from posekit.settings import Settings
    from posekit.zones import Zone

PATIENCE_SECONDS = 0.5
"""How long a waiting feed waits for one scene before it returns the old one."""
CHECK_SECONDS = 0.25
"""How often the engine is looked after."""
USUAL_RATE = 30.0
"""Frames per second of a source that has not said it yet."""
NICE_BESIDE_WINDOW = 10
"""How much the engine gives way to a window, where its threads and the sketch's want the same core."""


class EngineFeed:
    """Starts an engine, waits until it runs, hands on what it says, and starts another when it is lost.

    With `waits` every look waits for a new scene, so many seconds or for a moment, for runs without a window;
    else it never blocks. Pictures are copied out of shared memory only `with_pictures`; `prepare` makes the
    settings anew when a file that they name is gone. When the engine dies, hangs or grows too big (in bytes),
    everybody leaves, the OSC targets get neutral values, and the next engine goes on with higher ids. What no
    new engine can mend (settings, a model that is gone) is raised.

    A `patient` feed does not wait for its first engine, and goes on where that does not find its camera.
    `pictures` is memory that outlives the feed; feeds that share it differ in all their epochs.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        *,
        waits: bool | float = False,
        with_pictures: bool = True,
        prepare: Callable[[], Settings] | None = None,
        report: Callable[[str], None] | None = None,
        pictures: SharedPictures | None = None,
        nice: int | None = None,
        patient: bool = False,
        big: int = BIG_BYTES,
        epoch: int = 1,
        first_id: int = 1,
    ) -> None:
        self._clock = clock
        self._waits = PATIENCE_SECONDS if waits is True else float(waits)
        self._big, self._first_epoch = big, epoch
        self._welcomed = epoch - 1 if patient else epoch  # of whom it was said that it runs
        self._report = report or (lambda _: None)
        self._next = NextEngine(
            settings,
            prepare,
            clock,
            self._report,
            pictures=pictures,
            nice=(0 if waits else NICE_BESIDE_WINDOW) if nice is None else nice,
            patient=patient,
        )
        self._absence = Absence(settings, clock, first_id)
        self._back_off = BackOff()
        self._switching = Switching()
        self._last = LastSeen(with_pictures=with_pictures)
        self._left: tuple[Event, ...] = ()
        self._checked = clock.now()
        self._naps = Naps(self._checked)
        self._restart_at: float | None = None
        self.restarts = self.renewals = 0
        """How often the engine was lost and replaced, and how often it was replaced as planned."""
        self.last_end = ""
        """Why the engine before this one ended, in a sentence."""
        self.is_live, self.rate = is_live(settings.source), USUAL_RATE
        self.source, self.estimator = settings.source, ""
        self._engine = self._next.start(epoch, self._absence)
        if patient:
            self._last.lose(paused=False)
            return
        try:
            ready = self._engine.wait_ready()
        except BaseException:
            self.close()
            raise
        self._welcome(ready)

    def poll(self) -> Update:
        """Return the newest scene and every event since; raises only what no new engine can mend."""
        if self._waits:
            self._wait()
        was_alive = self._engine.is_alive  # asked first: what it said last is still to be taken
        if (scene := self._last.take(self._engine)) is not None:
            self._absence.note_people(scene)
        if (done := self._switching.settle(self._engine)) is not None:
            self._next.take_over(done.settings, done.prepare)
            self.estimator = done.estimator
        events = self._engine.take_events()
        self._absence.note(events)
        events, self._left = self._left + events, ()
        if not was_alive and self._engine.has_finished and self._restart_at is None:
            return self._last.update(events, finished=True)
        if self._restart_at is None:
            events += self._look_after(was_alive)
        else:
            self._restart()
        return self._last.update(events)

    def _wait(self) -> None:
        """Wait for a new scene; while there is no engine that could bring one, for the next engine."""
        if self._restart_at is None:
            self._engine.wait_scene(self._waits)
        else:
            Never().wait(max(0.0, min(self._waits, self._restart_at - self._clock.now())))

    def watch_zones(self, zones: Sequence[Zone]) -> None:
        """Watch other zones from the engine's next frame on, and in the engines after it."""
        self._next.zones = tuple(zone.as_table() for zone in zones)
        self._engine.watch_zones(self._next.zones)

    def pause(self, paused: bool) -> None:
        """Look for nobody from the engine's next frame on, or look again; later engines too."""
        self._next.paused = paused
        self._engine.pause(paused)
        if not self._last.health.engine:  # no engine will say it
            self._last.health = replace(self._last.health, paused=paused)

    def reset(self) -> None:
        """Forget everybody before the engine's next frame."""
        self._engine.reset()

    @property
    def process_id(self) -> int | None:
        """The engine's process id; None while there is none."""
        return self._engine.process_id if self._restart_at is None else None

    @property
    def started(self) -> float:
        """When the engine was started, or the last one, in seconds."""
        return self._engine.started

    @property
    def is_ready(self) -> bool:
        """Whether an engine runs and has found its source."""
        return self._restart_at is None and self._engine.is_alive and self._engine.ready is not None

    @property
    def memory(self) -> int:
        """The engine's resident bytes; 0 while there is none."""
        return self._engine.memory if self._restart_at is None else 0

    @property
    def settings(self) -> Settings:
        """What the engine runs with, or the next one is started with."""
        return self._next.settings

    def switch(self, settings: Settings, prepare: Callable[[], Settings] | None = None) -> Future[str]:
        """Go on with other settings, which are prepared; the result, once they run, is the estimator's line.

        Where nothing but the estimator differs, the engine opens it beside the one that looks, which goes on
        until then, and everybody stays; what keeps it from looking is the future's exception, and the old one
        goes on. Else everybody leaves, and another engine starts. A later call cancels an earlier one's
        future. The targets stay those of the start.
        """
        if differ_in_estimator(self._next.settings, settings):
            over = self._switching.begin(settings, prepare, another_engine=False)
            self._switching.tell(self._engine)  # when it has just ended, the next one is told
            return over
        over = self._switching.begin(settings, prepare, another_engine=True)
        self._end_engine(lambda: self._next.take_over(settings, prepare), "the settings were changed")
        self._last.forget()
        return over

    def renew(self, reason: str) -> None:
        """Go on with a new engine, as planned: everybody leaves, ids go on; it may take a second.

        Nothing happens while there is none: the next one is new.
        """
        if self._restart_at is None:
            self.renewals += 1
            self._end_engine(lambda: None, f"the engine is renewed: {reason}")

    def _end_engine(self, between: Callable[[], None], reason: str) -> None:
        """End an engine in good order; the next one starts at the next look."""
        self._engine.close()  # before the next one, which may want the same camera
        events = self._engine.take_events()
        self._absence.note(events)
        between()
        self._back_off = BackOff()
        self._left += events + self._lose(reason, planned=True)

    def close(self) -> None:
        """End the engine."""
        self._switching.give_up()
        self._engine.close()
        self._absence.end()

    def _look_after(self, was_alive: bool) -> tuple[Event, ...]:
        """Replace an engine that ended, hangs, or has grown too big; returns what that means for people."""
        if not was_alive:
            return self._lose(self._how_it_ended())
        now = self._clock.now()
        self._naps.look(now)
        if now - self._checked < CHECK_SECONDS:
            return ()
        self._checked = now
        ready = self._engine.ready
        if ready is None:  # it is starting, which may take long; it holds nobody up meanwhile
            self._absence.speak(self._last.health)
            is_late = self._naps.awake_between(self._engine.started, now) > START_SECONDS
            reason = f"it was not ready after {START_SECONDS:g} s" if is_late else None
        else:
            self._welcome(ready)
            reason = verdict(self._vitals(now), self._big)
        if reason is None:
            return ()
        self._engine.kill()
        return self._lose(f"the engine is replaced: {reason}")

    def _how_it_ended(self) -> str:
        """Return why the engine ended; raises what no other engine can mend."""
        failure = self._engine.failure()
        # A model that was deleted can be made anew, perhaps; else that raises.
        is_mended = isinstance(failure, AssetError) and self._next.prepare_again()
        if isinstance(failure, (SettingsError, AssetError)) and not is_mended:
            raise failure
        return str(failure)

    def _vitals(self, now: float) -> Vitals:
        heard, stalled = self._engine.heard, self._engine.stalled
        return Vitals(
            silent=self._naps.awake_between(heard, now),
            stalled=self._naps.awake_between(heard - stalled, heard),
            frame_seconds=self._last.frame_seconds,
            memory=self._engine.memory,
            people=len(self._last.scene.people) if self._last.scene else 0,
        )

    def _welcome(self, ready: Ready) -> None:
        """Note that an engine runs, and leave the targets to it."""
        self._absence.end()
        self.is_live, self.rate = ready.is_camera, ready.rate
        self.source, self.estimator = ready.source, ready.estimator
        self._switching.welcome(ready.estimator)
        if not self._last.health.engine:
            self._last.health = replace(self._last.health, engine=True)
        if self._welcomed != self._engine.epoch:  # its health may have come before this look
            self._welcomed = self._engine.epoch
            again = " again" if self._engine.epoch > self._first_epoch else ""
            self._report(f"the engine runs{again}: {ready.source}")

    def _lose(self, reason: str, *, planned: bool = False) -> tuple[Event, ...]:
        """Say what nobody else can say any more: everyone left, and the targets get neutral values."""
        now = self._clock.now()
        self._switching.note_loss()
        wait = 0.0 if planned else self._back_off.next_wait(now - self._engine.started)
        self.last_end = reason
        self.restarts += not planned
        self._report(f"{reason}; the next engine starts {f'in {wait:g} s' if wait else 'now'}")
        self._restart_at = now + wait
        self._last.lose(paused=self._next.paused)
        return self._absence.begin(self._engine.counters, self._last.scene, self._last.health)

    def _restart(self) -> None:
        self._absence.speak(self._last.health)
        if self._restart_at is None or self._clock.now() < self._restart_at:
            return
        self._restart_at = None
        old, self._engine = self._engine, self._next.start(self._engine.epoch + 1, self._absence)
        self._switching.tell(self._engine)
        old.close()
