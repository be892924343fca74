"""What the parameter panel looks like, and where on it everything is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from posekit.runner.card import (
    ACCENT,
    ALARM,
    FAINT,
    GROUND,
    INK,
    QUIET,
    Box,
    card,
    letter_size,
    rounded,
    shorten,
    small,
    text_width,
    wrap,
    write,
)
from posekit.runner.panel_rows import PARTS, Line, Shade, fraction_of, rgb_of, shown

if TYPE_CHECKING:
    from posekit.sketch.canvas import Canvas

WIDTH, HEAD, ROW, FOOT = 18.5, 1.9, 1.5, 2.7
"""The card's width and the heights of its parts, in heights of the letters."""
MARGIN = 0.7
NAME_SHARE, VALUE_SHARE = 0.36, 0.22
"""What of a line is for the name, and for the value; the slider is between them."""
STRIP_COLOURS = 64


@dataclass(frozen=True)
class Layout:
    """Where everything is, for a canvas and a number of lines."""

    box: Box
    unit: int
    """The letters' height."""
    room: int
    """How many lines fit."""

    @property
    def inner(self) -> tuple[float, float]:
        """Left and width of what stands on the card."""
        return self.box[0] + self.unit * MARGIN, self.box[2] - 2 * self.unit * MARGIN

    def row(self, at: int) -> Box:
        """Return the box of the line at a place, from 0 at the top."""
        left, top, width, _ = self.box
        return left, top + self.unit * (HEAD + ROW * at), width, self.unit * ROW

    def control(self, at: int) -> Box:
        """Return the box of a line's slider."""
        left, width = self.inner
        _, top, _, high = self.row(at)
        return (
            left + width * NAME_SHARE,
            top,
            width * (1 - NAME_SHARE - VALUE_SHARE) - self.unit * 0.4,
            high,
        )

    def value(self, at: int) -> Box:
        """Return the box of a line's value."""
        left, width = self.inner
        _, top, _, high = self.row(at)
        return left + width * (1 - VALUE_SHARE), top, width * VALUE_SHARE, high

    def foot(self) -> float:
        """Return the top of what is said below the lines."""
        return self.box[1] + self.box[3] - self.unit * FOOT


@dataclass(frozen=True)
class Shown:
    """One line as it is to be seen."""

    line: Line
    value: Any
    shade: Shade | None
    is_chosen: bool
    typed: str | None
    """What is being typed in place of the value."""


@dataclass(frozen=True)
class PanelView:
    """Everything that is to be seen."""

    rows: tuple[Shown, ...]
    first: int
    """How many lines are above those that are shown."""
    total: int
    help: str
    detail: str
    is_alarm: bool


def layout(canvas: Canvas, lines: int) -> Layout:
    """Return where a panel of so many lines is."""
    unit = letter_size(canvas)
    margin = unit * MARGIN
    fitting = int((canvas.height - 2 * margin - unit * (HEAD + FOOT)) / (unit * ROW))
    room = max(1, min(fitting, max(lines, 1)))
    width = min(canvas.width - 2 * margin, unit * WIDTH)
    return Layout((margin, margin, width, unit * (HEAD + ROW * room + FOOT)), unit, room)


def draw_panel(canvas: Canvas, place: Layout, view: PanelView) -> None:
    """Draw the panel over the canvas."""
    unit = place.unit
    card(canvas, place.box)
    left, width = place.inner
    middle = place.box[1] + unit * HEAD / 2
    write(canvas, "Parameters", left, middle, round(unit * 1.1), ACCENT)
    write(canvas, "Tab closes   F1 help", left + width, middle, small(unit), QUIET, "right")
    for at, row in enumerate(view.rows):
        _row(canvas, place, at, row)
    if view.total > len(view.rows):
        _scrollbar(canvas, place, view)
    if not view.total:
        words = "This sketch has none. Give it one at its top: speed = Param(1.0, 0, 5)"
        for number, text in enumerate(wrap(words, unit, width, 2)):
            write(canvas, text, left, place.row(0)[1] + unit * (0.75 + number), unit, QUIET)
    _foot(canvas, place, view)


def _row(canvas: Canvas, place: Layout, at: int, row: Shown) -> None:
    unit, line = place.unit, row.line
    left, width = place.inner
    _, top, _, high = place.row(at)
    middle = top + high / 2
    if row.is_chosen:
        edge = unit * 0.35
        rounded(canvas, (left - edge, top + 1, width + 2 * edge, high - 2), (255, 255, 255), unit * 0.3, 0.1)
    indent = unit * 0.8 if line.part else 0
    name = shorten(line.part or line.name, unit, width * NAME_SHARE - indent - unit * 0.3)
    write(canvas, name, left + indent, middle, unit, INK if row.is_chosen else QUIET)
    draw_control = {"bool": _switch, "choice": _choice, "colour": _swatch}.get(line.param.kind, _slider)
    (_strip if line.part else draw_control)(canvas, place, at, row)
    if row.typed is not None:
        _typing(canvas, place, at, row.typed)
    elif line.param.kind != "choice":
        words = shorten(shown(line, row.value, row.shade), unit, _value_room(place, line))
        write(canvas, words, left + width, middle, unit, INK, "right")


def _value_room(place: Layout, line: Line) -> float:
    """Return how wide a value may be; a colour's may be a long name."""
    box = place.value(0)
    return box[2] + (place.control(0)[2] * 0.6 if line.param.kind == "colour" and not line.part else 0)


