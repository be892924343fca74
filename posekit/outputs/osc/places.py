"""Where everything of everyone is, on the wire: held when it is missing, in the target's coordinates."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from posekit.scene import TORSO
from posekit.skeleton import COCO_17

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from posekit.outputs.osc.target import Origin
    from posekit.scene import Person

    Floats = NDArray[np.float64]

KEYPOINTS = len(COCO_17)
CENTER = KEYPOINTS
"""Row of the body's centre in `Places.rows`."""
LOW, HIGH = KEYPOINTS + 1, KEYPOINTS + 2
"""Rows of the box's two corners."""
_ROWS = KEYPOINTS + 3
ORIGIN_HINTS = {
    "top-left": "x and y run from 0 to 1 over the picture, y downwards.",
    "bottom-left": "x and y run from 0 to 1 over the picture, y upwards.",
    "centred": "x and y are 0 in the picture's middle, in picture heights, y upwards.",
}
"""What each origin means, for people."""
_WEIGHTS = np.array([np.isin(np.arange(KEYPOINTS), TORSO), np.ones(KEYPOINTS)])
"""(2, 17) of the torso alone, and of everything."""
_ZERO = np.zeros(1)


@dataclass(frozen=True, eq=False)
class Places:
    """The places, scores and speeds of N people.

    They are found for all at once, because a numpy call takes as long for one person as for ten.
    """

    rows: Floats
    """(N, 20, 2) x, y: the keypoints, the body's centre, the box's corner of least x and y, and the other."""
    scores: Floats
    """(N, 17) from 0 to 1; 0 for a keypoint that is missing now."""
    speeds: Floats
    """(N,) image heights per second, as `Person.speed`; NaN for a body that shows nothing."""


class HeldPlaces:
    """Remembers each person's last good places, so that a channel never jumps when a keypoint is lost."""

    def __init__(self) -> None:
        self._ids: list[int] = []
        self._held = np.empty((0, _ROWS, 2))
        self._is_whole = False

    def update(self, people: Sequence[Person]) -> Places:
        """Return people's places, image-normalised, every row finite; anyone else is forgotten.

        A missing keypoint stays where it was last seen with score 0; one never seen is at the body's centre,
        and a body that has shown nothing at all is in the middle of the picture. Ids are never reused; the
        same person may be there twice.
        """
        self._follow([person.id for person in people])
        if not people:
            return Places(self._held, np.empty((0, KEYPOINTS)), np.empty(0))
        found = find_places(people)
        self._held = rows = np.where(np.isnan(found.rows), self._held, found.rows)
        self._is_whole = self._is_whole or not math.isnan(np.add.reduce(rows, axis=None))
        if not self._is_whole:  # something was never seen
            centers = rows[:, CENTER]
            centers = np.where(np.isnan(centers), 0.5, centers)
            rows = np.where(np.isnan(rows), centers[:, None], rows)
        return Places(rows, found.scores, found.speeds)

    def reset(self) -> None:
        """Forget everyone."""
        self._follow([])

    def _follow(self, ids: list[int]) -> None:
        """Bring what is held into the order of these ids, NaN for those that are new."""
        if ids == self._ids:
            return
        held = np.full((len(ids), _ROWS, 2), np.nan)
        known = dict(zip(self._ids, self._held, strict=True))
        for at, one in enumerate(ids):
            if one in known:
                held[at] = known[one]
        self._ids, self._held, self._is_whole = ids, held, False


def find_places(people: Sequence[Person]) -> Places:
    """Return what N people (one at least) show, rows NaN where missing.

    Box, centre and speed are what `Person` gives one by one. Every numpy call counts here: between two scenes
    the processor has forgotten all of this, and then a call takes 10 us whatever the size of its arrays.
    """
    count = len(people)
    poses = [person.pose for person in people]
    xy = np.concatenate([pose.xy for pose in poses]).reshape(count, KEYPOINTS, 2)
    scores = np.concatenate([pose.scores for pose in poses]).reshape(count, KEYPOINTS)
    table = np.ones((count, KEYPOINTS, 5))  # x, y, velocity, and 1 to be counted
    table[:, :, :2] = xy
    table[:, :, 2:4] = np.concatenate([person.velocity for person in people]).reshape(count, KEYPOINTS, 2)
    finite = np.isfinite(table)
    seen = finite[:, :, 0] & finite[:, :, 1]
    seen &= scores > 0.0
    is_seen = seen[:, :, None]
    rows = np.empty((count, _ROWS, 2))
    shown = rows[:, :KEYPOINTS]
    shown[...] = np.where(is_seen, xy, np.nan)
    np.fmin.reduce(shown, axis=1, out=rows[:, LOW])
    np.fmax.reduce(shown, axis=1, out=rows[:, HIGH])
    finite &= is_seen
    sums = _WEIGHTS @ np.where(finite, table, 0.0)  # as 0 times NaN is NaN
    rows[:, CENTER], speeds = _means(sums.tolist())
    return Places(rows, np.where(seen, np.minimum(scores, 1.0), _ZERO), np.array(speeds))


def _means(sums: list[list[list[float]]]) -> tuple[list[tuple[float, float]], list[float]]:
    """Return centres, of the torso if any of it is seen, and speeds; NaN where nothing is seen.

    `sums` are those of the torso and of everything, for each person: of x, y, velocity, and how many.
    """
    centers, speeds = [], []
    for torso, everything in sums:
        _, _, across, down, seen = everything
        if not seen:
            centers.append((math.nan, math.nan))
            speeds.append(math.nan)
            continue
        x, y, _, _, count = torso if torso[4] else everything
        centers.append((x / count, y / count))
        speeds.append(math.hypot(across / seen, down / seen))
    return centers, speeds


def to_target(rows: Floats, origin: Origin, mirror: bool, aspect: float) -> Floats:
    """Return (N, 20, 2) rows in a target's coordinates; `aspect` is the picture's width in heights.

    `top-left` keeps image-normalised places, `bottom-left` has y up, `centred` measures both axes in image
    heights from the middle, y up. A mirror exchanges left and right of the picture, never of the body.
    """
    if origin == "top-left" and not mirror:
        return rows
    side = -1.0 if mirror else 1.0
    zero = 1.0 if mirror else 0.0
    if origin == "centred":
        placed = rows * (side * aspect, -1.0) + ((zero - 0.5) * aspect, 0.5)
    elif origin == "bottom-left":
        placed = rows * (side, -1.0) + (zero, 1.0)
    else:
        placed = rows * (side, 1.0) + (zero, 0.0)
    one, other = placed[:, LOW].copy(), placed[:, HIGH]
    np.minimum(one, other, out=placed[:, LOW])
    np.maximum(one, other, out=other)
    return placed
