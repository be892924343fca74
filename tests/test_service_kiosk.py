"""The machine while a show runs: awake and quiet, and afterwards as its owner had it, whatever happened."""

from __future__ import annotations

import json
import os
import queue
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import xvfb_world

from posekit.errors import OutputError
from posekit.gallery import kiosk_steps
from posekit.gallery.kiosk import Kiosk
from posekit.gallery.kiosk_steps import GNOME, GnomeSetting, Holding, XScreen, read_xset, steps_here
from posekit.gallery.kiosk_thread import KioskThread
from posekit.service.commands import Said


class Lamp:
    """A step whose machine is a dictionary."""

    def __init__(self, room: dict[str, Any], name: str = "lamp", fails: str = "") -> None:
        self.room, self.name, self.fails = room, name, fails

    def _may(self, what: str) -> None:
        if what in self.fails:
            raise OutputError(f"{what} is broken")

    def look(self) -> dict[str, Any] | None:
        self._may("look")
        return {"value": self.room[self.name]} if self.name in self.room else None

    def take(self) -> str:
        self._may("take")
        self.room[self.name] = "off"
        return f"{self.name} is off"

    def give_back(self, was: Any) -> None:
        self._may("give")
        self.room[self.name] = was["value"]


def test_everything_is_given_back_and_nothing_is_left(tmp_path: Path) -> None:
    room, told = {"lamp": "on", "fan": "slow"}, []
    kiosk = Kiosk([Lamp(room), Lamp(room, "none"), Lamp(room, "fan")], tmp_path / "state/kiosk.json")
    kiosk.begin(told.append)
    assert room == {"lamp": "off", "fan": "off"}
    assert told == ["kiosk: lamp is off", "kiosk: fan is off"]
    kiosk.end()
    kiosk.end()
    assert room == {"lamp": "on", "fan": "slow"}
    assert list((tmp_path / "state").iterdir()) == []


def test_after_a_power_cut_the_next_end_gives_back_what_the_owner_had(tmp_path: Path) -> None:
    room, memory = {"lamp": "on"}, tmp_path / "kiosk.json"
    Kiosk([Lamp(room)], memory).begin(print)  # and then the power is cut
    assert room == {"lamp": "off"}
    for _ in range(3):
        Kiosk([Lamp(room)], memory).begin(print)
    kiosk = Kiosk([Lamp(room)], memory)
    kiosk.begin(print)
    assert room == {"lamp": "off"}
    kiosk.end()
    assert room == {"lamp": "on"}
    assert not memory.exists()


@pytest.mark.parametrize("fails", ["look", "take", "give", "look take give"])
def test_a_step_that_fails_is_told_and_costs_no_other(fails: str, tmp_path: Path) -> None:
    room, told = {"lamp": "on", "fan": "slow"}, []
    kiosk = Kiosk([Lamp(room, fails=fails), Lamp(room, "fan")], tmp_path / "kiosk.json")
    kiosk.begin(told.append)
    assert room["fan"] == "off"
    kiosk.end()
    assert room["fan"] == "slow"
    assert [line for line in told if "is broken" in line]


def test_what_cannot_be_given_back_today_is_given_back_tomorrow(tmp_path: Path) -> None:
    room, memory = {"lamp": "on"}, tmp_path / "kiosk.json"
    first = Kiosk([Lamp(room, fails="give")], memory)
    first.begin(print)
    first.end()
    assert room == {"lamp": "off"}
    second = Kiosk([Lamp(room, fails="give")], memory)
    second.begin(print)
    second.end()
    third = Kiosk([Lamp(room)], memory)
    third.begin(print)
    third.end()
    assert room == {"lamp": "on"}


