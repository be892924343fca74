"""OSC in: what the documented addresses do, what nothing else does, and what a flood costs."""

from __future__ import annotations

import os
import random
import socket
import struct
import tracemalloc
from types import SimpleNamespace

import psutil
import pytest
from osc_mutants import EFFECTS, FLOAT, VALID, bundle, mutated, text
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder
from pythonosc.osc_packet import OscPacket

from posekit import Param, Sketch
from posekit.clock import ManualClock, SystemClock
from posekit.errors import OutputError, SettingsError
from posekit.inputs.osc import OscReceiver, Place, parse_place
from posekit.inputs.osc.receiver import MOST_DATAGRAMS
from posekit.outputs.osc import parse_target
from posekit.outputs.osc.messages import OscMessages
from posekit.runner.remote import Remote
from posekit.runner.remote_opening import open_remote
from posekit.settings import Settings
from posekit.sketch.loader import load_class


class Dots(Sketch):
    speed = Param(1.0, 0, 5)
    tint = Param("gold")
    mode = Param("ring", choices=["ring", "disc"])

    def draw(self): ...


class Wild(Dots):
    free = Param(0.0)
    whole = Param(0)
    stepped = Param(0.0, step=1e-9)
    fine = Param(0.5, 0, 1, step=0.1)


class Feed:
    """Remembers what it is told."""

    def __init__(self):
        self.told = []

    def pause(self, paused):
        self.told.append("pause" if paused else "resume")

    def reset(self):
        self.told.append("reset")


class Show:
    """A remote with a feed, a sketch's parameters, and somebody who sends."""

    def __init__(self, osc=None, clock=None, sketch=Dots):
        self.clock = clock or ManualClock()
        self.said = []
        self.feed = Feed()
        self.parameters = load_class(sketch).parameters
        receiver = OscReceiver(SimpleNamespace(host="127.0.0.1", port=free_port()), self.clock)
        self.remote = Remote(self.clock, receiver, osc, self.said.append)
        self.sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sender.settimeout(5)
        self.sender.connect(receiver.address)
        self.counters = receiver.counters

    def send(self, address, *arguments):
        builder = OscMessageBuilder(address)
        for argument in arguments:
            builder.add_arg(argument)
        self.sender.send(builder.build().dgram)
        return self

    def listen(self, hears=False):
        return [tuple(one) for one in self.remote.listen(self.feed, self.parameters, hears=hears)]

    def pass_time(self, seconds):
        self.clock.set(self.clock.now() + seconds)
        return self

    def close(self):
        self.remote.close()
        self.sender.close()


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@pytest.fixture
def show():
    made = Show()
    yield made
    made.close()


@pytest.fixture
def ear():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind(("127.0.0.1", 0))
        one.settimeout(5)
        yield one


PRESSES = {
    "nothing": ((), True),
    "one": ((1,), True),
    "float": ((1.0,), True),
    "true": ((True,), True),
    "zero": ((0,), False),
    "float zero": ((0.0,), False),
    "false": ((False,), False),
}


@pytest.mark.parametrize(("arguments", "acts"), PRESSES.values(), ids=PRESSES)
@pytest.mark.parametrize("name", ["pause", "resume", "reset"])
def test_a_button_acts_when_it_is_pressed_and_not_when_it_is_let_go(show, name, arguments, acts):
    if name == "resume":
        show.send("/posekit/pause").listen()
    show.feed.told.clear()
    show.send(f"/posekit/{name}", *arguments).listen()
    assert show.feed.told == ([name] if acts else [])
    assert show.counters.refused == 0


@pytest.mark.parametrize("argument", ["off", b"x", float("nan")])
def test_what_is_neither_is_refused(show, argument):
    show.send("/posekit/pause", argument).listen()
    assert (show.feed.told, show.counters.refused) == ([], 1)
    assert show.said[0].startswith("OSC in: /posekit/pause takes no argument, or 1; found ")


