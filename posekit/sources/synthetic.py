"""The seeded crowd as a source: poses of bodies that do not exist, for rehearsing without people."""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING

from posekit.crowd import Moment, moments, parse_crowd
from posekit.frame import Observed
from posekit.health import CameraState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from posekit.clock import Clock
    from posekit.crowd import CrowdOptions

HOPELESS_SECONDS = 1.0
"""A delay that is given up instead of caught up with."""


def parse_synthetic(text: str) -> CrowdOptions:
    """Read `synthetic` or `synthetic:people=4,seed=7,...`; raises `SourceError` (see `parse_crowd`)."""
    return parse_crowd(text.partition(":")[2])


class Synthetic:
    """Yields a crowd's poses: each frame once, at its own time, or in real time on a clock.

    Without a clock `time` runs from 0. On a clock a frame comes when it is due, stamped with the time at
    which it was, and late ones are dropped. Either way the same options give the same poses. It ends after
    `seconds`.
    """

    is_camera = False
    state = CameraState.OK

    def __init__(
        self,
        options: CrowdOptions,
        clock: Clock | None,
        wait: Callable[[float], bool] | None = None,
    ) -> None:
        """Prepare a crowd; `wait` waits so many seconds, or until it is closed, which it then says."""
        self._options, self._clock = options, clock
        self.rate = options.rate
        self.count = round(options.seconds * options.rate) if options.seconds else None
        width, height = options.size
        people = f"{options.people} {'person' if options.people == 1 else 'people'}"
        self.description = (
            f"synthetic crowd of {people}, seed {options.seed}, {width}x{height} at {options.rate:g} fps"
        )
        self.dropped = 0
        self._closed = Event()
        self._wait = wait or self._closed.wait

    def frames(self) -> Iterator[Observed]:
        """Yield what was observed, until the crowd's time is over or `close` is called."""
        if self._clock is not None:
            yield from self._played(self._clock)
            return
        for index, moment in enumerate(moments(self._options)):
            if self._closed.is_set():
                return
            yield self._observed(moment, moment.time, index)

    def close(self) -> None:
        """End `frames`, also while it waits."""
        self._closed.set()

    def _played(self, clock: Clock) -> Iterator[Observed]:
        start, shown = clock.now(), False
        for index, moment in enumerate(moments(self._options)):
            if self._closed.is_set():
                return
            due = start + moment.time
            late = clock.now() - due
            if late > 1 / self.rate and shown:
                self.dropped += 1
                start += late if late > HOPELESS_SECONDS else 0.0
                continue
            if late < 0 and self._wait(-late):
                return
            shown = True
            yield self._observed(moment, due, index)

    def _observed(self, moment: Moment, time: float, index: int) -> Observed:
        return Observed(moment.poses, time, self._options.size, index)