def _slider(canvas: Canvas, place: Layout, at: int, row: Shown) -> None:
    left, top, width, high = place.control(at)
    unit, middle = place.unit, top + high / 2
    if not row.line.has_slider:
        # A number without ends is pulled to and fro.
        rounded(canvas, (left, middle - unit * 0.4, width, unit * 0.8), FAINT, unit * 0.2, 0.45)
        for side in (-1, 1):
            x, reach = left + width / 2 + side * unit, unit * 0.25
            tip = [(x, middle - reach), (x + side * reach * 1.3, middle), (x, middle + reach)]
            canvas.polygon(tip, ACCENT if row.is_chosen else QUIET)
        return
    fraction, thick = fraction_of(row.line, row.value), unit * 0.26
    rounded(canvas, (left, middle - thick / 2, width, thick), FAINT, thick / 2, 0.8)
    rounded(canvas, (left, middle - thick / 2, max(thick, width * fraction), thick), ACCENT, thick / 2)
    canvas.circle((left + width * fraction, middle), unit * (0.36 if row.is_chosen else 0.3), INK)


def _switch(canvas: Canvas, place: Layout, at: int, row: Shown) -> None:
    left, top, _, high = place.control(at)
    unit, middle = place.unit, top + high / 2
    rounded(
        canvas,
        (left, middle - unit * 0.42, unit * 1.6, unit * 0.84),
        ACCENT if row.value else FAINT,
        unit * 0.42,
    )
    x = left + unit * (1.18 if row.value else 0.42)
    canvas.circle((x, middle), unit * 0.31, GROUND if row.value else QUIET)


def _choice(canvas: Canvas, place: Layout, at: int, row: Shown) -> None:
    left, top, _, high = place.control(at)
    width = place.inner[0] + place.inner[1] - left
    unit, middle = place.unit, top + high / 2
    rounded(canvas, (left, middle - unit * 0.5, width, unit), FAINT, unit * 0.25, 0.45)
    for side, x in ((-1, left + unit * 0.5), (1, left + width - unit * 0.5)):
        reach = unit * 0.22
        tip = [
            (x - side * reach / 2, middle - reach),
            (x + side * reach, middle),
            (x - side * reach / 2, middle + reach),
        ]
        canvas.polygon(tip, ACCENT if row.is_chosen else QUIET)
    if row.typed is None:
        words = shorten(str(row.value), unit, width - 2 * unit)
        write(canvas, words, left + width / 2, middle, unit, INK, "center")


def _swatch(canvas: Canvas, place: Layout, at: int, row: Shown) -> None:
    left, top, _, high = place.control(at)
    unit, middle = place.unit, top + high / 2
    box = (left, middle - unit * 0.45, unit * 1.8, unit * 0.9)
    rounded(canvas, box, row.value, unit * 0.22)
    rounded(canvas, box, INK, unit * 0.22, 0.5, 1.5)


def _strip(canvas: Canvas, place: Layout, at: int, row: Shown) -> None:
    """Draw all that one part of a colour can be, and where it is."""
    left, top, width, high = place.control(at)
    unit, middle = place.unit, top + high / 2
    assert row.shade is not None
    thick, part = unit * 0.5, PARTS.index(row.line.part)
    shades = [list(row.shade) for _ in range(STRIP_COLOURS)]
    for number, shade in enumerate(shades):
        shade[part] = number / (STRIP_COLOURS - 1)
        if part == 0:
            shade[1:] = 0.85, 0.55  # also a grey can be given a hue
    colours = np.array([[rgb_of((shade[0], shade[1], shade[2])) for shade in shades]], np.uint8)
    canvas.image(colours, (left, middle - thick / 2), (width, thick))
    x = left + width * fraction_of(row.line, row.value, row.shade)
    canvas.circle((x, middle), unit * 0.42, GROUND)
    canvas.circle((x, middle), unit * 0.34, INK)
    canvas.circle((x, middle), unit * 0.22, rgb_of(row.shade))


def _typing(canvas: Canvas, place: Layout, at: int, text: str) -> None:
    unit = place.unit
    left, width = place.inner
    _, top, _, high = place.row(at)
    across = max(width * VALUE_SHARE, min(text_width(text, unit) + unit, width * (1 - NAME_SHARE)))
    box = (left + width - across, top + unit * 0.15, across, high - unit * 0.3)
    rounded(canvas, box, GROUND, unit * 0.25)
    rounded(canvas, box, ACCENT, unit * 0.25, 1, 2)
    visible = text
    while visible and text_width(f"{visible}|", unit) > across - unit * 0.4:
        visible = visible[1:]
    write(canvas, f"{visible}|", left + width - unit * 0.3, top + high / 2, unit, INK, "right")


def _scrollbar(canvas: Canvas, place: Layout, view: PanelView) -> None:
    unit = place.unit
    left, top, width, _ = place.row(0)
    high = unit * ROW * place.room
    x = left + width - unit * 0.32
    part = high * place.room / view.total
    rounded(canvas, (x, top, unit * 0.14, high), FAINT, unit, 0.5)
    rounded(canvas, (x, top + high * view.first / view.total, unit * 0.14, part), QUIET, unit)


def _foot(canvas: Canvas, place: Layout, view: PanelView) -> None:
    unit = place.unit
    left, width = place.inner
    top, size = place.foot(), small(unit)
    canvas.rect((left, top + unit * 0.2, width, max(1, unit / 24)), FAINT, alpha=0.8)
    lines: list[tuple[str, Any]]
    if view.is_alarm:
        lines = [(text, ALARM) for text in wrap(view.detail, size, width, 2)]
    else:
        lines = [(shorten(view.help, size, width), INK), (shorten(view.detail, size, width), QUIET)]
    at = top + unit * 0.9
    for text, color in lines:
        if text:
            write(canvas, text, left, at, size, color)
            at += unit * 0.95
