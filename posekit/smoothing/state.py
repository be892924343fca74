"""What a smoother remembers of everybody's keypoints: arrays with one row per person."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from posekit.skeleton import COCO_17

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Points = NDArray[np.complex128]
    """(N, 17): x in image heights and, as the imaginary part, y; NaN where missing."""
    Numbers = NDArray[np.float64]
    Arrays = tuple[Points, Numbers, Numbers, Numbers]

COUNT = len(COCO_17)
PAIRS = COUNT // 2
"""Pairs of a left and a right keypoint: they stand side by side, from the second keypoint on."""
LONG_AGO = -1e9
"""Seconds: before any time there is."""


class State:
    """Rows of several people; whoever advances them writes the arrays in place."""

    def __init__(self, points: Points, numbers: Numbers, pairs: Numbers, sizes: Numbers) -> None:
        self.points = points
        self.steady, self.seen, self.velocity = points
        """(N, 17) each: steadied places, last seen ones, both in image heights, and velocities per second."""
        self.numbers = numbers
        self.when, self.leaping, self.active, self.score = numbers
        """(N, 17) each: when last seen; since when it leaps (`inf`: it does not); how much it has moved of
        late, in statures per second; its last score."""
        self.pairs = pairs
        """(N, 8): since when left and right are exchanged; `inf`: they are not."""
        self.sizes = sizes
        """(N, 1): stature in image heights; NaN before it was seen."""
        self.scratch = Scratch(len(sizes))
        """What a frame is worked out on."""

    def __len__(self) -> int:
        return len(self.sizes)

    def rows(self, at: Sequence[int]) -> State:
        """Return some rows, copied, in this order; -1 is a new one."""
        # A blank row at the end is what -1 finds. Unlike an index, `take` leaves an array in one piece.
        blank = new_rows(1)
        return State(
            np.concatenate((self.points, blank.points), axis=1).take(at, axis=1, mode="wrap"),
            np.concatenate((self.numbers, blank.numbers), axis=1).take(at, axis=1, mode="wrap"),
            np.concatenate((self.pairs, blank.pairs)).take(at, axis=0, mode="wrap"),
            np.concatenate((self.sizes, blank.sizes)).take(at, axis=0, mode="wrap"),
        )

    def copy(self) -> Arrays:
        """Return a copy of everything, for `put_back`."""
        return self.points.copy(), self.numbers.copy(), self.pairs.copy(), self.sizes.copy()

    def put_back(self, at: Sequence[int], arrays: Arrays) -> None:
        """Let some rows be what they were when the arrays were copied."""
        points, numbers, pairs, sizes = arrays
        for row in at:
            self.points[:, row], self.numbers[:, row] = points[:, row], numbers[:, row]
            self.pairs[row], self.sizes[row] = pairs[row], sizes[row]


class Scratch:
    """Arrays (N, 17) to write on, and constant ones: a scalar costs more than an array that is there."""

    def __init__(self, count: int) -> None:
        shape = count, COUNT
        self.elapsed, self.scale, self.far, self.limit, self.drive, self.pace = np.empty((6, *shape))
        self.gap, self.away, self.moved = np.empty((3, *shape), np.complex128)
        self.factor = np.zeros(shape, np.complex128)
        """Takes numbers as its real part: places are multiplied with what is complex in half the time."""
        self.nothing = np.zeros(shape, np.complex128)
        self.nowhere = np.full(shape, complex(np.nan, np.nan))
        self.zero, self.never = np.zeros(shape), np.full(shape, np.inf)
        self.ones = np.ones(COUNT)


def new_rows(count: int) -> State:
    """Return rows of people of whom nothing is known."""
    points = np.zeros((3, count, COUNT), np.complex128)
    points[:2] = np.nan
    numbers = np.zeros((4, count, COUNT))
    numbers[0], numbers[1] = LONG_AGO, np.inf
    return State(points, numbers, np.full((count, PAIRS), np.inf), np.full((count, 1), np.nan))
