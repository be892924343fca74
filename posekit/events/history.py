"""What a body did in the last second and a bit, in time and not in frames: swings, steps, stillness.

Of swipes, punches, claps and leaps this tells only bounds, which are cheap; the closer look is in
`posekit.events.closer`.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

import numpy as np

from posekit.events.quantities import AT, BOUNDED, CHANNELS, CLOSER, HANDS
from posekit.events.scratch import number

if TYPE_CHECKING:
    from collections.abc import Collection

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
STAYED = number(0.4)
"""Torsos that the shoulders may go in half a second while a hand waves."""
COARSE = 0.06
"""Seconds between frames from which on a hand cannot be followed."""
SWING = number(0.28)
"""Torsos that a hand must go back until it counts as a turn of a wave."""
TURNS = 3
"""Turns that make a wave: out, in, out."""
UPRIGHT = (number(-0.15), number(0.2))
"""Torsos that the hand must be above the shoulders and above the elbow, for a turn to count."""
REST_SPEED = np.float32(0.6)
"""Torsos per second across, below which a body stands."""
REST_SPAN = 0.22
"""Seconds over which that is measured."""
FIRM = 0.09
"""Seconds that a body must stand to have come to rest."""
STEP_SECONDS = 1.4
"""How long a step may take from standing to standing."""
STEP_PACE = number(1.3)
"""Torsos per second that a step reaches."""
STEP_SHOWN = 0.3
"""Seconds that a step which has been made is told of."""
STEP_LENGTHS = (0.45, 2.2)
"""In torsos; what is longer was a walk."""
ANCHOR = 2.5
"""Seconds in which the posture follows with which stillness is compared..."""
CALM = 0.4
"""...and over which the difference is averaged."""
FAR = number(0.6 * 0.6)
"""Square torsos beyond which a keypoint counts no more: gross errors are rare and far."""
ENOUGH = number(3)
"""Keypoints that must be seen, and more."""
ZERO, HALF, ONE = number(0), number(0.5), number(1)

FORMS: dict[str, Form] = {
    # The last `SAMPLES` of what is filled count.
    "ring": ((2 * SAMPLES, CHANNELS.stop - CHANNELS.start), np.nan, np.float32),
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


FIRST_CHANNEL: int = CHANNELS.start


def channel(name: str) -> int:
    """Return where a quantity stands among those that are remembered."""
    return AT[name] - FIRST_CHANNEL


_NECK_X, _HIPS_X = channel("neck_x"), channel("hips_x")
_BOUNDED = slice(channel(BOUNDED[0]), channel(BOUNDED[-1]) + 1)


class History:
    """Fills in those of the quantities that take time, and are wanted."""

    def __init__(self, rows: Rows, wanted: Collection[str]) -> None:
        self._rows = rows
        swings = {"left_swings", "right_swings", "left_swung", "right_swung"}
        self._wants_swings = not swings.isdisjoint(wanted)
        self._wants_steps, self._wants_stillness = "stepped" in wanted, "motion" in wanted
        bounded = {"carried", "most_averted", *(name for group in CLOSER.values() for name in group)}
        self._wants_bounds = not bounded.isdisjoint(wanted)
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
        backs: NDArray[np.bool_] | None,
        now: float,
    ) -> None:
        """Fill in the quantities that take time; `backs` (N,) says who shows hers, None if nobody."""
        if self._wants_bounds:
            self._bounds(here, per_size, backs, now)
        if self._wants_swings:
            self._swings(here, now)
        if self._wants_steps:
            self._steps(here, per_size, side, now)
        if self._wants_stillness:
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

    def remember(self, here: Scratch, now: float) -> None:
        """Keep what is known of this moment."""
        times = self._times
        if times and now - times[-1] < SPACING:
            return
        ring = self._rows["ring"]
        if len(times) == 2 * SAMPLES:
            ring[:SAMPLES] = ring[SAMPLES:]
            del times[:SAMPLES]
        ring[len(times)] = here.channels
        times.append(now)

    def carried_aside(self, here: Scratch, per_size: NDArray[np.float32], now: float) -> None:
        """Tell how far the shoulders went across in a while before."""
        before, age = self._before(now)
        if before is None:
            here.carried_aside.fill(0.0)
        else:
            here.carried_aside[:] = (
                np.abs(here.neck_x - before[_NECK_X]) * per_size * np.float32(SWEEP[1] / age)
            )

    def _before(self, now: float) -> tuple[NDArray[np.float32] | None, float]:
        """Return what was remembered somewhat longer ago than `REST_SPAN`, and its age in seconds."""
        times = self._times
        oldest = max(len(times) - SAMPLES, 0)
        at = bisect_left(times, now - REST_SPAN, oldest) - 1
        age = now - times[at] if at >= oldest else math.inf
        return (self._rows["ring"][at], age) if 0 < age < 1.0 else (None, age)

    def _swings(self, here: Scratch, now: float) -> None:
        """Note when each hand turns back: a new extreme once it has come back far enough."""
        rows, gone, back = self._rows, here.gone, here.back
        way, farthest, turns = rows["way"], rows["farthest"], rows["turns"]
        np.multiply(here.across, way, out=gone)
        np.fmax(farthest, gone, out=farthest)
        np.subtract(farthest, gone, out=back)
        turned = np.greater(back, SWING, out=here.has_turned)
        if np.count_nonzero(turned):
            q = here.q
            waves = (
                (q[HANDS["wrist_up"]] > UPRIGHT[0])
                & (q[HANDS["fore_up"]] > UPRIGHT[1])
                & (here.carried < STAYED)
            )
            np.copyto(turns[:-1], turns[1:], where=turned)
            np.copyto(turns[-1], np.where(waves, now, -np.inf), where=turned)
            np.negative(way, out=way, where=turned)
            np.negative(gone, out=farthest, where=turned)
        np.subtract(now, turns[:: TURNS - 1], out=here.turned)

    def _bounds(
        self, here: Scratch, per_size: NDArray[np.float32], backs: NDArray[np.bool_] | None, now: float
    ) -> None:
        """Tell how far hands and bodies can have gone at the most, wherever they were in between."""
        np.negative(here.both_ways, out=here.negatives)
        recent = self.aged(now, SWEEP)
        if not len(recent):
            here.quick.fill(0.0)
            here.carried.fill(0.0)
            here.rise.fill(np.nan)
            here.rise_feet_y.fill(np.nan)
            np.copyto(here.most_averted, here.averted)
            return
        np.fmax.reduce(recent[:, _BOUNDED], axis=0, out=here.most)
        np.subtract(here.most, here.bounded, out=here.rises)
        np.fmax(here.quick, ZERO, out=here.quick)
        if backs is not None:
            up = here.across_up.copy()
            np.copyto(here.across_up, here.across_down, where=backs)
            np.copyto(here.across_down, up, where=backs)
        np.fmax(here.neck_up, here.neck_down, out=here.neck_went)
        np.fmax(here.neck_went_x, here.neck_went_y, out=here.carried)
        np.minimum(here.rise_neck_y, here.rise_hips_y, out=here.rise)
        np.multiply(here.in_heights, per_size, out=here.in_heights)

    def _steps(
        self, here: Scratch, per_size: NDArray[np.float32], side: NDArray[np.float32], now: float
    ) -> None:
        """Tell a step from a walk: a body that stood stands again a little farther on, soon after."""
        rows = self._rows
        before, age = self._before(now)
        if before is None:
            here.stepped.fill(np.nan)
            return
        if now - self._stepped >= SLOW_SPACING:
            self._stepped = now
            middle = here.neck_x + here.hips_x
            middle *= HALF
            self._look_for_step(middle, (before[_NECK_X] + before[_HIPS_X]) * HALF, age, per_size, side, now)
        if now - self._stepped_last < STEP_SHOWN:
            shown = now - rows["step_time"] < STEP_SHOWN
            np.copyto(here.stepped, rows["step"], where=shown)

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
        went = np.subtract(middle, before, out=before)
        np.abs(went, out=went)
        went *= per_size
        # Slow drifting is no step, however often it seems to stop.
        np.fmax(pace, went / np.float32(age), out=pace)
        slow = REST_SPEED * np.float32(age)
        stands = went < slow
        np.copyto(since, np.inf, where=went >= slow)
        np.minimum(since, now, out=since, where=stands)
        stands &= since <= now - FIRM
        if not np.count_nonzero(stands):
            return
        made = stands & (pace > STEP_PACE)
        if np.count_nonzero(made):
            moved = (middle - rows["rest_at"]) * per_size
            length = np.abs(moved)
            made &= (length > STEP_LENGTHS[0]) & (length < STEP_LENGTHS[1])
            made &= now - rows["rest_time"] < STEP_SECONDS
            if np.count_nonzero(made):
                rows["step"][made] = (moved * side)[made]
                rows["step_time"][made] = self._stepped_last = now
        np.copyto(rows["rest_at"], middle, where=stands)
        np.copyto(rows["rest_time"], now, where=stands)
        np.copyto(pace, ZERO, where=stands)

    def _stillness(self, here: Scratch, per_size: NDArray[np.float32], now: float) -> None:
        """Compare the posture with what it was in the last seconds: root mean square over what is seen."""
        rows, points, told = self._rows, here.points, here.motion
        elapsed = now - self._stilled
        before = rows["motion"]
        if elapsed < SLOW_SPACING:
            np.add(told, before, out=told)
            return
        self._stilled = now
        anchor = rows["anchor"]
        away = points - anchor
        seen = away == away
        if np.count_nonzero(seen) < seen.size:
            np.copyto(anchor, points, where=anchor != anchor)
            np.copyto(away, ZERO, where=~seen)
        anchor += away * np.float32(-math.expm1(-elapsed / ANCHOR))
        away *= per_size
        away *= away
        square = away[:, 0]
        square += away[:, 1]
        np.minimum(square, FAR, out=square)
        count = np.add.reduce(seen[:, 0], axis=0, dtype=np.float32)
        motion = np.add.reduce(square, axis=0)
        motion /= np.maximum(count, ONE)
        np.sqrt(motion, out=motion)
        is_enough = count > ENOUGH
        np.copyto(before, motion, where=is_enough & (before != before))
        motion -= before
        motion *= np.float32(-math.expm1(-elapsed / CALM))
        np.add(before, motion, out=before, where=is_enough)
        told.fill(np.nan)
        np.copyto(told, before, where=is_enough)
