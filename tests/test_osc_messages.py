"""A sketch's own messages: to every target, of every sensible type, and no trouble of the network's."""

from __future__ import annotations

import math
import socket
from contextlib import closing

import numpy as np
import pytest
from pythonosc.osc_message import OscMessage

from posekit.errors import OutputError, SettingsError
from posekit.keypoint import Keypoint, Vector
from posekit.outputs.osc import parse_target
from posekit.outputs.osc.messages import OscMessages


@pytest.fixture
def receivers():
    made = []
    for _ in range(2):
        one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        one.bind(("127.0.0.1", 0))
        one.settimeout(5)
        made.append(one)
    yield made
    for one in made:
        one.close()


def ports(receivers):
    return [one.getsockname()[1] for one in receivers]


def heard(receiver):
    message = OscMessage(receiver.recv(65536))
    return message.address, message.params


def nothing_left(receiver):
    receiver.setblocking(False)
    with pytest.raises(BlockingIOError):
        receiver.recv(65536)


def test_a_message_goes_once_to_every_receiver_without_a_prefix(receivers):
    one, other = ports(receivers)
    texts = [f"{one},prefix=/cam2", f"{other}:kinect", f"{other}:tuio"]
    osc = OscMessages([parse_target(text) for text in texts])
    osc.send("/ball", 0.5, 3, "hi")
    assert [heard(receiver) for receiver in receivers] == [("/ball", [0.5, 3, "hi"])] * 2
    for receiver in receivers:
        nothing_left(receiver)
    osc.close()
    osc.close()
    osc.send("/ball", 1)  # too late, and no error
    assert (osc.packets, osc.errors) == (2, 0)


SENT = {
    "bool": ([True, False], [1, 0]),
    "numpy": ([np.float32(0.5), np.int64(7), np.bool_(True), np.array(2.0)], [0.5, 7, 1, 2.0]),
    "point": ([Vector(1.0, 2.0), (3, 4)], [1.0, 2.0, 3, 4]),
    "keypoint": ([Keypoint(5.0, 6.0, name="nose", score=1.0, velocity=Vector(0.0, 0.0))], [5.0, 6.0]),
    "array": ([np.array([[1.0, 2.0], [3.0, 4.0]])], [1.0, 2.0, 3.0, 4.0]),
    "large int": ([2**40], [2**40]),
    "bytes": ([b"abc"], [b"abc"]),
    "text": (["héllo"], ["héllo"]),
    "nothing": ([], []),
}


@pytest.mark.parametrize("name", SENT)
def test_every_sensible_type_arrives(receivers, name):
    osc = OscMessages([parse_target(str(ports(receivers)[0]))])
    arguments, expected = SENT[name]
    osc.send("/a", *arguments)
    address, found = heard(receivers[0])
    assert (address, found) == ("/a", expected)
    assert [type(one) for one in found] == [type(one) for one in expected]
    osc.close()


@pytest.mark.parametrize("number", [math.nan, math.inf, 1e300, np.float32("nan")])
def test_a_number_that_is_not_there_keeps_the_message_from_being_sent(receivers, number):
    osc = OscMessages([parse_target(str(ports(receivers)[0]))])
    osc.send("/wrist", 0.5, number)
    osc.send("/end")
    assert heard(receivers[0]) == ("/end", [])
    assert osc.skipped == 1
    osc.close()


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("ball", "begins with /; found 'ball', write '/ball'"),
        ("/my ball", "no spaces"),
        ("/ball/*", "none of #"),
        ("/größe", "plain letters"),
        (5, "found int 5"),
        ("", "begins with /"),
    ],
)
def test_a_bad_address_is_told(address, sentence):
    with pytest.raises(SettingsError) as caught:
        OscMessages().send(address, 1)
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    "argument", [None, {"a": 1}, object(), 1j, "a\0b", "\ud800", b"", 2**70, [[1, 2]], {1, 2}]
)
def test_a_bad_argument_is_told(argument):
    with pytest.raises(SettingsError, match=r"OSC|osc"):
        OscMessages().send("/a", argument)


def test_without_a_target_it_says_so_once():
    said = []
    osc = OscMessages(report=said.append)
    for _ in range(3):
        osc.send("/a", 1)
    assert said == ["osc.send: nothing is sent, because no OSC target is set; --osc 7000 sets one"]


def test_what_no_packet_can_hold_is_told_with_its_size(receivers):
    with closing(OscMessages([parse_target(f"127.0.0.1:{ports(receivers)[0]}")])) as osc:
        osc.send("/wide", np.zeros(10_000))
        assert len(heard(receivers[0])[1]) == 10_000
        with pytest.raises(SettingsError, match="/wide is 100,012 bytes long, and a packet holds 65,507"):
            osc.send("/wide", np.zeros(20_000))
        assert (osc.packets, osc.errors) == (1, 0)


def test_the_networks_trouble_is_counted_and_said_once():
    said = []
    osc = OscMessages([parse_target("127.0.0.1:7000")], said.append)
    for _ in range(3):
        osc.tell([("/a", ("x" * 70_000,))])  # the network refuses what no datagram holds
    assert (osc.errors, osc.packets) == (3, 0)
    assert len(said) == 1
    assert said[0].startswith("osc.send to 127.0.0.1:7000 fails (")
    osc.close()


def test_a_host_that_is_not_found_stops_the_start():
    with pytest.raises(OutputError, match="cannot be found"):
        OscMessages([parse_target("no.such.host.invalid:7000")])


def test_posekits_own_words_go_to_targets_of_its_own_dialect_with_their_prefix(receivers):
    one, other = ports(receivers)
    osc = OscMessages([parse_target(f"{one},prefix=/cam2"), parse_target(f"{other}:wekinator")])
    osc.tell([("/param/speed", (0.5,)), ("/param/tint", ("gold",))])
    assert [heard(receivers[0]) for _ in range(2)] == [
        ("/cam2/param/speed", [0.5]),
        ("/cam2/param/tint", ["gold"]),
    ]
    nothing_left(receivers[1])
    osc.close()
