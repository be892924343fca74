"""The status page of a real show: `posekit gallery run`, touched in a real Chromium."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from browser_world import PHONE, a_browser, a_tab, touch
from status_world import until
from test_status_page import PIXELS, place
from web_world import free_port

pytestmark = pytest.mark.timeout(300)
CLIP = "data/videos/sports2d_demo.mp4"
CROWD = "synthetic:people=2,seed=3,rate=10"
SKETCH = """from pathlib import Path
from posekit import Param

where = Param(0.0, 0, 100)

def on_param(name, value):
    Path("moved.txt").write_text(f"{name} {value}")

def draw(canvas, people):
    canvas.circle((where_now(), 100), 20, "gold")
    for person in people:
        canvas.skeleton(person)

def where_now():
    return 5 * params.where
"""
SETTINGS = """source = '{source}'
estimator = "posenet"
input_size = "257x193"
focus = "off"
osc_in = "off"
size = "320x180"
fps = 20

[show]
sketch = "dot.py"
title = "A dot"

[status]
address = "127.0.0.1:{port}"
"""


@pytest.fixture(scope="module", params=[CROWD, pytest.param(CLIP, marks=pytest.mark.soak)])
def shown(request, asset, tmp_path_factory):
    """Return the folder and the port of a show that runs, with a crowd, and in long runs with a real clip."""
    source = asset(CLIP) if request.param == CLIP else request.param
    folder, port = tmp_path_factory.mktemp("show"), free_port()
    (folder / "dot.py").write_text(SKETCH)
    (folder / "show.toml").write_text(SETTINGS.format(source=source, port=port))
    command = [sys.executable, "-m", "posekit", "gallery", "run", "--config", "show.toml"]
    quiet = {"SDL_VIDEODRIVER": "dummy", "SDL_AUDIODRIVER": "dummy"}
    said = (folder / "said.txt").open("w")
    show = subprocess.Popen(
        command, cwd=folder, env={**os.environ, **quiet}, stdout=said, stderr=subprocess.STDOUT
    )
    try:
        yield folder, port
        assert show.poll() is None, (folder / "said.txt").read_text()
    finally:
        show.send_signal(signal.SIGINT)
        try:
            show.wait(15)
        except subprocess.TimeoutExpired:
            show.kill()
            show.wait()
        said.close()


@pytest.fixture
def tab(shown):
    """Return a phone that looks at it."""
    folder, port = shown
    due = time.monotonic() + 60
    with a_browser() as browser, a_tab(browser, **PHONE) as tab:
        while True:
            try:
                tab.goto(f"http://127.0.0.1:{port}/")
                break
            except Exception:
                assert time.monotonic() < due, (folder / "said.txt").read_text()
                time.sleep(0.3)
        tab.set_default_timeout(60_000)
        tab.locator("#phase", has_text="Open").wait_for()
        tab.said.clear()
        yield tab
        tab.said.clear()


def test_people_move_a_zone_fires_and_a_parameter_moves_the_sketch(tab, shown) -> None:
    folder: Path = shown[0]
    tab.wait_for_function(f"() => ({PIXELS})()[0] > 300")
    marks = set()
    for _ in range(3):
        _, mark = tab.evaluate(PIXELS)
        marks.add(mark)
        tab.wait_for_function(f"(mark) => ({PIXELS})()[1] !== mark", arg=mark)
    assert len(marks) == 3

    tab.locator("#edit").click()
    tab.locator("#tool-area").click()
    tab.locator("#stage").scroll_into_view_if_needed()
    touch(tab, place(tab, 0.02, 0.02), place(tab, 0.5, 0.6), place(tab, 0.99, 0.99))
    tab.locator("#save").click()
    tab.locator("#editor-hint", has_text="Saved").wait_for()
    tab.locator("#happened", has_text="came into zone1").wait_for()
    tab.locator("#zone-counts li", has_text="zone1").wait_for()
    until(lambda: (folder / "zones.toml").exists())
    assert 'name = "zone1"' in (folder / "zones.toml").read_text()

    slider = tab.get_by_label("where", exact=True)
    slider.wait_for()
    slider.fill("42")
    until(lambda: (folder / "moved.txt").exists(), 30)
    until(lambda: (folder / "moved.txt").read_text() == "where 42.0", 30)

    tab.get_by_role("button", name="Blackout").click()
    tab.locator("#phase", has_text="Blackout").wait_for()
    tab.get_by_role("button", name="Blackout").click()
    tab.locator("#phase", has_text="Open").wait_for()
