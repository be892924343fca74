"""F4: fitting the picture to the wall and the stage to the room, with the mouse, the keyboard or on foot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from posekit.errors import SettingsError
from posekit.runner.room_corners import KeystoneCorners, MovedCorners, StageCorners, distances
from posekit.runner.room_history import History
from posekit.runner.room_picture import (
    HELP,
    corner_words,
    draw_hint,
    draw_keystone,
    draw_stage,
    draw_walk,
    draw_words,
)
from posekit.runner.room_walk import Walk, instruction, lead_feet
from posekit.runner.test_card import PaintedCards, sheets
from posekit.runner.tool import LEFT, Position, Tool
from posekit.warp import rectangle

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from posekit.clock import Clock
    from posekit.runner.loop import Loop
    from posekit.runner.screens import Screens
    from posekit.sketch.canvas import Canvas
    from posekit.warp import Point

ARROWS = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}
FAR = 10
"""Pixels that an arrow key moves a corner with Shift; without it one."""
GRIP_SHARE = 0.03
"""How near a click has to be to a corner to take hold of it, in parts of the picture's longer side."""
PASSED_ON = ("f11", "f12")
MODES = {"k": "keystone", "s": "stage", "w": "walk"}


class RoomEditor(Tool):
    """Changes keystone and stage; what is changed counts and is saved at once. Positions are canvas pixels.

    Keystone: where the corners of the picture are on the screen. Stage: where the canvas's corners are in the
    camera's picture, dragged, or walked to.
    """

    name, key_name = "room", "f4"
    help = "fit the picture to the room: keystone and stage"

    def __init__(
        self,
        loop: Loop,
        screens: Screens,
        clock: Clock,
        *,
        report: Callable[[str], None],
        is_shift_held: Callable[[], bool] = lambda: False,
    ) -> None:
        self._loop, self._screens, self._clock, self._report = loop, screens, clock, report
        self._is_shift_held = is_shift_held
        self.mode = "keystone"
        """`keystone`, `stage` or `walk`."""
        self.chosen = 0
        """Which corner the keys move: 0 to 3."""
        self.screen = 0
        """Whose keystone is changed: the first screen is 0."""
        self.message = ""
        self._history = History(screens)
        self.marks: list[Point] = []
        """Places clicked in the camera's picture, up to three; the fourth makes the stage."""
        self._held: tuple[float, float] | None = None
        self._fine: Point | None = None
        self._typed: str | None = None
        self._stage = StageCorners(screens, loop)
        self._walk = Walk()
        self._told = ""
        self._cards = PaintedCards()

    @property
    def has_mouse(self) -> bool:
        """Whether it wants the mouse now."""
        return True

    def open(self) -> None:
        """Begin to adjust."""
        self.is_open, self.message, self._told = True, "", ""
        self.screen = min(self.screen, self._screens.count - 1)
        self._enter(self.mode if self.mode != "walk" else "stage")

    def close(self) -> None:
        """Leave; twice is harmless."""
        if self.is_open and self._told:
            self._report(self._told)
        self.is_open, self._held, self._typed = False, None, None
        self._screens.is_adjusting = False

    @property
    def _room_at(self) -> int:
        return self.screen if self.mode == "keystone" else 0

    @property
    def moved(self) -> MovedCorners:
        """The corners that are moved now."""
        return KeystoneCorners(self._screens, self.screen) if self.mode == "keystone" else self._stage

    def press(self, position: Position, button: int) -> bool:
        """Take hold of a corner; far from all of them, a click in the camera's picture marks a new one."""
        if button != LEFT or self.mode == "walk":
            return True
        moved = self.moved
        point = moved.from_canvas(position)
        away = distances(moved, point)
        if self.mode == "stage" and (self.marks or away.min() > GRIP_SHARE * max(moved.size)):
            self._mark(point)
            return True
        self.chosen = int(np.argmin(away))
        corner = moved.corners[self.chosen]
        self._held = (corner[0] - point[0], corner[1] - point[1])
        self._history.remember(self._room_at)
        return True

    def move(self, position: Position) -> None:
        """Take the mouse's place; the corner that is held goes with it."""
        if not np.isfinite(position).all():
            return
        x, y = self.moved.from_canvas(position)
        if self._held is not None:
            x, y = x + self._held[0], y + self._held[1]
            self._put((x, y))
        self._fine = (x, y)

    def release(self) -> None:
        """Let go, and save."""
        if self._held is not None:
            self._held = None
            if self._history.settle():
                self._save()

    def key(self, name: str, text: str) -> bool:
        """Take a key; all but a few are the editor's while it is open."""
        if name in PASSED_ON:
            return False
        self.message = ""
        if self._typed is not None:
            self._type(name, text)
        elif name in ("escape", self.key_name):
            self.close()
        elif name in MODES:
            self._enter(MODES[name])
        elif self.mode == "walk":
            self._key_on_foot(name)
        elif name in ARROWS:
            self._nudge(ARROWS[name])
        elif name in ("1", "2", "3", "4"):
            self._choose(int(name) - 1)
        elif name == "tab":
            self._choose((self.chosen + (3 if self._is_shift_held() else 1)) % 4)
        else:
            self._command(name)
        return True

    def frame(self, canvas: Canvas, now: float) -> None:  # noqa: ARG002 (a tool's)
        """Look where the feet of whoever walks are."""
        if self.is_open and self.mode == "walk" and self._walk.see(lead_feet(self._loop.scene), now):
            self._took()

    def draw(self, canvas: Canvas) -> None:
        """Draw over what is shown."""
        if self.mode == "walk":
            draw_walk(canvas, self._walk, self._clock.now(), lead_feet(self._loop.scene))
            lines = [instruction(self._walk), *HELP["walk"]]
            draw_words(canvas, (0, 0, *canvas.size), "Walk the stage", lines, self.message)
            return
        if self.mode == "stage":
            stage = self._stage
            picture, chosen = self._loop.picture, self.chosen
            draw_stage(canvas, picture, stage.view, stage.corners, chosen, self.marks, self._fine)
            width = self._screens.room().width_m
            typed = None if self._typed is None else f"the canvas's width in metres: {self._typed}_"
            words = f"corner {corner_words(self.chosen)}" + (f" | {width:g} m wide" if width else "")
            draw_hint(canvas, (HELP["stage"][0], f"{words} | {HELP['stage'][1]}"), typed or self.message)
            return
        cards = sheets(self._screens)
        self._cards.draw(canvas, cards, self._clock.now())
        box = self._screens.projection(self.screen).shown
        places = rectangle(*map(float, box))
        draw_keystone(canvas, places, self.chosen)
        title = f"Keystone of display {self._screens.indices[self.screen]}"
        lines = [f"corner {corner_words(self.chosen)}", *HELP["keystone"]]
        draw_words(canvas, box, title, lines, self.message)

    def _enter(self, mode: str) -> None:
        self.mode, self._held, self._fine, self.marks = mode, None, None, []
        self._screens.is_adjusting = mode == "keystone"
        self._walk = Walk()
        if mode == "keystone" and not self._screens.is_full:
            self.message = "keystone is for the full screen (F11); here it is shown while it is changed"

    def _choose(self, at: int) -> None:
        self.chosen, self._fine = at, self.moved.corners[at]

    def _command(self, name: str) -> None:
        if name == "u":
            self._take_back()
        elif name == "r":
            self._history.remember(self._room_at)
            self.moved.reset()
            self._save()
        elif name == "d" and self.mode == "keystone":
            self.screen = (self.screen + 1) % self._screens.count
        elif name == "backspace":
            del self.marks[-1:]
        elif name == "m" and self.mode == "stage":
            self._typed = ""

    def _nudge(self, way: tuple[int, int]) -> None:
        """Move the chosen corner by pixels of the screen, or of the camera's picture, as they are seen."""
        self._history.remember(self._room_at, ("nudge", self.mode, self.chosen))
        far = FAR if self._is_shift_held() else 1
        moved = self.moved
        x, y = moved.step(way[0] * far, way[1] * far)
        corner = moved.corners[self.chosen]
        self._put((corner[0] + x, corner[1] + y))
        self._fine = moved.corners[self.chosen]
        self._save()

    def _put(self, place: Point) -> None:
        """Put the chosen corner somewhere, unless nothing could be shown then."""
        corners = list(self.moved.corners)
        corners[self.chosen] = place
        self._try(corners)

    def _try(self, places: Sequence[Point]) -> bool:
        one, two, three, four = places
        try:
            self.moved.put((one, two, three, four))
        except SettingsError as error:
            self.message = str(error)
            return False
        self.message = ""
        return True

    def _mark(self, point: Point) -> None:
        """Take one of four marks; the fourth makes the stage."""
        self.marks = [*self.marks, point]
        if len(self.marks) == 4:
            marks, self.marks = self.marks, []
            self._history.remember(0)
            if self._try(marks):
                self._save()
            self._history.settle()

    def _save(self) -> None:
        self._told = self._screens.save()
        self.message = self.message or self._told

    def _take_back(self) -> None:
        if not self._history.back():
            self.message = "there is nothing to undo"
            return
        self._loop.stage = self._screens.stage
        self._save()

    def _key_on_foot(self, name: str) -> None:
        if name in ("return", "enter", "space"):
            if self._walk.take():
                self._took()
            else:
                self.message = "nobody's feet are seen; step back until the camera sees them"
        elif name == "backspace":
            self._walk.back()

    def _took(self) -> None:
        """Go on to the next mark, or make the stage of all four."""
        if not self._walk.is_done:
            return
        walked, self._walk = self._walk, Walk()
        try:
            corners = walked.corners()
        except SettingsError as error:
            self.message = str(error)
            return
        self._enter("stage")
        self._history.remember(0)
        if self._try(corners):
            self._save()
        self._history.settle()

    def _type(self, name: str, text: str) -> None:
        """Take a key while metres are typed."""
        assert self._typed is not None
        if name == "escape":
            self._typed = None
        elif name == "backspace":
            self._typed = self._typed[:-1]
        elif name in ("return", "enter"):
            typed, self._typed = self._typed.replace(",", "."), None
            self._history.remember(0)
            try:
                self._screens.change(width_m=float(typed) if typed else None)
            except (ValueError, SettingsError):
                self.message = f"{typed!r} is no length; write metres, as in 4.2"
            else:
                self._save()
            self._history.settle()
        elif text and text in "0123456789.,":
            self._typed += text
