"""The poses of one frame as arrays, in image heights, and what is plainly wrong with some."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from posekit.pose import Pose
from posekit.scene import TORSO
from posekit.skeleton import COCO_17
from posekit.zones import inside

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from posekit.zones import Point

    Points = NDArray[np.complex64]
    """Places x + iy, or velocities: so a distance is one `abs`, and a mean one product."""
    Numbers = NDArray[np.float32]

KEYPOINTS = len(COCO_17)
FARTHEST = 100.0
"""Image heights: a keypoint beyond is no place but a mistake."""
LEAST_SCORE = 1e-6
"""A keypoint of score 0 is missing, whatever is asked for."""
LEAST_SIZE = 0.01
"""Image heights: no body is taken for smaller, so that nothing is divided by nothing."""
TORSO_MEAN = np.isin(np.arange(KEYPOINTS), TORSO).astype(np.complex64) / np.complex64(len(TORSO))
"""(17,) weights of the middle of shoulders and hips."""


class Sight(NamedTuple):
    """P poses of one frame; lengths and places isotropic, in image heights."""

    poses: Sequence[Pose]
    """As the estimator gave them."""
    places: Points
    """(P, 17): also of weak keypoints; the middle of the body where there is no place at all."""
    visible: NDArray[np.bool_]
    """(P, 17): which keypoints are trusted."""
    shown: Numbers
    """(P, 17): the same as 1 and 0."""
    counts: list[float]
    """How many, of each."""
    lows: list[complex]
    """Top left of the box of what is visible, of each."""
    highs: list[complex]
    """Its bottom right."""
    sizes: list[float]
    """Half the diagonal of that box, some half of a stature: what distances are compared with."""
    clean_xy: Numbers
    """(P, 17, 2): image-normalised, NaN where not visible."""
    clean_scores: Numbers
    """(P, 17): 0 where not visible."""

    def clean(self, at: int) -> Pose:
        """Return one pose with weak keypoints missing."""
        # A pose whose arrays are known to be sound need not be checked again: that costs more than the rest.
        clean: Pose = object.__new__(Pose)
        of = self.poses[at].__dict__
        clean.__dict__.update(of, xy=self.clean_xy[at], scores=self.clean_scores[at])
        return clean


def look(poses: Sequence[Pose], aspect: float, keypoint_score: float) -> Sight:
    """Return the arrays of a frame's poses; a keypoint below `keypoint_score` is not visible."""
    # The arrays are small: what counts is how many calls there are, and that most of them are plain ones.
    xy = np.array([pose.xy for pose in poses], np.float32).reshape(-1, 2 * KEYPOINTS)
    scores = np.array([pose.scores for pose in poses], np.float32).reshape(-1, KEYPOINTS)
    visible = scores >= max(keypoint_score, LEAST_SCORE)
    points = xy.view(np.complex64)
    # If the sum of all squares is small all are, and none is NaN or infinite (nor too much for a float64).
    flat = xy.reshape(-1).astype(np.float64)
    is_place = None if flat.dot(flat) < FARTHEST**2 else _are_places(xy)
    if is_place is not None:
        visible &= is_place
    clean_xy = np.where(visible, points, _NOWHERE).view(np.float32).reshape(-1, KEYPOINTS, 2)
    clean_scores = np.where(visible, scores, _NONE)
    clean_xy.setflags(write=False)
    clean_scores.setflags(write=False)
    shown = visible.astype(np.float32)
    counts = shown.dot(_ONES).tolist()
    lows, highs = _edges(clean_xy, aspect)
    if 0.0 in counts:
        lows = [low if count else 0j for low, count in zip(lows, counts, strict=True)]
        highs = [high if count else 0j for high, count in zip(highs, counts, strict=True)]
    sizes = [max(0.5 * abs(high - low), LEAST_SIZE) for low, high in zip(lows, highs, strict=True)]
    xy *= _stretched(aspect)
    if is_place is not None:
        middles = np.array([(low + high) / 2 for low, high in zip(lows, highs, strict=True)], np.complex64)
        points = np.where(is_place, points, middles[:, None])
    return Sight(poses, points, visible, shown, counts, lows, highs, sizes, clean_xy, clean_scores)


_NOWHERE = np.full(KEYPOINTS, complex(np.nan, np.nan), np.complex64)
_NONE = np.zeros(KEYPOINTS, np.float32)
_ONES = np.ones(KEYPOINTS, np.float32)


def _are_places(xy: Numbers) -> NDArray[np.bool_]:
    # Comparisons with NaN are false, so neither NaN nor infinity is a place.
    is_near = np.abs(xy) < FARTHEST
    return is_near[:, ::2] & is_near[:, 1::2]


def _edges(clean: Numbers, aspect: float) -> tuple[list[complex], list[complex]]:
    """Return the top left and bottom right of what is visible of each body; NaN where nothing is.

    `clean` (P, 17, 2) is image-normalised.
    """
    # Along an axis that is in one piece a search is three times as quick.
    planes = clean.transpose(2, 0, 1).copy()
    lows, highs = np.fmin.reduce(planes, axis=2).tolist(), np.fmax.reduce(planes, axis=2).tolist()
    return (
        [complex(x * aspect, y) for x, y in zip(*lows, strict=True)],
        [complex(x * aspect, y) for x, y in zip(*highs, strict=True)],
    )


@lru_cache(maxsize=8)
def _stretched(aspect: float) -> Numbers:
    """Return what a body's x and y (34,) are multiplied with to be in image heights."""
    return np.array((aspect, 1.0) * KEYPOINTS, np.float32)


def spread(values: list[float]) -> float | Numbers:
    """Return what (N, ...) arrays are multiplied with, a column; one number where it is the same for all."""
    # As a rule it is, and a number costs less.
    if len(set(values)) == 1:
        return values[0]
    return np.array(values, np.float32)[:, None]


def outside_of(
    poses: Sequence[Pose], polygons: Sequence[Sequence[Point]], keypoint_score: float
) -> Sequence[Pose]:
    """Return the poses whose centre is in none of the polygons, image-normalised."""
    if not polygons or not poses:
        return poses
    middles = look(poses, 1.0, keypoint_score).places.dot(TORSO_MEAN)
    centers = middles.view(np.float32).reshape(-1, 2)
    ignored = np.zeros(len(poses), np.bool_)
    for polygon in polygons:
        ignored |= inside(centers, np.array(polygon))
    return [pose for pose, is_ignored in zip(poses, ignored.tolist(), strict=True) if not is_ignored]
