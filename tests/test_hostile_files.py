"""Damaged, enormous and odd files: a right answer or one clear sentence, in bounded time and memory."""

from __future__ import annotations

import importlib.util
import itertools
import json
import os
import shutil
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest
from blazepose_bundle import find_bundle
from coco_truth import read_frame
from hostile_files import bomb, changing_film, cmyk_jpeg, huge_jpeg, turned_jpeg

from posekit.cli.app import app
from posekit.errors import PosekitError, SourceError
from posekit.sources.picture_size import stated_size
from posekit.sources.pictures import read_picture
from posekit.sources.video import VideoFile
from posekit.tflite.blazepose import MEMBERS

POSENET = "models/posenet_mobilenet_v1_075_353_481_quant_decoder.tflite"
MOVENET = "models/movenet_single_pose_lightning_ptq.tflite"
MOST_SECONDS = 60
MOST_MEGABYTES = 700
PEOPLE = ("cmyk.jpg", "turned.jpg", "deep.png", "alpha.png", "grey.png", "grey16.png", "plain.png")
NOBODY = ("one.png", "wide.png", "high.png")
REFUSED = {
    "huge.png": "has 20000x20000 pixels, more than the 130 million that posekit reads",
    "huge.bmp": "has 20000x20000 pixels",
    "huge.mjpeg": "holds no picture",
    "empty.png": "cannot be read as a picture",
    "text.png": "cannot be read as a picture",
    "cut.png": "cannot be read as a picture",
    "empty.mp4": "cannot be read as a video",
    "text.mp4": "it is a text file",
    "playlist.mp4": "it is a text file",
    "zero.mp4": "cannot be read as a video",
}


@pytest.fixture(scope="module")
def squat(asset) -> np.ndarray:
    return read_frame(asset("data/images/squat.bmp")).pixels


