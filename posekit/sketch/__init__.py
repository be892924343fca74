"""Sketches: the user's programs, what they draw on, and the people they meet."""

from __future__ import annotations

from posekit.sketch.params import Param
from posekit.sketch.sketch import Sketch, settings_of

__all__ = ["Param", "Sketch", "settings_of"]
