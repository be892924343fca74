"""Fading: moving every pixel towards one colour, all the way in the end."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def fade(pixels: NDArray[np.uint8], color: tuple[int, ...], amount: float) -> None:
    """Move all of (H, W, 3 or 4) pixels towards a colour, in their order of channels; 1 is all the way.

    A fourth channel is left alone unless the colour has four numbers.

    Mixing in 8 bits stops short of the colour by 1 / (2 * amount) steps, and ghosts stay for ever; here
    every pixel moves by at least one step until it is there.
    """
    if amount <= 0:
        return
    if amount >= 1:
        pixels[:, :, : len(color)] = color
        return
    cv2.LUT(pixels, _table(color, round(amount, 4), pixels.shape[2]), dst=pixels)


@lru_cache(maxsize=16)
def _table(color: tuple[int, ...], amount: float, channels: int) -> NDArray[np.uint8]:
    """Return (1, 256, channels): for every value of every channel what it fades to."""
    values = np.arange(256)
    table = np.tile(values[:, None], (1, channels))
    for channel, goal in enumerate(color):
        step = (goal - values) * amount
        whole = np.where(goal == values, 0, np.sign(step) * np.maximum(1, np.rint(np.abs(step))))
        table[:, channel] = values + whole
    return np.ascontiguousarray(table[None].astype(np.uint8))
