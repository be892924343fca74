"""F1: what the sketch is, what it listens to, and what every key does."""

from __future__ import annotations

import inspect
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from posekit.runner.card import (
    ACCENT,
    INK,
    QUIET,
    card,
    letter_size,
    shorten,
    small,
    text_width,
    wrap,
    write,
)
from posekit.runner.panel_rows import Line, range_of
from posekit.runner.still import Still
from posekit.runner.tool import Tool
from posekit.sketch.sketch import Sketch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from posekit.runner.loop import Loop
    from posekit.sketch.canvas import Canvas
    from posekit.sketch.kinds import Color

MARGIN, LINE, COLUMN, WIDEST_LEAD = 0.8, 1.1, 20.0, 10.0
"""In heights of the letters: around everything, from line to line, the narrowest column, the widest name."""
GAP = 0.6
"""Lines between two paragraphs."""
OPACITY = 0.93
"""There is more to read here than on other cards."""
MOST_LINES = 12
"""Lines that one paragraph may have."""
WINDOW_KEYS = (
    ("F11", "window or full screen"),
    ("F12", "keep a picture"),
    ("Esc", "close what is open, or end"),
)
SHOWN_KEYS = {"tab": "Tab", "escape": "Esc"}


@dataclass(frozen=True)
class Words:
    """One line: words, perhaps with a key or a name before them."""

    text: str
    lead: str = ""
    is_heading: bool = False


@dataclass(frozen=True)
class _Line:
    """One line as it is drawn."""

    text: str
    lead: str
    indent: float
    """Pixels from the lead's beginning to the text's."""
    color: Color
    height: float = 1.0
    """In lines."""


