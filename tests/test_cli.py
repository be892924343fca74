"""The command line as users meet it: what comes out, what is said, and how it ends."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from posekit.errors import SettingsError, UnknownNameError

POSEKIT = (sys.executable, "-m", "posekit")


def posekit(
    *arguments: str, environment: dict[str, str] | None = None, folder: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    clean = {name: value for name, value in os.environ.items() if name != "DISPLAY"}
    return subprocess.run(
        [*POSEKIT, *arguments],
        env={**clean, **(environment or {})},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
    )


def reason(done: subprocess.CompletedProcess[str]) -> str:
    """Return the one line that says why, having checked that there is one and no traceback."""
    assert "Traceback" not in done.stderr
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("posekit: ")]
    return line


def test_every_command_helps() -> None:
    top = posekit("--help")
    assert top.returncode == 0
    commands = re.findall(r"^│ (\w+)  ", top.stdout, re.MULTILINE)
    assert set(commands) >= {
        "demo",
        "run",
        "send",
        "estimate",
        "new",
        "listen",
        "models",
        "cameras",
        "config",
    }
    for command in ("run", "estimate"):
        assert posekit(command, "--help").returncode == 0


def test_version() -> None:
    assert re.fullmatch(r"posekit \d+\.\d+\.\d+\n", posekit("--version").stdout)


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (("run", "helo"), 2, "did you mean 'hello'"),
        (("run", "hello", "--headless", "--source", "no.mp4"), 1, "there is no no.mp4"),
        (("run", "hello", "--headless", "--source", "99"), 1, "--source sample"),
        (("run", "hello", "--headless", "--estimator", "posnet", "--source", "sample"), 2, "'posenet'"),
        (("run", "hello", "--headless", "--osc", "70000", "--source", "sample"), 2, "is not a port"),
        (("run", "hello", "--headless", "--osc", "off", "--osc", "7000", "--source", "sample"), 2, "beside"),
        (("run", "hello", "--headless", "--fit", "covr"), 2, "'cover', 'contain' or 'stretch'"),
        (("run", "hello", "--config", "none.toml"), 2, "cannot read the show file"),
        (("estimate",), 2, "at least one"),
        (("estimate", "0"), 2, "never ends"),
        (("estimate", "no.jpg"), 1, "there is no no.jpg"),
        (("models", "path", "posnet-481x353"), 2, "'posenet-481x353'"),
        (("new", "1/2"), 2, "cannot be a sketch's name"),
        (("run", "hello", "--headless", "--osc", "no.invalid:7", "--source", "sample"), 1, "cannot be found"),
    ],
)
def test_bad_input_gets_one_sentence(
    arguments: tuple[str, ...], code: int, sentence: str, tmp_path: Path, asset
) -> None:
    asset("models")
    done = posekit(*arguments, folder=tmp_path)
    said = [line for line in done.stderr.splitlines() if line.startswith("posekit: ")]
    assert "Traceback" not in done.stderr
    assert any(sentence in line for line in said), done.stderr
    assert done.returncode == code
    assert list(tmp_path.iterdir()) == []


def test_estimate_refuses_what_cannot_be_meant_before_any_work(asset, tmp_path: Path) -> None:
    picture = tmp_path / "a.png"
    shutil.copy(asset("data/no_people/chelsea.png"), picture)
    before = picture.read_bytes()
    (tmp_path / "folder").mkdir()
    for arguments, sentence in (
        (("--draw", str(picture)), "would replace the input"),
        (("--json", str(picture)), "would replace the input"),
        (("--json", str(tmp_path / "folder")), "is a folder"),
        (("--draw", str(tmp_path / "a.txt")), "ending in"),
        (("--draw", str(tmp_path / "none" / "a.png")), "there is no folder"),
    ):
        done = posekit("estimate", str(picture), *arguments)
        assert done.returncode == 2, done.stderr
        assert sentence in reason(done)
    assert picture.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.png", "folder"]


def test_a_result_takes_the_place_of_an_older_one_only_when_there_is_one(asset, tmp_path: Path) -> None:
    asset("models")
    kept = tmp_path / "kept.jsonl"
    kept.write_text("OLD")
    (tmp_path / "broken.png").write_bytes(b"")
    assert posekit("estimate", str(tmp_path / "broken.png"), "--json", str(kept)).returncode == 1
    assert kept.read_text() == "OLD"
    real = tmp_path / "real.jsonl"
    real.write_text("OLD")
    link = tmp_path / "link.jsonl"
    link.symlink_to(real)
    assert posekit("estimate", str(asset("data/no_people/chelsea.png")), "--json", str(link)).returncode == 0
    assert link.is_symlink()
    assert json.loads(real.read_text())["poses"] == []
    assert not [path for path in tmp_path.iterdir() if "unfinished" in path.name]


@pytest.mark.skipif(sys.platform == "win32", reason="FIFOs and closed streams are POSIX")
def test_pipes_and_closed_streams_are_no_surprise(asset, tmp_path: Path) -> None:
    picture = str(asset("data/no_people/chelsea.png"))
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    with subprocess.Popen(["cat", str(fifo)], stdout=subprocess.PIPE) as reader:
        assert posekit("estimate", picture, "--json", str(fifo)).returncode == 0
        assert reader.stdout is not None
        assert json.loads(reader.stdout.read())["poses"] == []
    assert fifo.is_fifo()
    command = shlex.join([*POSEKIT, "estimate", picture, "--json", "-"])
    full = subprocess.run(["sh", "-c", f"{command} > /dev/full"], capture_output=True, text=True)
    assert (full.returncode, "cannot write stdout" in reason(full)) == (1, True)
    clip = str(asset("data/videos/crossing.mp4"))
    send = shlex.join([*POSEKIT, "send", "--source", clip, "--no-preview", "--frames", "3", "--osc", "7402"])
    assert subprocess.run(["sh", "-c", f"{send} <&-"], capture_output=True).returncode == 0
    assert subprocess.run(["sh", "-c", f"{send} <&- >&-"], capture_output=True).returncode == 0


def test_films_in_a_folder_are_estimated_too(asset, tmp_path: Path) -> None:
    shutil.copy(asset("data/no_people/chelsea.png"), tmp_path)
    writer = cv2.VideoWriter(str(tmp_path / "f.avi"), cv2.VideoWriter.fourcc(*"MJPG"), 10.0, (64, 48))
    for _ in range(3):
        writer.write(np.zeros((48, 64, 3), np.uint8))
    writer.release()
    done = posekit("estimate", str(tmp_path), "--json", "-")
    assert done.returncode == 0, done.stderr
    names = [Path(json.loads(line)["file"]).name for line in done.stdout.splitlines()]
    assert names == ["chelsea.png", "f.avi", "f.avi", "f.avi"]


def test_ctrl_c_at_the_very_start_is_no_traceback(asset) -> None:
    for pause in (0.02, 0.1, 0.2):
        command = [*POSEKIT, "estimate", str(asset("data/videos/crossing.mp4"))]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as work:
            time.sleep(pause)
            work.send_signal(signal.SIGINT)
            _, said = work.communicate(timeout=20)
        # Before our first line runs the answer is Python's own; from then on it is ours.
        assert "posekit/cli/app.py" not in said


def test_a_misspelt_option_is_wrong_usage() -> None:
    done = posekit("run", "hello", "--sorce", "0")
    assert done.returncode == 2
    assert "--source" in done.stderr


def test_without_a_display_a_window_is_refused_at_once() -> None:
    start = time.monotonic()
    done = posekit("demo", environment={"SDL_VIDEODRIVER": "", "WAYLAND_DISPLAY": ""})
    if sys.platform.startswith("linux"):
        assert done.returncode == 1
        assert "--headless" in reason(done)
        assert time.monotonic() - start < 5


@pytest.mark.skipif(not shutil.which("unshare"), reason="network namespaces are a Linux matter")
def test_without_camera_network_and_assets_it_says_so_within_five_seconds(tmp_path: Path) -> None:
    if subprocess.run(["unshare", "-rn", "true"], capture_output=True).returncode:
        pytest.skip("this machine does not let us make a network namespace")
    environment = {
        name: value for name, value in os.environ.items() if name not in ("POSEKIT_ASSETS", "DISPLAY")
    }
    start = time.monotonic()
    done = subprocess.run(
        ["unshare", "-rn", *POSEKIT, "demo", "--headless"],
        env={**environment, "POSEKIT_CACHE": str(tmp_path / "cache")},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert time.monotonic() - start < 5
    assert done.returncode == 1
    assert "sample cannot be had" in reason(done)


def test_estimate_writes_tfjs_json_on_stdout_and_nothing_else(asset) -> None:
    picture = asset("data/images/test_couple.jpg")
    done = posekit("estimate", str(picture), "--json", "-")
    assert done.returncode == 0
    (line,) = done.stdout.splitlines()
    found = json.loads(line)
    assert list(found) == ["file", "time", "width", "height", "poses"]
    assert (found["width"], found["height"], found["time"]) == (1920, 1278, 0.0)
    assert len(found["poses"]) == 2
    for pose in found["poses"]:
        assert list(pose) == ["score", "keypoints"]
        assert len(pose["keypoints"]) == 17
        assert pose["keypoints"][9]["part"] == "leftWrist"
        assert set(pose["keypoints"][9]) == {"score", "part", "position"}


def test_estimate_a_folder_with_a_broken_picture_does_the_others(asset, tmp_path: Path) -> None:
    for name in ("a.jpg", "c.jpg"):
        shutil.copy(asset("data/images/test_couple.jpg"), tmp_path / name)
    (tmp_path / "b.jpg").write_bytes(b"no picture")
    done = posekit(
        "estimate", str(tmp_path), "--json", str(tmp_path / "p.jsonl"), "--draw", str(tmp_path / "out")
    )
    assert done.returncode == 1
    assert "1 of 3 inputs" in done.stderr
    lines = [json.loads(line) for line in (tmp_path / "p.jsonl").read_text().splitlines()]
    assert [Path(line["file"]).name for line in lines] == ["a.jpg", "c.jpg"]
    assert [len(line["poses"]) for line in lines] == [2, 2]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a.png", "c.png"]
    drawn = cv2.imread(str(tmp_path / "out" / "a.png"))
    assert drawn is not None
    assert drawn.shape == (1278, 1920, 3)
    difference = np.abs(drawn.astype(int) - cv2.imread(str(tmp_path / "a.jpg")))
    assert 2_000 < int((difference.max(axis=2) > 60).sum()) < 200_000


def test_estimate_a_film_writes_a_line_per_frame_and_a_film(asset, tmp_path: Path) -> None:
    clip = asset("data/videos/crossing.mp4")
    short = tmp_path / "short.avi"
    reader, writer = cv2.VideoCapture(str(clip)), None
    for _ in range(12):
        _, frame = reader.read()
        writer = writer or cv2.VideoWriter(
            str(short), cv2.VideoWriter.fourcc(*"MJPG"), 30.0, (frame.shape[1], frame.shape[0])
        )
        writer.write(frame)
    writer.release()
    done = posekit(
        "estimate", str(short), "--json", str(tmp_path / "p.jsonl"), "--draw", str(tmp_path / "d.mp4")
    )
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in (tmp_path / "p.jsonl").read_text().splitlines()]
    assert len(lines) == 12
    assert [line["time"] for line in lines] == pytest.approx([at / 30 for at in range(12)], abs=0.002)
    drawn = cv2.VideoCapture(str(tmp_path / "d.mp4"))
    assert int(drawn.get(cv2.CAP_PROP_FRAME_COUNT)) == 12


def test_tensors_that_somebody_saved_are_decoded(asset) -> None:
    tensors = asset("oracle/couple__dec_353_481__stretch_linear.npz")
    done = posekit("estimate", "--tensors", str(tensors))
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    oracle = json.loads(tensors.with_name(tensors.stem + "__coral_libcoral_src.json").read_text())
    assert len(found["poses"]) == len(oracle["poses"])
    nose = found["poses"][0]["keypoints"][0]["position"]
    assert nose["x"] == pytest.approx(oracle["poses"][0]["keypoints"][0]["x_model"], abs=0.5)


def test_the_demo_renders_and_an_independent_receiver_hears_it(asset, tool, tmp_path: Path) -> None:
    asset("data/videos/sports2d_demo.mp4")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    heard = tmp_path / "heard.txt"
    with (
        heard.open("w") as output,
        subprocess.Popen([tool("oscdump"), "-L", str(port)], stdout=output) as dump,
    ):
        try:
            video = tmp_path / "demo.mp4"
            done = posekit(
                "demo", "--headless", "--frames", "30", "--save-video", str(video), "--osc", str(port)
            )
            assert done.returncode == 0, done.stderr
        finally:
            dump.send_signal(signal.SIGTERM)
    lines = [line.split()[1:] for line in heard.read_text().splitlines()]
    wrists = [float(line[2]) for line in lines if line[:1] == ["/p1/left_wrist/x"]]
    assert len(wrists) > 20
    assert any(0 < x < 1 for x in wrists)
    assert wrists[-1] == 0.0  # neutral on exit
    assert [line for line in lines if line[:1] == ["/p1/active"]][-1] == ["/p1/active", "i", "0"]
    film = cv2.VideoCapture(str(video))
    assert int(film.get(cv2.CAP_PROP_FRAME_COUNT)) == 30


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_show_ends_cleanly_when_it_is_told_to(number: signal.Signals, asset) -> None:
    clip = str(asset("data/videos/crossing.mp4"))
    command = [*POSEKIT, "run", "skeleton", "--source", clip, "--osc", "off"]
    environment = {**os.environ, "SDL_VIDEODRIVER": "dummy"}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as show:
        assert show.stderr is not None
        for line in show.stderr:
            if line.startswith("estimator: PoseNet 481"):
                break
        start = time.monotonic()
        show.send_signal(number)
        rest = show.stderr.read()
        assert show.wait(5) == 0
        assert time.monotonic() - start < 2
        assert "Traceback" not in rest


def test_send_sends_without_a_window(asset, tmp_path: Path) -> None:
    clip = str(asset("data/videos/crossing.mp4"))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(20)
        port = receiver.getsockname()[1]
        done = posekit("send", "--source", clip, "--osc", str(port), "--frames", "10", "--no-preview")
        assert done.returncode == 0, done.stderr
        packet = receiver.recv(65536)
    assert packet.startswith(b"#bundle\0")
    assert b"/frame\0" in packet


def test_a_new_sketch_runs_as_it_is(asset, tmp_path: Path) -> None:
    done = posekit("new", "my_dance", folder=tmp_path)
    assert done.returncode == 0
    assert "posekit run my_dance.py" in done.stdout
    again = posekit("new", "my_dance", folder=tmp_path)
    assert again.returncode == 2
    picture = str(asset("data/images/squat.bmp"))
    done = posekit(
        "run", "my_dance.py", "--headless", "--source", picture, "--save-frame", "f.png", folder=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert cv2.imread(str(tmp_path / "f.png")) is not None


def test_a_class_file_runs_as_python_file(asset, tmp_path: Path) -> None:
    sketch = tmp_path / "paint.py"
    shutil.copy(Path(__file__).parent.parent / "sketches" / "03_paint.py", sketch)
    done = subprocess.run(
        [sys.executable, str(sketch), "--headless", "--source", str(asset("data/videos/crossing.mp4")),
         "--frames", "8", "--save-frame", str(tmp_path / "f.png")],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "f.png").exists()


def test_a_sketch_without_a_main_guard_runs_in_a_window_too(asset, tmp_path: Path) -> None:
    sketch = tmp_path / "bare.py"
    sketch.write_text(
        "print('loaded')\n\ndef draw(canvas, people):\n    canvas.circle((50, 50), 20, 'red')\n"
    )
    clip = str(asset("data/videos/crossing.mp4"))
    done = posekit(
        "run", str(sketch), "--source", clip, "--frames", "20", environment={"SDL_VIDEODRIVER": "dummy"}
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("loaded") == 1


@pytest.mark.parametrize(
    "wrong", ['osc = ["nonsense"]', 'for = "toch"', 'model = "nope"', "slots = true", 'estimator = "x"']
)
def test_config_check_refuses_what_cannot_be(wrong: str, tmp_path: Path) -> None:
    """In this process: what the command does with such an error is the same for all of them."""
    from posekit.cli.config import check

    (tmp_path / "show.toml").write_text(wrong)
    with pytest.raises((SettingsError, UnknownNameError)) as refused:
        check(tmp_path / "show.toml")
    assert refused.value.exit_code == 2


def test_config_shows_where_each_value_comes_from(tmp_path: Path) -> None:
    show = tmp_path / "show.toml"
    show.write_text("slots = 3\n")
    done = posekit(
        "config", "show", "--config", str(show), "--fps", "30", environment={"POSEKIT_FIT": "contain"}
    )
    rows = {line.split()[0]: line for line in done.stdout.splitlines() if line.strip()}
    assert "command line" in rows["fps"]
    assert "environment POSEKIT_FIT" in rows["fit"]
    assert "default" in rows["display"]
    assert posekit("config", "check", str(show)).returncode == 0
    show.write_text("slot = 3\n")
    assert posekit("config", "check", str(show)).returncode == 2
    show.write_bytes(b"\xff\xfes\0")
    assert "UTF-8" in reason(posekit("config", "check", str(show)))
    assert "slots" in json.loads(posekit("config", "schema").stdout)["properties"]
