"""Who covers whom: the silhouette of a nearer body over the keypoints of another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from posekit.crowd.camera import Seen

PARTS = (
    *((5, 11, 0.07), (6, 12, 0.07), (5, 12, 0.06), (6, 11, 0.06), (3, 4, 0.075)),
    *((5, 7, 0.035), (7, 9, 0.028), (6, 8, 0.035), (8, 10, 0.028)),
    *((11, 13, 0.055), (13, 15, 0.038), (12, 14, 0.055), (14, 16, 0.038)),
)
"""Flesh and clothes around the bones: from keypoint to keypoint, how far aside, in statures (breadths of
trunk, head and limbs after Drillis and Contini, with a hand's breadth of clothes over all)."""
_FIRST, _SECOND = (np.array([part[at] for part in PARTS]) for at in (0, 1))
_WIDTH = np.array([part[2] for part in PARTS])


def covered(bodies: Sequence[Seen], aspect: float) -> list[NDArray[np.bool_]]:
    """Return for every body (T, 17) bool: which keypoints lie behind somebody nearer to the camera."""
    scale = np.array((aspect, 1.0))
    places = [seen.xy * scale for seen in bodies]
    low = [place.min(axis=1) - 0.1 * seen.height[:, None] for place, seen in zip(places, bodies, strict=True)]
    high = [
        place.max(axis=1) + 0.1 * seen.height[:, None] for place, seen in zip(places, bodies, strict=True)
    ]
    hidden = [np.zeros(seen.xy.shape[:2], bool) for seen in bodies]
    for far, behind in enumerate(bodies):
        for near, before in enumerate(bodies):
            if far == near:
                continue
            meet = before.present & behind.present & (before.distance < behind.distance)
            meet &= (low[near] < high[far]).all(axis=1) & (low[far] < high[near]).all(axis=1)
            when = np.flatnonzero(meet)
            if len(when):
                hidden[far][when] |= _within(places[far][when], places[near][when], before.height[when])
    return hidden


def _within(
    points: NDArray[np.float64], body: NDArray[np.float64], height: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Return (T, 17) bool: which points lie in a body's silhouette; all in image heights."""
    begin, along = body[:, _FIRST], body[:, _SECOND] - body[:, _FIRST]
    length = np.maximum((along * along).sum(axis=-1), 1e-9)
    away = points[:, :, None] - begin[:, None]
    share = np.clip((away * along[:, None]).sum(axis=-1) / length[:, None], 0.0, 1.0)
    away -= share[..., None] * along[:, None]
    width = _WIDTH * height[:, None]
    inside: NDArray[np.bool_] = ((away * away).sum(axis=-1) < (width * width)[:, None]).any(axis=-1)
    return inside
