"""Where a picture lands in an area: letterbox, fit and mirror, and the way back.

Image-normalised coordinates run from (0, 0) at the picture's top left to (1, 1) at its bottom right, x right,
y down. An area (a model's input, a canvas) is measured in pixels. A `Placement` maps the one to the other;
letterboxing for a model, fitting to a window and mirroring are all placements, so there is one way back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from posekit.errors import UnknownNameError

if TYPE_CHECKING:
    from numpy.typing import NDArray

Fit = Literal["cover", "contain", "stretch"]
FITS: tuple[Fit, ...] = ("cover", "contain", "stretch")
Size = tuple[int, int]
"""Width and height in pixels, in this order everywhere."""


@dataclass(frozen=True)
class Placement:
    """An axis-aligned map: area = offset + normalised * extent."""

    extent_x: float
    """Width of the whole picture in the area, in pixels; negative when mirrored."""
    extent_y: float
    """Height of the whole picture in the area, in pixels."""
    offset_x: float
    """Where normalised x = 0 lands, in pixels."""
    offset_y: float
    """Where normalised y = 0 lands, in pixels."""

    @property
    def is_mirrored(self) -> bool:
        """Whether left and right of the picture are exchanged."""
        return self.extent_x < 0

    def to_area(self, xy: NDArray[np.floating]) -> NDArray[np.float32]:
        """Map image-normalised points to area pixels; shape (..., 2) both ways."""
        placed = np.asarray(xy, np.float64) * (self.extent_x, self.extent_y) + (self.offset_x, self.offset_y)
        return placed.astype(np.float32)

    def to_picture(self, xy: NDArray[np.floating]) -> NDArray[np.float32]:
        """Map area pixels to image-normalised points; shape (..., 2) both ways."""
        picture = (np.asarray(xy, np.float64) - (self.offset_x, self.offset_y)) / (
            self.extent_x,
            self.extent_y,
        )
        return picture.astype(np.float32)

    def mirrored(self, area_width: float) -> Placement:
        """Return this placement seen in a mirror across the area's vertical middle."""
        return Placement(-self.extent_x, self.extent_y, area_width - self.offset_x, self.offset_y)

    def scaled(self, across: float, down: float) -> Placement:
        """Return this placement in an area so many times as wide and as high."""
        return Placement(
            self.extent_x * across, self.extent_y * down, self.offset_x * across, self.offset_y * down
        )

    def vector_to_area(
        self,
        heights: NDArray[np.floating],
        picture_size: Size,
        at: NDArray[np.floating] | None = None,  # noqa: ARG002 (a stage needs it)
    ) -> NDArray[np.float32]:
        """Map directions in image heights (isotropic, so velocities too) to area pixels; shape (..., 2).

        Wherever they are: `at` only matters on a stage (`posekit.stage`), which is seen in perspective.
        """
        width, height = picture_size
        scale = (self.extent_x * height / width, self.extent_y)
        return (np.asarray(heights, np.float64) * scale).astype(np.float32)


def fit_picture(picture: Size, area: Size, fit: Fit) -> Placement:
    """Place a picture in the middle of an area.

    `cover` fills the area and crops the picture, `contain` shows all of it and leaves bars, `stretch` gives
    up its proportions. Raises `UnknownNameError` for any other word.
    """
    if fit not in FITS:
        raise UnknownNameError("fit", fit, FITS)
    if fit == "stretch":
        return Placement(area[0], area[1], 0.0, 0.0)
    ratios = (area[0] / picture[0], area[1] / picture[1])
    scale = max(ratios) if fit == "cover" else min(ratios)
    extent = (picture[0] * scale, picture[1] * scale)
    return Placement(extent[0], extent[1], (area[0] - extent[0]) / 2, (area[1] - extent[1]) / 2)


def letterbox(picture: Size, area: Size) -> Placement:
    """Place a picture whole and undistorted in a model's input, on whole pixels.

    Whole pixels make the map exactly what the resized image is, so that a keypoint found in the model's
    input goes back to where it was seen.
    """
    scale = min(area[0] / picture[0], area[1] / picture[1])
    width = min(area[0], max(1, round(picture[0] * scale)))
    height = min(area[1], max(1, round(picture[1] * scale)))
    return Placement(width, height, (area[0] - width) // 2, (area[1] - height) // 2)
