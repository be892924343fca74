"""MoveNet: one body at a time, looked at closely; several, each in a region of its own."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from posekit.errors import EstimatorError
from posekit.estimators.base import MAX_POSES, Estimate
from posekit.estimators.likeness import likeness
from posekit.estimators.regions import RegionInput, around, around_part, whole
from posekit.pose import Pose

if TYPE_CHECKING:
    from collections.abc import Sequence

    from posekit.estimators.base import Estimator, Hint
    from posekit.estimators.light import Light
    from posekit.estimators.regions import Region
    from posekit.frame import Frame
    from posekit.runtimes import Runtime

MIN_POSE_SCORE = 0.25
"""Least mean score of the 17 keypoints of a body, when there may be several (`bench/README.md`)."""
SCAN_SECONDS = 0.25
"""Between two looks at the whole picture for newcomers: so one is seen within 300 ms at 20 frames per second
and more, and an empty room costs four looks a second and nothing else."""
SAME = 0.5
"""Likeness from which on two poses are one body."""
FOUND = 0.2
"""Least likeness of what MoveNet sees in a region to the newcomer whom the region was drawn around."""
LOST_SECONDS = 0.6
"""For how long somebody who was lost is looked for where she was last seen."""


class MoveNet:
    """Google's MoveNet, or any model that answers (1, 17, 3), in a runtime that it then owns.

    Alone it follows one body, in the region that the published recipe draws around where it was last, and
    always gives one pose, also of an empty room. With a scanner, which it then owns too, it follows several:
    every body that the frame before showed has a region of its own, and the scanner's look at the whole
    picture, now and then, finds who is new. A pose's score is the mean of its keypoints', because MoveNet
    says nothing about the body as a whole.
    """

    name = "movenet"

    def __init__(
        self,
        runtime: Runtime,
        *,
        scanner: Estimator | None = None,
        max_poses: int = MAX_POSES,
        min_pose_score: float = MIN_POSE_SCORE,
        still: bool = False,
        light: Light | None = None,
    ) -> None:
        """Take over a runtime and a scanner; they are closed with the estimator, at once if it is none.

        `still` looks at each frame by itself, and twice at each body: at where it is, then closely. A `light`
        corrects what the model sees. Raises `EstimatorError` for outputs that are not MoveNet's.
        """
        self._runtime: Runtime | None = runtime
        self._scanner = scanner
        self.input_size = runtime.input_size
        self._input = RegionInput(runtime.input_size, light)
        self._size = np.array(runtime.input_size, np.float32)
        self._max_poses = max_poses
        self._min_pose_score = min_pose_score
        self._still = still
        self._bodies: tuple[Pose, ...] = ()
        self._scanned = math.nan
        self.description = _describe(runtime, scanner)
        try:
            self._warm_up(runtime)
        except EstimatorError:
            self.close()
            raise

    def estimate(self, frame: Frame, hint: Hint | None = None) -> Estimate:
        """Find the bodies in a frame of any size; raises `EstimatorError` when a model fails."""
        if self._runtime is None:
            raise EstimatorError("this estimator is closed; open another")
        if self._still:
            self.reset()
        if self._scanner is None:
            self._bodies = (self._one(frame),)
        else:
            self._bodies = self._several(frame, self._scanner, hint)
        return Estimate(self._bodies)

    def reset(self) -> None:
        """Forget whoever was followed, as at a cut or another source."""
        self._bodies = ()
        self._scanned = math.nan
        if self._scanner is not None:
            self._scanner.reset()

    def close(self) -> None:
        """Release the models; calling it twice is harmless."""
        runtime, self._runtime = self._runtime, None
        if runtime is not None:
            runtime.close()
        if self._scanner is not None:
            self._scanner.close()

    def _one(self, frame: Frame) -> Pose:
        """Follow one body in the published way: close where its torso was seen, else the whole picture."""
        region = around(self._bodies[0], frame.size) if self._bodies else None
        pose = self._look(frame, region or whole(frame.size))
        if self._still and (closer := around(pose, frame.size)):
            pose = max(pose, self._look(frame, closer), key=_score)
        return pose

    def _several(self, frame: Frame, scanner: Estimator, hint: Hint | None) -> tuple[Pose, ...]:
        aspect = frame.size[0] / frame.size[1]
        bodies = self._follow(frame, self._expected(frame, hint, aspect), aspect)
        if self._is_scan_due(frame.time):
            self._scanned = frame.time
            bodies += self._newcomers(frame, scanner.estimate(frame).poses, bodies, aspect)
        return tuple(sorted(bodies, key=_score, reverse=True)[: self._max_poses])

    def _expected(self, frame: Frame, hint: Hint | None, aspect: float) -> list[Pose]:
        """Return whom to look for: the bodies of the frame before, and people who were lost a moment ago."""
        lost = [
            person.raw or person.pose
            for person in (hint.people if hint is not None else ())
            if frame.time - person.seen < LOST_SECONDS
        ]
        known = likeness(lost, self._bodies, aspect).max(axis=1, initial=0) >= SAME
        missing = [pose for pose, is_known in zip(lost, known, strict=True) if not is_known]
        return [*self._bodies, *missing][: self._max_poses]

    def _follow(self, frame: Frame, expected: list[Pose], aspect: float) -> list[Pose]:
        """Look for each body where it was; whoever is found twice is whose region she was expected in."""
        found = [self._look(frame, _region(pose, frame)) for pose in expected]
        stayed = likeness(found, expected, aspect).diagonal() if found else ()
        order = sorted(range(len(found)), key=lambda at: -stayed[at])
        return self._apart([found[at] for at in order], [], aspect)

    def _newcomers(
        self, frame: Frame, scanned: Sequence[Pose], bodies: list[Pose], aspect: float
    ) -> list[Pose]:
        """Look closely at everybody whom the scan found and nobody follows.

        Whom MoveNet does not recognise there, or would rather see elsewhere, stays as the scan saw her.
        """
        followed = likeness(scanned, bodies, aspect).max(axis=1, initial=0) >= SAME
        new = [pose for pose, is_followed in zip(scanned, followed, strict=True) if not is_followed]
        new = new[: self._max_poses - len(bodies)]
        looked = [self._look(frame, _region(pose, frame)) for pose in new]
        like = likeness(looked, new, aspect).diagonal() if looked else ()
        found = [
            closely if is_like >= FOUND and closely.score >= self._min_pose_score else roughly
            for closely, roughly, is_like in zip(looked, new, like, strict=True)
        ]
        return self._apart(found, bodies, aspect)

    def _apart(self, found: Sequence[Pose], others: list[Pose], aspect: float) -> list[Pose]:
        """Keep the poses that are bodies, and none that is one with an earlier one or one of the others."""
        kept: list[Pose] = []
        for pose in found:
            if pose.score < self._min_pose_score:
                continue
            if likeness([pose], [*others, *kept], aspect).max(initial=0) < SAME:
                kept.append(pose)
        return kept

    def _is_scan_due(self, time: float) -> bool:
        # A clock that was set back must not keep newcomers out.
        return not 0 <= time - self._scanned < SCAN_SECONDS

    def _look(self, frame: Frame, region: Region) -> Pose:
        assert self._runtime is not None
        image, placement = self._input.draw(frame.pixels, region)
        keypoints = self._runtime.run(image)[0].reshape(17, 3)
        xy = placement.to_picture(keypoints[:, 1::-1] * self._size)
        scores = keypoints[:, 2].clip(0, 1)
        return Pose(xy, scores, float(scores.mean()))

    def _warm_up(self, runtime: Runtime) -> None:
        width, height = runtime.input_size
        require_movenet(runtime.run(np.zeros((height, width, 3), np.uint8)))


def require_movenet(outputs: Sequence[np.ndarray]) -> None:
    """Raise `EstimatorError`, naming what was found, unless the outputs are MoveNet's."""
    shapes = [output.shape for output in outputs]
    if shapes != [(1, 17, 3)]:
        found = ", ".join(str((1, *shape)) for shape in shapes)
        raise EstimatorError(
            f"this is no MoveNet: expected one output (1, 1, 17, 3), y, x and score of 17 keypoints, found "
            f"{found or 'none'}"
        )


def _region(pose: Pose, frame: Frame) -> Region:
    return around(pose, frame.size) or around_part(pose, frame.size)


def _score(pose: Pose) -> float:
    return pose.score


def _describe(runtime: Runtime, scanner: Estimator | None) -> str:
    from posekit.runtimes import describe

    width, height = runtime.input_size
    newcomers = f"newcomers by {scanner.description}" if scanner is not None else "one person"
    return f"MoveNet {width}x{height} {describe(runtime)}; {newcomers}"
