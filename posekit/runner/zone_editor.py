"""Drawing zones with the mouse: over the picture, while the show goes on."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

import numpy as np

from posekit.errors import PosekitError, SettingsError
from posekit.runner.tool import Tool
from posekit.runner.zone_picture import Drawing, draw_zones, grip_size
from posekit.zones import FARTHEST, NEAREST, Zone, inside, next_name, write_zones

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from posekit.clock import Clock
    from posekit.scene import ZoneState
    from posekit.sketch.canvas import Canvas
    from posekit.stage import AnyPlacement
    from posekit.zones import Point

LEFT = 1
DOUBLE_CLICK_SECONDS = 0.4
DECIMALS = 4
"""A ten-thousandth of the picture is a tenth of a pixel, and a file that can be read."""
OFTEN = ("feet", "center", "hands")
"""What of a person may count: what W goes through."""
PASSED_ON = re.compile(r"f\d+|tab")
"""Keys that are other tools' or the window's, editor or not; but F3 is ours."""


class Stage(Protocol):
    """What the editor needs to know of the running sketch."""

    canvas: Canvas

    @property
    def placement(self) -> AnyPlacement:
        """Where the camera's picture lies on the canvas, mirror and all."""
        ...

    @property
    def zone_states(self) -> Sequence[ZoneState]:
        """Who is in which zone."""
        ...


