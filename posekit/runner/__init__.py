"""Running sketches: in a window or without one, fed by an engine process or inline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from posekit.runner.run import run_sketch

__all__ = ["run_sketch"]


def __getattr__(name: str) -> Any:
    if name == "run_sketch":
        # Late, because it brings OpenCV and pygame, which a feed has no need of.
        from posekit.runner.run import run_sketch

        return run_sketch
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
