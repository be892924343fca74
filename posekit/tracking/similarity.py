"""How much two bodies look like one: COCO's object keypoint similarity, else boxes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from posekit.tracking.sight import KEYPOINTS, spread

if TYPE_CHECKING:
    from collections.abc import Sequence

    from posekit.tracking.sight import Numbers, Points

SIGMAS = np.array(
    (0.026, *(sigma for sigma in (0.025, 0.035, 0.079, 0.072, 0.062, 0.107, 0.087, 0.089) for _ in (1, 2))),
    np.float32,
)
"""How exactly people label each keypoint, in square roots of a body's area (https://cocodataset.org/#keypoints-eval).
A keypoint counts exp(-d^2 / 2 (2 sigma size)^2)."""
_VARIANCE = (2 * SIGMAS) ** 2
_ONES = np.ones(KEYPOINTS, np.float32)
TOO_FEW = 3.0
"""Keypoints in common below which boxes are compared instead."""


def keypoint_similarity(
    known: Points,
    weight: Numbers,
    sizes: Sequence[float],
    slacks: Sequence[float],
    found: Points,
    shown: Numbers,
) -> tuple[Numbers, Numbers]:
    """Return (N, P) similarities from 0 to 1 of N known bodies and P found ones, and how many keypoints tell.

    `known` (N, 17) and `found` (P, 17) in image heights, `weight` (N, 17) from 0 to 1: how sure each known
    keypoint is, `sizes` of the known bodies, `slacks`: how far in sizes each of them may have moved
    unforeseen, `shown` (P, 17): 1 or 0.
    """
    factors = np.array([-0.5 / (size * size) for size in sizes], np.float32)[:, None]
    factors = factors / (_VARIANCE + spread([slack * slack for slack in slacks]))
    apart = known[:, None] - found
    like: Numbers = np.abs(apart)
    like *= like
    like *= factors[:, None]
    np.exp(like, out=like)
    like *= weight[:, None]
    like *= shown
    summed: Numbers = like.reshape(-1, KEYPOINTS).dot(_ONES).reshape(len(known), len(found))
    count: Numbers = weight.dot(shown.T)
    summed /= np.maximum(count, 1e-6)
    return summed, count


def box_similarity(
    known: Sequence[tuple[complex, complex]], found: Sequence[tuple[complex, complex]]
) -> Numbers:
    """Return (N, P): the area that two boxes share by the area that they cover together.

    Boxes are top left and bottom right, x + iy.
    """
    return np.array([[_common(one, other) for other in found] for one in known], np.float32)


def _common(one: tuple[complex, complex], other: tuple[complex, complex]) -> float:
    common = _shared_area(one, other)
    return common / max(_shared_area(one, one) + _shared_area(other, other) - common, 1e-9)


def covered_share(box: tuple[complex, complex], other: tuple[complex, complex]) -> float:
    """Return which share of a box lies in another one."""
    return _shared_area(box, other) / max(_shared_area(box, box), 1e-9)


def _shared_area(one: tuple[complex, complex], other: tuple[complex, complex]) -> float:
    (low, high), (other_low, other_high) = one, other
    across = min(high.real, other_high.real) - max(low.real, other_low.real)
    down = min(high.imag, other_high.imag) - max(low.imag, other_low.imag)
    return across * down if across > 0 and down > 0 else 0.0
