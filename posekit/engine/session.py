"""Everything between a source and the wire, put together from settings, in whatever process."""

from __future__ import annotations

from collections import deque
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from posekit.engine.options import (
    adjustment,
    camera_request,
    estimator_options,
    gesture_options,
    smoothing_options,
    tracker_options,
    watched_zones,
)
from posekit.errors import EstimatorError
from posekit.estimators import open_estimator
from posekit.estimators.switching import Switchable
from posekit.events import Presence, Zones
from posekit.events.gestures import GestureOptions, Gestures, gesture_names
from posekit.health import Health
from posekit.outputs.osc.opening import open_osc
from posekit.pipeline import Pipeline, Step
from posekit.smoothing import Smoother
from posekit.sources import brings_poses, is_still, open_source
from posekit.sources.base import Allocate, allocate_anew
from posekit.tracking import Tracker

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Mapping, Sequence

    from posekit.clock import Clock
    from posekit.estimators.switching import Over
    from posekit.settings import Settings
    from posekit.sources.base import Source
    from posekit.zones import Zone


NO_ESTIMATOR = "none: the source brings poses"


@dataclass(frozen=True, eq=False)
class Moment:
    """One step of the pipeline together with the engine's health."""

    step: Step
    health: Health


class Session:
    """Source, estimator, tracker, events and OSC, opened together and closed together.

    With `every_frame` a file is read frame by frame and `clock` is a `ManualClock` that follows it; else
    sources are live and late frames are dropped. The constructor raises what opening any part raises, and
    leaves nothing open then.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        *,
        every_frame: bool = False,
        epoch: int = 1,
        first_id: int = 1,
        patient: bool = False,
        counters: Mapping[str, int] | None = None,
        allocate: Allocate = allocate_anew,
        report: Callable[[str], None] | None = None,
    ) -> None:
        self._clock = clock
        self._fps, self._packets = RateMeter(), RateMeter()
        self._frames = 0
        self._report = report or (lambda _: None)
        self._opened = ExitStack()
        zones = watched_zones(settings)
        self._zones = Zones(zones)
        with ExitStack() as opened:
            # The estimator first: it takes longest, and a camera that waits would only pile up old frames.
            estimator = None
            if not brings_poses(settings.source):
                estimator = Switchable(open_estimator(estimator_options(settings), report=report))
                opened.callback(estimator.close)
            self._estimator: Switchable | None = estimator
            self.source: Source = open_source(
                settings.source,
                clock,
                every_frame=every_frame,
                allocate=allocate,
                adjustment=adjustment(settings),
                request=camera_request(settings),
                # A camera that was unplugged may come back; only at the very start its absence is a mistake,
                # and not even then where nobody is there to be told.
                patient=patient or epoch > 1,
                report=report,
            )
            opened.callback(self.source.close)
            self._targets: tuple[RateMeter, ...] = ()
            gestures = gesture_options(settings)
            self._osc = open_osc(settings, clock, known_counters(gestures, zones) | dict(counters or {}))
            if self._osc:
                opened.callback(self._osc.close)
                self._targets = tuple(RateMeter() for _ in self._osc.outlets)
            self._pipeline = Pipeline(
                estimator,
                Tracker(tracker_options(settings), first_id=first_id, occupants=self._occupants),
                Presence(settings.empty_after),
                clock,
                # Pictures have nothing to do with each other.
                smoother=None if is_still(settings.source) else Smoother(smoothing_options(settings)),
                watchers=(Gestures(gestures),),
                zones=self._zones,
                epoch=epoch,
            )
            self._opened = opened.pop_all()

    def moments(self) -> Generator[Moment, None, None]:
        """Yield every step, after its OSC has been sent, until the source ends."""
        for moment in self.looks():
            self.tell(moment)
            yield moment

    def looks(self) -> Generator[Moment, None, None]:
        """Yield every step before anybody was told of it: the caller does so, in order, with `tell`."""
        for step in self._pipeline.run(self.source):
            scene = step.scene
            self._frames += not step.is_silent
            health = Health(
                camera=self.source.state,
                fps=self._fps.update(scene.published, self._frames),
                latency_ms=(scene.published - scene.captured) * 1000,
                packets_per_second=self._packets.update(
                    scene.published, self._osc.packets if self._osc else 0
                ),
                target_rates=self._target_rates(scene.published),
                dropped=scene.dropped,
                paused=self._pipeline.is_paused,
            )
            yield Moment(step, health)

    def _target_rates(self, time: float) -> tuple[float, ...]:
        outlets = self._osc.outlets if self._osc else ()
        return tuple(
            meter.update(time, outlet.packets) for meter, outlet in zip(self._targets, outlets, strict=True)
        )

    def tell(self, moment: Moment) -> None:
        """Send a moment over OSC."""
        if self._osc:
            self._osc.update(moment.step.scene, moment.step.events, moment.health)
            for sentence in self._osc.news():
                self._report(sentence)

    def _occupants(self, zone: str) -> tuple[int, ...]:
        """Return the ids of who was in a zone in the frame before: the lead may be one of them."""
        return next((state.ids for state in self._zones.state if state.name == zone), ())

    def watch_zones(self, zones: Sequence[Zone]) -> None:
        """Watch other zones from the next frame on; may be called from any thread."""
        self._zones.replace(zones)

    def pause(self, paused: bool) -> None:
        """Look for nobody from the next frame on, or look again; may be called from any thread."""
        self._pipeline.ask_pause(paused)

    def reset(self) -> None:
        """Forget everybody before the next frame, who all leave; may be called from any thread."""
        self._pipeline.ask_reset()

    @property
    def estimator(self) -> str:
        """What looks at the frames, in a line."""
        return self._estimator.description if self._estimator is not None else NO_ESTIMATOR

    def switch(self, settings: Settings, over: Over, *, wait: bool = False) -> None:
        """Go on with the estimator of other, prepared settings; may be called from any thread.

        It is opened beside the old one, which goes on until then, and everybody stays. `over` is told when it
        looks, or why it never will; with `wait` before this returns, and else in another thread.
        """
        if self._estimator is None:
            over(EstimatorError("this source brings poses: no estimator looks at it"))
        else:
            self._estimator.switch(estimator_options(settings), over, wait=wait)

    @property
    def counters(self) -> dict[str, int]:
        """How often each event has been sent over OSC."""
        return self._osc.counters if self._osc else {}

    def close(self) -> None:
        """Send neutral values and release everything; twice is harmless."""
        self._opened.close()

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def known_counters(gestures: GestureOptions, zones: Iterable[Zone]) -> dict[str, int]:
    """Return counters at 0 for all that can happen to somebody, so that an empty room can be wired for it."""
    in_zones = (f"{zone.name}_{what}" for zone in zones for what in ("enter", "dwell", "leave"))
    return {f"p1/{name}": 0 for name in (*gesture_names(gestures), *in_zones)}


class RateMeter:
    """How fast a count goes up, over about the last second."""

    def __init__(self, window: float = 1.0) -> None:
        self._window = window
        self._counts: deque[tuple[float, int]] = deque()

    def update(self, time: float, count: int) -> float:
        """Note the count at `time` seconds and return its rate per second; N stamps have N - 1 gaps."""
        self._counts.append((time, count))
        while len(self._counts) > 2 and time - self._counts[0][0] > self._window:
            self._counts.popleft()
        began, before = self._counts[0]
        return (count - before) / (time - began) if time > began else 0.0
