"""PoseNet's tensors become poses, in the recipe of Google's libcoral (2021, `coral/pose_estimation`).

Candidates are the 3 x 3 peaks of all heatmaps, best first. One that stands within ten pixels of the same
keypoint of an accepted pose is passed over; else it is the root of a new pose, which is accepted when its
keypoints' mean score suffices. At last keypoints that a better pose has already claimed count nothing, and
poses that are then too weak are dropped.

The acceptance is sequential, the walking is not: the best candidates are walked together as one wave,
whoever they belong to, then judged in order. A wave costs many calls and little arithmetic, so that walking
sixty candidates in vain is cheaper than a second wave. The result is exactly that of deciding one by one.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from posekit.estimators.posenet_tensors import KEYPOINTS, Quantisation, Tensors, load_tensors
from posekit.estimators.posenet_walk import Heads, sigmoid, walk
from posekit.geometry import Placement
from posekit.pose import Pose

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from posekit.geometry import Size

__all__ = ["Decoded", "Quantisation", "Tensors", "decode_multiple", "decode_single", "load_tensors"]

NMS_RADIUS = 10.0
"""Model-input pixels within which two keypoints of a kind are one (libcoral's default)."""
MIN_POSE_SCORE = 0.2
"""Least score of a root and of a pose (libcoral's default)."""
MAX_POSES = 10
WAVE = 7
"""Candidates walked at once, for each pose that may be accepted: one wave then does for almost every picture
(`bench/decode.py`)."""


@dataclass(frozen=True, eq=False)
class Decoded:
    """N poses, best first."""

    xy: NDArray[np.float32]
    """(N, 17, 2) float32: x, y in model-input pixels."""
    scores: NDArray[np.float32]
    """(N, 17) float32 from 0 to 1."""
    pose_scores: NDArray[np.float32]
    """(N,) float32 from 0 to 1."""

    def __len__(self) -> int:
        return len(self.pose_scores)

    def best(self, count: int) -> Decoded:
        """Return the best `count` poses."""
        return Decoded(self.xy[:count], self.scores[:count], self.pose_scores[:count])

    def as_poses(self, size: Size) -> tuple[Pose, ...]:
        """Return poses normalised to a model's input of `size`, width and height in pixels."""
        return self.placed(Placement(size[0], size[1], 0, 0))

    def placed(self, placement: Placement) -> tuple[Pose, ...]:
        """Return poses, image-normalised, of a picture that lay so in the model's input."""
        # On COCO PoseNet's positions are unbiased as places in the input's area, not as numbers of pixels:
        # there is no half pixel to add (`bench/README.md`).
        xy = placement.to_picture(self.xy)
        scores = self.pose_scores.tolist()
        return tuple(Pose(*pose) for pose in zip(xy, self.scores, scores, strict=True))


@dataclass(frozen=True, eq=False)
class _Candidates:
    """Peaks of the heatmaps, best first."""

    keypoints: NDArray[np.intp]
    """(C,): which keypoint each may be."""
    points: NDArray[np.float32]
    """(2, C): where, in cells, y before x."""

    def of(self, some: slice | NDArray[np.bool_]) -> _Candidates:
        return _Candidates(self.keypoints[some], self.points[:, some])


def decode_multiple(
    tensors: Tensors,
    max_poses: int = MAX_POSES,
    min_pose_score: float = MIN_POSE_SCORE,
    *,
    wave: int | None = None,
) -> Decoded:
    """Find up to `max_poses` bodies.

    `min_pose_score` (0 to 1) is the least score of a root's heatmap cell and of a pose. Weak doubles of
    bodies already found are accepted first and dropped at the end, so that fewer than `max_poses` may come
    back from a crowd of more. `wave`, the number of candidates walked at once, trades time, never the result.
    """
    heads = Heads.of(tensors)
    radius = (NMS_RADIUS / tensors.stride) ** 2
    candidates = _find_candidates(tensors, heads, min_pose_score)
    points, scores = _accept(heads, candidates, max_poses, min_pose_score, radius, wave or WAVE * max_poses)
    pose_scores = _rescore(points, scores, radius)
    order = np.argsort(-pose_scores, kind="stable")
    order = order[pose_scores[order] >= min_pose_score]
    xy = points[::-1, order].transpose(1, 2, 0) * np.float32(tensors.stride)
    return Decoded(xy, scores[order], pose_scores[order])


def decode_single(tensors: Tensors) -> Decoded:
    """Find one body in tfjs-models' way: always exactly one pose, however weak.

    Each keypoint is the best cell of its own heatmap plus the short offset there, its score that cell's; the
    pose's score is their mean (tfjs-models, `single_pose/decode_single_pose.ts`). Nothing ties the keypoints
    to one body, so use it where only one person can be in the picture.
    """
    heads = Heads.of(tensors)
    keypoints = np.arange(KEYPOINTS)
    best = tensors.heatmaps.reshape(-1, KEYPOINTS).argmax(axis=0)
    cells = np.stack(np.divmod(best, tensors.grid[1]))
    scores = sigmoid(heads.heat.at(cells, keypoints))
    points = cells + heads.short.at(cells, np.stack([keypoints, keypoints + KEYPOINTS]))
    xy = (points[::-1].T * tensors.stride).astype(np.float32)
    return Decoded(xy[None], scores[None], scores.mean(keepdims=True))


def _find_candidates(tensors: Tensors, heads: Heads, min_score: float) -> _Candidates:
    """Return every cell that is nowhere lower than its 3 x 3 neighbours and scores enough, best first."""
    heat = tensors.heatmaps
    scale, zero = tensors.quantisations[0]
    least = _logit(min_score) / scale + zero
    found = np.flatnonzero((heat >= least) & (heat == _highest_neighbour(heat)))
    found = found[_heap_order(heat.reshape(-1)[found])]
    place, keypoints = np.divmod(found, KEYPOINTS)
    cells = np.stack(np.divmod(place, tensors.grid[1]))
    offsets = heads.short.at(cells, np.stack([keypoints, keypoints + KEYPOINTS]))
    return _Candidates(keypoints, heads.inside((cells + offsets).astype(np.float32)))


def _heap_order(scores: NDArray[Any]) -> list[int]:
    """Return the order, highest first, in which libcoral's priority queue gives these scores back.

    Saturated heatmaps are full of equal scores, and which of two equals comes first is where a heap has put
    it. `heapq` moves its items exactly as GNU's C++ library does, so it is asked; it compares negated
    floats, and each float object that `tolist` makes is known again by its identity.
    """
    negated = np.negative(scores, dtype=np.float64).tolist()
    index = {id(score): at for at, score in enumerate(negated)}
    heap: list[float] = []
    for score in negated:
        heapq.heappush(heap, score)
    return [index[id(heapq.heappop(heap))] for _ in negated]


def _logit(probability: float) -> float:
    """Return log odds; libcoral's guard against 0 keeps our threshold on the same side of a tie."""
    return -math.log(1 / min(probability + 1e-6, 1 - 1e-9) - 1)


def _highest_neighbour(heat: NDArray[Any]) -> NDArray[Any]:
    """Return the highest value of each 3 x 3 window, itself included; the window ends at the border."""
    rows = heat.copy()
    np.maximum(rows[1:], heat[:-1], out=rows[1:])
    np.maximum(rows[:-1], heat[1:], out=rows[:-1])
    window: NDArray[Any] = rows.copy()
    np.maximum(window[:, 1:], rows[:, :-1], out=window[:, 1:])
    np.maximum(window[:, :-1], rows[:, 1:], out=window[:, :-1])
    return window


def _accept(
    heads: Heads, candidates: _Candidates, max_poses: int, min_score: float, radius: float, wave: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Walk and judge candidates, wave by wave; returns points (2, N, 17) and scores (N, 17) of those kept."""
    kept: list[tuple[NDArray[np.float32], NDArray[np.float32]]] = []
    while len(candidates.keypoints) and len(kept) < max_poses:
        roots = candidates.of(slice(wave))
        points, scores = walk(heads, roots.keypoints, roots.points)
        suffices = (scores.mean(axis=1) >= min_score).tolist()
        claimed = _near(points, candidates, radius)
        free = np.ones(len(candidates.keypoints), bool)
        for at, is_good in enumerate(suffices):
            if is_good and free[at] and len(kept) < max_poses:
                kept.append((points[:, at], scores[at]))
                free &= ~claimed[at]
        free[:wave] = False
        candidates = candidates.of(free)
    if not kept:
        return np.empty((2, 0, KEYPOINTS), np.float32), np.empty((0, KEYPOINTS), np.float32)
    return np.stack([points for points, _ in kept], axis=1), np.stack([scores for _, scores in kept])


def _near(points: NDArray[np.float32], candidates: _Candidates, radius: float) -> NDArray[np.bool_]:
    """Return (poses, candidates): whether a pose has the candidate's keypoint within the squared radius."""
    apart = points[:, :, candidates.keypoints] - candidates.points[:, None]
    apart *= apart
    return np.asarray(apart[0] + apart[1] <= radius)


def _rescore(points: NDArray[np.float32], scores: NDArray[np.float32], radius: float) -> NDArray[np.float32]:
    """Return the poses' mean scores, where keypoints that a better pose has within reach count nothing."""
    first = scores.mean(axis=1)
    apart = points[:, :, None] - points[:, None]
    apart *= apart
    near = apart[0] + apart[1] <= radius
    order = np.argsort(-first, kind="stable")
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    taken = (near & (rank[:, None] > rank)[..., None]).any(axis=1)
    return np.asarray(np.where(taken, 0, scores).mean(axis=1, dtype=np.float32))
