"""What people cost a frame, once their poses are known: python bench/people.py [--json] [--seconds 20].

Scripted bodies of the synthetic crowd (`posekit/crowd`) stand side by side, each doing something else, seen
30 times a second with the noise that was fitted to PoseNet. A `Pipeline` runs for each number of people, with
its usual stages and three zones; they take turns frame by frame, so that all of them have the same share of
a machine that others use too. `features` is what the pipeline does besides smoothing until people are
measured and told; `rest` makes scenes and numbers events. All figures are microseconds per frame: medians, in
brackets the 10th percentile. The first second, in which everybody comes, does not count.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from typing import TYPE_CHECKING, Any

import numpy as np
from quiet import Disturbance

from posekit.clock import ManualClock
from posekit.crowd import GESTURES, observe, scripted
from posekit.events import Presence, Zones
from posekit.events.gestures import Gestures
from posekit.frame import Observed
from posekit.pipeline import Pipeline
from posekit.smoothing import Smoother
from posekit.tracking import Tracker
from posekit.zones import Zone

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


SIZE = (1280, 720)
RATE = 30.0
COUNTS = (0, 1, 2, 6, 10)
STAGES = ("tracker", "smoother", "features", "gestures", "zones", "presence")
UPDATED = tuple(name for name in STAGES if name not in ("smoother", "features"))
SETTLE = 1.0
"""Seconds at the begin that do not count."""
ZONES = (
    Zone("left", ((0.0, 0.5), (0.35, 0.5), (0.3, 1.0), (0.0, 1.0))),
    Zone("stage", ((0.3, 0.4), (0.7, 0.4), (0.8, 0.9), (0.5, 1.0), (0.2, 0.9)), what="center"),
    Zone("air", ((0.6, 0.0), (1.0, 0.0), (1.0, 0.4), (0.6, 0.4)), what="hands"),
)


class Poses:
    """A source of what was seen of so many bodies."""

    description, is_camera, count, dropped = "scripted bodies", False, None, 0

    def __init__(self, count: int, seconds: float, seed: int) -> None:
        self.rate, self.state = RATE, "ok"
        acts = sorted(GESTURES)
        bodies = [
            scripted(
                acts[(7 * at + seed) % len(acts)],
                0.4,
                at=((at + 0.5) / count, 0.5),
                begin=1.0 + 0.3 * at,
                duration=seconds - 2,
                total=seconds + 1,
                id=at + 1,
            )
            for at in range(count)
        ]
        seen = observe(bodies, RATE, seconds, SIZE, seed=seed) if bodies else ()
        self._poses = [moment.poses for moment in seen] or [()] * round(seconds * RATE)

    def frames(self) -> Iterator[Observed]:
        for index, poses in enumerate(self._poses):
            yield Observed(poses, index / RATE, SIZE, index)

    def close(self) -> None:
        pass


class Watched(Pipeline):
    """A pipeline that knows how long each of its stages took, in seconds, in the last frame."""

    def __init__(self) -> None:
        tracker, smoother, presence = Tracker(), Smoother(), Presence()
        gestures, zones = Gestures(), Zones(ZONES)
        super().__init__(
            None, tracker, presence, ManualClock(), smoother=smoother, watchers=(gestures,), zones=zones
        )
        self.took: dict[str, float] = {}
        smoother.steady = self._timed("smoother", smoother.steady)
        for name, stage in zip(UPDATED, (tracker, gestures, zones, presence), strict=True):
            stage.update = self._timed(name, stage.update)
        self._refine = self._timed("features", self._refine)

    def _timed(self, name: str, update: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*given: Any) -> Any:
            began = time.perf_counter()
            result = update(*given)
            self.took[name] = time.perf_counter() - began
            return result

        return timed


def measure(count: int, seconds: float, seed: int) -> Iterator[tuple[int, list[float]]]:
    """Yield, for every frame, how many people there were and the seconds of each stage, their sum and all."""
    pipeline = Watched()
    steps = pipeline.run(Poses(count, seconds, seed))
    while True:
        pipeline.took.clear()
        began = time.perf_counter()
        step = next(steps, None)
        whole = time.perf_counter() - began
        if step is None:
            return
        took = pipeline.took
        took["features"] -= took["smoother"]
        each = [took[name] for name in STAGES]
        if step.scene.captured >= SETTLE:
            yield len(step.scene.people), [*each, sum(each), whole - sum(each)]


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    words.add_argument("--json", action="store_true")
    words.add_argument("--seconds", type=float, default=20.0, help="of poses, for each number of people")
    words.add_argument("--seed", type=int, default=3)
    given = words.parse_args()
    others = Disturbance()
    runs = [measure(count, given.seconds, given.seed) for count in COUNTS]
    frames = list(zip(*runs, strict=True))
    share = others.share()
    columns = (*STAGES, "sum", "rest")
    report: dict[str, Any] = {"others": round(share, 3), "load": os.getloadavg()[0], "people": {}}
    for at, count in enumerate(COUNTS):
        here = float(np.mean([frame[at][0] for frame in frames]))
        low, median = 1e6 * np.percentile([frame[at][1] for frame in frames], (10, 50), axis=0)
        report["people"][count] = {"tracked": round(here, 2)} | {
            name: {"median": round(float(median[to]), 1), "p10": round(float(low[to]), 1)}
            for to, name in enumerate(columns)
        }
    print(json.dumps(report, indent=2)) if given.json else tell(report, columns)


def tell(report: dict[str, Any], columns: tuple[str, ...]) -> None:
    print(f"others took {report['others']:.0%} of the machine meanwhile (load {report['load']:.1f})")
    print("people tracked" + "".join(f"{name:>13}" for name in columns))
    for count, row in report["people"].items():
        cells = "".join(f"{row[name]['median']:7.0f} ({row[name]['p10']:3.0f})" for name in columns)
        print(f"{count:>6} {row['tracked']:7.1f}{cells}")


if __name__ == "__main__":
    main()
