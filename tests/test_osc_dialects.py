"""What every dialect owes its receivers, whatever happens in the room; and templates, with their mistakes."""

from __future__ import annotations

import math

import numpy as np
import pytest
from builders import a_person, a_scene
from hypothesis import given, settings
from hypothesis import strategies as st
from osc_messages import messages_of

from posekit.errors import SettingsError, UnknownNameError
from posekit.outputs.osc import parse_target, receiver_hint
from posekit.outputs.osc.dialects import DIALECTS, find_dialect
from posekit.outputs.osc.encode import BUNDLE_LIMIT
from posekit.outputs.osc.opening import parse_targets
from posekit.pose import Pose
from posekit.scene import Enter, Gesture, Leave
from posekit.skeleton import COCO_17

DAYS_180 = 180 * 86400.0
FREE = (
    "7000:template,slots=2,template=/b/{slot}/{keypoint} {x} {y}; /n {count}; /e/{event} {slot} {id} {value}"
)
TEXTS = [
    *(f"7000:{name},slots=2" for name in DIALECTS if name != "template"),
    *("9527:poseosc,slots=2,mode=addr", "3333:tuio,slots=2,points=hands", "3333:tuio,slots=2,points=lead"),
    FREE,
]
WORDED = ("tuio", "osceleton")
"""Dialects whose published formats have strings."""

FIRST_OF_A_SCENE = (
    *("/frame", "/poses", "/nPoses", "/p1/hand_r:tx", "/tuio", "/scene", "/n", "/TSPS/scene", "/wek"),
    *("/joint", "/au/scene"),
)


class Receiver:
    """An encoder, and what came off the wire, as python-osc reads it."""

    def __init__(self, text: str):
        self.target = parse_target(text)
        self.encoder = find_dialect(self.target.dialect).encoder(self.target, {})
        self.heard: list[tuple[str, tuple]] = []
        self.values: dict[str, tuple] = {}

    def update(self, seconds, scene, events=()):
        return self._hear(self.encoder.update(seconds, scene, events, None))

    def neutral(self, seconds):
        return self._hear(self.encoder.neutral(seconds))

    def _hear(self, packets):
        self.packets = packets
        self.heard = [message for packet in packets for message in messages_of(packet)]
        self.values.update(self.heard)
        return self

    def named(self, address):
        return [values for one, values in self.heard if one == address]


# ---------------------------------------------------------------- what all of them owe


people = st.lists(
    st.builds(
        lambda number, x, y, missing: (number, x, y, missing),
        st.integers(1, 9),
        st.floats(-0.5, 1.5),
        st.floats(-0.5, 1.5),
        st.sets(st.sampled_from(COCO_17.keypoints)),
    ),
    max_size=4,
    unique_by=lambda one: one[0],
)


@pytest.mark.parametrize("text", TEXTS)
@settings(max_examples=15, deadline=None)
@given(st.lists(people, min_size=1, max_size=5), st.sampled_from([0.0, DAYS_180]))
def test_whatever_happens_packets_fit_and_numbers_are_numbers(text, rooms, start):
    hears = Receiver(text)
    for step, room in enumerate(rooms):
        crowd = [
            a_person(number, slot=place if place <= 3 else None, x=x, y=y, missing=missing, age=start)
            for place, (number, x, y, missing) in enumerate(room, 1)
        ]
        hears.update(start + step / 30, a_scene(*crowd, index=10**9 + step), [Enter(1, 1), Leave(9, None)])
        check(hears)
    hears.update(start + 10.0, None)
    check(hears)
    hears.neutral(start + 11.0)
    check(hears)


def check(hears: Receiver) -> None:
    assert all(len(packet) <= BUNDLE_LIMIT for packet in hears.packets)
    for address, values in hears.heard:
        assert address.startswith("/")
        for value in values:
            if isinstance(value, str):
                assert hears.target.dialect in WORDED
            else:
                assert type(value) in (int, float)
                assert math.isfinite(value)


