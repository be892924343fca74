"""Whom an estimator found of the people of a picture, how tall they were, and how exact each keypoint is."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from posekit.estimators.likeness import SPREAD
from posekit.skeleton import COCO_17
from posekit.tracking import TrackerOptions

sys.path.append(str(Path(__file__).parents[1] / "tests"))
from coco_truth import CocoTruth, keypoints_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from posekit.pose import Pose

FOUND = 0.5
"""OKS from which on a person counts as found."""
DISTANCES = {"far": (0.0, 1 / 3), "mid": (1 / 3, 2 / 3), "near": (2 / 3, 9.0)}
"""Height of the box around a labelled person, in picture heights."""
PARTS = ("nose", "eye", "ear", "shoulder", "elbow", "wrist", "hip", "knee", "ankle")
"""Keypoints without their side."""
SIGMAS = np.sqrt(SPREAD / 8)
"""(17,): how far people who label the same keypoint are apart, in square roots of the body's area."""


@dataclass(frozen=True)
class PartError:
    """How exact a keypoint is: over all people of whom it is labelled."""

    labelled: int
    found: int
    """So many of these an estimator told of, with a score the tracker takes, in a body that was found."""
    error: float | None
    """Their median distance from the label, in square roots of the body's area; None without any."""


@dataclass(frozen=True, eq=False)
class Judged:
    """One labelled person and who was found in her place."""

    person: np.ndarray
    """(17, 3): x, y in pixels, and 0 where nothing is labelled."""
    area: float
    height: float
    """In picture heights."""
    pose: Pose | None
    size: tuple[int, int]


def judge_people(poses: Mapping[int, Sequence[Pose]], truth: CocoTruth) -> list[Judged]:
    """Return everybody who counts, with the pose that is hers; the likest choose first."""
    return [one for number in truth.frames for one in _judge_picture(poses[number], truth, number)]


def _judge_picture(poses: Sequence[Pose], truth: CocoTruth, number: int) -> Iterator[Judged]:
    size = truth.frames[number].size
    people = truth.counted(number)
    pairs = [
        (similarity(pose, person, size), at, of)
        for at, person in enumerate(people)
        for of, pose in enumerate(poses)
    ]
    taken: dict[int, int] = {}
    for like, at, of in sorted(pairs, reverse=True):
        if like >= FOUND and at not in taken and of not in taken.values():
            taken[at] = of
    for at, person in enumerate(people):
        points = keypoints_of(person)
        height = person["bbox"][3] / size[1]
        pose = poses[taken[at]] if at in taken else None
        yield Judged(points, float(person["area"]), height, pose, size)


def similarity(pose: Pose, person: dict[str, Any], size: tuple[int, int]) -> float:
    """Return COCO's object keypoint similarity of a pose to an annotation with at least one keypoint."""
    points = keypoints_of(person)
    known = points[:, 2] > 0
    squared = ((pose.xy * size - points[:, :2])[known] ** 2).sum(axis=1)
    return float(np.exp(-squared / (SPREAD[known] * (person["area"] + np.spacing(1)))).mean())


def shares(judged: Sequence[Judged]) -> dict[str, tuple[int, int]]:
    """Return for each distance how many of its people were found, and how many there are."""
    counts = {}
    for name, (low, high) in DISTANCES.items():
        there = [one for one in judged if low <= one.height < high]
        counts[name] = sum(one.pose is not None for one in there), len(there)
    return counts


def keypoint_errors(judged: Sequence[Judged]) -> dict[str, PartError]:
    """Return how exact each of the 17 keypoints is, by name."""
    least = TrackerOptions().keypoint_score
    away: list[list[float]] = [[] for _ in COCO_17.keypoints]
    labelled = np.zeros(len(COCO_17.keypoints), int)
    for one in judged:
        known = one.person[:, 2] > 0
        labelled += known
        if one.pose is None:
            continue
        apart = np.hypot(*(one.pose.xy * one.size - one.person[:, :2]).T) / np.sqrt(one.area)
        for at in np.flatnonzero(known & (one.pose.scores >= least)):
            away[at].append(float(apart[at]))
    return {
        name: PartError(int(labelled[at]), len(away[at]), _median(away[at]))
        for at, name in enumerate(COCO_17.keypoints)
    }


def by_part(errors: Mapping[str, PartError]) -> dict[str, PartError]:
    """Put left and right together: the share found is that of both, the error the mean of their medians."""
    parts = {}
    for part in PARTS:
        both = [error for name, error in errors.items() if name.endswith(part)]
        known = [one for one in both if one.found]
        found = sum(one.found for one in both)
        error = sum(one.error * one.found for one in known) / found if found else None
        parts[part] = PartError(sum(one.labelled for one in both), found, error)
    return parts


def _median(values: Sequence[float]) -> float | None:
    return float(np.median(values)) if values else None
