"""From one keypoint to the whole body: many candidates walk PoseNet's body tree together.

The body is a tree of 17 keypoints, so each is reached from the root along one path, and the order in which
keypoints are decoded cannot change where they are found. A candidate's 16 steps are therefore taken level by
level, and on each level all steps of all candidates are one batch of arrays: a walk costs at most eight
levels of NumPy calls however many bodies there are.

Points are in cells of the output grid, y before x, and every array of points is (2, n).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from posekit.estimators.posenet_tensors import EDGES, KEYPOINTS
from posekit.skeleton import COCO_17

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from posekit.estimators.posenet_tensors import Quantisation, Tensors

REFINEMENTS = 5
"""Short-offset steps after each walk along an edge (libcoral: `mid_short_offset_refinement_steps`)."""

TREE = tuple(
    (COCO_17.find(parent), COCO_17.find(child))
    for parent, child in (
        ("nose", "left_eye"),
        ("left_eye", "left_ear"),
        ("nose", "right_eye"),
        ("right_eye", "right_ear"),
        ("nose", "left_shoulder"),
        ("left_shoulder", "left_elbow"),
        ("left_elbow", "left_wrist"),
        ("left_shoulder", "left_hip"),
        ("left_hip", "left_knee"),
        ("left_knee", "left_ankle"),
        ("nose", "right_shoulder"),
        ("right_shoulder", "right_elbow"),
        ("right_elbow", "right_wrist"),
        ("right_shoulder", "right_hip"),
        ("right_hip", "right_knee"),
        ("right_knee", "right_ankle"),
    )
)
"""Parent and child of PoseNet's 16 edges, in the order of the mid offsets' channels."""


def _routes(root: int) -> list[tuple[int, int, int, int]]:
    """Return (where its source stands, target, y channel of the mid offsets, depth) of 16 steps from a root.

    Nearest first. The root stands at 0 and the target of the n-th step at n. An edge walked from parent to
    child is forward, and its x channel is 16 after y; backward edges stand 32 channels later.
    """
    steps: list[tuple[int, int, int, int]] = []
    reached = [(root, 0)]
    for source, depth in reached:
        for edge, (parent, child) in enumerate(TREE):
            target, channel = (child, edge) if source == parent else (parent, edge + 2 * EDGES)
            if source not in (parent, child) or target in [keypoint for keypoint, _ in reached]:
                continue
            steps.append((reached.index((source, depth)), target, channel, depth))
            reached.append((target, depth + 1))
    return steps


_ROUTES = np.array([_routes(root) for root in range(KEYPOINTS)])
_SOURCE, _TARGET, _CHANNEL, _DEPTH = (np.ascontiguousarray(_ROUTES[..., field]) for field in range(4))
_LEVELS = int(_DEPTH.max()) + 1
_DEPTH = _DEPTH.astype(np.uint8)  # NumPy sorts bytes in linear time
_COUNTS = np.stack([np.count_nonzero(level == _DEPTH, axis=1) for level in range(_LEVELS)], axis=1)
_STANDS = np.concatenate([np.arange(KEYPOINTS)[:, None], _TARGET], axis=1).argsort(axis=1)
"""(17 roots, 17 keypoints): where each keypoint stands among a root's steps."""


@lru_cache(maxsize=16)
def _layout(width: int, channels: int) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
    """Return what one row and one column are worth in a flat tensor, and its four corners (2, 2, 1, 1)."""
    row = width * channels
    corners = np.array([[0, channels], [row, row + channels]], np.intp)[..., None, None]
    return np.array([row, channels], np.float32), corners


class Head:
    """One tensor, sampled bilinearly without being dequantised as a whole.

    Bilinear weights sum to one, so that dequantising commutes with sampling: only what was read is scaled.
    """

    __slots__ = ("_flat", "_scale", "_steps", "_zero", "corners")

    def __init__(self, tensor: NDArray[Any], quantisation: Quantisation, unit: float = 1.0) -> None:
        self._flat = tensor.reshape(-1)
        self._steps, self.corners = _layout(*tensor.shape[1:])
        self._zero = np.float32(quantisation.zero)
        self._scale = np.float32(quantisation.scale / unit)

    def sample(self, points: NDArray[np.float32], offsets: NDArray[np.intp]) -> NDArray[np.float32]:
        """Read the tensor at (2, n) points inside the grid.

        `offsets` (2, 2, m, n) are `corners` plus channels. Returns (m, n). A corner beyond the last row or
        column has weight 0, so whatever `clip` and the next row put in its place does not count.
        """
        floor = np.floor(points)
        at = self._steps.dot(floor).astype(np.intp) + offsets
        top, bottom = self._flat.take(at, mode="clip")
        y, x = points - floor
        columns: NDArray[np.float32] = np.subtract(bottom, top, dtype=np.float32)
        columns *= y
        columns += top
        sampled: NDArray[np.float32] = columns[1] - columns[0]
        sampled *= x
        sampled += columns[0]
        if self._zero:
            sampled -= self._zero
        sampled *= self._scale
        return sampled

    def at(self, cells: NDArray[np.intp], channels: NDArray[np.intp]) -> NDArray[np.float32]:
        """Read the tensor at (2, n) whole cells, at channels (m, n) or (n,)."""
        read = self._flat.take(self._steps.astype(np.intp).dot(cells) + channels)
        return np.asarray((read - self._zero) * self._scale, np.float32)


