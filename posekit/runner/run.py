"""Runs a sketch from start to end: in a window, or without one, with everything closed on every way out."""

from __future__ import annotations

import os
from contextlib import closing, contextmanager, nullcontext
from functools import partial
from typing import TYPE_CHECKING

from posekit.clock import Clock, SystemClock
from posekit.draw import write_picture
from posekit.draw.video import check_writable
from posekit.engine.options import watched_zones
from posekit.errors import PosekitError
from posekit.room import find_display, known_displays
from posekit.runner import interrupt
from posekit.runner.adjusting import Adjuster
from posekit.runner.endings import closing_loop, owning_up
from posekit.runner.host import Backstage, Host
from posekit.runner.loop import Loop
from posekit.runner.mishaps import Mishaps
from posekit.runner.one_run import OneRun
from posekit.runner.pacing import Pacer
from posekit.runner.presets import presets_file
from posekit.runner.reload import Reloader
from posekit.runner.remote import Remote
from posekit.runner.tool import Shift
from posekit.runner.toolbox import Toolbox
from posekit.sound import speaker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from posekit.runner.feed import Feed
    from posekit.runner.film import Film
    from posekit.runner.screens import Screens
    from posekit.runner.window import Window
    from posekit.settings import Settings
    from posekit.sketch.loader import LoadedSketch

VSYNC_LEAD = 1.01
"""How much faster than asked frames are paced where the screen's own rhythm makes them wait: a screen's 60 Hz
are 59.9 or 60.1, and of two clocks that nearly agree one would skip a beat now and then."""


def run_sketch(
    loaded: LoadedSketch,
    feed: Feed,
    settings: Settings,
    *,
    clock: Clock | None = None,
    report: Callable[[str], None] | None = None,
    remote: Remote | None = None,
    attach: Callable[[Loop], None] | None = None,
    settle: Callable[[LoadedSketch], Settings] | None = None,
    host: Host | None = None,
) -> int:
    """Run a sketch until its source or its user ends it; return how many frames were drawn.

    Headless, every new scene is drawn once, at the scene's own time. In a window the newest is drawn
    `settings.fps` times a second. `attach` is given the loop before it begins, by whoever wants to change
    something of it meanwhile. `remote` is who is listened to meanwhile; it and the feed are closed by
    whoever opened them. `settle` returns the settings for a version of the sketch that was saved meanwhile.
    `host` has the last word on a window.
    Raises `HookError` for what the sketch's own code raised, `OutputError` for a file
    that cannot be written, and whatever the feed raises. A window that nothing is kept of goes on in spite
    of errors in its sketch, and any window in spite of a full disk; what is still wrong at its end is raised
    then.
    """
    if settings.headless:
        # Set before pygame looks for a display, so that none is needed.
        os.environ["SDL_VIDEODRIVER"] = "dummy"
        # What is not shown in its own time cannot be heard in it.
        os.environ.setdefault("SDL_AUDIODRIVER", "dummy")
    from posekit.sketch.canvas import Canvas

    if settings.save_frame is not None:
        check_writable(settings.save_frame)
    mirror = feed.is_live if settings.mirror == "auto" else bool(settings.mirror)
    clock = clock or SystemClock()
    remote = remote or Remote(clock, report=report)
    loop = Loop(loaded, Canvas(settings.size), fit=settings.fit, mirror=mirror, osc=remote.osc)
    loop.zones = watched_zones(settings)
    known = find_display(known_displays(settings), settings.display)
    loop.stage = known.stage if known else None
    if attach is not None:
        attach(loop)
    speaker.report = report
    run = _Run(loop, feed, settings, clock, report, remote, presets_file(loaded.path))
    drawn = run.without_window() if settings.headless else run.in_window(loaded, settle, host or Host())
    if settings.save_frame is not None and drawn:
        write_picture(settings.save_frame, loop.canvas.pixels)
    return drawn