@pytest.mark.parametrize("text", TEXTS)
def test_a_body_without_any_keypoint_is_numbers_all_the_same(text: str):
    hears = Receiver(text)
    nothing = Pose(np.full((17, 2), np.nan), np.zeros(17), float("nan"))
    hears.update(0.0, a_scene(a_person(1, slot=1, pose=nothing, velocity=(math.nan, 0.0))))
    assert hears.heard
    check(hears)


@pytest.mark.parametrize("text", TEXTS)
def test_somebody_beyond_the_slots_is_not_told_of(text: str):
    hears, alone = Receiver(text), Receiver(text)
    two = [a_person(1, slot=1), a_person(2, slot=2)]
    hears.update(0.0, a_scene(*two, a_person(3, slot=3, x=0.9), a_person(4, slot=None, x=0.8), lead_id=1))
    alone.update(0.0, a_scene(*two, lead_id=1))
    told = [message for message in hears.heard if message[0] != "/count"]
    assert told
    assert told == [message for message in alone.heard if message[0] != "/count"]


@pytest.mark.parametrize("text", TEXTS)
def test_rate_holds_scenes_back(text: str):
    hears = Receiver(text + ",rate=10")
    told = 0
    for step in range(60):
        hears.update(step / 60, a_scene(a_person(1, slot=1), index=step))
        told += any(address.startswith(FIRST_OF_A_SCENE) for address, _ in hears.heard)
    assert 10 <= told <= 11


@pytest.mark.parametrize("text", TEXTS)
def test_mirror_exchanges_the_sides_of_the_picture(text: str):
    plain, mirrored = Receiver(text), Receiver(text + ",mirror=on")
    for hears in (plain, mirrored):
        hears.update(0.0, a_scene(a_person(1, slot=1, x=0.25, left_wrist=(0.25, 0.5))))
    assert len(plain.heard) == len(mirrored.heard) > 0
    assert plain.heard != mirrored.heard
    assert [address for address, _ in plain.heard] == [address for address, _ in mirrored.heard]


def test_a_key_that_a_dialect_does_not_have_is_one_sentence():
    for text, words in [
        ("7000:poseosc,layout=packed", "no key layout"),
        ("7000:poseosc,prefix=/cam2", "no key prefix"),
        ("7000:tuio,origin=centred", "no key origin"),
        ("7000:augmenta,only=nose", "no key only"),
        ("7000,mode=addr", "which is for poseosc"),
    ]:
        with pytest.raises(SettingsError, match=words) as caught:
            parse_target(text)
        assert "\n" not in str(caught.value)
    for text, nearest in [
        *(("7000:tuio,poinst=hands", "points"), ("7000:tuio,points=hand", "hands")),
        *(("7000:poseosc,mode=adr", "addr"), ("7000:posesoc", "poseosc"), ("7000:kinekt", "kinect")),
    ]:
        with pytest.raises(UnknownNameError) as caught:
            parse_target(text)
        assert caught.value.nearest == nearest


@pytest.mark.parametrize(
    "text", [*TEXTS, "7000:kinect,origin=top-left", "7000:wekinator", "7000:tuio,source=a@b"]
)
def test_a_target_of_every_dialect_reads_back_and_has_a_hint(text: str):
    target = parse_target(text)
    assert parse_target(str(target)) == target
    assert str(target.port) in receiver_hint(None, target)
    hears = Receiver(text)
    for step in range(2):
        sent = hears.update(step / 30, a_scene(a_person(1, slot=1))).values
    assert any(f" {address} " in receiver_hint(None, target) for address in sent)


# ---------------------------------------------------------------- poseosc


