"""Does to a show in minutes what months do to it, and watches whether it heals."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psutil

from posekit.clock import SystemWall
from posekit.errors import EngineError
from posekit.show.state_file import read_kept

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from posekit.gallery.rehearsal_steps import Step
    from posekit.show.state import ShowState

LOOK_SECONDS = 0.05
START_SECONDS = 90.0
END_SECONDS = 10.0


@dataclass(frozen=True)
class Result:
    """What came of one step. Times are seconds since it was done; None: it did not come to that."""

    what: str
    noticed: float | None
    over: float | None
    limit: float
    """By when it had to be over."""

    @property
    def is_ok(self) -> bool:
        """Whether it was noticed, and over in time."""
        return self.noticed is not None and self.over is not None and self.over <= self.limit


class Rehearsal:
    """A show in a process of its own, which may be hurt; a context manager that ends it."""

    def __init__(
        self, folder: Path, sketch: str | None, config: Path | None, given: Mapping[str, Any]
    ) -> None:
        self._folder = folder
        self._order = {"sketch": sketch, "config": str(config) if config else None, "given": dict(given)}
        self._process: subprocess.Popen[str] | None = None
        self._started = 0.0

    def __enter__(self) -> Rehearsal:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        """Start the show; raises `EngineError` when it cannot be seen in time."""
        self._started = SystemWall().time()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "posekit.gallery.rehearsed"],
            stdin=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONSAFEPATH": "1"},
        )
        self._write(self._order)
        if self.wait(lambda state: state.phase == "open" and state.fps > 0, START_SECONDS) is None:
            raise EngineError(
                "the show did not open, so there is nothing to rehearse; see what it said above"
            )

    def close(self) -> None:
        """End the show in good order; twice is harmless."""
        if self._process is None or self._process.stdin is None:
            return
        with suppress(OSError):
            self._process.stdin.close()
        try:
            self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def whisper(self, **what: Any) -> None:
        """Tell the prompter something."""
        self._write(what)

    def state(self) -> ShowState | None:
        """Return the newest state of this show; None when there is none yet."""
        kept = read_kept(self._folder)
        own = kept is not None and self._process is not None and kept.process_id == self._process.pid
        return kept.state if own and kept is not None else None

    def process(self, name: str) -> psutil.Process | None:
        """Return one of the show's processes; None when there is none."""
        state = self.state()
        part = state.part(name) if state is not None else None
        if part is None or part.process_id is None:
            return None
        with suppress(psutil.Error):
            return psutil.Process(part.process_id)
        return None

    def kill_all(self) -> None:
        """Kill the supervisor without a word, as a power cut would, and wait for its children to go."""
        assert self._process is not None
        with suppress(psutil.Error):
            children = psutil.Process(self._process.pid).children(recursive=True)
            self._process.kill()
            self._process.wait()
            psutil.wait_procs(children, timeout=END_SECONDS)
            if any(child.is_running() for child in children):
                raise EngineError("the supervisor was killed, and left processes behind")

    def wait(self, holds: Callable[[ShowState], bool], seconds: float) -> float | None:
        """Wait until something holds; returns after how many seconds, or None."""
        began = time.monotonic()
        while time.monotonic() - began <= seconds:
            state = self.state()
            if state is not None and state.time >= self._started and holds(state):
                return time.monotonic() - began
            if self._process is not None and self._process.poll() is not None:
                return None
            time.sleep(LOOK_SECONDS)
        return None

    def settle(self, seconds: float) -> None:
        """Let the show run for a while, between two steps."""
        time.sleep(seconds)

    def do(self, step: Step) -> Result:
        """Do a step, and watch what becomes of it."""
        began = time.monotonic()
        before = self.state()
        step.do(self)
        noticed = self.wait(lambda state: step.noticed(before, state), step.limit)
        over = None
        if noticed is not None:
            if step.undo is not None:
                step.undo(self)
                began = time.monotonic()
            if self.wait(lambda state: step.over(before, state), step.limit) is not None:
                over = time.monotonic() - began
        return Result(step.what, noticed, over, step.limit)

    def _write(self, what: Any) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        with suppress(OSError):
            self._process.stdin.write(json.dumps(what, default=str) + "\n")
            self._process.stdin.flush()
