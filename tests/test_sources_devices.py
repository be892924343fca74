"""Cameras by name and by socket, out of a made-up Linux; and what a camera grants, refuses or bends."""

from __future__ import annotations

import json
import shlex
import struct
import sys
from contextlib import closing
from pathlib import Path
from typing import ClassVar

import cv2
import numpy as np
import pytest

from posekit.cli.small import cameras as cameras_command
from posekit.clock import SystemClock
from posekit.errors import SourceError
from posekit.frame import Frame
from posekit.sources import camera as camera_module
from posekit.sources.camera import CameraOpener, find_again, paste, pick_camera
from posekit.sources.controls import ask, describe
from posekit.sources.devices import (
    Camera,
    Capability,
    ask_driver,
    linux_cameras,
    read_capability,
    read_mac_names,
    tidy_name,
    usb_port,
)
from posekit.sources.live import LiveSource
from posekit.sources.reader import Limits
from posekit.sources.request import CameraControls, CameraRequest

CAPTURE, OUTPUT, META, STREAMING, M2M, MC = 0x1, 0x2, 0x00800000, 0x04000000, 0x4000, 0x20000000
PC = "sys/devices/pci0000:00/0000:00:14.0/usb1"
PI = "sys/devices/platform/axi/1000480000.usb/usb3"


