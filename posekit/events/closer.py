"""A closer look at what is quick: swipes, punches, claps and leaps, only when somebody may be doing one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from posekit.events.history import SWEEP, channel
from posekit.events.quantities import CHANNELS, HANDS, rows

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from posekit.events.history import History
    from posekit.events.scratch import Scratch

THROW = (0.03, 0.26)
"""Seconds from guard to where a fist arrives."""
CLOSING = (0.03, 0.3)
"""Seconds in which clapping hands meet."""
TAKE_OFF = (0.08, 0.3)
"""Seconds of a jump's way up."""
BEFORE = (0.55, 1.3)
"""Ages of what counts as the height at which a body stood before it jumped."""
STEEP = np.float32(0.6)
"""A hand that goes down or up by more than this, for each torso across, does not swipe."""
LOW = np.float32(0.95)
"""Torsos below the shoulders where hands hang and do not swipe."""
LEVEL = np.float32(0.18)
"""Torsos that clapping hands may rise or fall while they close."""
BOTH = np.float32(0.12)
"""Torsos that each clapping hand moves inwards at least: one that leaps to the other is an error."""
PARTS = (np.float32(0.2), np.float32(0.8))
"""A swipe has been somewhere between these parts of its way: an error leaps."""
ALONE = np.float32(0.18)
"""Torsos that the other hand may go out too: what both do together is neither a punch nor a swipe."""
GUARD = np.float32(0.6)
"""Reach from which a punch may start, in torsos."""
OUTWARDS = np.array([[1.0], [-1.0]], np.float32)
"""Which way is outwards along the own left, for the left hand and the right one."""
ZERO = np.float32(0)
_MOVED, _QUICK = rows("left_down", "right_across"), rows("left_swept_left", "hands_closing")
_DISTANCE, _NECK_Y, _HIPS_Y, _FEET_Y = map(channel, ("hand_distance", "neck_y", "hips_y", "feet_y"))
_DOWN, _REACH, _ACROSS = (
    slice(channel(f"left_{name}"), channel(f"right_{name}") + 1) for name in ("down", "reach", "across")
)


def look_closer(
    groups: Collection[str],
    history: History,
    here: Scratch,
    per_size: NDArray[np.float32],
    side: NDArray[np.float32],
    now: float,
) -> None:
    """Measure exactly these of `posekit.events.quantities.CLOSER`."""
    if "leaps" in groups:
        _leaps(history, here, per_size, now)
    recent = history.aged(now, SWEEP)
    if not {"swipes", "punches", "claps"} & set(groups):
        return
    outwards, q = side * OUTWARDS, here.q
    if not len(recent):
        q[_QUICK] = 0.0
        return
    # The first of the channels; those are in the order of the quantities.
    moved = q[_MOVED] - recent[:, : _MOVED.stop - CHANNELS.start]
    across, down = moved[:, _ACROSS], np.abs(moved[:, _DOWN])
    if "swipes" in groups:
        _swipes(history.is_coarse, q, across * side, down, recent)
    if "punches" in groups:
        _punches(q, across * outwards, down, recent, outwards, len(history.aged(now, THROW)))
    if "claps" in groups:
        _claps(here, across * outwards, down, moved[:, _DISTANCE], len(history.aged(now, CLOSING)))


def _swipes(
    is_coarse: bool,
    q: NDArray[np.float32],
    swept: NDArray[np.float32],
    down: NDArray[np.float32],
    recent: NDArray[np.float32],
) -> None:
    ok = (down < STEEP * np.abs(swept)) & (np.maximum(recent[:, _DOWN], q[HANDS["down"]]) < LOW)
    ok &= swept[:, ::-1] * np.sign(swept) > -ALONE
    swept = np.where(ok, swept, ZERO)
    if is_coarse:
        q[HANDS["swept_left"]] = np.maximum.reduce(swept, axis=0)
        q[HANDS["swept_right"]] = -np.minimum.reduce(swept, axis=0)
    else:
        q[HANDS["swept_left"]], q[HANDS["swept_right"]] = _followed(swept), _followed(-swept)


def _followed(swept: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return (2, N): how far hands swept that can be followed on their way; `swept` is (K, 2, N)."""
    whole = np.maximum.reduce(swept, axis=0)
    between = swept > PARTS[0] * whole
    between &= swept < PARTS[1] * whole
    followed = np.logical_or.reduce(between, axis=0)
    told: NDArray[np.float32] = np.where(followed, whole, ZERO)
    return told


def _punches(
    q: NDArray[np.float32],
    out: NDArray[np.float32],
    down: NDArray[np.float32],
    recent: NDArray[np.float32],
    outwards: NDArray[np.float32],
    count: int,
) -> None:
    # Where the hand came from; the second of the places, because one may be an error.
    been = recent[:, _ACROSS] * outwards
    been.sort(axis=0)
    q[HANDS["inmost"]] = been[min(1, len(been) - 1)]
    q[HANDS["thrown"]] = 0.0
    if count:
        out, down = out[-count:], down[-count:]
        guarded = (recent[-count:, _REACH] < GUARD) & (down < STEEP * out) & (out[:, ::-1] < ALONE)
        np.maximum.reduce(np.where(guarded, out, ZERO), axis=0, out=q[HANDS["thrown"]])


def _claps(
    here: Scratch,
    out: NDArray[np.float32],
    down: NDArray[np.float32],
    apart: NDArray[np.float32],
    count: int,
) -> None:
    here.hands_closing.fill(0.0)
    if count:
        out, down, apart = out[-count:], down[-count:], apart[-count:]
        level = down[:, 0] + down[:, 1] < 2 * LEVEL
        level &= np.maximum(out[:, 0], out[:, 1]) < -BOTH
        np.maximum.reduce(np.where(level, -apart, ZERO), axis=0, out=here.hands_closing)


def _leaps(history: History, here: Scratch, per_size: NDArray[np.float32], now: float) -> None:
    here.leap.fill(np.nan)
    here.above.fill(np.nan)
    here.carried_aside.fill(0.0)
    span = history.aged(now, TAKE_OFF)
    if not len(span):
        return
    necks = (np.fmax.reduce(span[:, _NECK_Y], axis=0) - here.neck_y) * per_size
    hips = (np.fmax.reduce(span[:, _HIPS_Y], axis=0) - here.hips_y) * per_size
    np.minimum(necks, hips, out=here.risen)
    here.feet_risen[:] = (np.fmax.reduce(span[:, _FEET_Y], axis=0) - here.feet_y) * per_size
    stood = history.aged(now, BEFORE)[:, _NECK_Y]
    seen = stood == stood
    mean = np.where(seen, stood, ZERO).sum(axis=0) / seen.sum(axis=0)
    here.above[:] = (mean - here.neck_y) * per_size
    history.carried_aside(here, per_size, now)
