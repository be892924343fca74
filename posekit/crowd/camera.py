"""The eye of the crowd: where bodies on a floor land in a picture, and which keypoints it can see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from posekit.crowd.body import LEFT_EAR, RIGHT_EAR

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from posekit.geometry import Size

FULLY = 1.0
"""How exposed a keypoint is that nothing of its own body hides."""
FAR_SIDE = 0.55
"""How exposed a keypoint is that lies behind its own trunk: an estimator guesses it quite well."""
TURNED_AWAY = 0.0
"""How exposed a face's keypoint is at the far side of the head."""


@dataclass(frozen=True, eq=False)
class Seen:
    """One body over some instants, as a perfect eye sees it."""

    xy: NDArray[np.float64]
    """(T, 17, 2) image-normalised; also what lies outside the picture."""
    exposed: NDArray[np.float64]
    """(T, 17) from 0 to 1: how openly each keypoint shows, as far as the body itself is concerned."""
    height: NDArray[np.float64]
    """(T,) the body's stature in image heights, whatever its posture."""
    distance: NDArray[np.float64]
    """(T,) metres from the camera; the nearer body covers the other."""
    present: NDArray[np.bool_]
    """(T,) whether the body exists at all."""


@dataclass(frozen=True)
class Camera:
    """A level camera on a wall."""

    size: Size = (1280, 720)
    """Width and height of its picture in pixels."""
    focal: float = 0.9
    """Focal length in image heights: 58 degrees from top to bottom, as webcams have."""
    above: float = 1.4
    """Metres above the floor."""
    horizon: float = 0.42
    """Where in the picture, from its top, things of its own height are."""

    @property
    def aspect(self) -> float:
        """Width of the picture in heights."""
        return self.size[0] / self.size[1]

    def half_width(self, distance: float) -> float:
        """Return how many metres to either side are seen at a distance."""
        return 0.5 * self.aspect * distance / self.focal

    def project(
        self,
        points: NDArray[np.float64],
        stature: float,
        x: NDArray[np.float64],
        distance: NDArray[np.float64],
    ) -> NDArray[np.float64]:
        """Return where (T, 17, 3) points in statures are seen: (T, 17, 2), image-normalised.

        The body is `stature` metres tall and stands `x` metres right of the middle, `distance` metres away.
        Weak perspective: one scale for a whole body.
        """
        scale = self.focal / distance[:, None]
        xy = np.empty((*points.shape[:-1], 2))
        xy[..., 0] = 0.5 + (x[:, None] + points[..., 0] * stature) * scale / self.aspect
        xy[..., 1] = self.horizon + (self.above - points[..., 1] * stature) * scale
        return xy


def exposure(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how openly keypoints show: (..., 17) from 0 to 1, for (..., 17, 3) points in statures.

    A face's keypoint hides behind the head, every other one behind the trunk.
    """
    exposed = np.full(points.shape[:-1], FULLY)
    ears = points[..., (LEFT_EAR, RIGHT_EAR), :]
    middle = ears.mean(axis=-2)
    behind = points[..., :5, 2] - middle[..., None, 2] < -0.02
    exposed[..., :5] = np.where(behind, TURNED_AWAY, FULLY)
    trunk = points[..., (5, 6, 11, 12), :]
    left, right = trunk[..., 0].min(axis=-1), trunk[..., 0].max(axis=-1)
    low, high = trunk[..., 1].min(axis=-1), trunk[..., 1].max(axis=-1)
    depth = trunk[..., 2].mean(axis=-1)
    limbs = points[..., 5:13, :]
    hidden = (limbs[..., 2] < depth[..., None] - 0.05) & (limbs[..., 1] <= high[..., None] + 0.03)
    hidden &= (limbs[..., 0] > left[..., None] - 0.06) & (limbs[..., 0] < right[..., None] + 0.06)
    hidden &= limbs[..., 1] >= low[..., None] - 0.05
    exposed[..., 5:13] = np.where(hidden, FAR_SIDE, FULLY)
    # In profile the far leg is behind the near one.
    across = np.abs(points[..., 13:, 2] - points[..., (14, 13, 16, 15), 2])
    beside = np.abs(points[..., 13:, 0] - points[..., (14, 13, 16, 15), 0])
    far = points[..., 13:, 2] < points[..., (14, 13, 16, 15), 2]
    exposed[..., 13:] = np.where(far & (across > 0.05) & (beside < 0.04), FAR_SIDE, FULLY)
    return exposed
