"""How well people are told apart: python bench/identity.py [SECTION...] [--json] [--seeds FIRST-LAST].

Sections: crowd, clips, visits, street, speed; all of them without an argument. `crowd` compares with the
greedy keypoint tracker of tfjs-models (`greedy_tracker.py`) on the same poses, judged by motmetrics. `clips`
and `visits` take $POSEKIT_ASSETS (see bench/README.md), `street` the film vtest.avi of Debian's package
opencv-doc ($VTEST names it). The tracker was tuned on seeds 101 to 108 and 111 to 124; 1 to 20 are reported.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from greedy_tracker import GreedyTracker

from posekit.crowd import CrowdOptions, moments
from posekit.events import Presence
from posekit.frame import Frame
from posekit.pose import Pose
from posekit.tracking import Tracker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from posekit.geometry import Size

    Ask = Callable[[Sequence[Pose], float], tuple[list[int], list[Pose]]]

ASSETS = Path(os.environ.get("POSEKIT_ASSETS", "."))
RATES = (10, 30, 60)
PEOPLE, SECONDS = 6, 60
SIZE = (1280, 720)
SHOWN = 0.3
"""Share of her keypoints that must show for somebody to count; below, PoseNet does not tell of her either."""
NEAR = 0.2
"""Statures: the median distance of visible keypoints up to which a pose is hers."""
COUNTED = {5: 6, 15: 8, 25: 7, 35: 6, 45: 3, 55: 6, 65: 6, 75: 8}
"""People in vtest.avi at some seconds, counted by eye, those half behind the lamp post or others included."""
HELD = 0.2
"""Seconds for which, in the rows `posekit held`, who is not found is told of where she was last."""
FIGURES = ("idf1", "num_switches", "mota", "num_misses", "num_false_positives", "num_objects")


def main() -> None:
    sections = {"crowd": crowd, "clips": clips, "visits": visits, "street": street, "speed": speed}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("sections", nargs="*", metavar="SECTION")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--seeds", default="1-20")
    told = parser.parse_args()
    first, last = map(int, told.seeds.split("-"))
    seeds = range(first, last + 1)
    figures = {
        name: sections[name](seeds) if name == "crowd" else sections[name]()
        for name in told.sections or sections
    }
    if told.json:
        print(json.dumps(figures, indent=1))
        return
    for name, rows in figures.items():
        print(name)
        for row in rows:
            print("  " + "  ".join(f"{key} {value}" for key, value in row.items()))


def ask_posekit(size: Size, held: float = 0.0) -> Ask:
    """Return whom posekit has seen in the last `held` seconds; who is only waited for is not asked of."""
    tracker = Tracker()

    def ask(poses: Sequence[Pose], when: float) -> tuple[list[int], list[Pose]]:
        told = tracker.update(poses, when, size).people
        people = [person for person in told if when - person.seen <= held + 1e-6]
        return [person.id for person in people], [person.pose for person in people]

    return ask


def ask_greedy(_size: Size) -> Ask:
    tracker = GreedyTracker()
    return lambda poses, when: (tracker.update(poses, when), list(poses))


TRACKERS = {
    "posekit": ask_posekit,
    "posekit held": lambda size: ask_posekit(size, HELD),
    "greedy": ask_greedy,
}


def crowd(seeds: Sequence[int]) -> list[dict]:
    """Six people, a minute, many seeds: IDF1 and switches against the truth."""
    rows = []
    for rate in RATES:
        with ProcessPoolExecutor(2) as pool:
            judged = list(pool.map(judge_crowd, seeds, [rate] * len(seeds)))
        for name in TRACKERS:
            figures = overall([one[name] for one in judged])
            each = [one[name]["idf1"] for one in judged]
            rows.append({"rate": rate, "tracker": name, "worst_idf1": round(min(each), 3), **figures})
        ours, _, theirs = rows[-len(TRACKERS) :]
        fewer = 1 - ours["num_switches"] / max(theirs["num_switches"], 1)
        ours["fewer_switches"] = f"{fewer:.0%}"
    return rows


def judge_crowd(seed: int, rate: int) -> dict[str, dict]:
    options = CrowdOptions(people=PEOPLE, seed=seed, rate=rate, seconds=SECONDS, size=SIZE)
    asks = {name: make(SIZE) for name, make in TRACKERS.items()}
    judges = {name: Judge() for name in asks}
    for moment in moments(options):
        xy = np.array([person.pose.xy for person in moment.truth]).reshape(-1, 17, 2)
        counts = np.array([person.visible.mean() > SHOWN for person in moment.truth], bool)
        heights = np.array([person.height for person in moment.truth])
        numbers = [person.id for person in moment.truth]
        for name, ask in asks.items():
            ids, poses = ask(moment.poses, moment.time)
            judges[name].add(numbers, counts, distances(xy, heights, poses), ids)
    return {name: judge.figures() for name, judge in judges.items()}


def distances(xy: np.ndarray, heights: np.ndarray, poses: Sequence[Pose]) -> np.ndarray:
    """Return (people, poses) statures between each true body and each pose; NaN beyond `NEAR`."""
    apart = np.full((len(xy), len(poses)), np.nan)
    for at, pose in enumerate(poses):
        shown = pose.scores >= SHOWN
        if shown.any() and len(xy):
            off = (xy[:, shown] - pose.xy[shown]) * (SIZE[0] / SIZE[1], 1.0)
            apart[:, at] = np.median(np.hypot(off[..., 0], off[..., 1]), axis=1) / heights
    return np.where(apart <= NEAR, apart, np.nan)


class Judge:
    """Keeps motmetrics' account of one tracker on one film."""

    def __init__(self) -> None:
        import motmetrics

        self._metrics = motmetrics.metrics.create()
        self._account = motmetrics.MOTAccumulator(auto_id=True)

    def add(self, truth: list[int], counts: np.ndarray, apart: np.ndarray, ids: list[int]) -> None:
        """Compare a frame; a pose that fits only somebody who does not count is neither right nor wrong."""
        fits = ~np.isnan(apart)
        of_nobody = ~fits.any(axis=0) if len(truth) else np.ones(len(ids), bool)
        kept = np.flatnonzero(of_nobody | fits[counts].any(axis=0)) if len(truth) else np.arange(len(ids))
        self._account.update(
            [number for number, one in zip(truth, counts, strict=True) if one],
            [ids[at] for at in kept],
            apart[counts][:, kept],
        )

    def figures(self) -> dict:
        told = self._metrics.compute(self._account, metrics=[*FIGURES, "idtp", "idfp", "idfn"], name="all")
        return {name: float(told[name].iloc[0]) for name in told}