def test_the_engine_is_told_once_a_frame_at_most(show):
    for _ in range(20):
        show.send("/posekit/pause").send("/posekit/resume").send("/posekit/reset")
    show.listen()
    assert show.feed.told == ["reset"]
    show.send("/posekit/pause").send("/posekit/pause").listen()
    show.send("/posekit/pause").listen()
    assert show.feed.told == ["reset", "pause"]
    assert show.remote.is_paused


def test_a_parameter_is_set_brought_into_its_range_and_told_to_the_sketch(show):
    show.send("/param/speed", 9).send("/posekit/param/mode", 1).send("/param/speed", 5.0)
    assert show.listen() == [
        ("on_param", {"name": "speed", "value": 5.0}),
        ("on_param", {"name": "mode", "value": "disc"}),
    ]
    assert show.parameters.values == {"speed": 5.0, "tint": "gold", "mode": "disc"}


def test_a_parameter_is_told_to_the_targets_when_it_changes_and_once_a_second(ear):
    port = ear.getsockname()[1]
    show = Show(OscMessages([parse_target(f"{port},prefix=/cam2")]))

    def told(count):
        return {one.address: one.params for one in [OscMessage(ear.recv(999)) for _ in range(count)]}

    try:
        everything = {"/cam2/param/speed": [1.0], "/cam2/param/tint": ["gold"], "/cam2/param/mode": ["ring"]}
        show.listen()
        assert told(3) == everything
        show.pass_time(0.5).send("/param/speed", 9.0).listen()
        assert told(1) == {"/cam2/param/speed": [5.0]}
        show.send("/param/speed", 9.0).listen()  # too much again, and its slider is to be put right
        assert told(1) == {"/cam2/param/speed": [5.0]}
        show.send("/param/speed", 5.0).listen()  # our own echo is no news, so that it cannot go round
        show.pass_time(0.5).listen()
        assert told(3) == {**everything, "/cam2/param/speed": [5.0]}
        show.parameters.put("tint", "red")  # the sketch's own doing
        show.listen()
        assert told(1) == {"/cam2/param/tint": ["red"]}
    finally:
        show.close()


def test_misspelt_and_unfit_parameters_are_counted_and_told_once_a_sentence_a_second(show):
    for _ in range(3):
        show.send("/param/sped", 1.0).send("/param/speed", "fast").send("/param/tint", "golld").listen()
    assert show.said == ["OSC in: unknown parameter 'sped'; did you mean 'speed'?"]
    for _ in range(5):
        show.pass_time(1.0).listen()
    assert show.said[1:] == [
        "OSC in: parameter speed: a number from 0 to 5 is meant; found 'fast'",
        "OSC in: parameter tint: unknown colour 'golld'; did you mean 'gold'?",
    ]
    assert (show.counters.unknown, show.counters.refused) == (3, 6)
    assert show.parameters.values == {"speed": 1.0, "tint": "gold", "mode": "ring"}


@pytest.mark.parametrize("address", ["/ping", "/posekit/ping"])
def test_a_ping_is_answered_with_the_same_arguments(show, address):
    show.send(address, 7, "héllo", 0.5, b"abc", True).listen()
    answer = OscMessage(show.sender.recv(999))
    assert (answer.address, answer.params) == ("/pong", [7, "héllo", 0.5, b"abc", True])


def test_whatever_else_arrives_is_for_the_sketch_alone(show):
    show.send("/my/own", 1, "two").send("/pause").send("/posekit/paus", 1).send("/pong")
    assert show.listen(hears=True) == [
        ("on_osc", {"address": "/my/own", "args": (1, "two")}),
        ("on_osc", {"address": "/pause", "args": ()}),
        ("on_osc", {"address": "/posekit/paus", "args": (1,)}),
        ("on_osc", {"address": "/pong", "args": ()}),
    ]
    show.send("/my/own", 1).listen()
    assert show.counters.unknown == 1
    assert show.feed.told == []


def test_a_misspelt_address_of_ours_is_told_once_and_other_programs_addresses_are_not(show):
    for _ in range(3):
        show.send("/posekit/pausse", 1).send("/pause").send("/1/fader1", 0.5).listen()
        show.pass_time(1.0).listen()
    assert show.said == [
        "OSC in: unknown address '/posekit/pausse'; did you mean '/posekit/pause'?",
        "OSC in: unknown address '/pause'; did you mean '/posekit/pause'?",
    ]
    assert (show.counters.unknown, show.feed.told) == (9, [])


