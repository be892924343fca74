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

from posekit.estimators.base import MAX_POSES
from posekit.estimators.posenet_tensors import KEYPOINTS, Quantisation, Tensors, load_tensors
from posekit.estimators.posenet_walk import Heads, sigmoid, walk
from posekit.geometry import Placement
from posekit.pose import Pose

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from posekit.geometry import Size

__all__ = ["Decoded", "Quantisation", "Tensors", "decode_multiple", "decode_single", "load_tensors"]

NMS_RADIUS = 10.0
"""Model-input pixels within which two keypoints of a kind are one (libcoral's default)."""
MIN_POSE_SCORE = 0.2
"""Least score of a root and of a pose (libcoral's default)."""
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


class _Candidates:
    """Peaks of the heatmaps: every cell that scores enough and is nowhere lower than its 3 x 3 neighbours."""

    def __init__(self, tensors: Tensors, heads: Heads, min_score: float) -> None:
        self._heads, self._width = heads, tensors.grid[1]
        heat = tensors.heatmaps.reshape(-1)
        scale, zero = tensors.quantisations[0]
        found = np.flatnonzero(heat >= _logit(min_score) / scale + zero)
        if len(found):
            found = found[_is_peak(tensors.heatmaps, found)]
        self._found, self._queue = found, _Queue(heat[found])

    def __len__(self) -> int:
        return len(self._queue)

    def pop(self, count: int) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
        """Take the best `count` that are left: their keypoints (n,), and their places (2, n) in cells."""
        found = self._found.take(self._queue.pop(count))
        cells, keypoints = np.divmod(found, KEYPOINTS)
        # Twice as many short offsets as keypoints: y where the keypoint is, x 17 channels later.
        offsets = self._heads.short.read(found + cells * KEYPOINTS + _Y_AND_X)
        return keypoints, self._heads.inside(offsets + np.divmod(cells, self._width))


class _Queue:
    """Scores in the order, highest first, in which libcoral's priority queue gives them back.

    Saturated heatmaps are full of equal scores, and which of two equals comes first is where a heap has put
    it. `heapq` moves its items exactly as GNU's C++ library does, so it is asked; it compares negated
    floats, and each float object that `tolist` makes is known again by its identity.
    """

    def __init__(self, scores: NDArray[Any]) -> None:
        self._negated: list[float] = np.negative(scores, dtype=np.float64).tolist()
        self._index = {id(score): at for at, score in enumerate(self._negated)}
        self._heap: list[float] = []
        for score in self._negated:
            heapq.heappush(self._heap, score)

    def __len__(self) -> int:
        return len(self._heap)

    def pop(self, count: int) -> list[int]:
        """Return the places of the next `count` scores among those given, of fewer at the end."""
        return [self._index[id(heapq.heappop(self._heap))] for _ in range(min(count, len(self._heap)))]


_NOBODY = Decoded(
    np.empty((0, KEYPOINTS, 2), np.float32), np.empty((0, KEYPOINTS), np.float32), np.empty(0, np.float32)
)
_Y_AND_X = np.array([[0], [KEYPOINTS]])


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
    candidates = _Candidates(tensors, heads, min_pose_score)
    if not len(candidates):
        return _NOBODY
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
    scores = sigmoid(heads.heat.read(best * KEYPOINTS + keypoints))
    points = cells + heads.short.read(best * (2 * KEYPOINTS) + keypoints + _Y_AND_X)
    xy = (points[::-1].T * tensors.stride).astype(np.float32)
    return Decoded(xy[None], scores[None], scores.mean(keepdims=True))


def _logit(probability: float) -> float:
    """Return log odds; libcoral's guard against 0 keeps our threshold on the same side of a tie."""
    return -math.log(1 / min(probability + 1e-6, 1 - 1e-9) - 1)


