"""Runs a sketch from start to end: in a window, or without one, with everything closed on every way out."""

from __future__ import annotations

import os
from contextlib import closing, contextmanager
from functools import partial
from typing import TYPE_CHECKING

from posekit.clock import Clock, SystemClock
from posekit.draw import open_video, write_picture
from posekit.draw.video import check_writable
from posekit.engine.options import watched_zones
from posekit.errors import EngineError, PosekitError
from posekit.room import find_display, known_displays
from posekit.runner import interrupt
from posekit.runner.adjusting import Adjuster
from posekit.runner.endings import closing_loop, owning_up
from posekit.runner.film import Film
from posekit.runner.knobs import Knobs
from posekit.runner.loop import Loop
from posekit.runner.mishaps import Mishaps
from posekit.runner.pacing import Pacer
from posekit.runner.preset_player import PresetPlayer
from posekit.runner.presets import presets_file
from posekit.runner.reload import Reloader
from posekit.runner.remote import Remote
from posekit.runner.tool import Shift
from posekit.runner.toolbox import Toolbox
from posekit.sound import speaker
from posekit.sources import is_live

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from posekit.runner.feed import Feed, Update
    from posekit.runner.remote import Heard
    from posekit.runner.window import Window
    from posekit.settings import Settings
    from posekit.sketch.loader import LoadedSketch

SILENCE_SECONDS = 30.0
"""How long a run without a window waits for a new scene before it gives up."""
LOOKS_PER_SECOND = 500.0
"""How often such a run looks for one."""
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
) -> int:
    """Run a sketch until its source or its user ends it; return how many frames were drawn.

    Headless, every new scene is drawn once, at the scene's own time. In a window the newest is drawn
    `settings.fps` times a second. `attach` is given the loop before it begins, by whoever wants to change
    something of it meanwhile. `remote` is who is listened to meanwhile; it and the feed are closed by
    whoever opened them. `settle` returns the settings for a version of the sketch that was saved meanwhile.
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
    drawn = run.without_window() if settings.headless else run.in_window(loaded, settle)
    if settings.save_frame is not None and drawn:
        write_picture(settings.save_frame, loop.canvas.pixels)
    return drawn


class _Run:
    """One run of one sketch."""

    def __init__(
        self,
        loop: Loop,
        feed: Feed,
        settings: Settings,
        clock: Clock,
        report: Callable[[str], None] | None,
        remote: Remote,
        presets: Path,
    ) -> None:
        self._loop, self._feed, self._settings, self._clock = loop, feed, settings, clock
        self._report, self._remote = report, remote
        self._drawn = 0
        self._asked: list[Heard] = []
        self._knobs = Knobs(lambda: loop.parameters, self._asked.append)
        self._presets = PresetPlayer(self._knobs, presets, clock, self._say)
        remote.preset.load = self._presets.obey

    def without_window(self) -> int:
        with self._recording() as film, closing_loop(self._loop):
            self._loop.setup()
            for update in self._new_scenes():
                assert update.scene is not None
                self._loop.frame(update, update.scene.captured, heard=self._listen())
                self._count(film, update.scene.captured)
                if self._drawn == self._settings.frames:
                    break
        return self._drawn

    def in_window(
        self, loaded: LoadedSketch, settle: Callable[[LoadedSketch], Settings] | None = None
    ) -> int:
        from posekit.runner.screens import Screens
        from posekit.runner.tools import window_tools
        from posekit.runner.window import Window

        title = str(loaded.sketch.title or loaded.sketch.name)
        mishaps = Mishaps(self._clock, self._say)
        screens = Screens(self._settings, known_displays(self._settings), self._say)
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
            name=loaded.sketch.name,
            shift=shift,
            screens=screens,
        )
        with (
            self._recording() as film,
            owning_up(film, mishaps),
            Window(self._settings, title, Toolbox(tools, self._say, shift), screens) as window,
            closing_loop(self._loop),
            window.toolbox,
        ):
            self._loop.stage = screens.stage
            self._loop.setup()
            if not self._is_kept:
                self._loop.forgive = mishaps.note
            with self._reloading(window, mishaps, settle) as reloader:
                self._show(window, film, mishaps, reloader, loaded.sketch.name)
        return self._drawn

    @contextmanager
    def _reloading(
        self,
        window: Window,
        mishaps: Mishaps,
        settle: Callable[[LoadedSketch], Settings] | None,
    ) -> Iterator[Reloader]:
        """Take the sketch's new code whenever its file is saved, unless something is kept of the run."""
        adjust = Adjuster(
            self._loop,
            window,
            self._feed,
            self._remote,
            self._say,
            is_filmed=self._settings.save_video is not None,
        )
        reloader = Reloader(
            self._loop,
            mishaps,
            self._clock,
            self._say,
            settle=settle,
            adjust=adjust,
            keeps_errors=not self._is_kept,
        )
        wanted = self._settings.reload
        if wanted is True or (wanted == "auto" and not self._is_kept):
            reloader.start()
        with closing(reloader):
            yield reloader

    @property
    def _is_kept(self) -> bool:
        """Whether something is to remain of the run: then an error must not be hidden in it."""
        settings = self._settings
        return (settings.frames, settings.save_video, settings.save_frame) != (None, None, None)

    def _show(self, window: Window, film: Film, mishaps: Mishaps, reloader: Reloader, name: str) -> None:
        settings = self._settings
        pacer = Pacer(settings.fps, self._clock)
        while self._drawn != settings.frames and window.handle_input(self._loop):
            reloader.look()
            fps = reloader.fps or settings.fps
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
            with mishaps.banner(canvas), window.toolbox.over(canvas):
                window.show(self._loop)
            self._take_picture(window, name)

    def _new_scenes(self) -> Iterator[Update]:
        """Yield the update of every new scene; those that only bring events are told and not drawn."""
        pacer = Pacer(LOOKS_PER_SECOND, self._clock)
        last, heard = None, self._clock.now()
        while True:
            interrupt.check()
            update = self._feed.poll()
            if update.scene is not None and update.scene is not last:
                last, heard = update.scene, self._clock.now()
                yield update
            else:
                self._loop.tell(update)
                self._loop.hear(self._listen())
                if not update.finished and pacer.wait() - heard > SILENCE_SECONDS:
                    raise EngineError(
                        f"no picture has come for {SILENCE_SECONDS:.0f} seconds; is the camera there?"
                    )
            if update.finished:
                return

    def _listen(self) -> list[Heard]:
        self._presets.tick()
        heard = self._remote.listen(self._feed, self._loop.parameters, hears=self._loop.hears)
        asked, self._asked[:] = list(self._asked), ()
        return [*asked, *heard]

    def _count(self, film: Film, time: float) -> None:
        self._drawn += 1
        film.add(self._loop.canvas.pixels, time)

    def _recording(self) -> Film:
        path, settings = self._settings.save_video, self._settings
        rate = self._feed.rate if settings.headless else settings.fps
        return Film(
            None if path is None else open_video(path, settings.size, rate, self._report),
            live=self._feed.is_live or is_live(settings.source) or not settings.headless,
            goes_on=not settings.headless and settings.frames is None,
            report=self._say,
        )

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

    def _say(self, sentence: str) -> None:
        if self._report is not None:
            self._report(sentence)
