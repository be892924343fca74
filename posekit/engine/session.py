"""Everything between a source and the wire, put together from settings, in whatever process."""

from __future__ import annotations

from collections import deque
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from posekit.clock import ManualClock
from posekit.engine.options import estimator_options, tracker_options
from posekit.estimators import open_estimator
from posekit.events import Presence
from posekit.health import Health
from posekit.outputs.osc.opening import open_osc
from posekit.pipeline import Pipeline, Step
from posekit.sources import open_source
from posekit.tracking import Tracker

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from posekit.clock import Clock
    from posekit.settings import Settings
    from posekit.sources.base import Source


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
        report: Callable[[str], None] | None = None,
    ) -> None:
        self._clock = clock
        self._fps = RateMeter()
        self._opened = ExitStack()
        with ExitStack() as opened:
            # The estimator first: it takes longest, and a camera that waits would only pile up old frames.
            estimator = open_estimator(estimator_options(settings), report=report)
            opened.callback(estimator.close)
            self.source: Source = open_source(settings.source, clock, every_frame=every_frame, report=report)
            opened.callback(self.source.close)
            self._osc = open_osc(settings.osc, clock, tool=settings.osc_for)
            if self._osc:
                opened.callback(self._osc.close)
            tracker = Tracker(tracker_options(settings), first_id=first_id)
            self.estimator = estimator
            presence = Presence(settings.empty_after)
            self._pipeline = Pipeline(estimator, tracker, presence, clock, epoch=epoch)
            self._opened = opened.pop_all()

    @property
    def is_file_time(self) -> bool:
        """Whether time is the file's own."""
        return isinstance(self._clock, ManualClock)

    def moments(self) -> Generator[Moment, None, None]:
        """Yield every step, after its OSC has been sent, until the source ends."""
        for step in self._pipeline.run(self.source):
            scene = step.scene
            health = Health(
                fps=self._fps.update(scene.published),
                latency_ms=(scene.published - scene.captured) * 1000,
                dropped=scene.dropped,
            )
            if self._osc:
                self._osc.update(scene, step.events, health)
            yield Moment(step, health)

    def close(self) -> None:
        """Send neutral values and release everything; twice is harmless."""
        self._opened.close()

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class RateMeter:
    """How many times a second something happens, over about the last second."""

    def __init__(self, window: float = 1.0) -> None:
        self._window = window
        self._times: deque[float] = deque()

    def update(self, time: float) -> float:
        """Note one more at `time` seconds and return the rate per second; N stamps have N - 1 gaps."""
        self._times.append(time)
        while len(self._times) > 2 and time - self._times[0] > self._window:
            self._times.popleft()
        elapsed = time - self._times[0]
        return (len(self._times) - 1) / elapsed if elapsed > 0 else 0.0
