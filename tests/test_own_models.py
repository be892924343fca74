"""Models of one's own: whatever is a PoseNet or a MoveNet runs as it is, anything else is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from coco_truth import read_frame
from own_models import (
    float_image,
    int32_image,
    reordered,
    stripped_257,
    with_stride,
    without_dequantise,
    without_quantise,
)
from soaking import only

from posekit.errors import AssetError, EstimatorError, SettingsError
from posekit.estimators import EstimatorOptions, open_estimator
from posekit.estimators.own_model import family_of, require_family
from posekit.runtimes import installed_runtimes
from posekit.runtimes.base import load_model
from posekit.tflite import Graph, operate, resize
from posekit.tflite.dequantise import dequantise

if TYPE_CHECKING:
    from pathlib import Path

    from posekit.frame import Frame
    from posekit.pose import Pose

ORIGINAL = "models/posenet_mobilenet_v1_075_353_481_quant_decoder.tflite"
SIXTEEN = "models/posenet_mobilenet_v1_075_353_481_16_quant_decoder.tflite"
MOVENET = "models/movenet_single_pose_lightning_ptq.tflite"

POSENETS = {
    "as published, with its decoder": lambda original: original,
    "outputs in another order": lambda original: reordered(operate(original), (2, 0, 1)),
    "int8 image": lambda original: without_quantise(operate(original)),
    "int8 outputs": lambda original: without_dequantise(operate(original)),
    "int8 image and outputs": lambda original: without_quantise(without_dequantise(operate(original))),
    "uint8 outputs": lambda original: without_dequantise(operate(original, "original")),
    "float32 inside": lambda original: operate(original, "float32"),
    "float32 image": lambda original: float_image(operate(original, "float32")),
    "8 pixels a cell, with its decoder": lambda original: with_stride(original, 8, (321, 321)),
    "8 pixels a cell": lambda original: operate(with_stride(original, 8, (257, 257))),
    "32 pixels a cell": lambda original: operate(with_stride(original, 32, (513, 385))),
    "257 x 257 multi_kpt_stripped": stripped_257,
}
MOVENETS = {
    "as published": lambda original: original,
    "int8 output": without_dequantise,
    "float32 inside": dequantise,
    "float32 image": lambda original: float_image(dequantise(original)),
    "int32 image": int32_image,
}


@pytest.fixture(scope="module")
def squat(asset) -> Frame:
    return read_frame(asset("data/images/squat.bmp"))


def look(data: bytes, folder: Path, frame: Frame, runtime: str) -> tuple[str, tuple[Pose, ...]]:
    """Return what `--model` opens, and what it sees."""
    path = folder / "mine.tflite"
    path.write_bytes(data)
    estimator = open_estimator(EstimatorOptions(model=str(path), runtime=runtime, still=True))
    try:
        return estimator.description, estimator.estimate(frame).poses
    finally:
        estimator.close()


@pytest.fixture(scope="module")
def seen(asset, squat: Frame) -> Pose:
    estimator = open_estimator(EstimatorOptions("posenet"))
    (pose,) = estimator.estimate(squat).poses
    estimator.close()
    return pose


@pytest.mark.parametrize("runtime", only(installed_runtimes()[:1], installed_runtimes()))
@pytest.mark.parametrize("kind", POSENETS)
def test_a_posenet_of_any_kind_sees_the_same_man(
    asset, tmp_path: Path, squat: Frame, seen: Pose, kind: str, runtime: str
) -> None:
    description, poses = look(POSENETS[kind](asset(ORIGINAL).read_bytes()), tmp_path, squat, runtime)
    assert description.startswith("PoseNet ")
    assert len(poses) == 1
    sure = (seen.scores > 0.5) & (poses[0].scores > 0.5)
    assert sure.sum() >= 12
    apart = np.hypot(*((poses[0].xy - seen.xy) * squat.size)[sure].T)
    assert np.median(apart) < 0.02 * squat.size[1]


def test_a_posenet_that_is_int8_inside_and_has_its_decoder(
    asset, tmp_path: Path, squat: Frame, seen: Pose
) -> None:
    _, (pose,) = look(asset(SIXTEEN).read_bytes(), tmp_path, squat, "auto")
    assert np.median(np.hypot(*((pose.xy - seen.xy) * squat.size).T)) < 0.02 * squat.size[1]


@pytest.mark.parametrize("runtime", installed_runtimes())
@pytest.mark.parametrize("kind", MOVENETS)
def test_a_movenet_of_any_kind_sees_the_same_man(
    asset, tmp_path: Path, squat: Frame, seen: Pose, kind: str, runtime: str
) -> None:
    description, poses = look(MOVENETS[kind](asset(MOVENET).read_bytes()), tmp_path, squat, runtime)
    assert description.startswith("MoveNet 192x192 ")
    assert len(poses) == 1
    apart = np.hypot(*((poses[0].xy - seen.xy) * squat.size).T)
    assert np.median(apart) < 0.04 * squat.size[1]


def test_the_cells_of_32_pixels_are_every_other_cell_of_16(asset, squat: Frame) -> None:
    """What makes the derived file a fair one: nothing but the stride is another."""
    from posekit.runtimes import open_runtime

    original = asset(ORIGINAL).read_bytes()
    image = np.ascontiguousarray(squat.pixels[100:357, 100:357])
    tensors = []
    for data in (operate(with_stride(original, 32, (257, 257))), operate(resize(original, (257, 257)))):
        runtime = open_runtime(data)
        tensors.append(runtime.run(image))
        runtime.close()
    for coarse, fine in zip(*tensors, strict=True):
        assert coarse.shape[:2] == (9, 9)
        assert np.array_equal(coarse, fine[::2, ::2])


# --- anything else ---------------------------------------------------------------------------------------


def edited(original: bytes, edit) -> bytes:
    graph = Graph(operate(original))
    edit(graph)
    return graph.pack()


def lose_an_output(graph: Graph) -> None:
    graph.outputs = graph.outputs[:2]


def give_the_first_twice(graph: Graph) -> None:
    graph.outputs = [graph.outputs[0]] * 3


def other_grids(graph: Graph) -> None:
    graph.tensors[graph.outputs[1]].shape = np.array([1, 12, 16, 34], np.int32)


EXPECTED = r"cannot be used: expected a PoseNet: outputs \(1, H, W, 17\), \(1, H, W, 34\) and \(1, H, W, 64\)"


@pytest.mark.parametrize(
    ("edit", "found"),
    [
        (lose_an_output, r"found 2 outputs \(1, 23, 31, 17\), \(1, 23, 31, 34\), of an image of 481x353"),
        (give_the_first_twice, r"found 3 outputs \(1, 23, 31, 17\), \(1, 23, 31, 17\)"),
        (other_grids, r"found 3 outputs \(1, 23, 31, 17\), \(1, 12, 16, 34\), \(1, 23, 31, 64\)"),
    ],
)
def test_another_networks_shapes_are_refused_with_what_was_found_and_expected(
    asset, tmp_path: Path, edit, found: str
) -> None:
    path = tmp_path / "mine.tflite"
    path.write_bytes(edited(asset(ORIGINAL).read_bytes(), edit))
    for options in (EstimatorOptions(model=str(path)), EstimatorOptions("posenet", model=str(path))):
        with pytest.raises(EstimatorError, match=EXPECTED) as caught:
            open_estimator(options)
        assert caught.match(found)
        assert "\n" not in str(caught.value)


def test_a_family_that_was_asked_for_is_not_swapped(asset, tmp_path: Path) -> None:
    posenet, movenet = asset(ORIGINAL), asset(MOVENET)
    assert (family_of(posenet), family_of(movenet)) == ("posenet", "movenet")
    with pytest.raises(
        EstimatorError, match=r"expected a MoveNet: one output \(1, 1, 17, 3\); found 3 outputs"
    ):
        require_family(posenet, "movenet")
    with pytest.raises(EstimatorError, match=r"expected a PoseNet: .*; found 1 output \(1, 1, 17, 3\)"):
        open_estimator(EstimatorOptions("posenet", model=str(movenet)))
    with pytest.raises(SettingsError, match="leave the input size out"):
        open_estimator(EstimatorOptions(model=str(movenet), input_size=(192, 192)))
    with pytest.raises(AssetError, match="is no zip"):
        open_estimator(EstimatorOptions("blazepose", model=str(movenet)))


def test_inputs_that_are_no_image_are_refused(asset, tmp_path: Path) -> None:
    original = asset(ORIGINAL).read_bytes()
    path = tmp_path / "mine.tflite"

    def two_inputs(graph: Graph) -> None:
        graph.inputs = [graph.inputs[0], graph.outputs[0]]

    def grey(graph: Graph) -> None:
        graph.tensors[graph.inputs[0]].shape = np.array([1, 353, 481, 1], np.int32)

    for edit, found in ((two_inputs, r"takes not one image"), (grey, r"\(1, 353, 481, 1\)")):
        path.write_bytes(edited(original, edit))
        with pytest.raises(EstimatorError, match=found):
            load_model(path)
    graph = Graph(without_quantise(operate(original)))
    graph.tensors[graph.inputs[0]].quantization = None
    path.write_bytes(graph.pack())
    with pytest.raises(EstimatorError, match="has no quantisation"):
        load_model(path)
