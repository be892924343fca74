"""The decoder against Google's own, against one that decides one by one, and against laws."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from literal_decoder import one_by_one

from posekit.errors import EstimatorError
from posekit.estimators.posenet_decoder import Decoded, decode_multiple, decode_single
from posekit.estimators.posenet_tensors import Quantisation, Tensors, load_tensors
from posekit.estimators.posenet_walk import EDGES, KEYPOINTS, TREE
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


def test_the_literal_recipe_gives_the_poses_of_libcoral(asset) -> None:
    """So that it can stand for Google's decoder where that has never been asked (`bench/coral.py`)."""
    files = sorted(asset("oracle").glob("*__dec_*.npz"))
    assert len(files) == 11
    for file in files:
        expected = _read_oracle(file, "coral_libcoral_src")
        found = one_by_one(load_tensors(file).dequantised(), max_poses=10, min_score=0.2)
        assert len(found) == len(expected) > 0
        np.testing.assert_allclose(found.xy, expected.xy, atol=0.01)
        np.testing.assert_allclose(found.scores, expected.scores, atol=1e-4)
        np.testing.assert_allclose(found.pose_scores, expected.pose_scores, atol=1e-4)


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
        # Sums of float32 in another order: with offsets that err by 8 pixels a place has differed by 0.0012.
        np.testing.assert_allclose(found.xy, expected.xy, atol=1e-3 if noise < 8 else 3e-3)
        # Where a place may differ by 1e-3 pixels, what the map says there differs by its slope.
        np.testing.assert_allclose(found.scores, expected.scores, atol=1e-4)
        np.testing.assert_allclose(found.pose_scores, expected.pose_scores, atol=1e-5)


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
