"""Every dialect in every situation, sent over a socket and read by two programs that know nothing of us.

python-osc and liblo's `oscdump` must read the same of: a keypoint that is missing, a person beyond the
slots, an empty room, and a sender that has run for 180 days.
"""

from __future__ import annotations

import socket
from dataclasses import replace

import numpy as np
import pytest
from builders import a_person, a_scene
from osc_messages import messages_of
from test_osc_dialects import TEXTS
from test_osc_sender import oscdump

from posekit.health import Health
from posekit.outputs.osc.dialects import DIALECTS, find_dialect
from posekit.outputs.osc.encode import encode_bundle
from posekit.outputs.osc.stream import StreamEncoder
from posekit.outputs.osc.target import parse_target
from posekit.scene import Enter, Gesture, Leave

DAYS_180 = 180 * 86400.0
HERTZ = 60
STEPS = 12
"""Scenes of a situation, 60 a second."""


def walking(step: int, *, missing=(), number: int = 1, slot: int | None = 1, age: float = 1.0):
    """Return somebody who has walked for so many steps, to the right and down."""
    at = 0.2 + 0.2 * (number - 1) + 0.004 * step
    wrist = (at, 0.3 + 0.004 * step)
    moves = {"velocity": (0.24, 0.24), "age": age + step / HERTZ}
    return a_person(number, slot=slot, x=at, missing=missing, left_wrist=wrist, **moves)


def missing_keypoint(step):
    """Her left wrist is seen, hidden, and seen again; her nose never."""
    hidden = ["nose", "left_wrist"] if 4 <= step < 8 else ["nose"]
    events = [Enter(1, 1)] if step == 0 else [Gesture("wave", 1, 1, strength=0.5)] if step == 5 else []
    return a_scene(walking(step, missing=hidden), index=step), events


def beyond_the_slots(step):
    """Two have slots, a third has one that the target does not know, a fourth has none."""
    people = [walking(step, number=number, slot=number) for number in (1, 2, 3)]
    events = [Enter(number, number) for number in (1, 2, 3)] if step == 0 else [Leave(4, None)] * (step == 6)
    return a_scene(*people, walking(step, number=4, slot=None), index=step), events


def empty_room(step):
    """Nobody, somebody for four steps, nobody again."""
    is_there = 4 <= step < 8
    events = [Enter(1, 1)] if step == 4 else [Leave(1, 1, visit=4 / HERTZ)] if step == 8 else []
    return a_scene(*([walking(step)] if is_there else []), index=step), events


def half_a_year(step):
    """Two who have stood there for 180 days, a person id far beyond, and frames that went on counting."""
    people = [walking(step, number=1, age=DAYS_180), replace(walking(step, number=2, slot=2), id=15_552_000)]
    return a_scene(*people, index=int(DAYS_180) * HERTZ + step), [Enter(15_552_000, 2)] * (step == 0)


SITUATIONS = [missing_keypoint, beyond_the_slots, empty_room, half_a_year]


def performed(text: str, situation) -> list[list[bytes]]:
    """Return the packets of each step, and of the end, in a dialect."""
    target = parse_target(text)
    encoder = find_dialect(target.dialect).encoder(target, {})
    start = 0.0
    if situation is half_a_year:
        encoder.update(0.0, a_scene(walking(0, number=1)), [Enter(1, 1)], None)
        start = DAYS_180
        if isinstance(encoder, StreamEncoder):  # it has counted what it told
            encoder._moment = replace(encoder._moment, number=int(DAYS_180) * HERTZ)
    steps = [
        encoder.update(start + step / HERTZ, *situation(step), Health(fps=60.0)) for step in range(STEPS)
    ]
    return [*steps, encoder.neutral(start + STEPS / HERTZ)]


