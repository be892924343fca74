"""The window: shows the canvas, and turns keys and mouse into words."""

from __future__ import annotations

import itertools
import os
import warnings
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from posekit.errors import OutputError
from posekit.runner.screens import Screens
from posekit.runner.toolbox import Toolbox
from posekit.sketch.quiet_pygame import pygame

if TYPE_CHECKING:
    from posekit.geometry import Size
    from posekit.runner.loop import Loop
    from posekit.settings import Settings

INVISIBLE = ("dummy", "offscreen")
"""SDL's drivers that show nothing."""
CLICKS = (1, 2, 3)
"""The mouse's buttons; what SDL calls 4 to 7 is its wheel."""
ROOMY = 0.9
"""The part of a screen that a window takes which would be larger than it: there are bars beside."""
REPEAT_MS = (350, 40)
"""How long a key is held down before it repeats, and how often then, while somebody works with a tool."""
GONE = (
    "pygame.quit(), pygame.display.quit() or another window has closed posekit's own; to end the sketch "
    "write pygame.event.post(pygame.event.Event(pygame.QUIT))"
)


class Window:
    """A window, or a full screen, that shows a canvas of any size whole and undistorted.

    Esc and the window's close button end the run, F11 changes between window and full screen, F12 keeps a
    picture, and every tool has a key of its own; a sketch whose `on_key` returns True has the key for
    itself. Without `has_keys` every key is the sketch's, nothing that is done to the window ends the run, and
    the mouse is not shown. Leaving the `with` closes it.

    A full screen follows the screen's own rhythm where pygame can; a window is left to the desktop, which
    shows whole frames only. Raises `SettingsError` for a screen that is not there, `OutputError` where there
    is no display at all, and `HookError` when the sketch has closed the window behind our back.
    """

    def __init__(
        self,
        settings: Settings,
        title: str,
        toolbox: Toolbox | None = None,
        screens: Screens | None = None,
        *,
        has_keys: bool = True,
    ) -> None:
        self._size, self._title = settings.size, title
        self._display = settings.display
        self.screens = screens or Screens(settings)
        """What each screen shows, and where."""
        self._wants_picture = False
        self._window_size = settings.size
        self.toolbox = toolbox or Toolbox()
        """What lies over the canvas, and takes keys and mouse before the sketch."""
        self._is_working, self._has_keys = False, has_keys
        self.has_vsync = False
        """Whether `show` waits for the screen."""

    def __enter__(self) -> Window:
        desktops = open_display()
        try:
            self.screens.found(desktops)
            if pygame.display.get_driver() not in INVISIBLE:
                self._window_size = fitting(self._window_size, desktops[self._display])
            self._open()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.screens.close_more()
        pygame.display.quit()

    def handle_input(self, loop: Loop) -> bool:
        """Pass on what the user did since the last look; false when the run is to end."""
        self._screen(loop)
        events = pygame.event.get()
        for event, following in itertools.zip_longest(events, events[1:]):
            self._screen(loop)  # what the sketch did with the event before may have ended it
            if event.type == pygame.QUIT and self._has_keys:
                return False
            mods = getattr(event, "mod", 0) if event.type == pygame.KEYDOWN else pygame.key.get_mods()
            self.toolbox.shift.is_held = bool(mods & pygame.KMOD_SHIFT)
            if event.type == pygame.KEYDOWN and not self._key(event, loop):
                return False
            # A mouse may move a thousand times a second; where it is at last is enough.
            if following is None or not event.type == following.type == pygame.MOUSEMOTION:
                self._mouse(event, loop)
            self._note_tools()
        return True

    def show(self, loop: Loop) -> None:
        """Put the loop's canvas on the screen, with bars where the window has other proportions."""
        self.screens.show(loop.canvas, self._screen(loop))
        pygame.display.flip()

    def retitle(self, title: str) -> None:
        """Give the window another title."""
        if title != self._title:
            self._title = title
            pygame.display.set_caption(title)

    def use(self, size: Size) -> None:
        """Show canvases of another size from now on; the window keeps its own."""
        self._size = self.screens.canvas = size

    def takes_picture(self) -> bool:
        """Whether F12 was pressed since the last look."""
        wanted, self._wants_picture = self._wants_picture, False
        return wanted

    def next_picture_name(self, name: str) -> Path:
        """Return the first free name for a picture in the current folder: `hello-001.png`."""
        names = (Path(f"{name}-{number:03}.png") for number in itertools.count(1))
        return next(path for path in names if not path.exists())

    def _screen(self, loop: Loop) -> Any:
        """Return what is shown as a surface; raises `HookError` when the sketch has done away with it."""
        screen = pygame.display.get_surface() if pygame.display.get_init() else None
        if screen is None:
            raise loop.blame(GONE)
        return screen

    def _open(self) -> None:
        self.screens.close_more()
        # A cable may have been pulled since the start: then the show goes on where there is a screen.
        self._display = self.screens.first(len(pygame.display.get_desktop_sizes()))
        try:
            self.has_vsync = self.screens.is_full and self._open_with_vsync()
            if self.screens.is_full and not self.has_vsync:
                pygame.display.set_mode((0, 0), pygame.FULLSCREEN, display=self._display)
            elif not self.screens.is_full:
                self._open_window()
        except pygame.error as error:
            raise no_display(error) from None
        pygame.display.set_caption(self._title)
        self.screens.open_more()
        self._show_mouse()

    def _show_mouse(self) -> None:
        pygame.mouse.set_visible(self._is_working or (self._has_keys and not self.screens.is_full))

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

    def _note_tools(self) -> None:
        """Show the mouse, and repeat keys that are held down, while somebody works with a tool."""
        if self._is_working != (self.toolbox.at_work is not None):
            self._is_working = not self._is_working
            pygame.key.set_repeat(*(REPEAT_MS if self._is_working else ()))
            self._show_mouse()

    def _key(self, event: Any, loop: Loop) -> bool:
        """Act on a key; false when it ends the run."""
        code = event.key
        if not self._has_keys:
            loop.key(pygame.key.name(code))
            return True
        if self.toolbox.key(pygame.key.name(code), getattr(event, "unicode", ""), loop.key):
            return True
        if code == pygame.K_F11:
            self._screen(loop)
            if not self.screens.is_full:
                self._window_size = pygame.display.get_window_size()
            self.screens.is_full = not self.screens.is_full
            self.screens.close_more()
            if pygame.display.get_driver() not in INVISIBLE:
                # What draws a full screen keeps the measures of the window that it is made from.
                _reopen_display()
            self._open()
        elif code == pygame.K_F12:
            self._wants_picture = True
        return bool(code != pygame.K_ESCAPE)

    def _mouse(self, event: Any, loop: Loop) -> None:
        """Tell of the mouse on the canvas; the bars beside it are a tool's perhaps, not the sketch's."""
        if event.type == pygame.MOUSEMOTION:
            self.toolbox.move(self.screens.on_canvas(event))
        elif event.type == pygame.MOUSEBUTTONUP:
            self.toolbox.release()
        elif event.type == pygame.MOUSEBUTTONDOWN:
            x, y = self.screens.on_canvas(event)
            is_inside = event.button in CLICKS and 0 <= x < self._size[0] and 0 <= y < self._size[1]
            if not self.toolbox.press((x, y), event.button) and is_inside:
                loop.mouse((x, y), event.button)


def fitting(size: Size, desktop: Size) -> Size:
    """Return how large a window for a canvas is: as large as it, or with its proportions on the screen."""
    if size[0] <= desktop[0] and size[1] <= desktop[1]:
        return size
    scale = ROOMY * min(desktop[0] / size[0], desktop[1] / size[1])
    return (max(1, round(size[0] * scale)), max(1, round(size[1] * scale)))


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


def display_sizes() -> list[Size]:
    """Return the screens' sizes; raises `OutputError` where there is no display. Nothing stays open."""
    sizes = open_display()
    pygame.display.quit()
    return sizes


def require_display() -> None:
    """Raise `OutputError` where no window could be opened; nothing stays open."""
    open_display()
    pygame.display.quit()


def no_display(error: object) -> OutputError:
    """Return the error for a machine on which no window can be opened."""
    return OutputError(
        f"no window can be opened here ({error}); start it from the machine's own desktop, over SSH with "
        "DISPLAY=:0, or without any: `posekit run` with --headless, and --save-video FILE to see what it drew"
    )
