"""The surgery: what goes in, what comes out, and what is refused."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from posekit.assets.picture import draw_test_picture
from posekit.assets.verification import MOST_NOISE, compare, verify
from posekit.errors import AssetError, UnknownNameError
from posekit.runtimes import installed_runtimes, open_runtime
from posekit.tflite import VARIANTS, Graph, operate, resize, runnable
from posekit.tflite.blazepose import pack_blazepose
from posekit.tflite.graph import CONV_2D, FLOAT32, INT8, INT32, UINT8
from posekit.tflite.schema import metadata_schema, model_schema

if TYPE_CHECKING:
    from pathlib import Path

SMALL = "models/posenet_mobilenet_v1_075_353_481_quant_decoder.tflite"
SMALL_16 = "models/posenet_mobilenet_v1_075_353_481_16_quant_decoder.tflite"


@pytest.fixture(scope="module")
def original(assets_folder: Path) -> bytes:
    return (assets_folder / SMALL).read_bytes()


def run(model: bytes, picture: np.ndarray) -> tuple[np.ndarray, ...]:
    runtime = open_runtime(model)
    try:
        return runtime.run(picture)
    finally:
        runtime.close()


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_variant_has_an_image_in_and_three_float_tensors_out(original: bytes, variant: str) -> None:
    graph = Graph(operate(original, variant))
    assert [graph.info(index).shape for index in graph.inputs] == [(1, 353, 481, 3)]
    assert [graph.info(index).kind for index in graph.inputs] == [UINT8]
    outputs = [graph.info(index) for index in graph.outputs]
    assert [output.shape for output in outputs] == [(1, 23, 31, 17), (1, 23, 31, 34), (1, 23, 31, 64)]
    assert [output.kind for output in outputs] == [FLOAT32] * 3


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_same_bytes_in_give_the_same_bytes_out(original: bytes, variant: str) -> None:
    assert operate(original, variant) == operate(original, variant)


@pytest.mark.parametrize("name", [SMALL, SMALL_16])
def test_int8_says_what_the_original_says(assets_folder: Path, name: str) -> None:
    data = (assets_folder / name).read_bytes()
    verify(data, operate(data, "int8"))


# --- other sizes ---------------------------------------------------------------------------------------


def test_a_resized_file_gives_the_tensors_of_googles_own(assets_folder: Path, original: bytes) -> None:
    for size in ((641, 481), (1281, 721)):
        name = f"models/posenet_mobilenet_v1_075_{size[1]}_{size[0]}_quant_decoder.tflite"
        picture = draw_test_picture(size)
        theirs = run(operate((assets_folder / name).read_bytes()), picture)
        ours = run(operate(resize(original, size)), picture)
        assert len(ours) == len(theirs) == 3
        for one, other in zip(ours, theirs, strict=True):
            np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("size", [(129, 97), (97, 161), (353, 257), (641, 353)])
def test_any_size_runs_in_every_runtime_and_passes_the_verification(original: bytes, size) -> None:
    resized = resize(original, size)
    operated = operate(resized)
    assert operated == resize(operate(original), size)  # the surgery and the size know nothing of each other
    verify(resized, operated)
    cells = ((size[1] - 1) // 16 + 1, (size[0] - 1) // 16 + 1)
    answers = []
    for runtime in installed_runtimes():
        opened = open_runtime(operated, runtime)
        assert opened.input_size == size
        answers.append(opened.run(draw_test_picture(size)))
        opened.close()
        assert [answer.shape for answer in answers[-1]] == [(*cells, channels) for channels in (17, 34, 64)]
    for one, other in zip(answers[0], answers[-1], strict=True):
        assert compare(one, other)[0] < 0.02


def test_the_size_it_has_changes_nothing(assets_folder: Path, original: bytes) -> None:
    assert resize(original, (481, 353)) == original
    assert resize(resize(original, (161, 129)), (481, 353)) == original
    sixteen = (assets_folder / SMALL_16).read_bytes()
    assert resize(sixteen, (481, 353)) == sixteen


def test_what_cannot_be_resized_is_refused(assets_folder: Path, original: bytes) -> None:
    movenet = (assets_folder / "models/movenet_single_pose_lightning_ptq.tflite").read_bytes()
    for other in (movenet, (assets_folder / SMALL_16).read_bytes()):
        with pytest.raises(AssetError, match="cannot be resized: it has an operator of kind"):
            resize(other, (257, 257))
    with pytest.raises(AssetError, match="not a readable TFLite model"):
        resize(original[:4000], (257, 257))


def test_int8_weights_are_symmetric_with_a_scale_for_each_channel(original: bytes) -> None:
    graph = Graph(operate(original, "int8"))
    convolutions = [operator for operator in graph.operators if len(operator.inputs) == 3]
    assert len(convolutions) == 31
    for operator in convolutions:
        source, weights, bias = (int(index) for index in operator.inputs)
        scale, zero = graph.quantisation(weights)
        axis = 0 if graph.operator_name(operator)[0] == CONV_2D else 3
        assert graph.tensors[weights].quantization.quantizedDimension == axis
        assert scale.shape == (graph.info(weights).shape[axis],)
        assert not zero.any()
        assert np.abs(graph.constant(weights).astype(int)).max() <= 127
        products = graph.quantisation(source)[0] * scale
        np.testing.assert_allclose(graph.quantisation(bias)[0], products, rtol=1e-6)


def test_original_arithmetic_agrees_with_the_reference_tensors(assets_folder: Path, original: bytes) -> None:
    reference = np.load(assets_folder / "oracle/couple__dec_353_481__stretch_pil_nearest.npz")
    bgr = cv2.imread(str(assets_folder / "data/images/test_couple.jpg"))
    rows = ((np.arange(353) + 0.5) * bgr.shape[0] / 353).astype(int)
    columns = ((np.arange(481) + 0.5) * bgr.shape[1] / 481).astype(int)
    picture = np.ascontiguousarray(bgr[rows][:, columns, ::-1])
    for variant in ("original", "int8"):
        tensors = run(operate(original, variant), picture)
        assert len(tensors) == 3
        for tensor, key, (scale, zero) in zip(
            tensors, ("heatmaps_q", "short_q", "mid_q"), reference["quant"], strict=True
        ):
            real = (reference[key].astype(np.float32) - zero) * scale
            noise, gain = compare(real.reshape(tensor.shape), tensor)
            assert noise < MOST_NOISE, (variant, key)
            assert abs(gain - 1) < 0.02, (variant, key)


def test_float32_agrees_where_the_original_can_follow(original: bytes) -> None:
    picture = draw_test_picture((481, 353))
    old, new = run(operate(original, "original"), picture), run(operate(original, "float32"), picture)
    assert len(old) == len(new) == 3
    assert max(compare(*pair)[0] for pair in zip(old, new, strict=True)) < 0.25


def test_the_network_sees_both_drawn_people(original: bytes) -> None:
    heat, _, _ = run(operate(original, "original"), draw_test_picture((481, 353)))
    assert (1 / (1 + np.exp(-heat.reshape(-1, 17).max(axis=0))) > 0.8).all()
    assert heat[:, :18].max() > 0
    assert heat[:, 18:].max() > 0


def shuffled_weights(graph: Graph, layer: int) -> None:
    weights = int(graph.operators[layer].inputs[1])
    values = graph.constant(weights)
    mixed = np.random.default_rng(1).permutation(values.ravel()).reshape(values.shape)
    graph.set_constant(weights, mixed, INT8)


def wrong_weight_scale(graph: Graph, layer: int) -> None:
    weights = int(graph.operators[layer].inputs[1])
    scale, zero = graph.quantisation(weights)
    axis = graph.tensors[weights].quantization.quantizedDimension
    graph.set_quantisation(weights, scale * 1.2, zero, axis)


def wrong_activation_scale(graph: Graph, layer: int) -> None:
    # ReLU6 lives in this scale alone: now the network is clipped at 4.2.
    output = int(graph.operators[layer].outputs[0])
    scale, zero = graph.quantisation(output)
    graph.set_quantisation(output, scale * 0.7, zero)


def bias_not_rescaled(graph: Graph, layer: int) -> None:
    bias = int(graph.operators[layer].inputs[2])
    graph.set_constant(bias, graph.constant(bias) * 2, INT32)


def wrong_order_of_outputs(graph: Graph, layer: int) -> None:
    graph.outputs = [graph.outputs[0], graph.outputs[2], graph.outputs[1]]


# Layers of the int8 graph: 0 is the QUANTIZE, 28 the heat map, 29 the short offsets.
@pytest.mark.parametrize(
    ("damage", "layer"),
    [
        (shuffled_weights, 1),
        (shuffled_weights, 14),
        (shuffled_weights, 28),
        (shuffled_weights, 31),
        (wrong_weight_scale, 1),
        (wrong_weight_scale, 13),
        (wrong_weight_scale, 29),
        (wrong_activation_scale, 13),
        (bias_not_rescaled, 28),
        (bias_not_rescaled, 5),
        (wrong_order_of_outputs, 0),
    ],
)
def test_a_broken_surgery_is_refused(original: bytes, damage, layer: int) -> None:
    graph = Graph(operate(original, "int8"))
    damage(graph, layer)
    with pytest.raises(AssetError, match="refused"):
        verify(original, graph.pack())


def test_a_corrupted_byte_in_the_structure_is_refused_not_crashed(original: bytes) -> None:
    good = operate(original, "int8")
    for cut in (0, 8, 40, 4000, len(good) // 2):
        with pytest.raises(AssetError):
            Graph(good[:cut])


def test_what_is_not_a_posenet_is_refused(original: bytes, assets_folder: Path) -> None:
    with pytest.raises(AssetError, match="not a TFLite model"):
        operate(b"<html>not found</html>")
    with pytest.raises(AssetError, match="PosenetDecoderOp"):
        operate((assets_folder / "models/movenet_single_pose_lightning_ptq.tflite").read_bytes())
    with pytest.raises(AssetError, match="float32 variant"):
        operate((assets_folder / SMALL_16).read_bytes(), "float32")
    with pytest.raises(UnknownNameError, match="did you mean 'int8'"):
        operate(original, "int9")


def test_runnable_changes_only_what_stock_runtimes_cannot_run(original: bytes) -> None:
    ready = operate(original, "int8")
    assert runnable(ready) is ready
    assert runnable(original) == operate(original, "original")


def float_model(original: bytes) -> bytes:
    """A model with float pixels in, as a user may bring one."""
    graph = Graph(operate(original, "float32"))
    graph.inputs = [int(graph.operators[0].outputs[0])]
    graph.operators = graph.operators[1:]
    return graph.pack()


def test_a_task_bundle_is_stored_deterministic_and_says_how_pixels_are_scaled(
    original: bytes, tmp_path: Path
) -> None:
    pytest.importorskip("mediapipe.tasks.metadata.metadata_schema_py_generated")
    file = tmp_path / "float.tflite"
    file.write_bytes(float_model(original))
    packed = pack_blazepose(file, file)
    assert packed == pack_blazepose(file, file)
    scalings = {}
    with zipfile.ZipFile(io.BytesIO(packed)) as bundle:
        for member in bundle.infolist():
            assert member.compress_type == zipfile.ZIP_STORED
            model = model_schema().ModelT.InitFromPackedBuf(bundle.read(member), 0)
            (entry,) = [entry for entry in model.metadata if entry.name == b"TFLITE_METADATA"]
            data = bytes(model.buffers[entry.buffer].data)
            metadata = metadata_schema().ModelMetadataT.InitFromPackedBuf(data, 0)
            options = metadata.subgraphMetadata[0].inputTensorMetadata[0].processUnits[0].options
            scalings[member.filename] = (float(options.mean[0]), float(options.std[0]))
    assert scalings == {
        "pose_detector.tflite": (127.5, 127.5),
        "pose_landmarks_detector.tflite": (0.0, 255.0),
    }


def test_a_missing_part_of_a_bundle_is_named(tmp_path: Path) -> None:
    with pytest.raises(AssetError, match=r"absent\.tflite cannot be read"):
        pack_blazepose(tmp_path / "absent.tflite", tmp_path / "absent.tflite")