def test_a_sketch_without_parameters_may_have_those_addresses_for_itself(show):
    show.parameters = None
    show.send("/param/speed", 1.0)
    assert show.listen(hears=True) == [("on_osc", {"address": "/param/speed", "args": (1.0,)})]
    show.send("/param/speed", 1.0).listen()
    assert show.said == ["OSC in: there is no parameter 'speed': the sketch has none"]


def test_bundles_are_obeyed_at_once_whatever_their_time(show):
    later = b"#bundle\0" + struct.pack(">Q", 2**63) + struct.pack(">i", len(FLOAT)) + FLOAT
    show.sender.send(bundle(later, text(b"/posekit/reset")))
    assert show.listen() == [("on_param", {"name": "speed", "value": 0.5})]
    assert show.feed.told == ["reset"]


def test_one_look_takes_no_more_than_its_share(show):
    for _ in range(MOST_DATAGRAMS + 50):
        show.sender.send(FLOAT)
    show.listen()
    assert show.counters.received == MOST_DATAGRAMS
    show.listen()
    assert show.counters.received == MOST_DATAGRAMS + 50


def test_a_look_ends_in_time_also_in_the_middle_of_a_packet(show):
    class Ticking(ManualClock):
        def now(self):
            self.set(super().now() + 0.001)
            return super().now()

    show.remote.receiver._clock = Ticking()
    show.sender.send(bundle(*[text(b"/a")] * 10))
    looks = [len(show.listen(hears=True)) for _ in range(9)]
    assert sum(looks) == 10
    assert max(looks) <= 3


def test_what_the_system_had_no_room_for_is_counted(show):
    if not show.remote.receiver._tells_drops:
        pytest.skip("only Linux says so")
    for _ in range(3000):
        show.sender.send(bytes(1000))
    for _ in range(40):
        show.listen()
    show.sender.send(FLOAT)
    show.listen()
    assert show.counters.dropped > 500
    assert show.counters.received + show.counters.dropped == 3001


def test_the_end_says_what_meant_nothing(show):
    show.sender.send(b"nonsense")
    show.send("/param/speed", "x").listen()
    show.remote.close()
    assert show.said[-1] == "OSC in: 2 packets; 1 not readable as OSC, 1 messages with unfit arguments"


PLACES = {
    "auto": Place("127.0.0.1", 7001),
    "off": None,
    "7101": Place("127.0.0.1", 7101),
    "0.0.0.0:7101": Place("0.0.0.0", 7101),
    "[::1]:7101": Place("::1", 7101),
    "localhost:7101": Place("localhost", 7101),
}


@pytest.mark.parametrize(("text_", "place"), PLACES.items(), ids=PLACES)
def test_a_place_is_a_port_or_an_address_and_a_port(text_, place):
    assert parse_place(text_) == place
    if place:
        assert place.is_private == (place.host != "0.0.0.0")
        assert parse_place(str(place)) == place


@pytest.mark.parametrize(
    "text_", ["", "on", "70000", "0", "a:b", "::1:7000", "1.2.3.4:", "7001,slots=2", "٣٣"]
)
def test_what_is_no_place_is_told(text_):
    with pytest.raises(SettingsError, match=r"^osc-in: "):
        parse_place(text_)


def opened(osc_in="auto", is_show=True, **settings):
    said = []
    remote = open_remote(Settings(osc_in=osc_in, **settings), SystemClock(), said.append, is_show=is_show)
    has_port = remote.receiver is not None
    remote.close()
    return has_port, said


def test_it_says_where_it_listens_and_whether_others_can_reach_it():
    port = free_port()
    assert opened(str(port)) == (True, [f"OSC in: 127.0.0.1:{port}"])
    assert opened(f"0.0.0.0:{port}") == (
        True,
        [f"OSC in: 0.0.0.0:{port}, open to every computer in the network"],
    )
    assert opened("off") == (False, [])
    assert opened("auto", is_show=False) == (False, [])
    assert opened(str(port), is_show=False)[0]  # asked for by hand


