"""Steadier people: calm at rest, quick in motion."""

from posekit.smoothing.smoother import PRESETS, Smoother, SmoothingOptions

__all__ = ["PRESETS", "Smoother", "SmoothingOptions"]
