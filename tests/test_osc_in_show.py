"""OSC in through the real thing: a show is steered by another program, and says where it listens."""

from __future__ import annotations

import contextlib
import json
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from fault_world import Program, Receiver
from pythonosc.osc_message_builder import OscMessageBuilder

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")

DIARY = """
import json
from posekit import Param, Sketch

size = (320, 180)

class Diary(Sketch):
    size = (320, 180)
    speed = Param(1.0, 0, 5)

    def setup(self):
        self.file = open("diary.jsonl", "w", buffering=1)

    def note(self, *what):
        self.file.write(json.dumps(what) + "\\n")

    def on_leave(self, person, event):
        self.note("leave", event.reason)

    def on_param(self, name, value):
        self.note("param", name, value, self.speed)

    def on_osc(self, address, *args):
        self.note("osc", address, *args)
        self.osc.send("/heard", address, self.speed)

    def draw(self, people, health):
        if health.paused and not people:
            self.osc.send("/quiet", 1)

    def close(self):
        self.file.close()
"""
CROWD = ["--source", "synthetic:people=3,seed=7,seconds=600"]


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@pytest.fixture
def receiver():
    receiver = Receiver()
    yield receiver
    receiver.close()


class Controller:
    """Somebody else's program."""

    def __init__(self, port: int) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.connect(("127.0.0.1", port))
        self.socket.settimeout(5)

    def send(self, address: str, *arguments) -> None:
        builder = OscMessageBuilder(address)
        for argument in arguments:
            builder.add_arg(argument)
        self.socket.send(builder.build().dgram)


def diary(folder: Path) -> list[list]:
    path = folder / "diary.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def hears(receiver: Receiver, address: str, value: object) -> bool:
    return receiver.hear().last.get(address) == value


def test_a_show_in_a_window_is_steered_from_outside(tmp_path: Path, receiver: Receiver) -> None:
    (tmp_path / "diary.py").write_text(DIARY)
    port = free_port()
    options = [*CROWD, "--osc", f"{receiver.port}", "--osc-in", str(port)]
    with Program(tmp_path, "run", "diary.py", *options) as program:
        program.until(lambda: receiver.hear().is_live)
        assert program.has_said(f"OSC in: 127.0.0.1:{port}")
        program.until(lambda: hears(receiver, "/param/speed", 1.0))
        controller = Controller(port)
        with controller.socket:
            controller.send("/posekit/pause", 1)
            controller.send("/posekit/pause", 0)
            program.until(lambda: hears(receiver, "/health/paused", 1))
            program.until(lambda: hears(receiver, "/quiet", 1))
            assert receiver.last["/count"] == 0
            controller.send("/param/speed", 9)
            controller.send("/my/own", "hello", 2)
            program.until(lambda: hears(receiver, "/heard", "/my/own"))
            assert receiver.last["/param/speed"] == 5.0
            controller.send("/posekit/resume")
            program.until(lambda: hears(receiver, "/health/paused", 0))
            program.until(lambda: receiver.hear().last["/count"] > 0)
            controller.send("/posekit/reset")
            controller.send("/ping", 7)
            assert controller.socket.recv(99).startswith(b"/pong\0\0\0,i")
            controller.socket.send(b"nonsense")
            program.until(lambda: ["leave", "reset"] in diary(tmp_path))
        program.process.send_signal(signal.SIGINT)
        program.process.wait(10)
        assert program.process.returncode == 0
    told = diary(tmp_path)
    assert ["leave", "paused"] in told
    assert [one for one in told if one[0] in ("param", "osc")] == [
        ["param", "speed", 5.0, 5.0],
        ["osc", "/my/own", "hello", 2],
    ]
    assert program.has_said("OSC in: paused: nobody is looked for")
    assert program.said[-1].endswith(" packets; 1 not readable as OSC")


def test_send_without_a_sketch_is_steered_too(tmp_path: Path, receiver: Receiver) -> None:
    port = free_port()
    options = [*CROWD, "--osc", f"{receiver.port}", "--osc-in", str(port)]
    with Program(tmp_path, "send", "--no-preview", *options) as program:
        program.until(lambda: receiver.hear().is_live)
        controller = Controller(port)
        with controller.socket:
            controller.send("/posekit/pause")
            program.until(lambda: hears(receiver, "/health/paused", 1))
            controller.send("/param/speed", 1)
            program.until(lambda: program.has_said("there is no parameter 'speed': the sketch has none"))


def render(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    crowd = ["--source", "synthetic:people=1,seed=7,seconds=1", "--headless"]
    return subprocess.run(
        [sys.executable, "-m", "posekit", "run", "skeleton", *crowd, *options],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_a_file_that_is_rendered_listens_only_when_told(tmp_path: Path) -> None:
    port = free_port()
    done = render(tmp_path)
    assert (done.returncode, "OSC in" in done.stderr) == (0, False), done.stderr
    done = render(tmp_path, "--osc-in", str(port))
    assert (done.returncode, f"OSC in: 127.0.0.1:{port}\n" in done.stderr) == (0, True), done.stderr


WRONG = {
    "7000x": (2, "posekit: osc-in: '7000x' is no place to listen at; write a port (7001), "),
    "99999": (2, "posekit: osc-in: 99999 is not a port"),
    "no.such.host.invalid:7101": (1, "posekit: osc-in: cannot listen at no.such.host.invalid:7101"),
}


@pytest.mark.parametrize("given", WRONG)
def test_a_place_that_cannot_be_is_one_sentence(tmp_path: Path, given: str) -> None:
    code, sentence = WRONG[given]
    done = render(tmp_path, "--osc-in", given)
    assert done.returncode == code
    assert done.stderr.splitlines()[-1].startswith(sentence)
    assert "Traceback" not in done.stderr


def test_a_port_that_is_taken_is_one_sentence_with_the_program_that_has_it(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
        done = render(tmp_path, "--osc-in", str(port))
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert last.startswith(f"posekit: osc-in: 127.0.0.1:{port} is in use by ")
    assert "; close it, or listen elsewhere, as in --osc-in " in last


def test_a_second_show_goes_on_without_the_usual_port(tmp_path: Path, receiver: Receiver) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        with contextlib.suppress(OSError):  # if somebody has it already that is as good
            other.bind(("127.0.0.1", 7001))
        with Program(tmp_path, "send", "--no-preview", *CROWD, "--osc", f"{receiver.port}") as program:
            program.until(lambda: receiver.hear().is_live)
            lines = [line for line in program.said if line.startswith("OSC in: ")]
    assert len(lines) == 1
    assert lines[0].startswith("OSC in: off, because 127.0.0.1:7001 is in use by ")
    assert lines[0].endswith("; --osc-in PORT listens elsewhere")
