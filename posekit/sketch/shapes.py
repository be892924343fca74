"""The shapes that a canvas draws: circles, lines, polygons, rectangles, curves and bodies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from posekit import draw
from posekit.draw.clip import points_array
from posekit.sketch.arguments import called
from posekit.sketch.ground import Ground, ink

if TYPE_CHECKING:
    from collections.abc import Sequence

    from posekit.draw.outline import Outline
    from posekit.pose import Box
    from posekit.sketch.kinds import Blend, Color, Point, Points

SKELETON_WIDTH = 120
"""A skeleton's bones are one 120th of the canvas's height thick unless a width is given."""


class Shapes(Ground):
    """Drawing calls for shapes. Each takes `alpha`, `glow` and `blend`.

    `glow` is how many pixels a shape's light reaches beyond it; `blend` is how it and what is there become
    one: "normal" covers, "add" and "screen" are light, "multiply" is a dye, "erase" a hole in a layer.
    """

    @called("circle((x, y), radius, color)")
    def circle(
        self,
        position: Point,
        radius: float,
        color: Color = "white",
        width: float = 0,
        alpha: float = 1,
        *,
        glow: float = 0.0,
        blend: Blend = "normal",
    ) -> None:
        """Draw a disc of `radius` pixels, or with `width` a ring whose line is that many pixels thick."""
        self._put(draw.disc(self.pixels, position, radius, width), color, alpha, glow, blend)

    @called("line((x1, y1), (x2, y2), color)")
    def line(
        self,
        start: Point,
        end: Point,
        color: Color = "white",
        width: float = 2,
        alpha: float = 1,
        *,
        glow: float = 0.0,
        blend: Blend = "normal",
    ) -> None:
        """Draw a line with round ends, `width` pixels thick."""
        self._put(draw.path((start, end), width), color, alpha, glow, blend)

    @called("polyline([(x1, y1), (x2, y2), ...], color)")
    def polyline(
        self,
        points: Points,
        color: Color = "white",
        width: float = 2,
        alpha: float = 1,
        *,
        closed: bool = False,
        glow: float = 0.0,
        blend: Blend = "normal",
    ) -> None:
        """Draw a line through points, `width` pixels thick; a missing one leaves a gap."""
        self._put(draw.path(points, width, closed=closed), color, alpha, glow, blend)

    @called("curve([(x1, y1), (x2, y2), (x3, y3), ...], color)")
    def curve(
        self,
        points: Points,
        color: Color = "white",
        width: float = 2,
        alpha: float = 1,
        *,
        closed: bool = False,
        glow: float = 0.0,
        blend: Blend = "normal",
    ) -> None:
        """Draw a smooth line through points, `width` pixels thick; a missing one leaves a gap.

        With `closed=True` it returns to its beginning, and then `width=0` fills it, around the points that
        are not missing.
        """
        xy = points_array(points)
        outline: Outline | None
        if closed and width <= 0:
            outline = draw.closed_curve(xy)
        else:
            outline = draw.strokes(draw.curve_ends(xy, closed=closed), width)
        self._put(outline, color, alpha, glow, blend)

    @called("polygon([(x1, y1), (x2, y2), (x3, y3)], color)")
    def polygon(
        self,
        corners: Points,
        color: Color = "white",
        width: float = 0,
        alpha: float = 1,
        *,
        glow: float = 0.0,
        blend: Blend = "normal",
    ) -> None:
        """Fill a polygon, or with `width` draw its outline; with a corner missing nothing is drawn."""
        self._put(draw.area(corners, width), color, alpha, glow, blend)

    @called("rect((x, y, width, height), color)")
    def rect(
        self,
        box: Box | Sequence[float],
        color: Color = "white",
        width: float = 0,
        alpha: float = 1,
        *,
        glow: float = 0.0,
        blend: Blend = "normal",
    ) -> None:
        """Fill an upright rectangle, or with `width` draw its outline.

        `box` is `person.box` or (x, y, width, height): its top left corner and its sides, in pixels.
        """
        # Whatever has these four is a box, a pygame rectangle too.
        sides: Any = (box.x, box.y, box.width, box.height) if hasattr(box, "width") else box  # type: ignore[union-attr]
        x, y, across, down = sides
        self._put(draw.upright((x, y, across, down), width), color, alpha, glow, blend)

    @called("skeleton(person, color)")
    def skeleton(
        self,
        person: Any,
        color: Color | None = None,
        width: float | None = None,
        alpha: float = 1,
        *,
        glow: float = 0.0,
        blend: Blend = "normal",
    ) -> None:
        """Draw a person's bones and keypoints; without a colour in one that is hers alone.

        `width` is the bones' thickness in pixels. None for a person (no lead, say) draws nothing.
        """
        if person is None:
            return
        color = draw.person_color(person.id) if color is None else color
        width = max(1, self.height / SKELETON_WIDTH) if width is None else width
        bones, keypoints = draw.body_outlines(person.xy, width, person.skeleton)
        (blue, green, red), alpha = ink(color, alpha)
        self._put(bones, (red, green, blue), alpha, glow, blend)
        # The light of the bones is that of the keypoints on their ends too.
        self._put(keypoints, draw.lighter((red, green, blue)), alpha, 0.0, blend)
