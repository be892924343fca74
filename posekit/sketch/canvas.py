"""What a sketch draws on: a pygame surface with anti-aliased shapes, bodies and the camera's picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from posekit import draw
from posekit.draw.clip import is_finite
from posekit.errors import SettingsError, UnknownNameError
from posekit.keypoint import Vector
from posekit.sketch.arguments import called
from posekit.sketch.colors import RGBA, read_color
from posekit.sketch.letters import letters
from posekit.sketch.quiet_pygame import pygame

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from posekit.geometry import Placement, Size

BGRX_MASKS = (0xFF0000, 0x00FF00, 0x0000FF, 0)
"""Red, green, blue and no alpha in a 32-bit pixel: in memory blue, green, red, unused; OpenCV's own order."""
SKELETON_WIDTH = 120
"""A skeleton's bones are one 120th of the canvas's height thick unless a width is given."""

Align = Literal["left", "center", "right"]
ALIGNS: tuple[Align, ...] = ("left", "center", "right")


class Canvas:
    """A picture to draw on, in pixels: x right, y down, (0, 0) top left.

    A position is anything of two numbers: a keypoint, a vector, a tuple, a numpy array; it may lie between
    pixels and outside. A keypoint that is missing draws nothing. A colour is a name, `"#rrggbb[aa]"`, or
    (red, green, blue[, alpha]) from 0 to 255; `alpha` from 0 to 1 makes anything see-through. Everything is
    drawn at once, in order, over what is there. Raises `UnknownNameError` for a colour nobody knows, and
    `SettingsError` with the right call for arguments of the wrong shape.
    """

    def __init__(self, size: Size) -> None:
        self._surface = pygame.Surface(size, 0, 32, BGRX_MASKS)
        self._size = size
        self._camera = draw.PlacedPicture()
        self._silhouette = draw.PlacedMask()

    @property
    def surface(self) -> Any:
        """The pygame `Surface` itself, for everything that pygame can draw."""
        return self._surface

    @property
    def pixels(self) -> NDArray[np.uint8]:
        """The surface's own memory as (H, W, 4) uint8: blue, green, red, unused.

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

    @called("background((255, 204, 0))")
    def background(self, color: Any) -> None:
        """Fill the canvas; with alpha below 255 what was there fades, `"camera"` fills with the picture."""
        if isinstance(color, str) and color == "camera":
            self._surface.fill((0, 0, 0))
            self.camera()
            return
        red, green, blue, alpha = read_color(color)
        if alpha == 255:
            self._surface.fill((red, green, blue))
        else:
            draw.fade(self.pixels, (blue, green, red), alpha / 255)

    @called("circle((x, y), radius, color)")
    def circle(
        self, position: Any, radius: float, color: Any = "white", width: float = 0, alpha: float = 1
    ) -> None:
        """Draw a disc of `radius` pixels, or with `width` a ring whose line is that many pixels thick."""
        bgr, alpha = _ink(color, alpha)
        draw.circle(self.pixels, position, radius, bgr, width, alpha)

    @called("line((x1, y1), (x2, y2), color)")
    def line(self, start: Any, end: Any, color: Any = "white", width: float = 2, alpha: float = 1) -> None:
        """Draw a line with round ends, `width` pixels thick."""
        bgr, alpha = _ink(color, alpha)
        draw.line(self.pixels, start, end, bgr, width, alpha)

    @called("polyline([(x1, y1), (x2, y2), ...], color)")
    def polyline(
        self, points: Any, color: Any = "white", width: float = 2, alpha: float = 1, *, closed: bool = False
    ) -> None:
        """Draw a line through points, `width` pixels thick; a missing one leaves a gap."""
        bgr, alpha = _ink(color, alpha)
        draw.polyline(self.pixels, points, bgr, width, alpha, closed=closed)

    @called("polygon([(x1, y1), (x2, y2), (x3, y3)], color)")
    def polygon(self, corners: Any, color: Any = "white", width: float = 0, alpha: float = 1) -> None:
        """Fill a polygon, or with `width` draw its outline; with a corner missing nothing is drawn."""
        bgr, alpha = _ink(color, alpha)
        draw.polygon(self.pixels, corners, bgr, width, alpha)

    @called("rect((x, y, width, height), color)")
    def rect(self, box: Any, color: Any = "white", width: float = 0, alpha: float = 1) -> None:
        """Fill an upright rectangle, or with `width` draw its outline.

        `box` is `person.box` or (x, y, width, height): its top left corner and its sides, in pixels.
        """
        bgr, alpha = _ink(color, alpha)
        x, y, across, down = (box.x, box.y, box.width, box.height) if hasattr(box, "width") else box
        draw.rectangle(self.pixels, (x, y, across, down), bgr, width, alpha)

    @called("text(text, (x, y), size)")
    def text(
        self,
        text: object,
        position: Any,
        size: float = 32,
        color: Any = "white",
        align: Align = "left",
        alpha: float = 1,
    ) -> None:
        """Write text, `size` pixels high, in lines where it has line breaks.

        `position` is the top left corner; with `align="right"` the top right one, with `"center"` the middle
        of the whole. Raises `UnknownNameError` for any other `align`.
        """
        if align not in ALIGNS:
            raise UnknownNameError("align", align, ALIGNS)
        red, green, blue, opacity = read_color(color)
        x, y = position
        if not is_finite(x, y, size, alpha) or size < 1:
            return
        # Letters taller than the canvas show nothing more, and would take memory without end.
        made = letters(str(text), round(min(size, 2 * self.height)), (red, green, blue))
        width, height = made.shape[1], made.shape[0]
        left = x - {"left": 0.0, "center": width / 2, "right": width}[align]
        top = y - (height / 2 if align == "center" else 0)
        # Letters are made on whole pixels and only stay sharp there.
        draw.paste(self.pixels, made, round(left), round(top), (width, height), _seen(alpha, opacity))

    @called("image(image, (x, y), (width, height))")
    def image(
        self, image: Any, position: Any = (0, 0), size: tuple[float, float] | None = None, alpha: float = 1
    ) -> None:
        """Draw a picture with its top left at `position`, `size` (width, height) pixels or as big as it is.

        `image` is a pygame `Surface` or an array (h, w, 3) RGB or (h, w, 4) RGBA, uint8.
        """
        x, y = position
        pixels = image if isinstance(image, np.ndarray) else _rgba_pixels(image)
        if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] not in (3, 4):
            raise ValueError(
                f"an image is (h, w, 3) or (h, w, 4) uint8; found {pixels.shape} {pixels.dtype.name}"
            )
        order = (2, 1, 0) if pixels.shape[2] == 3 else (2, 1, 0, 3)
        draw.paste(self.pixels, pixels[:, :, order], x, y, size or pixels.shape[1::-1], alpha)

    @called("skeleton(person, color)")
    def skeleton(self, person: Any, color: Any = None, width: float | None = None, alpha: float = 1) -> None:
        """Draw a person's bones and keypoints; without a colour in one that is hers alone.

        `width` is the bones' thickness in pixels. None for a person (no lead, say) draws nothing.
        """
        if person is None:
            return
        red, green, blue, opacity = read_color(draw.person_color(person.id) if color is None else color)
        dots = draw.lighter((blue, green, red))
        draw.skeleton(
            self.pixels,
            person.xy,
            (blue, green, red, 255),
            width=max(1, self.height / SKELETON_WIDTH) if width is None else width,
            dots=(*dots, 255),
            alpha=_seen(alpha, opacity),
            bodies=person.skeleton,
        )

    @called("camera(alpha=0.5)")
    def camera(self, alpha: float = 1) -> None:
        """Draw the camera's picture, fitted and mirrored as the people are; nothing when there is none."""
        self._camera.draw(self.pixels, alpha)

    @called("silhouette(color)")
    def silhouette(self, color: Any = "white", alpha: float = 1) -> None:
        """Fill everybody's outline, fitted and mirrored as the people are; `"camera"` cuts them out of it.

        Nothing is drawn where there is no silhouette: they come from BlazePose, for a sketch that says
        `mask = True`.
        """
        if isinstance(color, str) and color == "camera":
            self._silhouette.draw(self.pixels, self._camera, alpha)
            return
        bgr, alpha = _ink(color, alpha)
        self._silhouette.draw(self.pixels, bgr[:3], alpha)

    def set_mask(self, mask: NDArray[np.uint8] | None, placement: Placement) -> None:
        """Say which mask (h, w) `silhouette` fills, and where; for whoever runs the sketch."""
        self._silhouette.set(mask, placement)

    def set_camera(self, picture: NDArray[np.uint8] | None, placement: Placement) -> None:
        """Say which picture (h, w, 3) RGB `camera` draws, and where; for whoever runs the sketch.

        To be called anew when the picture has changed.
        """
        self._camera.set(picture, placement)


