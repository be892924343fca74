"""The window: shows the canvas, and turns keys and mouse into words."""

from __future__ import annotations

import itertools
import os
import warnings
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2

from posekit.errors import OutputError, SettingsError
from posekit.geometry import Placement, Size, fit_picture
from posekit.sketch.canvas import BGRX_MASKS, Canvas, surface_pixels
from posekit.sketch.quiet_pygame import pygame

if TYPE_CHECKING:
    from posekit.runner.loop import Loop
    from posekit.runner.zone_editor import ZoneEditor
    from posekit.settings import Settings

INVISIBLE = ("dummy", "offscreen")
"""SDL's drivers that show nothing."""
CLICKS = (1, 2, 3)
"""The mouse's buttons; what SDL calls 4 to 7 is its wheel."""
GONE = (
    "pygame.quit(), pygame.display.quit() or another window has closed posekit's own; to end the sketch "
    "write pygame.event.post(pygame.event.Event(pygame.QUIT))"
)


class Window:
    """A window, or a full screen, that shows a canvas of any size whole and undistorted.

    Esc and the window's close button end the run, F3 draws zones, F11 changes between window and full
    screen, F12 keeps a picture; a sketch whose `on_key` returns True has the key for itself. Leaving the
    `with` closes it.

    A full screen follows the screen's own rhythm where pygame can; a window is left to the desktop, which
    shows whole frames only. Raises `SettingsError` for a screen that is not there, `OutputError` where there
    is no display at all, and `HookError` when the sketch has closed the window behind our back.
    """

    def __init__(self, settings: Settings, title: str) -> None:
        self._size, self._title = settings.size, title
        self._display, self._fullscreen = settings.display, settings.fullscreen
        self._placement = Placement(*settings.size, 0.0, 0.0)
        self._wants_picture = False
        self._scaled: Canvas | None = None
        self._window_size = settings.size
        self.editor: ZoneEditor | None = None
        """What F3 opens."""
        self.has_vsync = False
        """Whether `show` waits for the screen."""

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
        self._screen(loop)
        for event in pygame.event.get():
            self._screen(loop)  # what the sketch did with the event before may have ended it
            if event.type == pygame.QUIT:
                return False
            if self.editor is not None and self.editor.is_open and self._edit(event, self.editor):
                continue
            if event.type == pygame.KEYDOWN and not self._key(event.key, loop):
                return False
            if event.type == pygame.MOUSEBUTTONDOWN:
                self._mouse(event, loop)
        return True

    def show(self, loop: Loop) -> None:
        """Put the loop's canvas on the screen, with bars where the window has other proportions."""
        screen, canvas = self._screen(loop), loop.canvas
        size = screen.get_size()
        self._placement = placement = fit_picture(canvas.size, size, "contain")
        # pygame does not show a canvas whose memory somebody keeps; its memory can be copied all the same.
        if size == canvas.size and not canvas.surface.get_locked():
            screen.blit(canvas.surface, (0, 0))
        else:
            area = pygame.Rect(
                *(round(offset) for offset in (placement.offset_x, placement.offset_y)),
                *(max(1, round(extent)) for extent in (placement.extent_x, placement.extent_y)),
            ).clip(screen.get_rect())
            if area.size != size:
                screen.fill((0, 0, 0))
            self._scale(canvas, screen, area)
        pygame.display.flip()

    def takes_picture(self) -> bool:
        """Whether F12 was pressed since the last look."""
        wanted, self._wants_picture = self._wants_picture, False
        return wanted

    def next_picture_name(self, name: str) -> Path:
        """Return the first free name for a picture in the current folder: `hello-001.png`."""
        names = (Path(f"{name}-{number:03}.png") for number in itertools.count(1))
        return next(path for path in names if not path.exists())

    def _scale(self, canvas: Canvas, screen: Any, area: pygame.Rect) -> None:
        """Put the canvas on a part of the screen, straight into its memory where that is like a canvas's."""
        # From half size on bilinear sampling skips pixels; averaging costs four times as much.
        halved = 2 * area.width <= canvas.width or 2 * area.height <= canvas.height
        method = cv2.INTER_AREA if halved else cv2.INTER_LINEAR
        if screen.get_bitsize() == 32 and screen.get_masks()[:3] == BGRX_MASKS[:3]:
            part = surface_pixels(screen)[area.top : area.bottom, area.left : area.right]
            cv2.resize(canvas.pixels, area.size, dst=part, interpolation=method)
            return
        if self._scaled is None or self._scaled.size != area.size:
            self._scaled = Canvas(area.size)
        cv2.resize(canvas.pixels, area.size, dst=self._scaled.pixels, interpolation=method)
        screen.blit(self._scaled.surface, area)

    def _screen(self, loop: Loop) -> Any:
        """Return what is shown as a surface; raises `HookError` when the sketch has done away with it."""
        screen = pygame.display.get_surface() if pygame.display.get_init() else None
        if screen is None:
            raise loop.blame(GONE)
        return screen

    def _open(self) -> None:
        try:
            self.has_vsync = self._fullscreen and self._open_with_vsync()
            if self._fullscreen and not self.has_vsync:
                pygame.display.set_mode((0, 0), pygame.FULLSCREEN, display=self._display)
            elif not self._fullscreen:
                self._open_window()
        except pygame.error as error:
            raise no_display(error) from None
        pygame.display.set_caption(self._title)
        self._show_mouse()

    def _show_mouse(self) -> None:
        is_editing = self.editor is not None and self.editor.is_open
        pygame.mouse.set_visible(is_editing or not self._fullscreen)

    def _open_window(self) -> None:
        for _ in range(2):
            pygame.display.set_mode(self._window_size, pygame.RESIZABLE, display=self._display)
            # Some of SDL's drivers leave the full screen at the first word and take the size at the second.
            if pygame.display.get_window_size() == self._window_size:
                return

    def _open_with_vsync(self) -> bool:
        """Open a full screen whose frames change between two of the screen's; whether there is such a thing.

        pygame waits for the screen only in its scaled mode. That is asked for the screen's own size, at which
        nothing is scaled: at others pygame 2.6.1 was seen to put picture and mouse in the wrong place on X11.
        """
        if pygame.display.get_driver() in INVISIBLE:
            return False
        size = pygame.display.get_desktop_sizes()[self._display]
        screen, flags = None, pygame.FULLSCREEN | pygame.SCALED
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            with suppress(pygame.error):
                screen = pygame.display.set_mode(size, flags, display=self._display, vsync=1)
        # Without a graphics card pygame warns, and waits for a timer that no screen goes by.
        if screen and not said and screen.get_size() == pygame.display.get_window_size() == size:
            return True
        _reopen_display()
        return False

    def _key(self, code: int, loop: Loop) -> bool:
        """Act on a key; false when it ends the run."""
        if loop.key(pygame.key.name(code)):
            return True
        if code == pygame.K_F11:
            self._screen(loop)
            if not self._fullscreen:
                self._window_size = pygame.display.get_window_size()
            self._fullscreen = not self._fullscreen
            if pygame.display.get_driver() not in INVISIBLE:
                # What draws a full screen keeps the measures of the window that it is made from.
                _reopen_display()
            self._open()
        elif code == pygame.K_F12:
            self._wants_picture = True
        elif code == pygame.K_F3 and self.editor is not None:
            self.editor.open()
            pygame.mouse.set_visible(True)
        return bool(code != pygame.K_ESCAPE)

    def _mouse(self, event: Any, loop: Loop) -> None:
        """Tell of a click on the canvas; the bars beside it are not the sketch's."""
        x, y = self._on_canvas(event.pos)
        if event.button in CLICKS and 0 <= x < self._size[0] and 0 <= y < self._size[1]:
            loop.mouse((x, y), event.button)

    def _edit(self, event: Any, editor: ZoneEditor) -> bool:
        """Let the editor have an event; whether it took it."""
        if event.type == pygame.KEYDOWN:
            is_taken = editor.key(pygame.key.name(event.key), getattr(event, "unicode", ""))
            self._show_mouse()
            return is_taken
        if event.type == pygame.MOUSEMOTION:
            editor.move(self._on_canvas(event.pos))
        elif event.type == pygame.MOUSEBUTTONDOWN:
            editor.press(self._on_canvas(event.pos), event.button)
        elif event.type == pygame.MOUSEBUTTONUP:
            editor.release()
        return True

    def _on_canvas(self, position: tuple[int, int]) -> tuple[float, float]:
        """Return where on the canvas a place in the window is."""
        left, top = self._placement.offset_x, self._placement.offset_y
        scale = self._placement.extent_x / self._size[0]
        return (position[0] - left) / scale, (position[1] - top) / scale


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


def _reopen_display() -> None:
    """Start afresh, without anything of the window that was there."""
    pygame.display.quit()
    open_display()


def has_display() -> bool:
    """Whether a window could be opened here; nothing stays open."""
    try:
        open_display()
    except OutputError:
        return False
    pygame.display.quit()
    return True


def require_display() -> None:
    """Raise `OutputError` where no window could be opened; nothing stays open."""
    open_display()
    pygame.display.quit()


def no_display(error: object) -> OutputError:
    """Return the error for a machine on which no window can be opened."""
    return OutputError(
        f"no window can be opened here ({error}); without a display run with --headless, "
        "and --save-video FILE to see what it drew"
    )
