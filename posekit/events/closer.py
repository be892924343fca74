"""A closer look at what is quick: swipes, punches, claps and leaps, only when somebody may be doing one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from posekit.events.history import SWEEP
from posekit.events.quantities import AT, HANDS

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from posekit.events.history import History

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
_DISTANCE, _REACH = AT["hand_distance"], slice(AT["left_reach"], AT["right_reach"] + 1)
_NECK, _HIPS, _FEET = AT["neck_y"], AT["hips_y"], AT["feet_y"]


def look_closer(
    groups: Collection[str],
    history: History,
    q: NDArray[np.float32],
    per_size: NDArray[np.float32],
    side: NDArray[np.float32],
    now: float,
) -> None:
    """Replace the bounds in `q` by exact values, for these of `posekit.events.quantities.CLOSER`."""
    if "leaps" in groups:
        _leaps(history, q, per_size, now)
    recent = history.aged(now, SWEEP)
    if not len(recent) or not {"swipes", "punches", "claps"} & set(groups):
        return
    outwards = side * OUTWARDS
    moved = q[: _DISTANCE + 1] - recent[:, : _DISTANCE + 1]
    down = np.abs(moved[:, 2:4])
    if "swipes" in groups:
        _swipes(history.is_coarse, q, moved[:, 0:2] * side, down, recent)
    if "punches" in groups:
        _punches(q, moved[:, 0:2] * outwards, down, recent, outwards, len(history.aged(now, THROW)))
    if "claps" in groups:
        _claps(q, moved[:, 0:2] * outwards, down, moved[:, _DISTANCE], len(history.aged(now, CLOSING)))


def _swipes(
    is_coarse: bool,
    q: NDArray[np.float32],
    swept: NDArray[np.float32],
    down: NDArray[np.float32],
    recent: NDArray[np.float32],
) -> None:
    ok = (down < STEEP * np.abs(swept)) & (np.maximum(recent[:, 2:4], q[2:4]) < LOW)
    ok &= swept[:, ::-1] * np.sign(swept) > -ALONE
    swept = np.where(ok, swept, ZERO)
    if is_coarse:
        q[HANDS["swept_left"]], q[HANDS["swept_right"]] = swept.max(axis=0), -swept.min(axis=0)
    else:
        q[HANDS["swept_left"]], q[HANDS["swept_right"]] = _followed(swept), _followed(-swept)


def _followed(swept: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return (2, N): how far hands swept that can be followed on their way; `swept` is (K, 2, N)."""
    whole = swept.max(axis=0)
    followed = ((swept > PARTS[0] * whole) & (swept < PARTS[1] * whole)).any(axis=0)
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
    q[HANDS["inmost"]] = np.sort(recent[:, 0:2] * outwards, axis=0)[min(1, len(recent) - 1)]
    q[HANDS["thrown"]] = 0.0
    if count:
        out, down = out[-count:], down[-count:]
        guarded = (recent[-count:, _REACH] < GUARD) & (down < STEEP * out) & (out[:, ::-1] < ALONE)
        q[HANDS["thrown"]] = np.where(guarded, out, ZERO).max(axis=0)


def _claps(
    q: NDArray[np.float32],
    out: NDArray[np.float32],
    down: NDArray[np.float32],
    apart: NDArray[np.float32],
    count: int,
) -> None:
    q[AT["hands_closing"]] = 0.0
    if count:
        out, down, apart = out[-count:], down[-count:], apart[-count:]
        level = (down[:, 0] + down[:, 1] < 2 * LEVEL) & (out < -BOTH).all(axis=1)
        q[AT["hands_closing"]] = np.where(level, -apart, ZERO).max(axis=0)


def _leaps(history: History, q: NDArray[np.float32], per_size: NDArray[np.float32], now: float) -> None:
    q[AT["risen"]] = q[AT["feet_risen"]] = q[AT["above"]] = np.nan
    span = history.aged(now, TAKE_OFF)
    if not len(span):
        return
    risen = (np.fmax.reduce(span[:, _NECK : _FEET + 1], axis=0) - q[_NECK : _FEET + 1]) * per_size
    np.minimum(risen[0], risen[_HIPS - _NECK], out=q[AT["risen"]])
    q[AT["feet_risen"]] = risen[_FEET - _NECK]
    stood = history.aged(now, BEFORE)[:, _NECK]
    seen = stood == stood
    mean = np.where(seen, stood, ZERO).sum(axis=0) / seen.sum(axis=0)
    q[AT["above"]] = (mean - q[_NECK]) * per_size
    history.carried_aside(q, per_size, now)
