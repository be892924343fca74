"""The estimator alone: no tracker, no OSC, no other process; what everything else is compared with."""

from __future__ import annotations

import statistics
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from posekit.clock import ManualClock, SystemClock
from posekit.engine.options import estimator_options
from posekit.estimators import open_estimator
from posekit.estimators.posenet import PoseNet
from posekit.frame import Frame
from posekit.runner.pacing import Pacer
from posekit.sources import open_source

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from posekit.estimators import Estimator
    from posekit.settings import Settings

WARM_FRAMES = 10


@dataclass
class BareTimes:
    """Seconds that single frames took."""

    estimate: list[float] = field(default_factory=list)
    """From picture to poses."""
    look: list[float] = field(default_factory=list)
    """From picture to tensors, where the estimator has tensors."""
    read: list[float] = field(default_factory=list)
    """Getting the next frame out of the clip."""


class BareEstimator:
    """An estimator opened as the engine opens it; leaving the `with` closes it."""

    def __init__(self, settings: Settings) -> None:
        self._clock = SystemClock()
        self._estimator: Estimator = open_estimator(estimator_options(settings))
        self.description = self._estimator.description

    def close(self) -> None:
        """Release the model."""
        self._estimator.close()

    def look(self, frames: Sequence[Frame], seconds: float) -> BareTimes:
        """Look at frames from memory again and again, in turns with and without finding poses."""
        times = BareTimes()
        for frame in frames[:WARM_FRAMES]:
            self._estimator.estimate(frame)
        end = self._clock.now() + seconds
        while self._clock.now() < end:
            for frame in frames:
                begin = self._clock.now()
                if isinstance(self._estimator, PoseNet):
                    self._estimator.look(frame)
                    times.look.append(self._clock.now() - begin)
                    begin = self._clock.now()
                self._estimator.estimate(frame)
                times.estimate.append(self._clock.now() - begin)
        return times

    def look_paced(self, frames: Sequence[Frame], seconds: float, rate: float) -> list[float]:
        """Look at `rate` frames a second, as in a show; return the seconds from picture to tensors."""
        pacer = Pacer(rate, self._clock)
        taken: list[float] = []
        end = self._clock.now() + seconds
        while self._clock.now() < end:
            frame = frames[len(taken) % len(frames)]
            begin = pacer.wait()
            if isinstance(self._estimator, PoseNet):
                self._estimator.look(frame)
            else:
                self._estimator.estimate(frame)
            taken.append(self._clock.now() - begin)
        return taken

    def play(self, clip: Path, seconds: float) -> BareTimes:
        """Read a clip frame by frame and look at each, for so long; begins anew when it ends."""
        times = BareTimes()
        end = self._clock.now() + seconds
        while self._clock.now() < end:
            with closing(open_source(str(clip), ManualClock(), every_frame=True)) as source:
                before = self._clock.now()
                for frame in source.frames():
                    assert isinstance(frame, Frame)
                    begin = self._clock.now()
                    times.read.append(begin - before)
                    self._estimator.estimate(frame)
                    before = self._clock.now()
                    times.estimate.append(before - begin)
        return times


def inference_and_decode(times: BareTimes) -> tuple[float, float]:
    """Return the median seconds of inference, and of decoding: what a whole look takes more than inference.

    Of each frame its own difference, because decoding right after inference, with the caches full of other
    things, is what happens in a show.
    """
    if not times.look:
        return statistics.median(times.estimate), 0.0
    more = (whole - part for whole, part in zip(times.estimate, times.look, strict=True))
    return statistics.median(times.look), max(0.0, statistics.median(more))
