"""A real engine process, watched: when its scenes arrive, when its OSC arrives, how long its rounds take."""

from __future__ import annotations

import statistics
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from posekit.clock import SystemClock
from posekit.engine.owner import Engine
from posekit.errors import EngineError
from posekit.outputs.osc.opening import open_osc

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from posekit.engine.answers import Ready
    from posekit.scene import Scene
    from posekit.settings import Settings

PATIENCE_SECONDS = 10.0
WARM_SECONDS = 0.5
"""Scenes captured before this are not counted: the first ones find everything cold."""
FRAME_WRAP = 1_000_000
"""Where `/frame` begins anew."""


@dataclass(frozen=True, eq=False)
class Seen:
    """A scene, and when it was in the runner's hands together with its picture, in seconds."""

    scene: Scene
    at: float


@dataclass(frozen=True)
class Watched:
    """What an engine did while it was watched."""

    ready: Ready
    seen: tuple[Seen, ...]

    @property
    def rounds(self) -> list[float]:
        """Seconds from one capture to the next, of scenes that the engine made one after the other.

        Frames that it dropped in between leave a gap in the index, and are counted; a scene that the runner
        missed is neither.
        """
        return [
            other.scene.captured - one.scene.captured
            for one, other in pairwise(self.seen)
            if other.scene.index - one.scene.index == 1 + other.scene.dropped - one.scene.dropped
        ]

    @property
    def people(self) -> float:
        """The mean number of people in a scene."""
        return statistics.fmean(len(seen.scene.people) for seen in self.seen)

    def to_scene(self) -> list[float]:
        """Return the seconds from capture to the runner, of every scene."""
        return [seen.at - seen.scene.captured for seen in self.seen]

    def to_osc(self, arrivals: Mapping[int, float]) -> list[float]:
        """Return the seconds from capture to the last OSC packet, of every scene that was heard."""
        return [
            arrivals[seen.scene.index % FRAME_WRAP] - seen.scene.captured
            for seen in self.seen
            if seen.scene.index % FRAME_WRAP in arrivals
        ]


def watch_engine(settings: Settings, seconds: float) -> Watched:
    """Start an engine, take every scene and picture for so long, and end it.

    Raises what the engine raises, and `EngineError` when it shows nothing.
    """
    clock, seen = SystemClock(), []
    with closing(Engine(settings)) as engine:
        ready = engine.wait_ready()
        end = None
        while (end is None or clock.now() < end) and engine.wait_scene(PATIENCE_SECONDS):
            taken = engine.take_scene()
            engine.take_events()
            if taken is None:
                continue
            now = clock.now()
            end = now + WARM_SECONDS + seconds if end is None else end
            seen.append(Seen(taken[0], now))
        failure = None if engine.is_alive else engine.failure()
    if failure is not None:
        raise failure
    warm = tuple(one for one in seen if one.at >= seen[0].at + WARM_SECONDS)
    if len(warm) < 2:
        raise EngineError(f"the engine showed {len(seen)} pictures in {WARM_SECONDS + seconds:g} s")
    return Watched(ready, warm)


def time_osc(settings: Settings, scenes: Sequence[Scene]) -> float:
    """Return the median seconds that sending one of these scenes to the settings' targets takes."""
    clock = SystemClock()
    osc = open_osc(settings, clock)
    assert osc is not None
    times = []
    with closing(osc):
        for scene in scenes:
            begin = clock.now()
            osc.update(scene)
            times.append(clock.now() - begin)
    return statistics.median(times)
