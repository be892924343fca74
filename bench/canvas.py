"""What drawing costs: python bench/canvas.py [--frames 300] [--window SECONDS] [--usual] [--json].

A heavy sketch on 1280 x 720: the camera's picture, six people who dance, each a skeleton with glow and four
trails with glow, a layer with feedback, and text; `--usual` has two trails each and no such layer. Without a
window every frame is drawn as fast as can be, then every call on its own, in the processor's time: whoever
else uses the machine counts less. With --window the same sketch runs in a real window loop at 60 frames a
second (SDL's dummy driver, unless $SDL_VIDEODRIVER says otherwise), while the engine looks at a film.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import statistics
import time
from contextlib import closing
from types import SimpleNamespace

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")

import numpy as np

from posekit.clock import SystemClock
from posekit.engine.prepare import prepare
from posekit.geometry import fit_picture
from posekit.pose import Pose
from posekit.runner import run_sketch
from posekit.runner.engine_feed import EngineFeed
from posekit.scene import Person
from posekit.settings import Settings
from posekit.sketch import Sketch
from posekit.sketch.canvas import Canvas
from posekit.sketch.loader import load_class
from posekit.sketch.people import SketchPerson

SIZE, PICTURE = (1280, 720), (640, 480)
PEOPLE = 6
RATE = 60.0
WARM_SECONDS = 2.0
TRAILED = ("left_wrist", "right_wrist", "left_ankle", "right_ankle")
BODY = np.array(
    [
        (0, -0.40), (0.02, -0.42), (-0.02, -0.42), (0.045, -0.41), (-0.045, -0.41),
        (0.09, -0.28), (-0.09, -0.28), (0.15, -0.16), (-0.15, -0.16), (0.19, -0.05), (-0.19, -0.05),
        (0.06, 0.02), (-0.06, 0.02), (0.075, 0.21), (-0.075, 0.21), (0.08, 0.40), (-0.08, 0.40),
    ]
)  # fmt: skip
"""A standing body's keypoints in its own heights around its middle."""


def dancers(now: float) -> list[SketchPerson]:
    """Return six people in canvas pixels who swing their arms and legs."""
    placement = fit_picture(PICTURE, SIZE, "cover")
    people = []
    for number in range(1, PEOPLE + 1):
        xy = BODY * (0.52, 0.66) + ((number - 0.5) / PEOPLE, 0.5)
        for limb, (at, reach) in enumerate(((9, 0.09), (10, 0.09), (15, 0.04), (16, 0.04))):
            turn = now * (3.1 + 0.3 * limb) + number + 2 * limb
            xy[at] += reach * np.array((math.cos(turn), math.sin(turn * 1.3)))
            xy[at - 2] += reach / 2 * np.array((math.cos(turn), math.sin(turn * 1.3)))
        pose = Pose(xy.astype(np.float32), np.full(17, 0.9, np.float32), 0.9)
        person = Person(number, number, pose, now, np.zeros((17, 2), np.float32), seen=now)
        people.append(SketchPerson(person, placement, PICTURE, SimpleNamespace()))
    return people


def draw_all(canvas: Canvas, people: list[SketchPerson], fps: float, *, usual: bool = False) -> None:
    """Draw one frame of the heavy sketch, or of the usual one."""
    for person in people:
        for name in TRAILED[: 2 if usual else 4]:
            canvas.trail(person.keypoint(name), person.color, 10, 0.8, glow=24)
        canvas.skeleton(person, width=5, glow=24)
    if not usual:
        echo = canvas.layer("echo")
        echo.feedback(zoom=1.01, turn=0.3, fade=0.04)
        for person in people:
            echo.circle(person.nose, 12, person.color, alpha=0.5)
        canvas.draw_layer(echo, 0.6, blend="add")
    canvas.text(f"{fps:.0f} frames a second", (24, 20), 36)


def measure_frames(frames: int, *, usual: bool = False) -> dict[str, float]:
    """Return how long a whole frame takes, in milliseconds."""
    canvas, picture = Canvas(SIZE), np.random.default_rng(1).integers(0, 90, (480, 640, 3)).astype(np.uint8)
    placement, taken = fit_picture(PICTURE, SIZE, "cover"), []
    for number in range(frames + 60):
        now = number / RATE
        people = dancers(math.floor(now * 30) / 30)
        begin = time.process_time()
        canvas.begin_frame(now)
        if number % 2 == 0:
            canvas.set_camera(picture, placement)
        canvas.background("camera")
        draw_all(canvas, people, RATE, usual=usual)
        canvas.end_frame()
        taken.append((time.process_time() - begin) * 1000)
    return percentiles(taken[60:])


