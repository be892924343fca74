"""Anti-aliased drawing on arrays of pixels: shapes, bodies, pictures and video files."""

from __future__ import annotations

from posekit.draw.blend import (
    LIGHTS,
    MODES,
    check_blend,
    colored,
    covered,
    dimmed,
    lay,
    lay_at,
    lay_outline,
    light,
    resized_layer,
    tinted,
    tinted_cover,
)
from posekit.draw.bodies import body_outlines, draw_poses, skeleton
from posekit.draw.colors import lighter, person_color
from posekit.draw.curve import closed_curve, curve_ends, smooth
from posekit.draw.fade import fade
from posekit.draw.feedback import feed_back, soften
from posekit.draw.glow import halo, halo_of_cover, lay_ribbon, radial
from posekit.draw.gradient import linear
from posekit.draw.mask import PlacedMask
from posekit.draw.outline import disc, path, strokes, upright
from posekit.draw.outline import polygon as area
from posekit.draw.picture import PlacedPicture, cut, paste, place_picture
from posekit.draw.ribbon import ribbon
from posekit.draw.shapes import circle, line, polygon, polyline, rectangle, stamp
from posekit.draw.video import VideoWriter, open_video, write_picture

__all__ = [
    "LIGHTS",
    "MODES",
    "PlacedMask",
    "PlacedPicture",
    "VideoWriter",
    "area",
    "body_outlines",
    "check_blend",
    "circle",
    "closed_curve",
    "colored",
    "covered",
    "curve_ends",
    "cut",
    "dimmed",
    "disc",
    "draw_poses",
    "fade",
    "feed_back",
    "halo",
    "halo_of_cover",
    "lay",
    "lay_at",
    "lay_outline",
    "lay_ribbon",
    "light",
    "lighter",
    "line",
    "linear",
    "open_video",
    "paste",
    "path",
    "person_color",
    "place_picture",
    "polygon",
    "polyline",
    "radial",
    "rectangle",
    "resized_layer",
    "ribbon",
    "skeleton",
    "smooth",
    "soften",
    "stamp",
    "strokes",
    "tinted",
    "tinted_cover",
    "upright",
    "write_picture",
]
