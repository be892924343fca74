"""One generator from source to scenes and events; it knows nothing of processes, windows or wires.

    source -> estimator -> tracker -> smoother -> features -> events
                 ^---hint---'

Run inline on a file with a `ManualClock` it gives the same result on a slow day as on a fast one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from posekit.clock import ManualClock
from posekit.errors import EstimatorError
from posekit.estimators.base import Estimate, Hint
from posekit.features import measure
from posekit.frame import Frame, Observed, Silence
from posekit.scene import Event, Scene

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from posekit.clock import Clock
    from posekit.estimators.base import Estimator
    from posekit.events import Presence, Zones
    from posekit.gathered import Gathered
    from posekit.scene import Person
    from posekit.smoothing import Smoother
    from posekit.sources.base import Source
    from posekit.tracking import Tracked, Tracker


BLIND_SECONDS = 1.0
"""How long a camera may deliver nothing before whoever was there leaves."""


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
    is_silent: bool = False
    """Whether the source had nothing to show."""


class Watcher(Protocol):
    """Looks at the people of every frame and says what happened."""

    def update(self, people: Sequence[Person], time: float, aspect: float) -> Iterable[Event]:
        """Return what happened up to `time` seconds, in order; `aspect` is the picture's width in heights."""
        ...

    def reset(self) -> None:
        """Forget everybody, without a word."""
        ...


