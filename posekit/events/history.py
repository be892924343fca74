"""What a body did in the last second and a bit, in time and not in frames: swings, sweeps, leaps, steps."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

import numpy as np

from posekit.events.quantities import AT, HANDS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from posekit.events.rows import Form, Rows

CHANNELS = 13
"""Wrists across (2) and down (2) from the shoulders, the hands' distance and the arms' reach (2), in torsos;
heights in the picture of shoulders, hips and feet, the body's middle across it and the shoulders', in image
heights; and how far apart the shoulders look, in torsos."""
SAMPLES = 48
"""Kept; with `SPACING` they last 1.2 seconds or more."""
SPACING = 0.0249
"""Seconds between two of them at least."""
SLOW_SPACING = 0.06
"""Seconds between two looks at what is slow: steps and stillness."""

SWEEP = (0.03, 0.46)
"""Seconds that a swipe may take."""
THROW = (0.03, 0.26)
"""Seconds from guard to where a fist arrives."""
CLOSING = (0.03, 0.3)
"""Seconds in which clapping hands meet."""
TAKE_OFF = (0.08, 0.3)
"""Seconds of a jump's way up."""
BEFORE = (0.55, 1.3)
"""Ages of what counts as the height at which a body stood before it jumped."""
STAYED = np.float32(0.4)
"""Torsos that the shoulders may go in half a second while a hand waves."""
SWEPT, THROWN, CLOSED, RISING = np.float32(0.7), np.float32(0.15), np.float32(0.85), np.float32(0.1)
"""Torsos below, or above, which it is worth nobody's while to look closer: the ramps there are at 0."""
STEEP = np.float32(0.6)
"""A hand that goes down or up by more than this, for each torso across, does not swipe."""
LOW = np.float32(0.95)
"""Torsos below the shoulders where hands hang and do not swipe."""
LEVEL = np.float32(0.18)
"""Torsos that clapping hands may rise or fall while they close."""
COARSE = 0.06
"""Seconds between frames from which on a hand cannot be followed."""
BOTH = np.float32(0.12)
"""Torsos that each clapping hand moves inwards at least: one that leaps to the other is an error."""
PARTS = (np.float32(0.2), np.float32(0.8))
"""A swipe has been somewhere between these parts of its way: an error leaps."""
ALONE = np.float32(0.18)
"""Torsos that the other hand may go out too: what both do together is neither a punch nor a swipe."""
GUARD = np.float32(0.6)
"""Reach from which a punch may start, in torsos."""
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
STEP_SECONDS = np.float64(1.4)
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

