"""Every estimator on real clips, beside what close looks of all families agree on: python bench/video.py

    --clips WORD     clips whose name contains it
    --only WORD      estimators whose name contains it
    --every N        a reference for each Nth frame (6); the estimators see all of them, as a film
    --json           everything, every keypoint by itself, as one object

The clips have no labels. `reference.py` says what stands for them: agreement of PoseNet, MoveNet and
BlazePose on enlarged cut-outs, which is not truth. `PCK@0.1` and `PCK@0.2`: the share of all referred
keypoints that are told of, with a score the tracker takes, within so many torso lengths; whoever is not found
has none. `found` is the share of people with a pose (OKS 0.5), `AR` the same over OKS 0.5 to 0.95. `jitter`
is what is left of a keypoint's movement when its mean over the frame before and the one after is taken away,
while the body rests: median, in per cent of the torso. `ms` is the median of a frame; frame by frame all
estimators take turns.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from matching import PARTS
from reference import SURE, CloseLooks, Reference, read_frames

from posekit.estimators import EstimatorOptions, open_estimator
from posekit.estimators.likeness import likeness
from posekit.skeleton import COCO_17

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from posekit.frame import Frame
    from posekit.pose import Pose

VIDEOS = Path(os.environ.get("POSEKIT_ASSETS", ".")) / "data/videos"
CLIPS = {
    "sports2d_demo": (0, 230),
    "pose2sim_multi_cam01": (0, 100),
    "pose2sim_multi_cam02": (0, 100),
    "one-by-one-person-detection": (240, 420),
    "crossing": (0, 106),
}
"""Name, first frame and the one after the last."""
THRESHOLDS = np.arange(0.5, 0.96, 0.05)
FOUND = 0.5
NEAR = (0.1, 0.2)
"""Torso lengths."""
RESTS = 0.05
"""Torso lengths that a body at rest moves in twice `REST_SECONDS`, at most."""
REST_SECONDS = 0.3
POSENET = EstimatorOptions("posenet", input_size=(481, 353))
OPTIONS = {
    "posenet 353x257": replace(POSENET, input_size=(353, 257)),
    "posenet 481x353": POSENET,
    "posenet 481x353 focus on": replace(POSENET, focus="on"),
    "posenet 481x353 focus people": replace(POSENET, focus="people"),
    "posenet 641x481": replace(POSENET, input_size=(641, 481)),
    "posenet 1281x721": replace(POSENET, input_size=(1281, 721)),
    "movenet several": EstimatorOptions("movenet"),
    "movenet single": EstimatorOptions("movenet", single=True),
    "blazepose full": EstimatorOptions("blazepose"),
    "blazepose full focus on": EstimatorOptions("blazepose", focus="on"),
}


@dataclass
class Score:
    """What one estimator made of the clips."""

    near: list[np.ndarray] = field(default_factory=list)
    """(2, 17) per person and frame: 1 within each of `NEAR`, 0 not, NaN where there is no reference."""
    recall: list[float] = field(default_factory=list)
    """Per person and frame: of COCO's thresholds, OKS 0.5 to 0.95, the share that her pose passes."""
    jitter: list[float] = field(default_factory=list)
    milliseconds: list[float] = field(default_factory=list)

    def add(
        self, poses: Sequence[Pose], people: Sequence[Reference], size: tuple[int, int]
    ) -> list[tuple[Pose, Reference]]:
        """Judge one frame; return who was found, and as what."""
        pairs = match(poses, people, size)
        for at, person in enumerate(people):
            pose = pairs.get(at)
            like = 0.0 if pose is None else person.similarity(pose, size)
            self.recall.append(float(np.mean(like >= THRESHOLDS)))
            self.near.append(_near(pose, person, size))
        return [(pose, people[at]) for at, pose in pairs.items()]

    def figures(self) -> dict[str, object]:
        """Return everything that was measured."""
        near = np.array(self.near)
        known = np.isfinite(near[:, 1])
        hits, counts = np.nansum(near[:, 1], axis=0), known.sum(axis=0)
        by_keypoint = [float(hit / count) if count else None for hit, count in zip(hits, counts, strict=True)]
        return {
            "pck": [float(np.nanmean(near[:, at])) for at in range(len(NEAR))],
            "found": float(np.mean(np.array(self.recall) > 0)),
            "recall": float(np.mean(self.recall)),
            "jitter": statistics.median(self.jitter) if self.jitter else None,
            "milliseconds": statistics.median(self.milliseconds),
            "mean_milliseconds": statistics.mean(self.milliseconds),
            "keypoints": dict(zip(COCO_17.keypoints, by_keypoint, strict=True)),
        }


def match(poses: Sequence[Pose], people: Sequence[Reference], size: tuple[int, int]) -> dict[int, Pose]:
    """Return by person the pose that is hers; the likest choose first."""
    like = [
        (one.similarity(pose, size), at, of) for at, one in enumerate(people) for of, pose in enumerate(poses)
    ]
    pairs: dict[int, int] = {}
    for similar, at, of in sorted(like, reverse=True):
        if similar >= FOUND and at not in pairs and of not in pairs.values():
            pairs[at] = of
    return {at: poses[of] for at, of in pairs.items()}


