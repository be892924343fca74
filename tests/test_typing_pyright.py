"""What an editor knows of a sketch, asked of pyright: keypoints, canvas calls, hooks' arguments.

pyright comes from npm, at the version below, into a folder of the tests' own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from posekit.sketch.loader import builtin_sketches
from posekit.sketch.template import templates

PYRIGHT = "pyright@1.1.414"
ROOT = Path(__file__).parents[1]

ANNOTATED = """
from posekit import Canvas, Event, Health, OscMessages, Param, Params, Person, Scene, Sketch


class Mine(Sketch):
    background = None
    size = (640, 480)
    radius = Param(24.0, 1, 200)
    count = Param(3, 1, 12)
    filled = Param(True)
    tint = Param("gold")

    def on_wave(self, person: Person, event: Event, partner: Person | None) -> None:
        reveal_type(person.left_wrist)
        reveal_type(person.left_wrist.x)
        reveal_type(person.left_wrist.velocity)
        reveal_type(person.left_wrist.distance_to(person.nose))
        reveal_type(person.slot)
        reveal_type(person.xy.shape)
        reveal_type(event.time)

    def draw(self, canvas: Canvas, scene: Scene, health: Health, osc: OscMessages, params: Params) -> None:
        reveal_type(scene.people)
        reveal_type(scene.lead)
        reveal_type(canvas.center)
        reveal_type(health.fps)
        reveal_type(self.radius)
        reveal_type(self.count)
        reveal_type(self.filled)
        reveal_type(self.tint)
        canvas.circle((10, 10), self.radius, self.tint, width=2, glow=10, blend="add")
        canvas.polyline([(0, 0), (1, 2)], (255, 0, 0), closed=True)
        osc.send("/ball", 1, 2.0)
"""
REVEALED = [
    "Keypoint", "float", "Vector", "float", "int | None", "tuple[Any, ...]", "float",
    "tuple[SketchPerson, ...]", "SketchPerson | None", "Vector", "float", "float", "int", "bool", "str",
]  # fmt: skip

WRONG = """
from posekit import Canvas, Param, Person, Scene, Sketch


class Mine(Sketch):
    radius = Param(24.0, 1, 200)

    def draw(self, canvas: Canvas, scene: Scene, lead: Person) -> None:
        canvas.circle(lead.nose, "big")
        canvas.circel(lead.nose, 3)
        canvas.circle(lead.left_wirst, 3)
        canvas.circle(lead.nose)
        canvas.line(lead.nose, 5, "gold")
        canvas.text("hi", lead.nose, align="middle")
        canvas.circle(lead.nose, 3, blend="ad")
        scene.poeple
        lead.memory = 3
"""


@pytest.fixture(scope="module")
def pyright(tool, tmp_path_factory):
    """Return a function that checks one file, and returns what pyright says by line."""
    folder = tmp_path_factory.mktemp("pyright")
    node = tool("node")
    packed = subprocess.run(
        [tool("npm"), "pack", "--silent", PYRIGHT],
        cwd=folder, capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    if packed.returncode != 0 and os.environ.get("POSEKIT_REQUIRE_TOOLS") != "1":
        pytest.skip(f"{PYRIGHT} cannot be had from npm: {packed.stderr[:200]}")
    assert packed.returncode == 0, packed.stderr
    with tarfile.open(folder / packed.stdout.split()[-1]) as archive:
        archive.extractall(folder, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))

    def check(path: Path, mode: str) -> list[tuple[int, str, str]]:
        settings = {"include": [path.name], "typeCheckingMode": mode, "extraPaths": [str(ROOT)]}
        settings["pythonVersion"], program = "3.10", str(folder / "package" / "index.js")
        (path.parent / "pyrightconfig.json").write_text(json.dumps(settings))
        done = subprocess.run(
            [node, program, "-p", ".", "--pythonpath", sys.executable, "--outputjson"],
            cwd=path.parent, capture_output=True, text=True, timeout=100, check=False,
        )  # fmt: skip
        told = json.loads(done.stdout)
        assert told["summary"]["filesAnalyzed"] == 1
        return [
            (one["range"]["start"]["line"] + 1, one["severity"], one["message"])
            for one in told["generalDiagnostics"]
        ]

    return check


def test_an_annotated_sketch_is_known_to_the_last_keypoint(pyright, tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(ANNOTATED)
    told = pyright(path, "strict")
    assert [message for _, severity, message in told if severity == "error"] == []
    revealed = [message.rpartition(" is ")[2].strip('"') for _, _, message in told]
    assert revealed == REVEALED


def test_what_is_wrong_is_an_error(pyright, tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(WRONG)
    told = pyright(path, "basic")
    first = WRONG.splitlines().index('        canvas.circle(lead.nose, "big")') + 1
    lines = {line for line, severity, _ in told if severity == "error"}
    assert lines == set(range(first, first + 9))
    assert any("left_wirst" in message for _, _, message in told)


@pytest.mark.parametrize("name", ["typed", "class"])
def test_templates_please_pyright(name, pyright, tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(templates()[name].read_text(encoding="utf-8"))
    assert pyright(path, "strict" if name == "typed" else "basic") == []


def test_sketches_without_a_single_type_are_left_alone(pyright, tmp_path):
    path = tmp_path / "mine.py"
    for name in ("hello", "waves"):
        path.write_text(builtin_sketches()[name].read_text(encoding="utf-8"))
        assert pyright(path, "basic") == []
