"""The window of a gallery: real processes, on SDL's dummy driver, fed by a real engine."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from window_world import PATIENCE, gallery, standing, written

from posekit.clock import SystemClock
from posekit.gallery.curtain_process import CurtainProcess
from posekit.gallery.link import kept_values
from posekit.gallery.orders import CurtainOrder
from posekit.inputs.osc import Letter, read_packet

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
NOTING = """
from pathlib import Path

from posekit import Param

size_of_dots = Param(10.0, 0, 100, help="of the dots")
colour = Param("gold")
out = Path(__file__).with_suffix(".txt").open("a", buffering=1)


def setup(params):
    print("setup", params.size_of_dots, file=out)


def on_enter(person, people):
    print("enter", person.id, person.id in [one.id for one in people], file=out)


def on_leave(person):
    print("leave", person.id, file=out)


def on_param(name, value):
    print("param", name, value, file=out)


def on_osc(address, args):
    print("osc", address, *args, file=out)


def draw(canvas, people, params):
    for person in people:
        canvas.circle(person.center, params.size_of_dots, params.colour)


def close():
    print("close", file=out)
"""


@pytest.fixture(autouse=True)
def no_screen(monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")


@pytest.fixture
def sketch(tmp_path: Path) -> Path:
    (tmp_path / "noting.py").write_text(NOTING)
    return tmp_path / "noting.py"


def test_everyone_enters_once_though_windows_come_and_go(sketch: Path) -> None:
    notes = sketch.with_suffix(".txt")
    with gallery() as show:
        show.start(sketch)
        show.until(lambda: sum("enter" in line for line in written(notes)) >= 2)
        entered = [event.person_id for event in show.events if event.name == "enter"]
        told = written(notes)
        here = [int(line.split()[1]) for line in told if line.startswith("enter")]
        assert here == entered[: len(here)]
        unseen = {f"leave {line.split()[1]}" for line in told if line.endswith("False")}
        show.until(lambda: unseen <= set(written(notes)), 5.0)  # came and went before there was a window
        engine = show.feed.process_id
        os.kill(show.window.process_id, signal.SIGKILL)
        show.until(lambda: not show.window.is_alive)
        assert "killed by signal 9" in show.window.failure()
        notes.unlink()
        show.start(sketch)
        show.until(lambda: sum("enter" in line for line in written(notes)) >= 2)
        here = [event["person_id"] for event in show.present.events() if event["name"] == "enter"]
        again = [int(line.split()[1]) for line in written(notes) if line.startswith("enter")]
        assert len(again) == len(set(again))
        assert set(here) & set(again)
        assert show.feed.process_id == engine
        assert show.feed.restarts == 0
        show.shows(10)
        assert show.window.beat is not None
        assert show.window.beat.captured > show.window.started
        show.window.end(5.0)
        assert written(notes)[-1] == "close"


def test_parameters_are_told_set_and_kept_over_a_restart(sketch: Path) -> None:
    notes = sketch.with_suffix(".txt")
    with standing() as show:
        show.start(sketch)
        show.shows(2)
        assert show.window.beat is not None
        names = [(one["name"], one["kind"]) for one in show.window.beat.parameters]
        assert names == [("size_of_dots", "float"), ("colour", "colour")]
        show.window.tell("parameter", name="size_of_dots", value=33)
        packet = b"/param/colour\0\0\0,s\0\0red\0/hello\0\0,i\0\0\0\0\0\7"
        letters = [Letter(one, None) for part in (packet[:24], packet[24:]) for one in read_packet(part)]
        assert len(letters) == 2
        show.window.hear(letters)
        wanted = {"osc /hello 7", "param size_of_dots 33.0", "param colour red"}
        show.until(lambda: wanted <= set(written(notes)))
        show.until(lambda: len(kept_values(show.window.beat.parameters)) == 2)
        kept = kept_values(show.window.beat.parameters)
        show.window.kill()
        show.start(sketch, parameters=kept)
        show.shows()
        assert "setup 33.0" in written(notes)
        assert kept_values(show.window.beat.parameters) == {"size_of_dots": 33.0, "colour": "red"}


def test_a_sketch_that_never_comes_back_is_heard_of_and_stands_still(tmp_path: Path) -> None:
    (tmp_path / "stuck.py").write_text("def draw(time):\n    while time > 0.3:\n        pass\n")
    with standing() as show:
        show.start(tmp_path / "stuck.py")
        show.until(lambda: show.window.beat is not None and show.window.beat.stalled > 1.0)
        frames, heard = show.window.beat.frames, show.window.heard
        assert frames > 3
        assert show.window.beat.longest_ms > 300
        show.until(lambda: show.window.heard > heard + 0.3)
        assert show.window.beat.frames == frames
        start = time.monotonic()
        show.window.end(0.3)
        show.until(lambda: not show.window.is_alive)
        assert time.monotonic() - start < 3.0


def test_what_a_sketch_raises_is_told_and_its_setup_ends_the_window(tmp_path: Path) -> None:
    (tmp_path / "failing.py").write_text("def draw(time):\n    return 1 / (time * 0)\n")
    (tmp_path / "broken.py").write_text(
        "def setup():\n    raise OSError('no lamp')\n\ndef draw():\n    pass\n"
    )
    with standing() as show:
        show.start(tmp_path / "failing.py")
        show.until(lambda: show.window.beat is not None and show.window.beat.errors > 3)
        assert "failing.py" in show.window.beat.failing
        assert sum("the show goes on" in line for line in show.said) == 1
        show.start(tmp_path / "broken.py")
        show.until(lambda: not show.window.is_alive)
        assert "no lamp" in show.window.failure()
        assert not show.window.is_ready


def test_a_sketch_that_ends_python_has_quit_or_is_told_with_its_line(tmp_path: Path) -> None:
    for code in ("", "0", "3"):
        (tmp_path / f"ends{code}.py").write_text(f"import sys\n\ndef update():\n    sys.exit({code})\n")
    with standing() as show:
        for code, has_quit in (("", True), ("0", True), ("3", False)):
            show.start(tmp_path / f"ends{code}.py")
            show.until(lambda: not show.window.is_alive)
            assert show.window.has_quit is has_quit
        assert (
            "ends3.py, line 4: SystemExit: 3, in `sys.exit(3)`, so the sketch ended itself"
            in show.window.failure()
        )


def test_the_camera_picture_arrives(tmp_path: Path, asset) -> None:
    (tmp_path / "seeing.py").write_text(
        "from pathlib import Path\n"
        "def draw(canvas, scene):\n"
        "    canvas.camera()\n"
        "    if canvas.pixels.mean() > 20:\n"
        "        Path(__file__).with_suffix('.txt').write_text(str(scene.size))\n"
    )
    with gallery(str(asset("data/videos/crossing.mp4"))) as show:
        show.start(tmp_path / "seeing.py")
        show.until(lambda: (tmp_path / "seeing.txt").exists())
        assert show.pictures.read((0, 0)) is None


def test_a_renewed_engine_goes_on_for_the_same_window(sketch: Path) -> None:
    notes = sketch.with_suffix(".txt")
    with gallery() as show:
        show.start(sketch)
        show.until(lambda: sum("enter" in line for line in written(notes)) >= 2)
        engine, window = show.feed.process_id, show.window.process_id
        highest = max(event.person_id for event in show.events)
        show.feed.renew("it is night")
        show.until(lambda: any(event.person_id > highest for event in show.events))
        assert (show.feed.renewals, show.feed.restarts) == (1, 0)
        assert "it is night" in show.feed.last_end
        assert show.feed.process_id != engine
        left = [event for event in show.events if event.name == "leave" and event.person_id <= highest]
        assert {getattr(event, "reason", "") for event in left} >= {"engine"}
        new = f"enter {highest + 1} True"
        show.until(lambda: new in written(notes))
        assert show.window.process_id == window


OWNER = """
import sys
sys.path.insert(0, sys.argv[1])
from window_world import gallery
from posekit.clock import SystemClock
from posekit.gallery.curtain_process import CurtainProcess
from posekit.gallery.orders import CurtainOrder

