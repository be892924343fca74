"""Where everybody's keypoints are, and the ways from one to another that all the rest is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from posekit.events.scratch import ENDS, Scratch, number
from posekit.skeleton import COCO_17

if TYPE_CHECKING:
    from collections.abc import Sequence

    from posekit.scene import Person

HARDLY_SEEN = 0.4
"""Score of a body below which its keypoints are guesses: it does nothing then."""
STALE = 1e-3
"""Seconds since she was last found, from which on her pose is an old one."""
KEYPOINTS = len(COCO_17)
HALF, FACE = number(0.5), number(5)


def place(
    here: Scratch, people: Sequence[Person], now: float, aspect: float, raw_above: float | None = None
) -> None:
    """Write everyone's keypoints, in image heights, NaN for who was not found just now, or hardly.

    With a score in `raw_above` they are as the estimator saw them, in so far as they are scored higher: where
    frames come seldom a smoother believes a quick hand only when it is there no more.
    """
    poses = [person.pose for person in people]
    if raw_above is None:
        xy = np.concatenate([pose.xy for pose in poses])
    else:
        seen = [person.raw or person.pose for person in people]
        xy = np.concatenate([pose.xy for pose in seen])
        xy[np.concatenate([pose.scores for pose in seen]) < raw_above] = np.nan
    for at, person in enumerate(people):
        if now - person.seen > STALE or poses[at].score < HARDLY_SEEN:
            xy[KEYPOINTS * at : KEYPOINTS * (at + 1)] = np.nan
    xy.take(here.by_keypoint, out=here.points, mode="clip")
    here.aspect.fill(aspect)
    np.multiply(here.points_x, here.aspect, out=here.points_x)


def draw_lines(here: Scratch) -> None:
    """Measure the ways from point to point, in image heights."""
    np.add(here.left, here.right, out=here.middles)
    np.multiply(here.middles, HALF, out=here.middles)
    np.add.reduce(here.features, axis=0, out=here.face)
    np.divide(here.face, FACE, out=here.face)
    # Without a face the neck will do.
    np.copyto(here.face, here.neck, where=np.isnan(here.face, out=here.unknown))
    here.coordinates.take(ENDS, axis=0, out=here.ends, mode="clip")
    np.subtract(here.ends_to, here.ends_from, out=here.lines)
    np.hypot(here.vectors_x, here.vectors_y, out=here.lengths)
