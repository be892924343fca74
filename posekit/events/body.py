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

from posekit.events.closer import look_closer
from posekit.events.history import FORMS, History
from posekit.events.lines import draw_lines, place
from posekit.events.quantities import QUANTITIES
from posekit.events.rows import Rows
from posekit.events.scratch import Scratch, number

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from posekit.scene import Person

SHOULDERS_TO_TORSO = number(1.25)
TURNED_AWAY = number(-0.25)
"""Torsos between the shoulders across the picture below which nobody can say where left is; negative, as of
somebody who shows the other side."""
GROWING, SHRINKING, TURNING = 0.2, 0.4, 3.0
"""Seconds in which the remembered size follows: up soon, down a little later, and without hips only when it
lasts, because whoever turns aside shows narrow shoulders."""
HEAD_TO_LEAN = 0.92
"""The head comes forward and aside a little farther than the trunk, and hips are told badly."""
SMALLEST = number(1e-4)
SURE = 0.5
"""Score of shoulders whose slope is believed."""
STANDING = number(2.2)
"""Torsos from the shoulders down to the feet of somebody who stands: 2.8 seen level, less from above."""
NEW_SECONDS = 1.0
LONG_APART = 10.0
"""Seconds after which it is all the same when somebody else was before or behind her."""
SHORTEST_SHIN = number(-0.3)
"""Torsos from ankle to knee, negative because it is up the picture; an adult's shin has 0.85, and a crouching
one hardly less."""
ONE, MINUS = number(1), number(-1)
SIDES = np.array([[HEAD_TO_LEAN], [1], [-1], [1], [1]], np.float32)
"""What `lean`, both hands' way outwards, their gap and their height are times the side of the body."""


