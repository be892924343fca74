"""The panel at the side of the preview: rows that can be clicked, or reached with the arrow keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from posekit.health import Health
    from posekit.runner.desk import Desk, Option
    from posekit.sketch.canvas import Canvas

SHARE = 0.34
"""The panel's part of the canvas's width."""
LETTERS = 26
"""The canvas's height in heights of the letters: pygame's font has no dot on its i at 19 and 20 pixels."""
ROW = 1.65
"""A row's height in heights of the letters."""
HEADING, HEADING_GAP = 1.25, 0.55
"""A heading's height, and the room above it, in heights of the letters."""
INK, QUIET, ACCENT, ALARM = "white", (168, 176, 186), (110, 220, 170), (255, 190, 90)
GROUND = (14, 17, 22)
LETTER = 0.36
"""An average letter's width in heights, and some room."""
STATUS = 1.8
"""The height of the line at the bottom in heights of the letters."""
KEYS_ROOM = 4.0
"""The height above and below the rows: of a margin, the keys and the status."""
KEYS = "C camera   E estimator   M mirror   Tab panel"


@dataclass(frozen=True)
class Row:
    """One line of the panel."""

    text: str
    about: str = ""
    is_heading: bool = False
    is_chosen: bool = False
    is_dim: bool = False
    act: Callable[[], None] | None = None
    """What a click does; None where there is nothing to do."""


