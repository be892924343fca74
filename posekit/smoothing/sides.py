"""Left and right exchanged for a moment: found by where they were, put right, and believed if it lasts."""

from __future__ import annotations

from operator import methodcaller
from typing import TYPE_CHECKING, Any

import numpy as np

from posekit.smoothing.state import PAIRS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from posekit.smoothing.options import SmoothingOptions
    from posekit.smoothing.state import Numbers, Points, State


def may_be_exchanged(state: State, points: Points, far: Numbers, options: SmoothingOptions) -> bool:
    """Return whether any pair can be exchanged, `far` (N, 17) sizes from where it was expected.

    This is less than `untangle` asks for, and costs little: a pair that fits badly where it was, and is not
    expected elsewhere, is far from where it was expected.
    """
    apart = far[:, 1::2] + far[:, 2::2] > options.swap
    if not np.count_nonzero(apart):
        return False
    # As a rule there are one or two: too few for arrays.
    found, seen = points.item, state.seen.item
    for row, pair in zip(*map(_as_list, apart.nonzero()), strict=True):
        left, right = (row, 2 * pair + 1), (row, 2 * pair + 2)
        found_left, found_right, seen_left, seen_right = found(left), found(right), seen(left), seen(right)
        own = abs(found_left - seen_left) + abs(found_right - seen_right)
        if own > 2 * (abs(found_left - seen_right) + abs(found_right - seen_left)):
            return True
    return False


_as_list = methodcaller("tolist")


def untangle(
    state: State, points: Points, scores: Numbers, time: float, elapsed: Numbers, options: SmoothingOptions
) -> NDArray[np.bool_] | None:
    """Put exchanged sides right, in place; return which pairs (N, 8) have been exchanged for too long.

    A pair is exchanged where its two keypoints fit where they were much better the other way round. Where
    they move so far in one frame that they may have passed each other, that says nothing. None when all is
    well.
    """
    seen, found = _pairs(state.seen), _pairs(points)
    own = _sum(np.abs(found - seen))
    least = options.swap * state.sizes
    if not np.count_nonzero(own > least):
        state.pairs.fill(np.inf)
        return None
    ages = _pairs(elapsed)
    moved = _sum(np.abs(_pairs(state.velocity)) * ages)
    crossed = _sum(np.abs(found - seen[..., ::-1]))
    exchanged = own > 2 * crossed + options.swap_motion * moved + least
    if not np.count_nonzero(exchanged):
        state.pairs.fill(np.inf)
        return None
    exchanged &= (ages <= options.carry_time).all(axis=-1)
    state.pairs[...] = np.where(exchanged, np.minimum(state.pairs, time), np.inf)
    lasting: NDArray[np.bool_] = exchanged & (state.pairs <= time - options.swap_time)
    undone = exchanged & ~lasting
    found[undone] = found[undone][:, ::-1]
    sure = _pairs(scores)
    sure[undone] = sure[undone][:, ::-1]
    return lasting


def _sum(pairs: Numbers) -> Numbers:
    return pairs[..., 0] + pairs[..., 1]


def _pairs(values: NDArray[Any]) -> NDArray[Any]:
    """Return (N, 8, 2), a view of (N, 17): left and right of every pair."""
    return values[:, 1:].reshape(len(values), PAIRS, 2)
