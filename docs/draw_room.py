"""Draws docs/pictures/room.png: a stage in the camera's picture, the canvas, and the canvas on a wall.

python docs/draw_room.py
"""

from __future__ import annotations

import os
from pathlib import Path

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")

import numpy as np

from posekit.draw import write_picture
from posekit.sketch.canvas import Canvas
from posekit.warp import UNIT, Corners, Warp, rectangle, scaled

PICTURE = Path(__file__).parent / "pictures/room.png"
PAPER, INK, QUIET, FAINT, STAGE, KEYSTONE = "#fbf7ee", "#24303a", "#6b767d", "#d4d8da", "#00798c", "#d1495b"
WIDTH, HEIGHT, TOP = 320, 240, 96
"""Of each panel, and where all three begin, in pixels."""
LEFTS = (40, 430, 820)
FLOOR: Corners = ((0.33, 0.36), (0.72, 0.32), (0.93, 0.86), (0.10, 0.92))
"""Where the camera sees the canvas's corners."""
WALL: Corners = ((0.10, 0.20), (0.86, 0.08), (0.93, 0.90), (0.16, 0.80))
"""Where they are on the projector's own picture."""
FEET = (0.62, 0.6)
"""Where somebody stands, in parts of the canvas."""


def main() -> None:
    canvas = Canvas((1180, 372))
    canvas.background(PAPER)
    panels = (
        ("the camera's picture", "stage: where it sees the four corners", FLOOR, STAGE),
        ("the canvas", "every position a sketch gets", UNIT, INK),
        ("the screen", "keystone: where the corners are shown", WALL, KEYSTONE),
    )
    for left, (title, about, corners, color) in zip(LEFTS, panels, strict=True):
        panel(canvas, left, title, about)
        field(canvas, left, corners, color)
    person(canvas, LEFTS[0])
    for left, word, color in ((LEFTS[0], "stage", STAGE), (LEFTS[1], "keystone", KEYSTONE)):
        arrow(canvas, left + WIDTH + 8, left + WIDTH + 62, word, color)
    write_picture(PICTURE, canvas.pixels)
    print(PICTURE)


def panel(canvas: Canvas, left: float, title: str, about: str) -> None:
    canvas.text(title, (left, TOP - 64), 28, INK)
    canvas.text(about, (left, TOP - 32), 19, QUIET)
    canvas.rect((left, TOP, WIDTH, HEIGHT), "white")
    canvas.rect((left, TOP, WIDTH, HEIGHT), FAINT, width=2)


def field(canvas: Canvas, left: float, corners: Corners, color: str) -> None:
    """Draw the canvas as it lies in a panel: its edge, a grid, a circle, and her place on it."""
    warp = Warp.between(UNIT, scaled(corners, WIDTH, HEIGHT))

    def place(points: object) -> np.ndarray:
        return warp.apply(np.asarray(points, float)) + np.array((left, TOP))

    canvas.polygon(place(UNIT), color, alpha=0.08)
    for part in (0.25, 0.5, 0.75):
        for ends in (((part, 0), (part, 1)), ((0, part), (1, part))):
            canvas.line(*place(ends), color, 1, 0.35)
    turns = np.linspace(0, 2 * np.pi, 90)
    round_her = np.stack((FEET[0] + 0.135 * np.cos(turns), FEET[1] + 0.18 * np.sin(turns)), axis=-1)
    canvas.polygon(place(round_her), color, alpha=0.25)
    canvas.polyline(place(round_her), color, 3)
    canvas.polyline(place(UNIT), color, 3, closed=True)
    for number, corner in enumerate(place(rectangle(0.0, 0.0, 1.0, 1.0)), start=1):
        canvas.circle(corner, 12, color)
        canvas.text(str(number), corner, 19, "white", align="center")
    if corners == UNIT:
        x, y = place(FEET)
        canvas.circle((x, y), 5, INK)
        canvas.text("person.feet", (x, y + 20), 18, INK, align="center")


def person(canvas: Canvas, left: float) -> None:
    """Draw somebody who stands in the circle, as the camera sees her."""
    warp = Warp.between(UNIT, scaled(FLOOR, WIDTH, HEIGHT))
    x, y = warp.apply(np.array(FEET)) + np.array((left, TOP))
    high = 100.0
    hips, neck = (x, y - 0.48 * high), (x, y - 0.80 * high)
    for side in (-1, 1):
        canvas.polyline([hips, (x + side * 6, y - 0.24 * high), (x + side * 7, y)], INK, 5)
        canvas.polyline([neck, (x + side * 13, y - 0.62 * high), (x + side * 15, y - 0.44 * high)], INK, 4)
    canvas.line(hips, neck, INK, 6)
    canvas.circle((x, y - 0.92 * high), 9, INK)


def arrow(canvas: Canvas, start: float, end: float, word: str, color: str) -> None:
    y = TOP + HEIGHT / 2
    canvas.line((start, y), (end - 8, y), color, 4)
    canvas.polygon([(end, y), (end - 14, y - 8), (end - 14, y + 8)], color)
    canvas.text(word, ((start + end) / 2, y - 22), 18, color, align="center")


if __name__ == "__main__":
    main()