class Panel:
    """Shows what can be chosen. Tab hides it and brings it back; positions are canvas pixels."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.is_open = True
        self._focus: int | None = None
        self._rows: list[tuple[Row, tuple[float, float, float, float]]] = []

    def key(self, name: str) -> bool:
        """Take a key, by pygame's name; false when it is somebody else's."""
        desk = self._desk
        if name == "tab":
            self.is_open = not self.is_open
        elif name == "c":
            desk.step("source")
        elif name == "e":
            desk.step("estimator")
        elif name == "m":
            desk.toggle_mirror()
        elif name in ("up", "down") and self.is_open:
            self._move(1 if name == "down" else -1)
        elif name in ("return", "enter", "space") and self.is_open and self._focus is not None:
            acts = self._acts()
            if self._focus < len(acts):
                acts[self._focus]()
        else:
            return False
        return True

    def press(self, position: Sequence[float]) -> None:
        """Take a click."""
        x, y = position
        for row, (left, top, width, height) in self._rows:
            if row.act is not None and left <= x < left + width and top <= y < top + height:
                self._focus = None
                row.act()
                return

    def draw(self, canvas: Canvas, health: Health) -> None:
        """Draw it, or where to find it."""
        size = canvas.height / LETTERS
        self._rows = []
        if not self.is_open:
            canvas.text("Tab: panel", (canvas.width - size * 0.6, size * 0.5), size * 0.85, QUIET, "right")
            self._draw_message(canvas, size, canvas.width)
            return
        width = max(canvas.width * SHARE, 17 * size)
        left = canvas.width - width
        canvas.rect((left, 0, width, canvas.height - size * STATUS), GROUND, alpha=0.82)
        top, number = size * 0.7, 0
        rows = list(self._content(health))
        # Many cameras and targets move closer together, so that none is written over the keys below.
        needed = sum(HEADING + HEADING_GAP if row.is_heading else ROW for row in rows)
        line = size * min(1.0, (LETTERS - KEYS_ROOM) / needed)
        letters = min(size, line * 1.3)
        for row in rows:
            height = line * (HEADING if row.is_heading else ROW)
            if row.is_heading:
                top += line * HEADING_GAP
                canvas.text(row.text, (left + letters, top), letters * 0.78, QUIET)
            else:
                is_focused = row.act is not None and number == self._focus
                self._draw_row(canvas, row, (left, top, width, height), letters, is_focused)
                number += row.act is not None
            self._rows.append((row, (left, top, width, height)))
            top += height
        canvas.text(KEYS, (left + size, canvas.height - size * 3.1), size * 0.72, QUIET)
        self._draw_message(canvas, size, left)

    def _draw_row(
        self, canvas: Canvas, row: Row, box: tuple[float, float, float, float], size: float, focused: bool
    ) -> None:
        left, top, width, height = box
        middle = top + height / 2
        if focused:
            canvas.rect((left + size * 0.4, top, width - size * 0.8, height), "white", alpha=0.12)
        if row.act is not None:
            dot = (left + size * 1.35, middle)
            canvas.circle(dot, size * 0.3, ACCENT if row.is_chosen else QUIET, 0 if row.is_chosen else 1)
        ink = QUIET if row.is_dim else INK
        text = left + size * (2.2 if row.act is not None else 1)
        room = width - (text - left) - size - len(row.about) * size * 0.3
        canvas.text(fitting(row.text, room, size), (text, middle - size * 0.4), size, ink)
        canvas.text(row.about, (left + width - size, middle - size * 0.32), size * 0.82, QUIET, "right")

    def _draw_message(self, canvas: Canvas, size: float, room: float) -> None:
        if self._desk.message:
            lines = folded(self._desk.message, room - 2 * size, size * 0.85)
            height = size * (0.8 + 1.15 * len(lines))
            top = canvas.height - size * STATUS - height
            canvas.rect((0, top, room, height), GROUND, alpha=0.8)
            for number, line in enumerate(lines):
                canvas.text(line, (size, top + size * (0.4 + 1.15 * number)), size * 0.85, ALARM)

    def _content(self, health: Health) -> Iterator[Row]:
        desk = self._desk
        for kind, heading in (("source", "CAMERA"), ("estimator", "ESTIMATOR")):
            yield Row(heading, is_heading=True)
            for option in desk.options:
                if option.kind == kind:
                    yield self._option_row(option)
            if not desk.options:
                yield Row("looking ...", is_dim=True)
        yield Row("VIEW", is_heading=True)
        yield Row("mirror", "OSC stays as it is", is_chosen=desk.is_mirrored, act=desk.toggle_mirror)
        yield Row("OSC", is_heading=True)
        rates = health.target_rates
        for number, target in enumerate(desk.targets):
            rate = f"{rates[number]:.0f} packets/s" if number < len(rates) else ""
            yield Row(target, rate)
        if not desk.targets:
            yield Row("nothing is sent", is_dim=True)

    def _option_row(self, option: Option) -> Row:
        about = option.about if option.is_here else "not here"
        return Row(
            option.title,
            about,
            is_chosen=self._desk.is_chosen(option),
            is_dim=not option.is_here,
            act=lambda: self._desk.choose(option),
        )

    def _acts(self) -> list[Callable[[], None]]:
        return [row.act for row, _ in self._rows if row.act is not None]

    def _move(self, step: int) -> None:
        count = len(self._acts())
        if count:
            start = -1 if self._focus is None and step > 0 else self._focus or 0
            self._focus = (start + step) % count


def draw_status(canvas: Canvas, people: int, health: Health) -> None:
    """Draw the line at the bottom: how many people, how fast, how late, and how much leaves."""
    size = canvas.height / LETTERS
    canvas.rect((0, canvas.height - size * STATUS, canvas.width, size * STATUS), GROUND, alpha=0.82)
    words = "no engine" if not health.engine else "paused" if health.paused else ""
    if not words:
        somebody = "1 person" if people == 1 else f"{people} people"
        words = f"{somebody}    {health.fps:.0f} fps    {health.latency_ms:.0f} ms late"
    top = canvas.height - size * 1.45
    canvas.text(words, (size, top), size, ALARM if not health.engine else INK)
    if health.sharing:
        canvas.text(f"sharing {health.sharing}", (canvas.width / 2, top), size, ALARM)
    packets = f"{health.packets_per_second:.0f} packets/s"
    canvas.text(packets, (canvas.width - size, top), size, INK, "right")


def fitting(text: str, room: float, size: float) -> str:
    """Return text that is about so wide at most, its middle left out where it is longer."""
    most = max(6, int(room / (size * LETTER)))
    if len(text) <= most:
        return text
    ends = most - 3
    return f"{text[: ends - ends // 2]}...{text[len(text) - ends // 2 :]}"


def folded(text: str, room: float, size: float) -> list[str]:
    """Return text in lines that are about so wide at most."""
    import textwrap

    return textwrap.wrap(text, max(20, int(room / (size * LETTER))))[:4]
