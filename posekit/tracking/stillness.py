"""Which bodies have never moved: a coat on its hook and a poster look like people who keep still.

Keypoints on a thing tremble, those on a small one more in proportion. So it is their mean place over a second
that is compared with that of the first second, in body sizes. Whoever has once moved is never doubted again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from posekit.tracking.rows import TRUST

if TYPE_CHECKING:
    from numpy.typing import NDArray

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


def watch(rows: NDArray[Any], at: NDArray[np.intp], elapsed: float) -> None:
    """Note which of the rows `at`, which are in this frame, have moved since they were first seen."""
    at = at[~rows["has_moved"][at]]
    if not len(at):
        return
    elapsed = min(elapsed, LONGEST_STEP)
    still = rows["still"][at] + elapsed
    rows["still"][at] = still
    # A plain mean of the first second, a running one from then on.
    share = np.maximum(1 - np.exp(-elapsed / MEAN_SECONDS), elapsed / np.maximum(still, 1e-6))
    sure = rows["fresh"][at] >= 1
    mean = rows["mean"][at]
    mean += (rows["xy"][at] - mean) * (np.minimum(share, 1.0)[:, None] * sure)[..., None]
    rows["mean"][at] = mean
    settling = still <= MEAN_SECONDS
    first = np.where(settling[:, None, None], mean, rows["first"][at])
    rows["first"][at] = first
    away = (mean - first) / rows["size"][at][:, None, None]
    rows["has_moved"][at] = ~settling & has_moved(away, sure)


def has_moved(away: NDArray[np.float64], sure: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return (N,) whether bodies have moved whose keypoints are (N, 17, 2) sizes from where they were."""
    trust = TRUST * sure
    whole = (away * trust[..., None]).sum(axis=1) / np.maximum(trust.sum(axis=1), 1e-6)[:, None]
    stirred = ((away * away).sum(axis=2) > STIRRED**2) & sure
    return np.asarray(
        ((whole * whole).sum(axis=1) > WALKED**2) | (stirred.sum(axis=1) >= STIRRED_KEYPOINTS), np.bool_
    )
