"""One generator from source to scenes and events; it knows nothing of processes, windows or wires.

    source -> estimator -> tracker -> events
                 ^---hint---'

Run inline on a file with a `ManualClock` it gives the same result on a slow day as on a fast one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from posekit.clock import ManualClock
from posekit.estimators.base import Estimate, Hint
from posekit.frame import Frame, Observed, Silence
from posekit.scene import Event, Scene

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from posekit.clock import Clock
    from posekit.estimators.base import Estimator
    from posekit.events import Presence
    from posekit.sources.base import Source
    from posekit.tracking import Tracked, Tracker


@dataclass(frozen=True, eq=False)
class Step:
    """What became of one frame."""

    frame: Frame | None
    """The picture, or None when the source yields poses only, or is silent."""
    estimate: Estimate
    """What the estimator saw in it, untracked."""
    scene: Scene
    events: tuple[Event, ...]
    """What happened since the step before, in order."""


class Pipeline:
    """The stages, and the order in which they are asked."""

    def __init__(
        self, estimator: Estimator, tracker: Tracker, presence: Presence, clock: Clock, *, epoch: int = 1
    ) -> None:
        self._estimator = estimator
        self._tracker = tracker
        self._presence = presence
        self._clock = clock
        self._epoch = epoch
        self._sequence = 0
        self._hint: Hint | None = None

    def run(self, source: Source) -> Iterator[Step]:
        """Yield a step for every frame of a source, until it ends.

        A `ManualClock` is set to each frame's own time. Raises what the source and the estimator raise.
        """
        for seen in source.frames():
            if isinstance(self._clock, ManualClock):
                self._clock.set(seen.time)
            yield self._step(seen, source.dropped)

    def reset(self) -> tuple[Event, ...]:
        """Forget earlier frames; whoever was there leaves."""
        self._estimator.reset()
        self._tracker.reset()
        self._hint = None
        return self._number(self._presence.reset())

    def _step(self, seen: Frame | Observed | Silence, dropped: int) -> Step:
        if isinstance(seen, Observed):
            frame, estimate = None, Estimate(seen.poses)
        elif isinstance(seen, Silence):
            # Time goes on: whoever is not seen for a while has left, camera or not.
            frame, estimate = None, Estimate(())
        else:
            frame, estimate = seen, self._estimator.estimate(seen, self._hint)
        estimated = self._clock.now()
        tracked = self._tracker.update(estimate.poses, seen.time, seen.size)
        events = self._number(self._presence.update(tracked.people, seen.time))
        self._hint = Hint(tuple(person.box for person in tracked.people))
        return Step(frame, estimate, self._scene(seen, tracked, estimated, dropped), events)

    def _scene(
        self, seen: Frame | Observed | Silence, tracked: Tracked, estimated: float, dropped: int
    ) -> Scene:
        return Scene(
            index=seen.index,
            size=seen.size,
            captured=seen.time,
            estimated=estimated,
            published=self._clock.now(),
            people=tracked.people,
            candidates=tracked.candidates,
            lead_id=tracked.lead_id,
            dropped=dropped,
        )

    def _number(self, events: Iterable[Event]) -> tuple[Event, ...]:
        """Stamp events with the epoch and a sequence without gaps, so that none can be lost unnoticed."""
        numbered = []
        for event in events:
            self._sequence += 1
            numbered.append(replace(event, epoch=self._epoch, sequence=self._sequence))
        return tuple(numbered)
