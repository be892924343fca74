"""Anti-aliased drawing on arrays of pixels: shapes, bodies, pictures and video files."""

from __future__ import annotations

from posekit.draw.bodies import draw_poses, skeleton
from posekit.draw.colors import lighter, person_color
from posekit.draw.fade import fade
from posekit.draw.mask import PlacedMask
from posekit.draw.picture import PlacedPicture, paste, place_picture
from posekit.draw.shapes import circle, line, polygon, polyline, rectangle
from posekit.draw.video import VideoWriter, open_video, write_picture

__all__ = [
    "PlacedMask",
    "PlacedPicture",
    "VideoWriter",
    "circle",
    "draw_poses",
    "fade",
    "lighter",
    "line",
    "open_video",
    "paste",
    "person_color",
    "place_picture",
    "polygon",
    "polyline",
    "rectangle",
    "skeleton",
    "write_picture",
]
