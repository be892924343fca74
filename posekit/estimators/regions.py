"""Square parts of a picture, drawn into a model's input one after the other, and which part shows a body.

The region around a body follows the recipe published with MoveNet
(https://www.tensorflow.org/hub/tutorials/movenet, "cropping algorithm"): centred between the hips, wide
enough for the torso and for whatever is seen of the limbs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from posekit.errors import EstimatorError
from posekit.geometry import Placement

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from posekit.estimators.light import Light
    from posekit.geometry import Size
    from posekit.pose import Pose

SURE = 0.2
"""Score from which on a keypoint says where its body is (the recipe's)."""
TORSO_SPAN, BODY_SPAN = 1.9, 1.2
"""Half the region's side, in the torso's and in the body's largest distance from the hips' centre
(the recipe's)."""
PART_SPAN = 0.75
"""The same in the longer side of the box of a body of which no torso is seen: the face before a laptop."""
_LEFT_SHOULDER, _RIGHT_SHOULDER, _LEFT_HIP, _RIGHT_HIP = 5, 6, 11, 12
_TORSO = [_LEFT_SHOULDER, _RIGHT_SHOULDER, _LEFT_HIP, _RIGHT_HIP]
_HIPS = [_LEFT_HIP, _RIGHT_HIP]
LEAST_SIDE = 8.0
"""Pixels of the picture: no body is so small, but a pose can be, and a region must have a size."""


@dataclass(frozen=True)
class Region:
    """A square in picture pixels; it may reach beyond the picture, where there is nothing to see."""

    x: float
    """Left edge."""
    y: float
    """Top edge."""
    side: float


def whole(size: Size) -> Region:
    """Return the smallest square around a picture of `size` (width, height) pixels."""
    width, height = size
    side = max(width, height)
    return Region((width - side) / 2, (height - side) / 2, side)


def around(pose: Pose, size: Size) -> Region | None:
    """Return the region that shows a body, last seen in `pose`, in a picture of `size` (width, height).

    None when its torso is not seen, or when the region would be no smaller than the picture: then look at
    the whole of it.
    """
    points, scores = pose.xy.astype(np.float64) * size, pose.scores
    sure = (scores >= SURE) & np.isfinite(points[:, 0])
    if not (sure[_HIPS].any() and sure[[_LEFT_SHOULDER, _RIGHT_SHOULDER]].any()):
        return None
    known = [at for at in _TORSO if np.isfinite(points[at, 0])]
    centre = points[[at for at in _HIPS if at in known]].mean(axis=0)
    away = np.abs(points - centre).max(axis=1)
    half = max(TORSO_SPAN * away[known].max(), BODY_SPAN * away[sure].max())
    width, height = size
    # Wide enough to reach the far edge is wide enough.
    half = min(half, max(centre[0], width - centre[0], centre[1], height - centre[1]))
    half = max(half, LEAST_SIDE / 2)
    if half > max(size) / 2:
        return None
    return Region(centre[0] - half, centre[1] - half, 2 * half)


def around_part(pose: Pose, size: Size) -> Region:
    """Return the region around whatever is seen of a body; the whole picture when that is nothing."""
    points = pose.xy.astype(np.float64) * size
    sure = (pose.scores >= SURE) & np.isfinite(points[:, 0])
    if not sure.any():
        return whole(size)
    low, high = points[sure].min(axis=0), points[sure].max(axis=0)
    half = max(PART_SPAN * (high - low).max(), LEAST_SIDE / 2)
    if half > max(size) / 2:
        return whole(size)
    x, y = (low + high) / 2 - half
    return Region(x, y, 2 * half)


class RegionInput:
    """One buffer of a model's input size that regions of frames are drawn into, one after the other."""

    def __init__(self, size: Size, light: Light | None = None) -> None:
        """Make a buffer of `size` (width, height) pixels, black beyond the picture's edges.

        A `light` corrects what is drawn.
        """
        self._light = light
        self._size = size
        self._image = np.zeros((size[1], size[0], 3), np.uint8)

    def draw(self, pixels: NDArray[np.uint8], region: Region) -> tuple[NDArray[np.uint8], Placement]:
        """Draw a region of a picture (H, W, 3) uint8; returns the image and where the picture lies in it.

        The image is the buffer itself, good until the next call. Raises `EstimatorError` for anything
        that is no picture.
        """
        if pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.dtype != np.uint8 or 0 in pixels.shape:
            raise EstimatorError(f"a frame is (H, W, 3) uint8 RGB; this one is {pixels.shape} {pixels.dtype}")
        height, width = pixels.shape[:2]
        scale = min(self._size) / region.side
        place = Placement(width * scale, height * scale, -region.x * scale, -region.y * scale)
        # OpenCV's warps count pixels in 16 bits; of a picture beyond that every other pixel does.
        step = -(-max(width, height) // _MOST_PIXELS)
        along = scale * step
        # A pixel's value stands for its middle, hence the halves.
        left, top = ((0.5 - edge) * scale - 0.5 for edge in (region.x, region.y))
        there = np.array([[along, 0, left], [0, along, top]])
        cv2.warpAffine(pixels[::step, ::step], there, self._size, dst=self._image, flags=cv2.INTER_LINEAR)
        if self._light is not None:
            self._light.correct(self._image)
        return self._image, place


_MOST_PIXELS = 32_000
