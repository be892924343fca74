"""What is remembered of every body: its numbers, and its keypoints as one row of arrays.

The numbers are plain ones. There are few bodies, and a loop over floats costs less than numpy's calls.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from posekit.tracking.sight import KEYPOINTS, TORSO_MEAN

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from posekit.tracking.sight import Numbers, Points, Sight

YOUNG, PERSON, THING = 0, 1, 2
"""Seen, but not long enough; somebody; something that has not moved since it was first seen."""

BONES = np.array(
    [
        (5, 6),
        (11, 12),
        (5, 11),
        (6, 12),
        (5, 7),
        (6, 8),
        (7, 9),
        (8, 10),
        (11, 13),
        (12, 14),
        (13, 15),
        (14, 16),
    ]
)
"""(B, 2): lengths between keypoints that say how big a body is, and how it is made."""
_BEGINS, _ENDS = BONES.T.copy()

TRUST = np.array([0.4] * 5 + [1.0] * 2 + [0.3] * 4 + [1.0] * 2 + [0.3] * 4, np.float32)
"""How much each keypoint says about the whole body's movement: shoulders and hips go with it, limbs swing."""
_TRUST = TRUST.astype(np.complex64)
DRIFT_SECONDS = 0.25
"""Over which the body's movement is averaged."""
FRESH_SECONDS = 0.4
"""In which a keypoint that is not seen is forgotten, to a third."""
GROW_SECONDS, SHRINK_SECONDS = 0.2, 2.0
"""In which a body's size follows what is seen of it: less than before is rather hidden than smaller."""
BONE_SECONDS = 1.5
"""Over which a bone's length is averaged."""
FRESH_ENOUGH = 0.3
"""From which on a keypoint's last place says something about its movement."""
HORIZON = 0.5
"""Seconds in which a movement that is not seen any more is expected to die away."""
SAME_INSTANT = 1e-4
"""Seconds between two frames below which a velocity would be a division by nothing."""


@dataclass(slots=True)
class Body:
    """The numbers of one body, whatever it is taken for. Places are x + iy, in image heights."""

    pose: int
    """Which pose of this frame it is; -1 for none."""
    seen: float
    """Seconds: the time of the frame that it was last seen in."""
    size: float
    """Image heights: see `Sight.sizes`."""
    low: complex
    """Top left of the box that it was last seen in."""
    high: complex
    """Its bottom right."""
    drift: complex = 0j
    """Image heights per second, the whole body's."""
    gap: float = 0.0
    """Seconds since it was last seen."""
    age: float = 0.0
    """Seconds: of a person, since she entered."""
    credit: float = 0.0
    """Seconds seen, less half of those not seen: when it makes a person."""
    sightings: int = 1
    patience: float = 0.0
    """Seconds that it may stay unseen."""
    still: float = 0.0
    """Seconds that it has been watched for movement."""
    has_moved: bool = False
    kind: int = YOUNG
    """`YOUNG`, `PERSON` or `THING`."""
    id: int = 0
    """0 for who is nobody."""
    slot: int = 0
    """0 for none."""

    def foreseen(self) -> complex:
        """Return how far it is expected to have moved since it was last seen, in image heights.

        A movement is expected to die away: nobody walks on for ever.
        """
        return self.drift * (HORIZON * (1 - math.exp(-self.gap / HORIZON)))


class Rows:
    """N bodies, and arrays with one row for each of them; whoever follows them writes these in place."""

    def __init__(self, bodies: list[Body], points: Points, fresh: Numbers, bones: Numbers) -> None:
        self.bodies = bodies
        self.points = points
        self.xy, self.speed, self.first, self.mean = points
        """(N, 17) each: where each keypoint was last seen, carried along with the body; its own velocity, per
        second; where it was at first, and where it has been of late, without trembling."""
        self.speeds = self.speed.view(np.float32).reshape(-1, KEYPOINTS, 2)
        """(N, 17, 2): the same velocities, across and down."""
        self.fresh = fresh
        """(N, 17): from 1, seen in the last frame, to 0, not seen for long."""
        self.bones = bones
        """(2, N, B): logarithms of lengths in image heights, and 1 where the bone has been seen, else 0."""

    def __len__(self) -> int:
        return len(self.bodies)

    def only(self, at: Sequence[int]) -> Rows:
        """Return some rows, in this order."""
        return Rows(
            [self.bodies[row] for row in at],
            self.points.take(at, axis=1),
            self.fresh.take(at, axis=0),
            self.bones.take(at, axis=1),
        )

    def with_new(self, sight: Sight, poses: Sequence[int], time: float) -> Rows:
        """Return these rows and, behind them, new ones of bodies that are some poses of a frame."""
        bodies = [Body(pose, time, sight.sizes[pose], sight.lows[pose], sight.highs[pose]) for pose in poses]
        xy, shown = sight.places.take(poses, axis=0), sight.shown.take(poses, axis=0)
        return Rows(
            self.bodies + bodies,
            np.concatenate((self.points, (xy, np.zeros_like(xy), xy, xy)), axis=1),
            np.concatenate((self.fresh, shown)),
            np.concatenate((self.bones, bone_lengths(xy, shown)), axis=1),
        )

    def take_back(self, old: int, young: int, drift: complex) -> None:
        """Let the person in the row `old` be where the body in the row `young` is, and move like that."""
        body, found = self.bodies[old], self.bodies[young]
        for name in _LAST_SEEN:
            setattr(body, name, getattr(found, name))
        body.drift = drift
        self.xy[old], self.speed[old], self.fresh[old] = self.xy[young], self.speed[young], self.fresh[young]


