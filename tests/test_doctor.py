"""`posekit doctor`: every check says what is so, and what to do; nothing can hang it, nothing is fetched."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from fault_world import changed_python
from mjpeg import Camera, Wire
from test_privacy import OUTWARDS, families, linux_only, talks

from posekit.doctor import camera, examine, machine, models, network
from posekit.doctor.child import Child
from posekit.doctor.finding import Finding
from posekit.doctor.firewall import find_firewall
from posekit.ports import program_name
from posekit.settings import Settings

CAMERA_0 = """
import os, sys, time
mode = os.environ.get("CAMERA_MODE")
if mode and any("camera_child" in word for word in sys.orig_argv):
    import cv2, numpy
    class Camera:
        def __init__(self, what, *more):
            self.at = 0
            if mode == "does not open": time.sleep(60)
            if mode == "crashes": os.abort()
        def isOpened(self): return mode != "is not there"
        def getBackendName(self): return "V4L2"
        def get(self, number): return {3: 640.0, 4: 480.0, 5: 30.0}.get(number, 0.0)
        def set(self, number, value): return True
        def release(self): pass
        def grab(self):
            time.sleep(60 if mode == "hangs" and self.at > 10 else 0.1 if mode == "slow" else 0.033)
            self.at += 1
            return True
        def retrieve(self):
            level = {"black": 0, "dark": 24}.get(mode, 90)
            picture = numpy.full((480, 640, 3), level, numpy.uint8)
            picture[:, :, 0] += 0 if mode in ("frozen", "black") else self.at % 12
            return True, picture
    cv2.VideoCapture = Camera
"""


def look(settings: Settings) -> dict[str, Finding]:
    """Return what is found, by the name of the check; the last of each."""
    return {finding.check: finding for finding in examine.examine(settings)}


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave libraries and model out: they are looked at once, and take the longest."""
    monkeypatch.setattr(examine, "wanted_libraries", lambda: ())
    monkeypatch.setattr(machine, "wanted_libraries", lambda: ())
    monkeypatch.setenv("POSEKIT_ASSETS", "")


def camera_finding(source: str, size: tuple[int, int] = (640, 480), seconds: float = 8.0) -> Finding:
    order = {"source": source, "size": size}
    with Child("posekit.doctor.camera_child", order) as child:
        (finding,) = camera.describe_camera(child, child.wait(seconds), source)
    return finding


