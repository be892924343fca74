"""Which poses of a frame show a body that another one shows already."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from posekit.tracking.sight import TORSO_MEAN
from posekit.tracking.similarity import keypoint_similarity

if TYPE_CHECKING:
    from posekit.tracking.sight import Sight

DOUBLE = 0.6
"""Similarity from which on the weaker of two poses is the other once more."""
DOUBLE_APART = 0.5
"""Sizes, across and down: bodies whose middles are farther apart are not compared."""


def find_doubles(sight: Sight) -> list[bool]:
    """Return of each pose whether it is a weaker double of another."""
    count = len(sight.poses)
    if count < 2 or not _may_be_double(sight):
        return [False] * count
    score = np.array([pose.score for pose in sight.poses])
    # All keypoints of the stronger one count, however weak: the weaker may show what the other hides.
    all_of_it = np.ones(sight.shown.shape, np.float32)
    like, _ = keypoint_similarity(
        sight.places, all_of_it, sight.sizes, [0.0] * count, sight.places, sight.shown
    )
    alike = like >= DOUBLE
    is_double = np.zeros(count, np.bool_)
    for at in np.argsort(-score, kind="stable").tolist():
        if not is_double[at]:
            is_double |= alike[at] & (score <= score[at])
            is_double[at] = False
    found: list[bool] = is_double.tolist()
    return found


def _may_be_double(sight: Sight) -> bool:
    """Return whether any two bodies are so near each other that they have to be compared."""
    middles = sight.places.dot(TORSO_MEAN)
    across = sorted(middle.real for middle in middles.tolist())
    farthest = DOUBLE_APART * max(sight.sizes)
    if all(after - before > farthest for before, after in pairwise(across)):
        # As a rule people stand side by side.
        return False
    apart = middles[:, None] - middles
    near = DOUBLE_APART * np.array(sight.sizes, np.float32)
    is_near = (np.abs(apart.real) < near) & (np.abs(apart.imag) < near)
    return int(np.count_nonzero(is_near)) > len(middles)
