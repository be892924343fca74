"""What can be said of the receivers without their programs: well-formed, wired to what is there, honest."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest
from builders import a_person, a_scene
from osc_messages import messages_of
from receiver_world import RECEIVERS

from posekit.outputs.osc.dialects import find_dialect
from posekit.outputs.osc.opening import parse_targets
from posekit.scene import Enter, Leave

FOLDERS = {
    "touchdesigner": "touchdesigner",
    "max": "max",
    "puredata": "pd",
    "supercollider": "supercollider",
    "processing": "processing",
    "unity": "unity",
    "p5js": None,
    "node": None,
    "python": None,
}
"""Each receiver's folder, and what `--for` calls its program."""
NOT_RUN = {"touchdesigner", "max", "processing", "unity"}


def sent_to(tool: str | None) -> dict[str, tuple]:
    """Return every address, with its last values, that a receiver hears by the command of its README."""
    texts = ["7000"] if tool else ["7000,layout=packed"]
    (target,) = parse_targets(texts, tool, None, None)
    encoder = find_dialect(target.dialect).encoder(target, {})
    packets = encoder.update(0.0, a_scene(a_person(1, slot=1)), [Enter(1, 1)], None)
    packets += encoder.update(0.1, a_scene(), [Leave(1, 1)], None)
    return {address: values for packet in packets for address, values in messages_of(packet)}


def test_every_folder_is_known_here():
    assert {path.name for path in RECEIVERS.iterdir() if path.is_dir()} == FOLDERS.keys()


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_readme_of_ten_lines_says_how_and_whether_it_was_run(folder: str):
    text = (RECEIVERS / folder / "README.md").read_text()
    assert 8 <= len(text.splitlines()) <= 20
    assert ("**Not run in " in text) == (folder in NOT_RUN)
    assert ("Run by our tests" in text) == (folder not in NOT_RUN)
    assert "posekit send" in text
    tool = FOLDERS[folder]
    assert (f"--for {tool}" in text) if tool else True
    for link in re.findall(r"\]\((?!http)([^)#]+)", text):
        assert (RECEIVERS / folder / link).exists(), link


@pytest.mark.parametrize("folder", sorted(FOLDERS.keys() - {"p5js"}))
def test_every_address_that_a_receiver_names_is_one_that_it_hears(folder: str):
    addresses = sent_to(FOLDERS[folder]).keys()
    named = set()
    for path in (RECEIVERS / folder).rglob("*"):
        if path.is_file():
            text = (
                path.read_text()
                .replace("{SLOT}", "p1")
                .replace("p{slot}", "p1")
                .replace("{name}", "left_wrist")
            )
            named |= set(re.findall(r"/?\b(?:p1|event|health)/[a-z_]+(?:/(?:x|y|score)\b)?", text))
    named = {f"/{name.lstrip('/')}" for name in named}
    assert named or folder == "puredata"  # which routes word by word
    assert all(any(one == name or one.startswith(f"{name}/") for one in addresses) for name in named), named


# ---------------------------------------------------------------- Max


def test_the_max_patch_is_whole():
    patcher = json.loads((RECEIVERS / "max/posekit.maxpat").read_text())["patcher"]
    boxes = {one["box"]["id"]: one["box"] for one in patcher["boxes"]}
    assert len(boxes) == len(patcher["boxes"]) > 15
    wired = set()
    for line in (one["patchline"] for one in patcher["lines"]):
        (source, outlet), (destination, inlet) = line["source"], line["destination"]
        assert outlet < boxes[source]["numoutlets"]
        assert inlet < boxes[destination]["numinlets"]
        wired |= {source, destination}
    assert wired == {name for name, box in boxes.items() if box["maxclass"] != "comment"}
    for box in boxes.values():
        assert len(box.get("outlettype", [])) == box["numoutlets"]
        assert len(box["patching_rect"]) == 4
    route = next(box for box in boxes.values() if box.get("text", "").startswith("route "))
    names = route["text"].split()[1:]
    assert route["numoutlets"] == len(names) + 1
    heard = sent_to("max")
    assert {name: len(heard[name]) for name in names} == {
        **dict.fromkeys(("/p1/left_wrist", "/p1/right_wrist", "/event/enter", "/event/leave"), 3),
        "/p1/active": 1,
    }
    kinds = {box["text"].split()[0] for box in boxes.values() if box["maxclass"] == "newobj"}
    assert kinds == {"udpreceive", "route", "unpack", "scale", "print"}  # all of them Max's own


