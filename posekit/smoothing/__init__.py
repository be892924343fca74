"""Steadier people: calm at rest, quick in motion."""

from posekit.smoothing.smoother import PRESETS, Smoother, SmoothingOptions
from posekit.smoothing.steadied import Steadied, as_seen

__all__ = ["PRESETS", "Smoother", "SmoothingOptions", "Steadied", "as_seen"]
