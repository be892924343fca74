"""Where keypoints are in clips that nobody has labelled: where close looks of three families agree.

Whoever PoseNet 1281x721 sees is cut out of the full resolution and looked at by PoseNet, MoveNet and
BlazePose. A keypoint that all three show within `AGREED` torso lengths is taken to be at their mean; where
they differ nothing is said. That is agreement, not truth: what all three get wrong stays wrong, and hard
keypoints are left out. But no family is judged by itself, and none sees so much of a body when it works.
"""

from __future__ import annotations

from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from posekit.estimators import EstimatorOptions, open_estimator
from posekit.estimators.likeness import SPREAD, likeness
from posekit.frame import Frame

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from posekit.estimators.base import Estimator
    from posekit.pose import Pose

SURE = 0.3
"""Score from which on a keypoint counts, for the reference and for who is judged."""
AGREED = 0.15
"""Torso lengths between any two of the three, at most."""
LEAST = 8
"""Agreed keypoints without which somebody is left out."""
MARGIN = 0.3
"""Around a body, in its heights, so that each family sees it as it likes best."""
SAME = 0.3
"""OKS from which on what is seen in the cut-out is she for whom it was cut."""
SHOULDERS, HIPS = [5, 6], [11, 12]


@dataclass(frozen=True, eq=False)
class Reference:
    """One person of a frame."""

    points: np.ndarray
    """(17, 2) pixels."""
    known: np.ndarray
    """(17,) whether the three agree."""
    torso: float
    """Pixels from the middle of the shoulders to that of the hips."""
    area: float
    """Square pixels, as COCO would have it: about half of the box."""
    height: float
    """Pixels from the highest to the lowest point, known or not."""

    def moved(self, scale: float, shift: Sequence[float]) -> Reference:
        """Return her in another picture, where the frame is drawn smaller."""
        return replace(
            self,
            points=self.points * scale + np.asarray(shift),
            torso=self.torso * scale,
            area=self.area * scale**2,
            height=self.height * scale,
        )

    def similarity(self, pose: Pose, size: tuple[int, int]) -> float:
        """Return COCO's object keypoint similarity over the known keypoints."""
        squared = ((pose.xy * size - self.points)[self.known] ** 2).sum(axis=1)
        return float(np.exp(-squared / (SPREAD[self.known] * self.area)).mean())


class CloseLooks:
    """The three families, and who says where to look."""

    def __init__(self, opened: ExitStack) -> None:
        posenet = EstimatorOptions("posenet", still=True)

        def start(options: EstimatorOptions) -> Estimator:
            return opened.enter_context(closing(open_estimator(options)))

        self._everybody = start(replace(posenet, input_size=(1281, 721)))
        self._families = (
            start(replace(posenet, input_size=(481, 353))),
            start(EstimatorOptions("movenet", single=True, still=True)),
            start(EstimatorOptions("blazepose", still=True)),
        )

    def __call__(self, frame: Frame) -> list[Reference]:
        """Return everybody about whom the three agree."""
        bodies = [
            pose for pose in self._everybody.estimate(frame).poses if (pose.scores >= SURE).sum() >= LEAST
        ]
        found = [self._refer(frame, body) for body in bodies]
        return [one for one in found if one is not None]

    def _refer(self, frame: Frame, body: Pose) -> Reference | None:
        looks = [look_closely(family, frame, body) for family in self._families]
        if any(look is None for look in looks):
            return None
        points = np.stack([look.xy for look in looks]) * frame.size
        torso = float(np.hypot(*(points[:, SHOULDERS].mean((0, 1)) - points[:, HIPS].mean((0, 1)))))
        apart = np.linalg.norm(points[:, None] - points[None], axis=3).max(axis=(0, 1))
        known = np.all([look.scores >= SURE for look in looks], axis=0) & (apart <= AGREED * torso)
        if known.sum() < LEAST:
            return None
        middle = points.mean(axis=0)
        width, height = np.ptp(middle, axis=0)
        return Reference(middle, known, torso, max(0.53 * width * height, torso**2), float(height))


def look_closely(family: Estimator, frame: Frame, body: Pose) -> Pose | None:
    """Return what a family sees in a square around a body, in the frame's coordinates; None: not her."""
    size = np.array(frame.size)
    shown = body.xy[body.scores >= SURE] * size
    low, high = shown.min(axis=0), shown.max(axis=0)
    half = (high - low).max() * (0.5 + MARGIN)
    left, top = np.maximum((low + high) / 2 - half, 0).astype(int)
    right, bottom = np.minimum((low + high) / 2 + half, size).astype(int)
    part = Frame(np.ascontiguousarray(frame.pixels[top:bottom, left:right]), frame.time, frame.index)
    whole = part.size / size
    poses = [
        replace(pose, xy=(pose.xy * whole + (left, top) / size).astype(np.float32))
        for pose in family.estimate(part).poses
    ]
    like = likeness(poses, [body], size[0] / size[1])[:, 0] if poses else np.zeros(0)
    return poses[int(like.argmax())] if like.max(initial=0) >= SAME else None


def read_frames(clip: Path, first: int = 0, last: int | None = None) -> Iterator[Frame]:
    """Yield a clip's frames from `first` to before `last`, stamped by its own rate."""
    video = cv2.VideoCapture(str(clip))
    try:
        rate = video.get(cv2.CAP_PROP_FPS)
        index = 0
        while last is None or index < last:
            ok, pixels = video.read()
            if not ok:
                return
            if index >= first:
                yield Frame(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB), index / rate, index)
            index += 1
    finally:
        video.release()
