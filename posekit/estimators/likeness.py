"""How much two poses look like one body: COCO's object keypoint similarity."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from posekit.pose import Pose

SEEN = 0.2
"""Score from which on a keypoint tells."""
_SIGMAS = np.array(
    (0.026, *(sigma for sigma in (0.025, 0.035, 0.079, 0.072, 0.062, 0.107, 0.087, 0.089) for _ in (1, 2))),
    np.float32,
)
"""How exactly people label each keypoint (https://cocodataset.org/#keypoints-eval)."""
SPREAD = 2 * (2 * _SIGMAS) ** 2
"""A keypoint counts exp(-distance^2 / (spread * area))."""
_LEAST_SIZE = 0.02
"""Picture heights: a body's size is no smaller, so that a few keypoints on a heap are like each other."""


def likeness(poses: Sequence[Pose], others: Sequence[Pose], aspect: float) -> NDArray[np.float32]:
    """Return (N, P) from 0 to 1: how much each of N poses is like each of P others, image-normalised.

    Over the keypoints that both show; 0 where they share none. `aspect` is the picture's width in heights.
    """
    if not poses or not others:
        return np.zeros((len(poses), len(others)), np.float32)
    (xy, seen), (other_xy, other_seen) = _arrays(poses, aspect), _arrays(others, aspect)
    area = np.maximum(_area(xy, seen)[:, None], _area(other_xy, other_seen))
    squared = ((xy[:, None] - other_xy[None]) ** 2).sum(axis=3)
    like = np.exp(-squared / (SPREAD * area[:, :, None]))
    shared = seen[:, None] & other_seen[None]
    total: NDArray[np.float32] = (like * shared).sum(axis=2) / np.maximum(shared.sum(axis=2), 1)
    return total


def _arrays(poses: Sequence[Pose], aspect: float) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    xy = np.stack([pose.xy for pose in poses]) * np.array((aspect, 1), np.float32)
    scores = np.stack([pose.scores for pose in poses])
    seen: NDArray[np.bool_] = np.isfinite(xy[..., 0])
    seen &= scores >= SEEN
    return np.where(seen[..., None], xy, np.float32(0)), seen


def _area(xy: NDArray[np.float32], seen: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return (N,) the area of each body's box, in square picture heights."""
    there = seen[..., None]
    low = np.where(there, xy, np.float32(np.inf)).min(axis=1)
    high = np.where(there, xy, np.float32(-np.inf)).max(axis=1)
    sides = np.maximum(high - low, np.float32(0))  # of a body of which nothing is seen: 0, not -inf
    area: NDArray[np.float32] = np.maximum(sides.prod(axis=1), np.float32(_LEAST_SIZE**2))
    return area
