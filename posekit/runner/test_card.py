"""The test card (F6): edges, corners, rulers, colours and a line that runs, for whoever hangs screens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from posekit.runner.card import letter_size, write
from posekit.runner.tool import Tool
from posekit.sketch.canvas import Canvas

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from posekit.clock import Clock
    from posekit.geometry import Size
    from posekit.runner.screens import Screens

PAPER, FINE, STRONG, MARK = (22, 24, 28), (52, 57, 66), (104, 112, 124), (255, 200, 60)
BARS = ("white", "yellow", "cyan", "lime", "magenta", "red", "blue")
GREYS = 11
"""Steps from black to white; whoever sees them all has the projector's black and white right."""
SAFE_SHARE = 0.05
"""What is inside is seen though an edge be cut off by a frame or a curtain: a twentieth on each side."""
SWEEP_SECONDS = 4.0
"""How long the running line takes; it is one line as long as nothing tears."""
TICKS = (10, 50, 100)
"""Pixels between small, middle and numbered ticks."""


@dataclass(frozen=True)
class Sheet:
    """What a test card says of one screen."""

    box: tuple[int, int, int, int]
    """Left, top, width and height of its part of the canvas."""
    words: tuple[str, ...]
    width_m: float | None
    """How many metres the box's width is, where that is known."""


class TestCard(Tool):
    """Shows a test card on every screen in place of the sketch, which goes on behind it."""

    name, key_name = "test card", "f6"
    help = "test card on every screen"
    __test__ = False  # pytest takes the name for a test's

    def __init__(self, screens: Screens, clock: Clock) -> None:
        self._screens, self._clock = screens, clock
        self._painted = PaintedCards()

    def draw(self, canvas: Canvas) -> None:
        """Lay the card over the canvas."""
        self._painted.draw(canvas, sheets(self._screens), self._clock.now())


