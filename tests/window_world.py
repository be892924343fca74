"""A show in a gallery for tests: an engine, memory for pictures, and windows that come and go."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from posekit.clock import SystemClock
from posekit.engine.pictures import SharedPictures
from posekit.gallery.orders import WindowOrder
from posekit.gallery.present import Present
from posekit.gallery.window_process import WindowProcess
from posekit.health import Health
from posekit.runner.engine_feed import EngineFeed
from posekit.runner.feed import Update
from posekit.scene import Event
from posekit.settings import Settings

PATIENCE = 30.0
"""Seconds that anything may take on a machine that has much to do."""


@dataclass
class Gallery:
    """What a supervisor does, without its cares."""

    feed: Any
    pictures: SharedPictures
    settings: Settings
    clock: SystemClock
    said: list[str] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    present: Present = field(default_factory=Present)
    windows: list[WindowProcess] = field(default_factory=list)

    @property
    def window(self) -> WindowProcess:
        return self.windows[-1]

    def start(self, sketch: Path | str, **more: Any) -> WindowProcess:
        """Start a window, as one that is not the first begins too."""
        values = {"settings": self.settings.model_dump(mode="json"), "is_live": self.feed.is_live}
        order = WindowOrder(
            str(sketch), **{**values, "here": self.present.events(), "after": self.present.last, **more}
        )
        self.windows.append(WindowProcess(order, self.pictures, self.clock, self.said.append))
        return self.window

    def round(self) -> None:
        update = self.feed.poll()
        self.events += update.events
        self.present.note(update.events)
        for window in self.windows:
            if window.is_alive:
                window.give(update)

    def until(self, what: Callable[[], object], seconds: float = PATIENCE) -> float:
        """Go on until something holds; return how long it took."""
        start = time.monotonic()
        while time.monotonic() - start < seconds:
            self.round()
            if what():
                return time.monotonic() - start
        why = self.window.failure() if self.windows and not self.window.is_alive else ""
        raise AssertionError(f"it did not happen within {seconds} s; said: {self.said}; {why}")

    def shows(self, frames: int = 1) -> None:
        """Go on until the newest window has shown so many frames."""
        self.until(lambda: self.window.beat is not None and self.window.beat.frames >= frames)


class StandIn:
    """In an engine's place where a test needs none: an empty room, for ever."""

    is_live = False

    def poll(self) -> Update:
        time.sleep(0.01)
        return Update(None, (), None, Health())


@contextmanager
def standing(**settings: Any) -> Iterator[Gallery]:
    """Open a show without an engine and without a window yet; when it is closed nothing is left of it."""
    with closing(SharedPictures.create()) as pictures:
        asked = Settings(source="synthetic", size=(320, 180), **settings)
        yield from _closing(Gallery(StandIn(), pictures, asked, SystemClock()))


def _closing(show: Gallery) -> Iterator[Gallery]:
    try:
        yield show
    finally:
        for window in show.windows:
            window.close()


@contextmanager
def gallery(source: str = "synthetic:people=2,seed=3", **settings: Any) -> Iterator[Gallery]:
    """Open a show without a window yet; when it is closed nothing is left of it."""
    clock, asked = SystemClock(), Settings(source=source, size=(320, 180), **settings)
    with closing(SharedPictures.create()) as pictures:
        feed = EngineFeed(asked, clock, waits=0.01, nice=0, with_pictures=False, pictures=pictures)
        with closing(feed):
            yield from _closing(Gallery(feed, pictures, asked, clock))


def written(path: Path) -> list[str]:
    """Return the lines of a file that a sketch writes; none while there is no such file."""
    return path.read_text().splitlines() if path.exists() else []
