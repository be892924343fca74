"""Smooth lines through points: centripetal Catmull-Rom curves, which make no loops and no cusps."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from posekit.draw.clip import FARTHEST
from posekit.draw.outline import Area, area

STEP = 7.0
"""Pixels between two points of a curve at which it is smooth to the eye."""
MOST_STEPS = 48
"""Pieces of which a curve between two of its points is made, at most."""

Reals = NDArray[np.float64]


class Curve:
    """A curve through points (N, 2) that are all finite; of more numbers, the others change with x and y.

    Catmull and Rom's splines with the centripetal parametrisation of Yuksel, Schaefer and Keyser ("On the
    parameterization of Catmull-Rom curves", 2009): knots lie the square root of the distance apart. A point
    that lies where the one before lies is left out.
    """

    def __init__(self, points: Reals, *, closed: bool = False) -> None:
        points = _distinct(points, closed=closed)
        self.points = points
        """Those that it goes through."""
        self.pieces = max(0, len(points) - (0 if closed and len(points) > 2 else 1))
        """How many curves from a point to the next."""
        if self.pieces < 1:
            self._power = np.empty((4, 0, points.shape[1]))
            self.length = self.longest = 0.0
            return
        before, start, end, behind = _neighbours(points, closed=closed and len(points) > 2)
        step, earlier, later = end - start, start - before, behind - end
        apart = np.hypot(step[:, 0], step[:, 1])
        self.length, self.longest = float(apart.sum()), float(apart.max())
        """Pixels from point to point, all together, and at most."""
        t01, t12, t23 = (np.sqrt(np.hypot(one[:, 0], one[:, 1]))[:, None] for one in (earlier, step, later))
        leaving = step + t12 * (earlier / t01 - (end - before) / (t01 + t12))
        arriving = step + t12 * (later / t23 - (behind - start) / (t12 + t23))
        self._power = np.stack(
            (start, leaving, 3 * step - 2 * leaving - arriving, leaving + arriving - 2 * step)
        )

    def at(self, places: Reals) -> Reals:
        """Return the points (M, 2 or more) at places (M,): 1.5 is halfway from the second to the third."""
        number = np.minimum(places.astype(int), self.pieces - 1)
        t = (places - number)[:, None]
        first, second, third, fourth = self._power[:, number]
        line: Reals = first + t * (second + t * (third + t * fourth))
        return line


def smooth(points: Reals, *, closed: bool = False, step: float = STEP) -> Reals:
    """Return a curve through points (N, 2) that are all finite, as points (M, 2) at most `step` pixels apart.

    Closed, its last point is the one before its first.
    """
    curve = Curve(points, closed=closed)
    if curve.pieces < 2:
        return curve.points
    count = min(MOST_STEPS, max(2, math.ceil(curve.longest / step)))
    line = curve.at(np.arange(curve.pieces * count + 1) / count)
    return line[:-1] if closed else line


def pieces(points: Reals) -> list[Reals]:
    """Cut points (N, 2) where one is missing; what is left of a single point is left out."""
    seen = np.isfinite(points[:, 0] + points[:, 1])
    if seen.all():
        return [points] if len(points) > 1 else []
    ends = np.flatnonzero(np.diff(np.concatenate(([False], seen, [False])).astype(np.int8)))
    return [points[first:end] for first, end in ends.reshape(-1, 2).tolist() if end - first > 1]


def curve_ends(points: Reals, *, closed: bool = False) -> Reals:
    """Return a smooth line through points (N, 2) as separate lines (M, 2, 2); missing points leave gaps."""
    points = np.clip(points, -FARTHEST, FARTHEST)
    seen = np.isfinite(points).all(axis=1)
    if closed and len(points) > 2:
        if seen.all():
            line = smooth(points, closed=True)
            return np.stack((line, np.roll(line, -1, axis=0)), axis=1)
        # Beginning behind a gap, no piece lies across the end.
        points = np.roll(points, -int(np.flatnonzero(~seen)[0]), axis=0)
    lines = [smooth(piece) for piece in pieces(points)]
    if not lines:
        return np.empty((0, 2, 2))
    return np.concatenate([np.stack((line[:-1], line[1:]), axis=1) for line in lines])


def closed_curve(points: Reals) -> Area | None:
    """Return the area within a smooth closed line through those points (N, 2) that are not missing."""
    points = np.clip(points, -FARTHEST, FARTHEST)
    line = smooth(points[np.isfinite(points).all(axis=1)], closed=True)
    return area(line) if len(line) > 2 else None


def _neighbours(points: Reals, *, closed: bool) -> tuple[Reals, Reals, Reals, Reals]:
    """Return for each piece of the curve the point before it, its two ends, and the point behind it."""
    if closed:
        around = np.concatenate((points[-1:], points, points[:2]))
    else:  # at its ends the curve goes on as it came
        around = np.concatenate((2 * points[:1] - points[1:2], points, 2 * points[-1:] - points[-2:-1]))
    return around[:-3], around[1:-2], around[2:-1], around[3:]


def _distinct(points: Reals, *, closed: bool) -> Reals:
    if len(points) < 2:
        return points
    steps = np.diff(points[:, :2], axis=0, prepend=points[-1:, :2])
    moved = (steps != 0).any(axis=1)
    if not closed:
        moved[0] = True
    return points if moved.all() else points[moved]
