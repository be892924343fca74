"""Why inference has a process of its own: python bench/frames.py [--runs 5] [--seconds 10] [--json].

A sketch burns 8 ms of Python in every frame of a real window loop at 60 a second (SDL's dummy driver). It is
run without any engine, beside an engine process that works without a pause, and with the same stages working
without a pause in a thread of the sketch's own process. The three take turns, each in a fresh interpreter; a
run during which something else used more than a twentieth of the machine is repeated, --tries times at most.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack, closing
from pathlib import Path
from types import SimpleNamespace

os.environ["SDL_VIDEODRIVER"] = "dummy"

import numpy as np
from quiet import undisturbed

from posekit.bench.bare import BareEstimator
from posekit.bench.clip import read_frames, write_clip
from posekit.bench.listener import Listener
from posekit.bench.measure import FASTER
from posekit.clock import SystemClock
from posekit.engine.prepare import prepare
from posekit.engine.session import Session
from posekit.health import Health
from posekit.runner import run_sketch
from posekit.runner.engine_feed import EngineFeed
from posekit.runner.feed import Update
from posekit.scene import Scene
from posekit.settings import Settings
from posekit.sketch import Sketch
from posekit.sketch.loader import load_class

WAYS = ("none", "engine", "thread")
RATE = 60.0
BURN_MS = 8.0
WARM_SECONDS = 1.0


class Burning(Sketch):
    """Shows skeletons, and computes for a while."""

    background = "black"
    loops = 0
    drawn: list[float]

    def draw(self, canvas, people):
        self.drawn.append(time.perf_counter())
        for person in people:
            canvas.skeleton(person)
        burn(self.loops)


def burn(loops: int) -> float:
    value = 0.0
    for number in range(loops):
        value += number * 0.5
    return value


def loops_for(milliseconds: float) -> int:
    """Return how many rounds of `burn` take so long on this machine when nothing disturbs them."""
    loops, best = 20_000, float("inf")
    for _ in range(500):
        begin = time.perf_counter()
        burn(loops)
        best = min(best, time.perf_counter() - begin)
    return round(loops * milliseconds / 1000 / best)


class StillFeed:
    """No engine: the same picture again and again."""

    is_live = False
    rate = 30.0

    def __init__(self, settings: Settings) -> None:
        frame = read_frames(settings.source)[0]
        self._update = Update(Scene(0, frame.size, 0.0, 0.0, 0.0), (), frame.pixels, Health())

    def poll(self) -> Update:
        return self._update

    def close(self) -> None:
        pass


class ThreadFeed:
    """The engine's stages in a thread of this process, as many a sample program has them."""

    is_live = False
    rate = 30.0

    def __init__(self, settings: Settings) -> None:
        self._session = Session(settings, SystemClock())
        self._newest: Update = Update(None, (), None, Health())
        self._stopping = False
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def _work(self) -> None:
        for moment in self._session.moments():
            frame = moment.step.frame
            pixels = None if frame is None else frame.pixels.copy()
            self._newest = Update(moment.step.scene, (), pixels, moment.health)
            if self._stopping:
                return

    def poll(self) -> Update:
        return self._newest

    def close(self) -> None:
        self._stopping = True
        self._session.source.close()
        self._thread.join()
        self._session.close()


def run_once(way: str, settings: Settings, seconds: float, loops: int) -> None:
    """Run one way in this process, and print what was measured as JSON."""
    loaded = load_class(Burning)
    loaded.sketch.loops, loaded.sketch.drawn = loops, []
    scenes = SimpleNamespace(seen=[])
    with ExitStack() as stack:
        if way == "engine":
            feed = stack.enter_context(closing(EngineFeed(settings, SystemClock())))
        else:
            feed = stack.enter_context(closing({"none": StillFeed, "thread": ThreadFeed}[way](settings)))
        poll = feed.poll

        def noted() -> Update:
            update = poll()
            if update.scene is not None:
                scenes.seen.append((update.scene.index, update.scene.estimated - update.scene.captured))
            return update

        feed.poll = noted
        run_sketch(
            loaded, feed, settings.model_copy(update={"frames": round((WARM_SECONDS + seconds) * RATE)})
        )
    drawn = np.array(loaded.sketch.drawn[round(WARM_SECONDS * RATE) :])
    looks = dict(scenes.seen)
    elapsed = drawn[-1] - drawn[0]
    print(
        json.dumps(
            {
                "intervals": np.diff(drawn).tolist(),
                "inference_ms": statistics.median(looks.values()) * 1000,
                "scenes_per_second": len(looks) / (elapsed + WARM_SECONDS),
            }
        )
    )


def summary(run: dict) -> dict[str, float]:
    """Return percentiles of the time from frame to frame, and how many frames of 100 were missed."""
    intervals = np.array(run["intervals"])
    missed = np.maximum(np.round(intervals * RATE) - 1, 0).sum()
    return {
        "p50_ms": float(np.percentile(intervals, 50) * 1000),
        "p95_ms": float(np.percentile(intervals, 95) * 1000),
        "p99_ms": float(np.percentile(intervals, 99) * 1000),
        "missed_percent": float(missed / (len(intervals) + missed) * 100),
        "inference_ms": run["inference_ms"],
        "scenes_per_second": run["scenes_per_second"],
    }


def compare(runs: int, seconds: float, tries: int) -> dict[str, dict[str, float]]:
    """Run every way several times, in turns; return the medians of each figure."""
    settings = prepare(Settings(source="sample", fps=RATE))
    frames, loops = read_frames(settings.source), loops_for(BURN_MS)
    with closing(BareEstimator(settings)) as bare:
        estimate = statistics.median(bare.look(frames, 1.0).estimate)
    found: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
    with tempfile.TemporaryDirectory() as folder, Listener() as listener:
        clip = Path(folder) / "flat-out.avi"
        write_clip(frames, FASTER / estimate, clip)
        order = settings.model_copy(update={"source": str(clip), "osc": (listener.target,)})
        for _ in range(runs):
            for way in WAYS:
                words = [way, order.model_dump_json(), str(seconds), str(loops)]
                run, share = undisturbed(lambda words=words: start(words), tries=tries)
                found[way].append({**summary(run), "others_percent": share * 100})
                print(f"  {way:7} {as_row(found[way][-1])}", file=sys.stderr)
    return {
        way: {name: statistics.median(row[name] for row in rows) for name in rows[0]}
        for way, rows in found.items()
    }


def start(words: list[str]) -> dict:
    """Run one way in a fresh interpreter."""
    command = [sys.executable, __file__, "--once", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{words[0]} failed: {done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def as_row(row: dict[str, float]) -> str:
    return "  ".join(f"{name} {value:.2f}" for name, value in row.items())


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    words.add_argument("--runs", type=int, default=5)
    words.add_argument("--seconds", type=float, default=10.0)
    words.add_argument("--tries", type=int, default=3)
    words.add_argument("--json", action="store_true")
    words.add_argument("--once", nargs=4, help=argparse.SUPPRESS)
    given = words.parse_args()
    if given.once:
        way, order, seconds, loops = given.once
        run_once(way, Settings.model_validate_json(order), float(seconds), int(loops))
        return
    medians = compare(given.runs, given.seconds, given.tries)
    above = medians["engine"]["p99_ms"] - medians["none"]["p99_ms"]
    if given.json:
        print(json.dumps({**medians, "engine_p99_above_none_ms": above}, indent=2))
        return
    for way, row in medians.items():
        print(f"{way:7} {as_row(row)}")
    print(f"p99 with an engine is {above:.2f} ms above p99 without")


if __name__ == "__main__":
    main()