class Pipeline:
    """The stages, and the order in which they are asked."""

    def __init__(
        self,
        estimator: Estimator | None,
        tracker: Tracker,
        presence: Presence,
        clock: Clock,
        *,
        smoother: Smoother | None = None,
        watchers: Sequence[Watcher] = (),
        zones: Zones | None = None,
        epoch: int = 1,
    ) -> None:
        """Take the stages; without an estimator only a source that brings poses can be run."""
        self._estimator = estimator
        self._tracker = tracker
        self._smoother = smoother
        self._presence = presence
        self._zones = zones
        self._watchers: tuple[Watcher, ...] = (*watchers, *([zones] if zones is not None else []))
        self._clock = clock
        self._epoch = epoch
        self._sequence = 0
        self._looked = 0.0
        self._last_sight = math.inf
        self._hint: Hint | None = None
        self._nobody: NDArray[np.uint8] | None = None
        self.is_paused = False
        """Whether nobody is looked for."""
        self._wants_pause = self._wants_reset = False

    def run(self, source: Source) -> Iterator[Step]:
        """Yield a step for every frame of a source, until it ends.

        A `ManualClock` is set to each frame's own time. Raises what the source and the estimator raise.
        """
        for seen in source.frames():
            if isinstance(self._clock, ManualClock):
                self._clock.set(seen.time)
            yield self._step(seen, source.dropped)

    def ask_pause(self, paused: bool) -> None:
        """Look for nobody from the next frame on, or look again; may be called from any thread.

        Whoever is there leaves. The source goes on, so that what is seen after a pause is new.
        """
        self._wants_pause = paused

    def ask_reset(self) -> None:
        """Forget everybody before the next frame; may be called from any thread."""
        self._wants_reset = True

    def reset(self, reason: str = "reset") -> tuple[Event, ...]:
        """Forget earlier frames; whoever was there leaves."""
        if self._estimator is not None:
            self._estimator.reset()
        self._tracker.reset()
        if self._smoother is not None:
            self._smoother.reset()
        self._hint = None
        ended = [event for watcher in self._watchers for event in watcher.update((), self._looked, 1.0)]
        for watcher in self._watchers:
            watcher.reset()
        return self._number([*ended, *self._presence.reset(reason)])

    def _step(self, seen: Frame | Observed | Silence, dropped: int) -> Step:
        earlier = self._obey() + self._break_off(seen)
        frame, estimate = self._look(seen)
        estimated = self._clock.now()
        tracked = self._tracker.update(estimate.poses, seen.time, seen.size)
        people = self._refine(tracked.gathered, seen)
        self._looked = seen.time
        events = earlier + self._number(self._happened(people, seen))
        self._hint = Hint(people)
        scene = self._scene(seen, people, tracked, estimated, dropped)
        return Step(frame, estimate, scene, events, isinstance(seen, Silence))

    def _obey(self) -> tuple[Event, ...]:
        """Do what was asked for since the frame before."""
        told: tuple[Event, ...] = ()
        if self._wants_reset:
            self._wants_reset = False
            told = self.reset("reset")
        if self._wants_pause != self.is_paused:
            self.is_paused = not self.is_paused
            told += self.reset("paused") if self.is_paused else ()
        return told

    def _break_off(self, seen: Frame | Observed | Silence) -> tuple[Event, ...]:
        """Let everybody leave where what was seen before has nothing to do with now."""
        if not isinstance(seen, Silence):
            self._last_sight = seen.time
            # What a film shows after it has begun anew does not go on from its end.
            return self.reset("cut") if seen.is_cut else ()
        # Who is hidden is waited for; with a camera that sees nothing there is nobody to wait for.
        if seen.time - self._last_sight < BLIND_SECONDS:
            return ()
        self._last_sight = math.inf
        return self.reset("camera")

    def _look(self, seen: Frame | Observed | Silence) -> tuple[Frame | None, Estimate]:
        if isinstance(seen, Observed):
            return None, Estimate(() if self.is_paused else seen.poses)
        if isinstance(seen, Silence):
            # Time goes on: whoever is not seen for a while has left, camera or not.
            return None, Estimate((), self._nobody)
        if self.is_paused:
            return seen, Estimate((), self._nobody)
        if self._estimator is None:
            raise EstimatorError("this pipeline was made for poses, and its source brings pictures")
        estimate = self._estimator.estimate(seen, self._hint)
        if estimate.mask is None:
            self._nobody = None  # who looks now, perhaps since a moment ago, gives no silhouettes
        elif self._nobody is None or self._nobody.shape != estimate.mask.shape:
            self._nobody = np.zeros_like(estimate.mask)  # what is to be seen of nobody
        return seen, estimate

    def _refine(self, people: Gathered, seen: Frame | Observed | Silence) -> tuple[Person, ...]:
        """Steady the people and measure them."""
        if self._smoother is not None:
            people = self._smoother.steady(people, seen.time, seen.size)
        if not people.ids:
            return ()
        aspect = seen.size[0] / seen.size[1]
        return people.people(measure(people.xy, people.scores, people.velocity, aspect))

    def _happened(self, people: tuple[Person, ...], seen: Frame | Observed | Silence) -> list[Event]:
        """Return what happened, in an order that can be followed.

        Nobody does anything before she enters, and what she was doing ends before she leaves.
        """
        aspect = seen.size[0] / seen.size[1]
        told = [event for watcher in self._watchers for event in watcher.update(people, seen.time, aspect)]
        here = {0, *(person.id for person in people)}
        ended = [event for event in told if event.person_id not in here]
        rest = [event for event in told if event.person_id in here]
        return [*ended, *self._presence.update(people, seen.time), *rest]

    def _scene(
        self,
        seen: Frame | Observed | Silence,
        people: tuple[Person, ...],
        tracked: Tracked,
        estimated: float,
        dropped: int,
    ) -> Scene:
        return Scene(
            index=seen.index,
            size=seen.size,
            captured=seen.time,
            estimated=estimated,
            published=self._clock.now(),
            people=people,
            candidates=tracked.candidates,
            lead_id=tracked.lead_id,
            dropped=dropped,
            zones=self._zones.state if self._zones is not None else (),
        )

    def _number(self, events: Iterable[Event]) -> tuple[Event, ...]:
        """Stamp events with the epoch and a sequence without gaps, so that none can be lost unnoticed."""
        numbered = []
        for event in events:
            self._sequence += 1
            numbered.append(event.numbered(self._epoch, self._sequence))
        return tuple(numbered)
