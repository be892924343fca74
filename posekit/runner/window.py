"""The window: shows the canvas, and turns keys and mouse into words."""

from __future__ import annotations

import itertools
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2

from posekit.errors import OutputError, SettingsError
from posekit.geometry import Placement, Size, fit_picture
from posekit.sketch.canvas import Canvas
from posekit.sketch.quiet_pygame import pygame

if TYPE_CHECKING:
    from posekit.runner.loop import Loop
    from posekit.settings import Settings

INVISIBLE = ("dummy", "offscreen")
"""SDL's drivers that show nothing."""


class Window:
    """A window, or a full screen, that shows a canvas of any size whole and undistorted.

    Esc and the window's close button end the run, F11 changes between window and full screen, F12 keeps a
    picture; a sketch whose `on_key` returns True has the key for itself. Leaving the `with` closes it.
    Raises `SettingsError` for a screen that is not there and `OutputError` where there is no display at all.
    """

    def __init__(self, settings: Settings, title: str) -> None:
        self._size, self._title = settings.size, title
        self._display, self._fullscreen = settings.display, settings.fullscreen
        self._placement = Placement(*settings.size, 0.0, 0.0)
        self._wants_picture = False
        self._scaled: Canvas | None = None

    def __enter__(self) -> Window:
        desktops = open_display()
        if self._display >= len(desktops):
            pygame.display.quit()
            raise SettingsError(f"there is no display {self._display}; there are {len(desktops)}, from 0")
        try:
            self._open()
        except BaseException:
            pygame.display.quit()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        pygame.display.quit()

    def handle_input(self, loop: Loop) -> bool:
        """Pass on what the user did since the last look; false when the run is to end."""
        for event in pygame.event.get():
            if event.type == pygame.QUIT:
                return False
            if event.type == pygame.KEYDOWN and not self._key(event.key, loop):
                return False
            if event.type == pygame.MOUSEBUTTONDOWN:
                self._mouse(event, loop)
        return True

    def show(self, canvas: Canvas) -> None:
        """Put the canvas on the screen, with bars where the window has other proportions."""
        screen = pygame.display.get_surface()
        size = screen.get_size()
        self._placement = placement = fit_picture(canvas.size, size, "contain")
        if size == canvas.size:
            screen.blit(canvas.surface, (0, 0))
        else:
            screen.fill((0, 0, 0))
            screen.blit(self._scale(canvas), (round(placement.offset_x), round(placement.offset_y)))
        pygame.display.flip()

    def takes_picture(self) -> bool:
        """Whether F12 was pressed since the last look."""
        wanted, self._wants_picture = self._wants_picture, False
        return wanted

    def next_picture_name(self, name: str) -> Path:
        """Return the first free name for a picture in the current folder: `hello-001.png`."""
        names = (Path(f"{name}-{number:03}.png") for number in itertools.count(1))
        return next(path for path in names if not path.exists())

    def _scale(self, canvas: Canvas) -> Any:
        """Return the canvas as a surface of the size it has on the screen."""
        size = (max(1, round(self._placement.extent_x)), max(1, round(self._placement.extent_y)))
        if self._scaled is None or self._scaled.size != size:
            self._scaled = Canvas(size)
        shrinking = size[0] < canvas.width
        method = cv2.INTER_AREA if shrinking else cv2.INTER_LINEAR
        cv2.resize(canvas.pixels, size, dst=self._scaled.pixels, interpolation=method)
        return self._scaled.surface

    def _open(self) -> None:
        flags, size = (pygame.FULLSCREEN, (0, 0)) if self._fullscreen else (pygame.RESIZABLE, self._size)
        try:
            pygame.display.set_mode(size, flags, display=self._display)
        except pygame.error as error:
            raise no_display(error) from None
        pygame.display.set_caption(self._title)
        pygame.mouse.set_visible(not self._fullscreen)

    def _key(self, code: int, loop: Loop) -> bool:
        """Act on a key; false when it ends the run."""
        if loop.key(pygame.key.name(code)):
            return True
        if code == pygame.K_F11:
            self._fullscreen = not self._fullscreen
            self._open()
        elif code == pygame.K_F12:
            self._wants_picture = True
        return bool(code != pygame.K_ESCAPE)

    def _mouse(self, event: Any, loop: Loop) -> None:
        x, y = event.pos
        left, top = self._placement.offset_x, self._placement.offset_y
        scale = self._placement.extent_x / self._size[0]
        loop.mouse(((x - left) / scale, (y - top) / scale), event.button)


def open_display() -> list[Size]:
    """Start pygame's display and return the screens' sizes; raises `OutputError` where there is none."""
    try:
        pygame.display.init()
        driver, desktops = pygame.display.get_driver(), pygame.display.get_desktop_sizes()
    except pygame.error as error:
        pygame.display.quit()
        raise no_display(error) from None
    # Where it finds no screen SDL may take a driver that shows nothing; only who asks for one means it.
    if driver in INVISIBLE and os.environ.get("SDL_VIDEODRIVER") != driver:
        pygame.display.quit()
        raise no_display("there is no screen")
    return list(desktops)


def has_display() -> bool:
    """Whether a window could be opened here; nothing stays open."""
    try:
        open_display()
    except OutputError:
        return False
    pygame.display.quit()
    return True


def no_display(error: object) -> OutputError:
    """Return the error for a machine on which no window can be opened."""
    return OutputError(
        f"no window can be opened here ({error}); without a display run with --headless, "
        "and --save-video FILE to see what it drew"
    )
