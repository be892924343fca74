"""What gestures are measured by: quantities of every body, relative to its own size, all people at once.

The unit is the torso, from the middle of the shoulders to the middle of the hips, as a body seen from before
has it. Where the hips are hidden, or the body bends forwards, the shoulders' width stands in for it, times
1.25: an adult's torso is 0.288 of the stature and her shoulders 0.23 (Drillis and Contini 1966, after
Winter), a child's 0.282 and 0.21. Turned aside the shoulders narrow, so the size is remembered. Every
quantity is isotropic; `up` is measured from the shoulders' middle, `out` from it to the hand's own side, and
left is the person's own left.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from posekit.events.history import CHANNELS, FORMS, History
from posekit.events.quantities import AT, HANDS, QUANTITIES
from posekit.events.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from posekit.scene import Person

SHOULDERS_TO_TORSO = np.float32(1.25)
OUTWARDS = np.array([[1.0], [-1.0]], np.float32)
"""Which way is outwards along the own left, for the left hand and the right one."""
TURNED_AWAY = np.float32(0.25)
"""Torsos between the shoulders across the picture below which nobody can say where left is."""
GROWING, SHRINKING, TURNING = 0.2, 0.4, 3.0
"""Seconds in which the remembered size follows: up soon, down a little later, and without hips only when it
lasts, because whoever turns aside shows narrow shoulders."""
HEAD_TO_LEAN = np.float32(0.92)
"""The head comes forward and aside a little farther than the trunk, and hips are told badly."""
OVERLAP = (np.float32(0.75), np.float32(2.0))
"""Torsos across and down between the shoulders of two who overlap."""
SMALLEST = np.float32(1e-4)
SURE = 0.5
"""Score of shoulders whose slope is believed."""
HARDLY_SEEN = 0.4
"""Score of a body below which its keypoints are guesses: it does nothing then."""
STALE = 1e-3
"""Seconds since she was last found, from which on her pose is an old one."""
LEFT, RIGHT = slice(5, None, 2), slice(6, None, 2)
SHOULDER, ELBOW, WRIST, HIP, KNEE, ANKLE = range(6)
"""Where the pairs of keypoints stand in what `LEFT` and `RIGHT` take."""


class Bodies:
    """Measures everybody; remembers each for a second and a bit."""

    def __init__(self, keypoint_score: float = 0.3) -> None:
        self._keypoint_score = keypoint_score
        self._rows = Rows(
            {
                "size": ((), np.nan, np.float32),
                "side": ((), 1.0, np.float32),
                "met": ((), -np.inf, np.float64),
                **FORMS,
            }
        )
        self._history = History(self._rows)
        self._time: float | None = None
        self.per_size = np.empty(0, np.float32)
        """(N,) one over everyone's torso, in image heights."""
        self.center = np.empty((2, 0), np.float32)
        """(2, N) the middle of everyone's shoulders, in image heights."""
        self.feet = np.empty(0, np.float32)
        """(N,) how low in the picture everyone's lower ankle is, in image heights."""
        self.wrists = np.empty((2, 2, 0), np.float32)
        """(2, 2, N) left and right, x and y, in image heights."""

    def reset(self) -> None:
        """Forget everybody."""
        self._rows.clear()
        self._history.reset()
        self._time = None

    def update(self, people: Sequence[Person], now: float, aspect: float) -> NDArray[np.float32]:
        """Return (Q, N) float32 in the order of `QUANTITIES`, NaN where the keypoints it takes are missing.

        `now` is in seconds and never goes back, `aspect` the picture's width in heights.
        """
        rows = self._rows
        rows.align([person.id for person in people])
        elapsed = 0.0 if self._time is None else now - self._time
        self._time = now
        points = places(
            people, now, aspect, raw_above=self._keypoint_score if self._history.is_coarse else None
        )
        left, right = points[LEFT], points[RIGHT]
        middle, apart = (left + right) * np.float32(0.5), left - right
        span = np.hypot(apart[:, 0], apart[:, 1])
        trunk = middle[SHOULDER] - middle[HIP]
        torso = np.hypot(trunk[0], trunk[1])
        per_size = np.float32(1) / self._measure_size(span[SHOULDER], torso, elapsed)
        lower = np.fmax(left[KNEE:, 1], right[KNEE:, 1])
        self.per_size, self.wrists = per_size, points[9:11]
        self.center = middle[SHOULDER]
        self.feet = lower[1]
        across = np.abs(apart[SHOULDER, 0]) * per_size
        side = rows["side"] = np.where(across > TURNED_AWAY, np.sign(apart[SHOULDER, 0]), rows["side"])

        q = np.empty((len(QUANTITIES), len(people)), np.float32)
        q[AT["frontal"]], q[AT["size"]], q[AT["apart"]] = across, 1 / per_size, self._apart(now)
        now_at = np.empty((CHANNELS, len(people)), np.float32)
        now_at[4] = q[AT["hand_distance"]] = span[WRIST] * per_size
        now_at[7], now_at[8] = middle[SHOULDER, 1], middle[HIP, 1]
        now_at[9] = np.where(np.isnan(lower[1]), lower[0], lower[1])
        now_at[10] = (middle[SHOULDER, 0] + middle[HIP, 0]) * np.float32(0.5)
        now_at[11], now_at[12] = middle[SHOULDER, 0], across
        self._measure_arms(q, now_at, points, middle[SHOULDER], side)
        slope = _slope(people, torso, apart[SHOULDER, 1] / span[SHOULDER])
        self._measure_trunk(q, points, middle, slope, side)
        self._history.measure(q, now_at, points, per_size, side, now)
        return q

    def _measure_arms(
        self,
        q: NDArray[np.float32],
        now_at: NDArray[np.float32],
        points: NDArray[np.float32],
        neck: NDArray[np.float32],
        side: NDArray[np.float32],
    ) -> None:
        arms = (points[5:11] - neck) * self.per_size  # shoulders, elbows, wrists
        up = -arms[:, 1]
        out = arms[4:6, 0] * (side * OUTWARDS)
        reach = arms[4:6] - arms[0:2]
        now_at[5:7] = q[HANDS["reach"]] = np.hypot(reach[:, 0], reach[:, 1])
        q[HANDS["wrist_up"]], q[HANDS["wrist_out"]] = up[4:6], out
        q[HANDS["fore_up"]] = up[4:6] - up[2:4]
        q[AT["hand_gap"]] = out[0] + out[1]
        q[AT["hands_up"]] = (up[4] + up[5]) * np.float32(0.5)
        now_at[0:2], now_at[2:4] = arms[4:6, 0], arms[4:6, 1]

    def _measure_trunk(
        self,
        q: NDArray[np.float32],
        points: NDArray[np.float32],
        middle: NDArray[np.float32],
        slope: NDArray[np.floating],
        side: NDArray[np.float32],
    ) -> None:
        """Measure lean and crouch; `slope` (N,) stands for the lean where hips are hidden, else NaN."""
        head = points[0:5].mean(axis=0) - middle[HIP]
        head = np.where(np.isnan(head), middle[SHOULDER] - middle[HIP], head)
        lean = head[0] * side / np.hypot(head[0], head[1]) * HEAD_TO_LEAN
        q[AT["lean"]] = np.where(slope == slope, slope, lean)
        ankles = np.maximum(points[15, 1], points[16, 1])
        q[AT["shoulders_over_feet"]] = (ankles - middle[SHOULDER, 1]) * self.per_size
        q[AT["hips_over_feet"]] = (ankles - middle[HIP, 1]) * self.per_size

    def _measure_size(
        self, shoulders: NDArray[np.float32], torso: NDArray[np.float32], elapsed: float
    ) -> NDArray[np.float32]:
        """Return (N,) float32: everyone's torso in image heights, as remembered."""
        seen = np.fmax(shoulders * SHOULDERS_TO_TORSO, torso)
        size = self._rows["size"]
        grow, shrink, turn = (
            np.float32(-math.expm1(-elapsed / time)) for time in (GROWING, SHRINKING, TURNING)
        )
        step = seen - size
        step *= np.where(step > 0, grow, np.where(torso > 0, shrink, turn))
        step += size
        size = self._rows["size"] = np.where(step == step, step, np.fmin(size, seen))
        kept: NDArray[np.float32] = np.maximum(size, SMALLEST)
        return kept

    def _apart(self, now: float) -> NDArray[np.floating]:
        """Return (N,) seconds since somebody else was before or behind each."""
        met = self._rows["met"]
        if len(met) > 1:
            away = np.abs(self.center[:, :, None] - self.center[:, None, :]) * self.per_size
            overlap = (away[0] < OVERLAP[0]) & (away[1] < OVERLAP[1])
            overlap.flat[:: len(met) + 1] = False
            np.copyto(met, now, where=overlap.any(axis=0) | overlap.any(axis=1))
        return now - met


