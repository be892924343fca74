"""What every run of a sketch has, with a window or without: it listens, counts, records, and says things."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posekit.draw import open_video
from posekit.errors import EngineError
from posekit.runner import interrupt
from posekit.runner.endings import closing_loop
from posekit.runner.film import Film
from posekit.runner.knobs import Knobs
from posekit.runner.pacing import Pacer
from posekit.runner.preset_player import PresetPlayer
from posekit.sources import is_live

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from posekit.clock import Clock
    from posekit.runner.feed import Feed, Update
    from posekit.runner.loop import Loop
    from posekit.runner.remote import Heard, Remote
    from posekit.settings import Settings

SILENCE_SECONDS = 30.0
"""How long a run without a window waits for a new scene before it gives up."""
LOOKS_PER_SECOND = 500.0
"""How often such a run looks for one."""


class OneRun:
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
        """Draw every new scene once, at the scene's own time; return how many frames were drawn."""
        with self._recording() as film, closing_loop(self._loop):
            self._loop.setup()
            for update in self._new_scenes():
                assert update.scene is not None
                self._loop.frame(update, update.scene.captured, heard=self._listen())
                self._count(film, update.scene.captured)
                if self._drawn == self._settings.frames:
                    break
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

    def _say(self, sentence: str) -> None:
        if self._report is not None:
            self._report(sentence)