def test_poses_arr_goes_out_with_every_frame_and_only_then():
    hears = Receiver("9527:poseosc")
    assert hears.update(0.0, None).packets == []
    for step in range(5):
        assert len(hears.update(1.0 + step / 30, a_scene(size=(640, 480))).packets) == 1
        assert hears.heard == [("/poses/arr", (640, 480, 0))]
    assert hears.update(1.5, None, [Enter(1, 1)]).packets == []
    hears.update(2.0, a_scene(a_person(1, slot=1)))
    assert hears.neutral(2.1).heard == [("/poses/arr", (1280, 720, 0))]


def test_pixels_may_be_mirrored_and_a_missing_keypoint_stays_where_the_format_has_it():
    hears = Receiver("9527:poseosc,mirror=on")
    hears.update(0.0, a_scene(a_person(1, slot=1, nose=(0.25, 0.5), missing=["left_eye"]), size=(640, 480)))
    values = hears.values["/poses/arr"]
    assert values[4:7] == pytest.approx((480.0, 240.0, 0.9))
    assert values[7:10] == (0.0, 480.0, 0.0)


def test_addr_is_a_datagram_for_every_number():
    hears = Receiver("9527:poseosc,mode=addr")
    hears.update(0.0, a_scene(a_person(1, slot=1, left_wrist=(0.25, 0.5)), size=(640, 480)))
    assert len(hears.packets) == len(hears.heard) == 3 + 52
    assert hears.heard[:3] == [("/videoWidth", (640,)), ("/videoHeight", (480,)), ("/nPoses", (1,))]
    assert hears.values["/poses/0/keypoints/leftWrist/x"] == (160.0,)
    assert hears.values["/poses/0/score"] == pytest.approx((0.9,))


def test_a_message_that_networks_divide_is_said_at_the_start():
    assert "slots=5" in receiver_hint(None, parse_target("9527:poseosc"))
    assert "divided" not in receiver_hint(None, parse_target("9527:poseosc,slots=5"))


# ---------------------------------------------------------------- kinect


def test_a_kinect_patch_hears_every_player_and_zeros_for_who_is_not_there():
    hears = Receiver("7000:kinect")
    hears.update(0.0, a_scene())
    assert len(hears.values) == 6 * (1 + 23 * 3)
    assert set(hears.values.values()) == {(0.0,)}
    hears.update(0.1, a_scene(a_person(7, slot=2, left_wrist=(0.75, 0.25)), size=(800, 400)))
    assert hears.values["/p2/id"] == (7.0,)
    joints = [hears.values[f"/p2/hand_l:t{axis}"] for axis in "xyz"]
    assert joints == [(0.5,), (0.25,), (0.0,)]
    hears.update(0.2, a_scene(a_person(7, slot=2, missing=["left_wrist"]), size=(800, 400)))
    assert hears.values["/p2/hand_l:tx"] == (0.5,)
    hears.update(0.3, a_scene())
    assert {hears.values[address] for address in hears.values if address.startswith("/p2")} == {(0.0,)}
    hears.update(0.4, a_scene(a_person(8, slot=1)))
    hears.neutral(0.5)
    assert set(hears.values.values()) == {(0.0,)}


def test_a_kinects_head_is_between_the_ears_and_else_the_nose():
    hears = Receiver("7000:kinect,origin=top-left,prefix=/cam2")
    ears = {"left_ear": (0.4, 0.2), "right_ear": (0.6, 0.2), "nose": (0.5, 0.3)}
    hears.update(0.0, a_scene(a_person(1, slot=1, **ears)))
    assert hears.values["/cam2/p1/head:ty"] == pytest.approx((0.2,))
    hears.update(0.1, a_scene(a_person(1, slot=1, missing=["left_ear"], nose=(0.5, 0.3))))
    assert hears.values["/cam2/p1/head:ty"] == pytest.approx((0.3,))


# ---------------------------------------------------------------- tuio


