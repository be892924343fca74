"""Runs a sketch from start to end: in a window, or without one, with everything closed on every way out."""

from __future__ import annotations

import os
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING

from posekit.clock import Clock, SystemClock
from posekit.draw import open_video, write_picture
from posekit.draw.video import check_writable
from posekit.engine.options import watched_zones, zones_file
from posekit.errors import EngineError, PosekitError
from posekit.runner import interrupt
from posekit.runner.film import Film
from posekit.runner.loop import Loop
from posekit.runner.mishaps import Mishaps
from posekit.runner.pacing import Pacer
from posekit.runner.remote import Remote
from posekit.sources import is_live

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from posekit.runner.feed import Feed, Update
    from posekit.runner.remote import Heard
    from posekit.runner.window import Window
    from posekit.settings import Settings
    from posekit.sketch.loader import LoadedSketch
    from posekit.zones import Zone

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
) -> int:
    """Run a sketch until its source or its user ends it; return how many frames were drawn.

    Headless, every new scene is drawn once, at the scene's own time. In a window the newest is drawn
    `settings.fps` times a second. `attach` is given the loop before it begins, by whoever wants to change
    something of it meanwhile. `remote` is who is listened to meanwhile; it and the feed are closed by
    whoever opened them. Raises `HookError` for what the sketch's own code raised, `OutputError` for a file
    that cannot be written, and whatever the feed raises. A window that nothing is kept of goes on in spite
    of errors in its sketch, and any window in spite of a full disk; what is still wrong at its end is raised
    then.
    """
    if settings.headless:
        # Set before pygame looks for a display, so that none is needed.
        os.environ["SDL_VIDEODRIVER"] = "dummy"
    from posekit.sketch.canvas import Canvas

    if settings.save_frame is not None:
        check_writable(settings.save_frame)
    mirror = feed.is_live if settings.mirror == "auto" else bool(settings.mirror)
    clock = clock or SystemClock()
    remote = remote or Remote(clock, report=report)
    loop = Loop(loaded, Canvas(settings.size), fit=settings.fit, mirror=mirror, osc=remote.osc)
    loop.zones = watched_zones(settings)
    if attach is not None:
        attach(loop)
    run = _Run(loop, feed, settings, clock, report, remote)
    drawn = run.without_window() if settings.headless else run.in_window(loaded)
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
    ) -> None:
        self._loop, self._feed, self._settings, self._clock = loop, feed, settings, clock
        self._report, self._remote = report, remote
        self._drawn = 0

    def without_window(self) -> int:
        with self._recording() as film, _closing(self._loop):
            self._loop.setup()
            for update in self._new_scenes():
                assert update.scene is not None
                self._loop.frame(update, update.scene.captured, heard=self._listen())
                self._count(film, update.scene.captured)
                if self._drawn == self._settings.frames:
                    break
        return self._drawn

    def in_window(self, loaded: LoadedSketch) -> int:
        from posekit.runner.window import Window
        from posekit.runner.zone_editor import ZoneEditor

        title = str(loaded.sketch.title or loaded.sketch.name)
        mishaps = Mishaps(self._clock, self._say)
        with (
            self._recording() as film,
            _owning_up(film, mishaps),
            Window(self._settings, title) as window,
            _closing(self._loop),
            closing(
                ZoneEditor(
                    self._loop,
                    self._loop.zones,
                    zones_file(self._settings),
                    self._clock,
                    changed=self._watch_zones,
                    report=self._say,
                    hint=self._zones_hint(),
                )
            ) as window.editor,
        ):
            self._loop.setup()
            if not self._is_kept:
                self._loop.forgive = mishaps.note
            self._show(window, film, mishaps, loaded.sketch.name)
        return self._drawn

    def _watch_zones(self, zones: tuple[Zone, ...]) -> None:
        self._loop.zones = zones
        self._feed.watch_zones(zones)

    def _zones_hint(self) -> str:
        """Return what has to be done so that zones that are saved are found at the next start."""
        found = self._settings.zones
        if isinstance(found, tuple):
            return '; to use them, write zones = "zones.toml" in place of the [[zones]] that are set'
        return "; to use them, leave out zones = off" if found == "off" else ""

    @property
    def _is_kept(self) -> bool:
        """Whether something is to remain of the run: then an error must not be hidden in it."""
        settings = self._settings
        return (settings.frames, settings.save_video, settings.save_frame) != (None, None, None)

    def _show(self, window: Window, film: Film, mishaps: Mishaps, name: str) -> None:
        settings, canvas = self._settings, self._loop.canvas
        pacer = Pacer(settings.fps, self._clock)
        while self._drawn != settings.frames and window.handle_input(self._loop):
            pacer.rate = settings.fps * (VSYNC_LEAD if window.has_vsync else 1)
            now = pacer.wait()
            interrupt.check()
            update = self._feed.poll()
            if update.finished:
                self._loop.tell(update)
                break
            # What is drawn now is seen when the next frame is due.
            self._loop.frame(update, now, now + 1 / settings.fps, self._listen())
            mishaps.end_frame()
            self._count(film, now)
            assert window.editor is not None
            with mishaps.banner(canvas), window.editor.overlay():
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
        return self._remote.listen(self._feed, self._loop.parameters, hears=self._loop.hears)

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


@contextmanager
def _owning_up(film: Film, mishaps: Mishaps) -> Iterator[None]:
    """Raise at the end of a show what it went on in spite of, also when Ctrl-C ended it."""
    try:
        yield
    except KeyboardInterrupt:
        if failure := mishaps.failing or film.failure:
            raise failure from failure.__cause__
        raise
    finally:
        mishaps.close()
    if failure := mishaps.failing or film.failure:
        raise failure from failure.__cause__


@contextmanager
def _closing(loop: Loop) -> Iterator[None]:
    """Call the sketch's `close` on every way out; an earlier error is told rather than one in `close`."""
    try:
        yield
    except BaseException:
        with suppress(PosekitError):
            _close(loop)
        raise
    _close(loop)


def _close(loop: Loop) -> None:
    # From here on everything is being closed, which Ctrl-C must not break off; only the sketch's own code.
    interrupt.grace()
    try:
        with interrupt.breakable():
            loop.close()
    finally:
        interrupt.grace()
