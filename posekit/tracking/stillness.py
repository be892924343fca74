"""Which bodies have never moved: a coat on its hook and a poster look like people who keep still.

Keypoints on a thing tremble, those on a small one more in proportion. So it is their mean place over a second
that is compared with that of the first second, in body sizes. Whoever has once moved is never doubted again.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from posekit.tracking.rows import TRUST

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from posekit.tracking.rows import Rows
    from posekit.tracking.sight import Points

MEAN_SECONDS = 1.0
"""Over which trembling is averaged away."""
WALKED = 0.25
"""Sizes (some half of a stature) by which a whole body has moved when it has."""
STIRRED = 0.35
"""Sizes by which keypoints have moved, if the body has not."""
STIRRED_KEYPOINTS = 2
"""At least so many: an arm is two."""

LONGEST_STEP = 1.0
"""Seconds that a pause between two frames may count: a machine that slept has watched nobody."""


def watch(rows: Rows, at: Sequence[int], elapsed: float) -> None:
    """Note which of the rows `at`, which are in this frame, have moved since they were first seen."""
    at = [row for row in at if not rows.bodies[row].has_moved]
    if not at:
        return
    bodies = [rows.bodies[row] for row in at]
    elapsed = min(elapsed, LONGEST_STEP)
    for body in bodies:
        body.still += elapsed
    # A plain mean of the first second, a running one from then on.
    running = 1 - math.exp(-elapsed / MEAN_SECONDS)
    shares = [min(max(running, elapsed / max(body.still, 1e-6)), 1.0) for body in bodies]
    sure = rows.fresh[at] >= 1
    mean = rows.mean[at]
    mean += (rows.xy[at] - mean) * (np.array(shares, np.float32)[:, None] * sure)
    rows.mean[at] = mean
    settling = [body.still <= MEAN_SECONDS for body in bodies]
    first = np.where(np.array(settling)[:, None], mean, rows.first[at])
    rows.first[at] = first
    away = (mean - first) / np.array([body.size for body in bodies], np.float32)[:, None]
    for body, is_settling, moved in zip(bodies, settling, has_moved(away, sure).tolist(), strict=True):
        body.has_moved = moved and not is_settling


def has_moved(away: Points, sure: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return (N,) whether bodies have moved whose keypoints are (N, 17) sizes from where they were."""
    trust = TRUST * sure
    whole = (away * trust).sum(axis=1) / np.maximum(trust.sum(axis=1), 1e-6)
    stirred = (np.abs(away) > STIRRED) & sure
    return np.asarray((np.abs(whole) > WALKED) | (stirred.sum(axis=1) >= STIRRED_KEYPOINTS), np.bool_)