def test_tuio_tells_who_is_alive_in_every_bundle_and_counts_frames():
    hears = Receiver("3333:tuio,source=a@b")
    hears.update(0.0, a_scene(a_person(7, slot=1), a_person(9, slot=2)))
    assert [values[-1] for values in hears.named("/tuio/2Dcur") if values[0] == "fseq"] == [-1, 1]
    assert hears.named("/tuio/2Dcur")[4] == ("alive", 7, 9)
    hears.update(0.1, a_scene(a_person(9, slot=2, velocity=(0.5, 0.25)), size=(800, 400)))
    told = {values[0]: values for values in hears.named("/tuio/2Dcur")}
    assert (told["alive"], told["fseq"]) == (("alive", 9), ("fseq", 2))
    assert told["set"][4:6] == (0.25, 0.25)  # 0.5 heights are 0.25 widths of this picture
    assert told["set"][6] == pytest.approx(math.hypot(0.5, 0.25) / 0.1)
    hears.update(1.5, None)
    assert hears.named("/tuio/2Dcur")[-1] == ("fseq", -1)
    hears.neutral(2.0)
    assert hears.named("/tuio/2Dcur") == [("source", "a@b"), ("alive",), ("fseq", -1)]


def test_tuio_divides_a_crowd_and_repeats_alive():
    hears = Receiver("3333:tuio,slots=32,points=hands")
    hears.update(0.0, a_scene(*(a_person(number, slot=number) for number in range(1, 33))))
    bundles = [[values for _, values in messages_of(packet)] for packet in hears.packets[1:]]
    assert len(bundles) > 2
    assert all(bundle[1] == ("alive", *range(1, 65)) for bundle in bundles)
    assert all(bundle[-1] == ("fseq", 1) for bundle in bundles)
    assert [line[1] for bundle in bundles for line in bundle if line[0] == "set"] == list(range(1, 65))


def test_tuio_hands_and_lead():
    hands = Receiver("3333:tuio,points=hands")
    hands.update(0.0, a_scene(a_person(3, slot=1, missing=["left_wrist"])))
    assert ("alive", 6) in hands.named("/tuio/2Dcur")
    lead = Receiver("3333:tuio,points=lead")
    lead.update(0.0, a_scene(a_person(3, slot=1), a_person(4, slot=2), lead_id=4))
    assert ("alive", 4) in lead.named("/tuio/2Dcur")


# ---------------------------------------------------------------- augmenta


def test_augmenta_enters_updates_and_leaves():
    hears = Receiver("12000:augmenta")
    hears.update(0.0, a_scene(a_person(7, slot=1)))
    assert [values[1] for values in hears.named("/object/enter")] == [7]
    moving = a_person(7, slot=1, velocity=(0.0, -0.5))
    hears.update(0.1, a_scene(moving, size=(800, 400)))
    ((frame, who, order, _, *_rest),) = hears.named("/object/update")
    assert (frame, who, order) == (2, 7, 0)
    assert _rest[2:5] == pytest.approx(
        (0.0, -0.5, 90.0)
    )  # up is 90 degrees, counter-clockwise from the right
    hears.update(0.2, a_scene())
    assert [values[1] for values in hears.named("/object/leave")] == [7]
    assert hears.values["/scene"][1] == 0
    hears.update(0.3, a_scene())
    assert hears.heard == [("/scene", (4, 0, 0.0, 0.0))]
    hears.update(0.4, a_scene(a_person(8, slot=1)))
    for _ in range(2):
        assert [values[1] for values in hears.neutral(0.5).named("/object/leave")] == [8]


# ---------------------------------------------------------------- templates


