"""What every canvas stands on: a pygame surface, its measures, and the way a shape gets onto it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from posekit import draw
from posekit.keypoint import Vector
from posekit.sketch.colors import read_color
from posekit.sketch.quiet_pygame import pygame

if TYPE_CHECKING:
    from posekit.draw.outline import Outline
    from posekit.geometry import Size
    from posekit.sketch.kinds import Color, Pixels

BGRX_MASKS = (0xFF0000, 0x00FF00, 0x0000FF, 0)
"""Red, green, blue and no alpha in a 32-bit pixel: in memory blue, green, red, unused; OpenCV's own order."""
BGRA_MASKS = (0xFF0000, 0x00FF00, 0x0000FF, 0xFF000000)
"""The same with an opacity, by which the colours are multiplied already."""


class Ground:
    """A picture in pixels: x right, y down, (0, 0) top left."""

    def __init__(self, size: Size, *, see_through: bool = False) -> None:
        if see_through:
            self._surface = pygame.Surface(size, pygame.SRCALPHA, 32, BGRA_MASKS)
        else:
            self._surface = pygame.Surface(size, 0, 32, BGRX_MASKS)
        self._size = size
        self._see_through = see_through

    @property
    def surface(self) -> Any:
        """The pygame `Surface` itself, for everything that pygame can draw."""
        return self._surface

    @property
    def pixels(self) -> Pixels:
        """The surface's own memory as (H, W, 4) uint8: blue, green, red, and what only a layer uses: opacity.

        It can be written to. While it is kept the surface is locked: let go of it before pygame blits.
        """
        return surface_pixels(self._surface)

    @property
    def size(self) -> Size:
        """Width and height in pixels."""
        return self._size

    @property
    def width(self) -> int:
        """Width in pixels."""
        return self._size[0]

    @property
    def height(self) -> int:
        """Height in pixels."""
        return self._size[1]

    @property
    def center(self) -> Vector:
        """The middle."""
        return Vector(self.width / 2, self.height / 2)

    def _put(self, outline: Outline | None, color: Color, alpha: float, glow: float, blend: str) -> None:
        """Draw a shape, its light first."""
        draw.check_blend(blend)
        bgr, alpha = ink(color, alpha)
        pixels = self.pixels
        if glow > 0:
            draw.halo(pixels, outline, bgr, glow, alpha, blend)
        if blend == "normal":
            draw.stamp(pixels, outline, (*bgr, 255), alpha)
        else:
            draw.lay_outline(pixels, outline, bgr, alpha, blend)

    def _lay(self, above: Pixels, left: int = 0, top: int = 0, blend: str = "normal") -> None:
        """Blend a picture, ready to be laid, with its top left at whole pixels."""
        if self._see_through and blend in draw.LIGHTS:
            above = draw.light(above)
        draw.lay_at(self.pixels, above, left, top, blend)


def ink(color: Color, alpha: float) -> tuple[tuple[int, int, int], float]:
    """Return a colour as blue, green, red, and how opaque it is from 0 to 1."""
    red, green, blue, opacity = read_color(color)
    return (blue, green, red), seen(alpha, opacity)


def seen(alpha: float, opacity: int = 255) -> float:
    """Return how opaque something is, from 0 to 1, whose colour has an opacity from 0 to 255 of its own."""
    return min(max(alpha, 0), 1) * opacity / 255


def surface_pixels(surface: Any) -> Pixels:
    """Return the memory of a surface of 32 bits a pixel as (H, W, 4) uint8; kept, it keeps that locked."""
    width, height = surface.get_size()
    memory: Pixels = np.frombuffer(surface.get_view("0"), np.uint8)
    return memory.reshape(height, surface.get_pitch() // 4, 4)[:, :width]