with gallery() as show:
    curtain = CurtainProcess(CurtainOrder(), SystemClock())
    show.start(sys.argv[2])
    show.until(lambda: show.window.is_ready and curtain.is_ready)
    print(show.feed.process_id, show.window.process_id, curtain.process_id, flush=True)
    show.until(lambda: False, 60)
"""


STUCK = "def draw(time):\n    while time > 0.1:\n        pass\n"


@pytest.mark.parametrize("sketch_code", [STUCK, pytest.param(NOTING, marks=pytest.mark.soak)])
def test_nothing_outlives_an_owner_that_is_killed(tmp_path: Path, sketch_code: str) -> None:
    (tmp_path / "any.py").write_text(sketch_code)
    command = [sys.executable, "-c", OWNER, str(Path(__file__).parent), str(tmp_path / "any.py")]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as owner:
        assert owner.stdout is not None
        family = [psutil.Process(int(word)) for word in owner.stdout.readline().split()]
        assert len(family) == 3
        owner.kill()
        _, alive = psutil.wait_procs(family, 5.0)
        alive = [process for process in alive if process.status() != psutil.STATUS_ZOMBIE]
        assert not alive


def test_a_curtain_hangs_until_it_is_taken_down() -> None:
    curtain = CurtainProcess(CurtainOrder(title="Ribbons", line="Back in a moment"), SystemClock())
    try:
        end = time.monotonic() + PATIENCE
        while not curtain.is_ready:
            assert curtain.is_alive, curtain.failure()
            assert time.monotonic() < end
            time.sleep(0.01)
        curtain.black()
        curtain.card("Ribbons", "Back in a moment")
        assert curtain.is_alive
        assert curtain.memory > 0
        curtain.end(5.0)
        assert not curtain.is_alive
        assert curtain.failure() == "the curtain ended with code 0"
    finally:
        curtain.close()


def test_new_code_is_taken_when_the_owner_says_so(tmp_path: Path) -> None:
    file = tmp_path / "changing.py"
    file.write_text("title = 'before'\ndef draw(canvas):\n    canvas.background('red')\n")
    with standing() as show:
        show.start(file)
        show.shows()
        assert show.window.beat.title == "before"
        file.write_text("title = 'after'\ndef draw(canvas):\n    canvas.background('blue')\n")
        show.shows(show.window.beat.frames + 30)
        assert show.window.beat.title == "before", "nobody watches the file"
        show.window.tell("reload")
        show.until(lambda: show.window.beat.title == "after")
        assert any("the new version runs" in line for line in show.said)
        assert show.window.beat.refused == ""
        file.write_text("title = 'broken'\ndef draw(canvas:\n")
        show.window.tell("reload")
        show.until(lambda: show.window.beat.refused)
        assert show.window.beat.refused.startswith("changing.py, line 2: '(' was never closed; ")
        assert show.window.beat.title == "after"
        file.write_text("title = 'mended'\ndef draw(canvas): pass\n")
        show.window.tell("reload")
        show.until(lambda: show.window.beat.title == "mended" and not show.window.beat.refused)
        show.window.tell("no such thing")
        show.until(lambda: any("told what it cannot do" in line for line in show.said))
        assert show.window.is_alive


def test_what_a_sketch_prints_and_reads_harms_nobody(tmp_path: Path) -> None:
    (tmp_path / "talking.py").write_text(
        "import sys\ndef draw():\n    print('I am here', flush=True)\n    assert sys.stdin.read() == ''\n"
    )
    with standing() as show:
        show.start(tmp_path / "talking.py")
        show.shows(100)
        assert show.window.beat.errors == 0
        told = [line for line in show.said if "I am here" in line]
        assert 0 < len(told) <= 20
