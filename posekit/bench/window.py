"""`posekit run` as a user starts it, with a sketch that takes the time."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from contextlib import closing, suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from threading import Timer
from typing import IO, TYPE_CHECKING, Any

from posekit.bench.machine import resident_mb
from posekit.clock import SystemClock
from posekit.errors import EngineError

if TYPE_CHECKING:
    from posekit.settings import Settings

PATIENCE_SECONDS = 60.0
PROBE = '''\
"""The camera's picture and everybody's skeleton; tells when the first scene came and how long frames took."""
import json
import time

background = "camera"


def setup(state):
    state.first, state.drawn, state.told = None, [], False


def draw(canvas, people, scene, state):
    now = time.perf_counter()
    if state.first is None and scene.raw is not None:
        state.first = now
        print(json.dumps({{"first": now}}), flush=True)
    for person in people:
        canvas.skeleton(person)
    if state.first is not None and now > state.first + {warm}:
        state.drawn.append(now)
    if not state.told and state.first is not None and now > state.first + {warm} + {seconds}:
        state.told = True
        print(json.dumps({{"drawn": state.drawn}}), flush=True)
'''
WARM_SECONDS = 0.5


@dataclass(frozen=True)
class Run:
    """What one `posekit run` showed."""

    start: float
    """Seconds from starting the process to drawing its first scene."""
    frames: tuple[float, ...]
    """Seconds from one drawn frame to the next."""
    resident: float | None
    """MB of the process and its engine together."""


def run_window(settings: Settings, seconds: float) -> Run:
    """Run `posekit run` with a window that nobody sees, for so long after its first scene.

    `settings` are prepared ones: nothing is left to choose or to fetch. Raises `EngineError` when it fails.
    """
    clock = SystemClock()
    with tempfile.TemporaryDirectory(prefix="posekit-bench-") as folder:
        sketch = Path(folder) / "probe.py"
        sketch.write_text(PROBE.format(warm=WARM_SECONDS, seconds=seconds), encoding="utf-8")
        begin = clock.now()
        with subprocess.Popen(
            [sys.executable, "-m", "posekit", "run", str(sketch), *_options(settings)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "SDL_VIDEODRIVER": "dummy"},
        ) as process:
            killer = Timer(PATIENCE_SECONDS + seconds, process.kill)
            killer.start()
            try:
                assert process.stdout is not None
                first = _next_word(process, process.stdout)["first"]
                drawn = _next_word(process, process.stdout)["drawn"]
                resident = resident_mb(process.pid)
            finally:
                killer.cancel()
                _end(process)
    frames = tuple(after - before for before, after in pairwise(drawn))
    return Run(first - begin, frames, resident)


def time_import(rounds: int = 7) -> float:
    """Return how many seconds longer fresh interpreters take for posekit's public names than for NumPy.

    Every name but `__version__`, which reads the installed package's own description.
    """
    numpy = "import numpy"
    ours = "import posekit as p; [getattr(p, name) for name in p.__all__ if name != '__version__']"
    times: dict[str, list[float]] = {numpy: [], ours: []}
    clock = SystemClock()
    for _ in range(rounds + 1):
        for program, taken in times.items():
            begin = clock.now()
            subprocess.run([sys.executable, "-c", program], check=True)
            taken.append(clock.now() - begin)
    # The first round reads files from the disk.
    return statistics.median(times[ours][1:]) - statistics.median(times[numpy][1:])


def _options(settings: Settings) -> list[str]:
    given = {
        "--source": settings.source,
        "--estimator": settings.estimator,
        "--model": settings.model,
        "--runtime": settings.runtime,
        "--fps": f"{settings.fps:g}",
        "--osc": settings.osc[0] if settings.osc else "off",
    }
    return [word for name, value in given.items() if value is not None for word in (name, str(value))]


def _next_word(process: subprocess.Popen[bytes], stream: IO[bytes]) -> dict[str, Any]:
    line = stream.readline()
    if not line:
        said = process.stderr.read().decode(errors="replace").strip() if process.stderr else ""
        raise EngineError(f"posekit run ended by itself: {said or 'it said nothing'}")
    word: dict[str, Any] = json.loads(line)
    return word


def _end(process: subprocess.Popen[bytes]) -> None:
    """End it as a user would; whatever happens, it does not stay."""
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(5.0)
    process.kill()
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            with closing(stream):
                pass
