"""A window that fills one more screen; the first is pygame's own."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from posekit.errors import OutputError
from posekit.runner.keystone import darken
from posekit.sketch.canvas import Canvas
from posekit.sketch.quiet_pygame import pygame

if TYPE_CHECKING:
    from posekit.geometry import Size
    from posekit.runner.keystone import Projection, Projector

CENTERED_ON_DISPLAY = 0x2FFF0000
"""SDL's word for a window's place: the middle of the display whose number is added (SDL_video.h)."""

# A full screen that loses the keyboard, to another screen's window even, is minimised by SDL otherwise.
os.environ.setdefault("SDL_VIDEO_MINIMIZE_ON_FOCUS_LOSS", "0")


class MoreWindow:
    """A borderless window over a whole display. Raises `OutputError` where none can be opened.

    pygame 2.6 has one window with a surface; others are SDL's own, drawn by a renderer. They are not tied
    to the screen's rhythm: the first window's is kept, and two would wait for each other.
    """

    def __init__(self, index: int, size: Size) -> None:
        from pygame._sdl2 import video

        place = CENTERED_ON_DISPLAY | index
        self.index, self.size = index, size
        try:
            self._window: Any = video.Window(
                f"display {index}", size=size, position=(place, place), borderless=True
            )
            self._window.set_fullscreen(desktop=True)
            pygame.event.pump()
            width, height = self._window.size
            self.size = (width, height)
            self._renderer: Any = video.Renderer(self._window)
            self._texture: Any = video.Texture(self._renderer, self.size, streaming=True)
        except pygame.error as error:
            raise OutputError(f"display {index} cannot be filled too ({error})") from None
        self._canvas = Canvas(self.size)

    def is_own(self, window: object) -> bool:
        """Whether an event's window is this one."""
        return window is not None and getattr(window, "id", None) == self._window.id

    def show(self, canvas: Canvas, projection: Projection, projector: Projector, black: float = 0.0) -> None:
        """Show a canvas, or a part of it, darkened by so much from 0 to 1."""
        projector.show(canvas, self._canvas.surface, projection)
        darken(self._canvas.surface, black)
        self._texture.update(self._canvas.surface)
        self._texture.draw()
        self._renderer.present()

    def close(self) -> None:
        """Leave the screen."""
        self._texture = self._renderer = None
        self._window.destroy()