class Machine:
    """A root folder with cameras in it, and drivers that answer."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.flags: dict[str, tuple[str, int]] = {}

    def add(self, number: int, name: str, device: str, flags: int | None = CAPTURE, index: int = 0) -> None:
        folder = self.root / device / f"video4linux/video{number}"
        folder.mkdir(parents=True)
        (folder / "name").write_text(f"{name}\n")
        (folder / "index").write_text(f"{index}\n")
        listed = self.root / "sys/class/video4linux"
        listed.mkdir(parents=True, exist_ok=True)
        (listed / folder.name).symlink_to(folder)
        if flags is not None:
            self.flags[folder.name] = (f"platform:{name}", flags | STREAMING)

    def ask(self, node: Path) -> Capability | None:
        found = self.flags.get(node.name)
        return Capability(*found) if found else None

    @property
    def cameras(self) -> tuple[Camera, ...]:
        return linux_cameras(self.root, self.ask)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_a_machine_without_cameras(machine: Machine) -> None:
    assert machine.cameras == ()


def test_two_cameras_of_one_make_are_told_apart_by_their_sockets(machine: Machine) -> None:
    machine.add(10, "C920: C920", f"{PC}/1-2/1-2.4/1-2.4:1.0")
    machine.add(11, "C920: C920", f"{PC}/1-2/1-2.4/1-2.4:1.0", META, 1)
    machine.add(2, "C920: C920", f"{PC}/1-3/1-3:1.0")
    machine.add(3, "C920: C920", f"{PC}/1-3/1-3:1.0", META, 1)
    near, far = machine.cameras
    assert near == Camera(2, "C920", "usb-0000:00:14.0-3")
    assert far == Camera(10, "C920", "usb-0000:00:14.0-2.4")
    assert pick_camera("c920@usb-0000:00:14.0-2.4", machine.cameras) == far
    assert pick_camera("@usb-0000:00:14.0-3", machine.cameras) == near
    with pytest.raises(SourceError, match=r"fits several cameras; use --source camera:C920@usb.* or"):
        pick_camera("C920", machine.cameras)


def test_what_is_printed_can_be_pasted(machine: Machine) -> None:
    machine.add(0, "Bob's HD & Co: Bob's HD & Co", f"{PC}/1-1/1-1:1.0")
    (camera,) = machine.cameras
    option, text = shlex.split(paste(camera))
    assert (option, text) == ("--source", "camera:Bob's HD & Co@usb-0000:00:14.0-1")
    assert pick_camera(text.removeprefix("camera:"), machine.cameras) == camera
    assert paste(Camera(4, "x")) == "--source 4"


def test_a_raspberry_pi_has_many_video_devices_and_one_camera(machine: Machine) -> None:
    soc = "sys/devices/platform/soc"
    machine.add(10, "bcm2835-codec-decode", f"{soc}/codec", M2M)
    machine.add(13, "bcm2835-isp", f"{soc}/isp", OUTPUT)
    machine.add(14, "bcm2835-isp", f"{soc}/isp", CAPTURE)
    machine.add(19, "rpi-hevc-dec", f"{soc}/hevc", M2M)
    machine.add(20, "pispbe-output0", f"{soc}/pisp", CAPTURE | MC)
    machine.add(21, "some-front-end", f"{soc}/csi", CAPTURE | MC)
    machine.add(22, "an unknown codec", f"{soc}/other", M2M | CAPTURE)
    machine.add(0, "Logitech BRIO", f"{PI}/3-1/3-1:1.0")
    assert machine.cameras == (Camera(0, "Logitech BRIO", "usb-1000480000.usb-1"),)


def test_where_the_driver_cannot_be_asked_the_first_node_is_the_camera(machine: Machine) -> None:
    machine.add(0, "Cam", f"{PC}/1-1/1-1:1.0", None)
    machine.add(1, "Cam", f"{PC}/1-1/1-1:1.0", None, 1)
    assert [camera.number for camera in machine.cameras] == [0]
    assert linux_cameras(machine.root)[0].number == 0  # there is no /dev below this root to be asked


def test_one_device_with_two_pictures_is_one_camera_by_name(machine: Machine) -> None:
    machine.add(0, "Depth", f"{PC}/1-1/1-1:1.0")
    machine.add(2, "Depth", f"{PC}/1-1/1-1:1.3")
    assert len(machine.cameras) == 2
    assert pick_camera("depth", machine.cameras).number == 0


def test_a_camera_that_is_not_on_usb_is_where_its_driver_says(machine: Machine) -> None:
    machine.add(0, "unicam", "sys/devices/platform/csi")
    assert machine.cameras == (Camera(0, "unicam", "platform:unicam"),)


def test_a_camera_known_by_number_is_found_again_by_its_socket() -> None:
    camera, other = Camera(0, "C920", "usb-a-1"), Camera(2, "C920", "usb-a-2")
    assert find_again(0, (camera, other), None) == camera
    moved = Camera(4, "C920", "usb-a-1")
    assert find_again(0, (other, moved), camera) == moved
    swapped = Camera(0, "BRIO", "usb-a-1")
    assert find_again(0, (other, swapped), camera) == swapped
    assert find_again(0, (other,), camera) is None
    assert find_again(2, (camera, other._replace(port="usb-a-1")), camera) == other._replace(port="usb-a-1")
    nameless = Camera(1, "loopback")
    assert find_again(1, (nameless,), nameless) == nameless
    assert find_again(1, (), nameless) is None


def test_names_that_are_not_right() -> None:
    cameras = (Camera(0, "Logitech BRIO", "usb-a-1"), Camera(2, "mail@home", "usb-a-2"))
    with pytest.raises(SourceError, match="did you mean 'Logitech BRIO'"):
        pick_camera("Logitec BRIO", cameras)
    with pytest.raises(SourceError, match=r"there is: 0 \(Logitech BRIO@usb-a-1\), 2"):
        pick_camera("Logitech@usb-a-7", cameras)
    with pytest.raises(SourceError, match="--source sample"):
        pick_camera("Logitech", ())
    assert pick_camera("mail@home", cameras).number == 2
    assert pick_camera("mail@home@usb-a-2", cameras).number == 2


@pytest.mark.parametrize(
    ("path", "port"),
    [
        (f"/{PC}/1-2/1-2:1.0/video4linux/video0", "usb-0000:00:14.0-2"),
        (f"/{PC}/1-2/1-2.1/1-2.1.4/1-2.1.4:1.0/video4linux/video0", "usb-0000:00:14.0-2.1.4"),
        ("/sys/devices/virtual/video4linux/video0", ""),
        ("/sys/devices/platform/vhci_hcd.0/usb5/5-1/5-1:1.0/video4linux/video3", "usb-vhci_hcd.0-1"),
    ],
)
def test_the_socket_of_a_path(path: str, port: str) -> None:
    assert usb_port(Path(path)) == port


def test_the_driver_s_answer_is_read() -> None:
    answer = struct.pack(
        "<16s32s32s6I", b"uvcvideo", b"C920", b"usb-0000:00:14.0-2", 6, 0x84A00001, 0x1, 0, 0, 0
    )
    assert len(answer) == 104
    assert read_capability(answer) == Capability("usb-0000:00:14.0-2", 1)
    assert read_capability(answer).is_camera
    old = struct.pack("<16s32s32s6I", b"old", b"card", b"bus", 3, CAPTURE, 0, 0, 0, 0)
    assert read_capability(old).is_camera


def test_what_is_no_device_is_not_asked(tmp_path: Path) -> None:
    (tmp_path / "video0").write_bytes(b"")
    assert ask_driver(tmp_path / "video0") is None
    assert ask_driver(tmp_path / "video1") is None


def test_names_are_said_once() -> None:
    assert tidy_name("HD Webcam: HD Webcam") == "HD Webcam"
    assert tidy_name("Integrated_Webcam_HD: Integrate") == "Integrated_Webcam_HD"
    assert tidy_name("Cam: Infrared") == "Cam: Infrared"
    assert tidy_name(" Plain ") == "Plain"


def test_a_mac_tells_names_in_the_order_of_their_ids() -> None:
    entries = [
        {"_name": "USB Camera", "spcamera_unique-id": "0x14200000046d0825"},
        {"_name": "FaceTime HD Camera", "spcamera_unique-id": "0x1"},
    ]
    answer = json.dumps({"SPCameraDataType": entries}).encode()
    assert read_mac_names(answer) == ["FaceTime HD Camera", "USB Camera"]
    for nonsense in (b"", b"[]", b"{}", b'{"SPCameraDataType": [{"_name": "x"}]}'):
        assert read_mac_names(nonsense) == []


class Driver:
    """A camera's properties: it takes what it knows, within its ranges."""

    def __init__(self, backend: str = "V4L2", **ranges: tuple[float, float]) -> None:
        self.backend = backend
        self.ranges = {getattr(cv2, f"CAP_PROP_{name}"): value for name, value in ranges.items()}
        self.values: dict[int, float] = {}

    def get(self, number: int) -> float:
        return self.values.get(number, 0.0)

    def set(self, number: int, value: float) -> bool:
        if number not in self.ranges:
            return False
        low, high = self.ranges[number]
        self.values[number] = min(max(value, low), high)
        return True


