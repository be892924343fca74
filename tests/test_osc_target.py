"""What a user may write for a target, what it means, and what is said when it is wrong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posekit.errors import SettingsError, UnknownNameError
from posekit.outputs.osc import PRESETS, Target, parse_target, preset, receiver_hint
from posekit.outputs.osc.dialects import DIALECTS
from posekit.outputs.osc.encode import BUNDLE_LIMIT
from posekit.outputs.osc.target import DEFAULT_TARGET, KEYS
from posekit.skeleton import COCO_17

targets = st.builds(
    Target,
    host=st.sampled_from(["127.0.0.1", "::1", "localhost", "239.0.0.1", "studio.local", "ff02::1"]),
    port=st.integers(1, 65535),
    layout=st.sampled_from(["split", "packed"]),
    origin=st.sampled_from(["top-left", "bottom-left", "centred"]),
    mirror=st.booleans(),
    slots=st.integers(1, 32),
    rate=st.none() | st.floats(0.001, 1000.0),
    only=st.sampled_from([("*",), ("*wrist",), ("left_*", "nose"), ("nose",)]),
    prefix=st.sampled_from(["", "/cam2", "/a/b.c-d_e", "/posekit/camera/two"]),
    leave=st.sampled_from(["zero", "hold"]),
)


@given(targets)
def test_a_target_reads_back_from_its_own_text(target: Target):
    if DIALECTS[target.dialect].least_bytes(target) <= BUNDLE_LIMIT:
        assert parse_target(str(target)) == target
    else:
        with pytest.raises(SettingsError, match="bytes"):
            parse_target(str(target))


def test_the_designs_example_means_what_it_says():
    text = "127.0.0.1:7000:posekit,layout=packed,origin=centred,mirror=on,slots=2,rate=30"
    assert parse_target(text + ",only=*wrist,prefix=/cam2") == Target(
        *("127.0.0.1", 7000, "posekit", "packed", "centred"),
        mirror=True,
        slots=2,
        rate=30.0,
        only=("*wrist",),
        prefix="/cam2",
    )


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("7000", "127.0.0.1", 7000),
        ("7000:posekit", "127.0.0.1", 7000),
        ("10.0.0.255:9000", "10.0.0.255", 9000),
        ("[::1]:7000", "::1", 7000),
        ("[fe80::1%eth0]:7000:posekit", "fe80::1%eth0", 7000),
        (" td-machine.local:65535 , slots = 3 ", "td-machine.local", 65535),
    ],
)
def test_hosts_and_ports(text: str, host: str, port: int):
    target = parse_target(text)
    assert (target.host, target.port, target.dialect) == (host, port, "posekit")


def test_just_a_port_is_the_default_target():
    assert parse_target("7000") == DEFAULT_TARGET


@pytest.mark.parametrize(
    "text",
    [
        *("", ":", "localhost", "localhost:", ":7000", "a b:7000", "http://me:7000", "[::1]", "[::1]7000"),
        *("::1:7000", "localhost:seven", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:-1", "7000:7001:7002"),
        *("7000,", "7000,slots", "7000,slots=0", "7000,slots=33", "7000,slots=two", "7000,slots=\u0663"),
        *(
            "7000,rate=0",
            "7000,rate=nan",
            "7000,rate=inf",
            "7000,rate=-1",
            "7000,rate=fast",
            "7000,mirror=yes",
        ),
        *("7000,prefix=cam2", "7000,prefix=/a b", "7000,prefix=/#", "7000,prefix=//x", "7000,prefix=/\u00e9"),
        *("7000,slots=2,slots=3", "7000,only=", "7000,layout=", "127.0.0.1:7000:posekit:more"),
    ],
)
def test_a_wrong_target_is_one_clear_sentence(text: str):
    with pytest.raises(SettingsError) as caught:
        parse_target(text)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) > 20


@pytest.mark.parametrize(
    ("text", "nearest"),
    [
        ("7000,layuot=split", "layout"),
        ("7000,layout=pakced", "packed"),
        ("7000,origin=center", "centred"),
        ("7000,leave=zeros", "zero"),
        ("7000:posekti", "posekit"),
        ("7000,only=left_wirst", "left_wrist"),
        ("7000,only=nose+left_kne", "left_knee"),
    ],
)
def test_a_misspelt_word_gets_the_nearest_right_one(text: str, nearest: str):
    with pytest.raises(UnknownNameError) as caught:
        parse_target(text)
    assert caught.value.nearest == nearest


def test_a_header_that_fills_every_bundle_is_refused():
    with pytest.raises(SettingsError, match="shorter prefix or fewer slots"):
        parse_target("7000,slots=32,prefix=/" + "a" * 40)
    assert parse_target("7000,slots=1,prefix=/" + "a" * 40).slots == 1


def test_only_chooses_keypoints_in_skeleton_order():
    names = parse_target("7000,only=right_wrist+left_*").keypoint_names
    assert names[0] == "left_eye"
    assert set(names) == {name for name in COCO_17.keypoints if name.startswith("left_")} | {"right_wrist"}


@pytest.mark.parametrize("tool", PRESETS)
def test_every_preset_is_a_target_and_yields_to_what_is_written(tool: str):
    keys = preset(tool)
    dialect = keys.pop("dialect", "posekit")
    assert dialect in DIALECTS
    assert keys.keys() <= KEYS.keys()
    assert {key: str(getattr(parse_target("7000", keys), key)) for key in keys} == keys
    assert parse_target("7000,layout=split,origin=top-left", keys).origin == "top-left"


@pytest.mark.parametrize("tool", [None, *(tool for tool in PRESETS if tool != "wekinator")])
@pytest.mark.parametrize("keys", ["", ",layout=packed,origin=centred", ",prefix=/cam2,only=nose"])
def test_a_hint_names_the_port_and_an_address_that_is_sent(tool: str | None, keys: str):
    target = parse_target(f"9123{keys}", preset(tool) if tool else None)
    hint = receiver_hint(tool, target)
    assert "9123" in hint
    assert target.keypoint_names[0] in hint or "left_wrist" in hint
    assert "{" not in hint


def test_a_tool_with_a_dialect_of_its_own_gets_it_unless_another_is_named():
    keys = preset("wekinator")
    target = parse_target("6448", keys)
    assert (target.dialect, target.slots) == ("wekinator", 1)
    assert "/wek/inputs, which has 34 floats" in receiver_hint("wekinator", target)
    assert parse_target("7000:posekit", keys).dialect == "posekit"


def test_what_suits_a_tool_is_for_its_dialect_alone():
    keys = {**preset("touchdesigner"), "slots": "3"}
    assert parse_target("7000", keys).origin == "bottom-left"
    kinect = parse_target("7000:kinect", keys)
    assert (kinect.origin, kinect.slots) == ("centred", 3)
    assert "OSC In CHOP" not in receiver_hint("touchdesigner", kinect)
    assert "/p1/hand_r:tx" in receiver_hint("touchdesigner", kinect)


def test_a_misspelt_tool_gets_the_nearest_right_one():
    with pytest.raises(UnknownNameError, match="touchdesigner"):
        preset("touchdesginer")


def test_a_tool_may_be_called_what_its_users_call_it():
    assert (preset("puredata"), preset("TD")) == (preset("pd"), preset("touchdesigner"))
