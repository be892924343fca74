"""How a canvas is put on a screen: upright with bars, turned, or stretched between four corners."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from posekit.geometry import fit_picture
from posekit.sketch.canvas import Canvas
from posekit.sketch.ground import BGRX_MASKS, surface_pixels
from posekit.sketch.quiet_pygame import pygame
from posekit.warp import Corners, Warp, rectangle, scaled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from posekit.geometry import Size

TURNS = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}


@dataclass(frozen=True)
class Projection:
    """Where the canvas, or a part of it, is on a screen; positions are pixels of either."""

    canvas: Size
    screen: Size
    keystone: Corners | None = None
    """Where the corners of what is shown, as one sees it, are on the screen, in parts of it."""
    turn: int = 0
    """Degrees clockwise."""
    part: tuple[int, int, int, int] | None = None
    """Which part of the canvas is shown: left, top, width, height; None: all of it."""

    @property
    def shown(self) -> tuple[int, int, int, int]:
        """Which part of the canvas is shown: left, top, width, height."""
        return self.part or (0, 0, *self.canvas)

    @cached_property
    def area(self) -> pygame.Rect:
        """Where an upright or turned canvas lies on the screen, without keystone."""
        _, _, width, height = self.shown
        seen = (height, width) if self.turn in (90, 270) else (width, height)
        fitted = fit_picture(seen, self.screen, "contain")
        return pygame.Rect(
            *(round(offset) for offset in (fitted.offset_x, fitted.offset_y)),
            *(max(1, round(extent)) for extent in (fitted.extent_x, fitted.extent_y)),
        ).clip(pygame.Rect(0, 0, *self.screen))

    @property
    def upright(self) -> Corners:
        """Where the corners of what is shown are without keystone, in parts of the screen."""
        area, (width, height) = self.area, self.screen
        return scaled(rectangle(*map(float, area)), 1 / width, 1 / height)

    @cached_property
    def warp(self) -> Warp:
        """From canvas pixels to screen pixels."""
        places = scaled(self.keystone or self.upright, *map(float, self.screen))
        first = self.turn // 90  # the canvas's top left corner is seen so many corners further round
        start = rectangle(*map(float, self.shown))
        one, two, three, four = (places[(at + first) % 4] for at in range(4))
        return Warp.between(start, (one, two, three, four))

    @cached_property
    def back(self) -> Warp:
        """From screen pixels to canvas pixels."""
        return self.warp.inverse


class Projector:
    """Puts canvases on surfaces, and uses its memory again."""

    def __init__(self) -> None:
        self._turned = np.empty((0, 0, 4), np.uint8)
        self._between: Canvas | None = None
        self._filled: tuple[object, object] = (None, None)

    def show(self, canvas: Canvas, screen: Any, projection: Projection) -> None:
        """Put the part of a canvas that a projection names on a screen's surface."""
        plain = projection.keystone is None and projection.turn == 0 and projection.part is None
        if plain and projection.screen == canvas.size and not canvas.surface.get_locked():
            # pygame does not show a canvas whose memory somebody keeps; that can be copied all the same.
            screen.blit(canvas.surface, (0, 0))
            return
        left, top, width, height = projection.shown
        pixels = canvas.pixels[top : top + height, left : left + width]
        if _is_direct(screen):
            self._paint(pixels, surface_pixels(screen), projection)
            return
        if self._between is None or self._between.size != projection.screen:
            self._between = Canvas(projection.screen)
        self._paint(pixels, self._between.pixels, projection)
        screen.blit(self._between.surface, (0, 0))

    def _paint(self, pixels: NDArray[np.uint8], target: NDArray[np.uint8], projection: Projection) -> None:
        if projection.keystone is not None:
            _stretch(pixels, target, projection)
            return
        if projection.turn:
            height, width = pixels.shape[:2]
            shape = (width, height, 4) if projection.turn in (90, 270) else (height, width, 4)
            if self._turned.shape != shape:
                self._turned = np.empty(shape, np.uint8)
            pixels = np.asarray(cv2.rotate(pixels, TURNS[projection.turn], dst=self._turned), np.uint8)
        area = projection.area
        if area.size != projection.screen:
            target[:] = 0
        # From half size on bilinear sampling skips pixels; averaging costs four times as much.
        halved = 2 * area.width <= pixels.shape[1] or 2 * area.height <= pixels.shape[0]
        method = cv2.INTER_AREA if halved else cv2.INTER_LINEAR
        part = target[area.top : area.bottom, area.left : area.right]
        cv2.resize(pixels, area.size, dst=part, interpolation=method)


def _is_direct(screen: Any) -> bool:
    """Whether a surface's memory is laid out as a canvas's."""
    return bool(screen.get_bitsize() == 32 and screen.get_masks()[:3] == BGRX_MASKS[:3])


def darken(screen: Any, black: float) -> None:
    """Take light from all of a screen's surface, bars and all: none at 0, everything at 1."""
    if black >= 1:
        screen.fill((0, 0, 0))
    elif black > 0 and _is_direct(screen):
        # 1 ms at 1920 x 1080, where pygame's own multiplication takes 16.
        pixels = surface_pixels(screen)
        cv2.convertScaleAbs(pixels, dst=pixels, alpha=1 - black)
    elif black > 0:
        light = round(255 * (1 - black))
        screen.fill((light, light, light), special_flags=pygame.BLEND_RGB_MULT)


def _stretch(pixels: NDArray[np.uint8], target: NDArray[np.uint8], projection: Projection) -> None:
    """Warp into the target, black around it.

    OpenCV 5 warps by the matrix as quickly as by a map computed before (10.8 and 11.2 ms at 1920 x 1080 on
    two cores), so that nothing has to be kept.
    """
    left, top, _, _ = projection.shown
    # OpenCV puts whole numbers at the middles of pixels; positions of ours are measured from their edges.
    start = np.array([[1.0, 0, left + 0.5], [0, 1.0, top + 0.5], [0, 0, 1.0]])
    end = np.array([[1.0, 0, -0.5], [0, 1.0, -0.5], [0, 0, 1.0]])
    matrix = end @ projection.warp.array @ start
    cv2.warpPerspective(pixels, matrix, projection.screen, dst=target, flags=cv2.INTER_LINEAR)
