"""Before a show begins: what it waits for, never for ever; and why no picture comes, to the letter."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from posekit.clock import ManualClock
from posekit.service import notify, permissions, waiting
from posekit.service.commands import Said
from posekit.service.permissions import group_reason, linux_reasons, mac_reasons, windows_reasons
from posekit.service.waiting import (
    Awaited,
    Network,
    adopt_screen,
    awaited,
    remote_hosts,
    spoken_to,
    wait_for_room,
)
from posekit.settings import Settings
from posekit.sources.devices import Camera

LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="as Linux has it")


class Room:
    """A room in which things appear at given times."""

    def __init__(self, **times: float) -> None:
        self.clock = ManualClock()
        self.told: list[str] = []
        self.things = [
            Awaited(name, lambda time=time: self.clock.now() >= time) for name, time in times.items()
        ]

    def wait(self, longest: float = 10.0, **more) -> bool:
        return wait_for_room(
            Settings(),
            self.clock,
            self.told.append,
            longest=longest,
            pause=self.clock.advance,
            things=self.things,
            **more,
        )


def test_what_is_there_is_not_worth_a_word() -> None:
    room = Room(camera=0, network=0.5)
    assert room.wait()
    assert room.told == []
    assert room.clock.now() == 0.5


def test_what_comes_late_is_told() -> None:
    room = Room(camera=4, network=2)
    assert room.wait()
    assert room.told == [
        "waiting for camera and network, 10 s at most",
        "network is here after 2 s",
        "camera is here after 4 s",
    ]


def test_what_does_not_come_does_not_keep_the_show_from_beginning() -> None:
    room = Room(camera=1000, network=1)
    assert not room.wait()
    assert room.clock.now() == 10
    assert room.told[-1] == "camera did not come within 10 s; the show begins without"


def test_it_ends_when_the_show_is_to_end() -> None:
    room = Room(camera=1000)
    assert not room.wait(is_over=lambda: room.clock.now() >= 2)
    assert room.clock.now() == 2


def test_who_starts_a_show_by_hand_waits_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[object] = []
    monkeypatch.setattr(waiting, "wait_for_room", lambda *given, **named: seen.append(named["hosts"]))
    monkeypatch.delenv("POSEKIT_SERVICE", raising=False)
    waiting.wait_as_service(Settings(), ManualClock(), print, ("a",))
    assert seen == []
    monkeypatch.setenv("POSEKIT_SERVICE", "posekit-ribbons")
    waiting.wait_as_service(Settings(), ManualClock(), print, ("a",))
    assert seen == [("a",)]


@LINUX
def test_only_what_the_settings_need_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    names = lambda **given: [one.name for one in awaited(Settings(headless=True, **given))]  # noqa: E731
    assert names(source="synthetic:people=2") == []
    assert names(source="sample", osc=("7000",)) == []
    assert names(source="1") == ["camera 1"]
    assert names(source="camera:Logitech") == ["camera Logitech"]
    osc = ("10.0.0.7:7000:posekit", "127.0.0.1:9000", "10.0.0.7:7001")
    assert names(source="rtsp://user:word@10.0.0.8/live", osc=osc) == [
        "the network to 10.0.0.7",
        "the network to 10.0.0.8",
    ]
    assert [one.name for one in awaited(Settings(source="sample"))] == ["a screen"]
    assert remote_hosts(Settings(source="sample"), ["https://status.example/ping/$KEY", "10.0.0.9"]) == {
        "status.example",
        "10.0.0.9",
    }


@LINUX
def test_heartbeats_and_messages_of_hooks_are_waited_for_where_they_go_to_another_machine() -> None:
    from posekit.show.tables import GallerySettings

    table = {
        "heartbeat": {"osc": [9000, "10.0.0.9:9000"], "http": ["https://a.example/$KEY", "https://$HOST/"]},
        "hooks": {"start": ["osc:10.0.0.7:7000/amp 1", ["amp", "on"]], "open": "osc:[fe80::2]:7000/x"},
    }
    found = spoken_to(GallerySettings.model_validate(table))
    expected = {"10.0.0.9", "10.0.0.7", "fe80::2", "a.example"}
    assert remote_hosts(Settings(source="sample"), found) == expected
    assert spoken_to(GallerySettings()) == ()


def test_a_camera_is_known_by_number_name_and_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    there = (Camera(2, "Logitech C920", "usb-1"), Camera(4, "Cam@home"))
    monkeypatch.setattr("posekit.sources.devices.linux_cameras", lambda: there)
    for source in ("2", "4", "camera:logitech", "camera:C920@usb-1", "camera:@usb-1", "camera:Cam@home"):
        assert waiting.camera_is_here(source), source
    for source in ("0", "22", "camera:Razer", "camera:C920@usb-2", "camera:@usb-9"):
        assert not waiting.camera_is_here(source), source


def test_a_way_to_a_machine_is_found_without_sending_anything() -> None:
    listening = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    listening.bind(("127.0.0.1", 0))
    listening.setblocking(False)
    assert Network("127.0.0.1")()
    with pytest.raises(BlockingIOError):
        listening.recv(10)
    listening.close()


def test_a_name_that_nobody_knows_is_no_way(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror("nobody knows it")

    monkeypatch.setattr(waiting.socket, "getaddrinfo", unknown)
    network = Network("status.invalid")
    assert not network()
    monkeypatch.undo()
    network._host = "127.0.0.1"
    assert network()


def test_a_screen_that_comes_later_is_adopted() -> None:
    environment = {"POSEKIT_SERVICE": "1"}
    assert not adopt_screen(environment, lambda words: Said(0, "LANG=C\nPATH=/bin"))
    assert not adopt_screen(environment, lambda words: Said(1, "no bus"))
    said = "WAYLAND_DISPLAY=wayland-0\nXDG_CURRENT_DESKTOP=GNOME\nSECRET=1"
    assert adopt_screen(environment, lambda words: Said(0, said))
    assert environment == {
        "POSEKIT_SERVICE": "1",
        "WAYLAND_DISPLAY": "wayland-0",
        "XDG_CURRENT_DESKTOP": "GNOME",
    }
    assert adopt_screen({}, lambda words: Said(1, "nobody asks it"))
    assert adopt_screen({"POSEKIT_SERVICE": "1", "SDL_VIDEODRIVER": "dummy"}, lambda words: Said(1, ""))


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Return what hears what systemd would."""
    path = tmp_path / "notify"
    ear = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    ear.bind(str(path))
    ear.setblocking(False)
    monkeypatch.setenv("NOTIFY_SOCKET", str(path))
    yield lambda: ear.recv(1000).decode()
    ear.close()


