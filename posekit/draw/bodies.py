"""Skeletons: bones as round-ended lines, keypoints as dots."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from posekit.draw.colors import lighter, person_color
from posekit.draw.outline import Strokes, strokes
from posekit.draw.shapes import stamp
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
    bones, keypoints = body_outlines(xy, width, bodies)
    stamp(pixels, bones, color, alpha)
    if dots is not None:
        stamp(pixels, keypoints, dots, alpha)


def body_outlines(
    xy: NDArray[np.floating], width: float, bodies: Skeleton = COCO_17
) -> tuple[Strokes | None, Strokes | None]:
    """Return one body's bones and its keypoints; `xy` is (K, 2) pixels, NaN where one is missing."""
    xy = np.asarray(xy, np.float64)
    # A line from a point to itself is a dot, and one call draws them all.
    return strokes(xy[_bones(bodies)], width), strokes(np.repeat(xy[:, None], 2, axis=1), width * 2)


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
