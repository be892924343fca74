"""The parameter panel over the sketch: every parameter a line that is dragged, clicked, turned or typed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Protocol

from posekit.errors import PosekitError
from posekit.runner.card import is_inside
from posekit.runner.panel_picture import Layout, PanelView, Shown, draw_panel, layout
from posekit.runner.panel_rows import (
    PARTS,
    Line,
    Shade,
    fraction_after,
    kept_shade,
    lines_of,
    range_of,
    stepped,
    typed,
    value_at,
)
from posekit.runner.still import Still
from posekit.runner.tool import LEFT, MIDDLE, RIGHT, WHEEL_DOWN, WHEEL_UP, Position, Tool
from posekit.sketch.params import LONGEST_TEXT

if TYPE_CHECKING:
    from collections.abc import Callable

    from posekit.clock import Clock
    from posekit.runner.knobs import Knobs
    from posekit.sketch.canvas import Canvas

DOUBLE_CLICK_SECONDS = 0.4
HINT = "drag, wheel, arrows or type; right click: default"
PULL = 6
"""Steps for a letter's height that a number without ends is pulled."""
BEGINS_NUMBER = frozenset("0123456789-+.,")
BEGINS_COLOUR = frozenset("#abcdefghijklmnopqrstuvwxyz0123456789")


class Stage(Protocol):
    """Whoever knows the canvas that is drawn on now."""

    canvas: Canvas


