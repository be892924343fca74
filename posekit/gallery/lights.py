"""What visitors see of a show: it opens and closes with a fade, and may be black because somebody asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from posekit.clock import Clock
    from posekit.gallery.engine_keeper import EngineKeeper
    from posekit.gallery.window_keeper import WindowKeeper

LEAVE_SECONDS = 1.0
"""Between the pause, with which everybody leaves, and the engine's end."""
BLACKOUT_SECONDS = 1.0
"""A blackout's fade."""


class Lights:
    """Fades the window, and ends and starts the engine, so that no camera is on while the show is closed.

    The window stays while it is closed: black, at a few frames a second, so that it is there at once when the
    show opens, and nobody can find a desktop. The engine ends: its camera goes off for everybody to see, and
    every day begins with a new one. `tell` is told `open` and `close`; the latter once all is black.
    """

    def __init__(
        self,
        engine: EngineKeeper,
        window: WindowKeeper,
        clock: Clock,
        fade: float,
        tell: Callable[[str], None],
    ) -> None:
        self._engine, self._window, self._clock, self._tell = engine, window, clock, tell
        self.fade = fade
        """Seconds from light to black."""
        self.is_open: bool | None = None
        """None before the first look."""
        self.is_black = False
        """Whether somebody asked for a blackout."""
        self.is_paused = False
        """Whether somebody asked that nobody is looked for."""
        self._pause_at: float | None = None
        self._rest_at: float | None = None

    def look(self, is_open: bool) -> None:
        """Open or close if that changes, and do what is due."""
        if is_open != self.is_open:
            first, self.is_open = self.is_open is None, is_open
            (self._open if is_open else self._close)(0.0 if first else self.fade)
        now = self._clock.now()
        if self._pause_at is not None and now >= self._pause_at:
            self._pause_at, self._rest_at = None, now + LEAVE_SECONDS
            self._engine.tell(lambda feed: feed.pause(True))
            self._tell("close")
        if self._rest_at is not None and now >= self._rest_at:
            self._rest_at = None
            self._engine.want(False)

    def blackout(self, is_wanted: bool) -> None:
        """Fade to black, or back; the hours do not matter for it."""
        self.is_black = is_wanted
        self._fade(BLACKOUT_SECONDS)

    def pause(self, is_wanted: bool) -> None:
        """Look for nobody, or look again."""
        self.is_paused = is_wanted
        self._engine.tell(lambda feed: feed.pause(is_wanted))

    @property
    def is_lit(self) -> bool:
        """Whether visitors are to see something."""
        return bool(self.is_open) and not self.is_black

    def _open(self, fade: float) -> None:
        self._pause_at = self._rest_at = None
        is_paused = self.is_paused
        self._engine.tell(lambda feed: feed.pause(is_paused))  # it may be the one that was about to end
        self._engine.want(True)
        self._tell("open")
        self._fade(fade)

    def _close(self, fade: float) -> None:
        self._fade(fade)
        if self._engine.is_wanted:
            self._pause_at = self._clock.now() + fade
        else:
            self._tell("close")

    def _fade(self, seconds: float) -> None:
        self._window.tell("fade", to=0.0 if self.is_lit else 1.0, seconds=seconds)
