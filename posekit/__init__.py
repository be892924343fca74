"""posekit turns a camera into an instrument for the body.

The names below are loaded when they are first asked for, so that `import posekit` costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from posekit.errors import MissingKeypointError, PosekitError
    from posekit.health import Health
    from posekit.keypoint import Keypoint, Vector
    from posekit.outputs.osc.messages import OscMessages
    from posekit.pose import Box, Pose
    from posekit.scene import Event, Gesture
    from posekit.sketch import Param, Sketch
    from posekit.sketch.canvas import Canvas
    from posekit.sketch.palette import hsv, mix
    from posekit.sketch.parameters import Params
    from posekit.sketch.people import SketchPerson as Person
    from posekit.sketch.scene import SketchScene as Scene

__all__ = [
    "Box",
    "Canvas",
    "Event",
    "Gesture",
    "Health",
    "Keypoint",
    "MissingKeypointError",
    "OscMessages",
    "Param",
    "Params",
    "Person",
    "Pose",
    "PosekitError",
    "Scene",
    "Sketch",
    "Vector",
    "__version__",
    "hsv",
    "mix",
]

_HOMES = {
    "Box": "posekit.pose",
    "Canvas": "posekit.sketch.canvas",
    "Event": "posekit.scene",
    "Gesture": "posekit.scene",
    "Health": "posekit.health",
    "Keypoint": "posekit.keypoint",
    "MissingKeypointError": "posekit.errors",
    "OscMessages": "posekit.outputs.osc.messages",
    "Param": "posekit.sketch.params",
    "Params": "posekit.sketch.parameters",
    "Person": "posekit.sketch.people",
    "Pose": "posekit.pose",
    "PosekitError": "posekit.errors",
    "Scene": "posekit.sketch.scene",
    "Sketch": "posekit.sketch.sketch",
    "Vector": "posekit.keypoint",
    "hsv": "posekit.sketch.palette",
    "mix": "posekit.sketch.palette",
}

_THERE = {"Person": "SketchPerson", "Scene": "SketchScene"}
"""What some of them are called there, beside the engine's own `posekit.scene.Person` and `Scene`."""

if TYPE_CHECKING:
    __version__: str


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("posekit")
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), _THERE.get(name, name))
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
