"""Ctrl-C and SIGTERM at every stage of a real run: it ends soon, as designed, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import cv2
import pytest
from fault_world import RECOVERY_SECONDS, Program, Receiver, record
from mjpeg import Camera
from soaking import soaked

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")

Signal = Callable[[Program], None]


def ctrl_c(program: Program) -> None:
    """What a terminal does: everyone in the group gets it."""
    os.killpg(program.process.pid, signal.SIGINT)


def ctrl_c_alone(program: Program) -> None:
    program.process.send_signal(signal.SIGINT)


def terminated(program: Program) -> None:
    program.process.terminate()


every_signal = pytest.mark.parametrize("ask", [ctrl_c, terminated, *soaked(ctrl_c_alone)])


def ended(program: Program, stage: str, code: int) -> None:
    """Assert that a program that was asked to ends in time, with a code and without a traceback."""
    record(f"signal while {stage}", ended=program.ends())
    assert program.process.returncode == code, program.said
    assert not program.has_said("Traceback"), program.said
    assert not program.has_said("Exception ignored"), program.said


def frames_in(film: Path) -> int:
    """Return how many frames of a film can be read."""
    capture, count = cv2.VideoCapture(str(film)), 0
    while capture.read()[0]:
        count += 1
    capture.release()
    return count


def partial_bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.glob(".*.partial.mp4"))


@pytest.fixture
def clip(asset) -> str:
    return str(asset("data/videos/crossing.mp4"))


@pytest.fixture
def receiver():
    with closing(Receiver()) as receiver:
        yield receiver


def films(folder: Path) -> list[str]:
    """Return every film, whole or not."""
    return sorted(path.name for path in folder.iterdir() if path.suffix == ".mp4")


def test_while_python_imports(clip: str, tmp_path: Path) -> None:
    with Program(tmp_path, "run", "hello", "--source", clip) as program:
        maps = Path(f"/proc/{program.process.pid}/maps")
        program.until(lambda: "_pydantic_core" in maps.read_text())
        terminated(program)
        ended(program, "importing", 1)


def test_while_a_model_is_prepared(clip: str, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    with Program(tmp_path, "send", "--source", clip, "--headless", POSEKIT_CACHE=str(cache)) as program:
        program.until(lambda: program.has_said("preparing it for this machine"))
        ctrl_c(program)
        ended(program, "preparing a model", 0)
    assert list(cache.rglob("*")) == []


def test_before_the_engine_is_ready(clip: str, tmp_path: Path, receiver: Receiver) -> None:
    target = f"127.0.0.1:{receiver.port}"
    with Program(tmp_path, "run", "hello", "--source", clip, "--osc", target) as program:
        program.until(program.children)
        ctrl_c_alone(program)
        ended(program, "the engine starts", 0)
        assert not program.has_said("source:")
    assert receiver.hear().last.get("/health/engine", 0) == 0


def test_while_a_file_is_rendered(clip: str, tmp_path: Path) -> None:
    with Program(
        tmp_path, "run", "skeleton", "--source", clip, "--headless", "--save-video", "out.mp4"
    ) as program:
        program.until(lambda: partial_bytes(tmp_path) > 1000)
        terminated(program)
        ended(program, "rendering a file", 1)
    assert films(tmp_path) == []


def test_while_a_stream_is_recorded_without_a_window(asset, tmp_path: Path) -> None:
    asset("models")
    (tmp_path / "mine.py").write_text(
        "import sys\n\n\ndef draw(state):\n    state.frames = getattr(state, 'frames', 0) + 1\n"
        "    if state.frames == 20:\n        print('twenty', file=sys.stderr, flush=True)\n"
    )
    with Camera(lambda wire: wire.pictures(5000)) as camera:
        arguments = ("--source", camera.address, "--headless", "--save-video", "out.mp4")
        with Program(tmp_path, "run", "mine.py", *arguments) as program:
            program.until(lambda: program.has_said("twenty"))
            ctrl_c(program)
            ended(program, "recording a stream", 0)
    assert films(tmp_path) == ["out.mp4"]
    assert frames_in(tmp_path / "out.mp4") >= 19


@every_signal
def test_while_a_window_is_open(ask: Signal, clip: str, tmp_path: Path, receiver: Receiver) -> None:
    target = f"127.0.0.1:{receiver.port}"
    with Program(tmp_path, "run", "hello", "--source", clip, "--osc", target) as program:
        program.until(lambda: receiver.hear().is_live)
        ask(program)
        ended(program, "a window is open", 0)
    assert receiver.hear().is_neutral


@pytest.mark.parametrize("ask", [ctrl_c, terminated])
def test_while_poses_are_sent(ask: Signal, clip: str, tmp_path: Path, receiver: Receiver) -> None:
    target = f"127.0.0.1:{receiver.port}"
    with Program(tmp_path, "send", "--source", clip, "--no-preview", "--osc", target) as program:
        program.until(lambda: receiver.hear().is_live)
        ask(program)
        ended(program, "sending", 0)
    assert receiver.hear().is_neutral


def test_again_and_again_while_a_recorded_window_is_being_closed(clip: str, tmp_path: Path) -> None:
    with Program(tmp_path, "run", "skeleton", "--source", clip, "--save-video", "out.mp4") as program:
        program.until(lambda: partial_bytes(tmp_path) > 200_000)
        for _ in range(20):
            if program.process.poll() is None:
                ctrl_c(program)
                program.children()
                signal.sigtimedwait([], 0.02)
        ended(program, "closing a recorded window", 0)
    assert films(tmp_path) == ["out.mp4"]
    assert frames_in(tmp_path / "out.mp4") > 10


def test_a_second_one_breaks_off_a_sketch_that_does_not_end(
    clip: str, tmp_path: Path, receiver: Receiver
) -> None:
    sketch = tmp_path / "mine.py"
    sketch.write_text(
        "import sys, time\n\n\ndef draw(): pass\n\n\n"
        "def close():\n    print('closing', file=sys.stderr, flush=True)\n    time.sleep(60)\n"
    )
    target = f"127.0.0.1:{receiver.port}"
    with Program(tmp_path, "run", str(sketch), "--source", clip, "--osc", target) as program:
        program.until(lambda: receiver.hear().is_live)
        ctrl_c(program)
        program.until(lambda: program.has_said("closing"), RECOVERY_SECONDS)
        ctrl_c(program)
        ended(program, "the sketch hangs in close", 0)
    assert receiver.hear().is_neutral
