"""How much two bodies look like one: COCO's object keypoint similarity, else boxes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

SIGMAS = np.array(
    (0.026, *(sigma for sigma in (0.025, 0.035, 0.079, 0.072, 0.062, 0.107, 0.087, 0.089) for _ in (1, 2))),
    np.float32,
)
"""How exactly people label each keypoint, in square roots of a body's area (https://cocodataset.org/#keypoints-eval).
A keypoint counts exp(-d^2 / 2 (2 sigma size)^2)."""
_VARIANCE = (2 * SIGMAS) ** 2
TOO_FEW = 3.0
"""Keypoints in common below which boxes are compared instead."""


def keypoint_similarity(
    known: NDArray[np.float32],
    weight: NDArray[np.float32],
    size: NDArray[np.float32],
    slack: NDArray[np.float32],
    found: NDArray[np.float32],
    visible: NDArray[np.bool_],
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return (N, P) similarities from 0 to 1 of N known bodies and P found ones, and how many keypoints tell.

    `known` (N, 17, 2) and `found` (P, 17, 2) in image heights, `weight` (N, 17) from 0 to 1: how sure each
    known keypoint is, `size` (N,) of the known bodies, `slack` (N,) how far in sizes each body may have
    moved unforeseen, `visible` (P, 17).
    """
    across = known[:, None, :, 0] - found[None, :, :, 0]
    down = known[:, None, :, 1] - found[None, :, :, 1]
    squared = across * across
    squared += down * down
    spread = (_VARIANCE + (slack * slack)[:, None]) * (size * size)[:, None]
    squared /= (-2 * spread)[:, None]
    shared = weight[:, None] * visible
    count = shared.sum(axis=2)
    like = np.exp(squared)
    like *= shared
    return like.sum(axis=2) / np.maximum(count, np.float32(1e-6)), count


def box_similarity(
    known_low: NDArray[np.float32],
    known_high: NDArray[np.float32],
    low: NDArray[np.float32],
    high: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Return (N, P): the area that two boxes share by the area that they cover together.

    Boxes are top left (N, 2) or (P, 2) and bottom right.
    """
    shared = np.minimum(known_high[:, None], high) - np.maximum(known_low[:, None], low)
    common = np.maximum(shared, 0).prod(axis=2)
    areas = (known_high - known_low).prod(axis=1)[:, None] + (high - low).prod(axis=1)
    like: NDArray[np.float32] = common / np.maximum(areas - common, np.float32(1e-9))
    return like


def covered_share(
    low: NDArray[np.float32],
    high: NDArray[np.float32],
    other_low: NDArray[np.float32],
    other_high: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Return (N, P): which share of each of N boxes lies in each of P other ones."""
    shared = np.minimum(high[:, None], other_high) - np.maximum(low[:, None], other_low)
    area = np.maximum((high - low).prod(axis=1), np.float32(1e-9))
    share: NDArray[np.float32] = np.maximum(shared, 0).prod(axis=2) / area[:, None]
    return share
