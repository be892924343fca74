"""Who runs a window for somebody who does not sit before it: what is otherwise then than in `posekit run`."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from posekit.runner.knobs import Knobs
    from posekit.runner.loop import Loop
    from posekit.runner.mishaps import Mishaps
    from posekit.runner.preset_player import PresetPlayer
    from posekit.runner.reload import Reloader
    from posekit.runner.screens import Screens
    from posekit.runner.toolbox import Toolbox


@dataclass(frozen=True, eq=False)
class Backstage:
    """The parts of a run in a window, for its host."""

    loop: Loop
    knobs: Knobs
    presets: PresetPlayer
    toolbox: Toolbox
    screens: Screens
    mishaps: Mishaps
    reloader: Reloader


class Host:
    """Has the last word on a run in a window; as it is here, it changes nothing."""

    has_keys = True
    """Whether tools open by their keys, F11 and F12 do what they do, and Esc and the close button end the
    run. Without them keys and mouse are the sketch's alone, and the mouse is not shown."""
    shows_errors = True
    """Whether what goes wrong in the sketch is written over its picture."""
    reloads: bool | None = None
    """Whether a sketch's file is watched; None: as the settings say."""

    @property
    def most_fps(self) -> float:
        """How many frames a second are worth drawing just now; few while nobody can see them."""
        return math.inf

    def begin(self, backstage: Backstage) -> None:
        """Take the parts of the run, after the sketch's `setup` and before its first frame."""

    def before_frame(self) -> None:
        """Do what is to be done between two frames."""

    def after_frame(self) -> None:
        """Note that a frame is on the screen."""
