"""Where a frame is measured: arrays and views of them that are made once for so many people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from posekit.events.quantities import (
    ACROSS,
    AT,
    BOUNDED,
    CHANNELS,
    HANDS,
    LENGTHS,
    LINES,
    QUANTITIES,
    VECTORS,
    rows,
)
from posekit.skeleton import COCO_17

if TYPE_CHECKING:
    from numpy.typing import NDArray

OVERLAP = (0.75, 2.0)
"""Torsos across and down between the shoulders of two who overlap."""
JOINTS = ("neck", "between_elbows", "between_wrists", "hips", "between_knees", "between_ankles")
"""The middles of what there is two of, from the shoulders down."""
POINTS = (*COCO_17.keypoints, *JOINTS, "face", "nothing")
LAST_LINE = max(AT[name] for name in LINES) + 1
NOTHING = ("nothing", "nothing", 0)
ENDS = np.array(
    [
        [2 * POINTS.index(to) + axis, 2 * POINTS.index(start) + axis]
        for to, start, axis in (LINES.get(name, NOTHING) for name in QUANTITIES[:LAST_LINE])
    ]
).T.copy()
"""Which coordinates the lines run to and from, (2, `LAST_LINE`)."""


def number(value: float) -> NDArray[np.float32]:
    """Return a constant as an array: NumPy would make one of a plain number every time."""
    return np.array(value, np.float32)


class Scratch:
    """One set of arrays for N people; every frame overwrites them. The row of a quantity has its name.

    Making a view costs nearly as much as reckoning with it.
    """

    def __init__(self, count: int) -> None:
        q = self.q = np.empty((len(QUANTITIES), count), np.float32)
        """(Q, N) the quantities."""
        self.__dict__.update(zip(QUANTITIES, q, strict=True))
        self.zero[:], self.one[:], self.apart[:] = 0.0, 1.0, np.inf
        every = np.zeros((len(POINTS), 2, count), np.float32)
        points = self.points = every[:17]
        """(17, 2, N) keypoints in image heights."""
        self.points_x = points[:, 0]
        self.aspect = np.empty((), np.float32)
        coordinates = 34 * np.arange(count) + np.arange(34)[:, None]
        self.by_keypoint = coordinates.reshape(points.shape)
        """Where each coordinate stands among those of one person after the other."""
        self.coordinates = every.reshape(2 * len(POINTS), count)
        pairs = points[5:].reshape(6, 2, 2, count)  # joints, left and right, x and y
        self.left, self.right, self.middles = pairs[:, 0], pairs[:, 1], every[17:23]
        self.legs_left, self.legs_right = pairs[4:, 0, 1], pairs[4:, 1, 1]  # heights of knees and ankles
        self.features = points[:5]
        self.neck, self.face = every[POINTS.index("neck")], every[POINTS.index("face")]
        self.ends = np.empty((2, LAST_LINE, count), np.float32)
        self.ends_to, self.ends_from = self.ends
        self.unknown = np.empty((2, count), np.bool_)
        self._for_lines(q)
        self._for_history(q, count)
        self._for_size(count)

    def _for_lines(self, q: NDArray[np.float32]) -> None:
        self.lines = q[:LAST_LINE]
        self.vectors_x, self.vectors_y = q[: len(VECTORS)], q[len(VECTORS) : 2 * len(VECTORS)]
        self.lengths = q[rows(LENGTHS[0], LENGTHS[-1])]
        self.scaled = q[: AT[tuple(ACROSS)[-1]] + 1]
        self.sided = q[rows("lean", "hands_up")]
        self.left_leg, self.right_leg = (
            q[rows("shoulders_over_feet", "shin")],
            q[rows("shoulders_over_right_foot", "right_shin")],
        )
        self.over_feet = q[rows("shoulders_over_feet", "hips_over_feet")]
        self.lower = q[rows("feet_y", "feet")]

    def _for_history(self, q: NDArray[np.float32], count: int) -> None:
        self.channels, self.across = q[CHANNELS], q[HANDS["across"]]
        self.both_ways = q[rows("hand_distance", "neck_y")]
        self.negatives = q[rows("less_hand_distance", "less_neck_y")]
        self.bounded = q[rows(BOUNDED[0], BOUNDED[-1])]
        self.most = q[rows(f"most_{BOUNDED[0]}", f"most_{BOUNDED[-1]}")]
        self.rises = q[rows(f"rise_{BOUNDED[0]}", f"rise_{BOUNDED[-1]}")]
        both = self.rises[:10].reshape(2, 5, count)  # what went up, and what went down
        self.quick, self.across_up, self.across_down = both[:, :3], both[0, 1:3], both[1, 1:3]
        self.neck_up, self.neck_down = both[:, 3:]
        self.neck_went = np.empty((2, count), np.float32)
        self.neck_went_x, self.neck_went_y = self.neck_went
        self.in_heights = q[rows("rise_feet_y", "carried")]
        self.leap = q[rows("risen", "feet_risen")]
        self.turned = q[rows("left_swings", "right_swung")].reshape(2, 2, count)
        self.gone, self.back = np.empty((2, 2, count), np.float32)
        self.has_turned = np.empty((2, count), np.bool_)

    def _for_size(self, count: int) -> None:
        self.seen = np.empty(count, np.float32)
        self.growing, self.falling = np.empty((2, count), np.float32)
        self.growth, self.shrinkage = np.empty((), np.float32), np.empty((), np.float32)
        self.known = np.empty(count, np.bool_)
        self.facing = np.empty(count, np.float32)
        self.away = np.empty((count, count), np.float32)
        self.is_near = np.empty((count, count), np.bool_)
        self.near = np.full((count, count), OVERLAP[0], np.float32)
        np.fill_diagonal(self.near, -1.0)  # nobody overlaps with herself

    def who_overlap(self, per_size: NDArray[np.float32]) -> NDArray[np.bool_] | None:
        """Return who is before or behind somebody else, (N,) bool, or None for nobody."""
        away = self.away
        np.subtract(self.neck_x[:, None], self.neck_x, out=away)
        np.abs(away, out=away)
        np.multiply(away, per_size, out=away)
        overlap = np.less(away, self.near, out=self.is_near)
        if not np.count_nonzero(overlap):
            return None
        np.subtract(self.neck_y[:, None], self.neck_y, out=away)
        np.abs(away, out=away)
        np.multiply(away, per_size, out=away)
        overlap &= away < OVERLAP[1]
        found: NDArray[np.bool_] = np.logical_or.reduce(overlap, axis=0)
        found |= np.logical_or.reduce(overlap, axis=1)
        return found if np.count_nonzero(found) else None

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> NDArray[np.float32]: ...
