"""From one keypoint to the whole body: many candidates walk PoseNet's body tree together.

The body is a tree of 17 keypoints, so each is reached from the root along one path, and the order in which
keypoints are decoded cannot change where they are found. A candidate's 16 steps are therefore taken level by
level, and on each level all steps of all candidates are one batch of arrays: a walk costs at most eight
levels of NumPy calls however many bodies there are. Nearly all of its time is the overhead of these calls,
so the code below is written for few and quick ones.

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
    """Return (source, target, y channel of the mid offsets, depth) of the 16 steps from a root.

    Nearest first. An edge walked from parent to child is forward, and its x channel is 16 after y; backward
    edges stand 32 channels later.
    """
    steps: list[tuple[int, int, int, int]] = []
    reached = [(root, 0)]
    for source, depth in reached:
        for edge, (parent, child) in enumerate(TREE):
            target, channel = (child, edge) if source == parent else (parent, edge + 2 * EDGES)
            if source not in (parent, child) or target in [keypoint for keypoint, _ in reached]:
                continue
            steps.append((source, target, channel, depth))
            reached.append((target, depth + 1))
    return steps


_ROUTES = np.array([_routes(root) for root in range(KEYPOINTS)])
_STEPS = np.ascontiguousarray(_ROUTES.transpose(2, 0, 1)[[0, 1, 2, 1]])
"""(4, 17 roots, 16 steps): source, target, y channel of the mid offsets, y channel of the short offsets."""
_DEPTH = _ROUTES[..., 3].astype(np.uint8)  # NumPy sorts bytes in linear time
_LEVELS = int(_DEPTH.max()) + 1
_COUNTS = np.stack([np.count_nonzero(level == _DEPTH, axis=1) for level in range(_LEVELS)], axis=1)

_INPUTS = 6
"""Rows that say where a batch of points stands: y, x, their floors (y, x), the channel, and 1."""


@lru_cache(maxsize=16)
def _corner_matrix(width: int, channels: int, x_after: int, weight: float) -> NDArray[np.float32]:
    """Return what turns the rows of a batch into places and weights of the four corners around its points.

    Of shape (3 * 4 * axes, 6): three blocks, each with one row for above and below, left and right, y and x.
    The first block gives places in the flat tensor, whole numbers that float32 holds exactly; the product of
    the other two is a corner's bilinear weight, times `weight`.
    """
    row, axes = width * channels, 2 if x_after else 1
    blocks = np.zeros((3, 2, 2, axes, _INPUTS), np.float32)
    below, right, axis = np.indices((2, 2, axes))
    blocks[0, ..., 2:5] = row, channels, 1
    blocks[0, ..., 5] = below * row + right * channels + axis * x_after
    for block, side, value in ((1, below, 0), (2, right, 1)):
        sign = 2 * side - 1
        blocks[block, ..., value], blocks[block, ..., 2 + value] = sign, -sign
        blocks[block, ..., 5] = 1 - side
    blocks[2] *= weight
    return blocks.reshape(-1, _INPUTS)


class Head:
    """One tensor, sampled bilinearly without being dequantised as a whole.

    What is read of a quantised tensor becomes real at once; of a float tensor it only lacks the scale, which
    the weights carry.
    """

    __slots__ = ("_flat", "_is_real", "_scale", "_zero", "matrix")

    def __init__(
        self, tensor: NDArray[Any], quantisation: Quantisation, x_after: int = 0, unit: float = 1.0
    ) -> None:
        """Take a tensor (H, W, C); with `x_after` it holds vectors, in units, x so many channels after y."""
        self._flat = tensor.reshape(-1)
        self._zero, self._scale = np.float32(quantisation.zero), np.float32(quantisation.scale / unit)
        self._is_real = tensor.dtype == np.float32 and not quantisation.zero
        weight = float(self._scale) if self._is_real else 1.0
        self.matrix = _corner_matrix(tensor.shape[1], tensor.shape[2], x_after, weight)

    def read(self, places: NDArray[np.intp]) -> NDArray[np.float32]:
        """Return the real values at places of the flat tensor."""
        values = np.empty(places.shape, np.float32)
        self.read_corners(places, values)
        if self._is_real:
            values *= self._scale
        return values

    def read_corners(self, places: NDArray[np.intp], target: NDArray[np.float32]) -> None:
        """Write to `target` what stands at places of the flat tensor, for corners' weights to multiply."""
        if self._is_real:
            self._flat.take(places, None, target, "clip")
            return
        np.subtract(self._flat.take(places, mode="clip"), self._zero, target, dtype=np.float32)
        np.multiply(target, self._scale, target)


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
            Head(tensors.short_offsets, short, KEYPOINTS, tensors.stride),
            Head(tensors.mid_offsets, mid, EDGES, tensors.stride),
            np.array([[height - 1], [width - 1]], np.float32),
        )

    def inside(self, points: NDArray[np.float32]) -> NDArray[np.float32]:
        """Clamp points to the grid, in place."""
        np.maximum(points, 0, out=points)
        np.minimum(points, self.limit, out=points)
        return points