class Help(Tool):
    """Shows the sketch's own words, its hooks and parameters, all keys, and where OSC goes.

    `tools` are those whose keys are told, `osc` is asked where messages go and come from. Where not all of it
    fits, the left and right arrow keys turn the page.
    """

    name, key_name = "help", "f1"
    help = "this help"

    def __init__(
        self,
        loop: Loop,
        tools: Callable[[], Iterable[Tool]],
        osc: Callable[[], Sequence[str]] = lambda: (),
    ) -> None:
        self._loop, self._tools, self._osc = loop, tools, osc
        self._page = 0
        self._pages = 1
        self._still = Still()

    def open(self) -> None:
        """Show the first page."""
        self.is_open, self._page = True, 0

    def key(self, name: str, text: str) -> bool:  # noqa: ARG002 (what it types does not matter)
        """Turn the page, or close with Esc; every other key is somebody else's."""
        if name == "escape":
            self.close()
        elif name in ("left", "right") and self._pages > 1:
            self._page = (self._page + (1 if name == "right" else -1)) % self._pages
        else:
            return False
        return True

    def draw(self, canvas: Canvas) -> None:
        """Draw a page over what is shown."""
        margin = letter_size(canvas) * MARGIN
        box = (margin, margin, canvas.width - 2 * margin, canvas.height - 2 * margin)
        key = (canvas.size, self._page, self._loop.loaded)
        self._still.draw(canvas, box, key, self._draw_page)

    def _draw_page(self, canvas: Canvas) -> None:
        unit = letter_size(canvas)
        margin = unit * MARGIN
        columns = max(1, min(2, int((canvas.width - 2 * margin) / (unit * COLUMN))))
        wide = (canvas.width - 2 * margin - (columns + 1) * margin) / columns
        room = max(4.0, (canvas.height - 4 * margin - unit * LINE) / (unit * LINE))
        flow = _columns([_wrapped(block, unit, wide) for block in self.blocks()], room)
        self._pages = max(1, -(-len(flow) // columns))
        self._page = min(self._page, self._pages - 1)
        card(canvas, (margin, margin, canvas.width - 2 * margin, canvas.height - 2 * margin), OPACITY)
        for at, lines in enumerate(flow[self._page * columns : (self._page + 1) * columns]):
            left, top = 2 * margin + at * (wide + margin), 2 * margin
            for line in lines:
                middle = top + unit * LINE / 2
                write(canvas, line.lead, left, middle, unit)
                write(canvas, line.text, left + line.indent, middle, unit, line.color)
                top += unit * LINE * line.height
        words = "F1 or Esc closes"
        if self._pages > 1:
            words = f"{words}   arrow keys: page {self._page + 1} of {self._pages}"
            if text_width(words, small(unit)) > canvas.width - 4 * margin:
                words = f"arrow keys: {self._page + 1} of {self._pages}"
        write(
            canvas, words, canvas.width - 2 * margin, canvas.height - 2 * margin, small(unit), QUIET, "right"
        )

    def blocks(self) -> list[list[Words]]:
        """Return everything there is to say, in paragraphs that are kept together where they can be."""
        loaded = self._loop.loaded
        title, *parts = _docstring(loaded.sketch) or [loaded.sketch.name]
        blocks = [[Words(title, is_heading=True)]]
        for part in parts:
            lead, colon, rest = part.partition(":")
            is_labelled = bool(colon) and len(lead) < 24
            blocks.append(
                [Words(lead, is_heading=True), Words(rest.strip())] if is_labelled else [Words(part)]
            )
        keys = [
            Words(tool.help or tool.name, SHOWN_KEYS.get(tool.key_name, tool.key_name.upper()))
            for tool in self._tools()
        ]
        keys.sort(key=lambda line: (len(line.lead), line.lead))
        keys += [Words(text, key) for key, text in WINDOW_KEYS]
        blocks.append([Words("Keys", is_heading=True), *keys])
        parameters = self._loop.parameters.declared
        if parameters:
            shown = [
                Words(f"{param.help}; {range_of(Line(name, param))}".removeprefix("; "), name)
                for name, param in parameters.items()
            ]
            blocks.append([Words("Parameters", is_heading=True), *shown])
        blocks.append([Words("Hooks", is_heading=True), Words(", ".join(loaded.hooks))])
        lines = [Words(line) for line in self._osc()]
        blocks.append([Words("OSC", is_heading=True), *(lines or [Words("off; --osc 7000 sends")])])
        return blocks


def _docstring(sketch: Sketch) -> list[str]:
    """Return what a sketch says of itself: its title, and one text for each of its parts."""
    cls = type(sketch)
    module = getattr(cls, "module", None) or sys.modules.get(cls.__module__)
    own = cls.__doc__ if cls.__doc__ != Sketch.__doc__ else None
    text = inspect.cleandoc(getattr(module, "__doc__", None) or own or "")
    parts: list[str] = []
    for line in text.replace("`", "").splitlines():
        if parts and (line.startswith(" ") or (line and parts[-1] and ":" not in line and len(parts) > 1)):
            parts[-1] = f"{parts[-1]} {line.strip()}"
        elif line.strip():
            parts.append(line.strip())
    return parts


def _wrapped(block: list[Words], unit: int, width: float) -> list[_Line]:
    """Return a paragraph in lines that are no wider than a column; what follows keys and names is aligned."""
    widest = max((text_width(words.lead, unit) for words in block), default=0)
    indent = min(widest + unit * 0.8, unit * WIDEST_LEAD, width / 2) if widest else 0.0
    lines = []
    for words in block:
        lead = shorten(words.lead, unit, indent - unit * 0.3)
        color = ACCENT if words.is_heading else QUIET if lead else INK
        across = indent if lead else 0.0
        for text in wrap(words.text, unit, width - across, MOST_LINES) or [""]:
            lines.append(_Line(text, lead, across, color))
            lead = ""
    return lines


def _columns(blocks: list[list[_Line]], room: float) -> list[list[_Line]]:
    """Return columns `room` lines high; a paragraph is broken only if it is longer than a column."""
    columns: list[list[_Line]] = [[]]
    used = 0.0
    for block in blocks:
        if columns[-1] and used + GAP + len(block) > room:
            columns.append([])
            used = 0.0
        elif columns[-1]:
            columns[-1].append(_Line("", "", 0.0, INK, GAP))
            used += GAP
        for line in block:
            if used + line.height > room:
                columns.append([])
                used = 0.0
            columns[-1].append(line)
            used += line.height
    return columns
