"""All estimators, sizes and runtimes on the same pictures, time beside accuracy: python bench/estimators.py

    --plot FILE.png       draw accuracy over time
    --only WORD           estimators whose name contains it
    --coco FOLDER         other pictures than `data/coco` in $POSEKIT_ASSETS
    --annotations FILE    their truth in COCO's format, where it does not lie among them
    --most N              of so many pictures

AP and AR are COCO's, over OKS 0.5 to 0.95. `far`, `mid` and `near` are the people found (OKS 0.5) whose
height is below a third of the picture's, below two thirds, and more. `ghosts` are bodies the tracker takes
for somebody, on `data/no_people`. `ms` is the median over all pictures, each by itself; `film ms` that of
pictures held still, where an estimator may remember. One after the other: on a busy machine trust ratios.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

import cv2
import numpy as np

from posekit.errors import PosekitError
from posekit.estimators import EstimatorOptions, open_estimator
from posekit.estimators.likeness import SPREAD
from posekit.frame import Frame
from posekit.runtimes import installed_runtimes
from posekit.tracking import TrackerOptions

sys.path.append(str(Path(__file__).parents[1] / "tests"))
from coco_truth import CocoTruth, frames_in

DATA = Path(os.environ.get("POSEKIT_ASSETS", ".")) / "data"
SIZES = ((257, 193), (353, 257), (481, 353), (641, 481), (961, 721), (1281, 721))
FOUND = 0.5
"""OKS from which on a person counts as found."""
DISTANCES = {"far": (0.0, 1 / 3), "mid": (1 / 3, 2 / 3), "near": (2 / 3, 9.0)}
"""Height of a labelled person, in picture heights."""
FILM = 12
"""Frames of each picture held still, of which the later half is timed."""
COLORS = {"posenet": (60, 90, 220), "movenet": (40, 150, 60), "blazepose": (200, 90, 40)}


@dataclass
class Candidate:
    """One estimator and what it made of the pictures."""

    name: str
    options: EstimatorOptions
    poses: dict = field(default_factory=dict)
    milliseconds: list[float] = field(default_factory=list)
    film: float = 0.0
    ghosts: int = 0

    @property
    def time(self) -> float:
        """Median milliseconds of a picture."""
        return statistics.median(self.milliseconds)


def candidates() -> list[Candidate]:
    found = []
    for runtime in installed_runtimes():
        posenet = EstimatorOptions("posenet", runtime=runtime, still=True)
        found += [
            Candidate(f"posenet {size[0]}x{size[1]} {runtime}", replace(posenet, input_size=size))
            for size in SIZES
        ]
        movenet = EstimatorOptions("movenet", runtime=runtime, still=True)
        found.append(Candidate(f"movenet several {runtime}", movenet))
        found.append(Candidate(f"movenet single {runtime}", replace(movenet, single=True)))
    if "mediapipe" in installed_runtimes():
        for model in ("lite", "full", "heavy"):
            found.append(
                Candidate(f"blazepose {model}", EstimatorOptions("blazepose", model=model, still=True))
            )
        several = EstimatorOptions("blazepose", model="full", max_poses=5, still=True)
        found.append(Candidate("blazepose full, 5", several))
    return found


def look(candidate: Candidate, truth: CocoTruth, nobody: list[Frame]) -> None:
    """Let one estimator see every picture, once alone and some as a film."""
    least = TrackerOptions().pose_score
    estimator = open_estimator(candidate.options)
    try:
        estimator.estimate(next(iter(truth.frames.values())))
        for number, frame in truth.frames.items():
            begin = time.perf_counter()
            candidate.poses[number] = estimator.estimate(frame).poses
            candidate.milliseconds.append((time.perf_counter() - begin) * 1000)
        candidate.ghosts = sum(
            pose.score >= least for frame in nobody for pose in estimator.estimate(frame).poses
        )
    finally:
        estimator.close()
    candidate.film = _film(candidate.options, list(truth.frames.values())[:6])


def _film(options: EstimatorOptions, frames: list[Frame]) -> float:
    estimator = open_estimator(replace(options, still=False))
    taken = []
    try:
        for at, frame in enumerate(frames):
            estimator.reset()
            for index in range(FILM):
                shown = Frame(frame.pixels, at * 10 + index / 30, at * FILM + index)
                begin = time.perf_counter()
                estimator.estimate(shown)
                if index >= FILM // 2:
                    taken.append((time.perf_counter() - begin) * 1000)
    finally:
        estimator.close()
    return statistics.median(taken)


def shares(poses: dict, truth: CocoTruth) -> list[str]:
    """Return for each distance how many of its people were found, as `found/all`."""
    cells = []
    for low, high in DISTANCES.values():
        found = [
            any(_similarity(pose, person, truth.frames[number].size) >= FOUND for pose in poses[number])
            for number in truth.frames
            for person in truth.people_in(number)
            if low <= _height(person) / truth.frames[number].size[1] < high
        ]
        cells.append(f"{sum(found)}/{len(found)}")
    return cells


def _height(person: np.ndarray) -> float:
    return float(np.ptp(person[person[:, 2] > 0, 1]))


def _similarity(pose, person: np.ndarray, size: tuple[int, int]) -> float:
    """Return COCO's object keypoint similarity, its area taken from the labelled keypoints' box."""
    known = person[:, 2] > 0
    area = max(np.prod(np.ptp(person[known, :2], axis=0)), 100.0)
    squared = ((pose.xy * size - person[:, :2])[known] ** 2).sum(axis=1)
    return float(np.exp(-squared / (SPREAD[known] * area)).mean())


def table(seen: list[Candidate], truth: CocoTruth) -> None:
    heads = ("AP", "AR", *DISTANCES, "ghosts", "ms", "film ms")
    print(f"{len(truth.frames)} pictures, {truth.people} people")
    print(f"{'estimator':32}" + "".join(f"{head:>9}" for head in heads))
    for one in seen:
        accuracy = truth.judge(one.poses)
        cells = (f"{accuracy.precision:.3f}", f"{accuracy.recall:.3f}", *shares(one.poses, truth))
        times = (str(one.ghosts), f"{one.time:.1f}", f"{one.film:.1f}")
        print(f"{one.name:32}" + "".join(f"{cell:>9}" for cell in (*cells, *times)), flush=True)


def plot(seen: list[Candidate], truth: CocoTruth, file: Path) -> None:
    """Draw accuracy over time, the time by powers of two."""
    width, height, margin = 1200, 800, 90
    image = np.full((height, width, 3), 255, np.uint8)
    points = [(one.film, truth.judge(one.poses).precision) for one in seen]
    low, high = np.log2(min(x for x, _ in points)) - 0.3, np.log2(max(x for x, _ in points)) + 0.6
    top = max(y for _, y in points) * 1.1 + 0.01

    def place(x: float, y: float) -> tuple[int, int]:
        across = (np.log2(x) - low) / (high - low)
        return round(margin + across * (width - 2 * margin)), round(
            height - margin - y / top * (height - 2 * margin)
        )

    def write(text: str, at: tuple[int, int], color=(60, 60, 60), size: float = 0.5) -> None:
        cv2.putText(image, text, at, cv2.FONT_HERSHEY_SIMPLEX, size, color, 1, cv2.LINE_AA)

    for power in range(int(np.ceil(low)), int(high) + 1):
        x, y = place(2.0**power, 0)
        cv2.line(image, (x, y), (x, margin), (235, 235, 235), 1)
        write(f"{2**power:g}", (x - 10, y + 25))
    for level in np.arange(0, top, 0.1):
        x, y = place(2.0**low, level)
        cv2.line(image, (x, y), (width - margin, y), (235, 235, 235), 1)
        write(f"{level:.1f}", (x - 45, y + 5))
    write("milliseconds a frame of a film", (width // 2 - 130, height - 30))
    write("AP", (20, margin - 20))
    for one, (x, y) in zip(seen, points, strict=True):
        color = COLORS[one.options.name][::-1]
        cv2.circle(image, place(x, y), 6, color, -1, cv2.LINE_AA)
        column, row = place(x, y)
        # Two runtimes of one model lie side by side: one is named above its point, the other below.
        write(one.name, (column + 4, row + (20 if one.options.runtime == "litert" else -11)), color, 0.42)
    cv2.imwrite(str(file), image)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--plot", type=Path)
    parser.add_argument("--only", default="", help="a word that a name must contain")
    parser.add_argument("--coco", type=Path, default=DATA / "coco")
    parser.add_argument("--annotations", type=Path)
    parser.add_argument("--most", type=int, default=500)
    given = parser.parse_args()
    truth = CocoTruth(given.coco, given.annotations, given.most)
    nobody = frames_in(DATA / "no_people") if (DATA / "no_people").is_dir() else []
    seen = []
    for candidate in candidates():
        if given.only not in candidate.name:
            continue
        try:
            look(candidate, truth, nobody)
        except PosekitError as error:
            print(f"{candidate.name}: {error}", file=sys.stderr)
            continue
        seen.append(candidate)
    if not seen:
        sys.exit("nothing could be measured")
    table(seen, truth)
    if given.plot:
        plot(seen, truth, given.plot)


if __name__ == "__main__":
    main()
