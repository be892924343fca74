"""Life stories of shows: the real command, real processes, a screen that is not there."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import psutil
import pytest

from posekit.show.state_file import read_kept

if TYPE_CHECKING:
    from collections.abc import Callable

    from posekit.show.state import ShowState

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="ends processes by signals"),
    pytest.mark.timeout(300),
]
PATIENCE = 90.0
"""On a machine that others use too."""
SETTINGS = """source = "synthetic:people=2,seed=3"
osc-in = "off"
size = "320x180"
"""
HOOKS = """[hooks]
start = [["sh", "-c", "echo start >> hooks.txt"]]
open = [["sh", "-c", "echo open >> hooks.txt"]]
end = [["sh", "-c", "echo end >> hooks.txt"]]
[status]
address = "off"
"""
CRASHES = "import os\nos._exit(3)\n"
SKETCH = """
def draw(canvas, people):
    for person in people:
        canvas.circle(person.center, 20, "white")
"""
ENDS = """
import pygame

def draw(canvas):
    pygame.event.post(pygame.event.Event(pygame.QUIT))
"""


class Life:
    """A show in a folder of its own; `close` ends it without leaving anything."""

    def __init__(self, folder, sketch: str = SKETCH) -> None:
        self.folder = folder
        folder.mkdir()
        (folder / "ribbons.py").write_text(sketch)
        (folder / "show.toml").write_text(f'{SETTINGS}[show]\nsketch = "ribbons.py"\nkeys = true\n{HOOKS}')
        self.process: subprocess.Popen[str] | None = None

    def command(self, *more: str) -> list[str]:
        return [
            sys.executable,
            "-m",
            "posekit",
            "gallery",
            "run",
            "--config",
            str(self.folder / "show.toml"),
            *more,
        ]

    def start(self) -> None:
        self.process = subprocess.Popen(
            self.command(), stderr=subprocess.DEVNULL, text=True, start_new_session=True
        )

    @property
    def state(self) -> ShowState | None:
        kept = read_kept(self.folder)
        own = kept is not None and self.process is not None and kept.process_id == self.process.pid
        return kept.state if own and kept is not None else None

    def until(self, holds: Callable[[ShowState], object]) -> ShowState:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            state = self.state
            if state is not None and holds(state):
                return state
            assert self.process is not None
            assert self.process.poll() is None, f"it ended with {self.process.poll()}"
            time.sleep(0.05)
        raise AssertionError(f"it never came to that: {self.state}")

    def children(self) -> list[psutil.Process]:
        assert self.process is not None
        return psutil.Process(self.process.pid).children(recursive=True)

    def close(self) -> None:
        if self.process is not None and self.process.poll() is None:
            children = self.children()
            self.process.kill()
            self.process.wait()
            psutil.wait_procs(children, timeout=5)


@pytest.fixture
def life(tmp_path, monkeypatch):
    """Return a function that makes a show."""
    (tmp_path / "run").mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    lives: list[Life] = []

    def make(sketch: str = SKETCH) -> Life:
        lives.append(Life(tmp_path / f"show{len(lives)}", sketch))
        return lives[-1]

    yield make
    for one in lives:
        one.close()


def is_well(state: ShowState) -> bool:
    parts = {part.state for part in state.parts}
    return state.phase == "open" and state.people > 0 and state.window_fps > 0 and parts == {"running"}


def test_everything_is_killed_and_comes_back(life) -> None:
    show = life()
    show.start()
    before = show.until(is_well)
    numbers = [part.process_id for part in before.parts]
    for number in numbers:
        os.kill(number, signal.SIGKILL)
    after = show.until(
        lambda state: is_well(state) and not state.troubles and all(part.restarts for part in state.parts)
    )
    assert not {part.process_id for part in after.parts} & set(numbers)
    assert [part.restarts for part in after.parts] == [1, 1, 1]

    again = subprocess.run(show.command(), capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert again.returncode == 1
    assert "runs already" in again.stderr
    assert again.stderr.count("\n") == 1
    assert is_well(show.until(lambda _: True))

    log = show.folder / "records" / "logs" / "show.jsonl"
    assert log.read_text().count("the engine runs again") == 1
    children = show.children()
    began = time.monotonic()
    os.killpg(show.process.pid, signal.SIGTERM)
    assert show.process.wait(10) == 0
    assert time.monotonic() - began < 3.5
    assert psutil.wait_procs(children, timeout=2)[1] == []
    assert read_kept(show.folder) is None
    assert (show.folder / "hooks.txt").read_text().split() == ["start", "open", "end"]
    assert (show.folder / "records" / "counts.sqlite").exists()
    told = log.read_text()
    assert "the show ends" in told
    assert told.count("the engine runs again") == 1, (
        "an engine that ends together with its show is followed by none"
    )


@pytest.mark.soak
def test_a_power_cut_leaves_nobody_behind_and_nothing_in_the_way(life) -> None:
    show = life()
    show.start()
    show.until(is_well)
    children = show.children()
    assert len(children) >= 3
    show.process.kill()
    show.process.wait()
    _, left = psutil.wait_procs(children, timeout=5)
    assert left == [], "a power cut leaves nobody behind"

    show.start()
    show.until(is_well)
    assert (show.folder / "hooks.txt").read_text().split() == ["start", "open", "start", "open"]


@pytest.mark.soak  # with actors in place of processes: test_a_card_when_no_window_stays
def test_a_sketch_that_crashes_shows_a_card_and_heals(life) -> None:
    show = life(CRASHES)
    show.start()
    state = show.until(lambda state: state.phase == "card")
    assert [trouble.name for trouble in state.troubles] == ["window_lost"]
    assert "code 3" in state.troubles[0].sentence
    (show.folder / "ribbons.py").write_text(SKETCH)
    state = show.until(lambda state: is_well(state) and not state.troubles)
    assert state.part("engine").restarts == 0, "the engine outlives all of that"


@pytest.mark.soak  # with actors: the test of the same name in test_gallery_supervisor.py
def test_a_sketch_that_ends_itself_ends_the_show(life) -> None:
    show = life(ENDS)
    file = show.folder / "show.toml"
    file.write_text(file.read_text().replace("echo end", "sleep 3; echo end"))
    show.start()
    assert show.process.wait(PATIENCE) == 0
    assert (show.folder / "hooks.txt").read_text().split()[-1] == "end", "a projector answers slowly"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["ribbons.py", "--estimator", "movnet"], "did you mean 'movenet'?"),
    ],
)
def test_what_cannot_be_is_told_in_one_line(life, arguments, sentence) -> None:
    show = life()
    command = [sys.executable, "-m", "posekit", "gallery", "run", *arguments]
    told = subprocess.run(
        command, cwd=show.folder, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert told.returncode == 2
    assert sentence in told.stderr
    assert told.stderr.count("\n") == 1
