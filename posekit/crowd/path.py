"""The way somebody takes over the floor: where she is, which way she faces and how far she has walked."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from posekit.crowd.posture import ease

if TYPE_CHECKING:
    from numpy.typing import NDArray

TURN_SECONDS = 0.5
"""What a turn takes."""
START_SECONDS = 0.4
"""What getting up to speed takes, and coming to rest."""
STEPS = 12
"""Points that a walk's start and end are drawn with."""


@dataclass(frozen=True, eq=False)
class Whereabouts:
    """Somebody's place over some instants."""

    x: NDArray[np.float64]
    """(T,) metres right of the picture's middle."""
    distance: NDArray[np.float64]
    """(T,) metres from the camera."""
    facing: NDArray[np.float64]
    """(T,) degrees, 0 towards the camera, 90 towards the picture's right."""
    walked: NDArray[np.float64]
    """(T,) metres since she came."""
    weight: NDArray[np.float64]
    """(T,) 1 walking, 0 standing."""


@dataclass
class Path:
    """A way that is added to at its end; times are seconds."""

    time: float
    x: float
    distance: float
    facing: float = 0.0
    walked: float = 0.0
    _keys: list[tuple[float, ...]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._note(0.0)

    def walk(self, x: float, distance: float, speed: float) -> None:
        """Walk straight to a place at `speed` metres per second; turn to it first."""
        length = math.hypot(x - self.x, distance - self.distance)
        if length < 0.05:
            return
        begin_x, begin_distance, begin, walked = self.x, self.distance, self.time, self.walked
        heading = self._near(math.degrees(math.atan2(x - begin_x, -(distance - begin_distance))))
        before = self.facing
        ramp = min(START_SECONDS, length / speed)
        total = length / speed + ramp
        for at in sorted(
            {*np.linspace(0, ramp, STEPS).tolist(), *np.linspace(total - ramp, total, STEPS).tolist()}
        ):
            share = _travelled(at, ramp, total) * speed / length
            self.time = begin + at
            self.x = begin_x + (x - begin_x) * share
            self.distance = begin_distance + (distance - begin_distance) * share
            self.walked = walked + length * share
            self.facing = before + (heading - before) * ease(at / TURN_SECONDS)
            self._note(ease(min(at, total - at) / ramp))

    def stay(self, seconds: float, facing: float) -> None:
        """Turn to `facing` and stand."""
        before, begin = self.facing, self.time
        facing = self._near(facing)
        turn = min(TURN_SECONDS, seconds)
        for at in np.linspace(0, turn, STEPS)[1:].tolist():
            self.time, self.facing = begin + at, before + (facing - before) * ease(at / turn)
            self._note(0.0)
        self.time = begin + seconds
        self._note(0.0)

    def shift(self, left: float) -> None:
        """Stand `left` metres further to the own left from now on."""
        self.x += left * math.cos(math.radians(self.facing))
        self.distance += left * math.sin(math.radians(self.facing))
        self.time += 1e-6
        self._note(0.0)

    def at(self, times: NDArray[np.float64]) -> Whereabouts:
        """Return the place at some times (T,); before the begin and after the end, those."""
        keys = np.array(self._keys).T
        return Whereabouts(*(np.interp(times, keys[0], column) for column in keys[1:]))

    def _note(self, weight: float) -> None:
        self._keys.append((self.time, self.x, self.distance, self.facing, self.walked, weight))

    def _near(self, facing: float) -> float:
        """Return the same direction, without a turn of more than half a circle."""
        return self.facing + (facing - self.facing + 180) % 360 - 180


def _travelled(time: float, ramp: float, total: float) -> float:
    """Return the seconds' worth of full speed travelled, when speed rises and falls linearly over `ramp`."""
    if time < ramp:
        return time * time / (2 * ramp)
    if time > total - ramp:
        return total - ramp - (total - time) ** 2 / (2 * ramp)
    return time - ramp / 2
