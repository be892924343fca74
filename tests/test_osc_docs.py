"""docs/osc.md tells the truth: its targets parse, its code runs, its addresses are those on the wire."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from builders import a_person, a_scene
from osc_messages import messages_of

from posekit.outputs.osc import PRESETS, parse_target, preset
from posekit.outputs.osc.dialects import DIALECTS
from posekit.outputs.osc.dialects import posekit as dialect
from posekit.outputs.osc.fields import FIELDS
from posekit.outputs.osc.target import KEYS
from posekit.scene import Enter
from posekit.skeleton import COCO_17

TEXT = (Path(__file__).parent.parent / "docs" / "osc.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("text", re.findall(r"--osc ('[^']+'|\S+?)[`)\s]", TEXT))
def test_every_target_in_it_is_one(text: str):
    assert parse_target(text.strip("'")).port


def test_every_key_and_tool_is_in_it():
    table = TEXT.partition("### Coordinates")[0].partition("| key |")[2]
    assert set(re.findall(r"^\| `([a-z]+)` \|.*\|.*\|.*\|$", table, re.MULTILINE)) == set(KEYS)
    for tools, keys in re.findall(r"^\| ([`a-z, ]+) \| `([a-z=,-]+)` \|$", TEXT, re.MULTILINE):
        for tool in re.findall("[a-z]+", tools):
            assert preset(tool) == dict(pair.split("=") for pair in keys.split(","))
    assert all(f"`{tool}`" in TEXT for tool in PRESETS)


def test_its_addresses_and_types_are_those_on_the_wire():
    rows = re.findall(r"^\| `(/[^`]+)` \| ([if]+) \|", TEXT.partition("## PoseOSC")[0], re.MULTILINE)
    names = {"slot": "1", "keypoint": "left_wrist", "name": "enter"}
    told = {address.format_map(names): types for address, types in rows}
    target = parse_target("7000,slots=1,only=left_wrist")
    packets = dialect.encoder(target, {}).update(0.0, a_scene(a_person(1, slot=1)), [Enter(1, 1)], None)
    sent = {
        address: "".join("i" if type(value) is int else "f" for value in values)
        for packet in packets
        for address, values in messages_of(packet)
        if (not address.startswith("/lead/") or address == "/lead/active")
        and (not address.startswith("/p1/event/") or address.endswith("/enter"))
    }
    assert len(rows) == len(told)
    assert told == sent


def test_every_dialect_is_in_it_with_its_keys_and_port():
    rows = re.findall(r"^\| (`[a-z0-9, `]+`) \| \[[^|]*\|([0-9, ]*)\| ([^|]*) \|$", TEXT, re.MULTILINE)
    told = {}
    for names, ports, keys in rows:
        listed = re.findall("[a-z0-9]+", names)
        for name, port in zip(listed, re.findall("[0-9]+", ports) or ["7000"], strict=True):
            told[name] = (int(port), set(re.findall("`([a-z]+)`", keys)))
    assert told.pop("template")[1] == {*DIALECTS["template"].keys, "template"}
    assert len(told) == len(DIALECTS) - 1
    assert told.pop("posekit")[0] == 7000  # its keys have a table of their own
    for name, (port, keys) in told.items():
        assert (port, keys) == (DIALECTS[name].port, {*DIALECTS[name].keys, *DIALECTS[name].options})


def test_every_field_of_a_template_is_in_it():
    section = TEXT.partition("## Templates")[2].partition("### Ready")[0]
    listed = {name.partition(".")[0] for name in re.findall(r"\{([a-z_.]+)\}", section)}
    bodies = {*COCO_17.keypoints} - {"left_wrist"}  # one of them stands for all
    assert listed == {name.partition(".")[0] for name in FIELDS} - bodies


def test_its_python_runs(capsys):
    for code in re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL):
        exec(compile(code, "docs/osc.md", "exec"), {})
    assert "OSC to 127.0.0.1:7000" in capsys.readouterr().out
