"""One benchmark from start to end: everything is measured alone, and what is compared takes turns."""

from __future__ import annotations

import statistics
import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from posekit.bench.bare import BareEstimator, inference_and_decode
from posekit.bench.clip import read_frames, write_clip
from posekit.bench.engine import time_osc, watch_engine
from posekit.bench.figures import Figures, Spread
from posekit.bench.listener import Listener
from posekit.bench.machine import describe_machine
from posekit.bench.window import run_window, time_import
from posekit.runtimes import installed_runtimes

if TYPE_CHECKING:
    from collections.abc import Callable

    from posekit.frame import Frame
    from posekit.settings import Settings

TURNS = 3
SHOW_RATE = 30.0
"""Frames a second of most cameras."""
FASTER = 1.4
"""How much faster than the bare estimator a clip plays that keeps an engine busy without a pause."""


def measure(settings: Settings, seconds: float, report: Callable[[str], None], turns: int = TURNS) -> Figures:
    """Measure; `settings` are prepared ones, `seconds` is how long each single thing is looked at.

    What is compared, and what happens once in a run, is measured `turns` times; the medians count.

    Raises `SettingsError` for a source that is no file, and whatever the parts raise.
    """
    frames = read_frames(settings.source)
    report("looking at single frames")
    with closing(BareEstimator(settings)) as bare:
        times = bare.look(frames, seconds)
        paced = bare.look_paced(frames, seconds / 2, SHOW_RATE)
        estimator = bare.description
    inference, decode = inference_and_decode(times)
    report("comparing the engine with the bare estimator")
    overhead = measure_overhead(settings, frames, seconds / 2, statistics.median(times.estimate), turns)
    report("listening to the engine")
    with Listener() as listener:
        sending = settings.model_copy(update={"osc": (listener.target,)})
        watched = watch_engine(sending, seconds)
        to_osc = watched.to_osc(listener.arrivals())
        osc = time_osc(sending, [seen.scene for seen in watched.seen])
        report("starting posekit run, and watching its window")
        runs = [run_window(sending, seconds / 2) for _ in range(turns)]
    report("starting Python")
    resident = [run.resident for run in runs if run.resident is not None]
    return Figures(
        inference_ms=inference * 1e3,
        inference_paced_ms=statistics.median(paced) * 1e3,
        decode_ms=decode * 1e3,
        overhead_ratio=overhead,
        captured_to_scene=Spread.of([value * 1e3 for value in watched.to_scene()]),
        captured_to_osc=Spread.of([value * 1e3 for value in to_osc]),
        frame_ms=Spread.of([value * 1e3 for run in runs for value in run.frames]),
        osc_us_per_frame=osc * 1e6,
        start_s=statistics.median(run.start for run in runs),
        import_s=time_import(),
        rss_mb=statistics.median(resident) if resident else None,
        people=watched.people,
        source=watched.ready.source,
        estimator=estimator,
        machine=describe_machine(_runtime(settings)),
    )


def measure_overhead(
    settings: Settings, frames: list[Frame], seconds: float, estimate: float, turns: int
) -> float:
    """Return the engine's round over the bare estimator's, the median of several turns of each.

    Both play the same clip, uncompressed; the engine with OSC and picture hand-over, at a rate at which it
    never has to wait. The median time of reading a frame is taken off the engine's round.
    """
    with tempfile.TemporaryDirectory(prefix="posekit-bench-") as folder, Listener() as listener:
        clip = Path(folder) / "flat-out.avi"
        write_clip(frames, FASTER / estimate, clip)
        busy = settings.model_copy(update={"source": str(clip), "osc": (listener.target,)})
        ratios = []
        for _ in range(turns):
            with closing(BareEstimator(settings)) as bare:
                bare.play(clip, seconds / 4)
                alone = bare.play(clip, seconds)
            rounds = statistics.median(watch_engine(busy, seconds).rounds)
            ratios.append((rounds - statistics.median(alone.read)) / statistics.median(alone.estimate))
    return statistics.median(ratios)


def _runtime(settings: Settings) -> str:
    if settings.estimator == "blazepose":
        return "mediapipe"
    return installed_runtimes()[0] if settings.runtime == "auto" else settings.runtime
