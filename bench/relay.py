"""How much later a gallery's window draws what was captured: python bench/relay.py [--runs 5] [--seconds 10].

In `posekit run` the process that draws reads the engine's pipe itself; in a gallery its owner reads it and
hands everything on, so that the engine outlives the window. The same sketch notes in every `draw` how old
each new scene is; both ways take turns, on SDL's dummy driver. Ages are from capture to `draw`, so that what
the window waits for its next frame (half a frame on average) is in both: it draws 53 times a second, for at
60 a source of 30 would meet its frames at the same moment all along, another one in each run.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

os.environ["SDL_VIDEODRIVER"] = "dummy"

from posekit.clock import SystemClock
from posekit.engine.pictures import SharedPictures
from posekit.engine.prepare import prepare
from posekit.gallery.orders import WindowOrder
from posekit.gallery.window_process import WindowProcess
from posekit.runner import run_sketch
from posekit.runner.engine_feed import NICE_BESIDE_WINDOW, EngineFeed
from posekit.settings import Settings
from posekit.sketch.loader import load_sketch

NOTING = """
import time
from pathlib import Path

ages, last = [], [None]


def draw(canvas, people, scene):
    canvas.camera()
    for person in people:
        canvas.skeleton(person)
    if scene.raw is not None and scene.raw is not last[0]:
        last[0] = scene.raw
        ages.append((time.perf_counter() - scene.raw.captured) * 1000)


def close():
    Path(__file__).with_suffix(".txt").write_text("\\n".join(map(str, ages)))
"""
RATE = 53.0
WARM = 30
"""Scenes at the start that do not count."""


def directly(settings: Settings, sketch: Path, seconds: float) -> None:
    """Draw as `posekit run` does."""
    with closing(EngineFeed(settings, SystemClock())) as feed:
        frames = settings.model_copy(update={"frames": round(seconds * settings.fps)})
        run_sketch(load_sketch(str(sketch)), feed, frames)


def relayed(settings: Settings, sketch: Path, seconds: float) -> None:
    """Draw as a gallery does."""
    clock = SystemClock()
    with (
        closing(SharedPictures.create()) as pictures,
        closing(
            EngineFeed(
                settings, clock, waits=0.02, with_pictures=False, pictures=pictures, nice=NICE_BESIDE_WINDOW
            )
        ) as feed,
    ):
        order = WindowOrder(str(sketch), settings.model_dump(mode="json"), is_live=feed.is_live)
        with closing(WindowProcess(order, pictures, clock, print)) as window:
            end = None
            while window.is_alive and (end is None or time.monotonic() < end):
                window.give(feed.poll())
                if end is None and window.is_ready:
                    end = time.monotonic() + seconds
            window.end(5.0)


def main() -> None:
    """Take turns, and print medians."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--source", default="synthetic:people=2,seed=3")
    chosen = parser.parse_args()
    settings = prepare(
        Settings(source=chosen.source, fps=RATE), report=lambda line: print(line, file=sys.stderr)
    )
    ways = {"posekit run": directly, "gallery": relayed}
    medians: dict[str, list[float]] = {name: [] for name in ways}
    worst: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(chosen.runs):
        for name, way in ways.items():
            with tempfile.TemporaryDirectory() as folder:
                sketch = Path(folder) / "noting.py"
                sketch.write_text(NOTING)
                way(settings, sketch, chosen.seconds)
                ages = [float(line) for line in sketch.with_suffix(".txt").read_text().split()][WARM:]
            assert len(ages) > WARM, f"{name} drew only {len(ages)} scenes after the first {WARM}"
            medians[name].append(statistics.median(ages))
            worst[name].append(statistics.quantiles(ages, n=20)[-1])
    for name in ways:
        age, late = statistics.median(medians[name]), statistics.median(worst[name])
        print(f"{name:12} captured to drawn: median {age:5.1f} ms, p95 {late:5.1f} ms")
    added = statistics.median(
        after - before for before, after in zip(medians["posekit run"], medians["gallery"], strict=True)
    )
    print(f"the gallery adds {added:.1f} ms")


if __name__ == "__main__":
    main()