def overall(each: list[dict]) -> dict:
    """Return the figures of many films as of one."""
    total = {name: sum(one[name] for one in each) for name in each[0]}
    right = 2 * total["idtp"]
    wrong = sum(total[name] for name in ("num_misses", "num_false_positives", "num_switches"))
    return {
        "idf1": round(right / (right + total["idfp"] + total["idfn"]), 4),
        "num_switches": int(total["num_switches"]),
        "mota": round(1 - wrong / total["num_objects"], 3),
        "misses": round(total["num_misses"] / total["num_objects"], 3),
        "false": round(total["num_false_positives"] / total["num_objects"], 3),
    }


def film(path: Path, input_size: Size | None = None) -> Iterator[tuple[float, tuple[Pose, ...], Size]]:
    """Yield the time, the poses and the size of every frame of a film."""
    from posekit.estimators import EstimatorOptions, open_estimator

    capture = cv2.VideoCapture(str(path))
    rate = capture.get(cv2.CAP_PROP_FPS)
    estimator = open_estimator(EstimatorOptions(name="posenet", input_size=input_size))
    try:
        index = 0
        while (read := capture.read())[0]:
            frame = Frame(cv2.cvtColor(read[1], cv2.COLOR_BGR2RGB), index / rate, index)
            yield frame.time, estimator.estimate(frame).poses, frame.size
            index += 1
    finally:
        estimator.close()
        capture.release()


def clips() -> list[dict]:
    """Two walkers cross: who has which id, by the boxes of the truth."""
    truth = json.loads((ASSETS / "data/truth/crossing.gt.json").read_text())["frames"]
    rows = []
    for name, make in (("posekit", ask_posekit), ("greedy", ask_greedy)):
        judge, ask = Judge(), None
        for (when, poses, size), frame in zip(film(ASSETS / "data/videos/crossing.mp4"), truth, strict=False):
            ask = ask or make(size)
            ids, seen = ask(poses, when)
            boxes = np.array([one["bbox"] for one in frame["people"]], float).reshape(-1, 4)
            numbers = [one["track_id"] for one in frame["people"]]
            ignored = [covers(box, seen, size) for box in frame["ignore_regions"]]
            kept = [at for at in range(len(seen)) if not any(one[at] > 0.5 for one in ignored)]
            apart = 1 - np.array([overlap(box, [seen[at] for at in kept], size) for box in boxes])
            apart = np.where(
                apart.reshape(len(boxes), len(kept)) < 0.8, apart.reshape(len(boxes), -1), np.nan
            )
            judge.add(numbers, np.ones(len(numbers), bool), apart, [ids[at] for at in kept])
        rows.append({"clip": "crossing", "tracker": name, **overall([judge.figures()])})
    return rows


