"""What the zone editor shows: the room, the zones with their names and counts, and what can be done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from posekit.draw import person_color

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from posekit.sketch.canvas import Canvas
    from posekit.zones import Zone

HELP = (
    "click: corner   Enter or double click: close   drag: move a corner   Backspace: one back",
    "over a zone: N name   W what counts   Delete       S save   Esc leave",
)
LETTERS_SHARE = 30
"""The canvas's height in heights of the letters."""
SMALLEST_LETTERS = 15


@dataclass(frozen=True)
class Drawing:
    """What is to be seen; points are (K, 2) canvas pixels."""

    zones: Sequence[tuple[Zone, NDArray[np.float32], int]]
    """Each with its corners and how many people are in it."""
    unfinished: NDArray[np.float32]
    """The corners of the polygon that is being drawn."""
    mouse: tuple[float, float] | None
    chosen: int | None
    """Which of the zones the mouse is over."""
    message: str


def grip_size(canvas: Canvas) -> float:
    """Return the radius in pixels of a corner that can be taken hold of."""
    return max(5.0, canvas.height / 110)


def draw_zones(canvas: Canvas, drawing: Drawing) -> None:
    """Draw the editor's view over the canvas."""
    canvas.camera(alpha=0.6)
    grip, letters = grip_size(canvas), max(SMALLEST_LETTERS, canvas.height / LETTERS_SHARE)
    for at, (zone, corners, count) in enumerate(drawing.zones):
        color = person_color(at + 1)
        canvas.polygon(corners, color, alpha=0.5 if count else 0.25)
        canvas.polyline(corners, color, grip * (0.8 if at == drawing.chosen else 0.4), closed=True)
        for corner in corners:
            canvas.circle(corner, grip, "white")
            canvas.circle(corner, grip * 0.6, color)
        words = zone.name if zone.what == "feet" else f"{zone.name} ({zone.what})"
        _label(canvas, f"{words}: {count}", corners.mean(axis=0), letters)
    if len(drawing.unfinished):
        path = drawing.unfinished if drawing.mouse is None else np.vstack((drawing.unfinished, drawing.mouse))
        canvas.polyline(path, "white", grip * 0.4)
        for corner in drawing.unfinished:
            canvas.circle(corner, grip, "white")
    lines = [*HELP, drawing.message]
    canvas.rect((0, 0, canvas.width, letters * (0.4 + 0.9 * sum(map(bool, lines)))), "black", alpha=0.7)
    for number, line in enumerate(lines):
        ink = "white" if number < len(HELP) else "gold"
        canvas.text(line, (letters / 2, letters * (0.25 + 0.9 * number)), size=letters, color=ink)


def _label(canvas: Canvas, words: str, place: NDArray[np.float32], letters: float) -> None:
    x, y = place.tolist()
    for dx, dy in ((-1, 0), (1, 0), (0, -1), (0, 1)):
        canvas.text(words, (x + dx * 1.5, y + dy * 1.5), size=letters * 1.2, color="black", align="center")
    canvas.text(words, (x, y), size=letters * 1.2, align="center")
