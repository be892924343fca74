"""A card that seldom changes, kept as a picture with its transparency: many shapes cost as much as one."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import cv2
import numpy as np

from posekit.sketch.canvas import Canvas

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from posekit.runner.card import Box


class Still:
    """Draws what `paint` draws, within a box, and draws it anew only when `key` is another one.

    Painted on black and on white, a card shows how much of what lies beneath it lets through (Smith and
    Blinn, "Blue screen matting", SIGGRAPH 1996): exactly what it would have been, for any mix of opacities.
    """

    def __init__(self) -> None:
        self._key: object = None
        self._layers: tuple[NDArray[np.uint8], NDArray[np.uint8]] | None = None

    def draw(self, canvas: Canvas, box: Box, key: object, paint: Callable[[Canvas], None]) -> None:
        """Draw on a canvas; what changes in every frame is not kept."""
        if key != self._key:
            self._key, self._layers = key, None
            paint(canvas)
            return
        left, top = max(0, math.floor(box[0]) - 2), max(0, math.floor(box[1]) - 2)
        right, bottom = math.ceil(box[0] + box[2]) + 3, math.ceil(box[1] + box[3]) + 3
        area = (slice(top, bottom), slice(left, right))
        if self._layers is None:
            black, white = (_painted(canvas, ground, paint)[area] for ground in ("black", "white"))
            through = np.asarray(cv2.subtract(white, black), np.uint8)
            self._layers = np.ascontiguousarray(black), through
        own, through = self._layers
        part = canvas.pixels[area]
        part[...] = cv2.add(own, cv2.multiply(part, through, scale=1 / 255))


def _painted(canvas: Canvas, ground: str, paint: Callable[[Canvas], None]) -> NDArray[np.uint8]:
    blank = Canvas(canvas.size)
    blank.background(ground)
    paint(blank)
    return blank.pixels
