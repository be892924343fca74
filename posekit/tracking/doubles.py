"""Which poses of a frame show a body that another one shows already."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from posekit.tracking.similarity import keypoint_similarity

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from posekit.tracking.sight import Sight

DOUBLE = 0.6
"""Similarity from which on the weaker of two poses is the other once more."""
DOUBLE_APART = 0.5
"""Sizes: bodies whose middles are farther apart are not compared."""


def find_doubles(sight: Sight) -> NDArray[np.bool_]:
    """Return (P,) which poses are weaker doubles of others."""
    score = sight.score
    is_double = np.zeros(len(score), np.bool_)
    middle = sight.center
    apart = np.abs(middle[:, None] - middle).max(axis=2)
    if np.count_nonzero(apart < DOUBLE_APART * sight.size) <= len(score):
        return is_double
    # All keypoints of the stronger one count, however weak: the weaker may show what the other hides.
    all_of_it, none = np.ones(sight.visible.shape, np.float32), np.zeros_like(sight.size)
    like, _ = keypoint_similarity(sight.xy, all_of_it, sight.size, none, sight.xy, sight.visible)
    alike = like >= DOUBLE
    for at in np.argsort(-score, kind="stable").tolist():
        if not is_double[at]:
            is_double |= alike[at] & (score <= score[at])
            is_double[at] = False
    return is_double
