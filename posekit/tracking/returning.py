"""Whether a body that appears is somebody lost, by place, movement and proportions, never by looks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from posekit.tracking.assignment import assign
from posekit.tracking.patience import at_edge
from posekit.tracking.rows import centers

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from posekit.tracking.rows import Rows

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
    rows: Rows, lost: list[int], new: list[int], aspect: float
) -> tuple[list[tuple[int, int]], list[int]]:
    """Return (lost row, new row) for everybody who is back, and the new rows who are none of the lost."""
    old, young = rows.only(lost), rows.only(new)
    age, gap = _column(young, "age"), _column(old, "gap")[:, None]
    # Who was there before she was lost is somebody else.
    likeness = place_likeness(old, young) * body_likeness(old, young) * (age <= gap)
    is_nobody = np.all(likeness < NOBODY, axis=0)
    others = [row for row, is_other in zip(new, is_nobody.tolist(), strict=True) if is_other]
    is_early = age < KNOWN_AFTER
    # At the edge somebody else may be coming in; the way she moves will tell.
    is_at_edge = [at_edge(body, aspect)[0] for body in old.bodies]
    likeness[np.ix_(np.array(is_at_edge, np.bool_), is_early)] = 0.0
    if len(lost) > 1:
        first, second = -np.partition(-likeness, 1, axis=0)[:2]
        likeness[:, is_early & (second > RIVAL * first)] = 0.0
    pairs = zip(*assign(likeness - SURE), strict=True)
    return [(lost[at], new[to]) for at, to in pairs], others


def place_likeness(lost: Rows, new: Rows) -> NDArray[np.float64]:
    """Return (L, N) from 0 to 1: how well each new body is where a lost one may have got to.

    She may have stopped at any point of the way that she was on.
    """
    size, gap = _column(lost, "size")[:, None], _column(lost, "gap")
    away = _across_and_down(centers(new.xy) - centers(lost.xy)[:, None]) / size[..., None]
    drift, new_drift = _column(lost, "drift"), _column(new, "drift")
    way = _across_and_down((drift * np.minimum(gap, LONGEST_WAY))[:, None] / size)
    length = np.maximum((way * way).sum(axis=2), 1e-9)
    share = np.clip((away * way).sum(axis=2) / length, 0, 1)
    off = away - share[..., None] * way
    late = np.minimum(gap, LONGEST_WANDER)[:, None]
    off /= np.stack((STRIDE + WANDER * late, RISE + CLIMB * late), axis=2)
    like: NDArray[np.float64] = np.exp(-0.5 * (off * off).sum(axis=2))
    known = (_column(new, "age") >= KNOWN_AFTER) & (gap < LONGEST_WAY)[:, None]
    turn = np.abs(new_drift - drift[:, None]) / size
    return like * np.where(known, np.exp(-0.5 * turn**2 / TURN**2), 1.0)


def body_likeness(lost: Rows, new: Rows) -> NDArray[np.float64]:
    """Return (L, N) from 0 to 1: how alike bodies are in size and proportions, as far as known."""
    (bones, knows), (new_bones, new_knows) = lost.bones, new.bones
    shorter = np.exp(np.minimum(bones[:, None], new_bones))
    sure = 1 / (1 + (ERROR / (PROPORTION * shorter)) ** 2)
    both = knows[:, None] * new_knows * WORTH * sure
    count = both.sum(axis=2)
    apart = new_bones - bones[:, None]
    # A few bones say little, so they are outvoted by two that are as before.
    bigger = (apart * both).sum(axis=2) / (count + 2)
    rest = np.minimum(np.abs(apart - bigger[..., None]), 2 * PROPORTION)
    uneven = (rest * rest * both).sum(axis=2) / (count + 2)
    like: NDArray[np.float64] = np.exp(-0.5 * (bigger / SCALE) ** 2 - 0.5 * uneven / PROPORTION**2)
    return like


def _column(rows: Rows, name: str) -> NDArray[Any]:
    """Return (N,) one number of every body."""
    return np.array([getattr(body, name) for body in rows.bodies])


def _across_and_down(points: NDArray[np.complexfloating[Any, Any]]) -> NDArray[np.float64]:
    """Return (..., 2), x and y, of points (...)."""
    return np.stack((points.real, points.imag), axis=-1)
