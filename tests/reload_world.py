"""A sketch that runs in a window while its file is edited: the real runner, files, SDL's dummy driver."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from sketch_world import ScriptedFeed

from posekit.runner import run as running
from posekit.runner import run_sketch
from posekit.runner.feed import Update
from posekit.runner.loop import Loop
from posekit.runner.reload import Reloader
from posekit.runner.trouble_card import Trouble
from posekit.settings import Settings
from posekit.sketch.loader import LoadedSketch, load_sketch

PATIENCE = 20.0
"""Seconds after which a test gives up; on a busy machine everything takes its time."""

FOR_EVER = 10**9

Story = Callable[["Studio"], Generator[None, None, None]]


@dataclass
class StoryFeed(ScriptedFeed):
    """Dancers who dance until a story is told; every frame it goes on to its next `yield`."""

    story: Iterator[None] = field(default_factory=lambda: iter(()))
    frames: int = FOR_EVER

    def poll(self) -> Update:
        if self.frames == FOR_EVER and next(self.story, self) is self:
            self.frames = self.index
        return super().poll()


class Studio:
    """Where a story is told: it writes the sketch's file and looks at what runs."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.path = folder, folder / "mine.py"
        self.said: list[str] = []
        self.loop: Loop
        self.reloader: Reloader
        self.mishaps: object
        self.shown = np.zeros((1, 1, 3), np.uint8)
        self.feed: StoryFeed

    def write(self, code: str | bytes, path: Path | None = None) -> float:
        """Save a file as many editors do, written elsewhere and renamed; return when it was there."""
        path = path or self.path
        beside = path.with_name(f".{path.name}.swp")
        beside.write_bytes(code.encode() if isinstance(code, str) else code)
        beside.replace(path)
        return time.perf_counter()

    @property
    def trouble(self) -> Trouble | None:
        return self.loop and self.mishaps.lasting  # type: ignore[attr-defined]

    @property
    def sketch(self):
        return self.loop.loaded.sketch

    @property
    def state(self):
        return self.loop.loaded.sketch.state

    def until(self, holds: Callable[[], object], what: str = "") -> Generator[None, None, None]:
        """Let frames be drawn until something holds."""
        ends = time.perf_counter() + PATIENCE
        while not holds():
            assert time.perf_counter() < ends, f"{what or 'it'} never came; said: {self.said[-5:]}"
            yield

    def swapped(self) -> Generator[None, None, None]:
        """Wait for one more version, and for its first frame."""
        before = self.reloader.swaps
        yield from self.until(lambda: self.reloader.swaps > before, "a new version")
        yield
        yield

    def frames(self, count: int) -> Generator[None, None, None]:
        for _ in range(count):
            yield

    def save(self, code: str | bytes, path: Path | None = None) -> Generator[None, None, None]:
        """Write a file and wait until its code runs."""
        before = self.reloader.swaps
        self.write(code, path)
        yield from self.until(lambda: self.reloader.swaps > before, "the new version")
        yield
        yield


def tell(
    story: Story, folder: Path, monkeypatch, code: str, *, people: int = 2, settle=None, **settings: object
) -> Studio:
    """Run a sketch in a window while a story goes on, and return where it was told."""
    studio = Studio(folder)
    studio.path.write_text(code, encoding="utf-8")

    class Known(Reloader):
        def __init__(self, loop, mishaps, *rest, **more):
            super().__init__(loop, mishaps, *rest, **more)
            studio.loop, studio.mishaps, studio.reloader = loop, mishaps, self

    monkeypatch.setattr(running, "Reloader", Known)
    studio.feed = StoryFeed(people)
    studio.feed.story = begun(story, studio)
    asked = {"fps": 120.0, "size": (320, 180), **settings}
    given = settle or (lambda loaded: settled(loaded, asked))
    loaded = load_sketch(os.fspath(studio.path))
    run_sketch(loaded, studio.feed, given(loaded), report=studio.said.append, settle=given)
    return studio


def begun(story: Story, studio: Studio) -> Generator[None, None, None]:
    yield  # the first frame
    yield
    yield from story(studio)


def settled(loaded: LoadedSketch, asked: dict[str, object]) -> Settings:
    """Return what a run asks for: the sketch's settings count where the test says nothing."""
    from posekit.resolving import resolve
    from posekit.sketch.sketch import settings_of

    return resolve(environment={}, sketch={**asked, **settings_of(loaded.sketch)}).settings