class _Run(OneRun):
    """One run of one sketch, in a window perhaps."""

    def in_window(
        self, loaded: LoadedSketch, settle: Callable[[LoadedSketch], Settings] | None, host: Host
    ) -> int:
        """Draw the newest scene `settings.fps` times a second; return how many frames were drawn."""
        from posekit.runner.screens import Screens
        from posekit.runner.window import Window

        name, title = loaded.sketch.name, str(loaded.sketch.title or loaded.sketch.name)
        mishaps = Mishaps(self._clock, self._say)
        screens = Screens(self._settings, known_displays(self._settings), self._say)
        toolbox = self._toolbox(screens, name, host)
        with (
            self._recording() as film,
            owning_up(film, mishaps),
            Window(self._settings, title, toolbox, screens, has_keys=host.has_keys) as window,
            closing_loop(self._loop),
            window.toolbox,
        ):
            self._loop.stage = screens.stage
            self._loop.setup()
            if not self._is_kept:
                self._loop.forgive = mishaps.note
            with self._reloading(window, mishaps, settle, host) as reloader:
                host.begin(
                    Backstage(self._loop, self._knobs, self._presets, toolbox, screens, mishaps, reloader)
                )
                self._show(window, film, mishaps, reloader, name, host)
        return self._drawn

    def _toolbox(self, screens: Screens, name: str, host: Host) -> Toolbox:
        """Return the window's tools; where no key opens any, those that a host may open."""
        from posekit.runner.test_card import TestCard
        from posekit.runner.tools import window_tools

        if not host.has_keys:
            return Toolbox([TestCard(screens, self._clock)], self._say)
        shift = Shift()
        tools = window_tools(
            self._loop,
            self._feed,
            self._settings,
            self._clock,
            report=self._say,
            knobs=self._knobs,
            presets=self._presets,
            remote=self._remote,
            name=name,
            shift=shift,
            screens=screens,
        )
        return Toolbox(tools, self._say, shift)

    @contextmanager
    def _reloading(
        self,
        window: Window,
        mishaps: Mishaps,
        settle: Callable[[LoadedSketch], Settings] | None,
        host: Host,
    ) -> Iterator[Reloader]:
        """Take the sketch's new code whenever its file is saved, unless something is kept of the run."""
        is_filmed = self._settings.save_video is not None
        adjust = Adjuster(self._loop, window, self._feed, self._remote, self._say, is_filmed=is_filmed)
        reloader = Reloader(
            self._loop,
            mishaps,
            self._clock,
            self._say,
            settle=settle,
            adjust=adjust,
            keeps_errors=not self._is_kept,
        )
        wanted = self._settings.reload if host.reloads is None else host.reloads
        if wanted is True or (wanted == "auto" and not self._is_kept):
            reloader.start()
        with closing(reloader):
            yield reloader

    @property
    def _is_kept(self) -> bool:
        """Whether something is to remain of the run: then an error must not be hidden in it."""
        settings = self._settings
        return (settings.frames, settings.save_video, settings.save_frame) != (None, None, None)

    def _show(
        self, window: Window, film: Film, mishaps: Mishaps, reloader: Reloader, name: str, host: Host
    ) -> None:
        settings = self._settings
        pacer = Pacer(settings.fps, self._clock)
        while self._drawn != settings.frames and window.handle_input(self._loop):
            host.before_frame()
            reloader.look()
            fps = min(reloader.fps or settings.fps, host.most_fps)
            pacer.rate = fps * (VSYNC_LEAD if window.has_vsync else 1)
            now = pacer.wait()
            interrupt.check()
            update = self._feed.poll()
            if update.finished:
                self._loop.tell(update)
                break
            # What is drawn now is seen when the next frame is due.
            reloader.frame(partial(self._loop.frame, update, now, now + 1 / fps, self._listen()))
            mishaps.end_frame()
            self._count(film, now)
            canvas = self._loop.canvas
            window.toolbox.frame(canvas, now)
            banner = mishaps.banner(canvas) if host.shows_errors else nullcontext()
            with banner, window.toolbox.over(canvas):
                window.show(self._loop)
            host.after_frame()
            self._take_picture(window, name)

    def _take_picture(self, window: Window, name: str) -> None:
        if not window.takes_picture():
            return
        try:
            path = window.next_picture_name(name)
            write_picture(path, self._loop.canvas.pixels)
        except PosekitError as error:
            # A picture that cannot be kept is no reason to end a show.
            self._say(str(error))
        else:
            self._say(f"saved {path}")
