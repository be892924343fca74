"""OSC in reads what the specification allows, refuses the rest without a word, and never raises."""

from __future__ import annotations

import math
import random
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from osc_mutants import VALID, mutated
from pythonosc.osc_bundle_builder import OscBundleBuilder
from pythonosc.osc_message_builder import OscMessageBuilder
from pythonosc.osc_packet import OscPacket

from posekit.inputs.osc import read_packet
from posekit.inputs.osc.packet import DEEPEST, MOST_ARGUMENTS, MOST_MESSAGES


def message(address="/a", *arguments):
    builder = OscMessageBuilder(address)
    for value, tag in arguments:
        builder.add_arg(value, tag)
    return builder.build()


def bundle(*contents):
    builder = OscBundleBuilder(1)
    for content in contents:
        builder.add_content(content)
    return builder.build()


def raw_bundle(*elements):
    return b"#bundle\0" + bytes(8) + b"".join(struct.pack(">i", len(one)) + one for one in elements)


def text(word):
    return word + bytes(4 - len(word) % 4)


words = st.text(st.characters(min_codepoint=1, codec="utf-8"), max_size=20)
typed = st.one_of(
    st.tuples(st.integers(-(2**31), 2**31 - 1), st.just("i")),
    st.tuples(st.integers(-(2**63), 2**63 - 1), st.just("h")),
    st.tuples(st.floats(width=32, allow_nan=False), st.just("f")),
    st.tuples(st.floats(allow_nan=False), st.just("d")),
    st.tuples(words, st.just("s")),
    st.tuples(st.binary(min_size=1, max_size=40), st.just("b")),
    st.tuples(st.just(True), st.just("T")),
    st.tuples(st.just(False), st.just("F")),
    st.tuples(st.none(), st.just("N")),
)
addresses = st.from_regex(r"/[!-~]{0,30}", fullmatch=True)


@given(st.lists(st.tuples(addresses, st.lists(typed, max_size=8)), min_size=1, max_size=6))
def test_what_python_osc_writes_is_read_as_python_osc_reads_it(told):
    packet = bundle(*(message(address, *arguments) for address, arguments in told)).dgram
    found = read_packet(packet)
    assert found is not None
    assert len(found) == len(told)
    theirs = [timed.message for timed in OscPacket(packet).messages]
    assert [(one.address, list(one.arguments)) for one in found] == [(m.address, m.params) for m in theirs]


@given(addresses, st.lists(typed, max_size=8), addresses)
def test_a_message_keeps_its_arguments_at_another_address(address, arguments, other):
    (found,) = read_packet(message(address, *arguments).dgram)
    assert found.with_address(other) == message(other, *arguments).dgram


def test_arrays_infinitum_and_nested_bundles():
    inner = text(b"/a") + text(b",[i[f]]I") + struct.pack(">if", 5, 0.5)
    (found,) = read_packet(raw_bundle(raw_bundle(inner)))
    assert found.arguments == ((5, (0.5,)), math.inf)
    assert read_packet(raw_bundle()) == []


def test_a_message_without_type_tags_has_no_arguments():
    (found,) = read_packet(text(b"/posekit/pause"))
    assert (found.address, found.arguments) == ("/posekit/pause", ())


REFUSED = {
    "nothing": b"",
    "no multiple of four": b"/a\0",
    "no slash": text(b"abc"),
    "a space": text(b"/a b"),
    "a control letter": text(b"/a\x1b[2J"),
    "no end of the address": b"/abc",
    "no comma": text(b"/a") + text(b"if"),
    "an unknown type": text(b"/a") + text(b",q"),
    "too little for its types": text(b"/a") + text(b",ii") + bytes(4),
    "more than its types": text(b"/a") + text(b",i") + bytes(8),
    "half a text": text(b"/a") + text(b",s") + b"abcd",
    "not UTF-8": text(b"/a") + text(b",s") + text(b"\xff\xfe"),
    "a blob longer than the packet": text(b"/a") + text(b",b") + struct.pack(">i", 100) + bytes(4),
    "a blob of negative length": text(b"/a") + text(b",b") + struct.pack(">i", -4) + bytes(4),
    "an open array": text(b"/a") + text(b",[i") + bytes(4),
    "a closed array": text(b"/a") + text(b",i]") + bytes(4),
    "deep arrays": text(b"/a") + text(b"," + b"[" * 99 + b"]" * 99),
    "a bundle cut in its head": b"#bundle\0" + bytes(4),
    "a bundle with a hole": raw_bundle(b""),
    "an element longer than the bundle": b"#bundle\0" + bytes(8) + struct.pack(">i", 400) + text(b"/a"),
    "an element of negative length": b"#bundle\0" + bytes(8) + struct.pack(">i", -8) + text(b"/a"),
    "too many messages": raw_bundle(*[text(b"/a")] * (MOST_MESSAGES + 1)),
    "too many arguments": text(b"/a") + text(b"," + b"T" * MOST_ARGUMENTS),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_osc_is_refused(name):
    assert read_packet(REFUSED[name]) is None
    assert read_packet(raw_bundle(text(b"/good"), REFUSED[name])) is None  # a packet is taken whole or not


@pytest.mark.parametrize("depth", [DEEPEST, DEEPEST + 1, 5000])
def test_bundles_in_bundles_have_a_bottom(depth):
    packet = text(b"/a")
    for _ in range(depth):
        packet = raw_bundle(packet)
    found = read_packet(packet)
    assert found is None if depth > DEEPEST else len(found) == 1


@settings(max_examples=300)
@given(st.binary(max_size=200))
def test_any_bytes_at_all(data):
    for packet in (data, b"/" + data, b"#bundle\0" + data):
        found = read_packet(packet)
        assert found is None or all(one.address.startswith("/") for one in found)


def test_mutants_of_valid_packets():
    rng = random.Random(5)
    readable = sum(read_packet(mutated(rng, rng.choice(VALID))) is not None for _ in range(5000))
    assert 100 < readable < 4900
