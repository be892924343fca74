"""Runtimes: one image in, the same tensors out of each, and silence at the end."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest

from posekit.assets.picture import draw_test_picture
from posekit.errors import EstimatorError, UnknownNameError
from posekit.runtimes import installed_runtimes, open_runtime, quiet_stderr, usual_threads
from posekit.tflite import Graph, operate

if TYPE_CHECKING:
    from pathlib import Path

SMALL = "models/posenet_mobilenet_v1_075_353_481_quant_decoder.tflite"
MOVENET = "models/movenet_single_pose_lightning_ptq.tflite"


@pytest.fixture(scope="module")
def model(assets_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("runtimes") / "posenet.tflite"
    path.write_bytes(operate((assets_folder / SMALL).read_bytes()))
    return path


@pytest.fixture(params=["litert", "mediapipe"])
def runtime(request: pytest.FixtureRequest) -> str:
    if request.param not in installed_runtimes():
        pytest.skip(f"{request.param} is not installed")
    return request.param


def test_a_life(model: Path, runtime: str) -> None:
    opened = open_runtime(model, runtime)
    assert (opened.name, opened.input_size) == (runtime, (481, 353))
    first = opened.run(draw_test_picture((481, 353)))
    assert [(tensor.shape, tensor.dtype) for tensor in first] == [
        ((23, 31, channels), np.float32) for channels in (17, 34, 64)
    ]
    kept = [tensor.copy() for tensor in first]
    second = opened.run(np.zeros((353, 481, 3), np.uint8))
    assert not np.array_equal(second[0], first[0])
    opened.close()
    opened.close()
    # What was handed out stays as it was, whatever ran since.
    for tensor, copy in zip(first, kept, strict=True):
        np.testing.assert_array_equal(tensor, copy)
    with pytest.raises(EstimatorError, match="closed"):
        opened.run(np.zeros((353, 481, 3), np.uint8))


@pytest.mark.skipif(len(installed_runtimes()) < 2, reason="needs both runtimes")
@pytest.mark.parametrize("variant", ["int8", "original"])
def test_both_runtimes_give_the_same_tensors_in_the_same_order(assets_folder: Path, variant: str) -> None:
    data = operate((assets_folder / SMALL).read_bytes(), variant)
    answers = []
    for name in ("litert", "mediapipe"):
        opened = open_runtime(data, name)
        answers.append(opened.run(draw_test_picture((481, 353))))
        opened.close()
    assert len(answers[0]) == len(answers[1]) == 3
    for first, second in zip(*answers, strict=True):
        # At most one quantum may round the other way, in hardly any place.
        assert np.mean(first != second) < 0.01


def test_a_published_file_runs_as_it_is(assets_folder: Path, runtime: str) -> None:
    opened = open_runtime(assets_folder / SMALL, runtime)
    assert len(opened.run(np.zeros((353, 481, 3), np.uint8))) == 3
    opened.close()


def test_movenet_runs_too(assets_folder: Path, runtime: str) -> None:
    opened = open_runtime(assets_folder / MOVENET, runtime)
    (answer,) = opened.run(draw_test_picture(opened.input_size))
    assert answer.shape == (1, 17, 3)
    assert answer[0, :, 2].max() > 0.4
    opened.close()


def test_a_float_model_gets_scaled_pixels(assets_folder: Path, runtime: str) -> None:
    graph = Graph(operate((assets_folder / SMALL).read_bytes(), "float32"))
    with_bytes = graph.pack()
    graph.inputs = [int(graph.operators[0].outputs[0])]
    graph.operators = graph.operators[1:]
    picture, answers = draw_test_picture((481, 353)), []
    for data in (with_bytes, graph.pack()):
        opened = open_runtime(data, runtime)
        answers.append(opened.run(picture))
        opened.close()
    assert len(answers[0]) == len(answers[1]) == 3
    for first, second in zip(*answers, strict=True):
        np.testing.assert_allclose(first, second, atol=0.01)


@pytest.mark.parametrize(
    ("image", "found"),
    [
        (np.zeros((481, 353, 3), np.uint8), r"\(481, 353, 3\) uint8"),
        (np.zeros((353, 481, 3), np.float32), "float32"),
        (np.zeros((353, 962, 3), np.uint8)[:, ::2], "not contiguous"),
    ],
)
def test_a_wrong_image_is_refused_in_words(model: Path, runtime: str, image: np.ndarray, found: str) -> None:
    opened = open_runtime(model, runtime)
    with pytest.raises(EstimatorError, match=f"481 x 353 pixels.*{found}"):
        opened.run(image)
    opened.close()


def test_wrong_names_files_and_threads(model: Path, tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'litert'"):
        open_runtime(model, "lite-rt")
    with pytest.raises(EstimatorError, match="No such file"):
        open_runtime(tmp_path / "absent.tflite")
    with pytest.raises(EstimatorError, match="not a TFLite model"):
        open_runtime(b"<html>")
    with pytest.raises(EstimatorError, match="at least one thread"):
        open_runtime(model, threads=0)


def python(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, timeout=60, check=False
    )


RUN = """
import sys, numpy
from pathlib import Path
from posekit.runtimes import open_runtime
opened = open_runtime(Path(sys.argv[1]), sys.argv[2])
opened.run(numpy.zeros((353, 481, 3), numpy.uint8))
"""


@pytest.mark.parametrize(
    ("end", "code"),
    [("opened.close()", 0), ("pass", 0), ("del opened", 0), ("raise SystemExit(3)", 3)],
)
def test_not_a_word_on_the_terminal_however_it_ends(model: Path, runtime: str, end: str, code: int) -> None:
    done = python(RUN + end, str(model), runtime)
    assert (done.stdout, done.stderr, done.returncode) == ("", "", code)


def test_a_runtime_that_is_not_installed_comes_with_its_pip_line(model: Path) -> None:
    hide = """
