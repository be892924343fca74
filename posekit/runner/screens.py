"""The screens of a show: what each shows of the canvas, how it is warped, and what F4 changes of that."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from posekit.errors import PosekitError, SettingsError
from posekit.room import DisplayRoom, display_name, find_display, room_file, save_display
from posekit.runner.keystone import Projection, Projector, darken
from posekit.runner.more_windows import MoreWindow
from posekit.warp import check_corners

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from posekit.geometry import Size
    from posekit.settings import Settings
    from posekit.sketch.canvas import Canvas
    from posekit.warp import Corners

Part = tuple[int, int, int, int]


class Screens:
    """What is known of the screens of one show; the window's own is the first, number 0 here.

    A keystone belongs to a full screen; in a window it is only shown while it is adjusted. Changes count at
    once and are kept by `save`.
    """

    def __init__(
        self,
        settings: Settings,
        displays: Sequence[DisplayRoom] = (),
        report: Callable[[str], None] | None = None,
    ) -> None:
        self._path, self._report = room_file(settings), report or (lambda _: None)
        self._is_off = settings.room == "off"
        self.canvas, self.turn, self._spread = settings.size, settings.turn, settings.spread
        self.indices = (settings.display, *(at for at in settings.more_displays if at != settings.display))
        """The displays' numbers."""
        self._known = tuple(displays)
        self._rooms = [find_display(displays, index) for index in self.indices]
        self._desktops: list[Size] = []
        self._there = 0
        self._window_size = self.canvas
        self.is_full = settings.fullscreen
        """Whether whole screens are filled."""
        self.is_adjusting = False
        """Whether somebody changes a keystone, which is then to be seen in a window too."""
        self.black = 0.0
        """How black everything is shown, whatever is drawn: from 0 to 1."""
        self._projections: dict[int, Projection] = {}
        self._projectors = [Projector() for _ in self.indices]
        self._more: list[MoreWindow] = []

    def found(self, desktops: Sequence[Size]) -> None:
        """Take in which displays there are; raises `SettingsError` for one that is not there."""
        for index in self.indices:
            if index >= len(desktops):
                there = (
                    f"they are 0 to {len(desktops) - 1}" if len(desktops) > 1 else "there is only display 0"
                )
                raise SettingsError(f"there is no display {index}; {there}")
        if list(desktops) == self._desktops:
            return
        self._desktops = list(desktops)
        for at, index in enumerate(self.indices):
            room = find_display(self._known, index, desktops[index])
            name = display_name(index, desktops[index])
            if room is not None and room.name != name:
                self._report(
                    f"display {index} had another size when its room was saved ({room.name}): look at it"
                )
                room = replace(room, name=name)
            self._rooms[at] = room or DisplayRoom(name)

    def first(self, there: int) -> int:
        """Return on which display the window is, of as many as are there: its own, unless that is gone."""
        self._there = there
        if self.indices[0] < there:
            return self.indices[0]
        self._report(f"display {self.indices[0]} is gone; the picture is on display 0")
        return 0

    @property
    def count(self) -> int:
        """How many screens show something now."""
        return 1 + len(self._more)

    @property
    def is_same(self) -> bool:
        """Whether every screen shows the whole canvas."""
        return self._spread == "same"

    def room(self, at: int = 0) -> DisplayRoom:
        """Return what is known of a screen."""
        size = self._desktops[self.indices[at]] if self._desktops else self.canvas
        return self._rooms[at] or DisplayRoom(display_name(self.indices[at], size))

    @property
    def stage(self) -> Corners | None:
        """Where the canvas's corners are in the camera's picture."""
        return self.room().stage

    def change(self, at: int = 0, **values: Any) -> None:
        """Change what is known of a screen; raises `SettingsError` for what cannot be."""
        if values.get("keystone") is not None:
            check_corners(values["keystone"], "the keystone")
        self._rooms[at] = replace(self.room(at), **values)

    def save(self) -> str:
        """Keep what is known of all screens, and return a sentence of it, or why that is not possible."""
        try:
            for at in range(len(self.indices)):
                room = self.room(at)
                was_known = any(known.name == room.name for known in self._known)
                if was_known or room != DisplayRoom(room.name):
                    self._known = save_display(self._path, room)
        except PosekitError as error:
            return f"{error}"
        hint = "; to use it, leave out room = off" if self._is_off else ""
        return f"saved in {self._path.resolve()}{hint}"

    def projection(self, at: int = 0) -> Projection:
        """Return where the canvas is on a screen now."""
        is_full = self.is_full or at > 0
        size = self._more[at - 1].size if at > 0 else self._window_size
        wanted = Projection(
            self.canvas,
            size,
            self.room(at).keystone if is_full or self.is_adjusting else None,
            self.turn if is_full else 0,
            self._part(at) if self._more else None,
        )
        if self._projections.get(at) != wanted:
            self._projections[at] = wanted
        return self._projections[at]

    def show(self, canvas: Canvas, screen: Any) -> None:
        """Put the canvas on the window's surface, and on all other screens."""
        self._window_size = screen.get_size()
        self._projectors[0].show(canvas, screen, self.projection())
        darken(screen, self.black)
        for at, window in enumerate(self._more, start=1):
            window.show(canvas, self.projection(at), self._projectors[at], self.black)

    def on_canvas(self, event: Any) -> tuple[float, float]:
        """Return where on the canvas a mouse's event is."""
        window = getattr(event, "window", None)
        at = next((at for at, more in enumerate(self._more, start=1) if more.is_own(window)), 0)
        x, y = self.projection(at).back.apply(event.pos).tolist()
        return x, y

    def open_more(self) -> None:
        """Fill the other screens too, where the window's own is filled."""
        self.close_more()
        if self.is_full:
            for index in self.indices[1:]:
                if index >= self._there:
                    self._report(f"display {index} is gone; its part of the picture is not shown")
                    continue
                self._more.append(MoreWindow(index, self._desktops[index]))

    def close_more(self) -> None:
        """Leave the other screens; twice is harmless."""
        for window in self._more:
            window.close()
        self._more.clear()
        self._projections.clear()

    def _part(self, at: int) -> Part | None:
        """Return which part of the canvas a screen shows: left, top, width, height."""
        width, height = self.canvas
        count = self.count
        if self._spread == "same":
            return None
        if self._spread == "across":
            left, right = width * at // count, width * (at + 1) // count
            return (left, 0, right - left, height)
        top, bottom = height * at // count, height * (at + 1) // count
        return (0, top, width, bottom - top)
