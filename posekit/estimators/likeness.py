"""How much two poses look like one body: COCO's object keypoint similarity."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

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
    return _likeness(_bodies(*_arrays(poses), aspect), _bodies(*_arrays(others), aspect))


def likeness_among(
    xy: NDArray[np.float32], scores: NDArray[np.float32], aspect: float
) -> NDArray[np.float32]:
    """Return (N, N) from 0 to 1: the same of N poses, as (N, 17, 2) and (N, 17), and themselves."""
    bodies = _bodies(xy, scores, aspect)
    return _likeness(bodies, bodies)


class _Bodies(NamedTuple):
    xy: NDArray[np.float32]
    """(N, 17, 2) in picture heights; 0 where not seen."""
    seen: NDArray[np.float32]
    """(N, 17): 1 where a keypoint tells, else 0."""
    area: NDArray[np.float32]
    """(N,) of each body's box, in square picture heights."""


def _likeness(one: _Bodies, other: _Bodies) -> NDArray[np.float32]:
    area = np.maximum(one.area[:, None], other.area)
    apart = one.xy[:, None] - other.xy
    apart *= apart
    like = np.exp((apart[..., 0] + apart[..., 1]) / (area[:, :, None] * -SPREAD))
    like *= one.seen[:, None] * other.seen
    shared = one.seen @ other.seen.T
    total: NDArray[np.float32] = like.sum(axis=2) / np.maximum(shared, 1)
    return total


def _arrays(poses: Sequence[Pose]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    return np.array([pose.xy for pose in poses]), np.array([pose.scores for pose in poses])


def _bodies(xy: NDArray[np.float32], scores: NDArray[np.float32], aspect: float) -> _Bodies:
    xy = xy * np.array((aspect, 1), np.float32)
    seen = (xy[..., 0] == xy[..., 0]) & (scores >= SEEN)  # NaN is not itself
    there = seen[..., None]
    low = np.where(there, xy, np.float32(np.inf)).min(axis=1)
    high = np.where(there, xy, np.float32(-np.inf)).max(axis=1)
    sides = np.maximum(high - low, np.float32(0))  # of a body of which nothing is seen: 0, not -inf
    area = np.maximum(sides[:, 0] * sides[:, 1], np.float32(_LEAST_SIZE**2))
    return _Bodies(np.where(there, xy, np.float32(0)), seen.astype(np.float32), area)