# ---------------------------------------------------------------- Pd

VANILLA = {
    *(
        "netreceive",
        "oscparse",
        "list",
        "route",
        "print",
        "unpack",
        "pack",
        "clip",
        "*",
        "+",
        ">",
        "t",
        "cos",
    ),
    *("sin", "mtof", "line~", "osc~", "*~", "dac~", "writesf~", "r", "s", "loadbang", "delay", "inlet"),
    *("outlet~", "posekit-wrist~"),
}


@pytest.mark.parametrize("name", ["posekit.pd", "posekit-wrist~.pd"])
def test_every_wire_of_a_pd_patch_ends_at_an_object(name: str):
    text = (RECEIVERS / "puredata" / name).read_text()
    lines = [line.replace("\n", " ") for line in re.findall(r"(#.*?);\n", text, re.DOTALL)]
    objects = [line for line in lines if line.startswith("#X") and not line.startswith("#X connect")]
    wires = [tuple(map(int, line.split()[2:])) for line in lines if line.startswith("#X connect")]
    assert len(objects) > 15
    assert len(wires) == len(set(wires)) > 15
    assert all(source < len(objects) > destination for source, _, destination, _ in wires)
    talking = {at for source, _, destination, _ in wires for at in (source, destination)}
    for at, one in enumerate(objects):
        kind = one.split()[1]
        assert kind in ("obj", "msg", "text", "floatatom")
        assert kind != "obj" or one.split()[4] in VANILLA, one
        is_apart = kind == "text" or (kind == "msg" and r"\;" in one)  # a click is what sets it off
        assert at in talking or is_apart, one
        assert kind != "text" or at not in talking


# ---------------------------------------------------------------- programs in text


def test_the_touchdesigner_script_compiles_and_asks_for_nothing_but_touchdesigners_names():
    source = (RECEIVERS / "touchdesigner/build_network.py").read_text()
    tree = ast.parse(source)
    own = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    stored = {
        node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    stored |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    builtin = {"print", "enumerate", "getattr"}
    assert used - own - stored - builtin == {
        *("op", "root", "ParMode"),
        *("baseCOMP", "oscinCHOP", "selectCHOP", "renameCHOP", "circleTOP", "compositeTOP", "nullTOP"),
    }


@pytest.mark.parametrize(
    "path",
    [
        *("unity/PosekitWrists.cs", "processing/posekit_wrists/posekit_wrists.pde"),
        *("p5js/sketch.js", "node/receive.js", "supercollider/posekit.scd"),
    ],
)
def test_brackets_are_closed(path: str):
    text = re.sub(r"//.*|\"[^\"\n]*\"|'[^'\n]*'|`[^`]*`", "", (RECEIVERS / path).read_text())
    stack = []
    for letter in text:
        if letter in "([{":
            stack.append(letter)
        elif letter in ")]}":
            assert stack, path
            assert stack.pop() + letter in ("()", "[]", "{}")
    assert stack == []


def test_processing_finds_the_sketch_in_a_folder_of_its_name():
    (sketch,) = (RECEIVERS / "processing").rglob("*.pde")
    assert sketch.stem == sketch.parent.name


def test_every_port_is_the_one_of_the_readme():
    for path in (
        "max/posekit.maxpat",
        "puredata/posekit.pd",
        "supercollider/posekit.scd",
        "unity/PosekitWrists.cs",
    ):
        assert re.search(r"\b7000\b", (RECEIVERS / path).read_text())


def test_nothing_is_left_in_the_folders():
    known = {".py", ".md", ".maxpat", ".pd", ".scd", ".pde", ".cs", ".js", ".html"}
    assert {Path(path).suffix for path in RECEIVERS.rglob("*") if path.is_file()} <= known
