"""Where everything of a person is, on the wire: held when it is missing, in the target's coordinates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from posekit.skeleton import COCO_17

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from posekit.outputs.osc.target import Origin
    from posekit.scene import Person

KEYPOINTS = len(COCO_17)
CENTER = KEYPOINTS
"""Row of the body's centre in `Places.rows`."""
LOW, HIGH = KEYPOINTS + 1, KEYPOINTS + 2
"""Rows of the box's two corners."""
_FARTHEST = 1e6
"""Pictures away from the picture: beyond any keypoint, and within float32's range after every map."""


@dataclass(frozen=True, eq=False)
class Places:
    """A person's places and scores, every number finite."""

    rows: NDArray[np.float64]
    """(20, 2) x, y: the keypoints, the body's centre, the box's corner of least x and y, and the other."""
    scores: NDArray[np.float64]
    """(17,) from 0 to 1; 0 for a keypoint that is missing now."""


class HeldPlaces:
    """Remembers each person's last good places, so that a channel never jumps when a keypoint is lost."""

    def __init__(self) -> None:
        self._held: dict[int, NDArray[np.float64]] = {}

    def update(self, person: Person) -> Places:
        """Return a person's places, image-normalised.

        A missing keypoint stays where it was last seen with score 0; one never seen is at the body's centre,
        and a body that has shown nothing at all is in the middle of the picture.
        """
        found, scores = _found(person)
        held = self._held.get(person.id)
        if held is not None:
            found = np.where(np.isnan(found), held, found)
        self._held[person.id] = found
        if np.isnan(found).any():
            center = np.nan_to_num(found[CENTER], nan=0.5)
            found = np.where(np.isnan(found), center, found)
        return Places(found, scores)

    def keep(self, ids: Collection[int]) -> None:
        """Forget everyone else: ids are never reused."""
        for gone in self._held.keys() - ids:
            del self._held[gone]


def _found(person: Person) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return a person's (20, 2) rows, NaN where missing, and her (17,) scores, 0 where missing."""
    xy = person.pose.xy
    seen = person.pose.visible & np.isfinite(xy).all(axis=1)
    box = person.box
    rows = np.empty((KEYPOINTS + 3, 2))
    rows[:KEYPOINTS] = xy
    rows[:KEYPOINTS][~seen] = np.nan
    rows[CENTER] = tuple(person.center)
    rows[LOW] = box.x, box.y
    rows[HIGH] = box.x + box.width, box.y + box.height
    rows[~np.isfinite(rows).all(axis=1)] = np.nan
    np.clip(rows, -_FARTHEST, _FARTHEST, out=rows)
    return rows, np.where(seen, np.clip(person.pose.scores, 0.0, 1.0), 0.0).astype(np.float64)


def to_target(places: Places, origin: Origin, mirror: bool, aspect: float) -> NDArray[np.float64]:
    """Return (20, 2) rows in a target's coordinates; `aspect` is the picture's width in heights.

    `top-left` keeps image-normalised places, `bottom-left` has y up, `centred` measures both axes in image
    heights from the middle, y up. A mirror exchanges left and right of the picture, never of the body.
    """
    rows: NDArray[np.float64] = places.rows.copy()
    if mirror:
        rows[:, 0] = 1.0 - rows[:, 0]
    if origin == "bottom-left":
        rows[:, 1] = 1.0 - rows[:, 1]
    elif origin == "centred":
        rows = (rows - 0.5) * (aspect, -1.0)
    if mirror or origin != "top-left":
        corners = rows[LOW:]
        rows[LOW], rows[HIGH] = corners.min(axis=0), corners.max(axis=0)
    return rows