_LAST_SEEN = ("pose", "seen", "size", "low", "high", "gap", "patience")


def no_rows() -> Rows:
    """Return what is remembered at first."""
    points = np.zeros((4, 0, KEYPOINTS), np.complex64)
    return Rows([], points, np.zeros((0, KEYPOINTS), np.float32), np.zeros((2, 0, len(BONES)), np.float32))


def follow(rows: Rows, at: list[int], sight: Sight, poses: list[int], velocity_time: float) -> None:
    """Move the rows `at` to where the poses of a frame say they are; `gap` is still the time since."""
    # As a rule everybody is seen, and the arrays are changed in place.
    is_whole = len(at) == len(rows)
    moving, fresh = (rows.points[:2], rows.fresh) if is_whole else (rows.points[:2, at], rows.fresh[at])
    bodies = rows.bodies if is_whole else [rows.bodies[row] for row in at]
    xy, speed = moving[0], moving[1]
    which = np.array(poses)
    new, visible = sight.places.take(which, axis=0), sight.visible.take(which, axis=0)
    both = fresh > FRESH_ENOUGH
    both &= visible
    told = both.astype(np.complex64)
    step = new - xy
    step *= told
    per_second, share, fade = _paces([body.gap for body in bodies], velocity_time)
    seen = zip(bodies, poses, told.dot(_TRUST).tolist(), step.dot(_TRUST).tolist(), strict=True)
    moved = [_see(body, pose, sight, trust.real, moved) for body, pose, trust, moved in seen]
    step *= per_second
    step -= speed
    told *= share
    step *= told
    speed += step
    xy += np.array(moved, np.complex64)[:, None]
    np.copyto(xy, new, where=visible)
    fresh *= fade
    np.maximum(fresh, sight.shown.take(which, axis=0), out=fresh)
    if not is_whole:
        rows.points[:2, at], rows.fresh[at] = moving, fresh


def _paces(gaps: list[float], velocity_time: float) -> Iterable[Any]:
    """Return what is multiplied with steps, and with what a velocity lacks, and how much of `fresh` is left.

    Each is a column (n, 1), or one number where nobody was seen longer ago than the others.
    """
    each = {gap: _pace(gap, velocity_time) for gap in set(gaps)}
    if len(each) == 1:
        return each[gaps[0]]
    columns: Numbers = np.array([each[gap] for gap in gaps], np.float32).T[..., None]
    return columns


def _pace(gap: float, velocity_time: float) -> tuple[float, float, float]:
    fade = math.exp(-gap / FRESH_SECONDS)
    if gap <= SAME_INSTANT:
        return 1.0, 0.0, fade
    return 1 / gap, 1 - math.exp(-gap / velocity_time), fade


def _see(body: Body, pose: int, sight: Sight, trust: float, step: complex) -> complex:
    """Note which pose a body is, learn how big it is and how it moves, and return how far it has moved.

    `step` is the sum of its keypoints' ways, `trust` what these weigh.
    """
    gap = max(body.gap, SAME_INSTANT)
    moved = step / trust if trust else body.drift * body.gap
    if trust and gap > SAME_INSTANT:
        # The first few movements are averaged plainly: there is nothing yet to hold against them.
        share = max(1 - math.exp(-gap / DRIFT_SECONDS), 1 / body.sightings)
        body.drift += (moved / gap - body.drift) * share
    size = sight.sizes[pose]
    seconds = GROW_SECONDS if size > body.size else SHRINK_SECONDS
    body.size += (size - body.size) * (1 - math.exp(-gap / seconds))
    body.low, body.high = sight.lows[pose], sight.highs[pose]
    body.sightings += 1
    body.pose = pose
    return moved


def measure_bones(rows: Rows, at: Sequence[int], sight: Sight, elapsed: float) -> None:
    """Learn the proportions of the rows `at`, which are seen, `elapsed` seconds after the last time."""
    poses = [rows.bodies[row].pose for row in at]
    lengths, known = bone_lengths(rows.xy.take(at, axis=0), sight.shown.take(poses, axis=0))
    mean, knows = rows.bones.take(at, axis=1)
    share = np.where(knows > 0, np.float32(1 - math.exp(-elapsed / BONE_SECONDS)), np.float32(1))
    share *= known
    lengths -= mean
    lengths *= share
    lengths += mean
    rows.bones[:, at] = lengths, np.maximum(knows, known)


def bone_lengths(xy: Points, shown: Numbers) -> tuple[Numbers, Numbers]:
    """Return (N, B) logarithms of the bones' lengths in image heights, and 1 where both ends are shown."""
    length: Numbers = np.abs(xy.take(_BEGINS, axis=1) - xy.take(_ENDS, axis=1))
    np.maximum(length, np.float32(0.002), out=length)
    known = shown.take(_BEGINS, axis=1)
    known *= shown.take(_ENDS, axis=1)
    return np.log(length, out=length), known


def centers(xy: Points) -> Points:
    """Return (N,), the middles of shoulders and hips of (N, 17) keypoints."""
    middles: Points = xy.dot(TORSO_MEAN)
    return middles