def _near(pose: Pose | None, person: Reference, size: tuple[int, int]) -> np.ndarray:
    if pose is None:
        near = np.zeros((len(NEAR), 17))
    else:
        away = np.hypot(*(pose.xy * size - person.points).T) / person.torso
        near = (away <= np.array(NEAR)[:, None]) & (pose.scores >= SURE)
    return np.where(person.known, near, np.nan)


def watch(
    frames: Iterable[Frame], scores: dict[str, Score], options: dict[str, EstimatorOptions]
) -> list[dict]:
    """Let all estimators see a film, in turns; return for each frame the poses of each."""
    seen = []
    with ExitStack() as opened:
        estimators = {
            name: opened.enter_context(closing(open_estimator(one))) for name, one in options.items()
        }
        for frame in frames:
            poses = {}
            for name, estimator in estimators.items():
                begin = time.perf_counter()
                poses[name] = estimator.estimate(frame).poses
                scores[name].milliseconds.append((time.perf_counter() - begin) * 1000)
            seen.append(poses)
    return seen


def judge(clip: str, every: int, scores: dict[str, Score], options: dict[str, EstimatorOptions]) -> int:
    """Judge all estimators on one clip; return of how many people there was a reference, over all frames."""
    frames = list(read_frames(VIDEOS / f"{clip}.mp4", *CLIPS[clip]))
    rate = 1 / (frames[1].time - frames[0].time)
    seen = watch(frames, scores, options)
    count = 0
    with ExitStack() as opened:
        refer = CloseLooks(opened)
        for at in range(every // 2, len(frames), every):
            people = refer(frames[at])
            count += len(people)
            for name, score in scores.items():
                for pose, person in score.add(seen[at][name], people, frames[at].size):
                    around = [poses[name] for poses in seen[max(at - 9, 0) : at + 10]]
                    if len(around) == 19:
                        score.jitter += _jitter(pose, around, person, frames[at].size, rate)
    return count


def _jitter(pose: Pose, around: list, person: Reference, size: tuple[int, int], rate: float) -> list[float]:
    """Return how each keypoint trembles, in torso lengths; nothing of a body that moves."""
    aspect, middle = size[0] / size[1], len(around) // 2
    far = min(round(REST_SECONDS * rate), middle)
    others = [_same(pose, around[middle + step], aspect) for step in (-far, -1, 1, far)]
    if any(other is None for other in others):
        return []
    before, last, following, after = (other.xy * size / person.torso for other in others)
    if np.median(np.hypot(*(after - before).T)) > RESTS:
        return []
    sure = np.all([one.scores >= 0.5 for one in (pose, others[1], others[2])], axis=0)
    # Noise of deviation s leaves s times the root of 1.5 of the difference to its neighbours' mean.
    trembled = (pose.xy * size / person.torso - (last + following) / 2) / np.sqrt(1.5)
    return np.hypot(*trembled[sure].T).tolist()


def _same(pose: Pose, others: Sequence[Pose], aspect: float) -> Pose | None:
    like = likeness([pose], others, aspect)[0] if others else np.zeros(0)
    return others[int(like.argmax())] if like.max(initial=0) >= FOUND else None


def print_table(figures: dict[str, dict]) -> None:
    heads = ("PCK@0.1", "PCK@0.2", "found", "AR", "jitter", "ms", *PARTS)
    print(f"{'estimator':30}" + "".join(f"{head:>9}" for head in heads))
    for name, one in figures.items():
        parts = [_mean(one["keypoints"], part) for part in PARTS]
        jitter = "-" if one["jitter"] is None else f"{100 * one['jitter']:.2f}"
        shares = [f"{value:.3f}" for value in (*one["pck"], one["found"], one["recall"])]
        cells = (*shares, jitter, f"{one['milliseconds']:.1f}", *(f"{part:.2f}" for part in parts))
        print(f"{name:30}" + "".join(f"{cell:>9}" for cell in cells))


def _mean(keypoints: dict[str, float | None], part: str) -> float:
    known = [share for name, share in keypoints.items() if name.endswith(part) and share is not None]
    return statistics.mean(known) if known else float("nan")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--clips", default="", help="a word that a clip's name must contain")
    parser.add_argument("--only", default="", help="a word that an estimator's name must contain")
    parser.add_argument("--every", type=int, default=6)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    options = {name: one for name, one in OPTIONS.items() if given.only in name}
    scores = {name: Score() for name in options}
    counts = {clip: judge(clip, given.every, scores, options) for clip in CLIPS if given.clips in clip}
    figures = {name: score.figures() for name, score in scores.items()}
    if given.json:
        print(json.dumps({"references": counts, "estimators": figures}, indent=1))
        return
    print("people with a reference: " + ", ".join(f"{clip} {count}" for clip, count in counts.items()))
    print("the last columns: PCK@0.2 by keypoint, left and right together")
    print_table(figures)


if __name__ == "__main__":
    main()
