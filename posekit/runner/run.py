"""Runs a sketch from start to end: in a window, or without one, with everything closed on every way out."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from posekit.clock import Clock, SystemClock
from posekit.draw import open_video, write_picture
from posekit.draw.video import check_writable
from posekit.errors import EngineError, PosekitError
from posekit.runner import interrupt
from posekit.runner.loop import Loop
from posekit.runner.pacing import Pacer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from posekit.draw import VideoWriter
    from posekit.runner.feed import Feed, Update
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
) -> int:
    """Run a sketch until its source or its user ends it; return how many frames were drawn.

    Headless, every new scene is drawn once, at the scene's own time. In a window the newest is drawn
    `settings.fps` times a second. The feed is closed by whoever opened it. Raises `HookError` for what the
    sketch's own code raised, `OutputError` for a file that cannot be written, and whatever the feed raises.
    """
    if settings.headless:
        # Set before pygame looks for a display, so that none is needed.
        os.environ["SDL_VIDEODRIVER"] = "dummy"
    from posekit.sketch.canvas import Canvas

    if settings.save_frame is not None:
        check_writable(settings.save_frame)
    mirror = feed.is_live if settings.mirror == "auto" else bool(settings.mirror)
    loop = Loop(loaded, Canvas(settings.size), fit=settings.fit, mirror=mirror)
    run = _Run(loop, feed, settings, clock or SystemClock(), report)
    drawn = run.without_window() if settings.headless else run.in_window(loaded)
    if settings.save_frame is not None and drawn:
        write_picture(settings.save_frame, loop.canvas.pixels)
    return drawn


class _Run:
    """One run of one sketch."""

    def __init__(
        self, loop: Loop, feed: Feed, settings: Settings, clock: Clock, report: Callable[[str], None] | None
    ) -> None:
        self._loop, self._feed, self._settings, self._clock = loop, feed, settings, clock
        self._report = report
        self._drawn = 0

    def without_window(self) -> int:
        with self._recording() as video, _closing(self._loop):
            self._loop.setup()
            for update in self._new_scenes():
                assert update.scene is not None
                self._loop.frame(update, update.scene.captured)
                self._count(video, update.scene.captured)
                if self._drawn == self._settings.frames:
                    break
        return self._drawn

    def in_window(self, loaded: LoadedSketch) -> int:
        from posekit.runner.window import Window

        sketch, settings = loaded.sketch, self._settings
        title = str(sketch.title or sketch.name)
        with self._recording() as video, Window(settings, title) as window, _closing(self._loop):
            self._loop.setup()
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
                self._loop.frame(update, now, now + 1 / settings.fps)
                self._count(video, now)
                window.show(self._loop)
                self._take_picture(window, sketch.name)
        return self._drawn

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
                if not update.finished and pacer.wait() - heard > SILENCE_SECONDS:
                    raise EngineError(
                        f"no picture has come for {SILENCE_SECONDS:.0f} seconds; is the camera there?"
                    )
            if update.finished:
                return

    def _count(self, video: VideoWriter | None, time: float) -> None:
        self._drawn += 1
        if video is not None:
            video.write(self._loop.canvas.pixels, time)

    def _recording(self) -> AbstractContextManager[VideoWriter | None]:
        path, settings = self._settings.save_video, self._settings
        if path is None:
            return _recording(None, live=False)
        rate = self._feed.rate if settings.headless else settings.fps
        video = open_video(path, settings.size, rate, self._report)
        return _recording(video, live=self._feed.is_live or not settings.headless)

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
def _recording(video: VideoWriter | None, *, live: bool) -> Iterator[VideoWriter | None]:
    """Keep a video when the run ends well, or, of something live, when it is interrupted."""
    whole = False
    try:
        yield video
        whole = True
    except KeyboardInterrupt:
        # A live recording ends when somebody ends it; a file that was not rendered to its end is not whole.
        whole = live and video is not None and video.frames > 0
        raise
    finally:
        if video is not None:
            video.close(whole=whole)


@contextmanager
def _closing(loop: Loop) -> Iterator[None]:
    """Call the sketch's `close` on every way out; an earlier error is told rather than one in `close`."""
    try:
        yield
    except BaseException:
        with suppress(PosekitError):
            loop.close()
        raise
    loop.close()
