"""How soon saved code is on the canvas: a running sketch is saved again and again, without a screen.

    python bench/reload.py [--saves 200] [--fps 60]

The time runs from the rename that ends a save to the end of the first frame that the new code has drawn.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path

import numpy as np

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")

from typing import TYPE_CHECKING

from posekit.engine.prepare import prepare
from posekit.runner import run_sketch
from posekit.runner.feed import Update
from posekit.runner.inline_feed import InlineFeed
from posekit.settings import Settings
from posekit.sketch.loader import builtin_sketches, load_sketch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from posekit.runner.loop import Loop

MARK = "\n\ndef on_key(key, state):\n    pass\n\n\nVERSION = {version}\n"
PAUSES = (0.25, 1.2)
"""Seconds between two saves: within a version's first second, and after it."""


class Saving:
    """A crowd that never ends, and somebody who saves the sketch meanwhile, looking once a frame."""

    is_live = True

    def __init__(self, feed: InlineFeed, path: Path, saves: int) -> None:
        self._feed, self.rate = feed, feed.rate
        self._code, self._path = path.read_text(encoding="utf-8"), path
        self.spent: list[float] = []
        self.loop: Loop
        self._story = self._save(saves)

    def poll(self) -> Update:
        update = self._feed.poll()
        if next(self._story, "over") == "over":
            return Update(None, (), None, update.health, finished=True)
        return update

    def _save(self, saves: int) -> Iterator[None]:
        for number in range(saves):
            ends = time.perf_counter() + PAUSES[number % 2]
            while time.perf_counter() < ends:
                yield
            beside = self._path.with_suffix(".new")
            beside.write_text(self._code + MARK.format(version=number), encoding="utf-8")
            beside.replace(self._path)
            began = time.perf_counter()
            while self._version() != number:
                yield
            self.spent.append(time.perf_counter() - began)

    def _version(self) -> int:
        source = self.loop.loaded.source
        return vars(source.module).get("VERSION", -1) if source else -1

    def close(self) -> None:
        self._feed.close()

    def __getattr__(self, name: str) -> object:
        return getattr(self._feed, name)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--saves", type=int, default=200)
    parser.add_argument("--fps", type=float, default=60.0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mine.py"
        path.write_text(builtin_sketches()["hello"].read_text(encoding="utf-8"), encoding="utf-8")
        settings = prepare(Settings(source="synthetic:people=3,seed=1,seconds=100000", fps=asked.fps))
        feed = Saving(InlineFeed(settings), path, asked.saves)
        try:
            run_sketch(
                load_sketch(str(path)), feed, settings, attach=lambda loop: setattr(feed, "loop", loop)
            )
        finally:
            feed.close()
    p50, p90, p99 = np.percentile(np.array(feed.spent) * 1000, (50, 90, 99))
    print(
        f"{len(feed.spent)} saves: {p50:.0f} ms median, {p90:.0f} p90, {p99:.0f} p99, "
        f"{max(feed.spent) * 1000:.0f} longest"
    )


if __name__ == "__main__":
    main()