def test_a_template_tells_scene_person_keypoint_and_event():
    text = (
        "7000:template,slots=1,only=*wrist,prefix=/x,template=/n {count} 1 1.0; "
        "/p/{slot} {id} {left_wrist.x}; /k/{slot}/{part} {x} {score}; /e/{event} {slot} {id} {value}"
    )
    hears = Receiver(text)
    wrists = {"left_wrist": (0.25, 0.5), "right_wrist": (0.75, 0.5)}
    hears.update(0.0, a_scene(a_person(5, slot=1, **wrists)), [Gesture("wave", 5, 1, strength=0.5)])
    assert hears.heard == [
        ("/x/n", (1, 1, 1.0)),
        ("/x/p/1", (5, 0.25)),
        ("/x/k/1/leftWrist", (0.25, pytest.approx(0.9))),
        ("/x/k/1/rightWrist", (0.75, pytest.approx(0.9))),
        ("/x/e/wave", (1, 5, 0.5)),
    ]
    hears.update(0.1, a_scene(), [Leave(5, 1, visit=2.0)])
    assert hears.values["/x/p/1"] == (0, 0.0)
    assert hears.values["/x/k/1/leftWrist"] == (0.0, 0.0)
    assert hears.values["/x/e/leave"] == (1, 5, 2.0)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("/body/{slot}/{keypont} {x}", "character 14 of .*did you mean 'keypoint'"),
        ("/a {x} {y}; /b {left_wirst.x}", "character 16 of .*did you mean 'left_wrist.x'"),
        ("body {x}", "character 1 .*starts with /"),
        ("/a#b {x}", "is no address"),
        ("/a/{x}", "cannot stand in an address"),
        ("/a {x}{y}", "a field stands alone"),
        ("/a {x", "a field stands alone"),
        ("/a {event} {x}", "event knows {slot} and {id} only"),
        ("", "has no message"),
        (" ; ", "has no message"),
    ],
)
def test_a_wrong_template_is_one_sentence_with_the_place(text: str, words: str):
    with pytest.raises(SettingsError, match=words) as caught:
        parse_target(f"7000:template,template={text}")
    assert "\n" not in str(caught.value)


def test_a_template_of_the_command_line_is_for_targets_that_name_no_dialect():
    targets = parse_targets(["7000", "7001:posekit", "7002:template"], "max", 3, "/a {x}")
    assert [target.dialect for target in targets] == ["template", "posekit", "template"]
    assert [target.option("template", "") for target in targets] == ["/a {x}", "", "/a {x}"]
    assert [target.slots for target in targets] == [3, 3, 3]
    with pytest.raises(SettingsError, match="no commas"):
        parse_targets(["7000"], None, None, "/a b,c")


def test_wekinator_always_hears_as_many_floats():
    hears = Receiver("6448:wekinator,slots=2")
    for crowd in ([], [a_person(1, slot=2)], [a_person(1, slot=2), a_person(2, slot=1)]):
        hears.update(0.0, a_scene(*crowd))
        ((address, values),) = hears.heard
        assert (address, len(values), len(hears.packets)) == ("/wek/inputs", 68, 1)
        assert [any(values[:34]), any(values[34:])] == [len(crowd) == 2, len(crowd) > 0]


def test_tsps_and_osceleton_say_who_comes_and_goes():
    tsps, osceleton = Receiver("12000:tsps"), Receiver("7110:osceleton")
    for hears in (tsps, osceleton):
        hears.update(0.0, a_scene(a_person(7, slot=1)))
        hears.update(0.1, a_scene(a_person(7, slot=1, velocity=(0.5, 0.0))))
    assert tsps.values["/TSPS/personUpdated/"][:3] == (7, 0, 2)
    assert tsps.values["/TSPS/personUpdated/"][5:7] == pytest.approx((0.5 * 0.1 * 720, 0.0))
    assert len(osceleton.named("/joint")) == 15
    assert osceleton.named("/new_user") == []
    for hears in (tsps, osceleton):
        hears.update(0.2, a_scene())
    assert tsps.values["/TSPS/personWillLeave/"][0] == 7
    assert osceleton.heard == [("/lost_user", (7,))]


def test_a_template_that_networks_divide_is_said_at_the_start():
    assert "3416 bytes" in receiver_hint(None, parse_target("6448:wekinator,slots=20"))
    assert "bytes" not in receiver_hint(None, parse_target("6448:wekinator"))
