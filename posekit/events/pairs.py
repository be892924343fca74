"""What two people do together: how near they are, and whether a hand of one touches a hand of the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from posekit.events.machine import Who

if TYPE_CHECKING:
    from numpy.typing import NDArray

NEAR = (3.4, 1.6)
"""Torsos between two bodies' middles that count 0 and 1: an arm's length apart, shoulder to shoulder."""
TOUCH = (0.6, 0.2)
"""Torsos between two hands."""
BESIDE = (0.5, 0.9)
"""Torsos from one body to the other across the picture: of two who overlap nobody can tell whose hands are
where."""
SAME_FLOOR = (0.9, 0.4)
"""Torsos that one may stand lower in the picture: who is farther away is not near."""
SAME_SIZE = (1.7, 1.2)
"""Where feet are hidden, how many times bigger one may look."""


def pair_up(ids: tuple[int, ...]) -> tuple[Who, ...]:
    """Return every pair once, whoever came first before the other; `ids` are in ascending order."""
    return tuple(Who(one, other) for at, one in enumerate(ids) for other in ids[at + 1 :])


def measure_pairs(
    middle: NDArray[np.float32],
    wrists: NDArray[np.float32],
    feet: NDArray[np.float32],
    per_size: NDArray[np.float32],
    pairs: tuple[NDArray[np.intp], NDArray[np.intp]],
) -> NDArray[np.float32]:
    """Return (2, P) float32 for `near` and `touch`, for the `pairs` of people (P,) and (P,).

    `middle` (2, N) is everyone's middle and `wrists` (2, 2, N) hands, x and y, `feet` (N,) how low they
    stand, in image heights; `per_size` (N,) is one over the torso. 0 or less for not at all, 1 or more for
    entirely; NaN where it cannot be told; a hand that is missing touches nothing.
    """
    spots = np.concatenate((middle, feet[None], per_size[None], wrists.reshape(4, -1)))
    one, other = spots.take(pairs[0], axis=1), spots.take(pairs[1], axis=1)
    unit = np.sqrt(one[3] * other[3])
    away = np.abs(one[:3] - other[:3])
    away *= unit
    measured = np.empty((2, len(unit)), np.float32)
    near = _ramp(np.hypot(away[0], away[1]), NEAR)
    measured[:] = near
    if not np.count_nonzero(near > 0):
        return measured
    depth, unknown = _ramp(away[2], SAME_FLOOR), np.isnan(away[2])
    if np.count_nonzero(unknown):
        ratio = np.maximum(one[3], other[3]) / np.minimum(one[3], other[3])
        np.copyto(depth, _ramp(ratio, SAME_SIZE), where=unknown)
    hands = one[4:].reshape(2, 1, 2, -1) - other[4:].reshape(1, 2, 2, -1)
    hands *= hands
    gaps = np.sqrt(np.fmin.reduce(hands[:, :, 0] + hands[:, :, 1], axis=(0, 1)))
    gaps *= unit
    np.minimum(_ramp(gaps, TOUCH), _ramp(away[0], BESIDE), out=measured[1])
    np.minimum(measured, depth, out=measured)
    return measured


def _ramp(values: NDArray[np.float32], ends: tuple[float, float]) -> NDArray[np.float32]:
    ramp: NDArray[np.float32] = values - np.float32(ends[0])
    ramp *= np.float32(1 / (ends[1] - ends[0]))
    return ramp
