"""Which estimator opens: the one asked for, or what can be had, said aloud."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from blazepose_bundle import find_bundle

from posekit.assets import ensure
from posekit.errors import AssetError, EstimatorError, SettingsError, UnknownNameError
from posekit.estimators import EstimatorOptions, open_estimator, prepare_estimator
from posekit.estimators.posenet import MAX_POSES, MIN_POSE_SCORE


def opened(options: EstimatorOptions) -> tuple[str, str, list[str]]:
    """Return name, description and what was reported."""
    said: list[str] = []
    estimator = open_estimator(options, report=said.append)
    estimator.close()
    return estimator.name, estimator.description, said


def test_auto_takes_posenet_where_its_weights_are(assets_folder) -> None:
    name, description, said = opened(EstimatorOptions())
    assert (name, description[:15]) == ("posenet", "PoseNet 481x353")
    assert said[-1] == "estimator: PoseNet, because its weights are here"


def test_prepared_options_open_without_fetching(assets_folder) -> None:
    prepared = prepare_estimator(EstimatorOptions(input_size=(641, 481)))
    assert prepared.name == "posenet"
    assert Path(str(prepared.model)).is_file()
    assert opened(prepared) == ("posenet", opened(prepared)[1], [])


def test_the_default_score_is_the_one_that_was_measured() -> None:
    assert EstimatorOptions().min_pose_score == MIN_POSE_SCORE
    assert EstimatorOptions().max_poses == MAX_POSES


def test_a_size_chooses_the_weights(assets_folder) -> None:
    assert opened(EstimatorOptions("posenet", input_size=(641, 481)))[1].startswith("PoseNet 641x481")
    with pytest.raises(SettingsError, match=r"480x352 .*choose 481x353, 641x481, 1281x721"):
        open_estimator(EstimatorOptions(input_size=(480, 352)))


def test_a_model_may_be_named(assets_folder) -> None:
    assert opened(EstimatorOptions(model="posenet-16-481x353"))[0] == "posenet"
    with pytest.raises(UnknownNameError, match="posenet-481x353"):
        open_estimator(EstimatorOptions(model="posenet-481x35"))
    with pytest.raises(SettingsError, match="movenet-lightning is for movenet"):
        open_estimator(EstimatorOptions("posenet", model="movenet-lightning"))


def test_a_model_of_ones_own(asset, tmp_path: Path) -> None:
    file = str(asset("models/posenet_mobilenet_v1_075_353_481_quant_decoder.tflite"))
    assert opened(EstimatorOptions(model=file))[0] == "posenet"
    for model in (file, "posenet-481x353"):
        with pytest.raises(SettingsError, match="looks at 481x353 pixels, not 641x481"):
            prepare_estimator(EstimatorOptions(model=model, input_size=(641, 481)))
    with pytest.raises(EstimatorError, match=r"no PoseNet.*found \(1, 17, 3\)"):
        open_estimator(EstimatorOptions(model=str(asset("models/movenet_single_pose_lightning_ptq.tflite"))))
    with pytest.raises(AssetError, match="is not there"):
        open_estimator(EstimatorOptions(model=str(tmp_path / "mine.tflite")))


def test_misspelt_names_are_told_the_right_one() -> None:
    with pytest.raises(UnknownNameError, match="'blazepose'"):
        open_estimator(EstimatorOptions("blaze_pose"))
    with pytest.raises(SettingsError, match="its own input size"):
        open_estimator(EstimatorOptions("blazepose", input_size=(481, 353)))


@pytest.fixture
def bundle() -> Path:
    return find_bundle()


@pytest.fixture
def cut_off(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty cache, no assets folder, and a network of which every road ends at once."""
    monkeypatch.setenv("POSEKIT_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("POSEKIT_ASSETS", raising=False)
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    return tmp_path


def test_without_anything_one_sentence_names_both_failures(cut_off) -> None:
    with pytest.raises(
        AssetError, match=r"no model can be had\. PoseNet: .*BlazePose: .*models get"
    ) as caught:
        open_estimator()
    assert "\n" not in str(caught.value)


def test_auto_takes_blazepose_where_posenet_cannot_be_had(bundle: Path, cut_off: Path) -> None:
    cache = cut_off / "cache"
    cache.mkdir()
    (cache / bundle.name).write_bytes(bundle.read_bytes())
    name, description, said = opened(EstimatorOptions())
    assert name == "blazepose"
    assert description.startswith("BlazePose")
    assert "because PoseNet cannot be had" in said[-1]
    assert "posekit models get posenet-481x353" in said[-1]
    assert "POSEKIT_ASSETS" in said[-1]


def test_a_runtime_asked_for_is_never_replaced(assets_folder) -> None:
    with pytest.raises(UnknownNameError, match="'litert'"):
        open_estimator(EstimatorOptions(runtime="liteRT2"))


def test_importing_estimators_is_cheap() -> None:
    program = (
        "import sys, posekit.estimators\n"
        "heavy = {'cv2', 'mediapipe', 'ai_edge_litert', 'pydantic', 'pygame'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_ready_models_open_without_words(assets_folder) -> None:
    ensure("posenet-481x353")
    assert opened(EstimatorOptions("posenet"))[2] == []
