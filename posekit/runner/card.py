"""How tools look: a dark card one can see through, one accent colour, letters that fit the canvas."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from posekit.runner.panel import ACCENT, ALARM, GROUND, INK, QUIET
from posekit.sketch.letters import letters

if TYPE_CHECKING:
    from posekit.sketch.canvas import Canvas
    from posekit.sketch.kinds import Color

__all__ = ["ACCENT", "ALARM", "FAINT", "GROUND", "INK", "QUIET"]

FAINT = (70, 78, 88)
"""What is there and not on."""
LETTERS_SHARE = 30
"""The canvas's shorter side in heights of the letters."""
SMALLEST_LETTERS = 21
"""Pygame's font has no dot on its i at 19 and 20 pixels."""
OPACITY = 0.86
ROUND_STEPS = 6
"""Corners of a round corner."""

Box = tuple[float, float, float, float]
"""Left, top, width and height in pixels."""


def letter_size(canvas: Canvas) -> int:
    """Return the height in pixels of a tool's letters, which is the measure of everything else."""
    return max(SMALLEST_LETTERS, round(min(canvas.size) / LETTERS_SHARE))


def small(size: int) -> int:
    """Return the height of what is said beside something else."""
    return max(SMALLEST_LETTERS, round(size * 0.9))


def text_width(text: str, size: int) -> int:
    """Return how wide a line of text is in pixels."""
    return int(letters(text, size, (255, 255, 255)).shape[1]) if text else 0


def shorten(text: str, size: int, width: float) -> str:
    """Return a text that is `width` pixels wide at most, its end cut off where it has to be."""
    if text_width(text, size) <= width:
        return text
    fitting = next(
        (end for end in range(len(text) - 1, 0, -1) if text_width(f"{text[:end]}...", size) <= width), 0
    )
    return f"{text[:fitting]}..." if fitting else ""


def wrap(text: str, size: int, width: float, most: int) -> list[str]:
    """Return a text in at most `most` lines, `width` pixels wide; what remains is cut off."""
    lines = [""]
    words = text.split()
    for at, word in enumerate(words):
        longer = f"{lines[-1]} {word}".strip()
        if text_width(longer, size) <= width or not lines[-1]:
            lines[-1] = longer
        elif len(lines) < most:
            lines.append(word)
        else:
            lines[-1] = " ".join([lines[-1], *words[at:]])
            break
    return [shorten(line, size, width) for line in lines if line]


def write(
    canvas: Canvas, text: str, x: float, middle: float, size: int, color: Color = INK, align: Any = "left"
) -> None:
    """Write a line whose middle is at a height; `x` is its left, its right or its middle."""
    if text:
        high = letters(text, size, (255, 255, 255)).shape[0]
        # Small letters stand below a line's middle, and most letters are small.
        middle += size * 0.06
        top = middle if align == "center" else middle - high / 2
        canvas.text(text, (x, top), size=size, color=color, align=align)


def rounded(
    canvas: Canvas, box: Box, color: Color, radius: float, alpha: float = 1, width: float = 0
) -> None:
    """Fill a box with round corners, or with `width` draw its outline."""
    left, top, across, down = box
    if across <= 0 or down <= 0:
        return
    radius = min(radius, across / 2, down / 2)
    middles = (
        (left + across - radius, top + down - radius, 0),
        (left + radius, top + down - radius, 90),
        (left + radius, top + radius, 180),
        (left + across - radius, top + radius, 270),
    )
    corners = [
        (x + radius * math.cos(turn), y + radius * math.sin(turn))
        for x, y, start in middles
        for turn in (math.radians(start + 90 * step / ROUND_STEPS) for step in range(ROUND_STEPS + 1))
    ]
    canvas.polygon(corners, color, width, alpha)


def card(canvas: Canvas, box: Box, opacity: float = OPACITY) -> None:
    """Lay a card over the canvas."""
    radius = letter_size(canvas) * 0.5
    rounded(canvas, box, GROUND, radius, opacity)
    rounded(canvas, box, FAINT, radius, 0.5, 1)


def is_inside(position: tuple[float, float], box: Box) -> bool:
    """Whether a place is in a box."""
    left, top, width, height = box
    return left <= position[0] < left + width and top <= position[1] < top + height
