"""Skeletons: bones as round-ended lines, keypoints as dots."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from posekit.draw.colors import lighter, person_color
from posekit.draw.shapes import segments
from posekit.skeleton import COCO_17, Skeleton

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from posekit.pose import Pose

DRAWN_HEIGHTS = 160
"""A skeleton's line is one 160th of the picture's height: thin enough for ten people, seen from afar."""


def skeleton(
    pixels: NDArray[np.uint8],
    xy: NDArray[np.floating],
    color: Sequence[int],
    *,
    width: float = 4,
    dots: Sequence[int] | None = None,
    alpha: float = 1.0,
    bodies: Skeleton = COCO_17,
) -> None:
    """Draw one body: `xy` is (K, 2) pixels, NaN where a keypoint is missing.

    `color` is that of the bones, `dots` that of the keypoints (None leaves them out), both in the pixels' own
    order of channels; `width` is the bones' thickness in pixels.
    """
    xy = np.asarray(xy, np.float64)
    segments(pixels, xy[_bones(bodies)], color, width, alpha)
    if dots is not None:
        # A line from a point to itself is a dot, and one call draws them all.
        segments(pixels, np.repeat(xy[:, None], 2, axis=1), dots, width * 2, alpha)


def draw_poses(picture: NDArray[np.uint8], poses: Iterable[Pose]) -> None:
    """Draw poses on the (H, W, 3) RGB picture they were found in, a colour for each in their order."""
    height, width = picture.shape[:2]
    thickness = max(2, round(height / DRAWN_HEIGHTS))
    for number, pose in enumerate(poses, start=1):
        color = person_color(number)
        seen = np.where(pose.visible[:, None], pose.xy, np.nan) * (width, height)
        skeleton(picture, seen, color, width=thickness, dots=lighter(color), bodies=pose.skeleton)


@lru_cache
def _bones(bodies: Skeleton) -> NDArray[np.intp]:
    return np.array(bodies.bones, np.intp).reshape(-1, 2)
