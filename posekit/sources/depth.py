"""Sixteen bits become eight: of infrared, thermal and scientific cameras, which rarely use all of them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

WHOLE = 65535
FULL_HIGH, FULL_SPAN = 8192, 4096
"""A picture that reaches so far, and spans so much, uses its bits as a photograph does; others are stretched:
twelve bits in sixteen, or the few hundred values between a warm room and a warm body."""
LEAST_SPAN = 64
"""A span of less is noise, or nothing."""
PERCENT = 0.5
"""Of all values, at either end, that may be lost."""
FOLLOW_SECONDS = 2.0
"""In which a span follows two thirds of a change: somebody who walks in must not change the whole picture."""
SAMPLES = 4096


class Depth:
    """Makes eight bits of pictures of sixteen, whose span of values it follows slowly. Used by one thread."""

    def __init__(self) -> None:
        self._is_full: bool | None = None
        self._span: tuple[float, float] | None = None
        self._time = 0.0

    def update(self, pixels: NDArray[Any], time: float) -> NDArray[np.uint8]:
        """Return a picture (H, W) or (H, W, channels) of `time` seconds with eight bits; itself if it has."""
        if pixels.dtype == np.uint8:
            return pixels
        if pixels.dtype != np.uint16:
            # Nobody delivers others; what is beyond eight bits is lost, and nothing wraps round.
            return np.asarray(np.nan_to_num(pixels).clip(0, 255), np.uint8)
        if pixels.ndim == 3 and pixels.shape[2] > 1:
            if not _is_grey(pixels):
                return _scaled(pixels, 0, WHOLE)
            pixels = pixels[..., 0]
        pixels = np.ascontiguousarray(pixels.reshape(pixels.shape[:2]))
        self._follow(pixels, time)
        if self._span is None:
            return _scaled(pixels, 0, WHOLE)
        return _scaled(pixels, *self._span)

    def _follow(self, pixels: NDArray[np.uint16], time: float) -> None:
        """Decide once how the bits are used, then follow what is used of them."""
        if self._is_full:
            return
        step = max(1, round((pixels.shape[0] * pixels.shape[1] / SAMPLES) ** 0.5))
        low, high = (
            float(value) for value in np.percentile(pixels[::step, ::step], (PERCENT, 100 - PERCENT))
        )
        if self._is_full is None:
            if high - low < LEAST_SPAN:
                return
            self._is_full = high >= FULL_HIGH and high - low >= FULL_SPAN
            if self._is_full:
                return
        if high - low < LEAST_SPAN:
            middle = (low + high) / 2
            low, high = max(middle - LEAST_SPAN / 2, 0.0), middle + LEAST_SPAN / 2
        if self._span is not None:
            share = 1 - math.exp(-min(max(time - self._time, 0.0), 60.0) / FOLLOW_SECONDS)
            low, high = (was + share * (now - was) for was, now in zip(self._span, (low, high), strict=True))
        self._span, self._time = (low, high), time


def _is_grey(pixels: NDArray[np.uint16]) -> bool:
    sample = pixels[::16, ::16]
    return bool((sample[..., 1:3] == sample[..., :1]).all())


def _scaled(pixels: NDArray[np.uint16], low: float, high: float) -> NDArray[np.uint8]:
    """Return values from `low` to `high` as 0 to 255; what lies beyond ends at either end."""
    above = cv2.subtract(pixels, np.full_like(pixels, round(low))) if low > 0 else pixels
    return np.asarray(cv2.convertScaleAbs(above, alpha=255 / (high - low)), np.uint8)
