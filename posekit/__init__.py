"""posekit turns a camera into an instrument for the body.

The names below are loaded when they are first asked for, so that `import posekit` costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from posekit.errors import MissingKeypointError, PosekitError
    from posekit.keypoint import Keypoint, Vector
    from posekit.pose import Box, Pose
    from posekit.scene import Event, Person, Scene
    from posekit.sketch import Param, Sketch

__all__ = [
    "Box",
    "Event",
    "Keypoint",
    "MissingKeypointError",
    "Param",
    "Person",
    "Pose",
    "PosekitError",
    "Scene",
    "Sketch",
    "Vector",
    "__version__",
]

_HOMES = {
    "Box": "posekit.pose",
    "Event": "posekit.scene",
    "Keypoint": "posekit.keypoint",
    "MissingKeypointError": "posekit.errors",
    "Param": "posekit.sketch.params",
    "Person": "posekit.scene",
    "Pose": "posekit.pose",
    "PosekitError": "posekit.errors",
    "Scene": "posekit.scene",
    "Sketch": "posekit.sketch.sketch",
    "Vector": "posekit.keypoint",
}

if TYPE_CHECKING:
    __version__: str


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("posekit")
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
