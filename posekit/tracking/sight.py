"""The poses of one frame as arrays, in image heights, and what is plainly wrong with some."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from posekit.pose import Pose
from posekit.scene import TORSO
from posekit.zones import inside

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from posekit.zones import Point

FARTHEST = 100.0
"""Image heights: a keypoint beyond is no place but a mistake."""
LEAST_SCORE = 1e-6
"""A keypoint of score 0 is missing, whatever is asked for."""
LEAST_SIZE = 0.01
"""Image heights: no body is taken for smaller, so that nothing is divided by nothing."""


@dataclass(frozen=True, eq=False)
class Sight:
    """P poses of one frame; lengths and places isotropic, in image heights."""

    poses: tuple[Pose, ...]
    """As the estimator gave them."""
    xy: NDArray[np.float32]
    """(P, 17, 2): also of weak keypoints; the middle of the body where there is no place at all."""
    visible: NDArray[np.bool_]
    """(P, 17): which keypoints are trusted."""
    count: NDArray[np.intp]
    """(P,): how many."""
    low: NDArray[np.float32]
    """(P, 2): top left of the box of what is visible."""
    high: NDArray[np.float32]
    """(P, 2): its bottom right."""
    size: NDArray[np.float32]
    """(P,): half the diagonal of that box, some half of a stature: what distances are compared with."""
    score: NDArray[np.float64]
    """(P,)"""
    clean_xy: NDArray[np.float32]
    """(P, 17, 2): image-normalised, NaN where not visible."""
    clean_scores: NDArray[np.float32]
    """(P, 17): 0 where not visible."""

    @property
    def center(self) -> NDArray[np.float32]:
        """(P, 2): the middle of shoulders and hips."""
        return body_centers(self.xy)

    def clean(self, at: int) -> Pose:
        """Return one pose with weak keypoints missing."""
        # A pose whose arrays are known to be sound need not be checked again: that costs more than the rest.
        clean: Pose = object.__new__(Pose)
        of = clean.__dict__
        of.update(self.poses[at].__dict__)
        of["xy"], of["scores"] = self.clean_xy[at], self.clean_scores[at]
        return clean


def body_centers(xy: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return (N, 2), the middles of shoulders and hips of (N, 17, 2) keypoints."""
    centers: NDArray[np.float32] = xy[:, TORSO].mean(axis=1)
    return centers


def look(poses: Sequence[Pose], aspect: float, keypoint_score: float) -> Sight:
    """Return the arrays of a frame's poses; a keypoint below `keypoint_score` is not visible."""
    xy = np.array([pose.xy for pose in poses], np.float32).reshape(-1, 17, 2)
    scores = np.array([pose.scores for pose in poses], np.float32).reshape(-1, 17)
    # Comparisons with NaN are false, so neither NaN nor infinity is a place.
    is_place = np.asarray((np.abs(xy) < FARTHEST).all(axis=2), np.bool_)
    visible = is_place & (scores >= max(keypoint_score, LEAST_SCORE))
    clean_xy = np.where(visible[..., None], xy, _MISSING)
    clean_scores = np.where(visible, scores, _NONE)
    clean_xy.flags.writeable = clean_scores.flags.writeable = False
    xy[..., 0] *= aspect
    low = np.where(visible[..., None], xy, np.inf).min(axis=1)
    high = np.where(visible[..., None], xy, -np.inf).max(axis=1)
    count = visible.sum(axis=1)
    if not count.all():
        nobody = count == 0
        low[nobody] = high[nobody] = 0.0
    if not is_place.all():
        xy = np.where(is_place[..., None], xy, ((low + high) / 2)[:, None])
    wide = high - low
    size = np.maximum(0.5 * np.sqrt((wide * wide).sum(axis=1)), LEAST_SIZE)
    score = np.array([pose.score for pose in poses], np.float64)
    return Sight(tuple(poses), xy, visible, count, low, high, size, score, clean_xy, clean_scores)


_MISSING, _NONE = np.float32(np.nan), np.float32(0)


def outside_of(
    poses: Sequence[Pose], polygons: Sequence[Sequence[Point]], keypoint_score: float
) -> tuple[Pose, ...]:
    """Return the poses whose centre is in none of the polygons, image-normalised."""
    if not polygons or not poses:
        return tuple(poses)
    sight = look(poses, 1.0, keypoint_score)
    ignored = np.zeros(len(poses), np.bool_)
    for polygon in polygons:
        ignored |= inside(sight.center, np.array(polygon))
    return tuple(pose for pose, is_ignored in zip(poses, ignored.tolist(), strict=True) if not is_ignored)