FULL = {
    "FOURCC": (0, 2**32),
    "FRAME_WIDTH": (160, 1920),
    "FRAME_HEIGHT": (120, 1080),
    "FPS": (5, 60),
    "AUTO_EXPOSURE": (1, 3),
    "EXPOSURE": (3, 2047),
    "AUTO_WB": (0, 1),
    "WB_TEMPERATURE": (2000, 7500),
    "AUTOFOCUS": (0, 1),
    "FOCUS": (0, 250),
    "GAIN": (0, 255),
}
LOCKED = CameraControls(exposure=156, white_balance=4600, focus=30, gain=16)


def test_a_good_camera_grants_everything() -> None:
    driver = Driver(**FULL)
    assert ask(driver, CameraRequest(controls=LOCKED)) == []
    assert describe(driver, (1280, 720), 30.0) == "1280x720 at 30 fps, MJPG"
    assert driver.get(cv2.CAP_PROP_AUTO_EXPOSURE) == 1  # V4L2: manual
    assert driver.get(cv2.CAP_PROP_EXPOSURE) == 156
    assert driver.get(cv2.CAP_PROP_AUTO_WB) == 0
    assert driver.get(cv2.CAP_PROP_FOCUS) == 30


def test_automatic_is_switched_on_in_each_system_s_own_way() -> None:
    automatic = CameraControls("auto", "auto", "auto")
    linux, windows = Driver(**FULL), Driver("MSMF", **{**FULL, "AUTO_EXPOSURE": (0, 1)})
    assert ask(linux, CameraRequest(controls=automatic)) == []
    assert ask(windows, CameraRequest(controls=automatic)) == []
    assert linux.get(cv2.CAP_PROP_AUTO_EXPOSURE) == 3
    assert windows.get(cv2.CAP_PROP_AUTO_EXPOSURE) == 1


