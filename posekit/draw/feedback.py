"""Feedback: a picture redrawn from itself a little larger, turned, shifted and dimmer, for echoes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import cv2
import numpy as np

from posekit.draw.clip import is_finite

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]


def feed_back(
    pixels: Pixels, spare: Pixels, zoom: float, turn: float, shift: tuple[float, float], amount: float
) -> None:
    """Redraw (H, W, 4) pixels from themselves in place; `spare` is memory of the same shape.

    `zoom` is about the middle, `turn` in degrees clockwise, `shift` in pixels; `amount` from 0 to 1 is how
    much fades. What comes in from outside is empty. What is not finite changes nothing.
    """
    if not is_finite(zoom, turn, *shift, amount) or zoom <= 0:
        return
    if (zoom, turn) != (1, 0) or any(shift):
        height, width = pixels.shape[:2]
        x, y = (width - 1) / 2, (height - 1) / 2
        cos, sin = math.cos(math.radians(turn)) / zoom, math.sin(math.radians(turn)) / zoom
        # For each pixel where it comes from.
        right, down = x + shift[0], y + shift[1]
        back = np.array([[cos, sin, x - cos * right - sin * down], [-sin, cos, y + sin * right - cos * down]])
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        np.copyto(spare, pixels)
        cv2.warpAffine(spare, back, (width, height), dst=pixels, flags=flags, borderMode=cv2.BORDER_CONSTANT)
    if amount > 0:
        # Half a step less than what is left, rounded, is always less: nothing stays for ever.
        cv2.convertScaleAbs(pixels, dst=pixels, alpha=1 - min(amount, 1.0), beta=-0.5)


def soften(pixels: Pixels, radius: float) -> None:
    """Blur (H, W, 4) pixels in place, by about `radius` pixels; on a grid as coarse as will not be seen."""
    if not is_finite(radius) or radius <= 0:
        return
    height, width = pixels.shape[:2]
    radius = min(float(radius), float(max(height, width)))
    scale = max(1, min(round(radius / 4), height // 4, width // 4))
    size = (max(1, width // scale), max(1, height // scale))
    small = pixels if scale == 1 else cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    blurred = cv2.GaussianBlur(small, (0, 0), max(0.3, radius / 2 / scale), borderType=cv2.BORDER_REPLICATE)
    cv2.resize(blurred, (width, height), dst=pixels, interpolation=cv2.INTER_LINEAR)