@pytest.fixture(scope="module")
def files(squat: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    bgr = np.ascontiguousarray(squat[..., ::-1])
    grey = cv2.cvtColor(bgr, cv2.COLOR_BGR2GRAY)
    holes = np.where(np.arange(squat.shape[1]) % 2, 255, 0).astype(np.uint8)
    pictures = {
        "plain": bgr,
        "deep": bgr.astype(np.uint16) * 257,
        "alpha": np.dstack([bgr, np.broadcast_to(holes, grey.shape)]),
        "grey": grey,
        "grey16": grey.astype(np.uint16) * 257,
        "one": np.full((1, 1, 3), 99, np.uint8),
        "wide": np.full((1, 3000, 3), 99, np.uint8),
        "high": np.full((3000, 1, 3), 99, np.uint8),
    }
    for name, pixels in pictures.items():
        assert cv2.imwrite(str(folder / f"{name}.png"), pixels)
    plain = (folder / "plain.png").read_bytes()
    contents = {
        "cmyk.jpg": cmyk_jpeg(squat),
        "turned.jpg": turned_jpeg(squat),
        "changing.mjpeg": changing_film(squat),
        "cut.png": plain[: len(plain) // 2],
        # The sizes stand in the header, and nothing else needs to be there to be afraid of them.
        "huge.png": plain[:16] + (20000).to_bytes(4, "big") * 2 + plain[24:],
        "huge.bmp": b"BM" + bytes(16) + (20000).to_bytes(4, "little") * 2 + bytes(1000),
        "huge.mjpeg": huge_jpeg(squat) * 3,
        "empty.png": b"",
        "empty.mp4": b"",
        "text.png": b"I am a picture",
        "text.mp4": "I am a film, señor. ".encode() * 500,
        "playlist.mp4": b"#EXTM3U\n#EXT-X-VERSION:3\nhttp://127.0.0.1:9/film.ts\n",
    }
    for name, data in contents.items():
        (folder / name).write_bytes(data)
    film = cv2.VideoWriter(str(folder / "zero.mp4"), cv2.VideoWriter_fourcc(*"mp4v"), 30, (320, 240))
    film.release()
    return folder


MEASURE = """
import os, sys
process = os.posix_spawn(sys.argv[2], sys.argv[2:], os.environ)
_, status, usage = os.wait4(process, 0)
with open(sys.argv[1], "w") as file:
    file.write(str(usage.ru_maxrss))
code = os.waitstatus_to_exitcode(status)
sys.exit(code if code >= 0 else 128 - code)
"""
"""Runs a program and writes how large it was. To the system a process begins with the size of whoever starts
it, so that must be something small, and not the tests, which may be larger than what they judge."""


def estimate(folder: Path, *names: str) -> tuple[list[dict], list[str], int]:
    """Run the real program on files; returns JSON lines, sentences and exit code, within bounds."""
    program = [sys.executable, "-m", "posekit", "estimate", *names, "--json", "-"]
    size = folder.parent / f"{folder.name}.size"
    if hasattr(os, "wait4"):
        program = [sys.executable, "-I", "-S", "-c", MEASURE, str(size), *program]
    begin = time.monotonic()
    with (
        (folder / "out").open("w+") as out,
        (folder / "said").open("w+") as said,
        subprocess.Popen(program, cwd=folder, stdout=out, stderr=said) as process,
    ):
        code = process.wait(timeout=MOST_SECONDS)
        assert time.monotonic() - begin < MOST_SECONDS
        if hasattr(os, "wait4"):
            megabytes = int(size.read_text()) / (1024 if sys.platform.startswith("linux") else 1 << 20)
            assert 20 < megabytes < MOST_MEGABYTES
        out.seek(0)
        said.seek(0)
        return [json.loads(line) for line in out], said.read().splitlines(), code


def test_odd_pictures_are_answered_and_bad_ones_refused_in_a_sentence_each(
    files: Path, squat: np.ndarray, assets_folder: Path
) -> None:
    answers, said, code = estimate(files, *PEOPLE, *NOBODY, *REFUSED)
    assert code == 1
    assert [answer["file"] for answer in answers] == [*PEOPLE, *NOBODY]
    height, width = squat.shape[:2]
    by_name = {answer["file"]: answer for answer in answers}
    expected = places(by_name["plain.png"])
    for name in PEOPLE:
        answer = by_name[name]
        assert (name, answer["width"], answer["height"], len(answer["poses"])) == (name, width, height, 1)
        assert np.median(np.hypot(*(places(answer) - expected).T)) < 0.02 * height, name
    assert all(by_name[name]["poses"] == [] for name in NOBODY)
    sentences = [line.removeprefix("posekit: ") for line in said if line.startswith("posekit: ")]
    assert len(sentences) == len(REFUSED) + 1
    for sentence, (name, reason) in zip(sentences, REFUSED.items(), strict=False):
        assert sentence.startswith(name)
        assert reason in sentence
    assert not [line for line in said if "libpng" in line or "Traceback" in line]


def places(answer: dict) -> np.ndarray:
    (pose,) = answer["poses"]
    return np.array([(point["position"]["x"], point["position"]["y"]) for point in pose["keypoints"]])


def test_one_bad_picture_is_one_sentence(files: Path, assets_folder: Path) -> None:
    with pytest.raises(
        SourceError, match=r"^[^\n]*cut\.png cannot be read as a picture; is the file whole\?$"
    ):
        app(("estimate", str(files / "cut.png")), standalone_mode=False)


def test_a_film_whose_size_changes_keeps_the_size_it_began_with(files: Path, squat: np.ndarray) -> None:
    source = VideoFile(files / "changing.mjpeg", "changing")
    frames = list(source.frames())
    assert [frame.pixels.shape for frame in frames] == [squat.shape] * 6
    assert np.abs(frames[0].pixels.astype(int) - frames[-1].pixels).mean() < 12
    assert all(later.time > earlier.time for earlier, later in itertools.pairwise(frames))


def test_a_stream_whose_size_changes(tool, tmp_path: Path) -> None:
    """The same in a broadcast's container, in which FFmpeg tells the change itself."""
    for name, size in (("a", "320x240"), ("b", "640x360")):
        picture = ["-f", "lavfi", "-i", f"testsrc=s={size}:r=10", "-t", "0.5", "-c:v", "mpeg4"]
        subprocess.run([tool("ffmpeg"), "-v", "error", *picture, tmp_path / f"{name}.ts"], check=True)
    parts = [(tmp_path / f"{name}.ts").read_bytes() for name in "ab"]
    (tmp_path / "both.ts").write_bytes(b"".join(parts))
    frames = list(VideoFile(tmp_path / "both.ts", "both").frames())
    assert len(frames) >= 9
    assert {frame.size for frame in frames} == {(320, 240)}


@pytest.mark.parametrize(
    ("name", "estimator"),
    [("one.png", "posenet"), ("one.png", "movenet"), ("wide.png", "movenet"), ("changing.mjpeg", "posenet")],
)
def test_a_sketch_runs_on_odd_files(
    files: Path, name: str, estimator: str, assets_folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    arguments = ("run", "hello", "--headless", "--frames", "3", "--osc", "off", "--zones", "off")
    app((*arguments, "--source", str(files / name), "--estimator", estimator), standalone_mode=False)
    assert "Traceback" not in capfd.readouterr().err


@pytest.mark.parametrize("name", REFUSED)
def test_a_sketch_refuses_bad_files(files: Path, name: str, assets_folder: Path) -> None:
    arguments = ("run", "hello", "--headless", "--frames", "3", "--osc", "off", "--zones", "off")
    with pytest.raises(PosekitError, match=REFUSED[name]) as caught:
        app((*arguments, "--source", str(files / name)), standalone_mode=False)
    assert "\n" not in str(caught.value)


# --- models --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def models(asset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    whole = asset(POSENET).read_bytes()
    for name, data in {
        "cut.tflite": whole[:400_000],
        "stump.tflite": whole[:20],
        "head.tflite": whole[:8],
        "cut-movenet.tflite": asset(MOVENET).read_bytes()[:-50_000],
        "empty.tflite": b"",
        "text.tflite": b"I am a model. " * 100,
        "text.task": b"I am a bundle. " * 100,
        "empty.task": b"",
    }.items():
        (folder / name).write_bytes(data)
    bomb(folder / "bomb.task", MEMBERS, 300)
    with zipfile.ZipFile(folder / "other.task", "w") as other:
        other.writestr("hand_detector.tflite", whole[:100])
    with zipfile.ZipFile(folder / "rubbish.task", "w") as rubbish:
        for member in MEMBERS:
            rubbish.writestr(member, b"rubbish" * 100)
    with (folder / "vast.tflite").open("wb") as vast:
        vast.truncate(5_000_000_000)  # a hole, which takes no room
    return folder


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("cut.tflite", r"its 400,000 bytes are damaged or not all of it"),
        ("stump.tflite", r"its 20 bytes are damaged or not all of it"),
        ("head.tflite", r"its 8 bytes are damaged or not all of it"),
        ("cut-movenet.tflite", r"damaged or not all of it"),
        ("empty.tflite", r"not a TFLite model: it is empty"),
        ("text.tflite", r"not a TFLite model: bytes 4 to 8 are b' a m'"),
        ("vast.tflite", r"it has 5,000,000,000 bytes; a pose model has at most 200,000,000"),
        ("text.task", r"a \.task bundle is a zip of .*; this is no zip"),
        ("empty.task", r"this is no zip"),
        ("bomb.task", r"not compressed; pose_detector\.tflite is compressed"),
        ("other.task", r"are missing, found hand_detector\.tflite"),
    ],
)
def test_a_model_that_is_none_is_refused(
    models: Path, files: Path, name: str, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if name.endswith(".task") and importlib.util.find_spec("mediapipe") is None:
        pytest.skip("BlazePose needs MediaPipe, which is not installed")
    with pytest.raises(PosekitError, match=sentence) as caught:
        app(("estimate", str(files / "plain.png"), "--model", str(models / name)), standalone_mode=False)
    assert "\n" not in str(caught.value)
    assert str(models / name) in str(caught.value)


def test_a_bundle_of_rubbish_is_refused(models: Path, files: Path) -> None:
    if importlib.util.find_spec("mediapipe") is None:
        pytest.skip("BlazePose needs MediaPipe, which is not installed")
    with pytest.raises(PosekitError, match=r"MediaPipe cannot open .*rubbish\.task"):
        app(
            ("estimate", str(files / "plain.png"), "--model", str(models / "rubbish.task")),
            standalone_mode=False,
        )


def test_another_networks_file_is_refused_with_what_was_found_and_expected(
    files: Path, tmp_path: Path
) -> None:
    """BlazePose's own detector, out of its bundle."""
    with zipfile.ZipFile(find_bundle()) as bundle:
        (tmp_path / "detector.tflite").write_bytes(bundle.read(MEMBERS[0]))
    with pytest.raises(
        PosekitError,
        match=r"expected a PoseNet: .* or a MoveNet: .*; found 2 outputs \(1, 2254, 12\), \(1, 2254, 1\)",
    ) as caught:
        app(
            ("estimate", str(files / "plain.png"), "--model", str(tmp_path / "detector.tflite")),
            standalone_mode=False,
        )
    assert "\n" not in str(caught.value)


def test_a_model_that_is_cut_ends_the_real_program_with_a_sentence(models: Path, files: Path) -> None:
    shutil.copy(models / "cut.tflite", files / "cut.tflite")
    answers, said, code = estimate(files, "plain.png", "--model", "cut.tflite")
    assert (answers, code, len(said)) == ([], 1, 1)
    assert said[0].startswith("posekit: the model cut.tflite cannot be used: ")


# --- sizes before memory ---------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".bmp", ".tiff", ".webp"])
@pytest.mark.parametrize("size", [(1, 1), (640, 480), (331, 17)])
def test_a_picture_says_how_large_it_is(suffix: str, size: tuple[int, int]) -> None:
    pixels = np.random.default_rng(1).integers(0, 255, (size[1], size[0], 3), np.uint8)
    for options in ([], [cv2.IMWRITE_WEBP_QUALITY, 80] if suffix == ".webp" else []):
        data = cv2.imencode(suffix, pixels, options)[1].tobytes()
        assert stated_size(data) == size


def test_a_header_that_is_cut_off_says_nothing_and_raises_nothing(squat: np.ndarray) -> None:
    for suffix in (".png", ".jpg", ".bmp", ".tiff", ".webp"):
        data = cv2.imencode(suffix, squat[..., ::-1])[1].tobytes()
        for length in range(64):
            assert stated_size(data[:length]) in (None, squat.shape[1::-1])


def test_the_turned_picture_is_read_upright(files: Path, squat: np.ndarray) -> None:
    assert read_picture(files / "turned.jpg").shape == squat.shape
    assert np.abs(read_picture(files / "cmyk.jpg").astype(int) - squat).mean() < 6
