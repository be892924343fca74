"""Whether a body that appears is somebody lost, by place, movement and proportions, never by looks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from posekit.tracking.assignment import assign
from posekit.tracking.patience import at_edge
from posekit.tracking.rows import centers

if TYPE_CHECKING:
    from numpy.typing import NDArray

STRIDE = 0.4
"""Sizes (some half of a stature) around where she was or should be, at first: a standard deviation..."""
WANDER = 0.6
"""...and how much it grows in a second."""
RISE = 0.3
"""The same up and down, where people on a floor hardly go: their middle keeps its height..."""
CLIMB = 0.1
"""...nearly."""
LONGEST_WAY = 2.5
"""Seconds for which somebody who is not seen may have walked on as before."""
LONGEST_WANDER = 2.5
"""Seconds for which she gets farther away."""
SCALE = 0.3
"""Standard deviation of the logarithm of how big one body looks, before and after."""
PROPORTION = 0.5
"""Standard deviation of the logarithm of one bone against the others: bones turn, and keypoints err."""
WORTH = np.array([0.2, 0.2, 1.0, 1.0, 0.5, 0.5, 0.5, 0.5, 1.0, 1.0, 1.0, 1.0], np.float32)
"""(B,) how much each of `BONES` tells: breadths change with every turn, trunk and legs hardly."""
TURN = 0.8
"""Standard deviation of a change of movement, in sizes per second."""
ERROR = 0.025
"""Image heights by which a bone's length is off: PoseNet's keypoints are 4 to 6 pixels of its input off."""
SURE = 0.35
"""From 0 to 1: likeness from which on it is her."""
NOBODY = 0.05
"""Likeness below which a new body is certainly not her."""
KNOWN_AFTER = 0.25
"""Seconds from which on a new body's movement means something."""
RIVAL = 0.25
"""Share of the best likeness from which on there is a rival: then a new body's movement is waited for."""


def find_returned(
    rows: NDArray[Any], lost: NDArray[np.intp], new: NDArray[np.intp], aspect: float
) -> tuple[list[tuple[int, int]], NDArray[np.intp]]:
    """Return (lost row, new row) for everybody who is back, and the new rows who are none of the lost."""
    # Who was there before she was lost is somebody else.
    possible = rows["age"][new] <= rows["gap"][lost][:, None]
    likeness = place_likeness(rows[lost], rows[new]) * body_likeness(rows[lost], rows[new]) * possible
    others = new[(likeness < NOBODY).all(axis=0)]
    is_early = rows["age"][new] < KNOWN_AFTER
    # At the edge somebody else may be coming in; the way she moves will tell.
    likeness[np.ix_(at_edge(rows[lost], aspect)[0], is_early)] = 0.0
    if len(lost) > 1:
        first, second = -np.partition(-likeness, 1, axis=0)[:2]
        likeness[:, is_early & (second > RIVAL * first)] = 0.0
    pairs = assign(likeness - SURE)
    return list(zip(lost[pairs[0]].tolist(), new[pairs[1]].tolist(), strict=True)), others


def place_likeness(lost: NDArray[Any], new: NDArray[Any]) -> NDArray[np.float64]:
    """Return (L, N) from 0 to 1: how well each new body is where a lost one may have got to.

    She may have stopped at any point of the way that she was on.
    """
    size = lost["size"].astype(np.float64)[:, None]
    away = (centers(new)[None] - centers(lost)[:, None]) / size[..., None]
    gap = lost["gap"]
    way = (lost["drift"] * np.minimum(gap, LONGEST_WAY)[:, None])[:, None] / size[..., None]
    length = np.maximum((way * way).sum(axis=2), 1e-9)
    share = np.clip((away * way).sum(axis=2) / length, 0, 1)
    off = away - share[..., None] * way
    late = np.minimum(gap, LONGEST_WANDER)[:, None]
    off /= np.stack((STRIDE + WANDER * late, RISE + CLIMB * late), axis=2)
    like: NDArray[np.float64] = np.exp(-0.5 * (off * off).sum(axis=2))
    known = (new["age"] >= KNOWN_AFTER) & (lost["gap"] < LONGEST_WAY)[:, None]
    turn = (new["drift"][None] - lost["drift"][:, None]) / size[..., None]
    return like * np.where(known, np.exp(-0.5 * (turn * turn).sum(axis=2) / TURN**2), 1.0)


def body_likeness(lost: NDArray[Any], new: NDArray[Any]) -> NDArray[np.float64]:
    """Return (L, N) from 0 to 1: how alike bodies are in size and proportions, as far as known."""
    shorter = np.exp(np.minimum(lost["bones"][:, None], new["bones"]))
    sure = 1 / (1 + (ERROR / (PROPORTION * shorter)) ** 2)
    both = lost["knows"][:, None] * new["knows"] * WORTH * sure
    count = both.sum(axis=2)
    apart = new["bones"][None] - lost["bones"][:, None]
    # A few bones say little, so they are outvoted by two that are as before.
    bigger = (apart * both).sum(axis=2) / (count + 2)
    rest = np.minimum(np.abs(apart - bigger[..., None]), 2 * PROPORTION)
    uneven = (rest * rest * both).sum(axis=2) / (count + 2)
    like: NDArray[np.float64] = np.exp(-0.5 * (bigger / SCALE) ** 2 - 0.5 * uneven / PROPORTION**2)
    return like