def measure_calls(frames: int) -> dict[str, float]:
    """Return the median time of every call on its own, in milliseconds."""
    canvas, person = Canvas(SIZE), dancers(1.0)[2]
    picture = np.full((480, 640, 3), 90, np.uint8)
    canvas.set_camera(picture, fit_picture(PICTURE, SIZE, "cover"))
    layer, wave = canvas.layer(), [(100 + 60 * at, 300 + 80 * math.sin(at)) for at in range(12)]
    state = SimpleNamespace(number=0)

    def moved() -> tuple[float, float]:
        state.number += 1
        canvas.begin_frame(state.number / 30)
        turn = state.number * 0.25
        return 640 + 200 * math.cos(turn), 360 + 150 * math.sin(1.3 * turn)

    calls = {
        "background('black')": lambda: canvas.background("black"),
        "background((0, 0, 0, 20))": lambda: canvas.background((0, 0, 0, 20)),
        "camera()": canvas.camera,
        "camera(alpha=0.5)": lambda: canvas.camera(0.5),
        "camera(tint='gold')": lambda: canvas.camera(tint="gold"),
        "gradient('navy', 'black')": lambda: canvas.gradient("navy", "black"),
        "circle, radius 40": lambda: canvas.circle((300, 300), 40),
        "circle, alpha=0.5": lambda: canvas.circle((300, 300), 40, alpha=0.5),
        "circle, glow=40": lambda: canvas.circle((300, 300), 40, glow=40),
        "circle, blend='multiply'": lambda: canvas.circle((300, 300), 40, blend="multiply"),
        "line, 400 long": lambda: canvas.line((300, 300), (600, 560), "gold", 6),
        "line, glow=40": lambda: canvas.line((300, 300), (600, 560), "gold", 6, glow=40),
        "curve through 12": lambda: canvas.curve(wave, "gold", 6),
        "curve, glow=40": lambda: canvas.curve(wave, "gold", 6, glow=40),
        "glow, radius 150": lambda: canvas.glow((300, 300), 150, "gold"),
        "skeleton": lambda: canvas.skeleton(person, width=5),
        "skeleton, glow=24": lambda: canvas.skeleton(person, width=5, glow=24),
        "trail of 1 s": lambda: canvas.trail(moved(), "gold", 10, key=1),
        "trail of 1 s, glow=24": lambda: canvas.trail(moved(), "gold", 10, key=2, glow=24),
        "text": lambda: canvas.text("hello", (300, 300), 60),
        "text, glow=30": lambda: canvas.text("hello", (300, 300), 60, glow=30),
        "draw_layer(layer)": lambda: canvas.draw_layer(layer),
        "draw_layer, blend='add'": lambda: canvas.draw_layer(layer, blend="add"),
        "draw_layer, blend='screen'": lambda: canvas.draw_layer(layer, blend="screen"),
        "layer.feedback(fade=0.05)": lambda: layer.feedback(fade=0.05),
        "layer.feedback(1.01, turn=1)": lambda: layer.feedback(1.01, 1),
        "layer.blur(20)": lambda: layer.blur(20),
    }
    found = {}
    for name, call in calls.items():
        taken = []
        for _ in range(frames // 2 + 40):
            begin = time.process_time()
            call()
            taken.append((time.process_time() - begin) * 1000)
        found[name] = statistics.median(taken[40:])
    return found


class Heavy(Sketch):
    """The heavy sketch in a window; who dances does not depend on who is seen."""

    background = "camera"
    size = SIZE
    shown: list[float]
    drawn: list[float]
    usual = False

    def draw(self, canvas, people, time, health):
        begin = SystemClock().now()
        self.shown.append(begin)
        draw_all(canvas, dancers(math.floor(time * 30) / 30), health.fps, usual=self.usual)
        for person in people:
            canvas.circle(person.nose, 20, "white", width=3)
        self.drawn.append((SystemClock().now() - begin) * 1000)


def measure_window(source: str, seconds: float, *, usual: bool = False) -> dict[str, float]:
    """Return frames a second of a window, and how long drawing took, while the engine looks at a film."""
    settings = prepare(Settings(source=source, fps=RATE, size=SIZE))
    loaded = load_class(Heavy)
    loaded.sketch.usual = usual
    loaded.sketch.shown, loaded.sketch.drawn = [], []
    scenes = set()
    with closing(EngineFeed(settings, SystemClock())) as feed:
        poll = feed.poll

        def noted():
            update = poll()
            if update.scene is not None:
                scenes.add(update.scene.index)
            return update

        feed.poll = noted
        run_sketch(
            loaded, feed, settings.model_copy(update={"frames": round((WARM_SECONDS + seconds) * RATE)})
        )
    warm = round(WARM_SECONDS * RATE)
    shown = np.array(loaded.sketch.shown[warm:])
    intervals = np.diff(shown)
    missed = float(np.maximum(np.round(intervals * RATE) - 1, 0).sum())
    return {
        "fps": float(len(intervals) / (shown[-1] - shown[0])),
        "missed_percent": missed / (len(intervals) + missed) * 100,
        "interval_p99_ms": float(np.percentile(intervals, 99) * 1000),
        **{f"draw_{name}": value for name, value in percentiles(loaded.sketch.drawn[warm:]).items()},
        "scenes_per_second": len(scenes) / (seconds + WARM_SECONDS),
    }


def percentiles(taken: list[float]) -> dict[str, float]:
    return {f"p{at}_ms": float(np.percentile(taken, at)) for at in (50, 95, 99)}


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    words.add_argument("--frames", type=int, default=300)
    words.add_argument("--window", type=float, default=0.0, metavar="SECONDS")
    words.add_argument("--source", default="sample")
    words.add_argument("--usual", action="store_true")
    words.add_argument("--json", action="store_true")
    given = words.parse_args()
    if given.window:
        found = {"window": measure_window(given.source, given.window, usual=given.usual)}
    else:
        found = {
            "frame": measure_frames(given.frames, usual=given.usual),
            "calls": measure_calls(given.frames),
        }
    if given.json:
        print(json.dumps(found, indent=2))
        return
    for part, rows in found.items():
        print(part)
        for name, value in rows.items():
            print(f"  {name:32} {value:8.2f}")


if __name__ == "__main__":
    main()