FORMS: dict[str, Form] = {
    "ring": ((SAMPLES, CHANNELS), np.nan, np.float32),
    "turn_at": ((2,), np.nan, np.float32),  # where each hand was farthest on its way
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


class History:
    """Fills in the quantities that take time."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self.reset()

    def reset(self) -> None:
        """Forget when there were frames; whom they showed is in the rows."""
        self._times = [-np.inf] * SAMPLES
        self._stepped = self._stilled = -np.inf

    @property
    def is_coarse(self) -> bool:
        """Whether frames come seldom."""
        return 4 * COARSE <= self._times[-1] - self._times[-5] < np.inf

    def measure(
        self,
        q: NDArray[np.float32],
        current: NDArray[np.float32],
        points: NDArray[np.float32],
        per_size: NDArray[np.float32],
        side: NDArray[np.float32],
        now: float,
    ) -> None:
        """Fill in the rows of `q` that take time, then remember `current` (`CHANNELS`, N)."""
        self._hands(q, current, side * _OUT, per_size, now)
        self._swings(q, current[0:2], now)
        self._leap(q, current, per_size, now)
        self._steps(q, current, per_size, side, now)
        self._stillness(q, points, per_size, now)
        self._remember(current, now)

    def _aged(self, now: float, span: tuple[float, float]) -> NDArray[np.float32]:
        """Return (K, `CHANNELS`, N): what was remembered between two ages, oldest first; a view."""
        first, last = bisect_left(self._times, now - span[1]), bisect_right(self._times, now - span[0])
        return self._rows["ring"][first:last]

    def _remember(self, current: NDArray[np.float32], now: float) -> None:
        if now - self._times[-1] < SPACING:
            return
        self._times = [*self._times[1:], now]
        ring = self._rows["ring"]
        ring[:-1] = ring[1:]
        ring[-1] = current

    def _swings(self, q: NDArray[np.float32], across: NDArray[np.float32], now: float) -> None:
        """Note when each hand turns back: a new extreme once it has come back far enough."""
        rows = self._rows
        way, turn_at, turns = rows["way"], rows["turn_at"], rows["turns"]
        back = (turn_at - across) * way
        further = ~(back > 0) & (across == across)
        turn_at[further] = across[further]
        turned = back > SWING
        if turned.any():
            waves = (
                (q[HANDS["wrist_up"]] > UPRIGHT[0])
                & (q[HANDS["fore_up"]] > UPRIGHT[1])
                & (q[AT["carried"]] < STAYED)
            )
            turns[:-1, turned] = turns[1:, turned]
            turns[-1, turned] = np.where(waves, now, -np.inf)[turned]
            way[turned] *= -1
            turn_at[turned] = across[turned]
        q[HANDS["swings"]] = now - turns[0]
        q[HANDS["swung"]] = now - turns[-1]

    def _hands(
        self,
        q: NDArray[np.float32],
        current: NDArray[np.float32],
        outwards: NDArray[np.float32],
        per_size: NDArray[np.float32],
        now: float,
    ) -> None:
        """Tell swipes, punches and claps, each only where somebody might be doing one."""
        q[AT["left_swept_left"] : AT["left_inmost"]], q[HANDS["inmost"]], q[AT["hands_closing"]] = (
            0.0,
            -1.0,
            0.0,
        )
        recent = self._aged(now, SWEEP)
        if not len(recent):
            q[AT["carried"]] = 0.0
            q[AT["faced"]] = current[12]
            return
        carried = np.abs(current[7::4] - recent[:, 7::4])
        q[AT["faced"]] = np.fmin.reduce(recent[:, 12], axis=0)
        np.multiply(np.fmax.reduce(carried, axis=(0, 1)), per_size, out=q[AT["carried"]])
        moved = current[:7] - recent[:, :7]
        across = moved[:, 0:2]
        farthest, nearest = np.fmax.reduce(across, axis=0), np.fmin.reduce(across, axis=0)
        quick = np.fmax(farthest, -nearest)
        if (quick > SWEPT).any():
            self._swipes(q, across * (outwards * _OUT), np.abs(moved[:, 2:4]), recent, current)
        if ((quick > THROWN) & (current[5:7] > THROWN)).any():
            self._punches(q, across * outwards, np.abs(moved[:, 2:4]), recent, outwards, now)
        if (current[4] < CLOSED).any():
            self._claps(q, across * outwards, moved, now)

    def _swipes(
        self,
        q: NDArray[np.float32],
        swept: NDArray[np.float32],
        down: NDArray[np.float32],
        recent: NDArray[np.float32],
        current: NDArray[np.float32],
    ) -> None:
        ok = (down < STEEP * np.abs(swept)) & (np.maximum(recent[:, 2:4], current[2:4]) < LOW)
        ok &= swept[:, ::-1] * np.sign(swept) > -ALONE
        swept = np.where(ok, swept, np.float32(0))
        if self.is_coarse:
            q[HANDS["swept_left"]], q[HANDS["swept_right"]] = swept.max(axis=0), -swept.min(axis=0)
        else:
            q[HANDS["swept_left"]], q[HANDS["swept_right"]] = _followed(swept), _followed(-swept)

    def _punches(
        self,
        q: NDArray[np.float32],
        out: NDArray[np.float32],
        down: NDArray[np.float32],
        recent: NDArray[np.float32],
        outwards: NDArray[np.float32],
        now: float,
    ) -> None:
        # Where the hand came from; the second of the places, because one may be an error.
        q[HANDS["inmost"]] = np.sort(recent[:, 0:2] * outwards, axis=0)[min(1, len(recent) - 1)]
        count = len(self._aged(now, THROW))
        if count:
            out, down = out[-count:], down[-count:]
            guarded = (recent[-count:, 5:7] < GUARD) & (down < STEEP * out) & (out[:, ::-1] < ALONE)
            q[HANDS["thrown"]] = np.where(guarded, out, np.float32(0)).max(axis=0)

    def _claps(
        self, q: NDArray[np.float32], out: NDArray[np.float32], moved: NDArray[np.float32], now: float
    ) -> None:
        count = len(self._aged(now, CLOSING))
        if not count:
            return
        out, moved = out[-count:], moved[-count:]
        level = (np.abs(moved[:, 2]) + np.abs(moved[:, 3]) < 2 * LEVEL) & (out < -BOTH).all(axis=1)
        q[AT["hands_closing"]] = np.where(level, -moved[:, 4], np.float32(0)).max(axis=0)

    def _leap(
        self, q: NDArray[np.float32], current: NDArray[np.float32], per_size: NDArray[np.float32], now: float
    ) -> None:
        q[AT["risen"]] = q[AT["feet_risen"]] = q[AT["above"]] = np.nan
        span = self._aged(now, TAKE_OFF)
        if not len(span):
            return
        risen = (np.fmax.reduce(span[:, 7:10], axis=0) - current[7:10]) * per_size
        np.minimum(risen[0], risen[1], out=q[AT["risen"]])
        q[AT["feet_risen"]] = risen[2]
        if not (q[AT["risen"]] > RISING).any():
            q[AT["above"]] = 0.0
            return
        stood = self._aged(now, BEFORE)[:, 7]
        seen = stood == stood
        mean = np.where(seen, stood, np.float32(0)).sum(axis=0) / seen.sum(axis=0)
        q[AT["above"]] = (mean - current[7]) * per_size

    def _steps(
        self,
        q: NDArray[np.float32],
        current: NDArray[np.float32],
        per_size: NDArray[np.float32],
        side: NDArray[np.float32],
        now: float,
    ) -> None:
        """Tell a step from a walk: a body that stood stands again a little farther on, soon after."""
        rows, middle = self._rows, current[10]
        at = bisect_left(self._times, now - REST_SPAN) - 1
        age = now - self._times[at] if at >= 0 else np.inf
        if not 0 < age < 1.0:
            q[AT["stepped"]], q[AT["carried_aside"]] = np.nan, 0.0
            return
        before = rows["ring"][at]
        q[AT["carried_aside"]] = np.abs(current[11] - before[11]) * per_size * np.float32(SWEEP[1] / age)
        if now - self._stepped < SLOW_SPACING:
            q[AT["stepped"]] = np.where(now - rows["step_time"] < STEP_SHOWN, rows["step"], 0 * middle)
            return
        self._stepped = now
        went = np.abs(middle - before[10]) * per_size
        # Slow drifting is no step, however often it seems to stop.
        pace = rows["pace"] = np.fmax(rows["pace"], went / np.float32(age))
        stands, walks = went < REST_SPEED * np.float32(age), went >= REST_SPEED * np.float32(age)
        since = rows["stands_since"]
        since[walks] = np.inf
        np.minimum(since, now, out=since, where=stands)
        stands &= now - since >= FIRM
        moved = (middle - rows["rest_at"]) * per_size
        length = np.abs(moved)
        made = stands & (length > STEP_LENGTHS[0]) & (length < STEP_LENGTHS[1]) & (pace > STEP_PACE)
        if made.any():
            made &= now - rows["rest_time"] < STEP_SECONDS
            rows["step"][made] = (moved * side)[made]
            rows["step_time"][made] = now
        rows["rest_at"][stands] = middle[stands]
        rows["rest_time"][stands] = now
        pace[stands] = 0.0
        q[AT["stepped"]] = np.where(now - rows["step_time"] < STEP_SHOWN, rows["step"], 0 * middle)

    def _stillness(
        self, q: NDArray[np.float32], points: NDArray[np.float32], per_size: NDArray[np.float32], now: float
    ) -> None:
        """Compare the posture with what it was in the last seconds: root mean square over what is seen."""
        rows = self._rows
        elapsed = now - self._stilled
        if elapsed < SLOW_SPACING:
            q[AT["motion"]] = np.where(points[5, 0] == points[5, 0], rows["motion"], np.nan)
            return
        self._stilled = now
        anchor = rows["anchor"]
        away = points - anchor
        seen = away == away
        np.copyto(anchor, points, where=np.isnan(anchor))
        np.copyto(away, 0.0, where=~seen)
        anchor += away * np.float32(-math.expm1(-elapsed / ANCHOR))
        away *= per_size
        away *= away
        square = np.minimum(away[:, 0] + away[:, 1], FAR * FAR).sum(axis=0)
        count = seen[:, 0].sum(axis=0)
        motion = np.sqrt(square / np.maximum(count, 1))
        before = rows["motion"]
        blended = before + (motion - before) * np.float32(-math.expm1(-elapsed / CALM))
        motion = np.where(count > 3, np.where(before == before, blended, motion), before)
        rows["motion"] = motion.astype(np.float32)
        q[AT["motion"]] = np.where(count > 3, motion, np.nan)


_OUT = np.array([[1.0], [-1.0]], np.float32)


def _followed(swept: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return (2, N): how far hands swept that can be followed on their way; `swept` is (K, 2, N)."""
    whole = swept.max(axis=0)
    followed = ((swept > PARTS[0] * whole) & (swept < PARTS[1] * whole)).any(axis=0)
    told: NDArray[np.float32] = np.where(followed, whole, np.float32(0))
    return told