def _ink(color: Any, alpha: float) -> tuple[RGBA, float]:
    """Return a colour in the surface's order, and how opaque it is from 0 to 1."""
    red, green, blue, opacity = read_color(color)
    return (blue, green, red, 255), _seen(alpha, opacity)


def _seen(alpha: float, opacity: int) -> float:
    """Return how opaque something is, from 0 to 1, whose colour has an opacity from 0 to 255 of its own."""
    return min(max(alpha, 0), 1) * opacity / 255


def surface_pixels(surface: Any) -> NDArray[np.uint8]:
    """Return the memory of a surface of 32 bits a pixel as (H, W, 4) uint8; kept, it keeps that locked."""
    width, height = surface.get_size()
    memory: NDArray[np.uint8] = np.frombuffer(surface.get_view("0"), np.uint8)
    return memory.reshape(height, surface.get_pitch() // 4, 4)[:, :width]


def _rgba_pixels(surface: Any) -> NDArray[np.uint8]:
    if not isinstance(surface, pygame.Surface):
        raise SettingsError(
            f"canvas.image: image is a pygame surface or an array, found {surface!r}; "
            "load a file once, in setup: pygame.image.load('picture.png')"
        )
    width, height = surface.get_size()
    return np.frombuffer(pygame.image.tobytes(surface, "RGBA"), np.uint8).reshape(height, width, 4)
