"""Bars and a map of days and hours, as SVG that can be read without colours and without a network."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

INK, PALE = "#1f4e79", "#c9d6e2"
BAR, GAP, HEIGHT, LABEL = 64, 10, 120, 70
CELL_WIDTH, CELL_HEIGHT = 26, 20


def bars(title: str, names: Sequence[str], now: Sequence[int], before: Sequence[int]) -> str:
    """Draw one bar a name with its number above, and beside it, pale, what it was before."""
    top = max((*now, *before, 1))
    parts = []
    for at, (name, number, old) in enumerate(zip(names, now, before, strict=True)):
        left = at * (BAR + GAP)
        third = BAR // 3
        parts += [_bar(left, third, HEIGHT * old / top, PALE)]
        parts += [_bar(left + third, BAR - third, HEIGHT * number / top, INK)]
        parts += [_word(left + third + (BAR - third) / 2, 16 + HEIGHT * (1 - number / top), number)]
        parts += [_word(left + BAR / 2, HEIGHT + 38, name)]
    return _svg(title, len(names) * (BAR + GAP), HEIGHT + 46, parts)


def hour_map(
    title: str, days: Sequence[str], hours: Sequence[str], visits: Mapping[tuple[str, str], int]
) -> str:
    """Draw a field for each day and hour, the darker the more visits; the number stands in it."""
    top = max((*visits.values(), 1))
    lefts = [LABEL + at * CELL_WIDTH for at in range(len(hours))]
    half = (CELL_WIDTH - 1) / 2
    parts = [_word(left + half, 12, hour[:2]) for left, hour in zip(lefts, hours, strict=True)]
    for row, day in enumerate(days):
        y = 18 + row * CELL_HEIGHT
        parts.append(f'<text x="0" y="{y + 14}">{escape(day)}</text>')
        for left, hour in zip(lefts, hours, strict=True):
            number = visits.get((day, hour), 0)
            share = number / top
            parts.append(
                f'<rect x="{left}" y="{y}" width="{CELL_WIDTH - 1}" height="{CELL_HEIGHT - 1}" fill="{INK}" '
                f'fill-opacity="{0.04 + 0.96 * share:.2f}"/>'
            )
            if number:
                parts.append(_word(left + half, y + 14, number, "#fff" if share > 0.72 else "#111"))
    return _svg(title, LABEL + len(hours) * CELL_WIDTH, 22 + len(days) * CELL_HEIGHT, parts)


def _bar(left: float, width: float, height: float, color: str) -> str:
    y = 20 + HEIGHT - height
    return f'<rect x="{left}" y="{y:.1f}" width="{width}" height="{height:.1f}" fill="{color}"/>'


def _word(x: float, y: float, word: str | int, color: str = "#111") -> str:
    words = escape(f"{word}")
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="middle" fill="{color}">{words}</text>'


def _svg(title: str, width: int, height: int, parts: Sequence[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="img" aria-label="{escape(title)}"><title>{escape(title)}</title>'
        f"{''.join(parts)}</svg>"
    )
