"""Poses seen in parts of a picture: put where they belong in the whole, and each body told of once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from posekit.estimators.likeness import SEEN, likeness
from posekit.pose import Pose

if TYPE_CHECKING:
    from collections.abc import Sequence

    from posekit.estimators.focus_regions import Bounds, Region
    from posekit.geometry import Size

HEAD_AND_FEET = 0.15
"""What a body has above its eyes and below its ankles, in heights of its keypoints."""
ALIKE = 0.35
"""Likeness from which on two poses show one body, seen twice."""
CUT = 0.02
"""A body this near to an edge of a region, in its sides, may go on beyond it."""
NOWHERE = (0.0, 0.0, 0.0, 0.0)


class Sight(NamedTuple):
    """One pose, and how well it was seen."""

    pose: Pose
    body: Bounds
    """Left, top, right, bottom of its sure keypoints in pixels of the picture."""
    scale: float
    """Pixels of the model for one of the picture."""
    is_cut: bool
    """Whether it seems to go on where its region ends and the picture does not."""


def sights(poses: Sequence[Pose], region: Region, picture: Size, model: Size) -> list[Sight]:
    """Return poses that were seen in a region, image-normalised to it, as poses of the picture."""
    if not poses:
        return []
    extent = np.array((region.width / picture[0], region.height / picture[1]), np.float32)
    corner = np.array((region.left / picture[0], region.top / picture[1]), np.float32)
    placed = [
        Pose(xy, pose.scores, pose.score, pose.skeleton, _moved(pose.detail, extent, corner), pose.world)
        for pose, xy in zip(poses, np.array([pose.xy for pose in poses]) * extent + corner, strict=True)
    ]
    scale = region.scale(model)
    return [
        Sight(pose, body, scale, _is_cut(body, region, picture))
        for pose, body in zip(placed, bounds(placed, picture), strict=True)
    ]


def each_once(seen: Sequence[Sight], aspect: float) -> list[Sight]:
    """Return every body once, as it was seen best (whole, then big, then surely); the surest first."""
    order = sorted(seen, key=lambda sight: (sight.is_cut, -sight.scale, -sight.pose.score))
    poses = [sight.pose for sight in order]
    alike = likeness(poses, poses, aspect) >= ALIKE
    kept: list[int] = []
    for at in range(len(poses)):
        if not alike[at, kept].any():
            kept.append(at)
    return sorted((order[at] for at in kept), key=lambda sight: -sight.pose.score)


def bounds(poses: Sequence[Pose], picture: Size) -> list[Bounds]:
    """Return left, top, right, bottom of each pose's sure keypoints in pixels; `NOWHERE` without any."""
    if not poses:
        return []
    xy = np.array([pose.xy for pose in poses]) * np.array(picture, np.float32)
    sure = np.array([pose.scores for pose in poses]) >= SEEN
    sure &= xy[..., 0] == xy[..., 0]
    unsure = ~sure[..., None]
    low = np.where(unsure, np.float32(np.inf), xy).min(axis=1).tolist()
    high = np.where(unsure, np.float32(-np.inf), xy).max(axis=1).tolist()
    return [
        (*first, *last) if first[0] <= last[0] else NOWHERE for first, last in zip(low, high, strict=True)
    ]


def with_head_and_feet(body: Bounds) -> Bounds:
    """Return a body's bounds with what keypoints do not show of it."""
    left, top, right, bottom = body
    beyond = HEAD_AND_FEET * (bottom - top)
    return left, top - beyond, right, bottom + beyond


def _moved(detail: Pose | None, extent: np.ndarray, corner: np.ndarray) -> Pose | None:
    return None if detail is None else replace(detail, xy=detail.xy * extent + corner)


def _is_cut(body: Bounds, region: Region, picture: Size) -> bool:
    if body is NOWHERE:
        return True
    left, top, right, bottom = body
    near_x, near_y = CUT * region.width, CUT * region.height
    end_x, end_y = region.left + region.width, region.top + region.height
    return (
        (left < region.left + near_x and region.left > 0)
        or (top < region.top + near_y and region.top > 0)
        or (right > end_x - near_x and end_x < picture[0])
        or (bottom > end_y - near_y and end_y < picture[1])
    )