class ZoneEditor(Tool):
    """Changes zones by mouse and keys, and saves them. Positions are canvas pixels.

    Click for click a polygon grows; a double click, Enter, or a click on its first corner closes it. A corner
    can be dragged. Backspace takes the last point back, Delete the zone under the mouse; N names that zone,
    W changes what counts of a person. S saves; Esc and F3 save what was changed, and leave. `changed` is
    called with all zones after every change, so that the running engine follows at once; `hint` is added to
    what is said of the saved file.
    """

    help = "draw zones"

    def __init__(
        self,
        stage: Stage,
        zones: Sequence[Zone],
        path: Path,
        clock: Clock,
        *,
        changed: Callable[[tuple[Zone, ...]], None],
        report: Callable[[str], None],
        hint: str = "",
    ) -> None:
        self._stage, self._path, self._clock = stage, path, clock
        self._changed, self._report, self._hint = changed, report, hint
        self.zones = tuple(zones)
        """As they are now, saved or not."""
        self.name, self.key_name, self.is_open = "zones", "f3", False
        self.is_saved = True
        self.message = ""
        """What the editor has to say, in a sentence; empty when it has not."""
        self._points: list[Point] = []
        self._mouse: tuple[float, float] | None = None
        self._pressed = (-np.inf, (0.0, 0.0))
        self._held: tuple[int, int] | None = None
        self._before = self.zones
        self._typed: str | None = None
        self._named = ""

    @property
    def has_mouse(self) -> bool:
        """Whether it is open."""
        return self.is_open

    def open(self) -> None:
        """Begin to edit."""
        self.is_open, self.message = True, ""

    def close(self) -> None:
        """Save what was changed, and leave; an unfinished polygon is given up. Twice is harmless."""
        self.release()
        self._points.clear()
        self._typed = None
        if not self.is_saved:
            self.save()
        self.is_open = False

    def press(self, position: tuple[float, float], button: int) -> bool:
        """Take a mouse button that went down; each is the editor's."""
        self.move(position)
        if button == LEFT:
            self._click(position)
        return True

    def _click(self, position: tuple[float, float]) -> None:
        if self._typed is not None:
            self._finish_name()
        then, there = self._pressed
        is_double = self._clock.now() - then < DOUBLE_CLICK_SECONDS and self._is_near(position, there)
        self._pressed = (self._clock.now(), position)
        if self._points:
            self._grow(position, is_double)
        else:
            self._held, self._before = self._corner_at(position), self.zones
            if self._held is None and not is_double:
                self._points.append(self._in_picture(position))

    def move(self, position: tuple[float, float]) -> None:
        """Take the mouse's place; a corner that is held goes with it."""
        self._mouse = position
        if self._held is None:
            return
        at, corner = self._held
        points = list(self.zones[at].points)
        points[corner] = self._in_picture(position)
        self._try(at, points=tuple(points))

    def release(self) -> None:
        """Take a mouse button that went up."""
        if self._held is not None:
            self._held = None
            if self.zones != self._before:
                self._tell()

    def key(self, name: str, text: str = "") -> bool:
        """Take a key, by pygame's name and the text it types; false when it is somebody else's."""
        if name != "f3" and PASSED_ON.fullmatch(name):
            return False
        self.message = ""
        if self._typed is not None:
            self._type(name, text)
        elif name in ("escape", "f3"):
            self.close()
        elif name in ("return", "enter"):
            self._finish()
        elif name == "backspace":
            del self._points[-1:]
        elif name == "delete":
            self._remove()
        elif name == "n" and (at := self._under_mouse()) is not None:
            self._typed, self._named = "", self.zones[at].name
        elif name == "w" and (at := self._under_mouse()) is not None:
            self._next_what(at)
        elif name == "s":
            self.save()
        return True

    def save(self) -> None:
        """Write the zones file; where it cannot be written, that is said and nothing is lost."""
        try:
            write_zones(self._path, self.zones)
        except PosekitError as error:
            self.message = str(error)
        else:
            self.is_saved = True
            names = ", ".join(zone.name for zone in self.zones) or "none"
            self.message = f"saved the zones ({names}) in {self._path.resolve()}{self._hint}"
        self._report(self.message)

    def draw(self, canvas: Canvas) -> None:
        """Draw the camera's picture, the zones, and what can be done."""
        counts = {state.name: state.count for state in self._stage.zone_states}
        drawing = Drawing(
            [(zone, self._on_canvas(zone.points), counts.get(zone.name, 0)) for zone in self.zones],
            self._on_canvas(self._points),
            self._mouse,
            self._under_mouse(),
            self.message if self._typed is None else f"a new name for {self._named}: {self._typed}_",
        )
        draw_zones(canvas, drawing)

    def _grow(self, position: tuple[float, float], is_double: bool) -> None:
        """Add a corner, or close the polygon; a second corner in the same place would be none."""
        corners = self._on_canvas(self._points)
        is_closing = is_double or self._is_near(position, corners[0])
        if is_closing and len(self._points) > 2:
            self._finish()
        elif not is_closing and not self._is_near(position, corners[-1]):
            self._points.append(self._in_picture(position))

    def _finish(self) -> None:
        """Make a zone of the points."""
        if not self._points:
            return
        try:
            zone = Zone(next_name(self.zones), tuple(self._points))
        except SettingsError as error:
            self.message = str(error)
            return
        self._points.clear()
        self.zones = (*self.zones, zone)
        self._tell()
        self.message = f"{zone.name} is there; N over it gives it a name"

    def _remove(self) -> None:
        at = self._under_mouse()
        if at is not None:
            self._held = None
            self.message = f"{self.zones[at].name} is gone"
            self.zones = self.zones[:at] + self.zones[at + 1 :]
            self._tell()

    def _next_what(self, at: int) -> None:
        zone = self.zones[at]
        following = (OFTEN.index(zone.what) + 1) % len(OFTEN) if zone.what in OFTEN else 0
        if self._try(at, what=OFTEN[following]):
            self.message = f"{zone.name} goes by {OFTEN[following]}"
            self._tell()

    def _type(self, name: str, text: str) -> None:
        """Take a key while a name is typed."""
        assert self._typed is not None
        if name == "escape":
            self._typed = None
        elif name in ("return", "enter"):
            self._finish_name()
        elif name == "backspace":
            self._typed = self._typed[:-1]
        elif text.isprintable():
            self._typed += text

    def _finish_name(self) -> None:
        typed, self._typed = self._typed, None
        at = next((at for at, zone in enumerate(self.zones) if zone.name == self._named), None)
        if not typed or at is None or typed == self._named:
            return
        if any(zone.name == typed for zone in self.zones):
            self.message = f"there is a zone {typed!r} already"
        elif self._try(at, name=typed):
            self._tell()

    def _try(self, at: int, **values: object) -> bool:
        """Change a zone, unless it could not be then."""
        try:
            zone = replace(self.zones[at], **values)  # type: ignore[arg-type]  # each is one of its fields
        except SettingsError as error:
            self.message = str(error)
            return False
        self.zones = (*self.zones[:at], zone, *self.zones[at + 1 :])
        return True

    def _tell(self) -> None:
        self.is_saved = False
        self._changed(self.zones)

    def _under_mouse(self) -> int | None:
        """Return which zone the mouse is over, the one on top if there are several."""
        if self._mouse is None:
            return None
        mouse = np.array([self._mouse])
        over = [
            at for at, zone in enumerate(self.zones) if inside(mouse, self._on_canvas(zone.points)).item()
        ]
        return over[-1] if over else None

    def _corner_at(self, position: tuple[float, float]) -> tuple[int, int] | None:
        for at in reversed(range(len(self.zones))):
            for corner, place in enumerate(self._on_canvas(self.zones[at].points)):
                if self._is_near(position, place):
                    return at, corner
        return None

    def _is_near(self, position: Sequence[float], place: Sequence[float] | NDArray[np.floating]) -> bool:
        reach = 1.5 * grip_size(self._stage.canvas)
        return bool(np.hypot(position[0] - place[0], position[1] - place[1]) <= reach)

    def _on_canvas(self, points: Sequence[Point]) -> NDArray[np.float32]:
        return self._stage.placement.to_area(np.array(points, np.float64).reshape(-1, 2))

    def _in_picture(self, position: tuple[float, float]) -> Point:
        """Return a canvas position as a zone keeps it: in the picture as the camera sees it."""
        place = self._stage.placement.to_picture(np.array(position)).astype(np.float64)
        x, y = np.clip(place, NEAREST, FARTHEST).round(DECIMALS).tolist()
        return x, y