class _Border:
    """The first and the last row and column, once for each point of a batch."""

    def __init__(self, limit: NDArray[np.float32], most: int) -> None:
        self._most = most
        self._first = np.zeros(2 * most, np.float32)
        self._last = limit.repeat(most)

    def of(self, count: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return both for `count` points, (2, n) in one piece."""
        # The end of all rows and the beginning of all columns.
        last = self._last[self._most - count : self._most + count]
        return self._first[: 2 * count].reshape(2, count), last.reshape(2, count)


class _Batch:
    """Points on their way, with every buffer that a step takes.

    All arrays that meet in a step have one shape and lie in one piece: broadcasting or striding doubles the
    price of a short call. Hence places and weights come out of one matrix product. It is exact in whatever
    order it is summed, so a candidate's way does not depend on who walks beside her.
    """

    def __init__(self, points: NDArray[np.float32], border: _Border, axes: int) -> None:
        count, corners = points.shape[1], 4 * axes
        block = np.empty((4 * corners + _INPUTS, count), np.float32)
        self._product, self._rows = block[: 3 * corners], block[4 * corners :]
        self._floating_places = block[:corners]
        self._y_weights, self._x_weights = block[corners : 2 * corners], block[2 * corners : 3 * corners]
        self._values = values = block[3 * corners : 4 * corners]
        self._upper, self._lower = values[: 2 * axes], values[2 * axes :]
        self._left, self._right = values[:axes], values[axes : 2 * axes]
        self.points, self._floors, self.channels = block[-6:-4], block[-4:-2], block[-2]
        self.points[:] = points
        block[-1] = 1
        self._places = np.empty((corners, count), np.intp)
        self._first, self._last = border.of(count)

    def sample(self, head: Head, moves: int = 0) -> NDArray[np.float32]:
        """Read a tensor at the points, each at its channel; returns (axes, n), good until the next call.

        With `moves`, the points are so many times moved by what was read, not further than the border. A
        corner beyond the last row or column has weight 0, so whatever stands in its place does not count.
        """
        # Names of its own, because looking up an attribute costs a tenth of such a call.
        floor, dot, multiply, add, read = np.floor, np.dot, np.multiply, np.add, head.read_corners
        rows, points, floors, matrix = self._rows, self.points, self._floors, head.matrix
        product, floating_places, places = self._product, self._floating_places, self._places
        y_weights, weights, values = self._y_weights, self._x_weights, self._values
        upper, lower, left, right = self._upper, self._lower, self._left, self._right
        for _ in range(moves or 1):
            floor(points, floors)
            dot(matrix, rows, product)
            places[...] = floating_places
            read(places, values)
            multiply(y_weights, weights, weights)
            multiply(values, weights, values)
            add(upper, lower, upper)
            add(left, right, left)
            if moves:
                add(points, left, points)
                np.maximum(points, self._first, out=points)
                np.minimum(points, self._last, out=points)
        return left


@dataclass(frozen=True, eq=False)
class _Plan:
    """The steps of a batch of candidates, all of one level side by side."""

    sources: NDArray[np.intp]
    """(2, 16 n): where y and x of each step's source stand in the flat points (2, n, 17)."""
    targets: NDArray[np.intp]
    """(2, 16 n): where y and x of its target stand."""
    mid_channels: NDArray[np.intp]
    """(16 n,): the y channel of the mid offsets to follow."""
    short_channels: NDArray[np.intp]
    """(16 n,): the y channel of the short offsets to follow then."""
    bounds: list[int]
    """Where each level ends."""


def _plan(roots: NDArray[np.intp]) -> _Plan:
    count = len(roots)
    steps = _STEPS.take(roots, axis=1)
    steps[:2] += np.arange(0, count * KEYPOINTS, KEYPOINTS)[:, None]
    order = _DEPTH.take(roots, axis=0).reshape(-1).argsort(kind="stable")
    steps = steps.reshape(4, -1).take(order, axis=1)
    ends = steps[:2, None] + np.array([[0], [count * KEYPOINTS]])
    levels = np.bincount(roots, minlength=KEYPOINTS).dot(_COUNTS)
    return _Plan(ends[0], ends[1], steps[2], steps[3], levels.cumsum().tolist())


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
    points = np.empty((2, count, KEYPOINTS), np.float32)
    points[:, np.arange(count), roots] = starts
    flat = points.reshape(-1)
    border = _Border(heads.limit, count * KEYPOINTS)
    begin = 0
    for end in plan.bounds:
        if end == begin:
            break
        batch = _Batch(flat.take(plan.sources[:, begin:end]), border, 2)
        batch.channels[:] = plan.mid_channels[begin:end]
        batch.sample(heads.mid, moves=1)
        batch.channels[:] = plan.short_channels[begin:end]
        batch.sample(heads.short, moves=REFINEMENTS)
        flat[plan.targets[:, begin:end]] = batch.points
        begin = end
    found = _Batch(points.reshape(2, -1), border, 1)
    found.channels.reshape(count, KEYPOINTS)[:] = np.arange(KEYPOINTS)
    return points, sigmoid(found.sample(heads.heat)).reshape(count, KEYPOINTS)


def sigmoid(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return probabilities from log odds."""
    # The textbook's 1 / (1 + exp(-x)) overflows far below zero; this is the same and cannot.
    half = np.float32(0.5)
    return np.asarray(half + half * np.tanh(logits * half), np.float32)
