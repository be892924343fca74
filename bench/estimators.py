"""All estimators, sizes and runtimes on the same pictures, time beside accuracy: python bench/estimators.py

    --plot FILE.png       draw accuracy over time
    --json                everything that was measured, every keypoint by itself, as one object
    --only WORD           estimators whose name contains it
    --coco FOLDER         other pictures than `data/coco` in $POSEKIT_ASSETS; their truth is looked for there
    --annotations FILE    their truth in COCO's format, where it does not lie in, beside or below that folder
    --nobody FOLDER       other pictures without people than `data/no_people`
    --most N              of so many pictures (500; 0: all)
    --no-film             single pictures alone, for great sets

Three tables. AP and AR are COCO's, over OKS 0.5 to 0.95; `AP50` at OKS 0.5; `film AP` that of pictures held
still, where an estimator may remember, over the last frames. `ghosts` are bodies the tracker would take for
somebody on pictures without people. `ms` is the median of a picture by itself, `film ms` of a frame of the
film, and `quick` the quickest tenth of these, which tells little where some frames are more work than others;
picture by picture all estimators take turns, so that they share the machine's moods: trust ratios.

By size: AP of COCO's medium and large people; and how many were found (OKS 0.5) whose height is below a third
of the picture's, below two thirds, and more. By keypoint: the median distance from the label in per cent of
the square root of the body's area, and the share found, of all who are labelled.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from estimator_tables import print_tables
from matching import judge_people, keypoint_errors, shares
from time_plot import Point, draw_plot

from posekit.errors import PosekitError
from posekit.estimators import EstimatorOptions, open_estimator
from posekit.frame import Frame
from posekit.runtimes import installed_runtimes
from posekit.tracking import TrackerOptions

sys.path.append(str(Path(__file__).parents[1] / "tests"))
from coco_truth import CocoTruth, frames_in

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from posekit.estimators.base import Estimator
    from posekit.pose import Pose

DATA = Path(os.environ.get("POSEKIT_ASSETS", ".")) / "data"
SIZES = ((257, 193), (353, 257), (481, 353), (641, 481), (961, 721), (1281, 721))
FOCUSED = ((481, 353), (641, 481))
RATE = 30.0
FILM, KEPT = 24, 8
"""Frames of each picture held still, and how many of the last ones are judged and timed."""


@dataclass
class Candidate:
    """One estimator and what it made of the pictures."""

    name: str
    options: EstimatorOptions
    poses: dict[int, tuple[Pose, ...]] = field(default_factory=dict)
    """What it sees in pictures by themselves; with focus in the last frame of each film."""
    film: list[dict[int, tuple[Pose, ...]]] = field(default_factory=lambda: [{} for _ in range(KEPT)])
    milliseconds: list[float] = field(default_factory=list)
    film_milliseconds: list[float] = field(default_factory=list)
    ghosts: int | None = None

    @property
    def remembers(self) -> bool:
        """Whether a film is more to it than single pictures."""
        return self.options.name != "posenet" or self.is_focused

    @property
    def is_focused(self) -> bool:
        return self.options.focus != "off"


def candidates() -> list[Candidate]:
    """Return everything that could be asked of this machine."""
    found = []
    for runtime in installed_runtimes():
        posenet = EstimatorOptions("posenet", runtime=runtime)
        movenet = EstimatorOptions("movenet", runtime=runtime)
        for size in SIZES:
            name, options = f"posenet {size[0]}x{size[1]}", replace(posenet, input_size=size)
            found.append(Candidate(f"{name} {runtime}", options))
            found += [
                Candidate(f"{name} focus {focus} {runtime}", replace(options, focus=focus))
                for focus in (("on", "people") if size in FOCUSED else ())
            ]
        found.append(Candidate(f"movenet several {runtime}", movenet))
        found.append(Candidate(f"movenet single {runtime}", replace(movenet, single=True)))
    if "mediapipe" in installed_runtimes():
        blazepose = EstimatorOptions("blazepose")
        models = ("lite", "full", "heavy")
        found += [Candidate(f"blazepose {model}", replace(blazepose, model=model)) for model in models]
        full = replace(blazepose, model="full")
        found.append(Candidate("blazepose full focus on", replace(full, focus="on")))
        found.append(Candidate("blazepose full 5 people", replace(full, max_poses=5)))
    return found


def measure(
    chosen: Sequence[Candidate], truth: CocoTruth, nobody: Sequence[Frame], film: bool
) -> list[Candidate]:
    """Let all estimators see every picture, in turns; return those that could be opened."""
    with ExitStack() as opened:
        runs = []
        for candidate in chosen:
            try:
                runs.append((candidate, *_open(candidate, film, opened)))
            except PosekitError as error:
                print(f"{candidate.name}: {error}", file=sys.stderr)
        for at, (number, frame) in enumerate(truth.frames.items()):
            for candidate, still, moving in runs:
                if still:
                    _look(candidate, still, number, frame)
                if moving:
                    _watch(candidate, moving, number, frame, at * 10.0)
        for candidate, still, _ in runs:
            candidate.ghosts = _ghosts(still, nobody) if still else None
    return [candidate for candidate, _, _ in runs]


def _open(candidate: Candidate, film: bool, opened: ExitStack) -> tuple[Estimator | None, Estimator | None]:
    def start(options: EstimatorOptions) -> Estimator:
        estimator = open_estimator(options)
        opened.callback(estimator.close)
        return estimator

    still = None if candidate.is_focused else start(replace(candidate.options, still=True))
    return still, start(candidate.options) if film and candidate.remembers else None


def _look(candidate: Candidate, estimator: Estimator, number: int, frame: Frame) -> None:
    # The first look brings the model back into the caches, which others have used since.
    candidate.poses[number] = estimator.estimate(frame).poses
    for _ in range(2):
        candidate.milliseconds.append(_timed(lambda: estimator.estimate(frame)))
    if not candidate.remembers:
        candidate.film_milliseconds += candidate.milliseconds[-2:]
        for kept in candidate.film:
            kept[number] = candidate.poses[number]


def _watch(candidate: Candidate, estimator: Estimator, number: int, frame: Frame, begin: float) -> None:
    estimator.reset()
    seen: list[tuple[Pose, ...]] = []
    for index in range(FILM):
        shown = Frame(frame.pixels, begin + index / RATE, index)
        taken = _timed(lambda shown=shown: seen.append(estimator.estimate(shown).poses))
        if index >= FILM - KEPT:
            candidate.film_milliseconds.append(taken)
            candidate.film[index - FILM + KEPT][number] = seen[-1]
    if candidate.is_focused:
        candidate.poses[number] = seen[-1]


def _timed(run: Callable[[], object]) -> float:
    begin = time.perf_counter()
    run()
    return (time.perf_counter() - begin) * 1000


def _ghosts(estimator: Estimator, nobody: Sequence[Frame]) -> int:
    options = TrackerOptions()
    seen = [pose for frame in nobody for pose in estimator.estimate(frame).poses]
    shown = [int((pose.scores >= options.keypoint_score).sum()) for pose in seen]
    return sum(
        pose.score >= options.pose_score and count >= options.keypoints
        for pose, count in zip(seen, shown, strict=True)
    )


def figures(candidate: Candidate, truth: CocoTruth) -> dict[str, object]:
    """Return all that was measured of one estimator."""
    accuracy = truth.judge(candidate.poses) if candidate.poses else None
    filmed = [truth.judge(poses) for poses in candidate.film if poses]
    judged = judge_people(candidate.poses, truth) if candidate.poses else []
    times = candidate.milliseconds, candidate.film_milliseconds
    return {
        "name": candidate.name,
        "family": candidate.options.name,
        "runtime": candidate.options.runtime if candidate.options.name != "blazepose" else "mediapipe",
        "accuracy": asdict(accuracy) if accuracy and not candidate.is_focused else None,
        "film_precision": statistics.mean(one.precision for one in filmed) if filmed else None,
        "medium": accuracy.medium if accuracy else None,
        "large": accuracy.large if accuracy else None,
        "found": shares(judged),
        "ghosts": candidate.ghosts,
        "milliseconds": _spread(times[0]),
        "film_milliseconds": _spread(times[1]),
        "keypoints": {name: asdict(error) for name, error in keypoint_errors(judged).items()},
    }


def _spread(times: Sequence[float]) -> dict[str, float] | None:
    if not times:
        return None
    return {"median": float(np.median(times)), "quick": float(np.percentile(times, 10))}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--plot", type=Path)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--only", default="", help="a word that a name must contain")
    parser.add_argument("--coco", type=Path, default=DATA / "coco")
    parser.add_argument("--annotations", type=Path)
    parser.add_argument("--nobody", type=Path, default=DATA / "no_people")
    parser.add_argument("--most", type=int, default=500)
    parser.add_argument("--no-film", action="store_true")
    given = parser.parse_args()
    try:
        truth = CocoTruth(given.coco, given.annotations, given.most or None)
    except FileNotFoundError as error:
        sys.exit(str(error))
    nobody = frames_in(given.nobody) if given.nobody.is_dir() else []
    chosen = [
        one for one in candidates() if given.only in one.name and not (given.no_film and one.is_focused)
    ]
    seen = measure(chosen, truth, nobody, not given.no_film)
    if not seen:
        sys.exit("nothing could be measured")
    measured = [figures(one, truth) for one in seen]
    if given.json:
        about = {"pictures": len(truth.frames), "people": truth.people, "empty_pictures": len(nobody)}
        print(json.dumps({**about, "estimators": measured}, indent=1))
    else:
        print(f"{len(truth.frames)} pictures, {truth.people} people; {len(nobody)} pictures without people")
        print_tables(measured)
    if given.plot:
        draw_plot([_point(one) for one in measured], given.plot)


def _point(one: dict) -> Point:
    name = one["name"].removesuffix(f" {one['runtime']}")
    is_film = one["film_precision"] is not None
    times = one["film_milliseconds"] if is_film else one["milliseconds"]
    precision = one["film_precision"] if is_film else one["accuracy"]["precision"]
    return Point(name, one["family"], times["median"], precision, one["runtime"] == "mediapipe")


if __name__ == "__main__":
    main()
