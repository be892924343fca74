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
    stand, in image heights; `per_size` (N,) is one over the torso. NaN where it cannot be told; a hand that
    is missing touches nothing.
    """
    one, other = pairs
    first, second = per_size[one], per_size[other]
    unit = np.sqrt(first * second)
    away = np.abs(middle[:, one] - middle[:, other]) * unit
    measured = np.zeros((2, len(unit)), np.float32)
    measured[0] = _ramp(np.hypot(away[0], away[1]), NEAR)
    if not measured[0].any():
        measured[:, np.isnan(away[0])] = np.nan
        return measured
    ratio = np.maximum(first, second) / np.minimum(first, second)
    level = np.abs(feet[one] - feet[other]) * unit
    depth = np.where(level == level, _ramp(level, SAME_FLOOR), _ramp(ratio, SAME_SIZE))
    hands = wrists[:, None][..., one] - wrists[None][..., other]
    hands *= hands
    gaps = np.fmin.reduce((hands[:, :, 0] + hands[:, :, 1]).reshape(4, -1), axis=0)
    measured[1] = np.minimum(_ramp(np.sqrt(gaps) * unit, TOUCH), _ramp(away[0], BESIDE))
    np.minimum(measured, depth, out=measured)
    return measured


def _ramp(values: NDArray[np.floating], ends: tuple[float, float]) -> NDArray[np.float32]:
    ramp: NDArray[np.float32] = np.minimum(
        np.maximum((values - ends[0]) * (1 / (ends[1] - ends[0])), 0.0), 1.0
    )
    return ramp
