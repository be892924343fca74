"""OSC into a show: every action, its state, and nothing but them, whatever arrives."""

from __future__ import annotations

import random
import re
import socket
import struct
from pathlib import Path

import pytest
from osc_mutants import VALID, mutated, text
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder
from pythonosc.osc_packet import OscPacket

from posekit.clock import ManualClock, SystemClock
from posekit.gallery.desk import ShowDesk
from posekit.gallery.osc_actions import MOST_ANSWERS, OscActions
from posekit.inputs.osc import OscReceiver, Place
from posekit.show.actions import ACTIONS
from posekit.show.state import ShowState, Trouble

STATE = ShowState(
    "Ribbons",
    0.0,
    phase="open",
    people=3,
    fps=24.5,
    troubles=(Trouble("camera_lost", "none", 0.0), Trouble("slow", "slow", 0.0, "notice")),
)


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Show:
    """OSC in, a desk, and somebody who sends."""

    def __init__(self, clock=None):
        self.clock = clock or ManualClock()
        self.said, self.passed = [], []
        self.desk = ShowDesk(STATE)
        self.receiver = OscReceiver(Place("127.0.0.1", free_port()), self.clock)
        self.actions = OscActions(self.receiver, self.desk, self.passed.extend, self.said.append, self.clock)
        self.sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sender.settimeout(5)
        self.sender.connect(self.receiver.address)

    def send(self, address, *arguments):
        builder = OscMessageBuilder(address)
        for argument in arguments:
            builder.add_arg(argument)
        self.sender.send(builder.build().dgram)
        return self

    def asked(self):
        """Return what was asked for in a round."""
        self.actions.update()
        return [(wish.action, wish.value) for wish in self.desk.take()]

    def close(self):
        self.actions.close()
        self.sender.close()


@pytest.fixture
def show():
    here = Show()
    yield here
    here.close()


WISHES = {
    "parameter": (("speed", 0.5), {"name": "speed", "value": 0.5}),
    "preset": ((3.0,), 3),
    "zones": (('[{"name": "door"}]',), [{"name": "door"}]),
    "ignore": ((), None),
    "estimator": (("movenet",), "movenet"),
}


@pytest.mark.parametrize("name", ACTIONS)
def test_every_action_can_be_asked_for(show, name):
    kind = ACTIONS[name]
    arguments, value = WISHES.get(name, ((1,), True if kind.takes is bool else None))
    assert show.send(f"/posekit/gallery/{name}", *arguments).asked() == [(name, value)]
    assert show.passed == []


@pytest.mark.parametrize("name", [name for name, kind in ACTIONS.items() if kind.takes in (None, bool)])
def test_zero_is_a_release_or_off(show, name):
    wished = [(name, False)] if ACTIONS[name].takes is bool else []
    assert show.send(f"/posekit/gallery/{name}", 0).asked() == wished


def test_what_remotes_said_before_goes_to_the_desk(show):
    show.send("/posekit/pause").send("/posekit/reset", 1).send("/posekit/estimator", "movenet")
    assert show.asked() == [("pause", True), ("reset", None), ("estimator", "movenet")]
    assert show.send("/posekit/resume", 1).send("/posekit/pause", 0).asked() == [("pause", False)]


def test_all_else_is_passed_on_in_order(show):
    show.send("/param/speed", 0.5).send("/preset", 2).send("/my/own", "x").send("/posekit/param/tint", "red")
    assert show.asked() == []
    assert [letter.message.address for letter in show.passed] == [
        "/param/speed",
        "/preset",
        "/my/own",
        "/posekit/param/tint",
    ]


def test_the_state_is_answered_to_who_asks(show):
    show.send("/posekit/gallery/state").asked()
    answer = OscMessage(show.sender.recv(1000))
    assert answer.address == "/posekit/gallery/state"
    assert answer.params == ["open", 0, 3, 24.5, "camera_lost", "slow"]
    show.send("/ping", 7, "x").asked()
    assert OscMessage(show.sender.recv(1000)).params == [7, "x"]


def test_an_answer_is_not_answered_and_many_questions_are_answered_slowly(show):
    show.send("/posekit/gallery/state", "open", 1, 3, 24.5).send("/posekit/gallery/state", 0)
    for _ in range(3 * MOST_ANSWERS):
        show.send("/posekit/gallery/state")
    show.asked()
    show.sender.setblocking(False)
    answers = 0
    while True:
        try:
            show.sender.recv(1000)
        except BlockingIOError:
            break
        answers += 1
    assert answers == MOST_ANSWERS
    show.sender.settimeout(5)
    show.clock.advance(1.0)
    show.send("/posekit/gallery/state").asked()
    assert show.sender.recv(1000)