import importlib.util, sys
find = importlib.util.find_spec
importlib.util.find_spec = lambda name, package=None: None if name in HIDDEN else find(name, package)
from pathlib import Path
from posekit.runtimes import open_runtime
try:
    print(open_runtime(Path(sys.argv[1]), sys.argv[2]).name)
except Exception as error:
    print(type(error).__name__, error)
"""
    one = "HIDDEN = {'ai_edge_litert'}\n" + hide
    asked = python(one, str(model), "litert")
    assert (
        "EstimatorError the runtime 'litert' is not installed; pip install 'posekit[litert]'" in asked.stdout
    )
    if "mediapipe" in installed_runtimes():
        assert python(one, str(model), "auto").stdout == "mediapipe\n"
    neither = python("HIDDEN = {'ai_edge_litert', 'mediapipe'}\n" + hide, str(model), "auto")
    assert "EstimatorError no runtime for models is installed" in neither.stdout


def test_importing_the_runtimes_loads_no_library() -> None:
    done = python("import sys, posekit.runtimes; print({'mediapipe', 'ai_edge_litert'} & set(sys.modules))")
    assert done.stdout == "set()\n"


def test_what_native_code_says_goes_to_the_log(caplog: pytest.LogCaptureFixture, capfd) -> None:
    with caplog.at_level(logging.DEBUG, logger="posekit.runtimes.quiet"), quiet_stderr():
        os.write(2, b"INFO: greetings\n")
    os.write(2, b"after\n")
    assert caplog.messages == ["INFO: greetings"]
    assert capfd.readouterr().err == "after\n"


@pytest.mark.parametrize(
    ("cores", "spare", "threads"),
    [(1, 0, 1), (1, 1, 1), (2, 0, 2), (2, 1, 1), (4, 1, 3), (16, 1, 4), (None, 1, 1)],
)
def test_a_model_leaves_a_window_a_core_of_its_own(
    monkeypatch: pytest.MonkeyPatch, cores: int | None, spare: int, threads: int
) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: cores)
    assert usual_threads(spare) == threads