class Bodies:
    """Measures everybody; remembers each for a second and a bit.

    What is not among the `wanted` quantities is left out, where it takes any time.
    """

    def __init__(self, keypoint_score: float = 0.3, wanted: Collection[str] = QUANTITIES) -> None:
        self._wants_legs, self._wants_apart = "shoulders_over_feet" in wanted, "apart" in wanted
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
        self._history = History(self._rows, wanted)
        self._scratch = Scratch(0)
        self.reset()

    def reset(self) -> None:
        """Forget everybody."""
        self._rows.clear()
        self._history.reset()
        self._time: float | None = None
        self._met = self._came = -math.inf
        """When two overlapped last, and when the last one came."""
        self._is_sized = self._have_stood = False
        """Whether a size is known of everybody, and whether everybody has stood."""
        self.per_size = np.empty(0, np.float32)
        """(N,) one over everyone's torso, in image heights."""

    @property
    def quantities(self) -> NDArray[np.float32]:
        """What `update` returned last."""
        return self._scratch.q

    def update(
        self, people: Sequence[Person], ids: Sequence[int], now: float, aspect: float
    ) -> NDArray[np.float32]:
        """Return (Q, N) float32 in the order of `QUANTITIES`, NaN where the keypoints it takes are missing.

        `ids` are the people's, `now` is in seconds and never goes back, `aspect` the picture's width in
        heights. Of what stands in `posekit.events.quantities.CLOSER` there are only bounds. The next update
        overwrites it; before that comes `remember`.
        """
        if self._rows.align(ids):
            self._meet(now)
        here = self._scratch
        elapsed = 0.0 if self._time is None else now - self._time
        self._time = now
        place(here, people, now, aspect, self._keypoint_score if self._history.is_coarse else None)
        draw_lines(here)
        hidden = np.isnan(here.torso)
        some_hidden = bool(np.count_nonzero(hidden))
        self._measure_size(here, hidden if some_hidden else None, elapsed)
        np.multiply(here.scaled, self.per_size, out=here.scaled)
        self._measure_sides(here)
        if some_hidden:
            _take_slope(here, people, hidden)
        self._measure_feet(here)
        if self._wants_legs:
            self._measure_legs(here)
        if self._wants_apart:
            self._measure_apart(here, now)
        self._history.measure(here, self.per_size, self._rows["side"], self._backs, now)
        self._hold_newcomers(now)
        return here.q

    def look_closer(self, groups: Collection[str], now: float) -> None:
        """Measure exactly, in what `update` returned, these of `posekit.events.quantities.CLOSER`."""
        look_closer(groups, self._history, self._scratch, self.per_size, self._rows["side"], now)
        self._hold_newcomers(now)

    def remember(self, now: float) -> None:
        """Keep what was measured just now."""
        self._history.remember(self._scratch, now)

    def _meet(self, now: float) -> None:
        """Make room for the people of now."""
        came = self._rows["came"]
        np.copyto(came, now, where=np.isnan(came))
        self._came = float(came.max(initial=-math.inf))
        self._scratch = Scratch(len(came))
        self._is_sized = self._have_stood = False
        self._sides = np.empty((len(SIDES), len(came)), np.float32)
        self._face_about()
        self.per_size = np.empty(len(came), np.float32)

    def _hold_newcomers(self, now: float) -> None:
        """Let nobody leap who has just come: who walks in at the picture's edge grows out of the floor."""
        if now - self._came < NEW_SECONDS:
            is_new = now - self._rows["came"] < NEW_SECONDS
            for risen in (self._scratch.rise, self._scratch.rise_feet_y, *self._scratch.leap):
                np.copyto(risen, np.nan, where=is_new)

    def _measure_size(self, here: Scratch, hidden: NDArray[np.bool_] | None, elapsed: float) -> None:
        """Tell everyone's torso in image heights, as remembered; `hidden` is whose hips are, if any."""
        size, seen, growing, falling = self._rows["size"], here.seen, here.growing, here.falling
        np.multiply(here.span, SHOULDERS_TO_TORSO, out=seen)
        np.fmax(seen, here.torso, out=seen)
        if not self._is_sized:
            np.copyto(size, seen, where=np.isnan(size))
            self._is_sized = not np.count_nonzero(np.isnan(size))
        np.subtract(seen, size, out=seen)
        here.growth.fill(-math.expm1(-elapsed / GROWING))
        here.shrinkage.fill(-math.expm1(-elapsed / SHRINKING))
        np.multiply(seen, here.growth, out=growing)
        np.multiply(seen, here.shrinkage, out=falling)
        if hidden is not None:
            np.multiply(seen, np.float32(-math.expm1(-elapsed / TURNING)), out=falling, where=hidden)
        # Growing is the quickest, so that the greater of both is right for either sign.
        np.maximum(growing, falling, out=growing)
        np.isfinite(growing, out=here.known)
        np.add(size, growing, out=size, where=here.known)
        np.maximum(size, SMALLEST, out=here.size)
        np.divide(ONE, here.size, out=self.per_size)

    def _measure_sides(self, here: Scratch) -> None:
        """Tell what left and right are, and what depends on it."""
        np.copysign(here.span_x, MINUS, out=here.averted)
        facing, side = here.facing, self._rows["side"]
        np.multiply(here.span_x, side, out=facing)
        turned = facing < TURNED_AWAY
        if np.count_nonzero(turned):
            np.negative(side, out=side, where=turned)
            self._face_about()
        np.multiply(here.sided, self._sides, out=here.sided)
        np.divide(here.lean, here.head, out=here.lean)

    def _face_about(self) -> None:
        side = self._rows["side"]
        np.multiply(SIDES, side, out=self._sides)
        backs = side < 0
        self._backs = backs if np.count_nonzero(backs) else None
        self._sides[-1, backs] = np.nan  # of a back, hands that meet are guesses

    def _measure_feet(self, here: Scratch) -> None:
        np.fmax(here.legs_left, here.legs_right, out=here.lower)
        # Knees first: feet are often below the picture, and one taken for the other would be a leap.
        np.copyto(here.feet_y, here.feet, where=np.isnan(here.feet_y))

    def _measure_legs(self, here: Scratch) -> None:
        np.maximum(here.left_leg, here.right_leg, out=here.left_leg)
        # An ankle that is put on its knee, as happens where feet are cut off, says nothing about crouching.
        np.copyto(here.over_feet, np.nan, where=here.shin > SHORTEST_SHIN)
        if self._have_stood:
            return
        stood = self._rows["stood"]
        np.logical_or(stood, here.shoulders_over_feet > STANDING, out=stood)
        self._have_stood = np.count_nonzero(stood) == len(stood)
        # Seen from above, or with knees in the wrong place, somebody who stands looks as if she crouched.
        np.copyto(here.over_feet, np.nan, where=~stood)

    def _measure_apart(self, here: Scratch, now: float) -> None:
        """Tell how many seconds ago somebody else was before or behind each."""
        met = self._rows["met"]
        if len(met) > 1:
            overlap = here.who_overlap(self.per_size)
            if overlap is not None:
                self._met = now
                np.copyto(met, now, where=overlap)
        if now - self._met < LONG_APART:
            np.subtract(now, met, out=here.apart)
        else:
            here.apart.fill(LONG_APART)


def _take_slope(here: Scratch, people: Sequence[Person], hidden: NDArray[np.bool_]) -> None:
    """Let the shoulders' slope stand for the lean of those whose hips are hidden.

    Somebody who is half covered shows one shoulder, and the other is a guess.
    """
    slope = here.span_y / here.span
    for at in hidden.nonzero()[0].tolist():
        scores = people[at].pose.scores
        if scores[5] >= SURE and scores[6] >= SURE and slope[at] == slope[at]:
            here.lean[at] = slope[at]
