"""Which estimator opens: the one asked for, or what can be had, said aloud."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from pathlib import Path

import pytest
from blazepose_bundle import find_bundle
from hypothesis import given
from hypothesis import strategies as st

from posekit.assets import ensure, nearest_size
from posekit.errors import AssetError, EstimatorError, SettingsError, UnknownNameError
from posekit.estimators import EstimatorOptions, open_estimator, prepare_estimator
from posekit.estimators.auto_size import LADDER, find_auto_size, memory_file
from posekit.estimators.posenet import MAX_POSES, MIN_POSE_SCORE
from posekit.runtimes import installed_runtimes
from posekit.runtimes.base import load_model


def opened(options: EstimatorOptions) -> tuple[str, str, list[str]]:
    """Return name, description and what was reported."""
    said: list[str] = []
    estimator = open_estimator(options, report=said.append)
    estimator.close()
    return estimator.name, estimator.description, said


def test_auto_takes_posenet_where_its_weights_are(assets_folder) -> None:
    name, description, said = opened(EstimatorOptions())
    assert (name, description[:15]) == ("posenet", "PoseNet 481x353")
    assert said[-1] == "estimator: PoseNet 481x353, because its weights are here"


def test_prepared_options_open_without_fetching(assets_folder) -> None:
    prepared = prepare_estimator(EstimatorOptions(input_size=(641, 481)))
    assert prepared.name == "posenet"
    assert Path(str(prepared.model)).is_file()
    assert opened(prepared) == ("posenet", opened(prepared)[1], [])


def test_the_default_score_is_the_one_that_was_measured() -> None:
    assert EstimatorOptions().min_pose_score == MIN_POSE_SCORE
    assert EstimatorOptions().max_poses is None  # a family's own
    assert MAX_POSES == 10


def test_a_size_chooses_the_weights(assets_folder) -> None:
    assert opened(EstimatorOptions("posenet", input_size=(641, 481)))[1].startswith("PoseNet 641x481")
    assert opened(EstimatorOptions(input_size=(353, 257)))[1].startswith("PoseNet 353x257")


@pytest.mark.parametrize(
    ("size", "sentence"),
    [
        ((480, 352), "480x352 cannot be used: .* multiple of 16 and one pixel more; the nearest is 481x353"),
        ((65, 49), "65x49 cannot be used: .* from 97x97 to 1921x1089; the nearest is 97x97"),
        ((1921, 1921), "from 97x97 to 1921x1089; the nearest is 1441x1441"),
        ((4000, 1), "the nearest is 1921x97"),
    ],
)
def test_a_size_that_cannot_be_is_told_the_nearest(size: tuple[int, int], sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence):
        prepare_estimator(EstimatorOptions(input_size=size))


@given(st.integers(1, 5000), st.integers(1, 5000))
def test_the_nearest_size_can_always_be_used(width: int, height: int) -> None:
    nearest = nearest_size((width, height))
    assert nearest_size(nearest) == nearest
    assert all(side % 16 == 1 and 97 <= side <= 1921 for side in nearest)
    assert nearest[0] * nearest[1] <= 1921 * 1089


def test_one_file_of_weights_is_enough_for_every_size(asset, tmp_path: Path, monkeypatch) -> None:
    """Only the smallest file is at hand, and no network: registered sizes are made of it too."""
    monkeypatch.setenv("POSEKIT_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "assets"
    folder.mkdir()
    name = "posenet_mobilenet_v1_075_353_481_quant_decoder.tflite"
    (folder / name).write_bytes(asset(f"models/{name}").read_bytes())
    monkeypatch.setenv("POSEKIT_ASSETS", str(folder))
    said: list[str] = []
    for size in ((641, 481), (353, 257), (353, 257)):
        prepared = prepare_estimator(EstimatorOptions(input_size=size), report=said.append)
        assert f"posenet-{size[0]}x{size[1]}." in str(prepared.model)
        assert load_model(Path(str(prepared.model))).input_size == size
    assert [sentence.partition(":")[0] for sentence in said] == ["posenet-641x481", "posenet-353x257"]


# --- auto ----------------------------------------------------------------------------------------------


def machine_of(speed: float):
    """Return a clock that moves by so many milliseconds whenever it is read."""
    ticks = itertools.count()
    return lambda: next(ticks) * speed / 1000


def test_auto_takes_the_largest_size_that_holds_the_rate_and_remembers(
    assets_folder, tmp_path: Path, monkeypatch
) -> None:
    model = ensure("posenet-481x353")
    monkeypatch.setenv("POSEKIT_CACHE", str(tmp_path))
    runtime = installed_runtimes()[0]
    slow = find_auto_size(model, 30, runtime, None, clock=machine_of(25))
    assert (slow.size, slow.milliseconds, slow.holds) == (LADDER[0], 25, False)
    # What was measured is not measured again, whatever a clock would say now; what was not is.
    again = find_auto_size(model, 20, runtime, None, clock=machine_of(1))
    assert (again.size, again.milliseconds, again.holds) == (LADDER[-1], 1, True)
    assert find_auto_size(model, 30, runtime, None, clock=machine_of(1)) == slow
    times = json.loads(memory_file().read_text())
    assert [list(sizes) for sizes in times.values()] == [[f"{w}x{h}" for w, h in LADDER]]
    # Other threads are another machine, and so is one whose memory is lost.
    quick = find_auto_size(model, 30, runtime, 1, clock=machine_of(2))
    memory_file().write_text("[1, {")
    assert find_auto_size(model, 30, runtime, None, clock=machine_of(2)) == quick
    assert (quick.size, quick.holds) == (LADDER[-1], True)
    with pytest.raises(SettingsError, match="above 0 frames per second, not 0"):
        find_auto_size(model, 0, runtime, None)


def test_auto_prepares_a_size_that_opens(assets_folder) -> None:
    said: list[str] = []
    options = EstimatorOptions(input_size="auto", target_rate=500)
    prepared = prepare_estimator(options, report=said.append)
    assert prepared.name == "posenet"
    assert prepared.input_size in LADDER
    (why,) = [sentence for sentence in said if sentence.startswith("input size: ")]
    assert f"{prepared.input_size[0]}x{prepared.input_size[1]}, the " in why
    assert "500 frames per second" in why
    assert opened(prepared)[2] == []
    with pytest.raises(SettingsError, match="leave the model or the input size out"):
        prepare_estimator(EstimatorOptions(model="posenet-481x353", input_size="auto"))


# --- what was asked for and cannot be ------------------------------------------------------------------


def test_threads_and_runtimes_are_refused_where_they_would_be_ignored(assets_folder) -> None:
    if "mediapipe" in installed_runtimes():
        with pytest.raises(SettingsError, match=r"one thread, not on 4; leave .* or take the runtime litert"):
            prepare_estimator(EstimatorOptions("posenet", runtime="mediapipe", threads=4))
        prepare_estimator(EstimatorOptions("posenet", runtime="mediapipe", threads=1))
    with pytest.raises(SettingsError, match="MediaPipe alone, not in litert"):
        prepare_estimator(EstimatorOptions("blazepose", runtime="litert"))
    with pytest.raises(SettingsError, match="its own threads, 2 cannot be asked for"):
        prepare_estimator(EstimatorOptions("blazepose", threads=2))


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
    movenet = str(asset("models/movenet_single_pose_lightning_ptq.tflite"))
    assert opened(EstimatorOptions(model=movenet))[0] == "movenet"
    with pytest.raises(EstimatorError, match=r"expected a PoseNet: .*; found 1 output \(1, 1, 17, 3\)"):
        open_estimator(EstimatorOptions("posenet", model=movenet))
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
    assert "because PoseNet's weights cannot be fetched" in said[-1]
    assert "posekit models get posenet-481x353" in said[-1]
    assert "POSEKIT_ASSETS" in said[-1]


def test_blazeposes_models_have_mediapipes_names(bundle: Path, cut_off: Path) -> None:
    """Lite and heavy only where their files are; full also out of the wheel."""
    cache = cut_off / "cache"
    cache.mkdir()
    (cache / bundle.name).write_bytes(bundle.read_bytes())
    if bundle.name.startswith("blazepose-wheel"):
        name, description, _ = opened(EstimatorOptions("blazepose", model="full"))
        assert (name, description[:10]) == ("blazepose", "BlazePose ")
        assert opened(EstimatorOptions(model="full"))[0] == "blazepose"
    for model in ("lite", "heavy"):
        with pytest.raises(
            AssetError, match=f"blazepose-{model} cannot be had: .*pose_landmarker_{model}.task"
        ):
            open_estimator(EstimatorOptions(model=model))
    with pytest.raises(SettingsError, match="blazepose-full is for blazepose, not for posenet"):
        open_estimator(EstimatorOptions("posenet", model="blazepose-full"))


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