def test_nothing_is_changed_that_could_not_be_given_back(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    room, told = {"lamp": "on"}, []
    Kiosk([Lamp(room)], tmp_path / "file/kiosk.json").begin(told.append)
    assert room == {"lamp": "on"}
    assert "is left alone" in told[0]


@contextmanager
def another_show(memory: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process that has begun a kiosk; killed at the end, if it was not before."""
    program = (
        "import sys; from pathlib import Path; from posekit.gallery.kiosk import Kiosk;"
        "sys.path.insert(0, sys.argv[2]); from test_service_kiosk import Lamp;"
        "k = Kiosk([Lamp({'lamp': 'on'})], Path(sys.argv[1])); k.begin(print); print('begun', flush=True);"
        "sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(memory), str(Path(__file__).parent)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as other:
        assert other.stdout is not None
        while other.stdout.readline() != b"begun\n":
            assert other.poll() is None
        try:
            yield other
        finally:
            other.kill()
            other.stdin.close() if other.stdin else None


def test_a_second_show_leaves_the_machine_to_the_first(tmp_path: Path) -> None:
    room, memory, told = {"lamp": "on"}, tmp_path / "kiosk.json", []
    with another_show(memory) as other:
        second = Kiosk([Lamp(room)], memory)
        assert not second.begin(told.append)
        assert not second.begin(told.append)
        second.end()
        assert room == {"lamp": "on"}
        assert len(told) == 1, "it is said once"
        assert f"process {other.pid}" in told[0]
        assert memory.exists()
    room["lamp"] = "off"  # as the other one left it
    assert second.begin(told.append)
    second.end()
    assert room == {"lamp": "on"}


def test_a_second_show_takes_the_machine_over_when_the_first_is_gone(tmp_path: Path) -> None:
    room, memory, told = {"lamp": "on"}, tmp_path / "kiosk.json", queue.Queue()
    with another_show(memory):
        second = KioskThread(Kiosk([Lamp(room)], memory), told.put, again=0.02)
        assert "another show" in told.get(timeout=10)
        assert room == {"lamp": "on"}
    assert told.get(timeout=10) == "kiosk: lamp is off"
    assert room == {"lamp": "off"}
    second.close()
    assert room == {"lamp": "on"}
    assert told.empty()


def test_a_second_show_that_waits_for_the_machine_ends_at_once(tmp_path: Path) -> None:
    room, memory, told = {"lamp": "on"}, tmp_path / "kiosk.json", queue.Queue()
    with another_show(memory):
        second = KioskThread(Kiosk([Lamp(room)], memory), told.put)
        assert "another show" in told.get(timeout=10)
        second.close()
        assert not any(thread.name == "kiosk" for thread in threading.enumerate())
        assert memory.exists()


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"lamp": 3, "process_id": "x"}', '{"lamp": {"v": 1}}', "\x00"]
)
def test_a_broken_memory_is_no_reason_not_to_begin(text: str, tmp_path: Path) -> None:
    room, memory = {"lamp": "on"}, tmp_path / "kiosk.json"
    memory.write_text(text)

    class Strict(Lamp):
        def give_back(self, was: Any) -> None:
            if "value" not in was:
                raise ValueError("no value")
            super().give_back(was)

    kiosk = Kiosk([Strict(room)], memory)
    kiosk.begin(print)
    assert room == {"lamp": "off"}
    kiosk.end()


XSET = """Screen Saver:
  prefer blanking:  yes    allow exposures:  yes
  timeout:  300    cycle:  600
DPMS (Energy Star):
  Standby: 100    Suspend: 200    Off: 300
  DPMS is Disabled
  Monitor is On
"""


def test_times_and_switches_of_the_screen_are_read_and_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":5")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    asked: list[list[str]] = []
    screen = XScreen(lambda words: asked.append(list(words)) or Said(0, XSET))
    was = screen.look()
    assert was == {"saver": [300, 600], "blank": True, "dpms": [100, 200, 300], "dpms_on": False}
    screen.give_back(json.loads(json.dumps(was)))
    words = "xset s 300 600 s blank dpms 100 200 300 -dpms"
    assert asked[-1] == words.split()
    assert read_xset("nothing")["saver"] is None


@pytest.mark.skipif(not xvfb_world.IS_THERE or not shutil.which("xset"), reason="Xvfb and xset are not here")
def test_the_screen_saver_of_a_real_server_is_off_and_on_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = xvfb_world.Screen(640, 480, "-noreset")  # else it forgets everything when xset goes
    monkeypatch.setenv("DISPLAY", screen.display)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    ask = lambda: subprocess.run(["xset", "q"], capture_output=True, text=True, check=True).stdout  # noqa: E731
    try:
        subprocess.run(["xset", "s", "123", "45", "s", "blank"], check=True)
        before = ask()
        kiosk = Kiosk([XScreen()], tmp_path / "kiosk.json")
        told: list[str] = []
        kiosk.begin(told.append)
        during = ask()
        kiosk.end()
        after = ask()
    finally:
        screen.close()
    assert "timeout:  123    cycle:  45" in before
    assert "prefer blanking:  no" in during
    assert "timeout:  0 " in during
    assert told == ["kiosk: the screen saver of X11 and the screen's sleep are off"]
    assert after == before


@pytest.fixture
def gnome(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tool) -> None:
    tool("gsettings")
    if subprocess.run(["gsettings", "range", *GNOME["blanking"][:2]], capture_output=True).returncode:
        pytest.skip("the settings of GNOME are not installed")
    monkeypatch.setenv("GSETTINGS_BACKEND", "keyfile")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_CURRENT_DESKTOP", "ubuntu:GNOME")


def test_gnome_is_quiet_meanwhile(gnome: None, tmp_path: Path) -> None:
    subprocess.run(["gsettings", "set", *GNOME["blanking"][:2], "uint32 77"], check=True)
    read = lambda name: GnomeSetting(name).look()["value"]  # noqa: E731
    kiosk = Kiosk([GnomeSetting(name) for name in GNOME], tmp_path / "kiosk.json")
    told: list[str] = []
    kiosk.begin(told.append)
    assert told == ["kiosk: GNOME: show-banners is false", "kiosk: GNOME: idle-delay is 0"]
    assert (read("notifications"), read("blanking")) == ("false", "uint32 0")
    kiosk.end()
    assert (read("notifications"), read("blanking")) == ("true", "uint32 77")


def test_other_desktops_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CURRENT_DESKTOP", "KDE")
    assert GnomeSetting("blanking").look() is None


def test_a_program_that_holds_ends_with_us_however_we_end(tmp_path: Path) -> None:
    holding = Holding("hold", [sys.executable, "-c", "import sys; sys.stdin.read()"], "held")
    assert holding.look() == {}
    assert holding.take() == "held"
    process = holding._process
    assert process is not None
    holding.give_back({})
    holding.give_back({})
    assert process.poll() is not None
    assert Holding("none", ["no-such-program"], "held").look() is None
    refused = Holding("bad", [sys.executable, "-c", "import sys; sys.exit('not allowed')"], "held")
    monkey = pytest.MonkeyPatch()
    monkey.setattr(kiosk_steps, "PATIENCE", 10.0)
    with monkey.context(), pytest.raises(OutputError, match="not allowed"):
        refused.take()
    monkey.undo()


def test_a_program_that_holds_and_ends_is_started_again(tmp_path: Path) -> None:
    holding, told = Holding("hold", [sys.executable, "-c", "import sys; sys.stdin.read()"], "held"), []
    kiosk = Kiosk([holding], tmp_path / "kiosk.json")
    kiosk.begin(told.append)
    first = holding._process
    assert first is not None
    kiosk.look()
    assert holding._process is first
    first.kill()
    first.wait()
    kiosk.look()
    second = holding._process
    assert second is not None
    assert (second is not first, second.poll()) == (True, None)
    assert told == ["kiosk: held", "kiosk: again: held"]
    kiosk.end()
    assert second.poll() is not None


def test_this_system_has_its_steps() -> None:
    names = [step.name for step in steps_here()]
    assert len(set(names)) == len(names) >= 1
    if sys.platform.startswith("linux"):
        assert names == ["x11", "gnome-notifications", "gnome-blanking", "systemd-inhibit"]
    assert os.environ.get("DISPLAY") is not None or steps_here()[0].look() is None
