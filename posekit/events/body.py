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

from posekit.events.closer import OUTWARDS, look_closer
from posekit.events.history import FORMS, History
from posekit.events.rows import Rows
from posekit.events.scratch import Scratch

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from posekit.scene import Person

SHOULDERS_TO_TORSO = np.float32(1.25)
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
STANDING = 2.2
"""Torsos from the shoulders down to the feet of somebody who stands: 2.8 seen level, less from above."""
NEW_SECONDS = 1.0
SHORTEST_SHIN = 0.3
"""Torsos from knee to ankle down the picture; an adult's shin has 0.85, and a crouching one hardly less."""
ONE, HALF, FACE = np.float32(1), np.float32(0.5), np.float32(5)


class Bodies:
    """Measures everybody; remembers each for a second and a bit."""

    def __init__(self, keypoint_score: float = 0.3) -> None:
        self._keypoint_score = keypoint_score
        self._rows = Rows(
            {
                "size": ((), np.nan, np.float32),
                "side": ((), 1.0, np.float32),
                "met": ((), -np.inf, np.float64),
                "came": ((), np.nan, np.float64),
                "stood": ((), False, np.bool_),
                **FORMS,
            }
        )
        self._history = History(self._rows)
        self._time: float | None = None
        self._scratch = Scratch(0)
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

    def update(
        self, people: Sequence[Person], ids: Sequence[int], now: float, aspect: float
    ) -> NDArray[np.float32]:
        """Return (Q, N) float32 in the order of `QUANTITIES`, NaN where the keypoints it takes are missing.

        `ids` are the people's, `now` is in seconds and never goes back, `aspect` the picture's width in
        heights. What stands in `posekit.events.quantities.CLOSER` is a bound. The next update overwrites it;
        before that comes `remember`.
        """
        rows = self._rows
        if rows.align(ids):
            self._scratch = Scratch(len(ids))
        here = self._scratch
        elapsed = 0.0 if self._time is None else now - self._time
        self._time = now
        raw_above = self._keypoint_score if self._history.is_coarse else None
        place(here, people, now, aspect, raw_above)
        np.add(here.ends_left, here.ends_right, out=here.middle)
        np.multiply(here.middle, HALF, out=here.middle)
        np.subtract(here.spans_left, here.spans_right, out=here.spans)
        np.subtract(here.neck, here.hips, out=here.trunk)
        np.hypot(here.lines_x, here.lines_y, out=here.lengths)
        hidden = np.isnan(here.torso)
        some_hidden = bool(np.count_nonzero(hidden))
        per_size = self.per_size = ONE / self._measure_size(here.span, here.torso, some_hidden, elapsed)
        self.wrists, self.center, self.feet = here.wrists, here.neck, here.feet
        np.divide(ONE, per_size, out=here.size)
        side = rows["side"]
        np.multiply(np.abs(here.shoulders_x), per_size, out=here.frontal)
        np.copysign(ONE, here.shoulders_x, out=side, where=here.frontal > TURNED_AWAY)
        np.multiply(here.hands, per_size, out=here.distance)
        self._measure_arms(here, side)
        self._measure_legs(here)
        self._measure_lean(here, side)
        if some_hidden:
            self._take_slope(here, people, hidden)
        self._measure_apart(here, now)
        self._history.measure(here, per_size, side, now)
        self._hold_newcomers(now)
        return here.q

    def look_closer(self, groups: Collection[str], now: float) -> None:
        """Measure exactly, in what `update` returned, these of `posekit.events.quantities.CLOSER`."""
        look_closer(groups, self._history, self._scratch.q, self.per_size, self._rows["side"], now)
        self._hold_newcomers(now)

    def remember(self, now: float) -> None:
        """Keep what was measured just now."""
        self._history.remember(self._scratch.q, now)

    def _hold_newcomers(self, now: float) -> None:
        """Let nobody leap who has just come: who walks in at the picture's edge grows out of the floor."""
        came = self._rows["came"]
        np.copyto(came, now, where=np.isnan(came))
        is_new = now - came < NEW_SECONDS
        if is_new.any():
            self._scratch.leap[:, is_new] = np.nan

    def _measure_arms(self, here: Scratch, side: NDArray[np.float32]) -> None:
        np.subtract(here.shoulders_to_wrists, here.neck, out=here.arms)
        np.multiply(here.arms, self.per_size, out=here.arms)
        np.subtract(here.arms_to, here.arms_from, out=here.reach_lines)
        np.hypot(here.reach_x, here.reach_y, out=here.reach)
        np.copyto(here.hand_places, here.arms_by_axis)
        np.negative(here.arms_y, out=here.up)
        np.subtract(here.elbows_y, here.arms_y, out=here.fore_up)
        np.multiply(here.arms_x, side * OUTWARDS, out=here.out)
        np.add(here.out_left, here.out_right, out=here.hand_gap)
        np.add(here.up_left, here.up_right, out=here.hands_up)
        np.multiply(here.hands_up, HALF, out=here.hands_up)
        here.hands_up[side < 0] = np.nan  # of a back, hands that meet are guesses

    def _measure_legs(self, here: Scratch) -> None:
        np.fmax(here.legs_left, here.legs_right, out=here.lower)
        # Knees first: feet are often below the picture, and one taken for the other would be a leap.
        np.copyto(here.feet_y, here.knees)
        np.copyto(here.feet_y, here.feet, where=np.isnan(here.knees))
        ankles = np.maximum(here.ankle_left, here.ankle_right)
        # An ankle that is put on its knee, as happens where feet are cut off, says nothing about crouching.
        shins = np.minimum(here.ankle_left - here.knee_left, here.ankle_right - here.knee_right)
        ankles[shins * self.per_size < SHORTEST_SHIN] = np.nan
        np.subtract(ankles, here.middle_y, out=here.over_feet)
        np.multiply(here.over_feet, self.per_size, out=here.over_feet)
        stood = self._rows["stood"]
        np.logical_or(stood, here.over_feet[0] > STANDING, out=stood)
        # Seen from above, or with knees in the wrong place, somebody who stands looks as if she crouched.
        here.over_feet[:, ~stood] = np.nan

    def _measure_lean(self, here: Scratch, side: NDArray[np.float32]) -> None:
        head, lean = here.head, here.lean
        np.add.reduce(here.face, axis=0, out=head)
        np.divide(head, FACE, out=head)
        np.subtract(head, here.hips, out=head)
        np.copyto(head, here.trunk, where=np.isnan(head))
        np.multiply(here.head_x, side, out=lean)
        np.divide(lean, np.hypot(here.head_x, here.head_y), out=lean)
        np.multiply(lean, HEAD_TO_LEAN, out=lean)

    def _take_slope(self, here: Scratch, people: Sequence[Person], hidden: NDArray[np.bool_]) -> None:
        """Let the shoulders' slope stand for the lean of those whose hips are hidden.

        Somebody who is half covered shows one shoulder, and the other is a guess.
        """
        slope = here.shoulders_y / here.span
        for at in hidden.nonzero()[0].tolist():
            scores = people[at].pose.scores
            if scores[5] >= SURE and scores[6] >= SURE and slope[at] == slope[at]:
                here.lean[at] = slope[at]

    def _measure_size(
        self,
        shoulders: NDArray[np.float32],
        torso: NDArray[np.float32],
        some_hidden: bool,
        elapsed: float,
    ) -> NDArray[np.float32]:
        """Return (N,) float32: everyone's torso in image heights, as remembered."""
        seen = np.fmax(shoulders * SHOULDERS_TO_TORSO, torso)
        size = self._rows["size"]
        grow, shrink = (np.float32(-math.expm1(-elapsed / time)) for time in (GROWING, SHRINKING))
        step = seen - size
        falling: NDArray[np.float32] | np.float32 = shrink
        if some_hidden:
            falling = np.where(torso > 0, shrink, np.float32(-math.expm1(-elapsed / TURNING)))
        # Growing is the quickest, so that the greater of both is right for either sign.
        falling = step * falling
        step *= grow
        np.maximum(step, falling, out=step)
        step += size
        unknown = np.isnan(step)
        if np.count_nonzero(unknown):
            np.copyto(step, np.fmin(size, seen), where=unknown)
        self._rows["size"] = step
        kept: NDArray[np.float32] = np.maximum(step, SMALLEST)
        return kept

    def _measure_apart(self, here: Scratch, now: float) -> None:
        """Tell how many seconds ago somebody else was before or behind each."""
        met = self._rows["met"]
        if len(met) > 1:
            across, down = here.neck_x, here.neck_y
            away = np.abs(np.subtract.outer(across, across))
            away *= self.per_size
            overlap = away < OVERLAP[0]
            overlap.flat[:: len(met) + 1] = False
            if np.count_nonzero(overlap):
                away = np.abs(np.subtract.outer(down, down))
                away *= self.per_size
                overlap &= away < OVERLAP[1]
                np.copyto(met, now, where=overlap.any(axis=0) | overlap.any(axis=1))
        np.subtract(now, met, out=here.apart)


def place(
    here: Scratch, people: Sequence[Person], now: float, aspect: float, raw_above: float | None = None
) -> None:
    """Write everyone's keypoints, in image heights, NaN for who was not found just now, or hardly.

    With a score in `raw_above` they are as the estimator saw them, in so far as they are scored higher: where
    frames come seldom a smoother believes a quick hand only when it is there no more.
    """
    poses = [person.pose for person in people]
    sources = poses if raw_above is None else [person.raw or person.pose for person in people]
    xy = np.concatenate([pose.xy for pose in sources])
    if raw_above is not None:
        xy[np.concatenate([pose.scores for pose in sources]) < raw_above] = np.nan
    np.copyto(here.by_person, xy.reshape(-1, 17, 2))
    np.multiply(here.points_x, np.float32(aspect), out=here.points_x)
    stale = [at for at, person in enumerate(people) if now - person.seen > STALE]
    stale += [at for at, pose in enumerate(poses) if pose.score < HARDLY_SEEN]
    if stale:
        here.points[:, :, stale] = np.nan
