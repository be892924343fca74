"""What is remembered of every body: one row each, whatever it is taken for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from posekit.tracking.sight import body_centers

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from posekit.tracking.sight import Sight

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

ROW = np.dtype(
    [
        (
            "xy",
            np.float32,
            (17, 2),
        ),  # image heights: where each keypoint was last seen, carried along with the body
        ("fresh", np.float32, (17,)),  # from 1, seen in the last frame, to 0, not seen for long
        ("speed", np.float32, (17, 2)),  # image heights per second, each keypoint's own
        ("drift", np.float32, (2,)),  # image heights per second, the whole body's
        ("low", np.float32, (2,)),  # image heights: the box that it was last seen in
        ("high", np.float32, (2,)),
        ("size", np.float32),  # image heights: see Sight.size
        ("bones", np.float32, (len(BONES),)),  # logarithms of lengths in image heights, 0 where not seen yet
        ("knows", np.float32, (len(BONES),)),  # 1 where the bone has been seen
        ("first", np.float32, (17, 2)),  # image heights: where it was at first
        ("mean", np.float32, (17, 2)),  # where it has been of late, without trembling
        ("still", np.float64),  # seconds that this has been watched
        ("has_moved", np.bool_),
        ("gap", np.float64),  # seconds since it was last seen
        ("seen", np.float64),  # the time of that frame
        ("age", np.float64),  # seconds: of a person, since she entered
        ("credit", np.float64),  # seconds seen, less half of those not seen: when it makes a person
        ("sightings", np.int64),
        ("patience", np.float64),  # seconds that it may stay unseen
        ("kind", np.int64),  # YOUNG, PERSON or THING
        ("id", np.int64),  # 0 for who is nobody
        ("slot", np.int64),  # 0 for none
        ("pose", np.int64),  # which pose of this frame it is; -1 for none
    ]
)
Rows = "NDArray[Any]"

TRUST = np.array([0.4] * 5 + [1.0] * 2 + [0.3] * 4 + [1.0] * 2 + [0.3] * 4, np.float32)
"""How much each keypoint says about the whole body's movement: shoulders and hips go with it, limbs swing."""
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


def no_rows() -> NDArray[Any]:
    """Return what is remembered at first."""
    return np.zeros(0, ROW)


def new_rows(sight: Sight, poses: NDArray[np.intp], time: float) -> NDArray[Any]:
    """Return rows for bodies that are seen for the first time: those of some poses of a frame."""
    rows = np.zeros(len(poses), ROW)
    rows["xy"] = rows["first"] = rows["mean"] = sight.xy[poses]
    rows["fresh"] = sight.visible[poses]
    rows["low"], rows["high"], rows["size"] = sight.low[poses], sight.high[poses], sight.size[poses]
    rows["bones"], rows["knows"] = bone_lengths(rows["xy"], sight.visible[poses])
    rows["seen"], rows["sightings"], rows["pose"] = time, 1, poses
    return rows


def follow(
    rows: NDArray[Any], at: NDArray[np.intp], sight: Sight, poses: NDArray[np.intp], velocity_time: float
) -> None:
    """Move the rows `at` to where the poses of a frame say they are; `gap` is still the time since."""
    # As a rule everybody is seen, and the fields are changed in place.
    which = slice(None) if len(at) == len(rows) else at
    old, fresh, drift, speed = (rows[name][which] for name in ("xy", "fresh", "drift", "speed"))
    new, visible = sight.xy[poses], sight.visible[poses]
    gap = rows["gap"][which].astype(np.float32)
    seconds = np.maximum(gap, SAME_INSTANT)
    is_later = gap > SAME_INSTANT
    both = visible & (fresh > FRESH_ENOUGH)
    step = new - old
    moved, is_told = _moved(step, both, drift * gap[:, None])
    # The first few movements are averaged plainly: there is nothing yet to hold against them.
    share = np.maximum(1 - np.exp(seconds / -DRIFT_SECONDS), 1 / rows["sightings"][which])
    share *= is_told & is_later
    rows["drift"][which] = drift + (moved / seconds[:, None] - drift) * share[:, None]
    share = both * ((1 - np.exp(seconds / -velocity_time)) * is_later)[:, None]
    rows["speed"][which] = speed + (step / seconds[:, None, None] - speed) * share[..., None]
    rows["xy"][which] = np.where(visible[..., None], new, old + moved[:, None])
    rows["fresh"][which] = np.where(visible, 1.0, fresh * np.exp(gap / -FRESH_SECONDS)[:, None])
    size, seen = rows["size"][which], sight.size[poses]
    rate = np.where(seen > size, -1 / GROW_SECONDS, -1 / SHRINK_SECONDS)
    rows["size"][which] = size + (seen - size) * (1 - np.exp(seconds * rate))
    rows["low"][which], rows["high"][which] = sight.low[poses], sight.high[poses]
    rows["sightings"][which] += 1
    rows["pose"][which] = poses


def _moved(
    step: NDArray[np.float32], both: NDArray[np.bool_], else_moved: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return how far bodies have moved (N, 2), and of which it can be told; `step` is (N, 17, 2)."""
    trust = TRUST * both
    total = trust.sum(axis=1)
    is_told = total > 0
    moved = np.matmul(trust[:, None], step)[:, 0] / np.maximum(total, np.float32(1e-6))[:, None]
    return np.where(is_told[:, None], moved, else_moved), is_told


def measure_bones(rows: NDArray[Any], at: NDArray[np.intp], sight: Sight, elapsed: float) -> None:
    """Learn the proportions of the rows `at`, which are seen, `elapsed` seconds after the last time."""
    lengths, known = bone_lengths(rows["xy"][at], sight.visible[rows["pose"][at]])
    mean, knows = rows["bones"][at], rows["knows"][at]
    share = np.where(knows > 0, 1 - np.exp(-elapsed / BONE_SECONDS), 1.0)
    rows["bones"][at] = mean + (lengths - mean) * share * known
    rows["knows"][at] = np.maximum(knows, known)


def bone_lengths(
    xy: NDArray[np.float32], visible: NDArray[np.bool_]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return (N, B) logarithms of the bones' lengths in image heights, and 1 where both ends are visible."""
    along = xy[:, BONES[:, 0]] - xy[:, BONES[:, 1]]
    length = np.sqrt((along * along).sum(axis=2))
    known = (visible[:, BONES[:, 0]] & visible[:, BONES[:, 1]]).astype(np.float32)
    return np.log(np.maximum(length, np.float32(0.002))), known


def foreseen(rows: NDArray[Any], horizon: float) -> NDArray[np.float32]:
    """Return (N, 2): how far each body is expected to have moved since it was last seen, in image heights.

    A movement is expected to die away within `horizon` seconds: nobody walks on for ever.
    """
    ahead = horizon * (1 - np.exp(-rows["gap"] / horizon))
    return (rows["drift"] * ahead[:, None]).astype(np.float32)


def centers(rows: NDArray[Any]) -> NDArray[np.float32]:
    """Return (N, 2): where the bodies were last seen, in image heights."""
    return body_centers(rows["xy"])