class ParameterPanel(Tool):
    """Turns a sketch's parameters with mouse and keys.

    A slider is dragged or clicked, the wheel and the arrow keys step (with Shift finely), a number or a
    colour is typed and taken with Enter; a double click, a right click, or Backspace sets the default, with
    Shift Backspace all of them. `is_shift_held` is asked when it matters.
    """

    name, key_name = "parameters", "tab"
    help = "turn the sketch's parameters"

    def __init__(
        self, stage: Stage, knobs: Knobs, clock: Clock, is_shift_held: Callable[[], bool] = lambda: False
    ) -> None:
        self._stage, self._knobs, self._clock, self._is_fine = stage, knobs, clock, is_shift_held
        self._chosen: tuple[str, str] | None = None
        self._first = 0
        self._mixed: str | None = None
        self._shades: dict[str, tuple[str, Shade]] = {}
        self._typed: str | None = None
        self._held: tuple[Line, float, Any] | None = None
        self._pressed: tuple[float, tuple[str, str] | None] = (-math.inf, None)
        self._alarm = ""
        self._still = Still()

    @property
    def has_mouse(self) -> bool:
        """Whether it is open."""
        return self.is_open

    def open(self) -> None:
        """Show the panel, as it was when it was closed."""
        self.is_open, self._alarm = True, ""

    def close(self) -> None:
        """Hide it; what was being typed is given up."""
        self.is_open, self._typed, self._held = False, None, None

    def key(self, name: str, text: str) -> bool:
        """Take a key; what the panel has no use for is the sketch's."""
        lines = self._lines()
        line = self._find(lines)
        if self._typed is not None and line is not None:
            return self._type(line, name, text)
        self._alarm = ""
        if name in ("up", "down", "page up", "page down", "home", "end"):
            self._choose_by_key(lines, name)
        elif line is None:
            return False
        elif name in ("left", "right"):
            self._step(line, 1 if name == "right" else -1)
        elif name in ("backspace", "delete"):
            self._reset(line)
        elif name in ("return", "enter", "space"):
            self._act(line, name)
        elif text and self._begins(line, text):
            self._typed = text
        else:
            return False
        return True

    def move(self, position: Position) -> None:
        """Take the mouse's place: a slider that is held follows it."""
        if self._held is not None:
            self._drag(position)
        elif self._typed is None and (found := self._at(position)) is not None:
            self._chosen = (found[0].name, found[0].part)

    def press(self, position: Position, button: int) -> bool:
        """Take a click or the wheel on the panel; beside it they are the sketch's."""
        lines = self._lines()
        if not is_inside(position, layout(self._stage.canvas, len(lines)).box):
            return False
        self._alarm = ""
        if self._typed is not None and (line := self._find(lines)) is not None:
            self._finish(line)
        self.move(position)
        found = self._at(position)
        if found is None:
            return True
        line, at, place = found
        if button in (WHEEL_UP, WHEEL_DOWN):
            up = 1 if button == WHEEL_UP else -1
            if place.room < len(lines) and position[0] < place.control(at)[0]:
                self._scroll(-up, len(lines), place)
            else:
                self._step(line, up)
        elif button in (MIDDLE, RIGHT):
            self._reset(line)
        elif button == LEFT:
            self._click(line, at, place, position)
        return True

    def release(self) -> None:
        """Let go of a slider."""
        self._held = None

    def draw(self, canvas: Canvas) -> None:
        """Draw the panel over what is shown."""
        lines = self._lines()
        place = layout(canvas, len(lines))
        self._first = max(0, min(self._first, len(lines) - place.room))
        visible = lines[self._first : self._first + place.room]
        chosen = self._find(lines)
        rows = tuple(
            Shown(
                line,
                self._value(line),
                self._shade(line),
                line == chosen,
                self._typed if line == chosen else None,
            )
            for line in visible
        )
        # What another program turns meanwhile is no alarm, so it is said only of what was just done here.
        about, detail = (chosen.param.help, range_of(chosen)) if chosen else ("", HINT if lines else "")
        if chosen is not None and not about:
            about = chosen.name
        view = PanelView(rows, self._first, len(lines), about, self._alarm or detail, bool(self._alarm))
        key = (canvas.size, view, place)
        self._still.draw(canvas, place.box, key, lambda blank: draw_panel(blank, place, view))

    def _lines(self) -> list[Line]:
        return lines_of(self._knobs.parameters, self._mixed)

    def _find(self, lines: list[Line]) -> Line | None:
        return next((line for line in lines if (line.name, line.part) == self._chosen), None)

    def _value(self, line: Line) -> Any:
        return self._knobs.parameters[line.name]

    def _shade(self, line: Line) -> Shade | None:
        if line.param.kind != "colour":
            return None
        return kept_shade(self._shades, line.name, self._value(line))

    def _at(self, position: Position) -> tuple[Line, int, Layout] | None:
        """Return the line at a place, where on the panel it is, and the panel's layout."""
        lines = self._lines()
        place = layout(self._stage.canvas, len(lines))
        for at, line in enumerate(lines[self._first : self._first + place.room]):
            if is_inside(position, place.row(at)):
                return line, at, place
        return None

    def _click(self, line: Line, at: int, place: Layout, position: Position) -> None:
        now, where = self._clock.now(), (line.name, line.part)
        then, before = self._pressed
        is_double = now - then < DOUBLE_CLICK_SECONDS and before == where
        self._pressed = (-math.inf, None) if is_double else (now, where)
        kind = line.param.kind
        if kind == "bool":
            self._turn(line, not self._value(line))
        elif kind == "choice":
            left, _, width, _ = place.control(at)
            half = left + (place.inner[0] + place.inner[1] - left) / 2
            self._step(line, -1 if left <= position[0] < half and width else 1)
        elif is_double:
            self._reset(line)
        elif kind == "colour" and not line.part:
            self._mix(line)
        elif is_inside(position, place.control(at)):
            self._held = (line, position[0], self._value(line))
            self._drag(position)
        elif is_inside(position, place.value(at)) and not line.part:
            self._typed = ""

    def _drag(self, position: Position) -> None:
        assert self._held is not None
        held, start, value = self._held
        line = next((one for one in self._lines() if (one.name, one.part) == (held.name, held.part)), None)
        if line is None or line.param.kind != held.param.kind:
            self._held = None  # a save has taken it away
            return
        place = layout(self._stage.canvas, len(self._lines()))
        left, _, width, _ = place.control(0)
        if line.has_slider:
            self._slide(line, min(max((position[0] - left) / width, 0.0), 1.0))
        else:
            steps = round((position[0] - start) / place.unit * PULL)
            self._turn(line, stepped(line, value, steps, fine=self._is_fine()))

    def _step(self, line: Line, steps: int) -> None:
        value, shade = self._value(line), self._shade(line)
        if line.part and shade is not None:
            self._slide(line, fraction_after(line, shade, steps, fine=self._is_fine()))
        else:
            self._turn(line, stepped(line, value, steps, shade, fine=self._is_fine()))

    def _slide(self, line: Line, fraction: float) -> None:
        shade = self._shade(line)
        self._turn(line, value_at(line, fraction, self._value(line), shade))
        if line.part and shade is not None:
            mixed = list(shade)
            mixed[PARTS.index(line.part)] = fraction
            self._shades[line.name] = (self._value(line), (mixed[0], mixed[1], mixed[2]))

    def _turn(self, line: Line, value: Any) -> None:
        try:
            self._knobs.turn(line.name, value)
        except PosekitError as error:
            self._alarm = str(error)

    def _reset(self, line: Line) -> None:
        everything = self._knobs.parameters if self._is_fine() else (line.name,)
        for name in everything:
            self._knobs.reset(name)

    def _act(self, line: Line, name: str) -> None:
        kind = line.param.kind
        if kind == "bool":
            self._turn(line, not self._value(line))
        elif kind == "choice":
            self._step(line, 1)
        elif kind == "colour" and (name == "space" or line.part):
            self._mix(line)
        elif name != "space":
            self._typed = ""

    def _mix(self, line: Line) -> None:
        """Show or hide the lines that a colour is mixed with."""
        self._mixed = None if self._mixed == line.name else line.name
        self._chosen = (line.name, "")

    def _begins(self, line: Line, text: str) -> bool:
        """Whether a letter begins a value of this line."""
        if line.part:
            return False
        if line.is_number:
            return text in BEGINS_NUMBER
        return line.param.kind == "colour" and text.lower() in BEGINS_COLOUR

    def _type(self, line: Line, name: str, text: str) -> bool:
        assert self._typed is not None
        if name == "tab":
            self._typed = None
            return False
        if name == "escape":
            self._typed = None
        elif name in ("return", "enter"):
            self._finish(line)
        elif name == "backspace":
            self._typed = self._typed[:-1]
        elif text and text.isprintable() and len(self._typed) < LONGEST_TEXT:
            self._typed += text
        else:
            return len(name) == 1
        return True

    def _finish(self, line: Line) -> None:
        text, self._typed = self._typed, None
        if text:
            self._turn(line, typed(line, text))

    def _choose_by_key(self, lines: list[Line], name: str) -> None:
        if not lines:
            return
        place, chosen = layout(self._stage.canvas, len(lines)), self._find(lines)
        last, page = len(lines) - 1, place.room
        if chosen is None:
            at = last if name in ("up", "end") else 0
        else:
            ways = {"up": -1, "down": 1, "page up": -page, "page down": page, "home": -last, "end": last}
            at = max(0, min(last, lines.index(chosen) + ways[name]))
        self._chosen = (lines[at].name, lines[at].part)
        self._first = max(at - page + 1, min(self._first, at))

    def _scroll(self, steps: int, total: int, place: Layout) -> None:
        self._first = max(0, min(self._first + steps, total - place.room))
