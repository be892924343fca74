"""Draws docs/pictures/coordinates.png: one body as the camera sees it and on a mirrored canvas.

python docs/draw_coordinates.py
"""

from __future__ import annotations

import os
from pathlib import Path

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")

import numpy as np

from posekit.draw import write_picture
from posekit.skeleton import COCO_17
from posekit.sketch.canvas import Canvas

PICTURE = Path(__file__).parent / "pictures/coordinates.png"
PAPER, INK, FAINT, LEFT, RIGHT = "#fbf7ee", "#24303a", "#b9c0c4", "#d1495b", "#00798c"
WIDTH, HEIGHT = 480, 270
"""Of each panel, in pixels."""
BODY = np.array(
    [
        *((0.50, 0.20), (0.515, 0.18), (0.485, 0.18), (0.53, 0.19), (0.47, 0.19)),
        *((0.555, 0.33), (0.445, 0.33), (0.62, 0.27), (0.40, 0.47), (0.66, 0.15), (0.39, 0.60)),
        *((0.535, 0.60), (0.465, 0.60), (0.535, 0.78), (0.465, 0.78), (0.535, 0.95), (0.465, 0.95)),
    ]
)
"""(17, 2): somebody who raises her left hand, image-normalised as a camera in front of her sees it."""
WRIST = COCO_17.find("left_wrist")


def main() -> None:
    canvas = Canvas((1120, 395))
    canvas.background(PAPER)
    picture_panel(canvas, 50, 90)
    canvas_panel(canvas, 590, 90)
    write_picture(PICTURE, canvas.pixels)
    print(PICTURE)


def picture_panel(canvas: Canvas, left: float, top: float) -> None:
    """Draw the camera's picture: from 0 to 1, never mirrored."""
    title(canvas, left, top, "engine, recordings, every wire", "the camera's picture, 0 to 1, never mirrored")
    places = BODY * (WIDTH, HEIGHT) + (left, top)
    panel(canvas, left, top, ("(0, 0)", "(1, 1)"))
    body(canvas, places)
    say_wrist(canvas, places[WRIST], "left_wrist (0.66, 0.15)", "left")


def canvas_panel(canvas: Canvas, left: float, top: float) -> None:
    """Draw the same on a canvas of 1280 x 720 that is mirrored."""
    title(canvas, left, top, "your sketch", "canvas pixels, here of 1280 x 720, as in a mirror")
    places = (1 - BODY[:, 0], BODY[:, 1]) * np.array([[WIDTH], [HEIGHT]]) + [[left], [top]]
    panel(canvas, left, top, ("(0, 0)", "(1280, 720)"))
    body(canvas, places.T)
    say_wrist(canvas, places.T[WRIST], "left_wrist (435, 108)", "right")


def title(canvas: Canvas, left: float, top: float, text: str, about: str) -> None:
    canvas.text(text, (left, top - 62), 28, INK)
    canvas.text(about, (left, top - 30), 20, "#6b767d")


def panel(canvas: Canvas, left: float, top: float, corners: tuple[str, str]) -> None:
    """Draw a frame with its axes and the names of two corners."""
    canvas.rect((left, top, WIDTH, HEIGHT), "white")
    canvas.rect((left, top, WIDTH, HEIGHT), FAINT, width=2)
    for end, name, at in (
        ((left + 90, top), "x", (left + 102, top - 11)),
        ((left, top + 90), "y", (left - 22, top + 80)),
    ):
        canvas.line((left, top), end, INK, 3)
        canvas.circle(end, 5, INK)
        canvas.text(name, at, 22, INK)
    canvas.circle((left, top), 5, INK)
    canvas.text(corners[0], (left + 10, top + 8), 20, INK)
    canvas.circle((left + WIDTH, top + HEIGHT), 5, INK)
    canvas.text(corners[1], (left + WIDTH - 10, top + HEIGHT - 26), 20, INK, align="right")


def body(canvas: Canvas, places: np.ndarray) -> None:
    """Draw a skeleton, her own left in red and her own right in blue."""
    for start, end in COCO_17.bones:
        names = COCO_17.keypoints[start], COCO_17.keypoints[end]
        sides = {name.partition("_")[0] for name in names}
        color = LEFT if sides == {"left"} else RIGHT if sides == {"right"} else INK
        canvas.line(places[start], places[end], color, 6)
    canvas.circle(places[0], 17, INK)
    canvas.circle(places[WRIST], 10, LEFT)


def say_wrist(canvas: Canvas, place: np.ndarray, text: str, align: str) -> None:
    x, y = place
    canvas.text(text, (x + (18 if align == "left" else -18), y - 10), 20, LEFT, align=align)


if __name__ == "__main__":
    main()
