"""The sketches that come with posekit, and every sketch in the documentation, run without a window."""

import re
import sys
from contextlib import closing
from pathlib import Path

import cv2
import numpy as np
import pytest
from blazepose_bundle import find_bundle
from sketch_world import ScriptedFeed
from soaking import only

from posekit.engine.prepare import prepare
from posekit.resolving import resolve
from posekit.runner import run_sketch
from posekit.runner.inline_feed import InlineFeed
from posekit.settings import Settings
from posekit.sketch.loader import builtin_folder, builtin_sketches, load_sketch
from posekit.sketch.sketch import settings_of
from posekit.sketch.template import write_sketch

DOCS = Path(__file__).parents[1] / "docs" / "sketches.md"
BLOCKS = re.findall(r"```python\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.S)


FRAMES = 24
"""A visit: long enough for whatever a sketch does of its own accord."""


def rendered(name, tmp_path, count, hidden=(), frames=FRAMES, **settings):
    """Run a sketch for some frames and return its last picture (H, W, 3) BGR."""
    path = tmp_path / "last.png"
    drawn = run_sketch(
        load_sketch(str(name)),
        ScriptedFeed(count, frames=FRAMES, hidden=hidden),
        Settings(headless=True, size=(640, 360), frames=frames, save_frame=path, **settings),
    )
    assert drawn == frames
    return cv2.imread(str(path)).astype(int)


@pytest.mark.parametrize("name", builtin_sketches())
def test_a_sketch_shows_its_people_and_survives_everything(name, tmp_path):
    nobody = rendered(name, tmp_path, 0)
    for count, hidden in ((1, ()), (6, (0, 9, 13))):
        shown = rendered(name, tmp_path, count, hidden)
        changed = np.abs(shown - nobody).max(axis=2) > 40
        assert changed.sum() > 300 * count, f"{count} people leave hardly a trace"
    unseen = rendered(name, tmp_path, 6, tuple(range(17)))
    assert (np.abs(unseen - nobody).max(axis=2) > 40).mean() < 0.1


@pytest.mark.parametrize("name", builtin_sketches())
def test_a_sketch_survives_the_whole_visit_in_a_mirror(name, tmp_path):
    rendered(name, tmp_path, 6, frames=FRAMES + 1, mirror=True)


@pytest.mark.parametrize("name", only(("hello", "skeleton", "silhouette", "ribbon"), builtin_sketches()))
def test_a_sketch_runs_on_real_footage(name, asset, tmp_path, capsys):
    clip, picture = asset("data/videos/sports2d_demo.mp4"), tmp_path / "last.png"
    loaded = load_sketch(name)
    if getattr(loaded.sketch, "mask", False):
        find_bundle()
    asked = {"source": str(clip), "headless": True, "frames": 24, "size": (640, 360), "save_frame": picture}
    settings = prepare(resolve(asked, {}, None, settings_of(loaded.sketch)).settings)
    with closing(InlineFeed(settings)) as feed:
        assert run_sketch(loaded, feed, settings) == 24
    assert capsys.readouterr().out == ""
    shown = cv2.imread(str(picture)).astype(int)
    marked = np.abs(shown - np.median(shown, axis=(0, 1))).max(axis=2) > 60
    assert marked.sum() > 500


@pytest.mark.parametrize("path", sorted(builtin_folder().glob("*.py")), ids=lambda path: path.stem)
def test_a_sketch_teaches_in_four_parts_and_stays_short(path):
    text = path.read_text(encoding="utf-8")
    name = path.stem.split("_", 1)[1]
    for part in ("What you see:", "What to notice:", "Try this:", f"How to run: posekit run {name}"):
        assert text.count(part) == 1, part
    assert text.startswith(f'"""{name}: ')
    code = text.split('"""', 2)[2].strip().splitlines()
    assert 9 <= len(code) <= 105


def test_the_template_shows_its_people(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "path", list(sys.path))
    path = write_sketch("fresh", tmp_path)
    shown, nobody = rendered(path, tmp_path, 2), rendered(path, tmp_path, 0)
    assert (np.abs(shown - nobody).max(axis=2) > 40).sum() > 1000
    assert capsys.readouterr().out == "hello, person 1\nhello, person 2\n"


@pytest.mark.parametrize("code", BLOCKS, ids=[f"block{number}" for number in range(1, len(BLOCKS) + 1)])
def test_every_sketch_in_the_documentation_runs(code, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", list(sys.path))
    path = tmp_path / "documented.py"
    path.write_text(code, encoding="utf-8")
    rendered(path, tmp_path, 2)
    rendered(path, tmp_path, 0)
    rendered(path, tmp_path, 1, (0, 5, 9, 10))


def test_the_documentation_knows_every_hook_argument_and_setting():
    from posekit.sketch.canvas import Canvas, Layer
    from posekit.sketch.hooks import ALWAYS, HOOKS
    from posekit.sketch.sketch import SETTINGS

    text = DOCS.read_text(encoding="utf-8")
    calls = {*dir(Canvas), *dir(Layer)}
    drawing = [name for name in calls if not name.startswith(("_", "set_", "begin_", "end_"))]
    for name in (*HOOKS, *ALWAYS, *SETTINGS, *drawing):
        assert re.search(rf"`[^`\n]*\b{name}\b[^`\n]*`", text), f"{name} is not explained"
    assert len(BLOCKS) >= 5