@LINUX
def test_systemd_hears_that_the_show_lives_while_it_waits(told) -> None:
    assert notify.ready("open\nnow")
    assert told() == "READY=1\nSTATUS=open now"
    Room(camera=0.5).wait()
    assert told() == "WATCHDOG=1\nSTATUS=waiting for camera"
    assert told() == "WATCHDOG=1\nSTATUS=waiting for camera"
    assert notify.stopping()
    assert told() == "STOPPING=1"
    assert notify.beat("x" * 1000)
    assert len(told()) == len("WATCHDOG=1\nSTATUS=") + 200


@LINUX
def test_nobody_is_told_where_nobody_listens(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    assert not notify.beat()
    for address in ("relative", str(tmp_path / "gone"), "@posekit-nobody-listens", "/" + "x" * 300):
        monkeypatch.setenv("NOTIFY_SOCKET", address)
        assert not notify.beat()


@LINUX
def test_systemd_is_heard_through_a_socket_without_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    name = f"posekit-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind("\0" + name)
        ear.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", "@" + name)
        assert notify.beat()
        assert ear.recv(100) == b"WATCHDOG=1"


CAMERAS = (Camera(0, "Logitech C920", "usb-1"), Camera(2, "Razer"))


@LINUX
def test_each_reason_on_linux_has_its_sentence(tmp_path: Path) -> None:
    find = lambda source, **more: linux_reasons(source, CAMERAS, devices=tmp_path, **more)  # noqa: E731
    assert "no camera is there" in linux_reasons("0", ())[0]
    assert "camera 7 is not there; there is 0 (Logitech C920), 2 (Razer)" in find("7")[0]
    assert "camera Sony is not there" in find("camera:Sony")[0]
    assert f"{tmp_path}/video0 is not there" in find("0")[0]
    (tmp_path / "video0").touch()
    assert find("0", processes=tmp_path) == []
    assert find("camera:logi@usb-1", processes=tmp_path) == []
    (reason,) = find("0", may_open=lambda node: False)
    assert "alone" in reason  # a file that is root's


@LINUX
def test_the_group_is_named_with_the_command_to_type(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import grp
    import pwd

    node = tmp_path / "video0"
    node.touch(mode=0o660)
    node.chmod(0o660)
    entry = lambda *members: grp.struct_group(("video", "x", 44, list(members)))  # noqa: E731
    person = pwd.struct_passwd(("artist", "x", 1000, 1000, "", "/home/artist", "/bin/sh"))
    monkeypatch.setattr(pwd, "getpwuid", lambda _: person)
    monkeypatch.setattr(grp, "getgrgid", lambda _: entry("other"))
    reason = group_reason(node)
    assert "artist may not use" in reason
    assert "\n    sudo usermod -aG video artist\n" in reason
    monkeypatch.setattr(grp, "getgrgid", lambda _: entry("artist"))
    assert "artist is in the group video, but was not yet when logging in: restart" in group_reason(node)


@LINUX
def test_who_has_the_camera_is_named(tmp_path: Path) -> None:
    node = tmp_path / "video0"
    node.touch()
    program = f"import sys; f = open({str(node)!r}); print('open', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdin is not None
        assert other.stdout.readline() == b"open\n"
        (reason,) = linux_reasons("0", CAMERAS, devices=tmp_path)
        assert "video0 is in use by " in reason
        assert f"(process {other.pid})" in reason
        assert linux_reasons("0", CAMERAS, devices=tmp_path, own={other.pid}) == []
        other.stdin.close()


def test_the_switches_of_windows_are_named() -> None:
    store = {}
    read = lambda place, key: store.get((place, key.rpartition("\\")[2]))  # noqa: E731
    assert windows_reasons(read) == []
    store["machine", "webcam"] = "Allow"
    store["user", "webcam"] = "Allow"
    store["user", "NonPackaged"] = "Deny"
    (reason,) = windows_reasons(read)
    assert '"Let desktop apps access your camera" is off' in reason
    assert "Privacy & security > Camera" in reason
    store["machine", "webcam"] = "Deny"
    assert len(windows_reasons(read)) == 2
    assert permissions.read_switch("user", "none") is None


def test_macos_says_where_to_allow_it() -> None:
    (reason,) = mac_reasons()
    assert "Privacy & Security > Camera" in reason
    assert "tccutil reset Camera" in reason


def test_only_cameras_have_such_reasons() -> None:
    for source in ("synthetic", "sample", "film.mp4", "rtsp://10.0.0.8/live"):
        assert permissions.why_no_picture(Settings(source=source)) == []
