"""What two people do together: how near they are, and whether a hand of one touches a hand of the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from posekit.events.machine import Who
from posekit.events.quantities import AT

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
HANDS = [(one, other) for one in ("left_wrist", "right_wrist") for other in ("left_wrist", "right_wrist")]
ONE, OTHER = (
    (
        "feet",
        *("neck_x", *(f"{hands[end]}_x" for hands in HANDS)),
        *("neck_y", *(f"{hands[end]}_y" for hands in HANDS)),
    )
    for end in (0, 1)
)
"""What of the one is compared with what of the other."""
_ACROSS, _DOWN = slice(1, 6), slice(6, 11)


def pair_up(ids: tuple[int, ...]) -> tuple[Who, ...]:
    """Return every pair once, whoever came first before the other; `ids` are in ascending order."""
    return tuple(Who(one, other) for at, one in enumerate(ids) for other in ids[at + 1 :])


class Pairs:
    """Measures every pair of so many people; who stands first in a pair, stands first among the people."""

    def __init__(self, count: int) -> None:
        one, other = np.triu_indices(count, 1)
        self.firsts: list[int] = one.tolist()
        """Of each pair, where the first of the two stands."""
        self._people = np.stack((one, other))
        rows = np.array([[AT[name] for name in names] for names in (ONE, OTHER)], np.intp)
        self._indices = rows[:, :, None] * count + self._people[:, None]
        self._ends = np.empty(self._indices.shape, np.float32)
        self._units = np.empty(self._people.shape, np.float32)
        pairs = len(one)
        self._away = np.empty((len(ONE), pairs), np.float32)
        self._unit = np.empty(pairs, np.float32)
        self._measured = np.empty((2, pairs), np.float32)

    def measure(self, q: NDArray[np.float32], per_size: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return (2, P) float32 for `near` and `touch`; the next call overwrites it.

        `q` (Q, N) is in the order of `posekit.events.quantities.QUANTITIES`, `per_size` (N,) one over the
        torso in image heights. 0 or less for not at all, 1 or more for entirely; NaN where it cannot be told;
        a hand that is missing touches nothing.
        """
        away, unit, measured = self._away, self._unit, self._measured
        q.take(self._indices, out=self._ends, mode="clip")
        np.subtract(self._ends[0], self._ends[1], out=away)
        per_size.take(self._people, out=self._units, mode="clip")
        np.multiply(self._units[0], self._units[1], out=unit)
        np.sqrt(unit, out=unit)
        np.multiply(away, unit, out=away)
        aside = np.abs(away[:2])
        np.multiply(away, away, out=away)
        squares = away[_ACROSS]
        squares += away[_DOWN]
        np.copyto(measured[0], squares[0])
        np.fmin.reduce(squares[1:], axis=0, out=measured[1])
        np.sqrt(measured, out=measured)
        _ramps(measured, *APART)
        if not np.count_nonzero(measured[0] > 0):
            measured[1] = measured[0]
            return measured
        _ramps(aside, *ASIDE)
        depth, beside = aside
        unknown = np.isnan(depth)
        if np.count_nonzero(unknown):
            ratio = np.maximum(*self._units) / np.minimum(*self._units)
            np.copyto(depth, (ratio - SAME_SIZE[0]) / (SAME_SIZE[1] - SAME_SIZE[0]), where=unknown)
        np.minimum(measured[1], beside, out=measured[1])
        np.minimum(measured, depth, out=measured)
        return measured


def _as_line(*ramps: tuple[float, float]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return slopes and offsets, (K, 1) each, of ramps from 0 to 1."""
    zero, one = np.array(ramps, np.float32).T[..., None]
    return 1 / (one - zero), -zero / (one - zero)


def _ramps(values: NDArray[np.float32], slopes: NDArray[np.float32], offsets: NDArray[np.float32]) -> None:
    np.multiply(values, slopes, out=values)
    np.add(values, offsets, out=values)


APART, ASIDE = _as_line(NEAR, TOUCH), _as_line(SAME_FLOOR, BESIDE)
