"""OSC's bytes: the same as python-osc's builders, and never too many of them."""

from __future__ import annotations

import math
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from osc_messages import messages_of
from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
from pythonosc.osc_message_builder import OscMessageBuilder

from posekit.outputs.osc.encode import (
    BUNDLE_LIMIT,
    Packer,
    bundle_size,
    encode_bundle,
    encode_messages,
    form_of,
    pack_bundles,
    real,
    whole,
)
from posekit.outputs.osc.plain import write_bundles, write_message

addresses = st.text("abz_/19", min_size=1, max_size=60).map(lambda text: f"/{text}")
ints = st.integers(-(2**31) + 1, 2**31 - 1)
floats = st.floats(width=32, allow_nan=False, allow_infinity=False)
messages = st.tuples(addresses, st.lists(ints | floats, min_size=1, max_size=5).map(tuple))


def built_by_python_osc(bundle) -> bytes:
    builder = OscBundleBuilder(IMMEDIATELY)
    for address, arguments in bundle:
        message = OscMessageBuilder(address)
        for argument in arguments:
            message.add_arg(argument)
        builder.add_content(message.build())
    return builder.build().dgram


@given(st.lists(messages, max_size=8))
def test_bundles_are_byte_for_byte_those_of_python_osc(bundle):
    packet = encode_bundle(bundle)
    assert packet == built_by_python_osc(bundle)
    assert len(packet) == bundle_size(bundle)


@given(st.lists(messages, min_size=1, max_size=3), st.lists(st.lists(messages, max_size=40), max_size=6))
def test_packing_keeps_order_header_and_limit(header, chunks):
    bundles = pack_bundles(header, chunks)
    assert all(bundle[: len(header)] == header for bundle in bundles)
    assert all(bundle_size(bundle) <= BUNDLE_LIMIT for bundle in bundles)
    told = [message for bundle in bundles for message in bundle[len(header) :]]
    assert told == [message for chunk in chunks for message in chunk]


def shape_of(message) -> tuple[str, str]:
    address, arguments = message
    return address, "".join("i" if type(argument) is int else "f" for argument in arguments)


def values_of(messages) -> list[float]:
    return [argument for _, arguments in messages for argument in arguments]


chunk_lists = st.lists(st.lists(messages, max_size=40), max_size=6)


@given(st.lists(messages, min_size=1, max_size=3), chunk_lists, st.integers(0, 3))
def test_forms_make_the_packets_that_messages_make(header, chunks, pieces):
    packer = Packer()
    head, forms = form_of(tuple(map(shape_of, header))), [form_of(tuple(map(shape_of, c))) for c in chunks]
    for scale in (1, -1):  # the second time from memory
        front = [(address, tuple(scale * value for value in values)) for address, values in header]
        told = [
            [(address, tuple(scale * value for value in values)) for address, values in c] for c in chunks
        ]
        numbers = [number for chunk in told for number in values_of(chunk)]
        cut = pieces * len(numbers) // 3
        packets = packer.encode(head, forms, [values_of(front), numbers[:cut], np.array(numbers[cut:])])
        assert packets == [built_by_python_osc(bundle) for bundle in pack_bundles(front, told)]


def test_forms_are_told_apart_by_what_they_look_like():
    shapes = (("/p1/active", "i"), ("/p1/left_wrist", "fff"))
    assert form_of(shapes) is form_of(tuple(shapes))
    assert form_of(shapes) is not form_of((("/p1/active", "f"), ("/p1/left_wrist", "fff")))
    assert form_of(shapes).sizes == [24, 40]


@given(st.lists(messages, min_size=1, max_size=8))
def test_lone_messages_are_those_of_python_osc(told):
    shapes = tuple(
        (address, "".join("i" if type(one) is int else "f" for one in values)) for address, values in told
    )
    alone = encode_messages(shapes, [value for _, values in told for value in values])
    assert len(alone) == len(told)
    for packet, (address, values), (_, tags) in zip(alone, told, shapes, strict=True):
        builder = OscMessageBuilder(address)
        for value, tag in zip(values, tags, strict=True):
            builder.add_arg(value, tag)
        assert packet == builder.build().dgram


def test_words_make_the_same_bundles_and_divide_them_with_header_and_footer():
    lines = [(f"/line/{number}", (number, 0.5)) for number in range(100)]
    assert write_bundles(lines[:5]) == [encode_bundle(lines[:5])]
    bundles = [messages_of(one) for one in write_bundles(lines, [("/head", ("word",))], [("/foot", (-1,))])]
    assert len(bundles) == 3
    assert all(told[0] == ("/head", ("word",)) and told[-1] == ("/foot", (-1,)) for told in bundles)
    assert [line for told in bundles for line in told[1:-1]] == lines
    assert messages_of(write_message("/a", (math.nan, -math.inf, 2**40))) == [("/a", (0.0, 0.0, 2**31 - 1))]


@given(st.lists(st.floats() | st.integers(-(2**70), 2**70), min_size=2, max_size=2))
def test_every_number_of_a_form_can_be_sent(numbers):
    (packet,) = Packer().encode(form_of((("/a", "f"), ("/b", "i"))), [], [numbers])
    expected = struct.pack(">f", real(numbers[0])), struct.pack(">i", whole(real(numbers[1])))
    assert (packet[-20:-16], packet[-4:]) == expected


def test_a_packer_forgets_what_has_not_come_for_long():
    packer, header = Packer(), form_of((("/frame", "i"),))
    forms = [form_of(((f"/{number}", "f"),)) for number in range(500)]
    for number, form in enumerate(forms):
        (packet,) = packer.encode(header, [form], [[number], [0.5]])
        assert packet == built_by_python_osc([("/frame", (number,)), (f"/{number}", (0.5,))])
    assert 8 <= len(packer._plans) <= 64
    assert (header, forms[-1]) in packer._plans


def test_a_chunk_that_fits_is_never_torn():
    chunk = [(f"/p1/something/{n}", (0.5,)) for n in range(30)]
    bundles = pack_bundles([("/frame", (1,))], [chunk] * 5)
    assert [len(bundle) for bundle in bundles] == [31] * 5
    assert all(bundle[1:] == chunk for bundle in bundles)


@pytest.mark.parametrize("number", [np.float32(0.5), np.float64(0.5), np.float16(0.5), 0.5, np.array(0.5)])
def test_real_makes_plain_floats(number):
    assert type(real(number)) is float
    assert real(number) == 0.5


@pytest.mark.parametrize("number", [np.int64(7), np.uint8(7), 7, np.bool_(True), True])
def test_whole_makes_plain_ints(number):
    assert type(whole(number)) is int


@given(st.floats() | st.integers(-(2**70), 2**70))
def test_every_number_can_be_sent(number):
    assert math.isfinite(struct.unpack(">f", struct.pack(">f", real(number)))[0])
    if isinstance(number, int):
        struct.pack(">i", whole(number))
