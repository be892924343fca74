"""Poses seen in parts of a picture: put where they belong in the whole, and each body told of once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from posekit.estimators.likeness import SEEN, likeness_among
from posekit.pose import Pose

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

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
    """One pose of the picture, and where its body is."""

    pose: Pose
    body: Bounds
    """Left, top, right, bottom of its sure keypoints in pixels of the picture."""


def sights(looks: Sequence[tuple[Region, Sequence[Pose]]], picture: Size, model: Size) -> list[Sight]:
    """Return the poses that were seen in regions, each image-normalised to its own, as poses of the picture.

    After several looks every body once, as it was seen best (whole, then big, then surely), the surest first.
    """
    seen = [(pose, region) for region, poses in looks for pose in poses]
    if not seen:
        return []
    width, height = picture
    places = np.array(
        [
            (part.width / width, part.height / height, part.left / width, part.top / height)
            for _, part in seen
        ],
        np.float32,
    )[:, None]
    # Whatever is worked out for all of them at once costs as much as for one.
    xy = np.array([pose.xy for pose, _ in seen]) * places[..., :2] + places[..., 2:]
    scores = np.array([pose.scores for pose, _ in seen])
    bodies = _bounds(xy, scores, picture)
    kept: Iterable[int] = range(len(seen))
    if len(looks) > 1:
        regions = [region for _, region in seen]
        best = _best_first([pose for pose, _ in seen], bodies, regions, picture, model)
        kept = _each_once(best, xy, scores, width / height)
        kept = sorted(kept, key=lambda at: -seen[at][0].score)
    return [Sight(_placed(seen[at][0], xy[at], places[at]), bodies[at]) for at in kept]


def bounds(poses: Sequence[Pose], picture: Size) -> list[Bounds]:
    """Return left, top, right, bottom of each pose's sure keypoints in pixels; `NOWHERE` without any."""
    if not poses:
        return []
    return _bounds(np.array([pose.xy for pose in poses]), np.array([pose.scores for pose in poses]), picture)


def with_head_and_feet(body: Bounds) -> Bounds:
    """Return a body's bounds with what keypoints do not show of it."""
    left, top, right, bottom = body
    beyond = HEAD_AND_FEET * (bottom - top)
    return left, top - beyond, right, bottom + beyond


def _bounds(xy: NDArray[np.float32], scores: NDArray[np.float32], picture: Size) -> list[Bounds]:
    pixels = xy * np.array(picture, np.float32)
    unsure = ~((scores >= SEEN) & (xy[..., 0] == xy[..., 0]))[..., None]
    low = np.where(unsure, np.float32(np.inf), pixels).min(axis=1).tolist()
    high = np.where(unsure, np.float32(-np.inf), pixels).max(axis=1).tolist()
    return [
        (*first, *last) if first[0] <= last[0] else NOWHERE for first, last in zip(low, high, strict=True)
    ]


def _best_first(
    poses: Sequence[Pose],
    bodies: Sequence[Bounds],
    regions: Sequence[Region],
    picture: Size,
    model: Size,
) -> list[int]:
    """Return the order in which poses are to be believed."""
    ranks = [
        (_is_cut(body, region, picture), -region.scale(model), -pose.score, at)
        for at, (pose, body, region) in enumerate(zip(poses, bodies, regions, strict=True))
    ]
    return [at for *_, at in sorted(ranks)]


def _each_once(
    order: Sequence[int], xy: NDArray[np.float32], scores: NDArray[np.float32], aspect: float
) -> list[int]:
    """Return those who are like nobody before them in an order."""
    alike = (likeness_among(xy, scores, aspect) >= ALIKE).tolist()
    kept: list[int] = []
    for at in order:
        like = alike[at]
        if not any(like[other] for other in kept):
            kept.append(at)
    return kept


def _placed(pose: Pose, xy: NDArray[np.float32], place: NDArray[np.float32]) -> Pose:
    """Return a pose where its region is, whose extent and corner are (1, 4)."""
    detail = pose.detail
    if detail is not None:
        detail = replace(detail, xy=detail.xy * place[:, :2] + place[:, 2:])
    return Pose(xy, pose.scores, pose.score, pose.skeleton, detail, pose.world)


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
