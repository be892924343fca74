"""The class that every sketch is, written as one or made from a file of functions."""

from __future__ import annotations

import importlib
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any, ClassVar

from posekit.sketch.params import Param

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS: tuple[str, ...] = (
    "size", "fps", "mirror", "fit", "display", "fullscreen", "source", "estimator", "model", "input_size",
    "mask", "slots", "lead", "ignore", "empty_after", "smoothing", "gestures", "zones", "keypoint_score",
    "pose_score", "osc", "osc_in",
)  # fmt: skip
"""The settings of a run that a sketch may bring along; those that a run is told from outside are not here."""

OWN_ATTRIBUTES: tuple[str, ...] = ("background", "title", "extrapolate", "reload_setup")
"""What a sketch says about itself and nobody else can set."""


class Sketch:
    """A user's program: settings on top, hooks below.

    Subclass it, give it hooks (`setup`, `update`, `draw`, `on_enter`, ...: `posekit.sketch.hooks.HOOKS`),
    each with only the arguments it wants, and run it with `posekit run FILE` or `Paint.run()`.
    """

    size: Any = (1280, 720)
    """Width and height of the canvas in pixels."""
    background: Any = "black"
    """What the canvas is filled with before every `draw`: a colour, `"camera"`, or None: nothing."""
    mirror: Any = "auto"
    """True, False, or `"auto"`: cameras as a mirror shows them, files and recordings as they are."""
    fit: Any = "cover"
    """How the picture fills the canvas: `cover`, `contain` or `stretch`."""
    fps: Any = 60
    """Frames per second of the window."""
    title: Any = None
    """The window's title; None is the sketch's name."""

    extrapolate: Any = False
    """Whether people are drawn where they will be when the frame is seen, rather than where the camera saw
    them; only in a window, where there is somebody to see it."""

    reload_setup: Any = "auto"
    """Whether `setup` is run when the file was saved: `"auto"`, where it was changed, for what is new in it;
    True, always, after the old version's `close`; False, never."""

    osc: Any = None
    """Where poses are sent, as `--osc`; in a hook what sends messages of the sketch's own:
    `self.osc.send("/ball", x, y)` (`posekit.outputs.osc.messages.OscMessages`)."""

    path: ClassVar[Path | None] = None
    """The file it was loaded from."""
    state: SimpleNamespace
    """A place for whatever the sketch wants to remember; it survives a reload."""

    def __init__(self) -> None:
        self.state = SimpleNamespace()

    @property
    def name(self) -> str:
        """What it is called: its file's name, or its class's."""
        return self.path.stem if self.path else type(self).__name__

    @classmethod
    def run(cls) -> None:
        """Run this sketch with the options of `posekit run` from the command line, until it ends.

        While posekit itself loads the file this does nothing, so that a file without
        `if __name__ == "__main__":` works too.
        """
        if Loading.depth:
            return
        # By name: a sketch knows of the command line only when it is started by its own file.
        importlib.import_module("posekit.cli").run_class(cls)


class Loading:
    """Whether a sketch's file is being executed just now; used with `with`."""

    depth = 0

    def __enter__(self) -> None:
        Loading.depth += 1

    def __exit__(self, *_: object) -> None:
        Loading.depth -= 1


def settings_of(sketch: Sketch) -> dict[str, Any]:
    """Return the settings that the sketch itself gives, not those it only inherits from `Sketch`."""
    own: dict[str, Any] = {}
    for cls in reversed(type(sketch).__mro__):
        if cls is not Sketch and issubclass(cls, Sketch):
            own.update(vars(cls))
    own.update(vars(sketch))
    return {name: own[name] for name in SETTINGS if is_setting(own.get(name))}


def is_setting(value: object) -> bool:
    """Whether a value may be meant as a setting; a helper function or a module of that name is not."""
    return value is not None and not callable(value) and not isinstance(value, (ModuleType, property, Param))
