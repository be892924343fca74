"""What visitors see while something is mended: a title and a quiet line on black."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posekit.sketch.canvas import Canvas
from posekit.sketch.letters import letters

if TYPE_CHECKING:
    from posekit.geometry import Size

TITLE_SHARE, LINE_SHARE = 7, 18
"""The shorter side of a screen in heights of the letters."""
WIDTH_SHARE = 0.8
"""Of the screen, for the longest line."""
SMALLEST_LETTERS = 12
INK, QUIET = (226, 224, 218), (138, 138, 134)


def draw_title_card(size: Size, title: str, line: str) -> Canvas:
    """Return a card as large as a screen; what is too long for it is made smaller, and black says nothing."""
    canvas = Canvas(size)
    width, height = size
    measure = min(size)
    big = _fitting(title, measure / TITLE_SHARE, width * WIDTH_SHARE)
    small = _fitting(line, measure / LINE_SHARE, width * WIDTH_SHARE)
    middle = height * 0.46 if title and line else height / 2
    if title:
        canvas.text(title, (width / 2, middle), big, INK, "center")
    if line:
        below = middle + (big * 0.62 + small * 0.9 if title else 0)
        canvas.text(line, (width / 2, below), small, QUIET, "center")
    return canvas


def _fitting(text: str, size: float, width: float) -> int:
    """Return how large letters are so that a line is no wider than this."""
    wanted = max(SMALLEST_LETTERS, round(size))
    wide = letters(text, wanted, (255, 255, 255)).shape[1] if text else 0
    return wanted if wide <= width else max(SMALLEST_LETTERS, int(wanted * width / wide))
