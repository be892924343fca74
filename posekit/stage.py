"""The stage: where in the camera's picture the canvas lies, so that a body is drawn where it stands."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from posekit.warp import Corners, Warp, rectangle

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from posekit.geometry import Placement, Size

    AnyPlacement: TypeAlias = Placement | "StagePlacement"
    """Where the camera's picture lies: fitted upright, or on a stage."""


@dataclass(frozen=True)
class StagePlacement:
    """A map from the picture to the area through the area's four corners, as seen by the camera.

    It answers what `geometry.Placement` answers, in its place. Fit and mirror are in the corners already.
    """

    warp: Warp
    """From image-normalised points to area pixels."""
    back: Warp
    area: Size

    @property
    def is_mirrored(self) -> bool:
        """Whether left and right of the picture are exchanged."""
        return self.warp.is_mirrored

    def to_area(self, xy: NDArray[np.floating]) -> NDArray[np.float32]:
        """Map image-normalised points to area pixels, (..., 2) both ways; NaN beyond the horizon."""
        return self.warp.apply(xy).astype(np.float32)

    def to_picture(self, xy: NDArray[np.floating]) -> NDArray[np.float32]:
        """Map area pixels to image-normalised points, (..., 2) both ways."""
        return self.back.apply(xy).astype(np.float32)

    def mirrored(self, area_width: float) -> StagePlacement:
        """Return this placement seen in a mirror across the area's vertical middle."""
        return self._then(((-1.0, 0.0, area_width), (0.0, 1.0, 0.0)), self.area)

    def scaled(self, across: float, down: float) -> StagePlacement:
        """Return this placement in an area so many times as wide and as high."""
        area = (round(self.area[0] * across), round(self.area[1] * down))
        return self._then(((across, 0.0, 0.0), (0.0, down, 0.0)), area)

    def vector_to_area(
        self, heights: NDArray[np.floating], picture_size: Size, at: NDArray[np.floating]
    ) -> NDArray[np.float32]:
        """Map movements in image heights of the image-normalised points `at` to area pixels; (..., 2)."""
        width, height = picture_size
        steps = np.asarray(heights, np.float64) * (height / width, 1.0)
        return self.warp.move(steps, at).astype(np.float32)

    def from_picture(self, picture: Size) -> NDArray[np.float64]:
        """Return the (3, 3) matrix from pixels of a picture to those of the area, as OpenCV counts them.

        OpenCV puts whole numbers at the middles of pixels; positions of ours are measured from their edges.
        """
        normalise = np.array([[1 / picture[0], 0, 0.5 / picture[0]], [0, 1 / picture[1], 0.5 / picture[1]]])
        shift = np.array([[1.0, 0, -0.5], [0, 1.0, -0.5], [0, 0, 1.0]])
        matrix: NDArray[np.float64] = shift @ self.warp.array @ np.vstack((normalise, [0, 0, 1.0]))
        return matrix

    def _then(self, rows: tuple[tuple[float, float, float], ...], area: Size) -> StagePlacement:
        warp = self.warp.then(Warp((*rows, (0.0, 0.0, 1.0))))
        return StagePlacement(warp, warp.inverse, area)


@lru_cache(maxsize=16)
def stage_placement(corners: Corners, area: Size) -> StagePlacement:
    """Return the map that puts four places of the picture, image-normalised, at the area's corners.

    Raises `SettingsError` for corners that enclose nothing.
    """
    warp = Warp.between(corners, rectangle(0.0, 0.0, float(area[0]), float(area[1])))
    return StagePlacement(warp, warp.inverse, area)
