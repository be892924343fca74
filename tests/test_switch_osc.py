"""Another estimator by OSC: asked for by name, prepared beside the show, and whoever is there stays."""

from __future__ import annotations

import signal
import socket
import sys
import time
from concurrent.futures import Future
from pathlib import Path

import pytest
from fault_world import Program, Receiver
from pythonosc.osc_message_builder import OscMessageBuilder
from switch_world import still_film

from posekit.clock import SystemClock
from posekit.errors import AssetError, PosekitError
from posekit.inputs.osc import OscReceiver, parse_place
from posekit.runner.changes import Changes
from posekit.runner.remote import Remote
from posekit.settings import Settings


class Controller:
    """Somebody else's program."""

    def __init__(self, port: int) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.connect(("127.0.0.1", port))

    def send(self, address: str, *arguments: object) -> None:
        builder = OscMessageBuilder(address)
        for argument in arguments:
            builder.add_arg(argument)
        self.socket.send(builder.build().dgram)


class Stages:
    """A feed that goes on with whatever is prepared, as soon as it is told to."""

    def __init__(self) -> None:
        self.estimator = "PoseNet 481x353 in LiteRT"
        self.settings: list[Settings] = []
        self.over: list[Future[str]] = []

    def switch(self, settings: Settings, prepare: object) -> Future[str]:
        self.settings.append(settings)
        self.over.append(Future())
        return self.over[-1]

    def fulfil(self) -> None:
        self.estimator = f"{self.settings[-1].estimator} in LiteRT"
        self.over[-1].set_result(self.estimator)


class House:
    """A show that is steered from outside, and what it says."""

    def __init__(self, port: int, prepare) -> None:
        self.said: list[str] = []
        self.feed = Stages()
        receiver = OscReceiver(parse_place(str(port)), SystemClock())
        self.remote = Remote(SystemClock(), receiver, report=self.said.append)
        settings = Settings(source="0", model="posenet-641x481", input_size=(641, 481))
        self.remote.changes = Changes(settings, prepare, self.said.append)
        self.remote.changes.adopt(self.feed, "0")
        self.controller = Controller(port)

    def hears(self, *arguments: object, address: str = "/posekit/estimator") -> None:
        self.controller.send(address, *arguments)

    def until(self, what, seconds: float = 10.0) -> None:
        end = time.monotonic() + seconds
        while not what():
            self.remote._said_at = -1e9  # a sentence a second is for people
            assert self.remote.listen(self.feed) == []
            assert time.monotonic() < end, self.said
            time.sleep(0.002)

    def close(self) -> None:
        self.remote.close()
        self.controller.socket.close()


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@pytest.fixture
def house(request, monkeypatch):
    monkeypatch.setattr("posekit.runner.changes._require_here", lambda _: None)
    house = House(free_port(), getattr(request, "param", lambda settings: settings))
    yield house
    house.close()


def test_an_estimator_is_chosen_by_its_name_and_brings_its_own_model(house: House) -> None:
    house.hears("movenet")
    house.until(lambda: house.feed.settings)
    (asked,) = house.feed.settings
    assert (asked.estimator, asked.model, asked.input_size, asked.source) == ("movenet", None, None, "0")
    house.feed.fulfil()
    house.until(lambda: house.said)
    assert house.said == ["estimator: movenet in LiteRT"]
    house.hears("movenet")  # which looks already
    house.hears("posenet")
    house.until(lambda: len(house.feed.settings) == 2)
    assert house.feed.settings[1].estimator == "posenet"


def test_what_is_no_estimator_is_told_once_with_the_nearest_name(house: House) -> None:
    for wrong in (("movnet",), ("movnet",), (3,), (), ("movenet", "posenet"), ("auto",)):
        house.hears(*wrong)
    house.hears("movenet", address="/posekit/estimater")
    house.until(lambda: len(house.said) >= 4)
    assert house.feed.settings == []
    told = "\n".join(house.said)
    assert "OSC in: unknown estimator 'movnet'; did you mean 'movenet'?" in told
    assert "/posekit/estimator takes a name: posenet, movenet, blazepose; found 3" in told
    assert "unknown estimator 'auto'" in told
    assert "did you mean '/posekit/estimator'?" in told
    assert len(house.said) == 4
    assert house.remote.receiver.counters.refused == 6


def refuse(_: Settings) -> Settings:
    raise AssetError("its weights cannot be had")


@pytest.mark.parametrize("house", [refuse], indirect=True)
def test_what_cannot_be_had_is_said_and_the_old_one_goes_on(house: House) -> None:
    house.hears("blazepose")
    house.until(lambda: house.said)
    assert house.said == ["OSC in: the estimator stays as it is: its weights cannot be had"]
    assert house.remote.changes.settings.estimator == "auto"
    assert house.remote.changes.family == "posenet"


def test_what_fails_late_is_said_and_may_be_asked_for_again(house: House) -> None:
    house.hears("movenet")
    house.until(lambda: house.feed.over)
    house.feed.over[0].set_exception(PosekitError("the model is damaged"))
    house.until(lambda: house.said)
    assert house.said == ["OSC in: the estimator stays as it is: the model is damaged"]
    house.hears("movenet")
    house.until(lambda: len(house.feed.over) == 2)


def test_of_a_flood_the_last_one_counts(house: House) -> None:
    for _ in range(100):
        house.hears("movenet")
        house.hears("blazepose")
    house.until(lambda: house.feed.settings and house.feed.settings[-1].estimator == "blazepose")
    house.until(lambda: not house.remote.changes.is_preparing)
    assert len(house.feed.settings) < 20
    assert house.remote.changes.wanted.estimator == "blazepose"


def test_nothing_is_downloaded_while_a_show_runs(monkeypatch) -> None:
    monkeypatch.setattr("posekit.assets.where_is", lambda _: "to download")
    house = House(free_port(), lambda settings: pytest.fail("it was prepared"))
    house.hears("movenet")
    house.until(lambda: house.said)
    house.close()
    told = "MoveNet is not here: posekit models get movenet-lightning"
    assert house.said == [f"OSC in: the estimator stays as it is: {told}"]


@pytest.fixture(scope="module")
def couple(asset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    asset("models")
    return still_film(asset("data/images/test_couple.jpg"), tmp_path_factory.mktemp("film"))


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_a_show_changes_its_eyes_and_both_people_stay(tmp_path: Path, couple: Path) -> None:
    receiver, port = Receiver(), free_port()
    options = ["--source", str(couple), "--headless", "--osc", str(receiver.port), "--osc-in", str(port)]
    with Program(tmp_path, "send", "--no-preview", *options, "--estimator", "posenet") as program:
        program.until(lambda: receiver.hear().last.get("/count") == 2)
        controller = Controller(port)
        controller.send("/posekit/estimator", "movenet")
        program.until(lambda: receiver.hear() and program.has_said("estimator: MoveNet"))
        controller.send("/posekit/estimator", "mvenet")
        program.until(lambda: receiver.hear() and program.has_said("did you mean 'movenet'?"))
        frame = receiver.last["/frame"]
        program.until(lambda: receiver.hear().last["/frame"] > frame + 20)
        controller.socket.close()
        assert receiver.last["/count"] == 2
        assert [name for name, _ in receiver.events if name in ("enter", "leave")] == ["enter", "enter"]
        program.process.send_signal(signal.SIGINT)
        program.ends(10)
    receiver.close()
