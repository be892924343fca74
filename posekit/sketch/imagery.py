"""What a canvas shows beside shapes: the camera, silhouettes, pictures, text, gradients and soft lights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from posekit import draw
from posekit.draw.clip import is_finite
from posekit.errors import SettingsError, UnknownNameError
from posekit.sketch.arguments import called
from posekit.sketch.colors import read_color
from posekit.sketch.ground import Ground, ink, seen
from posekit.sketch.kinds import ALIGNS
from posekit.sketch.letters import letters
from posekit.sketch.quiet_pygame import pygame
from posekit.sketch.sight import Sight

if TYPE_CHECKING:
    from posekit.geometry import Fit, Size
    from posekit.sketch.kinds import Align, Blend, Color, Pixels, Point
    from posekit.stage import AnyPlacement

STEM = 0.14
"""How thick letters are, as a part of their height."""
SOLID = 1e6
"""How thick what is taken as an area is, in pixels: its light needs no help."""


class Imagery(Ground):
    """Drawing calls for pictures of all kinds."""

    def __init__(self, size: Size, *, see_through: bool = False, sight: Sight | None = None) -> None:
        super().__init__(size, see_through=see_through)
        self._sight = sight if sight is not None else Sight(size)

    @called("text(text, (x, y), size)")
    def text(
        self,
        text: object,
        position: Point,
        size: float = 32,
        color: Color = "white",
        align: Align = "left",
        alpha: float = 1,
        *,
        glow: float = 0.0,
        blend: Blend = "normal",
    ) -> None:
        """Write text, `size` pixels high, in lines where it has line breaks.

        `position` is the top left corner; with `align="right"` the top right one, with `"center"` the middle
        of the whole. Raises `UnknownNameError` for any other `align`.
        """
        if align not in ALIGNS:
            raise UnknownNameError("align", align, ALIGNS)
        draw.check_blend(blend)
        bgr, opacity = ink(color, alpha)
        x, y = position
        if not is_finite(x, y, size, opacity) or size < 1 or opacity <= 0:
            return
        # Letters taller than the canvas show nothing more, and would take memory without end.
        made = letters(str(text), round(min(size, 2 * self.height)), (bgr[2], bgr[1], bgr[0]))
        width, height = made.shape[1], made.shape[0]
        # Letters are made on whole pixels and only stay sharp there.
        left = round(x - {"left": 0.0, "center": width / 2, "right": width}[align])
        top = round(y - (height / 2 if align == "center" else 0))
        pixels = self.pixels
        if glow > 0 or blend != "normal" or self._see_through:
            cover = np.ascontiguousarray(made[:, :, 3])
            draw.halo_of_cover(pixels, cover, (left, top), bgr, glow, opacity, blend, size * STEM)
            if blend != "normal" or self._see_through:
                draw.lay_at(pixels, draw.colored(cover, bgr, opacity, blend=blend), left, top, blend)
                return
        draw.paste(pixels, made, left, top, (width, height), opacity)

    @called("image(image, (x, y), (width, height))")
    def image(
        self,
        image: Any,
        position: Point = (0, 0),
        size: tuple[float, float] | None = None,
        alpha: float = 1,
        *,
        glow: float = 0.0,
        blend: Blend = "normal",
    ) -> None:
        """Draw a picture with its top left at `position`, `size` (width, height) pixels or as big as it is.

        `image` is a pygame `Surface` or an array (h, w, 3) RGB or (h, w, 4) RGBA, uint8. Its `glow` is white.
        """
        draw.check_blend(blend)
        x, y = position
        found = image if isinstance(image, np.ndarray) else _rgba_pixels(image)
        if found.dtype != np.uint8 or found.ndim != 3 or found.shape[2] not in (3, 4):
            raise ValueError(
                f"an image is (h, w, 3) or (h, w, 4) uint8; found {found.shape} {found.dtype.name}"
            )
        order = (2, 1, 0) if found.shape[2] == 3 else (2, 1, 0, 3)
        size = size or (found.shape[1], found.shape[0])
        if not (glow > 0 or blend != "normal" or self._see_through):
            draw.paste(self.pixels, found[:, :, order], x, y, size, alpha)
            return
        pixels, alpha = self.pixels, seen(alpha)
        part = draw.cut(pixels, found[:, :, order], x, y, size)
        if part is None or not is_finite(alpha) or alpha <= 0:
            return
        whole = cv2.cvtColor(part[0], cv2.COLOR_BGR2BGRA) if found.shape[2] == 3 else part[0]
        above = draw.covered(np.asarray(whole, np.uint8))
        left, top = part[1]
        cover = np.ascontiguousarray(above[:, :, 3])
        draw.halo_of_cover(pixels, cover, (left, top), (255, 255, 255), glow, alpha, blend, SOLID)
        self._lay(draw.dimmed(above, alpha), left, top, blend)

    @called("camera(alpha=0.5)")
    def camera(
        self,
        alpha: float = 1,
        *,
        tint: Color | None = None,
        fit: Fit | None = None,
        mirror: bool | None = None,
        blend: Blend = "normal",
    ) -> None:
        """Draw the camera's picture, fitted and mirrored as the people are; nothing when there is none.

        `tint` is a colour that it is seen through. With a `fit` or `mirror` of its own it lies where the
        people are only by chance.
        """
        draw.check_blend(blend)
        placed = self._sight.picture(fit, mirror)
        if tint is None and blend == "normal":
            placed.draw(self.pixels, alpha)
            return
        (blue, green, red), alpha = ink("white" if tint is None else tint, alpha)
        found = placed.placed(self.pixels) if is_finite(alpha) and alpha > 0 else None
        if found is not None:
            (rows, columns), ready = found
            above = draw.tinted(ready, (blue, green, red), alpha)
            mode = "replace" if blend == "normal" and alpha >= 1 else blend
            self._lay(above, columns.start, rows.start, mode)

    @called("silhouette(color)")
    def silhouette(
        self, color: Color = "white", alpha: float = 1, *, glow: float = 0.0, blend: Blend = "normal"
    ) -> None:
        """Fill everybody's outline, fitted and mirrored as the people are; `"camera"` cuts them out of it.

        Nothing is drawn where there is no silhouette: they come from BlazePose, for a sketch that says
        `mask = True`.
        """
        draw.check_blend(blend)
        from_camera = isinstance(color, str) and color == "camera"
        bgr, alpha = ink("white" if from_camera else color, alpha)
        pixels, mask = self.pixels, self._sight.mask
        picture = self._sight.picture() if from_camera else None
        found = mask.cover(pixels) if is_finite(alpha) and alpha > 0 else None
        if found is None:
            return
        (rows, columns), cover = found
        if glow > 0:
            draw.halo_of_cover(pixels, cover, (columns.start, rows.start), bgr, glow, alpha, blend, SOLID)
        if blend == "normal" and not self._see_through:
            mask.draw(pixels, bgr if picture is None else picture, alpha)
            return
        if picture is None:
            above = draw.colored(cover, bgr, alpha)
        else:
            part = picture.part(pixels, (rows, columns))
            if part is None:
                return
            above = draw.tinted_cover(part, cover, alpha)
        self._lay(above, columns.start, rows.start, blend)

    @called('gradient("navy", "black")')
    def gradient(
        self,
        color1: Color,
        color2: Color,
        start: Point | None = None,
        end: Point | None = None,
        alpha: float = 1,
        *,
        blend: Blend = "normal",
    ) -> None:
        """Fill the canvas from one colour at `start`, the top, to another at `end`, the bottom.

        Between them it changes evenly to the eye, beyond them not at all.
        """
        draw.check_blend(blend)
        first, second = read_color(color1), read_color(color2)
        x1, y1 = (0.0, 0.0) if start is None else start
        x2, y2 = (x1, float(self.height)) if end is None else end
        ends = [(blue, green, red, opacity) for red, green, blue, opacity in (first, second)]
        made = draw.linear(self._size, ends[0], ends[1], (x1, y1), (x2, y2), seen(alpha))
        if made is not None:
            opaque = blend == "normal" and seen(alpha, min(first[3], second[3])) >= 1
            self._lay(made, blend="replace" if opaque else blend)

    @called("glow((x, y), radius, color)")
    def glow(
        self,
        position: Point,
        radius: float,
        color: Color = "white",
        alpha: float = 1,
        *,
        blend: Blend = "add",
    ) -> None:
        """Shine a soft round light, brightest in its middle and gone at `radius` pixels."""
        draw.check_blend(blend)
        bgr, alpha = ink(color, alpha)
        x, y = position
        draw.radial(self.pixels, (x, y), radius, bgr, alpha, blend)

    def set_mask(self, mask: Pixels | None, placement: AnyPlacement) -> None:
        """Say which mask (h, w) `silhouette` fills, and where; for whoever runs the sketch."""
        self._sight.set_mask(mask, placement)

    def set_camera(self, picture: Pixels | None, placement: AnyPlacement) -> None:
        """Say which picture (h, w, 3) RGB `camera` draws, and where; for whoever runs the sketch.

        To be called anew when the picture has changed.
        """
        self._sight.set_picture(picture, placement)


def _rgba_pixels(surface: Any) -> Pixels:
    if not isinstance(surface, pygame.Surface):
        raise SettingsError(
            f"canvas.image: image is a pygame surface or an array, found {surface!r}; "
            "load a file once, in setup: pygame.image.load('picture.png')"
        )
    width, height = surface.get_size()
    return np.frombuffer(pygame.image.tobytes(surface, "RGBA"), np.uint8).reshape(height, width, 4)
