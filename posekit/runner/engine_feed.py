"""A feed from an engine process that the runner owns, watches, and replaces when it fails."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from threading import Event as Never
from typing import TYPE_CHECKING, Any

import numpy as np

from posekit.engine.options import differ_in_estimator
from posekit.engine.owner import START_SECONDS, Engine
from posekit.errors import AssetError, SettingsError
from posekit.health import CameraState, Health
from posekit.runner.absence import Absence
from posekit.runner.feed import Update
from posekit.runner.naps import Naps
from posekit.runner.switching import Switching
from posekit.runner.watchdog import BIG_BYTES, BackOff, Vitals, verdict
from posekit.sources import is_live

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Future

    from numpy.typing import NDArray

    from posekit.clock import Clock
    from posekit.engine.answers import Ready
    from posekit.engine.pictures import SharedPictures
    from posekit.scene import Event, Scene
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
        self._settings, self._clock = settings, clock
        self._waits = PATIENCE_SECONDS if waits is True else float(waits)
        self._with_pictures, self._pictures, self._big = with_pictures, pictures, big
        self._nice = (0 if waits else NICE_BESIDE_WINDOW) if nice is None else nice
        self._patient, self._first_epoch = patient, epoch
        self._welcomed = epoch - 1 if patient else epoch  # of whom it was said that it runs
        self._prepare = prepare
        self._report = report or (lambda _: None)
        self._model = _file_of(settings)
        self._absence = Absence(settings, clock, first_id)
        self._back_off = BackOff()
        self._switching = Switching()
        self._zones: tuple[dict[str, Any], ...] | None = None
        self._paused = False
        self._scene: Scene | None = None
        self._left: tuple[Event, ...] = ()
        self._picture: NDArray[np.uint8] | None = None
        self._mask: NDArray[np.uint8] | None = None
        self._place: tuple[int, int] | None = None
        self._masked = False
        self._health = Health()
        self._checked = clock.now()
        self._naps = Naps(self._checked)
        self._restart_at: float | None = None
        self._frame_seconds = 0.0
        self.restarts = self.renewals = 0
        """How often the engine was lost and replaced, and how often it was replaced as planned."""
        self.last_end = ""
        """Why the engine before this one ended, in a sentence."""
        self.is_live, self.rate = is_live(settings.source), USUAL_RATE
        self.source, self.estimator = settings.source, ""
        self._engine = self._start(epoch)
        if patient:
            self._health = replace(self._health, engine=False, camera=CameraState.LOST)
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
        self._take_scene()
        if (done := self._switching.settle(self._engine)) is not None:
            self._take_over(done.settings, done.prepare)
            self.estimator = done.estimator
        events = self._engine.take_events()
        self._absence.note(events)
        events, self._left = self._left + events, ()
        if not was_alive and self._engine.has_finished and self._restart_at is None:
            return self._update(events, finished=True)
        if self._restart_at is None:
            events += self._look_after(was_alive)
        else:
            self._restart()
        return self._update(events)

    def _update(self, events: tuple[Event, ...], *, finished: bool = False) -> Update:
        picture, mask = self._picture, self._mask
        return Update(
            self._scene, events, picture, self._health, finished, mask, place=self._place, masked=self._masked
        )

    def _wait(self) -> None:
        """Wait for a new scene; while there is no engine that could bring one, for the next engine."""
        if self._restart_at is None:
            self._engine.wait_scene(self._waits)
        else:
            Never().wait(max(0.0, min(self._waits, self._restart_at - self._clock.now())))

    def watch_zones(self, zones: Sequence[Zone]) -> None:
        """Watch other zones from the engine's next frame on, and in the engines after it."""
        self._zones = tuple(zone.as_table() for zone in zones)
        self._engine.watch_zones(self._zones)

    def pause(self, paused: bool) -> None:
        """Look for nobody from the engine's next frame on, or look again; later engines too."""
        self._paused = paused
        self._engine.pause(paused)
        if not self._health.engine:  # no engine will say it
            self._health = replace(self._health, paused=paused)

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
        return self._settings

    def switch(self, settings: Settings, prepare: Callable[[], Settings] | None = None) -> Future[str]:
        """Go on with other settings, which are prepared; the result, once they run, is the estimator's line.

        Where nothing but the estimator differs, the engine opens it beside the one that looks, which goes on
        until then, and everybody stays; what keeps it from looking is the future's exception, and the old one
        goes on. Else everybody leaves, and another engine starts. A later call cancels an earlier one's
        future. The targets stay those of the start.
        """
        if differ_in_estimator(self._settings, settings):
            over = self._switching.begin(settings, prepare, another_engine=False)
            self._switching.tell(self._engine)  # when it has just ended, the next one is told
            return over
        over = self._switching.begin(settings, prepare, another_engine=True)
        self._end_engine(lambda: self._take_over(settings, prepare), "the settings were changed")
        self._scene = self._mask = self._place = None  # the next engine's pictures may have another size
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

    def _take_over(self, settings: Settings, prepare: Callable[[], Settings] | None) -> None:
        self._settings, self._model, self._prepare = settings, _file_of(settings), prepare

    def close(self) -> None:
        """End the engine."""
        self._switching.give_up()
        self._engine.close()
        self._absence.end()

    def _take_scene(self) -> None:
        taken = self._engine.take_scene(with_picture=self._with_pictures)
        if taken is None:
            return
        before = self._scene
        self._scene, self._health = taken.scene, taken.health
        self._picture = taken.picture if taken.picture is not None else self._picture
        self._mask = taken.mask if taken.mask is not None else self._mask
        self._place, self._masked = taken.place, taken.has_mask
        if not taken.has_picture:
            self._empty_mask()
        elif not taken.has_mask:
            self._mask = None  # who looks now gives none
        self._absence.note_people(self._scene)
        if before is not None:
            spent = max(0.0, self._scene.published - before.published)
            self._frame_seconds += (spent - self._frame_seconds) * 0.1

    def _empty_mask(self) -> None:
        """Show no outline of anybody whom nobody sees."""
        if self._mask is not None and self._mask.any():
            self._mask = np.zeros_like(self._mask)

    def _look_after(self, was_alive: bool) -> tuple[Event, ...]:
        """Replace an engine that ended, hangs, or has grown too big; returns what that means for people."""
        if not was_alive:
            failure = self._engine.failure()
            if isinstance(failure, AssetError) and self._prepare is not None:
                # A model that was deleted can be made anew from what is still here; else this raises.
                self._settings = self._prepare()
            elif isinstance(failure, (SettingsError, AssetError)):
                raise failure
            return self._lose(str(failure))
        now = self._clock.now()
        self._naps.look(now)
        if now - self._checked < CHECK_SECONDS:
            return ()
        self._checked = now
        ready = self._engine.ready
        if ready is None:  # it is starting, which may take long; it holds nobody up meanwhile
            self._absence.speak(self._health)
            if self._naps.awake_between(self._engine.started, now) > START_SECONDS:
                self._engine.kill()
                return self._lose(f"the engine is replaced: it was not ready after {START_SECONDS:g} s")
            return ()
        self._welcome(ready)
        heard, stalled = self._engine.heard, self._engine.stalled
        vitals = Vitals(
            silent=self._naps.awake_between(heard, now),
            stalled=self._naps.awake_between(heard - stalled, heard),
            frame_seconds=self._frame_seconds,
            memory=self._engine.memory,
            people=len(self._scene.people) if self._scene else 0,
        )
        reason = verdict(vitals, self._big)
        if reason is None:
            return ()
        self._engine.kill()
        return self._lose(f"the engine is replaced: {reason}")

    def _welcome(self, ready: Ready) -> None:
        """Note that an engine runs, and leave the targets to it."""
        self._absence.end()
        self.is_live, self.rate = ready.is_camera, ready.rate
        self.source, self.estimator = ready.source, ready.estimator
        self._switching.welcome(ready.estimator)
        if not self._health.engine:
            self._health = replace(self._health, engine=True)
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
        self._health = replace(
            self._health, engine=False, camera=CameraState.LOST, fps=0.0, paused=self._paused
        )
        self._empty_mask()
        self._place = None
        if self._scene is not None:
            nobody = tuple(replace(zone, ids=()) for zone in self._scene.zones)
            self._scene = replace(self._scene, people=(), candidates=(), lead_id=None, zones=nobody)
        return self._absence.begin(self._engine.counters, self._scene, self._health)

    def _restart(self) -> None:
        self._absence.speak(self._health)
        if self._restart_at is None or self._clock.now() < self._restart_at:
            return
        self._restart_at = None
        if self._prepare is not None and self._model is not None and not self._model.exists():
            # Else the next engine would only find out what is missing.
            self._settings = self._prepare()
            self._model = _file_of(self._settings)
        old, self._engine = self._engine, self._start(self._engine.epoch + 1)
        if self._zones is not None:
            self._engine.watch_zones(self._zones)
        self._switching.tell(self._engine)
        old.close()

    def _start(self, epoch: int) -> Engine:
        return Engine(
            self._settings,
            epoch=epoch,
            first_id=self._absence.next_id,
            counters=self._absence.counters,
            nice=self._nice,
            paused=self._paused,
            patient=self._patient,
            pictures=self._pictures,
            clock=self._clock,
            report=self._report,
        )


def _file_of(settings: Settings) -> Path | None:
    """Return the model's file, where there is one now."""
    file = Path(settings.model) if settings.model is not None else None
    return file if file is not None and file.exists() else None
