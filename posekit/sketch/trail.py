"""Trails: where something has been lately, remembered by a canvas from frame to frame."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from posekit.draw.clip import is_finite
from posekit.draw.curve import pieces

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator

    from numpy.typing import NDArray

MOST_POINTS = 600
"""Places that a trail remembers: ten seconds at sixty frames a second."""
MOST_TRAILS = 2000
"""Trails that a canvas remembers; the one that was asked for longest ago is forgotten first."""


@dataclass
class Trail:
    """Where one thing has been: (time, x, y), NaN where it was missing."""

    places: deque[tuple[float, float, float]] = field(default_factory=lambda: deque(maxlen=MOST_POINTS))
    seconds: float = 0.0
    """The longest that was asked for."""
    asked: int = -1
    """The frame in which it was asked for."""
    strokes: list[Callable[[Trail], None]] = field(default_factory=list)
    """How it was drawn in that frame."""

    def follow(self, x: float, y: float, now: float) -> None:
        """Go on to a place, or to nowhere."""
        places = self.places
        if not is_finite(x, y):
            if places and np.isfinite(places[-1][1]):
                places.append((now, np.nan, np.nan))
            return
        if places and places[-1][0] > now:
            places.clear()  # a film has begun anew
        stays = len(places) > 1 and places[-1][1:] == places[-2][1:] == (x, y)
        if places and (places[-1][0] == now or stays):
            places.pop()
        places.append((now, float(x), float(y)))

    def forget(self, now: float) -> None:
        """Let go of what is longer ago than anybody wants to see."""
        while self.places and now - self.places[0][0] > self.seconds:
            self.places.popleft()

    def paths(self, now: float, seconds: float) -> Iterator[NDArray[np.float64]]:
        """Yield what is to be seen, piece by piece: (N, 3) of x, y, and what is left of its time."""
        if len(self.places) < 2:
            return
        rows = np.array(self.places)
        life = 1 - (now - rows[:, 0]) / seconds
        points = np.column_stack((rows[:, 1], rows[:, 2], life))
        # One more than is young enough, so that the end shrinks evenly.
        young = np.flatnonzero(life > 0)
        if len(young):
            yield from pieces(points[max(0, young[0] - 1) :])


class Trails:
    """All trails of a canvas."""

    def __init__(self) -> None:
        self._trails: dict[Hashable, Trail] = {}
        self._frame = 0
        self.now = 0.0
        """Seconds since the sketch began."""

    def begin_frame(self, now: float) -> None:
        """Note the time of a new frame."""
        self.now = now
        self._frame += 1

    def follow(self, key: Hashable, position: Any, seconds: float, stroke: Callable[[Trail], None]) -> Trail:
        """Note where something is, and return its trail; `stroke` is how it is drawn."""
        trail = self._trails.pop(key, None) or Trail()
        self._trails[key] = trail
        if len(self._trails) > MOST_TRAILS:
            del self._trails[next(iter(self._trails))]
        if trail.asked != self._frame:
            trail.asked, trail.seconds = self._frame, 0.0
            trail.strokes.clear()
        trail.seconds = max(trail.seconds, seconds)
        trail.strokes.append(stroke)
        x, y = position
        trail.follow(x, y, self.now)
        trail.forget(self.now)
        return trail

    def let_fade(self) -> None:
        """Draw those that nobody asked for in this frame, until there is nothing left of them."""
        for key, trail in list(self._trails.items()):
            if trail.asked == self._frame:
                continue
            trail.forget(self.now)
            if len(trail.places) < 2:
                del self._trails[key]
                continue
            for stroke in trail.strokes:
                stroke(trail)

    def __len__(self) -> int:
        return len(self._trails)
