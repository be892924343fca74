"""`posekit new`: every template is a sketch that runs as it is, and says what it is."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from sketch_world import ScriptedFeed

from posekit.errors import SettingsError, UnknownNameError
from posekit.resolving import resolve
from posekit.runner import run_sketch
from posekit.sketch import settings_of
from posekit.sketch.loader import load_sketch
from posekit.sketch.template import describe_templates, templates, write_sketch


def test_there_are_templates_and_hello_is_the_first():
    assert next(iter(templates())) == "hello"
    assert {"class", "particles", "gestures", "osc", "zones", "typed"} <= set(templates())


@pytest.mark.parametrize("template", templates())
@pytest.mark.parametrize("people", [0, 1, 6])
def test_a_template_runs_under_its_new_name(template, people, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "path", list(sys.path))
    path = write_sketch("my_own", tmp_path, template)
    loaded = load_sketch(str(path))
    assert loaded.remarks == ()
    asked = {"headless": True, **settings_of(loaded.sketch), "size": (320, 180)}
    settings = resolve(environment={}, sketch=asked).settings
    assert run_sketch(loaded, ScriptedFeed(people, frames=40, hidden=(9,)), settings) == 40 + 1
    text = path.read_text(encoding="utf-8")
    docstring = ast.get_docstring(ast.parse(text)) or ""
    assert docstring.startswith("my_own: ")
    for part in ("What you see: ", "What to notice: ", "Try this: ", "How to run: posekit run my_own.py"):
        assert f"\n{part}" in docstring
    assert f"{template}.py" not in text
    assert len(text.splitlines()) <= 50


def test_an_unknown_template_is_told_with_the_nearest(tmp_path):
    with pytest.raises(UnknownNameError, match="unknown template 'particle'; did you mean 'particles'"):
        write_sketch("a", tmp_path, "particle")
    write_sketch("a", tmp_path, "class")
    with pytest.raises(SettingsError, match="is there already"):
        write_sketch("a", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["a.py"]


def test_the_list_says_what_each_is(tmp_path: Path):
    done = subprocess.run(
        [sys.executable, "-m", "posekit", "new", "--list"],
        cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == len(templates())
    for (name, about), line in zip(describe_templates().items(), lines, strict=True):
        assert line == f"{name:11}{about}"
        assert len(about) > 10
    assert list(tmp_path.iterdir()) == []