def test_nothing_is_touched_that_nobody_asked_for() -> None:
    driver = Driver(**FULL)
    ask(driver, CameraRequest())
    assert set(driver.values) == {
        cv2.CAP_PROP_FOURCC,
        cv2.CAP_PROP_FRAME_WIDTH,
        cv2.CAP_PROP_FRAME_HEIGHT,
        cv2.CAP_PROP_FPS,
    }


def test_what_is_bent_or_refused_is_told_one_by_one() -> None:
    driver = Driver(
        **{
            **FULL,
            "FRAME_WIDTH": (160, 640),
            "FRAME_HEIGHT": (120, 480),
            "FPS": (5, 15),
            "EXPOSURE": (3, 100),
        }
    )
    for name in ("FOCUS", "AUTOFOCUS", "GAIN"):
        del driver.ranges[getattr(cv2, f"CAP_PROP_{name}")]
    assert ask(driver, CameraRequest(controls=LOCKED)) == [
        "asked for 1280x720, got 640x480",
        "asked for 30 fps, got 15",
        "asked for exposure 156, got 100",
        "asked for focus 30, which it refuses",
        "asked for gain 16, which it refuses",
    ]
    assert ask(driver, CameraRequest((640, 480), 15, CameraControls(focus="auto"))) == [
        "asked for automatic focus, which it refuses"
    ]


def test_an_automatic_that_cannot_be_turned_off_is_told() -> None:
    driver = Driver(**FULL)
    driver.values[cv2.CAP_PROP_AUTO_WB] = 1.0
    del driver.ranges[cv2.CAP_PROP_AUTO_WB]
    assert ask(driver, CameraRequest(controls=CameraControls(white_balance=4600))) == [
        "asked for white balance to be locked, but it stays automatic"
    ]


def test_a_format_without_letters_is_left_out() -> None:
    driver = Driver("MSMF")
    assert describe(driver, (640, 480), 29.97) == "640x480 at 29.97 fps"
    driver.values[cv2.CAP_PROP_FOURCC] = 22.0
    assert describe(driver, (640, 480), 30) == "640x480 at 30 fps"


class Plugged(Driver):
    """An open camera, as `Capture` is one, which delivers four pictures and is then pulled out."""

    opened: ClassVar[list[Plugged]] = []
    is_open, size, rate = True, (1280, 720), 30.0

    def __init__(self, number: int) -> None:
        super().__init__(**FULL)
        self.number, self.pictures = number, 4
        self.opened.append(self)

    def grab(self) -> bool:
        self.pictures -= 1
        return self.pictures >= 0

    def retrieve(self) -> np.ndarray:
        return np.full((72, 128, 3), 100 + self.pictures, np.uint8)

    def release(self) -> None:
        pass


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere cameras are not listed")
def test_a_camera_comes_back_with_another_number_and_is_locked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [(Camera(0, "C920", "usb-a-1"),), (), (), (Camera(3, "C920", "usb-a-1"),)]
    monkeypatch.setattr(
        camera_module, "linux_cameras", lambda: answers.pop(0) if len(answers) > 1 else answers[0]
    )
    monkeypatch.setattr(camera_module, "Capture", Plugged)
    monkeypatch.setattr(Plugged, "opened", [])
    source = LiveSource(
        "camera C920",
        SystemClock(),
        CameraOpener("camera:C920@usb-a-1", CameraRequest(controls=LOCKED)),
        is_camera=True,
        limits=Limits(beat=0.02, retries=(0.02,)),
    )
    with closing(source):
        assert source.description == "camera C920, 1280x720 at 30 fps, MJPG"
        assert any(len(Plugged.opened) == 2 and isinstance(seen, Frame) for seen in source.frames())
    assert [plugged.number for plugged in Plugged.opened[:2]] == [0, 3]
    assert [plugged.get(cv2.CAP_PROP_EXPOSURE) for plugged in Plugged.opened[:2]] == [156, 156]


def test_the_command_lists_cameras_ready_to_paste(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = (Camera(0, "Logitech BRIO", "usb-a-1"), Camera(2, "loopback"))
    monkeypatch.setattr(camera_module, "find_cameras", lambda: found)
    cameras_command()
    assert capsys.readouterr().out == (
        "0  Logitech BRIO  --source 'camera:Logitech BRIO@usb-a-1'\n2  loopback  --source 2\n"
    )
