"""The sketches that the pages show run as they stand there, and what they say of their own length is so."""

from __future__ import annotations

import re
import shutil
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from posekit.engine.prepare import prepare
from posekit.resolving import resolve
from posekit.runner import run_sketch
from posekit.runner.inline_feed import InlineFeed
from posekit.sketch.loader import load_sketch
from posekit.sketch.sketch import settings_of

DOCS = Path(__file__).parent.parent / "docs"
PAGES = ("first-sketch", "compared", "recipes")
CROWD = "synthetic:people=3,seed=7,seconds=6"
FENCE = re.compile(r"```(python|js)\n(.*?)```", re.DOTALL)
SKETCHES = [
    pytest.param(code, id=f"{page}-{number}")
    for page in PAGES
    for number, (language, code) in enumerate(FENCE.findall((DOCS / f"{page}.md").read_text()), 1)
    if language == "python"
]
COMPARED = (DOCS / "compared.md").read_text()
TASK = re.compile(r"^\| \[(.+?)\]\(#(.+?)\) \| (\d+) \| (\d+) \|$", re.MULTILINE)


@pytest.mark.parametrize("code", SKETCHES)
def test_a_sketch_on_a_page_runs(code: str, tmp_path: Path) -> None:
    file = tmp_path / "sketch.py"
    file.write_text(code)
    loaded = load_sketch(str(file))
    asked = {"source": CROWD, "headless": True, "size": (640, 360), "frames": 40, "osc": ("off",)}
    settings = prepare(resolve(asked, {}, None, settings_of(loaded.sketch)).settings)
    with closing(InlineFeed(settings)) as feed:
        assert run_sketch(loaded, feed, settings) == 40


def lines_of(code: str) -> int:
    """Count lines with code in them."""
    return sum(
        bool(line.strip()) and not line.strip().startswith(("#", "//", '"""')) for line in code.splitlines()
    )


def test_the_lines_that_are_compared_are_counted_right() -> None:
    tasks = TASK.findall(COMPARED)
    sections = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", COMPARED, re.MULTILINE | re.DOTALL))
    assert len(tasks) == len(sections) == 5
    for title, anchor, ours, theirs in tasks:
        (section,) = (text for name, text in sections.items() if name.lower().replace(" ", "-") == anchor)
        counted = {"python": 0, "js": 0}
        for language, code in FENCE.findall(section):
            counted[language] += lines_of(code)
        assert counted == {"python": int(ours), "js": int(theirs)}, title
        assert int(ours) <= int(theirs)


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_what_they_are_compared_with_can_be_read_by_its_own_language(tmp_path: Path) -> None:
    programs = [code for language, code in FENCE.findall(COMPARED) if language == "js"]
    assert len(programs) == 6
    for code in programs:
        (tmp_path / "sketch.js").write_text(code)
        subprocess.run(["node", "--check", "sketch.js"], cwd=tmp_path, check=True, timeout=30)