class PaintedCards:
    """Cards drawn once and copied from then on; only the running line is drawn anew."""

    def __init__(self) -> None:
        self._drawn: tuple[Size, tuple[Sheet, ...]] | None = None
        self._pixels: NDArray[np.uint8] | None = None

    def draw(self, canvas: Canvas, cards: Sequence[Sheet], now: float) -> None:
        """Draw cards on a canvas."""
        wanted = (canvas.size, tuple(cards))
        if self._pixels is None or self._drawn != wanted:
            made = Canvas(canvas.size)
            for card in cards:
                draw_card(made, card)
            self._drawn, self._pixels = wanted, made.pixels.copy()
        np.copyto(canvas.pixels, self._pixels)
        for card in cards:
            left, top, width, height = card.box
            x = left + int(now / SWEEP_SECONDS % 1 * width)
            thick = max(2, width // 400)
            canvas.pixels[top : top + height, x : min(x + thick, left + width)] = 255


def sheets(screens: Screens) -> list[Sheet]:
    """Return a sheet for every screen of a show."""
    made = []
    for at in range(1 if screens.is_same else screens.count):
        projection, room = screens.projection(at), screens.room(at)
        whole = screens.room().width_m
        _, _, width, height = projection.shown
        screen = f"{projection.screen[0]} x {projection.screen[1]}"
        words = (
            f"display {screens.indices[at]}",
            f"{'screen' if screens.is_full else 'window'} {screen}    canvas {width} x {height}"
            + (f"    turned {projection.turn}" if projection.turn else ""),
            "keystone" if room.keystone and (screens.is_full or screens.is_adjusting) else "",
        )
        metres = whole * width / screens.canvas[0] if whole else None
        made.append(Sheet(projection.shown, words, metres))
    return made


def draw_card(canvas: Canvas, card: Sheet) -> None:
    """Draw one card, without its running line."""
    left, top, width, height = card.box
    canvas.rect(card.box, PAPER)
    _grid(canvas, card)
    unit = min(width, height) / 24
    middle = (left + width / 2, top + height / 2)
    canvas.circle(middle, min(width, height) * 0.45, STRONG, width=max(2, unit / 12))
    reach = unit * 2.2
    for x in (left + reach + unit, left + width - reach - unit):
        for y in (top + reach + unit, top + height - reach - unit):
            canvas.circle((x, y), reach, STRONG, width=max(1.5, unit / 14))
    inset = (width * SAFE_SHARE, height * SAFE_SHARE)
    canvas.rect(
        (left + inset[0], top + inset[1], width - 2 * inset[0], height - 2 * inset[1]), STRONG, width=1.5
    )
    _bars(canvas, card, unit)
    _words(canvas, card, unit)
    _rulers(canvas, card, unit)
    _edges(canvas, card, unit)


def _grid(canvas: Canvas, card: Sheet) -> None:
    """Draw squares from the middle on, so that they are whole where one looks."""
    left, top, width, height = card.box
    step = max(8.0, min(width, height) / 12)
    middle_x, middle_y = left + width / 2, top + height / 2
    for number in range(-int(width / 2 / step), int(width / 2 / step) + 1):
        x = middle_x + number * step
        canvas.line((x, top), (x, top + height), STRONG if number == 0 else FINE, width=1.5)
    for number in range(-int(height / 2 / step), int(height / 2 / step) + 1):
        y = middle_y + number * step
        canvas.line((left, y), (left + width, y), STRONG if number == 0 else FINE, width=1.5)


def _bars(canvas: Canvas, card: Sheet, unit: float) -> None:
    """Draw colours and greys in the circle's lower half."""
    left, top, width, height = card.box
    across = min(width, height) * 0.62
    x, y = left + (width - across) / 2, top + height / 2 + unit * 2.6
    for at, color in enumerate(BARS):
        canvas.rect((x + at * across / len(BARS), y, across / len(BARS) + 1, unit * 2.2), color)
    y += unit * 2.4
    for at in range(GREYS):
        grey = round(255 * at / (GREYS - 1))
        canvas.rect((x + at * across / GREYS, y, across / GREYS + 1, unit * 1.6), (grey, grey, grey))


def _words(canvas: Canvas, card: Sheet, unit: float) -> None:
    left, top, width, height = card.box
    x, y = left + width / 2, top + height / 2
    big = letter_size(canvas)
    write(canvas, card.words[0], x, y - unit * 4.4, round(max(big, unit * 2.4)), align="center")
    for at, line in enumerate(card.words[1:]):
        color = MARK if at else "white"
        write(
            canvas,
            line,
            x,
            y - unit * 2.0 + at * big * 1.2,
            round(max(big * 0.8, unit * 0.7)),
            color,
            "center",
        )


def _edges(canvas: Canvas, card: Sheet, unit: float) -> None:
    """Draw the outermost pixels, with an arrow at each side, and name the corners."""
    left, top, width, height = card.box
    right, bottom = left + width, top + height
    for row in (top, bottom - 1):
        canvas.pixels[row, left:right] = 255
    for column in (left, right - 1):
        canvas.pixels[top:bottom, column] = 255
    x, y, size = left + width / 2, top + height / 2, unit * 0.6
    for tip, away in (((x, top), (0, 1)), ((x, bottom), (0, -1)), ((left, y), (1, 0)), ((right, y), (-1, 0))):
        base = (tip[0] + away[0] * size * 1.4, tip[1] + away[1] * size * 1.4)
        aside = (away[1] * size * 0.7, away[0] * size * 0.7)
        canvas.polygon(
            [tip, (base[0] + aside[0], base[1] + aside[1]), (base[0] - aside[0], base[1] - aside[1])], "white"
        )
    letters, at = round(max(letter_size(canvas) * 0.8, unit * 0.8)), unit * 3.2
    names = (("1", "top left"), ("2", "top right"), ("3", "bottom right"), ("4", "bottom left"))
    places = (
        (left + at, top + at),
        (right - at, top + at),
        (right - at, bottom - at),
        (left + at, bottom - at),
    )
    for (number, name), (name_x, name_y) in zip(names, places, strict=True):
        write(canvas, number, name_x, name_y - letters * 0.35, round(letters * 1.8), MARK, "center")
        write(canvas, name, name_x, name_y + letters * 0.75, round(letters * 0.8), "white", "center")


def _rulers(canvas: Canvas, card: Sheet, unit: float) -> None:
    """Draw pixels along the upper and the left edge, and metres along the lower one where they are known."""
    left, top, width, height = card.box
    size = round(max(14.0, unit * 0.5))
    small, between, numbered = TICKS
    for x in range(small, width, small):
        long = 1.0 if x % numbered == 0 else 0.6 if x % between == 0 else 0.3
        canvas.line((left + x, top), (left + x, top + unit * 0.5 * long), "white", width=1)
        if x % numbered == 0 and width - x > numbered / 3:
            write(canvas, str(x), left + x, top + unit * 0.5 + size * 0.6, size, align="center")
    for y in range(small, height, small):
        long = 1.0 if y % numbered == 0 else 0.6 if y % between == 0 else 0.3
        canvas.line((left, top + y), (left + unit * 0.5 * long, top + y), "white", width=1)
        if y % numbered == 0 and height - y > numbered / 3:
            write(canvas, str(y), left + unit * 0.6 + 2, top + y, size)
    if card.width_m is None:
        return
    scale = width / card.width_m
    fine = 0.1 if scale > 60 else 0.5
    for number in range(1, int(card.width_m / fine) + 1):
        metres = number * fine
        is_whole = abs(metres - round(metres)) < 1e-6
        x_place, long = left + metres * scale, 1.0 if is_whole else 0.5
        bottom = top + height
        canvas.line((x_place, bottom), (x_place, bottom - unit * 0.5 * long), MARK, width=1.5)
        if is_whole:
            write(
                canvas,
                f"{round(metres)} m",
                x_place,
                bottom - unit * 0.5 - size * 0.6,
                size,
                MARK,
                "center",
            )
