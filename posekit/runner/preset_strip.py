"""F5: the presets as a strip along the bottom, loaded and saved by their numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posekit.runner.card import (
    ACCENT,
    ALARM,
    FAINT,
    INK,
    QUIET,
    Box,
    card,
    is_inside,
    letter_size,
    rounded,
    shorten,
    small,
    wrap,
    write,
)
from posekit.runner.presets import LONGEST_NAME, SLOTS
from posekit.runner.still import Still
from posekit.runner.tool import LEFT, RIGHT, Position, Tool

if TYPE_CHECKING:
    from collections.abc import Callable

    from posekit.runner.parameter_panel import Stage
    from posekit.runner.preset_player import PresetPlayer
    from posekit.sketch.canvas import Canvas

MARGIN, SLOT, GAP, LINE = 0.7, 2.0, 0.3, 1.1
"""In heights of the letters: around everything, a slot's height, between slots, a line of words."""
NARROWEST = 4.2
"""A slot's width below which they stand in three rows."""
WIDEST = 6.4
HINT = "1-9 loads · Shift 1-9 or S saves · N names · Delete · F fade: {fade}"


class PresetStrip(Tool):
    """Loads presets with 1 to 9 or a click, saves with Shift and a number, a right click, or S and a number.

    N names the one that is active, Delete takes it away, F sets how long numbers fade. With Shift F5 goes on
    to the next preset and shows nothing.
    """

    name, key_name = "presets", "f5"
    help = "presets; with Shift the next one"

    def __init__(
        self, stage: Stage, player: PresetPlayer, is_shift_held: Callable[[], bool] = lambda: False
    ) -> None:
        self._stage, self._player, self._is_saving = stage, player, is_shift_held
        self._is_armed = False
        self._typed: str | None = None
        self._mouse: Position | None = None
        self._still = Still()

    @property
    def has_mouse(self) -> bool:
        """Whether it is open."""
        return self.is_open

    def open(self) -> None:
        """Show the presets; with Shift held, load the next instead."""
        if self._is_saving():
            self._player.load_next()
            return
        self.is_open, self._player.message = True, ""
        self._player.look()

    def close(self) -> None:
        """Hide them; a name that was being typed is given up."""
        self.is_open, self._typed, self._is_armed = False, None, False

    def key(self, name: str, text: str) -> bool:
        """Take a key; what the strip has no use for is the sketch's."""
        player = self._player
        if self._typed is not None:
            return self._type(name, text)
        player.message = ""
        number = _digit(name) or _digit(text)
        if number:
            # Where digits are typed with Shift, Shift does not mean to save.
            self._use(number, is_saving=self._is_armed or (self._is_saving() and bool(_digit(name))))
        elif name == "s":
            self._is_armed = not self._is_armed
        elif name == "f":
            player.next_fade()
        elif name == "n" and player.active in player.content.presets:
            self._typed = ""
        elif name == "delete" and player.active is not None:
            player.remove(player.active)
        else:
            return False
        return True

    def move(self, position: Position) -> None:
        """Take the mouse's place."""
        self._mouse = position

    def press(self, position: Position, button: int) -> bool:
        """Take a click on the strip; beside it they are the sketch's."""
        if not is_inside(position, self._box()):
            return False
        found = next((number for number in SLOTS if is_inside(position, self._slot(number))), None)
        if found is not None and self._typed is None and button in (LEFT, RIGHT):
            is_empty = found not in self._player.content.presets
            self._use(found, is_saving=is_empty or self._is_armed or button == RIGHT or self._is_saving())
        return True

    def draw(self, canvas: Canvas) -> None:
        """Draw the strip over what is shown."""
        player, mouse = self._player, self._mouse
        under = [number for number in SLOTS if mouse is not None and is_inside(mouse, self._slot(number))]
        state = (player.content, player.active, player.message, player.is_alarm, player.is_changed())
        key = (canvas.size, state, under, self._typed, self._is_armed)
        self._still.draw(canvas, self._box(), key, self._draw_strip)

    def _draw_strip(self, canvas: Canvas) -> None:
        unit = letter_size(canvas)
        left, top, width, high = self._box()
        card(canvas, (left, top, width, high))
        for number in SLOTS:
            self._draw_slot(canvas, number)
        words, ink = self._words()
        size, x = small(unit), left + unit * MARGIN
        lines = wrap(words, size, width - 2 * unit * MARGIN, 2)
        start = top + high - unit * (0.45 + LINE * (2 if len(lines) > 1 else 1.5)) + unit * LINE / 2
        for at, line in enumerate(lines):
            write(canvas, line, x, start + at * unit * LINE, size, ink)

    def _words(self) -> tuple[str, tuple[int, int, int] | str]:
        player = self._player
        if self._typed is not None:
            return f"a name for preset {player.active}: {self._typed}| · Enter takes it", ACCENT
        if self._is_armed:
            return "a number or a click saves · S gives it up", ACCENT
        if player.message:
            return player.message, ALARM if player.is_alarm else INK
        fade = f"{player.content.fade:g} s" if player.content.fade else "off"
        return HINT.format(fade=fade), QUIET

    def _draw_slot(self, canvas: Canvas, number: int) -> None:
        unit, player = letter_size(canvas), self._player
        left, top, width, high = box = self._slot(number)
        preset, is_active = player.content.presets.get(number), number == player.active
        is_under = self._mouse is not None and is_inside(self._mouse, box)
        rounded(canvas, box, FAINT, unit * 0.3, (0.55 if preset else 0.18) + (0.3 if is_under else 0))
        if is_active and preset:
            rounded(canvas, box, ACCENT, unit * 0.3, 1, max(2, unit / 12))
        middle = top + high / 2
        ink = (ACCENT if is_active else INK) if preset else QUIET
        write(canvas, str(number), left + unit * 0.45, middle, round(unit * 1.15), ink)
        words = "empty" if preset is None else preset.name or "saved"
        if is_active and preset and player.is_changed():
            words += " *"
        room, size = width - unit * 1.7, small(unit)
        write(canvas, shorten(words, size, room), left + unit * 1.35, middle, size, INK if preset else QUIET)

    def _use(self, number: int, *, is_saving: bool) -> None:
        self._is_armed = False
        if is_saving:
            self._player.save(number)
        else:
            self._player.load(number)

    def _type(self, name: str, text: str) -> bool:
        assert self._typed is not None
        if name == "escape":
            self._typed = None
        elif name in ("return", "enter"):
            typed, self._typed = self._typed, None
            if self._player.active is not None:
                self._player.rename(self._player.active, typed)
        elif name == "backspace":
            self._typed = self._typed[:-1]
        elif text and text.isprintable():
            self._typed = (self._typed + text)[:LONGEST_NAME]
        else:
            return len(name) == 1
        return True

    def _columns(self) -> int:
        unit = letter_size(self._stage.canvas)
        fits = (self._stage.canvas.width - 4 * unit * MARGIN) / len(SLOTS) >= unit * NARROWEST
        return len(SLOTS) if fits else 3

    def _box(self) -> Box:
        unit, columns = letter_size(self._stage.canvas), self._columns()
        rows = len(SLOTS) // columns
        margin = unit * MARGIN
        most = columns * unit * (WIDEST if columns > 3 else 2 * WIDEST) + 2 * margin
        width = min(self._stage.canvas.width - 2 * margin, most)
        high = unit * (2 * MARGIN + rows * SLOT + (rows - 1) * GAP + 2 * LINE + 0.1)
        return (self._stage.canvas.width - width) / 2, self._stage.canvas.height - margin - high, width, high

    def _slot(self, number: int) -> Box:
        unit, columns = letter_size(self._stage.canvas), self._columns()
        left, top, width, _ = self._box()
        row, column = divmod(number - 1, columns)
        gap, margin = unit * GAP, unit * MARGIN
        across = (width - 2 * margin - (columns - 1) * gap) / columns
        x = left + margin + column * (across + gap)
        return x, top + margin + row * unit * (SLOT + GAP), across, unit * SLOT


def _digit(text: str) -> int:
    """Return which of the presets a key or a letter means; 0 for none. `[3]` is the number block's."""
    bare = text[1:-1] if len(text) == 3 and text[0] + text[2] == "[]" else text
    return int(bare) if len(bare) == 1 and bare in "123456789" else 0
