"""Runtimes: where a TFLite model runs. One adapter module per library, opened by name."""

from __future__ import annotations

import importlib.util
import os
from typing import TYPE_CHECKING

from posekit.errors import EstimatorError, UnknownNameError
from posekit.runtimes.base import Runtime, load_model
from posekit.runtimes.memory import give_back_memory
from posekit.runtimes.quiet import quiet_stderr

if TYPE_CHECKING:
    from pathlib import Path

RUNTIMES = ("auto", "litert", "mediapipe")

MOST_THREADS = 4
"""PoseNet gains little beyond, and sketch, camera and OSC want cores too."""

_PACKAGES = {"litert": "ai_edge_litert", "mediapipe": "mediapipe"}
_INSTALL = {"litert": "pip install 'posekit[litert]'", "mediapipe": "pip install 'mediapipe==0.10.31'"}

__all__ = [
    "RUNTIMES",
    "Runtime",
    "chosen_runtime",
    "describe",
    "give_back_memory",
    "installed_runtimes",
    "open_runtime",
    "quiet_stderr",
    "usual_threads",
]


def installed_runtimes() -> tuple[str, ...]:
    """Return the runtimes that can be used here, best first."""
    return tuple(name for name, package in _PACKAGES.items() if importlib.util.find_spec(package))


def chosen_runtime(runtime: str = "auto") -> str:
    """Return the runtime that a name stands for: `litert` or `mediapipe`, for `auto` the best installed.

    Raises UnknownNameError for another name and EstimatorError when it is not installed.
    """
    if runtime not in RUNTIMES:
        raise UnknownNameError("runtime", runtime, RUNTIMES)
    installed = installed_runtimes()
    if not installed:
        raise EstimatorError(f"no runtime for models is installed; {_INSTALL['litert']}")
    chosen = installed[0] if runtime == "auto" else runtime
    if chosen not in installed:
        raise EstimatorError(f"the runtime {chosen!r} is not installed; {_INSTALL[chosen]}")
    return chosen


def describe(runtime: Runtime) -> str:
    """Return where a model runs, as a user reads it: `in LiteRT, 2 threads`."""
    title = {"litert": "LiteRT", "mediapipe": "MediaPipe"}.get(runtime.name, runtime.name)
    return f"in {title}, {runtime.threads} thread{'s' if runtime.threads != 1 else ''}"


def usual_threads(spare_cores: int = 0) -> int:
    """Return how many threads a model gets when nobody says: the cores, less those that others need."""
    return max(1, min(MOST_THREADS, (os.cpu_count() or 1) - spare_cores))


def open_runtime(model: Path | bytes, runtime: str = "auto", threads: int | None = None) -> Runtime:
    """Load a TFLite file, or its bytes, that takes one RGB image; the caller closes what comes back.

    `runtime` is `litert`, `mediapipe`, or `auto`: LiteRT where it is installed, else MediaPipe. `threads`
    is for LiteRT (None: `usual_threads`); MediaPipe decides for itself. Raises UnknownNameError for another
    name and EstimatorError when the runtime is not installed or the model cannot run in it.
    """
    chosen = chosen_runtime(runtime)
    if threads is not None and threads < 1:
        raise EstimatorError(f"a model needs at least one thread, not {threads}")
    loaded = load_model(model)
    if chosen == "litert":
        from posekit.runtimes.litert import LiteRtRuntime

        return LiteRtRuntime(loaded, threads or usual_threads())
    from posekit.runtimes.mediapipe_embedder import MediaPipeRuntime

    return MediaPipeRuntime(loaded)
