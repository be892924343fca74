"""The decoder against Google's own, against one that decides one by one, and against laws."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posekit.errors import EstimatorError
from posekit.estimators.posenet_decoder import NMS_RADIUS, Decoded, decode_multiple, decode_single
from posekit.estimators.posenet_tensors import Quantisation, Tensors, load_tensors
from posekit.estimators.posenet_walk import EDGES, KEYPOINTS, REFINEMENTS, TREE
from posekit.skeleton import COCO_17

if TYPE_CHECKING:
    from pathlib import Path

STRIDE = 16


def drawn(bodies: np.ndarray, grid: tuple[int, int], noise: float = 0.0, seed: int = 0) -> Tensors:
    """Return the tensors of a perfect model that sees `bodies` (N, 17, 2), x and y in model pixels."""
    height, width = grid
    y, x = np.mgrid[:height, :width].astype(np.float64) * STRIDE
    apart = bodies[:, :, None, None] - np.stack([x, y])[..., None].transpose(3, 1, 2, 0)[:, None]
    apart = apart.reshape(len(bodies), KEYPOINTS, height, width, 2)
    distances = np.hypot(apart[..., 0], apart[..., 1])
    nearest = distances.argmin(axis=0)
    short = np.take_along_axis(apart, nearest[None, ..., None], axis=0)[0]
    heat = 6 - distances.min(axis=0) / 5
    mid = np.zeros((height, width, 4 * EDGES))
    place = np.stack([x, y], axis=-1)
    for edge, (parent, child) in enumerate(TREE):
        for source, target, channel in ((parent, child, edge), (child, parent, edge + 2 * EDGES)):
            to = bodies[:, target][nearest[source]] - place
            mid[..., channel], mid[..., channel + EDGES] = to[..., 1], to[..., 0]
    offsets = np.concatenate([short[..., 1], short[..., 0]]).transpose(1, 2, 0)
    dice = np.random.default_rng(seed)
    arrays = [heat.transpose(1, 2, 0), offsets, mid]
    arrays = [array + noise * dice.standard_normal(array.shape) for array in arrays]
    return Tensors(*(array.astype(np.float32) for array in arrays))


SHAPE = np.array(
    [
        *((0, 0), (3, -4), (-3, -4), (7, -1), (-7, -1), (16, 18), (-16, 18), (24, 42), (-24, 42)),
        *((27, 64), (-27, 64), (9, 66), (-9, 66), (11, 96), (-11, 96), (12, 126), (-12, 126)),
    ],
    np.float64,
)
"""(17, 2): a body of 130 pixels, seen from its nose."""


def bodies_at(*noses: tuple[float, float]) -> np.ndarray:
    return SHAPE + np.array(noses, np.float64)[:, None]


def by_nose(decoded: Decoded) -> np.ndarray:
    return decoded.xy[np.argsort(decoded.xy[:, 0, 0])]


# --- against Google's own decoders ---------------------------------------------------------------------


def test_all_oracle_tensors_give_the_poses_of_libcoral(asset) -> None:
    files = sorted(asset("oracle").glob("*__dec_*.npz"))
    assert len(files) == 11
    compared = 0
    for file in files:
        expected = _read_oracle(file, "coral_libcoral_src")
        found = decode_multiple(load_tensors(file))
        assert len(found) == len(expected.pose_scores), file.name
        sure = expected.scores > 0.3
        apart = np.hypot(*(found.xy - expected.xy)[sure].T)
        assert apart.max() <= 0.5, file.name
        assert np.abs(found.scores - expected.scores)[sure].max() <= 0.01, file.name
        assert np.abs(found.pose_scores - expected.pose_scores).max() <= 0.01, file.name
        compared += int(sure.sum())
    assert compared == 268


def test_single_pose_is_that_of_tfjs(asset) -> None:
    files = sorted(asset("oracle").glob("*__tfjs_single.json"))
    assert len(files) == 8
    for file in files:
        tensors = file.with_name(file.name.replace("__tfjs_single.json", ".npz"))
        expected, found = _read_oracle(tensors, "tfjs_single"), decode_single(load_tensors(tensors))
        assert len(found) == len(expected) == 1
        assert np.hypot(*(found.xy - expected.xy)[0].T).max() <= 0.5
        np.testing.assert_allclose(found.scores, expected.scores, atol=0.01)
        np.testing.assert_allclose(found.pose_scores, expected.pose_scores, atol=0.01)


def _read_oracle(tensors: Path, decoder: str) -> Decoded:
    data = json.loads(tensors.with_name(f"{tensors.stem}__{decoder}.json").read_text())
    poses = [pose["keypoints"] for pose in data["poses"]]
    assert all([point["name"] for point in pose] == list(COCO_17.keypoints) for pose in poses)
    return Decoded(
        np.array([[(point["x_model"], point["y_model"]) for point in pose] for pose in poses]),
        np.array([[point["score"] for point in pose] for pose in poses]),
        np.array([pose["score"] for pose in data["poses"]]),
    )


def test_waves_change_nothing_on_real_crowds(asset) -> None:
    files = sorted(asset("oracle").glob("crowd_*.npz"))
    assert len(files) == 12
    for file in files:
        tensors = load_tensors(file)
        expected = decode_multiple(tensors, wave=1)
        for wave in (3, 17, 1000):
            _assert_same(decode_multiple(tensors, wave=wave), expected)


# --- against a decoder that decides one by one -----------------------------------------------------------


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 3), st.integers(0, 10**6), st.sampled_from([0.0, 1.0, 8.0]), st.booleans())
def test_it_decides_as_if_one_by_one(people: int, seed: int, noise: float, coarse: bool) -> None:
    dice = np.random.default_rng(seed)
    noses = dice.uniform((30, 10), (200, 60), (people, 2))
    tensors = drawn(bodies_at(*noses) if people else bodies_at((-900, -900)), (13, 15), noise, seed)
    if coarse:  # equal scores, as quantised models have them
        tensors = Tensors(np.round(tensors.heatmaps), tensors.short_offsets, tensors.mid_offsets)
    expected = one_by_one(tensors, max_poses=4, min_score=0.2)
    for wave in (1, 5, None):
        found = decode_multiple(tensors, 4, 0.2, wave=wave)
        assert len(found) == len(expected)
        np.testing.assert_allclose(found.xy, expected.xy, atol=1e-3)
        np.testing.assert_allclose(found.scores, expected.scores, atol=1e-5)
        np.testing.assert_allclose(found.pose_scores, expected.pose_scores, atol=1e-5)


def one_by_one(tensors: Tensors, max_poses: int, min_score: float) -> Decoded:
    """Decode floats without any haste: one candidate, one edge, one sample at a time."""
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
    for y, x, keypoint in np.ndindex(tensors.heatmaps.shape):
        window = tensors.heatmaps[max(y - 1, 0) : y + 2, max(x - 1, 0) : x + 2, keypoint]
        score = tensors.heatmaps[y, x, keypoint]
        if score >= -math.log(1 / (min_score + 1e-6) - 1) and score >= window.max():
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


# --- laws ----------------------------------------------------------------------------------------------

noses = st.tuples(st.floats(60, 380), st.floats(20, 200))


@settings(max_examples=25, deadline=None)
@given(noses)
def test_a_drawn_body_is_found_where_it_was_drawn(nose: tuple[float, float]) -> None:
    found = decode_multiple(drawn(bodies_at(nose), (23, 31)))
    assert len(found) == 1
    np.testing.assert_allclose(found.xy, bodies_at(nose), atol=0.01)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 4), st.integers(0, 3), st.integers(0, 100))
def test_moving_the_picture_by_whole_cells_moves_the_poses(right: int, down: int, seed: int) -> None:
    # What is seen is cut out of a wide world, so that the border is as far from the bodies in both.
    world = drawn(bodies_at((150, 110), (300, 120)), (34, 40), noise=0.2, seed=seed)
    here, there = _cut(world, 0, 0), _cut(world, down, right)
    moved = by_nose(here) - (right * STRIDE, down * STRIDE)
    assert len(here) == len(there) == 2
    np.testing.assert_allclose(by_nose(there), moved, atol=0.01)


def _cut(world: Tensors, top: int, left: int) -> Decoded:
    arrays = (world.heatmaps, world.short_offsets, world.mid_offsets)
    return decode_multiple(Tensors(*(array[top : top + 28, left : left + 34] for array in arrays)))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6))
def test_a_mirrored_picture_gives_mirrored_poses(seed: int) -> None:
    tensors = drawn(bodies_at((150, 60), (330, 90)), (23, 31), noise=0.2, seed=seed)
    short, mid = _mirror(tensors.short_offsets, 17), _mirror(tensors.mid_offsets, 16)
    found, mirrored = (
        decode_multiple(tensors),
        decode_multiple(Tensors(tensors.heatmaps[:, ::-1], short, mid)),
    )
    assert len(found) == len(mirrored) == 2
    np.testing.assert_allclose(by_nose(mirrored)[::-1] * (-1, 1) + (480, 0), by_nose(found), atol=0.01)


def _mirror(offsets: np.ndarray, block: int) -> np.ndarray:
    """Flip the columns and turn x around; left stays left, as in a mirror image of somebody's other side."""
    signs = np.where(np.arange(offsets.shape[2]) // block % 2, -1, 1).astype(np.float32)
    return offsets[:, ::-1] * signs


@settings(max_examples=25, deadline=None)
@given(noses, st.integers(0, 10**6), st.sampled_from([np.uint8, np.int8]))
def test_quantised_tensors_decode_as_their_real_values(nose, seed: int, kind: type) -> None:
    real = drawn(bodies_at(nose, (420, 200)), (23, 31), noise=0.1, seed=seed)
    zero = 120 if kind is np.uint8 else -8
    quantisations = (Quantisation(0.05, zero), Quantisation(3.5, zero), Quantisation(4.1, zero))
    arrays = (real.heatmaps, real.short_offsets, real.mid_offsets)
    low, high = np.iinfo(kind).min, np.iinfo(kind).max
    stored = [
        np.clip(np.round(array / scale + zero), low, high).astype(kind)
        for array, (scale, zero) in zip(arrays, quantisations, strict=True)
    ]
    tensors = Tensors(*stored, quantisations=quantisations)
    found, expected = decode_multiple(tensors), decode_multiple(tensors.dequantised())
    assert len(found) == len(expected) >= 1
    np.testing.assert_allclose(found.xy, expected.xy, atol=0.02)
    np.testing.assert_allclose(found.scores, expected.scores, atol=1e-4)
    np.testing.assert_allclose(decode_single(tensors).xy, decode_single(tensors.dequantised()).xy, atol=0.02)


def test_the_order_of_people_in_the_picture_does_not_matter() -> None:
    places = [(90.0, 40.0), (240.0, 100.0), (400.0, 60.0)]
    forward, backward = (
        decode_multiple(drawn(bodies_at(*order), (23, 31))) for order in (places, places[::-1])
    )
    assert len(forward) == len(backward) == 3
    np.testing.assert_array_equal(forward.xy, backward.xy)


# --- edges ---------------------------------------------------------------------------------------------


def test_nobody_is_normal() -> None:
    nobody = Tensors(*(np.full((23, 31, channels), -9, np.float32) for channels in (17, 34, 64)))
    found = decode_multiple(nobody)
    assert found.xy.shape == (0, 17, 2)
    assert found.scores.shape == (0, 17)
    assert found.pose_scores.shape == (0,)
    assert found.as_poses((481, 353)) == ()
    assert len(decode_single(nobody)) == 1


@pytest.mark.parametrize("grid", [(1, 1), (1, 9), (9, 1), (2, 2)])
def test_a_grid_of_few_cells_is_decoded(grid: tuple[int, int]) -> None:
    everywhere = Tensors(*(np.full((*grid, channels), 3, np.float32) for channels in (17, 34, 64)))
    found = decode_multiple(everywhere)
    assert len(found) >= 1
    assert (found.xy >= 0).all()
    assert (found.xy <= np.array(everywhere.input_size) - 1).all()


def test_never_more_poses_than_asked_for(asset) -> None:
    tensors = load_tensors(asset("oracle/crowd_353_481_20.npz"))
    assert [len(decode_multiple(tensors, count)) for count in (0, 1, 2)] == [0, 1, 2]
    everybody = decode_multiple(tensors, 40)
    assert 10 <= len(everybody) <= 40
    assert (np.diff(everybody.pose_scores) <= 0).all()


def test_scores_below_the_threshold_never_come_back(asset) -> None:
    tensors = load_tensors(asset("oracle/crowd_353_481_10.npz"))
    for least in (0.2, 0.5, 0.8, 1.0):
        assert (decode_multiple(tensors, 20, least).pose_scores >= least).all()


def test_outputs_are_known_by_their_shape() -> None:
    heat, short, mid = (np.zeros((23, 31, channels), np.float32) for channels in (17, 34, 64))
    assert Tensors.from_outputs((mid, heat, short)).short_offsets is short
    with pytest.raises(EstimatorError, match=r"17, 34 and 64 channels.*found \(23, 31, 17\), \(6, 17, 3\)"):
        Tensors.from_outputs((heat, np.zeros((6, 17, 3), np.float32)))
    with pytest.raises(EstimatorError, match=r"found heatmaps \(23, 31, 17\), short_offsets \(9, 31, 34\)"):
        Tensors(heat, short[:9], mid)


def _assert_same(found: Decoded, expected: Decoded) -> None:
    assert len(found) == len(expected)
    np.testing.assert_array_equal(found.xy, expected.xy)
    np.testing.assert_array_equal(found.scores, expected.scores)
    np.testing.assert_array_equal(found.pose_scores, expected.pose_scores)
