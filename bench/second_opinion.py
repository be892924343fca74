"""Whether somebody else's look keeps out who is nobody, and whom it costs: python bench/second_opinion.py

Bodies that the tracker would take for somebody at first sight: on pictures without people, on COCO's (those
of labelled people), in frames of the clips. Each rule says who may enter; the table says how many may.
"""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack, closing
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from matching import judge_people
from reference import look_closely, read_frames

from posekit.estimators import EstimatorOptions, open_estimator
from posekit.tracking import TrackerOptions

sys.path.append(str(Path(__file__).parents[1] / "tests"))
from coco_truth import coco_truth, frames_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from posekit.estimators.base import Estimator
    from posekit.frame import Frame
    from posekit.pose import Pose

DATA = Path(os.environ.get("POSEKIT_ASSETS", ".")) / "data"
SIZES = ((481, 353), (641, 481), (1281, 721))
CLIPS = ("one-by-one-person-detection", "crossing", "sports2d_demo", "pose2sim_multi_cam01")
EVERY = 15
SURE = 0.5


class Seen(NamedTuple):
    """A body that PoseNet sees, and what others see there, looking closely."""

    pose: Pose
    movenet: Pose | None
    blazepose: Pose | None


RULES: dict[str, Callable[[Seen], bool]] = {
    "as it is": lambda one: one.pose is not None,
    "score 0.58": lambda one: one.pose.score >= 0.58,
    "10 keypoints above 0.5": lambda one: (one.pose.scores >= SURE).sum() >= 10,
    "MoveNet's score 0.22": lambda one: _scored(one.movenet, 0.22),
    "the same, or score 0.58": lambda one: one.pose.score >= 0.58 or _scored(one.movenet, 0.22),
    "BlazePose sees her": lambda one: one.blazepose is not None,
}


def _scored(pose: Pose | None, least: float) -> bool:
    return pose is not None and pose.score >= least


class Opinions:
    """MoveNet and BlazePose, asked about bodies."""

    def __init__(self, opened: ExitStack) -> None:
        self._families = [
            opened.enter_context(closing(open_estimator(EstimatorOptions(name, single=single, still=True))))
            for name, single in (("movenet", True), ("blazepose", False))
        ]

    def of(self, frame: Frame, poses: Iterable[Pose]) -> list[Seen]:
        """Return what is seen of those who might enter."""
        new = [pose for pose in poses if _may_enter(pose)]
        return [Seen(pose, *(look_closely(family, frame, pose) for family in self._families)) for pose in new]


def main() -> None:
    with ExitStack() as opened:
        opinions = Opinions(opened)
        for size in SIZES:
            posenet = opened.enter_context(
                closing(open_estimator(EstimatorOptions("posenet", input_size=size, still=True)))
            )
            groups = look_around(posenet, opinions)
            print(f"\n{size[0]}x{size[1]:<26}" + "".join(f"{name:>12}" for name in groups))
            for rule, holds in RULES.items():
                counts = [f"{sum(map(holds, group))}/{len(group)}" for group in groups.values()]
                print(f"{rule:30}" + "".join(f"{count:>12}" for count in counts), flush=True)


def look_around(posenet: Estimator, opinions: Opinions) -> dict[str, list[Seen]]:
    """Return everybody who might enter: where nobody is, of COCO's people, of the clips' frames."""

    def everybody(frames: Iterable[Frame]) -> list[Seen]:
        return [one for frame in frames for one in opinions.of(frame, posenet.estimate(frame).poses)]

    truth = coco_truth(DATA / "coco")
    poses = {number: posenet.estimate(frame).poses for number, frame in truth.frames.items()}
    right = {id(one.pose) for one in judge_people(poses, truth) if one.pose}
    labelled = [
        one
        for number, frame in truth.frames.items()
        for one in opinions.of(frame, (pose for pose in poses[number] if id(pose) in right))
    ]
    clips = {
        clip[:10]: everybody(islice(read_frames(DATA / f"videos/{clip}.mp4"), 0, None, EVERY))
        for clip in CLIPS
    }
    return {"nobody": everybody(frames_in(DATA / "no_people")), "coco": labelled, **clips}


def _may_enter(pose: Pose) -> bool:
    options = TrackerOptions()
    return pose.score >= options.pose_score and (
        int((pose.scores >= options.keypoint_score).sum()) >= options.keypoints
    )


if __name__ == "__main__":
    main()