def test_a_port_that_is_taken_is_told_with_who_has_it_and_what_to_do(monkeypatch):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
        with pytest.raises(OutputError, match=rf"osc-in: 127\.0\.0\.1:{port} is in use by ") as caught:
            opened(str(port))
        assert f"--osc-in {port + 1 if port < 65535 else port - 1}" in str(caught.value)
        assert "this very program" in str(caught.value)
        monkeypatch.setattr("posekit.inputs.osc.place.DEFAULT_PLACE", Place("127.0.0.1", port))
        has_port, said = opened("auto")
    assert not has_port
    assert len(said) == 1
    assert said[0].startswith(f"OSC in: off, because 127.0.0.1:{port} is in use by ")


def test_a_host_that_is_not_ours_is_told():
    with pytest.raises(OutputError, match=r"osc-in: cannot listen at 192\.0\.2\.1:7101"):
        opened("192.0.2.1:7101")


def test_it_does_not_listen_where_it_sends():
    has_port, said = opened("auto", osc=("7001",))
    assert not has_port
    assert said == ["OSC in: off, because OSC is sent to 127.0.0.1:7001; --osc-in PORT listens elsewhere"]
    with pytest.raises(SettingsError, match="--osc-in 7102"):
        opened("7101", osc=("localhost:7101:kinect",))


def is_meant(packet):
    """Whether a packet has, as python-osc reads it, an address that is documented to do something."""
    return any(timed.message.address.encode().startswith(EFFECTS) for timed in OscPacket(packet).messages)


def answers_to(sender):
    """Return all that was answered."""
    found = []
    sender.setblocking(False)
    try:
        while True:
            found.append(sender.recv(70_000))
    except BlockingIOError:
        return found
    finally:
        sender.setblocking(True)


def fuzz(count, seed):
    """Send random and mutated packets and return how many the show took in, and how its memory grew."""
    rng = random.Random(seed)
    targets = [parse_target(str(free_port()))]  # nobody is there, but what is echoed is written all the same
    show = Show(OscMessages(targets), SystemClock(), Wild)
    values = set()
    try:
        tracemalloc.start()
        before = (0, 0)
        for number in range(count):
            packet = mutated(rng, rng.choice(VALID))
            was = (list(show.feed.told), show.parameters.values, show.remote.is_paused)
            show.sender.send(packet)
            heard = []
            while show.counters.received <= number or show.remote.receiver._unread:
                heard += show.listen(hears=True)
            known = {"on_osc", "on_param"}
            assert {hook for hook, _ in heard} <= known
            effects = [hook for hook, _ in heard if hook == "on_param"] or was != (
                list(show.feed.told),
                show.parameters.values,
                show.remote.is_paused,
            )
            if effects:
                assert is_meant(packet), packet
            values.add(show.parameters["mode"])
            assert 0 <= show.parameters["speed"] <= 5
            show.feed.told.clear()
            answers = answers_to(show.sender)
            assert all(answer.startswith(b"/pong\0") for answer in answers)
            assert sum(map(len, answers)) <= len(packet)  # nobody can make more of a packet by way of us
            show.said.clear()
            if number == count // 5:
                before = tracemalloc.get_traced_memory()[0], psutil.Process(os.getpid()).memory_info().rss
        after = tracemalloc.get_traced_memory()[0], psutil.Process(os.getpid()).memory_info().rss
        assert values <= {"ring", "disc"}
        return show.counters, after[0] - before[0], after[1] - before[1]
    finally:
        tracemalloc.stop()
        show.close()


def test_fuzz_in_short():
    counters, _, _ = fuzz(5_000, seed=1)
    assert counters.received == 5_000
    assert 500 < counters.undecodable < 4_500


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_two_hundred_thousand_datagrams_cause_no_error_no_growth_and_no_stray_effect(capsys):
    counters, traced, resident = fuzz(200_000, seed=2)
    with capsys.disabled():
        print(f"\n{counters}; grown by {traced} bytes traced, {resident} resident")
    assert counters.received == 200_000
    assert traced < 100_000
    assert resident < 8_000_000