def _corners(box: Sequence[float], poses: Sequence[Pose], size: Size) -> tuple[np.ndarray, ...]:
    found = [pose.above(SHOWN).box for pose in poses]
    boxes = np.array([(one.x, one.y, one.x + one.width, one.y + one.height) for one in found]).reshape(-1, 4)
    boxes = np.nan_to_num(boxes * (*size, *size))
    own = np.array((box[0], box[1], box[0] + box[2], box[1] + box[3]), float)
    shared = np.minimum(own[2:], boxes[:, 2:]) - np.maximum(own[:2], boxes[:, :2])
    return own, boxes, np.maximum(shared, 0).prod(axis=1)


def overlap(box: Sequence[float], poses: Sequence[Pose], size: Size) -> np.ndarray:
    own, boxes, shared = _corners(box, poses, size)
    areas = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
    return shared / np.maximum((own[2:] - own[:2]).prod() + areas - shared, 1e-9)


def covers(box: Sequence[float], poses: Sequence[Pose], size: Size) -> np.ndarray:
    _, boxes, shared = _corners(box, poses, size)
    return shared / np.maximum((boxes[:, 2:] - boxes[:, :2]).prod(axis=1), 1e-9)


def visits() -> list[dict]:
    """Six people come one after the other: when each entered and left, against the truth."""
    name = "one-by-one-person-detection"
    told = json.loads((ASSETS / f"data/truth/{name}.events.gt.json").read_text())
    tracker, presence, entered, left = Tracker(), Presence(), [], []
    for when, poses, size in film(ASSETS / f"data/videos/{name}.mp4"):
        for event in presence.update(tracker.update(poses, when, size).people, when):
            if event.name in ("enter", "leave"):
                (entered if event.name == "enter" else left).append(event.time)
    left += [event.time for event in presence.reset()]
    rows = [{"visits": len(entered), "truth": len(told["visits"])}]
    for visit, enter, leave in zip(told["visits"], entered, left, strict=False):
        begin, end = visit["enter"] / told["fps"], visit["leave"] / told["fps"]
        rows.append(
            {
                "visit": visit["track_id"],
                "enter_late": round(enter - begin, 1),
                "leave": round(leave - end, 1),
            }
        )
    return rows


def street() -> list[dict]:
    """A street from above, without truth: people over time, against a count by eye."""
    path = Path(os.environ.get("VTEST", "/usr/share/doc/opencv-doc/examples/data/vtest.avi"))
    if not path.exists():
        return [{"vtest.avi": "not here; apt-get install opencv-doc, or name it in $VTEST"}]
    rows = []
    for input_size in ((481, 353), (641, 481)):
        ask, tracker, ids, counts = None, Tracker(), set(), {}
        theirs: set[int] = set()
        for when, poses, size in film(path, input_size):
            ask = ask or ask_greedy(size)
            people = tracker.update(poses, when, size).people
            ids |= {person.id for person in people}
            theirs |= set(ask(poses, when)[0])
            if round(when * 10) % 100 == 50:
                counts[round(when)] = (COUNTED[round(when)], len(poses), len(people))
        rows.append(
            {"input": input_size, "ids": len(ids), "greedy_ids": len(theirs), "by_eye_poses_people": counts}
        )
    return rows


def speed() -> list[dict]:
    """Microseconds a frame for people who all move."""
    rows = []
    for count in (1, 2, 5, 10):
        numbers, tracker = np.random.default_rng(1), Tracker()
        bodies = list(moments(CrowdOptions(people=1, seed=2, seconds=4, noise=0)))[-1].poses[0].xy
        bodies = bodies - bodies.mean(axis=0)
        frames = [
            [
                Pose(
                    bodies * 0.3 + (0.06 + 0.095 * at, 0.5) + numbers.normal(0, 0.003, (17, 2)),
                    numbers.uniform(0.2, 1, 17),
                    0.6,
                )
                for at in range(count)
            ]
            for _ in range(600)
        ]
        taken = []
        for at, poses in enumerate(frames):
            begin = time.perf_counter()
            people = tracker.update(poses, at / 30, SIZE).people
            taken.append((time.perf_counter() - begin) * 1e6)
        assert len(people) == count
        quick = statistics.quantiles(taken[60:], n=10)[0]
        rows.append(
            {"people": count, "median_us": round(statistics.median(taken[60:])), "tenth_us": round(quick)}
        )
    return rows


if __name__ == "__main__":
    sys.exit(main())
