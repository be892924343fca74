"""A frame of any size becomes a model's input, whole and undistorted, and the way back is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import cv2
import numpy as np

from posekit.errors import EstimatorError
from posekit.geometry import Placement, fit_picture, letterbox

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from posekit.estimators.light import Light
    from posekit.geometry import Size

InputFit = Literal["contain", "stretch"]

PADDING = 128
"""The grey that PoseNet's input calls zero; black has the same AP, within noise (`bench/README.md`)."""
INTERPOLATION = cv2.INTER_LINEAR
"""As exact as area averaging on COCO, within noise, in a fraction of its time (`bench/README.md`)."""


class ModelInput:
    """One buffer of a model's input size that frames are drawn into, one after the other."""

    def __init__(self, size: Size, fit: InputFit = "contain", light: Light | None = None) -> None:
        """Make a buffer of `size` (width, height) pixels; `stretch` fills it and gives up proportions.

        A `light` corrects what is drawn.
        """
        self._light = light
        self.size = size
        self._fit: InputFit = fit
        self._image = np.full((size[1], size[0], 3), PADDING, np.uint8)
        self._picture_size: Size | None = None
        self._placement = Placement(size[0], size[1], 0, 0)
        self._window = self._image

    def draw(self, pixels: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], Placement]:
        """Draw a picture (H, W, 3) uint8; returns the input image and where the picture lies in it.

        The image is the buffer itself, good until the next call. Raises `EstimatorError` for anything
        that is no picture.
        """
        if pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.dtype != np.uint8 or 0 in pixels.shape:
            raise EstimatorError(f"a frame is (H, W, 3) uint8 RGB; this one is {pixels.shape} {pixels.dtype}")
        height, width = pixels.shape[:2]
        if (width, height) != self._picture_size:
            self._place((width, height))
        window = self._window
        if pixels.shape == window.shape:
            np.copyto(window, pixels)
        else:
            cv2.resize(pixels, window.shape[1::-1], dst=window, interpolation=INTERPOLATION)
        if self._light is not None:
            self._light.correct(window)
        return self._image, self._placement

    def _place(self, picture: Size) -> None:
        place = (
            letterbox(picture, self.size)
            if self._fit == "contain"
            else fit_picture(picture, self.size, "stretch")
        )
        left, top = round(place.offset_x), round(place.offset_y)
        self._image[:] = PADDING
        self._window = self._image[top : top + round(place.extent_y), left : left + round(place.extent_x)]
        self._picture_size, self._placement = picture, place
