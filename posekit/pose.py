"""A body in one frame: arrays inside, names outside."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from posekit.errors import MissingKeypointError
from posekit.keypoint import Keypoint, NamedKeypoints
from posekit.skeleton import COCO_17, Skeleton

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from posekit.geometry import Size

__all__ = ["Box", "Keypoint", "MissingKeypointError", "Pose"]


@dataclass(frozen=True)
class Box:
    """An upright rectangle, in the coordinates of whatever it encloses."""

    x: float
    """Left edge."""
    y: float
    """Top edge."""
    width: float
    height: float

    @property
    def center(self) -> tuple[float, float]:
        """The middle, (x, y)."""
        return self.x + self.width / 2, self.y + self.height / 2


@dataclass(frozen=True, eq=False)
class Pose(NamedKeypoints):
    """The keypoints of one body in one frame; it has no identity.

    Image-normalised coordinates: x right, y down, (0, 0) top left of the picture, never mirrored. A keypoint
    that is missing has score 0 and NaN for its position.
    """

    xy: NDArray[np.float32]
    """(K, 2) float32: x, y of every keypoint, in the order of `skeleton.keypoints`."""
    scores: NDArray[np.float32]
    """(K,) float32 from 0 to 1: how sure the estimator is of each keypoint."""
    score: float
    """From 0 to 1: how sure the estimator is of the body."""
    skeleton: Skeleton = COCO_17
    """Which keypoints these are."""
    detail: Pose | None = None
    """The same body in the estimator's own, richer skeleton (BlazePose's 33), where it has one."""
    world: NDArray[np.float32] | None = None
    """(K, 3) float32 metres, x right, y down, z away from the camera, origin between the hips; or None."""

    def __post_init__(self) -> None:
        count = len(self.skeleton)
        xy = np.asarray(self.xy, np.float32)
        scores = np.asarray(self.scores, np.float32)
        if xy.shape != (count, 2) or scores.shape != (count,):
            raise ValueError(
                f"a {self.skeleton.name} pose takes xy ({count}, 2) and scores ({count},); "
                f"got {xy.shape} and {scores.shape}"
            )
        # Views, so that an array of the caller's own can still be written by its owner.
        xy, scores = xy.view(), scores.view()
        xy.flags.writeable = scores.flags.writeable = False
        object.__setattr__(self, "xy", xy)
        object.__setattr__(self, "scores", scores)

    @property
    def visible(self) -> NDArray[np.bool_]:
        """(K,) bool: which keypoints are there."""
        return np.isfinite(self.xy[:, 0]) & (self.scores > 0)

    @property
    def box(self) -> Box:
        """The rectangle around the visible keypoints; all NaN when there are none."""
        seen = self.xy[self.visible]
        if not len(seen):
            return Box(math.nan, math.nan, math.nan, math.nan)
        (left, top), (right, bottom) = seen.min(axis=0).tolist(), seen.max(axis=0).tolist()
        return Box(left, top, right - left, bottom - top)

    def keypoint(self, name: str) -> Keypoint:
        """Return one keypoint by name; raises `UnknownNameError` with the nearest name."""
        at = self.skeleton.find(name)
        x, y = self.xy[at].tolist()
        return Keypoint(x, y, name=name, score=float(self.scores[at]))

    def above(self, minimum_score: float) -> Pose:
        """Return the pose with every keypoint below a score made missing."""
        weak = ~(self.scores >= minimum_score)
        if not weak.any():
            return self
        xy, scores = self.xy.copy(), self.scores.copy()
        xy[weak], scores[weak] = np.nan, 0.0
        return replace(self, xy=xy, scores=scores)

    def to_tfjs(self, size: Size) -> dict[str, Any]:
        """Return the pose as tfjs-models writes it: image pixels, camelCase parts, plain numbers.

        A missing keypoint is written at (0, 0) with score 0, because JSON has no NaN.
        """
        pixels = np.nan_to_num(self.xy.astype(np.float64) * size, nan=0.0).round(3).tolist()
        scores = self.scores.astype(np.float64).round(5).tolist()
        return {
            "score": round(float(self.score), 5),
            "keypoints": [
                {"score": score, "part": camel_case(name), "position": {"x": x, "y": y}}
                for name, score, (x, y) in zip(self.skeleton.keypoints, scores, pixels, strict=True)
            ],
        }


def camel_case(name: str) -> str:
    """Return `leftWrist` for `left_wrist`, as tfjs writes it."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