@dataclass(frozen=True, eq=False)
class Heads:
    """The three tensors of a picture, ready to be walked on; offsets come in cells."""

    heat: Head
    short: Head
    mid: Head
    limit: NDArray[np.float32]
    """(2, 1): the last row and the last column."""

    @staticmethod
    def of(tensors: Tensors) -> Heads:
        """Prepare tensors; copies only those that are not contiguous."""
        height, width = tensors.grid
        heat, short, mid = tensors.quantisations
        return Heads(
            Head(tensors.heatmaps, heat),
            Head(tensors.short_offsets, short, tensors.stride),
            Head(tensors.mid_offsets, mid, tensors.stride),
            np.array([[height - 1], [width - 1]], np.float32),
        )

    def inside(self, points: NDArray[np.float32]) -> NDArray[np.float32]:
        """Clamp points to the grid, in place."""
        np.maximum(points, 0, out=points)
        np.minimum(points, self.limit, out=points)
        return points


@dataclass(frozen=True, eq=False)
class _Plan:
    """The steps of a batch of candidates, all of one level side by side, after the roots themselves."""

    sources: NDArray[np.intp]
    """(16 n,): where each step's source stands in the batch's points."""
    targets: NDArray[np.intp]
    """(16 n,): the keypoint each step leads to."""
    channels: NDArray[np.intp]
    """(16 n,): the y channel of the mid offsets to follow."""
    bounds: list[int]
    """Where each level ends."""
    stands: NDArray[np.intp]
    """(n, 17): where each keypoint of each candidate stands in the batch's points."""


def _plan(roots: NDArray[np.intp]) -> _Plan:
    count = len(roots)
    order = _DEPTH[roots].reshape(-1).argsort(kind="stable")
    places = np.empty((count, KEYPOINTS), np.intp)
    places[:, 0] = np.arange(count)
    stepped = np.empty(count * EDGES, np.intp)
    stepped[order] = np.arange(count, count * KEYPOINTS)
    places[:, 1:] = stepped.reshape(count, EDGES)
    first = places[:, :1] * KEYPOINTS
    flat = places.reshape(-1)
    return _Plan(
        flat.take(_SOURCE[roots] + first).reshape(-1)[order],
        _TARGET[roots].reshape(-1)[order],
        _CHANNEL[roots].reshape(-1)[order],
        _COUNTS[roots].sum(axis=0).cumsum().tolist(),
        flat.take(_STANDS[roots] + first),
    )


def walk(
    heads: Heads, roots: NDArray[np.intp], starts: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Decode one body per candidate: (n,) root keypoints and (2, n) places to 17 keypoints each.

    Along an edge: the bilinear mid offset at the source, then five bilinear short offsets of the target, each
    clamped to the grid; the score is the bilinear logit where it ends, the root's too (libcoral 2021,
    `BacktrackDecodePose` and `FindDisplacedPosition`). Returns points (2, n, 17) and scores (n, 17).
    """
    plan = _plan(roots)
    count = len(roots)
    points = np.empty((2, count * KEYPOINTS), np.float32)
    points[:, :count] = starts
    mid = np.stack([plan.channels, plan.channels + EDGES]) + heads.mid.corners
    short = np.stack([plan.targets, plan.targets + KEYPOINTS]) + heads.short.corners
    begin = 0
    for end in plan.bounds:
        if end == begin:
            break
        reached = points.take(plan.sources[begin:end], axis=1)
        reached += heads.mid.sample(reached, mid[..., begin:end])
        heads.inside(reached)
        offsets = short[..., begin:end]
        for _ in range(REFINEMENTS):
            reached += heads.short.sample(reached, offsets)
            heads.inside(reached)
        points[:, count + begin : count + end] = reached
        begin = end
    found = points.take(plan.stands.reshape(-1), axis=1)
    channels = np.tile(np.arange(KEYPOINTS), count)[None]
    logits = heads.heat.sample(found, channels + heads.heat.corners)
    return found.reshape(2, count, KEYPOINTS), sigmoid(logits).reshape(count, KEYPOINTS)


def sigmoid(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return probabilities from log odds."""
    with np.errstate(over="ignore"):
        return np.asarray(1 / (1 + np.exp(-logits)), np.float32)