def test_of_what_undoes_itself_the_last_counts_and_what_is_heavy_rests(show):
    for _ in range(25):
        show.send("/posekit/gallery/open").send("/posekit/gallery/blackout", 1)
        show.send("/posekit/gallery/blackout", 0).send("/posekit/gallery/close")
        show.send("/posekit/gallery/restart")
        show.send("/posekit/gallery/parameter", "speed", 0.1).send("/posekit/gallery/parameter", "size", 2)
    wished = []
    while more := show.asked():
        wished += more
    assert set(map(str, wished)) == {
        "('blackout', False)",
        "('close', None)",
        "('restart', None)",
        "('parameter', {'name': 'speed', 'value': 0.1})".replace(
            "0.1", str(struct.unpack(">f", struct.pack(">f", 0.1))[0])
        ),
        "('parameter', {'name': 'size', 'value': 2})",
    }
    assert [name for name, _ in wished].count("restart") == 1
    assert show.send("/posekit/gallery/restart").asked() == []
    show.clock.advance(2.0)
    assert show.send("/posekit/gallery/restart").asked() == [("restart", None)]


@pytest.mark.parametrize(
    ("name", "arguments", "sentence"),
    [
        ("restrat", (), "unknown action 'restrat'; did you mean 'restart'?"),
        ("restart", ("now",), "takes no argument, or 1 or 0"),
        ("blackout", ("on",), "takes no argument, or 1 or 0"),
        ("parameter", (1.0,), "takes a name and its value"),
        ("parameter", ("speed", float("nan")), "takes numbers and texts"),
        ("preset", (2.5,), "load a preset by number or name"),
        ("zones", ("[1]",), "a list of zones as JSON"),
        ("zones", ("[" * 5000,), "a list of zones as JSON"),
        ("estimator", (3,), "go on with another estimator"),
        ("estimator", (), "takes one value; found 0"),
    ],
)
def test_what_cannot_be_is_told_once(show, name, arguments, sentence):
    for _ in range(3):
        assert show.send(f"/posekit/gallery/{name}", *arguments).asked() == []
        show.clock.advance(1.0)
    assert len(show.said) == 1
    assert sentence in show.said[0]
    assert show.receiver.counters.refused == 3
    assert show.passed == []


def test_a_full_tray_and_floods_cost_nothing_but_sentences(show):
    for number in range(400):
        show.desk.ask("reset") if number < 200 else show.send("/posekit/gallery/parameter", f"p{number}", 1)
    while show.receiver.counters.received < 200:
        show.actions.update()
    assert len(show.desk.take()) == 200
    assert "200 actions wait already" in show.said[0]


OURS = (
    *(text(f"/posekit/gallery/{name}".encode()) + text(b",i") + struct.pack(">i", 1) for name in ACTIONS),
    text(b"/posekit/gallery/state"),
    text(b"/posekit/gallery/parameter") + text(b",sf") + text(b"speed") + struct.pack(">f", 0.5),
    text(b"/posekit/gallery/zones") + text(b",s") + text(b'[{"name": "door"}]'),
    text(b"/posekit/gallery/preset") + text(b",f") + struct.pack(">f", float("inf")),
    text(b"/posekit/estimator") + text(b",s") + text(b"posenet"),
)
MEANT = ("/posekit/gallery/", "/posekit/pause", "/posekit/resume", "/posekit/reset", "/posekit/estimator")


def test_fuzz_in_short():
    rng = random.Random(8)
    show = Show(SystemClock())
    wishes = 0
    try:
        for number in range(5_000):
            packet = mutated(rng, rng.choice(OURS if rng.random() < 0.7 else VALID))
            show.sender.send(packet)
            asked = []
            while show.receiver.counters.received <= number or show.receiver._unread:
                asked += show.asked()
            wishes += len(asked)
            if asked:
                addresses = [timed.message.address for timed in OscPacket(packet).messages]
                assert any(address.startswith(MEANT) for address in addresses), packet
                assert {name for name, _ in asked} <= set(ACTIONS)
            assert not any(letter.message.address.startswith("/posekit/gallery/") for letter in show.passed)
            show.passed.clear()
    finally:
        show.close()
    assert wishes > 100
    assert len(show.said) <= 200


def test_the_page_has_every_address_and_no_other():
    page = (Path(__file__).parents[1] / "docs/hooks.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `/posekit/gallery/([a-z-]+)` \| ([^|]*) \|", page, re.MULTILINE)
    assert [name for name, _ in listed] == [*ACTIONS, "state"]
    for name, argument in listed[:-1]:
        takes = ACTIONS[name].takes
        assert (argument == "none, or 1") == (takes is None)
        assert (argument == "1 or 0") == (takes is bool)
