"""docs/osc.md tells the truth: its targets parse, its code runs, its addresses are those on the wire."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from builders import a_person, a_scene
from osc_messages import messages_of

from posekit.outputs.osc import PRESETS, parse_target, preset
from posekit.outputs.osc.dialects import posekit as dialect
from posekit.outputs.osc.target import KEYS
from posekit.scene import Enter

TEXT = (Path(__file__).parent.parent / "docs" / "osc.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("text", re.findall(r"--osc (\S+?)[`)\s]", TEXT))
def test_every_target_in_it_is_one(text: str):
    assert parse_target(text).port


def test_every_key_and_tool_is_in_it():
    table = TEXT.partition("### Coordinates")[0]
    assert set(re.findall(r"^\| `([a-z]+)` \|.*\|.*\|.*\|$", table, re.MULTILINE)) == set(KEYS)
    for tools, keys in re.findall(r"^\| ([`a-z, ]+) \| `([a-z=,-]+)` \|$", TEXT, re.MULTILINE):
        for tool in re.findall("[a-z]+", tools):
            assert preset(tool) == dict(pair.split("=") for pair in keys.split(","))
    assert all(f"`{tool}`" in TEXT for tool in PRESETS)


def test_its_addresses_and_types_are_those_on_the_wire():
    rows = re.findall(r"^\| `(/[^`]+)` \| ([if]+) \|", TEXT, re.MULTILINE)
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


def test_its_python_runs(capsys):
    for code in re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL):
        exec(compile(code, "docs/osc.md", "exec"), {})
    assert "OSC to 127.0.0.1:7000" in capsys.readouterr().out
