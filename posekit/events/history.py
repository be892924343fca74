"""What a body did in the last second and a bit, in time and not in frames: swings, steps, stillness.

Of swipes, punches, claps and leaps this tells only bounds, which are cheap; the closer look is in
`posekit.events.closer`.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

import numpy as np

from posekit.events.quantities import AT, CHANNELS, HANDS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from posekit.events.rows import Form, Rows
    from posekit.events.scratch import Scratch

SAMPLES = 48
"""Kept; with `SPACING` they last 1.2 seconds or more."""
SPACING = 0.0249
"""Seconds between two of them at least."""
SLOW_SPACING = 0.06
"""Seconds between two looks at what is slow: steps and stillness."""

SWEEP = (0.03, 0.46)
"""Seconds that a swipe may take."""
STAYED = np.float32(0.4)
"""Torsos that the shoulders may go in half a second while a hand waves."""
COARSE = 0.06
"""Seconds between frames from which on a hand cannot be followed."""
SWING = np.float32(0.28)
"""Torsos that a hand must go back until it counts as a turn of a wave."""
TURNS = 3
"""Turns that make a wave: out, in, out."""
UPRIGHT = (np.float32(-0.15), np.float32(0.2))
"""Torsos that the hand must be above the shoulders and above the elbow, for a turn to count."""
REST_SPEED = np.float32(0.6)
"""Torsos per second across, below which a body stands."""
REST_SPAN = 0.22
"""Seconds over which that is measured."""
FIRM = 0.09
"""Seconds that a body must stand to have come to rest."""
STEP_SECONDS = 1.4
"""How long a step may take from standing to standing."""
STEP_PACE = np.float32(1.3)
"""Torsos per second that a step reaches."""
STEP_SHOWN = 0.3
"""Seconds that a step which has been made is told of."""
STEP_LENGTHS = (0.45, 2.2)
"""In torsos; what is longer was a walk."""
ANCHOR = 2.5
"""Seconds in which the posture follows with which stillness is compared..."""
CALM = 0.4
"""...and over which the difference is averaged."""
FAR = np.float32(0.6)
"""Torsos beyond which a keypoint counts no more: gross errors are rare and far."""
ZERO, HALF = np.float32(0), np.float32(0.5)

FORMS: dict[str, Form] = {
    "ring": ((2 * SAMPLES, len(CHANNELS)), np.nan, np.float32),  # the last `SAMPLES` of what is filled count
    "farthest": ((2,), np.nan, np.float32),  # how far each hand has come on its way
    "way": ((2,), 1.0, np.float32),  # which way it goes
    "turns": ((TURNS, 2), -np.inf, np.float64),  # when it turned, oldest first
    "stands_since": ((), np.inf, np.float64),
    "pace": ((), 0.0, np.float32),
    "rest_at": ((), np.nan, np.float32),
    "rest_time": ((), -np.inf, np.float64),
    "step": ((), 0.0, np.float32),
    "step_time": ((), -np.inf, np.float64),
    "anchor": ((17, 2), np.nan, np.float32),
    "motion": ((), np.nan, np.float32),
}
_QUICK = slice(AT["left_swept_left"], AT["right_thrown"] + 1)
_INMOST, _CLOSING, _ABOVE = HANDS["inmost"], AT["hands_closing"], AT["above"]
_NECK_X, _HIPS_X = AT["neck_x"], AT["hips_x"]
_LEAP = slice(AT["risen"], AT["feet_risen"] + 1)
_STEPPED, _CARRIED, _ASIDE = AT["stepped"], AT["carried"], AT["carried_aside"]
_FRONTAL, _FACED = AT["frontal"], AT["faced"]


class History:
    """Fills in the quantities that take time."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self.reset()

    def reset(self) -> None:
        """Forget when there were frames; whom they showed is in the rows."""
        self._times: list[float] = []
        self._stepped = self._stilled = self._stepped_last = -math.inf

    @property
    def is_coarse(self) -> bool:
        """Whether frames come seldom."""
        return len(self._times) > 4 and self._times[-1] - self._times[-5] >= 4 * COARSE

    def measure(
        self,
        here: Scratch,
        per_size: NDArray[np.float32],
        side: NDArray[np.float32],
        now: float,
    ) -> None:
        """Fill in the quantities that take time; the channels are what is known of this moment."""
        self._bounds(here, per_size, now)
        self._swings(here, now)
        self._steps(here, per_size, side, now)
        self._stillness(here, per_size, now)

    def aged(self, now: float, span: tuple[float, float]) -> NDArray[np.float32]:
        """Return (K, `CHANNELS`, N): what was remembered between two ages, oldest first; a view."""
        times = self._times
        oldest = max(len(times) - SAMPLES, 0)
        first = bisect_left(times, now - span[1], oldest)
        last: NDArray[np.float32] = self._rows["ring"][
            first : bisect_right(times, now - span[0], max(first, oldest))
        ]
        return last

    def remember(self, q: NDArray[np.float32], now: float) -> None:
        """Keep what is known of this moment."""
        times = self._times
        if times and now - times[-1] < SPACING:
            return
        ring = self._rows["ring"]
        if len(times) == 2 * SAMPLES:
            ring[:SAMPLES] = ring[SAMPLES:]
            del times[:SAMPLES]
        ring[len(times)] = q[: len(CHANNELS)]
        times.append(now)

    def carried_aside(self, q: NDArray[np.float32], per_size: NDArray[np.float32], now: float) -> None:
        """Tell how far the shoulders went across in a while before."""
        before, age = self._before(now)
        if before is not None:
            q[_ASIDE] = np.abs(q[_NECK_X] - before[_NECK_X]) * per_size * np.float32(SWEEP[1] / age)

    def _before(self, now: float) -> tuple[NDArray[np.float32] | None, float]:
        """Return what was remembered somewhat longer ago than `REST_SPAN`, and its age in seconds."""
        times = self._times
        oldest = max(len(times) - SAMPLES, 0)
        at = bisect_left(times, now - REST_SPAN, oldest) - 1
        age = now - times[at] if at >= oldest else math.inf
        return (self._rows["ring"][at], age) if 0 < age < 1.0 else (None, age)

    def _swings(self, here: Scratch, now: float) -> None:
        """Note when each hand turns back: a new extreme once it has come back far enough."""
        q = here.q
        rows = self._rows
        way, farthest, turns = rows["way"], rows["farthest"], rows["turns"]
        gone = here.across * way
        np.fmax(farthest, gone, out=farthest)
        turned = farthest - gone > SWING
        if np.count_nonzero(turned):
            waves = (
                (q[HANDS["wrist_up"]] > UPRIGHT[0])
                & (q[HANDS["fore_up"]] > UPRIGHT[1])
                & (q[_CARRIED] < STAYED)
            )
            turns[:-1, turned] = turns[1:, turned]
            turns[-1, turned] = np.where(waves, now, -np.inf)[turned]
            way[turned] *= -1
            farthest[turned] = -gone[turned]
        np.subtract(now, turns[:: TURNS - 1], out=here.turned)

    def _bounds(self, here: Scratch, per_size: NDArray[np.float32], now: float) -> None:
        """Tell how far hands and bodies can have gone at the most, wherever they were in between."""
        q = here.q
        recent = self.aged(now, SWEEP)
        if not len(recent):
            q[_QUICK], q[_INMOST], q[_CLOSING], q[_LEAP], q[_ABOVE] = 0.0, -1.0, 0.0, np.nan, np.nan
            q[_CARRIED], q[_FACED] = 0.0, q[_FRONTAL]
            return
        least, fell = here.least, here.fell
        np.fmin.reduce(recent, axis=0, out=least)
        np.fmax.reduce(recent, axis=0, out=fell)
        np.copyto(here.faced, here.least_frontal)
        np.subtract(fell, here.channels, out=fell)
        np.subtract(here.channels, least, out=least)
        np.fmax(fell, least, out=least)
        np.fmax(here.least_across, ZERO, out=here.quick)
        np.fmax(here.fell_distance, ZERO, out=here.closing)
        q[_INMOST] = q[_ABOVE] = 1.0
        np.fmax(here.least_neck_x, here.least_neck_y, out=here.carried)
        np.multiply(here.carried, per_size, out=here.carried)
        np.minimum(here.fell_neck, here.fell_hips, out=here.risen)
        np.copyto(here.feet_risen, here.fell_feet)
        np.multiply(here.leap, per_size, out=here.leap)

    def _steps(
        self, here: Scratch, per_size: NDArray[np.float32], side: NDArray[np.float32], now: float
    ) -> None:
        """Tell a step from a walk: a body that stood stands again a little farther on, soon after."""
        rows, q = self._rows, here.q
        q[_ASIDE] = 0.0
        before, age = self._before(now)
        if before is None:
            q[_STEPPED] = np.nan
            return
        middle = here.neck_x + here.hips_x
        middle *= HALF
        if now - self._stepped >= SLOW_SPACING:
            self._stepped = now
            self._look_for_step(middle, (before[_NECK_X] + before[_HIPS_X]) * HALF, age, per_size, side, now)
        np.multiply(middle, ZERO, out=here.stepped)
        if now - self._stepped_last < STEP_SHOWN:
            np.copyto(q[_STEPPED], rows["step"], where=now - rows["step_time"] < STEP_SHOWN)

    def _look_for_step(
        self,
        middle: NDArray[np.float32],
        before: NDArray[np.float32],
        age: float,
        per_size: NDArray[np.float32],
        side: NDArray[np.float32],
        now: float,
    ) -> None:
        rows = self._rows
        pace, since = rows["pace"], rows["stands_since"]
        went = np.abs(middle - before) * per_size
        # Slow drifting is no step, however often it seems to stop.
        np.fmax(pace, went / np.float32(age), out=pace)
        slow = REST_SPEED * np.float32(age)
        stands = went < slow
        np.copyto(since, np.inf, where=went >= slow)
        np.minimum(since, now, out=since, where=stands)
        stands &= now - since >= FIRM
        made = stands & (pace > STEP_PACE)
        if np.count_nonzero(made):
            moved = (middle - rows["rest_at"]) * per_size
            length = np.abs(moved)
            made &= (length > STEP_LENGTHS[0]) & (length < STEP_LENGTHS[1])
            made &= now - rows["rest_time"] < STEP_SECONDS
            if made.any():
                rows["step"][made] = (moved * side)[made]
                rows["step_time"][made] = self._stepped_last = now
        np.copyto(rows["rest_at"], middle, where=stands)
        np.copyto(rows["rest_time"], now, where=stands)
        np.copyto(pace, ZERO, where=stands)

    def _stillness(self, here: Scratch, per_size: NDArray[np.float32], now: float) -> None:
        """Compare the posture with what it was in the last seconds: root mean square over what is seen."""
        rows, points, told = self._rows, here.points, here.motion
        elapsed = now - self._stilled
        if elapsed < SLOW_SPACING:
            np.multiply(points[5, 0], ZERO, out=told)
            np.add(told, rows["motion"], out=told)
            return
        self._stilled = now
        anchor = rows["anchor"]
        away = points - anchor
        unseen = np.isnan(away)
        np.copyto(anchor, points, where=np.isnan(anchor))
        np.copyto(away, ZERO, where=unseen)
        anchor += away * np.float32(-math.expm1(-elapsed / ANCHOR))
        away *= per_size
        away *= away
        square = np.add.reduce(np.minimum(away[:, 0] + away[:, 1], FAR * FAR), axis=0)
        count = 17 - np.add.reduce(unseen[:, 0], axis=0, dtype=np.intp)
        motion = np.sqrt(square / np.maximum(count, 1))
        before, is_enough = rows["motion"], count > 3
        blended = before + (motion - before) * np.float32(-math.expm1(-elapsed / CALM))
        motion = np.where(before == before, blended, motion)
        told.fill(np.nan)
        np.copyto(told, motion, where=is_enough, casting="same_kind")
        np.copyto(before, motion, where=is_enough, casting="same_kind")