def _is_peak(heatmaps: NDArray[Any], found: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Return which places of the flat heatmaps are nowhere lower than their 3 x 3 neighbours.

    Only places that score enough come here, and only their neighbourhoods are looked at.
    """
    height, width, channels = heatmaps.shape
    lowest = -np.inf if heatmaps.dtype.kind == "f" else np.iinfo(heatmaps.dtype).min
    bordered = np.full((height + 2, width + 2, channels), lowest, heatmaps.dtype)
    bordered[1:-1, 1:-1] = heatmaps
    flat, row = bordered.reshape(-1), (width + 2) * channels
    places = found + found // (width * channels) * (2 * channels) + (row + channels)
    # First the two beside it, then the six above and below: most are out after the first look.
    peaks = _highest(flat, places, (-channels, channels))
    rest = _highest(flat, places[peaks], [y + x for y in (-row, row) for x in (-channels, 0, channels)])
    peaks[peaks] = rest
    return peaks


def _highest(values: NDArray[Any], places: NDArray[np.intp], neighbours: Sequence[int]) -> NDArray[np.bool_]:
    """Return where no neighbour, so many places further, is higher."""
    around = values.take(np.array(neighbours)[:, None] + places)
    return np.asarray(values.take(places) >= around.max(axis=0))


def _accept(
    heads: Heads, candidates: _Candidates, max_poses: int, min_score: float, radius: float, wave: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Walk and judge candidates, wave by wave; returns points (2, N, 17) and scores (N, 17) of those kept."""
    points = np.empty((2, 0, KEYPOINTS), np.float32)
    scores = np.empty((0, KEYPOINTS), np.float32)
    while len(candidates) and len(scores) < max_poses:
        roots, starts = candidates.pop(wave)
        if len(scores):
            free = ~_near(points, roots, starts, radius).any(axis=0)
            if not free.any():
                continue
            roots, starts = roots[free], starts[:, free]
        walked, walked_scores = walk(heads, roots, starts)
        claimed = _near(walked, roots, starts, radius)
        good = _choose(_mean(walked_scores) >= min_score, claimed, max_poses - len(scores))
        points = np.concatenate([points, walked.take(good, axis=1)], axis=1)
        scores = np.concatenate([scores, walked_scores.take(good, axis=0)])
    return points, scores


def _choose(is_good: NDArray[np.bool_], claimed: NDArray[np.bool_], most: int) -> list[int]:
    """Return which candidates become poses: good ones, best first, that none before them has claimed."""
    chosen: list[int] = []
    claims = np.packbits(claimed, axis=1, bitorder="little")
    free = int.from_bytes(np.packbits(is_good, bitorder="little").tobytes(), "little")
    while free and len(chosen) < most:
        best = (free & -free).bit_length() - 1
        chosen.append(best)
        free &= ~(int.from_bytes(claims[best].tobytes(), "little") | 1 << best)
    return chosen


def _near(
    points: NDArray[np.float32], roots: NDArray[np.intp], starts: NDArray[np.float32], radius: float
) -> NDArray[np.bool_]:
    """Return (poses, candidates): whether a pose has the candidate's keypoint within the squared radius."""
    apart = points.take(roots, axis=2) - starts[:, None]
    apart *= apart
    return np.asarray(apart[0] + apart[1] <= radius)


def _rescore(points: NDArray[np.float32], scores: NDArray[np.float32], radius: float) -> NDArray[np.float32]:
    """Return the poses' mean scores, where keypoints that a better pose has within reach count nothing."""
    first = _mean(scores)
    apart = points[:, :, None] - points[:, None]
    apart *= apart
    near = apart[0] + apart[1] <= radius
    rank = np.empty(len(first), np.intp)
    rank[np.argsort(-first, kind="stable")] = np.arange(len(first))
    taken = (near & (rank[:, None] > rank)[..., None]).any(axis=1)
    return _mean(np.where(taken, np.float32(0), scores))


def _mean(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return `scores.mean(axis=1)` of a pose's keypoints, in a third of its time."""
    return np.asarray(np.add.reduce(scores, axis=1) / np.float32(KEYPOINTS))
