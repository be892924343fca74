"""Tells a camera that works from one that shows the same picture for ever, or none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from posekit.health import CameraState

if TYPE_CHECKING:
    from numpy.typing import NDArray

FROZEN_SECONDS = 1.5
"""How long a camera may deliver the very same bytes; even in a still room no two frames are, for noise."""
FROZEN_REPEATS = 3
"""How many of them it takes: a stream that was lost may come back with the picture it went with."""
BLACK_SECONDS = 1.0
BLACK_LEVEL = 20
"""A sampled value up to this, of 255, is dark: a covered lens still has some noise."""
BRIGHT_SHARE = 0.005
"""A picture is black when fewer of its sampled values than this are bright: a few are, in dead pixels."""
STEP = 16
"""Every 16th row and column is looked at: a few thousand values, some microseconds."""


class PictureWatch:
    """Follows what a live source delivers; black comes before frozen, when it is both."""

    def __init__(self, frozen_seconds: float = FROZEN_SECONDS, black_seconds: float = BLACK_SECONDS) -> None:
        self._frozen_seconds, self._black_seconds = frozen_seconds, black_seconds
        self._last: NDArray[np.uint8] | None = None
        self._moved, self._repeats = 0.0, 0
        self._bright: float | None = None

    def update(self, pixels: NDArray[np.uint8], time: float) -> CameraState:
        """Look at a picture, (H, W, channels) uint8, of `time` seconds; it must not be changed later."""
        sample = pixels[::STEP, ::STEP]
        self._repeats += 1
        if not self._is_same(pixels):
            self._moved, self._repeats = time, 0
        if self._bright is None or np.count_nonzero(sample > BLACK_LEVEL) > BRIGHT_SHARE * sample.size:
            self._bright = time
        self._last = pixels
        if time - self._bright >= self._black_seconds:
            return CameraState.BLACK
        is_dark = time > self._bright
        is_still = self._repeats >= FROZEN_REPEATS and time - self._moved >= self._frozen_seconds
        return CameraState.FROZEN if is_still and not is_dark else CameraState.OK

    def _is_same(self, pixels: NDArray[np.uint8]) -> bool:
        """Whether a picture has the very bytes of the one before; whole pictures only when samples agree."""
        last = self._last
        if last is None or last.shape != pixels.shape:
            return False
        return np.array_equal(last[::STEP, ::STEP], pixels[::STEP, ::STEP]) and np.array_equal(last, pixels)
