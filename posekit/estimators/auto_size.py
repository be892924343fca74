"""The input size `auto`: the largest at which PoseNet holds a rate here, measured once and remembered."""

from __future__ import annotations

import json
import os
import platform
import time
from dataclasses import dataclass
from importlib import metadata
from typing import TYPE_CHECKING, Any

import numpy as np

from posekit.assets.cache import cache_folder, new_file
from posekit.errors import AssetError, SettingsError
from posekit.runtimes import open_runtime
from posekit.tflite import RECIPE_VERSION, resize

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from posekit.geometry import Size

LADDER: tuple[Size, ...] = (
    (257, 193),
    (321, 241),
    (385, 289),
    (481, 353),
    (561, 417),
    (641, 481),
    (801, 593),
    (961, 721),
)
"""Sizes to choose from, about 4:3, each some 1.4 times the work of the one before."""
SHARE = 0.6
"""Of a frame's time that running the model may take; the rest is decoding, drawing, sending, and a margin for
a machine that gets warm."""
RUNS = 5
"""Timed runs per size, after one to warm up. The quickest counts: what else was going on in that second
should not be remembered."""
MEMORY = "auto-size.json"
_PACKAGES = {"litert": "ai-edge-litert", "mediapipe": "mediapipe"}


@dataclass(frozen=True)
class AutoSize:
    """A size that was chosen, and why."""

    size: Size
    """(width, height) in pixels."""
    milliseconds: float
    """What one run of the model took at that size."""
    holds: bool
    """False when even the smallest is too slow for the rate."""


def find_auto_size(
    model: Path,
    rate: float,
    runtime: str,
    threads: int | None,
    *,
    clock: Callable[[], float] = time.perf_counter,
) -> AutoSize:
    """Return the largest size of the ladder whose run takes at most `SHARE` of a frame at `rate` per second.

    `model` is a prepared PoseNet of any size, `runtime` is `litert` or `mediapipe`. Sizes are measured from
    the smallest until one is too slow, under two seconds in all; what was measured is kept in the cache, per
    machine, runtime and threads, so that the next start knows. Raises SettingsError for a rate that is not
    above 0 and EstimatorError for a model that does not run.
    """
    if not rate > 0:
        raise SettingsError(f"a target rate is above 0 frames per second, not {rate:g}")
    allowed = SHARE * 1000 / rate
    key = _machine(runtime, threads)
    known = _remembered()
    times = known.setdefault(key, {})
    data, learned, best = model.read_bytes(), False, None
    for size in LADDER:
        name = f"{size[0]}x{size[1]}"
        if name not in times:
            times[name] = round(_measure(resize(data, size), runtime, threads, clock), 3)
            learned = True
        if times[name] > allowed:
            break
        best = AutoSize(size, times[name], True)
    if learned:
        _remember(known)
    smallest = LADDER[0]
    return best or AutoSize(smallest, times[f"{smallest[0]}x{smallest[1]}"], False)


def memory_file() -> Path:
    """Return where measured times are kept; delete it to have them measured again."""
    return cache_folder() / MEMORY


def _measure(model: bytes, runtime: str, threads: int | None, clock: Callable[[], float]) -> float:
    """Return the milliseconds of one run. They do not depend on the picture."""
    opened = open_runtime(model, runtime, threads)
    try:
        width, height = opened.input_size
        image = np.zeros((height, width, 3), np.uint8)
        opened.run(image)
        taken = []
        for _ in range(RUNS):
            begin = clock()
            opened.run(image)
            taken.append(clock() - begin)
        return min(taken) * 1000
    finally:
        opened.close()


def _machine(runtime: str, threads: int | None) -> str:
    """Return what a measured time depends on."""
    try:
        version = metadata.version(_PACKAGES[runtime])
    except metadata.PackageNotFoundError:  # a build of one's own
        version = "unknown"
    where = f"{platform.node()}, {platform.machine()}, {os.cpu_count()} processors"
    return f"{where}, {runtime} {version}, {threads or 'auto'} threads, recipe {RECIPE_VERSION}"


def _remembered() -> dict[str, dict[str, float]]:
    """Return milliseconds by machine and size; nothing from a file that is not what was written."""
    try:
        found: Any = json.loads(memory_file().read_text(encoding="utf-8"))
        return {
            str(machine): {str(size): float(taken) for size, taken in times.items()}
            for machine, times in found.items()
        }
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _remember(known: dict[str, dict[str, float]]) -> None:
    try:
        with new_file(memory_file()) as file:
            file.write(json.dumps(known, indent=1).encode())
    except AssetError:
        return  # a cache that cannot be written costs two seconds at the next start, no more
