"""What a sketch draws on: a pygame surface with shapes, bodies, light, layers and the camera's picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from posekit import draw
from posekit.draw.clip import is_finite
from posekit.errors import SettingsError
from posekit.keypoint import Keypoint
from posekit.sketch.arguments import called
from posekit.sketch.colors import read_color
from posekit.sketch.ground import ink, seen, surface_pixels
from posekit.sketch.imagery import Imagery
from posekit.sketch.shapes import Shapes
from posekit.sketch.trail import Trail, Trails

if TYPE_CHECKING:
    from collections.abc import Hashable

    from posekit.geometry import Size
    from posekit.sketch.kinds import Blend, Color, Point
    from posekit.sketch.sight import Sight

__all__ = ["Canvas", "Layer", "surface_pixels"]

MOST_LAYERS = 64
"""Layers of a canvas that may be kept at once: more are made in every frame and kept by mistake."""


class Canvas(Shapes, Imagery):
    """A picture to draw on, in pixels: x right, y down, (0, 0) top left.

    A position is anything of two numbers: a keypoint, a vector, a tuple, a numpy array; it may lie between
    pixels and outside. A keypoint that is missing draws nothing. A colour is a name, `"#rrggbb[aa]"`, or
    (red, green, blue[, alpha]) from 0 to 255; `alpha` from 0 to 1 makes anything see-through, `glow` is how
    many pixels its light reaches, and `blend` how it is mixed with what is there. Everything is drawn at
    once, in order. Raises `UnknownNameError` for a colour or blend mode nobody knows, and `SettingsError`
    with the right call for arguments of the wrong shape.
    """

    def __init__(self, size: Size, *, see_through: bool = False, sight: Sight | None = None) -> None:
        super().__init__(size, see_through=see_through, sight=sight)
        self._trails = Trails()
        self._layers: WeakSet[Layer] = WeakSet()
        self._named: dict[Hashable, Layer] = {}

    @called("background((255, 204, 0))")
    def background(self, color: Color) -> None:
        """Fill the canvas; with alpha below 255 what was there fades, `"camera"` fills with the picture."""
        if isinstance(color, str) and color == "camera":
            self._surface.fill((0, 0, 0))
            self.camera()
            return
        red, green, blue, alpha = read_color(color)
        if alpha == 255:
            self._surface.fill((red, green, blue))
        else:
            goal = (blue, green, red, 255) if self._see_through else (blue, green, red)
            draw.fade(self.pixels, goal, alpha / 255)

    @called("trail(person.left_wrist, color)")
    def trail(
        self,
        position: Point,
        color: Color = "white",
        width: float = 8,
        seconds: float = 1.0,
        alpha: float = 1,
        *,
        key: Hashable | None = None,
        glow: float = 0.0,
        blend: Blend = "normal",
    ) -> None:
        """Draw where something has been in the last seconds: a ribbon that tapers and fades.

        The canvas remembers a person's keypoints from frame to frame. Anything else needs a name of its own:
        `canvas.trail(ball, "gold", key="ball")`. What is missing, or is not asked for any more, fades away.
        """
        draw.check_blend(blend)
        bgr, opacity = ink(color, alpha)
        if not seconds > 0:
            raise ValueError

        def stroke(trail: Trail) -> None:
            for path in trail.paths(self._trails.now, seconds):
                draw.lay_ribbon(self.pixels, draw.ribbon(path, width), bgr, opacity, glow, blend)

        stroke(self._trails.follow(_name_of(position) if key is None else key, position, seconds, stroke))

    def layer(self, name: Hashable | None = None, *, size: Size | None = None) -> Layer:
        """Return a see-through canvas to draw on aside, as big as this one unless it is said.

        It keeps what is on it from frame to frame. With a name it is the same one each time; without, a new
        one: make it once, in `setup`. Raises `SettingsError` when too many are kept.
        """
        if name is not None and name in self._named:
            return self._named[name]
        if len(self._layers) >= MOST_LAYERS:
            raise SettingsError(
                f"there are {MOST_LAYERS} layers already; make each once, in setup, or give it a name by "
                'which it is found again: canvas.layer("echo")'
            )
        made = Layer(size or self._size, self)
        self._layers.add(made)
        if name is not None:
            self._named[name] = made
        return made

    @called("draw_layer(layer)")
    def draw_layer(self, layer: Layer, alpha: float = 1, *, blend: Blend = "normal") -> None:
        """Draw a layer over all of the canvas."""
        draw.check_blend(blend)
        layer.end_frame()
        if is_finite(alpha) and alpha > 0:
            self._lay(draw.resized_layer(layer.pixels, self._size, seen(alpha)), blend=blend)

    def begin_frame(self, time: float) -> None:
        """Note the time of a new frame, in seconds; for whoever runs the sketch."""
        self._trails.begin_frame(time)
        for layer in self._layers:
            layer.begin_frame(time)

    def end_frame(self) -> None:
        """Let the trails fade that nobody asked for in this frame; for whoever runs the sketch."""
        self._trails.let_fade()


class Layer(Canvas):
    """A see-through canvas to draw on aside, with the same calls, that can be drawn, blurred and fed back."""

    def __init__(self, size: Size, canvas: Canvas) -> None:
        super().__init__(size, see_through=True, sight=canvas._sight.for_size(size))
        self._trails.now = canvas._trails.now
        self._spare: Any = None

    def clear(self) -> None:
        """Make all of it see-through."""
        self._surface.fill((0, 0, 0, 0))

    @called("feedback(zoom=1.02, turn=1, shift=(0, -2), fade=0.05)", on="layer")
    def feedback(
        self, zoom: float = 1.0, turn: float = 0.0, shift: Point = (0, 0), fade: float = 0.05
    ) -> None:
        """Redraw it from itself a little larger, turned, shifted and dimmer, for echoes.

        `zoom` is about the middle, `turn` in degrees clockwise, `shift` in pixels, `fade` from 0 to 1: the
        part that goes in this frame.
        """
        x, y = shift
        pixels = self.pixels
        if self._spare is None:
            self._spare = pixels.copy()
        draw.feed_back(pixels, self._spare, zoom, turn, (x, y), fade)

    @called("blur(radius)", on="layer")
    def blur(self, radius: float) -> None:
        """Soften it, by about so many pixels."""
        draw.soften(self.pixels, radius)


def _name_of(position: Any) -> Hashable:
    """Return what a person's keypoint is remembered by; raises `SettingsError` for anything else."""
    if isinstance(position, Keypoint) and position.person_id:
        return position.person_id, position.name
    raise SettingsError(
        "only a person's keypoints are known from frame to frame; give anything else a name: "
        'canvas.trail((x, y), color, key="ball")'
    )
