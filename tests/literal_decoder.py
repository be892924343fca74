"""Coral's recipe without any haste, as it is usually written: one candidate and one sample at a time."""

from __future__ import annotations

import math

import numpy as np

from posekit.estimators.posenet_decoder import NMS_RADIUS, Decoded
from posekit.estimators.posenet_tensors import Tensors
from posekit.estimators.posenet_walk import EDGES, KEYPOINTS, REFINEMENTS, TREE


def one_by_one(tensors: Tensors, max_poses: int, min_score: float) -> Decoded:
    """Decode floats as `decode_multiple` does: slower, and easy to compare with libcoral line by line."""
    grid, stride = tensors.grid, np.float32(tensors.stride)
    radius = NMS_RADIUS / tensors.stride
    poses: list[tuple[np.ndarray, np.ndarray]] = []
    for keypoint, root in _candidates(tensors, min_score):
        if len(poses) == max_poses:
            break
        if any(math.dist(points[keypoint], root) <= radius for points, _ in poses):
            continue
        points = {keypoint: root}
        for source in (frontier := [keypoint]):
            for edge, ends in enumerate(TREE):
                target = ends[1 - ends.index(source)] if source in ends else source
                if target in points:
                    continue
                channel = edge if target == ends[1] else edge + 2 * EDGES
                at = _move(tensors.mid_offsets, points[source], channel, EDGES, stride, grid)
                for _ in range(REFINEMENTS):
                    at = _move(tensors.short_offsets, at, target, KEYPOINTS, stride, grid)
                points[target] = at
                frontier.append(target)
        logits = [_sample(tensors.heatmaps, points[at], at) for at in range(KEYPOINTS)]
        scores = 1 / (1 + np.exp(-np.array(logits, np.float32)))
        if scores.mean() >= min_score:
            poses.append((np.array([points[at] for at in range(KEYPOINTS)]), scores))
    return _judged(poses, radius, min_score, stride)


def _candidates(tensors: Tensors, min_score: float) -> list[tuple[int, np.ndarray]]:
    height, width = tensors.grid
    queue: list[tuple[float, int, int, int]] = []
    for y, x, keypoint in np.argwhere(tensors.heatmaps >= -math.log(1 / (min_score + 1e-6) - 1)).tolist():
        window = tensors.heatmaps[max(y - 1, 0) : y + 2, max(x - 1, 0) : x + 2, keypoint]
        score = tensors.heatmaps[y, x, keypoint]
        if score >= window.max():
            _push(queue, (score, y, x, keypoint))
    found = []
    while queue:
        _, y, x, keypoint = _pop(queue)
        offset = tensors.short_offsets[y, x, [keypoint, keypoint + KEYPOINTS]] / np.float32(tensors.stride)
        at = np.clip(np.array([y, x], np.float32) + offset, 0, np.float32([height - 1, width - 1]))
        found.append((keypoint, at))
    return found


def _push(heap: list, item: tuple) -> None:
    """Put an item into a binary heap by score alone, as the C++ standard library is written."""
    heap.append(item)
    at = len(heap) - 1
    while at and heap[(at - 1) // 2][0] < item[0]:
        heap[at] = heap[(at - 1) // 2]
        at = (at - 1) // 2
    heap[at] = item


def _pop(heap: list) -> tuple:
    """Take the best: the hole sinks to a leaf, right among equals, and the last item rises from there."""
    best, last = heap[0], heap.pop()
    if not heap:
        return best
    at, child = 0, 1
    while child < len(heap):
        if child + 1 < len(heap) and not heap[child + 1][0] < heap[child][0]:
            child += 1
        heap[at] = heap[child]
        at, child = child, 2 * child + 1
    while at and heap[(at - 1) // 2][0] < last[0]:
        heap[at] = heap[(at - 1) // 2]
        at = (at - 1) // 2
    heap[at] = last
    return best


def _sample(tensor: np.ndarray, at: np.ndarray, channel: int) -> np.float32:
    y, x = (int(value) for value in at)
    below, right = min(y + 1, tensor.shape[0] - 1), min(x + 1, tensor.shape[1] - 1)
    far_y, far_x = at - np.float32([y, x])
    column = tensor[:, :, channel]
    left = column[y, x] + (column[below, x] - column[y, x]) * far_y
    return left + (column[y, right] + (column[below, right] - column[y, right]) * far_y - left) * far_x


def _move(
    tensor: np.ndarray, at: np.ndarray, channel: int, step: int, stride: np.float32, grid: tuple[int, int]
) -> np.ndarray:
    offset = np.array([_sample(tensor, at, channel), _sample(tensor, at, channel + step)]) / stride
    return np.clip(at + offset, 0, np.float32([grid[0] - 1, grid[1] - 1]))


def _judged(poses: list, radius: float, min_score: float, stride: np.float32) -> Decoded:
    poses = sorted(poses, key=lambda pose: -pose[1].mean())
    final = []
    for rank, (points, scores) in enumerate(poses):
        counts = [
            not any(math.dist(points[at], better[at]) <= radius for better, _ in poses[:rank])
            for at in range(KEYPOINTS)
        ]
        final.append((float((scores * counts).mean()), points, scores))
    final = sorted((pose for pose in final if pose[0] >= min_score), key=lambda pose: -pose[0])
    return Decoded(
        np.array([points[:, ::-1] * stride for _, points, _ in final]).reshape(-1, KEYPOINTS, 2),
        np.array([scores for _, _, scores in final]).reshape(-1, KEYPOINTS),
        np.array([score for score, _, _ in final]),
    )
