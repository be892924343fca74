"""The crowd: so many visitors at a time, each followed by another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from posekit.crowd.life import Visitor, plan
from posekit.crowd.noise import Noise
from posekit.crowd.observing import Moment, observe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from posekit.crowd.options import CrowdOptions
    from posekit.crowd.scripted import ActTruth

ARRIVALS = 1.5
"""Seconds between the first ones' coming, on average."""
PAUSE = (0.5, 3.0)
"""Seconds between one's leaving and the next one's coming."""


class Crowd:
    """Visitors that come and go, thought up as time goes on; who comes when does not depend on the rate."""

    def __init__(self, options: CrowdOptions) -> None:
        self.options = options
        self._random = [np.random.default_rng((options.seed, place, 5)) for place in range(options.people)]
        self._here: list[Visitor] = []
        self._rounds = [0] * options.people
        first = np.random.default_rng((options.seed, 0, 6)).uniform(0, 2 * ARRIVALS, options.people)
        self._next = np.cumsum(first).tolist() if options.people else []
        if self._next:
            self._next = [begin - self._next[0] for begin in self._next]

    def between(self, begin: float, end: float) -> tuple[Visitor, ...]:
        """Return who may be there between two times, by id; asked with times that never go back."""
        self._here = [visitor for visitor in self._here if visitor.end >= begin]
        for place, random in enumerate(self._random):
            while self._next[place] <= end:
                visitor = plan(self._id(place), self._next[place], self.options)
                self._rounds[place] += 1
                self._next[place] = visitor.end + float(random.uniform(*PAUSE))
                if visitor.end >= begin:
                    self._here.append(visitor)
        self._here.sort(key=lambda visitor: visitor.id)
        return tuple(visitor for visitor in self._here if visitor.begin <= end)

    def acts(self, seconds: float) -> tuple[ActTruth, ...]:
        """Return what everybody does in the first `seconds`, by time, without moving on itself."""
        told = [act for visitor in Crowd(self.options).between(0.0, seconds) for act in visitor.ground_truth]
        return tuple(
            sorted((act for act in told if act.begin <= seconds), key=lambda act: (act.begin, act.body))
        )

    def _id(self, place: int) -> int:
        """Return an id that no other visitor has, at whatever rate the crowd is looked at."""
        return self._rounds[place] * self.options.people + place + 1


def moments(options: CrowdOptions) -> Iterator[Moment]:
    """Yield what an estimator sees of a crowd, with the truth: `observe` with everything from the options."""
    return observe(
        Crowd(options),
        options.rate,
        options.seconds,
        options.size,
        Noise.of(options.noise),
        options.seed,
        jitter=options.jitter,
    )