def _slope(
    people: Sequence[Person], torso: NDArray[np.float32], slope: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return (N,) the shoulders' slope of those whose hips are hidden, NaN for all others.

    Somebody who is half covered shows one shoulder, and the other is a guess.
    """
    hidden = np.isnan(torso)
    if hidden.any():
        hidden &= np.array([person.pose.scores[5:7].min() for person in people]) >= SURE
    told: NDArray[np.float32] = np.where(hidden, slope, np.float32(np.nan))
    return told


def places(
    people: Sequence[Person], now: float, aspect: float, raw_above: float | None = None
) -> NDArray[np.float32]:
    """Return (17, 2, N) float32 in image heights, NaN for who was not found just now, or hardly.

    With a score in `raw_above` they are as the estimator saw them, in so far as they are scored higher: where
    frames come seldom a smoother believes a quick hand only when it is there no more.
    """
    poses = [person.pose for person in people]
    if raw_above is not None:
        poses = [person.raw or person.pose for person in people]
    points = np.empty((17, 2, len(people)), np.float32)
    xy = np.array([pose.xy for pose in poses], np.float32)
    if raw_above is not None:
        xy[np.array([pose.scores for pose in poses]) < raw_above] = np.nan
    np.multiply(xy.transpose(1, 2, 0), np.array([[aspect], [1.0]], np.float32), out=points)
    stale = [
        at for at, person in enumerate(people) if now - person.seen > STALE or person.pose.score < HARDLY_SEEN
    ]
    if stale:
        points[:, :, stale] = np.nan
    return points
