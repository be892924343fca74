"""The curtain of a gallery: `python -m posekit.gallery.curtain`, a black screen beneath the sketch's window.

Whatever becomes of the window, visitors see the curtain and no desktop. It draws when it is told something
else, and waits. Its order is the first line on stdin, messages follow; when stdin closes it ends.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from threading import Event, Thread
from typing import TYPE_CHECKING, Any, BinaryIO

from posekit.engine.outbox import Outbox
from posekit.engine.owned import claim_stdin, claim_stdout, die_with_owner
from posekit.engine.wire import Message, read_messages
from posekit.errors import PosekitError
from posekit.gallery.beneath import beneath
from posekit.gallery.orders import CurtainOrder
from posekit.runner.more_windows import CENTERED_ON_DISPLAY
from posekit.runner.window import INVISIBLE, no_display, open_display
from posekit.sketch.quiet_pygame import pygame

if TYPE_CHECKING:
    from posekit.geometry import Size

LOOK_SECONDS = 0.1
"""How often it looks whether a part of it has come to light. SDL's own waiting looks a thousand times a
second, which took 2 % of a core on X11; this takes a tenth of that."""
UNCOVERED = {pygame.WINDOWEXPOSED, pygame.WINDOWSHOWN, pygame.WINDOWSIZECHANGED}
SMALL = (640, 360)
"""How large it is at a desk, where it does not fill the screen."""


def main() -> int:
    """Hang the curtain until its owner ends; return the exit code."""
    answers, told = claim_stdout(), claim_stdin()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the owner decides
    line = told.readline()
    if not line:
        return 1
    order = CurtainOrder.decode(line)
    # A black screen needs no graphics card, whose driver may take 100 MB.
    os.environ.setdefault("SDL_FRAMEBUFFER_ACCELERATION", "0")
    outbox = Outbox(answers)
    die_with_owner(order.owner)
    code = 0
    try:
        curtain = Curtain(order)
        Thread(target=curtain.listen, args=(told,), name="owner", daemon=True).start()
        outbox.put(Message("ready", {}))
        curtain.hang()
    except PosekitError as error:
        outbox.put(Message("failure", {"text": str(error)}))
        code = error.exit_code
    outbox.close()
    return code


class Curtain:
    """One cloth on each display, all with the same on it. Raises `OutputError` where there is no display."""

    def __init__(self, order: CurtainOrder) -> None:
        desktops = open_display()
        self._told = Event()
        self._words = (order.title, order.line)
        self._is_ending = False
        self._told.set()
        shown = [index for index in order.displays if index < len(desktops)] or [0]
        try:
            pygame.display.set_allow_screensaver(False)
            first = _FirstCloth(shown[0], desktops[shown[0]], fullscreen=order.fullscreen)
            others = shown[1:] if order.fullscreen and pygame.display.get_driver() not in INVISIBLE else []
            more = [_Cloth(index, desktops[index]) for index in others]
        except pygame.error as error:
            raise no_display(error) from None
        self._cloths: list[_FirstCloth | _Cloth] = [first, *more]
        place = beneath()
        place.before_shown()
        for cloth in self._cloths:
            cloth.show()
        place.after_shown()
        pygame.mouse.set_visible(False)

    def hang(self) -> None:
        """Show what is to be shown, until the owner ends."""
        while not self._is_ending:
            events = {event.type for event in pygame.event.get()}
            if self._told.is_set() or not events.isdisjoint(UNCOVERED):
                self._told.clear()
                self._paint()
            self._told.wait(LOOK_SECONDS)

    def listen(self, told: BinaryIO) -> None:
        """Do what the owner says; meant for a thread."""
        with suppress(OSError, ValueError):
            for message in read_messages(told):
                if message.kind == "end":
                    break
                if message.kind == "tell":
                    self._tell(**message.data)
        self._is_ending = True
        self._told.set()

    def _tell(self, what: str, **data: Any) -> None:
        if what == "card":
            self._words = (str(data.get("title", "")), str(data.get("line", "")))
        elif what == "black":
            self._words = ("", "")
        self._told.set()

    def _paint(self) -> None:
        for cloth in self._cloths:
            cloth.paint(*self._words)


class _FirstCloth:
    """Pygame's own window, over a whole display, hidden at first."""

    def __init__(self, index: int, size: Size, *, fullscreen: bool) -> None:
        flags = pygame.HIDDEN | (pygame.NOFRAME if fullscreen else 0)
        pygame.display.set_mode(size if fullscreen else SMALL, flags, display=index)
        pygame.display.set_caption("curtain")
        self._window: Any = None

    def show(self) -> None:
        """Let it be seen."""
        from pygame._sdl2 import video

        if pygame.display.get_driver() not in INVISIBLE:
            # Kept: pygame 2.6.1 hands events a pointer to this object, and crashes when it is gone.
            self._window = video.Window.from_display_module()
            self._window.show()

    def paint(self, title: str, line: str) -> None:
        """Show a card, or black."""
        surface = pygame.display.get_surface()
        if surface is None:
            return
        surface.fill((0, 0, 0))
        if title or line:
            surface.blit(_card(surface.get_size(), title, line), (0, 0))
        pygame.display.flip()


class _Cloth:
    """A window over one more display, drawn by SDL, hidden at first."""

    def __init__(self, index: int, size: Size) -> None:
        from pygame._sdl2 import video

        place = (CENTERED_ON_DISPLAY | index, CENTERED_ON_DISPLAY | index)
        self._window: Any = video.Window("curtain", size=size, position=place, borderless=True, hidden=True)
        self._renderer: Any = video.Renderer(self._window)

    def show(self) -> None:
        """Let it be seen."""
        self._window.show()

    def paint(self, title: str, line: str) -> None:
        """Show a card, or black."""
        from pygame._sdl2 import video

        self._renderer.draw_color = (0, 0, 0, 255)
        self._renderer.clear()
        if title or line:
            card = _card(self._window.size, title, line)
            video.Texture.from_surface(self._renderer, card).draw()
        self._renderer.present()


def _card(size: Size, title: str, line: str) -> Any:
    # Drawing takes memory that a curtain which stays black does not need.
    from posekit.gallery.title_card import draw_title_card

    return draw_title_card(size, title, line).surface


if __name__ == "__main__":
    if sys.version_info < (3, 11) and sys.path[0] == os.getcwd():  # noqa: PTH109
        del sys.path[0]
    code = main()
    sys.stderr.flush()
    os._exit(code)