@pytest.mark.parametrize(
    ("mode", "level", "words"),
    [
        ("works", "ok", "camera 0, 640x480 at 30 fps; its picture moves"),
        ("frozen", "trouble", "the very same picture again and again"),
        ("is not there", "trouble", "camera 0 cannot be opened"),
        ("hangs", "trouble", "camera 0 hangs: its driver has not answered"),
        ("crashes", "trouble", "took the process down"),
    ],
)
def test_a_camera_is_opened_and_watched(mode: str, level: str, words: str, tmp_path: Path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", changed_python(tmp_path, CAMERA_0))
    monkeypatch.setenv("CAMERA_MODE", mode)
    finding = camera_finding("0")
    assert finding.level == level, finding
    assert words.split(";")[0] in finding.found
    assert words.split("; ")[-1] in finding.found
    assert bool(finding.todo) == (level != "ok")


@pytest.mark.parametrize(("mode", "word"), [("dark", "dark: "), ("black", None), ("frozen", None)])
def test_a_dark_room_is_told_where_there_is_a_picture(
    mode: str, word: str | None, tmp_path: Path, monkeypatch
):
    monkeypatch.setenv("PYTHONPATH", changed_python(tmp_path, CAMERA_0))
    monkeypatch.setenv("CAMERA_MODE", mode)
    order = {"source": "0", "size": (640, 480), "controls": {"exposure": 100, "gain": 3}}
    with Child("posekit.doctor.camera_child", order) as child:
        assert child.wait(10.0)
        findings = camera.describe_light(child)
    assert [finding.level for finding in findings] == (["warning"] if word else [])
    assert all(word in finding.found for finding in findings)


@pytest.mark.parametrize(
    ("seen", "level", "words"),
    [
        ({}, "ok", "its picture moves, 30 a second"),
        ({"state": "black"}, "warning", "it shows black"),
        ({"state": "frozen"}, "trouble", "the very same picture"),
        ({"state": "lost"}, "trouble", "it delivers no picture"),
        ({"pictures": 0}, "trouble", "it delivers no picture"),
        ({"pictures": 22}, "warning", "its picture moves, 10 a second"),
    ],
)
def test_what_was_seen_is_judged(seen: dict, level: str, words: str):
    opened = {"description": "camera 0, 640x480 at 30 fps", "is_live": True}
    usual = {"pictures": 66, "seconds": 2.2, "announced": 30.0, "state": "ok"}
    finding = camera._judge(opened, usual | seen)
    assert (finding.level, words in finding.found) == (level, True), finding
    assert bool(finding.todo) == (level != "ok")
    assert camera._judge(opened | {"is_live": False}, usual | seen).level == "ok"


def test_a_driver_that_does_not_come_back_is_left_behind(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", changed_python(tmp_path, CAMERA_0))
    monkeypatch.setenv("CAMERA_MODE", "does not open")
    began = time.monotonic()
    finding = camera_finding("0", seconds=2.0)
    assert time.monotonic() - began < 4.0
    assert (finding.level, finding.found) == ("trouble", "0 does not open in time")
    assert "unplug it" in finding.todo


def test_a_stream_and_a_file_are_looked_at_as_a_show_would(tmp_path: Path):
    def moving(wire: Wire) -> None:
        rng = np.random.default_rng(1)
        while True:
            wire.jpeg(rng.integers(60, 200, (120, 160, 3), np.uint8))

    with Camera(moving) as stream:
        finding = camera_finding(stream.address)
    assert finding.level == "ok"
    assert "its picture moves" in finding.found
    finding = camera_finding(str(tmp_path / "no.mp4"))
    assert (finding.level, "there is no" in finding.found) == ("trouble", True)
    assert camera_finding("synthetic:people=2,seconds=1").level == "ok"


def test_who_has_the_camera_is_named(tmp_path: Path):
    held = tmp_path / "video7"
    held.write_text("")
    with held.open() as _:
        assert camera.holders(held) == []  # ourselves
    with subprocess.Popen(
        [sys.executable, "-c", "import sys; f = open(sys.argv[1]); print(1, flush=True); input()", str(held)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as other:
        other.stdout.readline()
        if sys.platform.startswith("linux"):
            assert camera.holders(held) == [other.pid]
            assert program_name(other.pid).startswith("python")
        other.communicate(b"\n")


def test_the_whole_of_it_in_ten_seconds_without_camera_or_display(assets_folder: Path, tmp_path: Path):
    environment = {
        name: value for name, value in os.environ.items() if name not in ("DISPLAY", "SDL_VIDEODRIVER")
    }
    environment["POSEKIT_CACHE"] = os.environ["POSEKIT_CACHE"]
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "posekit", "doctor", "--json"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    spent = time.monotonic() - began
    told = json.loads(done.stdout)
    found = {one["check"]: one for one in told["findings"]}
    assert done.stderr == ""
    assert done.returncode == (1 if told["trouble"] else 0)
    assert spent < 14.0  # on a machine that does other things as well; 4 s alone
    assert set(found) >= {
        "camera",
        "model",
        "OSC out",
        "OSC in",
        "echo",
        "firewall",
        "disk",
        "memory",
        "versions",
    }
    if not Path("/dev/video0").exists():
        assert found["camera"]["level"] == "warning"
    assert found["echo"]["level"] == "ok"
    assert "ms a picture, sha256 right" in found["model"]["found"]
    assert all(one["todo"] for one in told["findings"] if one["level"] != "ok")


@linux_only
def test_nothing_goes_to_another_machine_and_nothing_is_fetched(tool, tmp_path: Path):
    trace, cache = tmp_path / "trace", tmp_path / "cache"
    words = ["doctor", "--json", "--osc", "7000", "--osc", "198.51.100.9:7000", "--osc", "stage.invalid:7000"]
    words += ["--source", "http://198.51.100.9/camera"]
    done = subprocess.run(
        [
            tool("strace"),
            "-f",
            "-qq",
            "-e",
            "trace=network",
            "-o",
            str(trace),
            sys.executable,
            "-m",
            "posekit",
            *words,
        ],
        env={
            **os.environ,
            "POSEKIT_CACHE": str(cache),
            "POSEKIT_ASSETS": "",
            "http_proxy": "http://192.0.2.1:3128",
        },
        capture_output=True,
        text=True,
        timeout=90,
    )
    told = {one["check"] + one["found"][:9]: one for one in json.loads(done.stdout)["findings"]}
    written = trace.read_text()
    assert "INET" in families(written)
    outside = [
        talk for talk in talks(written) if talk.call in OUTWARDS and talk.host not in ("127.0.0.1", "::1")
    ]
    assert outside == []
    assert not list(cache.glob("*"))
    found = {one["found"]: one for one in told.values()}
    assert any("not looked at, as it is on another machine" in text for text in found)
    assert any("198.51.100.9 is in no network of this machine" in text for text in found)
    assert any("the name stage.invalid is not looked up" in text for text in found)
    (model,) = [one for one in told.values() if one["check"] == "model"]
    assert (model["level"], "posekit models get posenet-481x353" in model["todo"]) == ("warning", True)


def test_ports_are_looked_at_and_their_owner_is_named(quick):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
        (finding,) = network.check_targets(Settings(osc=(str(port),)))
        assert (finding.level, f"this very program listens at port {port}" in finding.found) == ("ok", True)
    (finding,) = network.check_targets(Settings(osc=(f"{port}:kinect",)))
    assert (finding.level, finding.found) == (
        "warning",
        f"127.0.0.1:{port}:kinect: nobody listens at port {port} yet",
    )
    assert finding.todo.endswith(f"posekit listen {port}")
    (finding,) = network.check_targets(Settings(osc=("7000:kinekt",)))
    assert (finding.level, "did you mean 'kinect'" in finding.found) == ("trouble", True)
    assert network.check_targets(Settings(osc=("off",)))[0].level == "ok"
    assert network.check_echo()[0].level == "ok"


def test_the_ports_that_a_show_listens_at_are_looked_at(quick):
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        (finding,) = network.check_web(Settings(web=str(port)))
        assert (finding.level, finding.check) == ("trouble", "web")
        assert finding.found == f"port {port} is in use by this very program"
    (finding,) = network.check_web(Settings(web=str(port)))
    assert (finding.level, finding.found) == ("ok", f"port {port} is free")
    (finding,) = network.check_web(Settings(web="80a"))
    assert (finding.level, "PORT or HOST:PORT" in finding.found) == ("trouble", True)
    (finding,) = network.check_web(Settings(web="198.51.100.9:8080"))
    assert (finding.level, "cannot serve at 198.51.100.9:8080" in finding.found) == ("trouble", True)
    assert network.check_web(Settings()) == []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
        (finding,) = network.check_osc_in(Settings(osc_in=str(port)))
        assert (finding.level, finding.found) == ("trouble", f"port {port} is in use by this very program")
    (finding,) = network.check_osc_in(Settings(osc_in="198.51.100.9:7001"))
    assert (finding.level, "cannot listen at 198.51.100.9:7001" in finding.found) == ("trouble", True)
    (finding,) = network.check_osc_in(Settings(osc_in="70a"))
    assert (finding.level, "is no place to listen at" in finding.found) == ("trouble", True)


def test_a_check_that_fails_itself_is_one_finding(quick, monkeypatch):
    monkeypatch.setattr(examine, "check_disk", lambda: 1 / 0)
    found = look(Settings(source="synthetic:seconds=1", osc=("off",)))
    assert found["disk"].level == "trouble"
    assert "ZeroDivisionError" in found["disk"].found
    assert found["memory"].level in ("ok", "warning")


def test_packages_that_overwrite_each_other_are_trouble(monkeypatch):
    monkeypatch.setattr(
        machine, "_version", lambda name: "1.0" if "opencv" in name or "pygame" in name else ""
    )
    clashes = [finding for finding in machine.check_versions() if finding.level == "trouble"]
    assert [finding.check for finding in clashes] == ["packages", "packages"]
    assert "opencv-python and opencv-python-headless" in clashes[0].found
    assert "pip install pygame" in clashes[1].todo
    monkeypatch.undo()
    assert [finding.level for finding in machine.check_versions()] == ["ok"]


def test_a_library_that_is_missing_is_named_as_debian_names_it(tmp_path: Path, monkeypatch):
    assert machine.mend("cv2", "ImportError: libGL.so.1: cannot open shared object file") == (
        "Debian, Ubuntu: sudo apt install libgl1 libglib2.0-0"
    )
    code = "import sys\nif any('parts_child' in word for word in sys.orig_argv):\n"
    code += " class Broken:\n  def find_spec(self, name, *_):\n"
    code += "   if name == 'cv2': raise ImportError('libGL.so.1: cannot open shared object file')\n"
    code += "   if name == 'pygame': import os; os.abort()\n"
    code += " sys.meta_path.insert(0, Broken())\n"
    monkeypatch.setenv("PYTHONPATH", changed_python(tmp_path, code))
    with Child("posekit.doctor.parts_child", {"libraries": ["cv2", "pygame"], "settings": {}}) as child:
        in_time = child.wait(10)
        monkeypatch.setattr(machine, "wanted_libraries", lambda: ("cv2", "pygame"))
        libgl, pygame = machine.describe_libraries(child, in_time)
        assert models.describe_model(child, in_time) == []
    assert (libgl.level, "libgl1" in libgl.todo) == ("trouble", True)
    assert "takes the process down" in pygame.found


@pytest.mark.parametrize(
    ("choice", "ran", "level", "words"),
    [
        ({}, {}, "ok", "27 ms a picture, sha256 right"),
        ({"missing": "posenet-481x353"}, {}, "warning", "it sees one person, as posenet-481x353 is not here"),
        ({"damaged": ["a.tflite"]}, {}, "warning", "damaged in the cache: a.tflite"),
        ({"file": "", "damaged": ["a.tflite"]}, {}, "warning", "is not here yet; damaged in the cache"),
        ({"reason": "unknown model"}, {}, "trouble", "unknown model"),
        ({}, {"reason": "it cannot run here"}, "trouble", "it cannot run here"),
        ({}, {"reason": "ImportError: libGL.so.1"}, "trouble", "without a library"),
    ],
)
def test_a_model_is_judged(choice: dict, ran: dict, level: str, words: str):
    whole = {"name": "posenet-481x353", "file": "/m.tflite", "damaged": [], "missing": ""} | choice
    finding = models.judge(whole, {"description": "PoseNet 481x353", "milliseconds": 27.4} | ran)
    assert (finding.level, words in finding.found) == (level, True), finding
    assert bool(finding.todo) == (level != "ok")


def test_a_damaged_model_is_seen_before_it_is_put_away(asset, tmp_path: Path, monkeypatch):
    from posekit.assets import find_asset

    monkeypatch.setenv("POSEKIT_CACHE", str(tmp_path))
    monkeypatch.setenv("POSEKIT_ASSETS", "")
    file = find_asset("posenet-481x353").files[0]
    (tmp_path / f"{file.sha256[:16]}-{file.file}").write_bytes(b"half a file")
    choice = models.choose_model(Settings())
    assert choice.damaged == (f"{file.sha256[:16]}-{file.file}",)
    assert choice.file is None


def test_disk_and_memory(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("POSEKIT_CACHE", str(tmp_path / "not" / "there"))
    assert machine.check_disk()[0].level == "ok"
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10, 9, 1 << 20))
    assert machine.check_disk()[0].level == "warning"
    monkeypatch.setenv("POSEKIT_ASSETS", str(tmp_path / "none"))
    assert machine.check_disk()[0].level == "trouble"


def test_every_system_has_words_for_its_firewall(tmp_path: Path):
    on = tmp_path / "ufw.conf"
    on.write_text("ENABLED=yes\n")
    assert find_firewall(7001, "linux", on).hint == "sudo ufw allow 7001/udp"
    assert "Private" in find_firewall(7001, "win32").hint or "private" in find_firewall(7001, "win32").hint
    assert "System Settings" in find_firewall(7001, "darwin").hint