@pytest.fixture(scope="module")
def reads_alike(tool):
    """Return a function that has packets read by both programs, and returns what they agree upon."""
    letters = {int: "i", float: "f", str: "s"}
    with oscdump(tool("oscdump")) as (port, lines_until), socket.socket(type=socket.SOCK_DGRAM) as sending:

        def read(packets):
            for packet in [*packets, encode_bundle([("/mark", (1,))])]:
                sending.sendto(packet, ("127.0.0.1", port))
            ours, theirs = [one for packet in packets for one in messages_of(packet)], lines_until("/mark")
            assert len(ours) == len(theirs)
            for (address, values), (their_address, types, *words) in zip(ours, theirs, strict=True):
                assert address == their_address
                assert types == "".join(letters[type(value)] for value in values)
                if "s" in types:
                    assert [str(value) for value in values if isinstance(value, str)] == [
                        word.strip('"') for word, kind in zip(words, types, strict=True) if kind == "s"
                    ]
                numbers = [value for value in values if not isinstance(value, str)]
                their_numbers = [float(word) for word, kind in zip(words, types, strict=True) if kind != "s"]
                # oscdump prints six decimals
                assert np.allclose(numbers, their_numbers, rtol=1e-6, atol=1e-6), (address, values, words)
            return ours

        yield read


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda one: one.__name__)
@pytest.mark.parametrize("text", TEXTS)
def test_two_programs_read_the_same(text: str, situation, reads_alike):
    steps = performed(text, situation)
    told = [reads_alike(packets) for packets in steps]
    assert sum(map(len, told)) >= STEPS
    if situation is half_a_year:
        check_half_a_year(text, told)


@pytest.mark.parametrize("count", [0, 1, 5, 6])
def test_two_programs_read_the_same_of_poses_arr(count: int, reads_alike):
    target = parse_target("9527:poseosc")
    encoder = find_dialect("poseosc").encoder(target, {})
    people = [walking(0, number=number, slot=number, missing=["nose"]) for number in range(1, count + 1)]
    ((address, values),) = reads_alike(encoder.update(0.0, a_scene(*people), [], None))
    assert (address, values[:3], len(values)) == ("/poses/arr", (1280, 720, count), 3 + 52 * count)
    noses = [values[4 + 52 * at : 7 + 52 * at] for at in range(count)]
    assert noses == [(0.0, 720.0, 0.0)] * count


def check_half_a_year(text: str, told: list[list[tuple]]) -> None:
    """Assert that places and clocks still move from one scene to the next, and that counters count."""
    scenes = told[:STEPS]
    by_address = [
        {(address, *(v for v in values if isinstance(v, str))): values for address, values in one}
        for one in scenes
    ]
    common = [key for key in by_address[1] if all(key in one for one in by_address[1:])]
    moving = [key for key in common if len({one[key] for one in by_address[1:]}) == STEPS - 1]
    assert moving, "nothing moves any more"
    name = parse_target(text).dialect
    if name == "posekit":
        assert ("/time",) in moving
        assert [one[("/frame",)][0] for one in by_address] == [
            (int(DAYS_180) * HERTZ + step) % 1_000_000 for step in range(STEPS)
        ]
        assert {one[("/uptime",)] for one in by_address} == {(int(DAYS_180),)}
    if name == "tuio":
        first = int(DAYS_180) * HERTZ + 1
        frames = [[v[1] for _, v in one if v[0] == "fseq" and v[1] != -1][-1] for one in scenes]
        assert frames == list(range(first, first + STEPS))
    if name == "augmenta":
        frames = [dict(one)["/scene"][0] for one in scenes]
        assert frames == list(range(frames[0], frames[0] + STEPS))
        assert frames[0] > int(DAYS_180) * HERTZ
    if name in ("posekit", "kinect"):
        wrist = {"posekit": "/p1/left_wrist/x", "kinect": "/p1/wrist_l:tx"}[name]
        assert (wrist,) in moving


def test_every_dialect_is_among_these():
    spoken = {parse_target(text).dialect for text in TEXTS}
    assert spoken == set(DIALECTS)
    assert len(DIALECTS) >= 10
