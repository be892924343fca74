"""Estimators: a frame in, poses out. One file per family, opened by name."""

from __future__ import annotations

from posekit.estimators.base import Estimate, Estimator, Hint
from posekit.estimators.opening import ESTIMATORS, EstimatorOptions, open_estimator, prepare_estimator

__all__ = [
    "ESTIMATORS",
    "Estimate",
    "Estimator",
    "EstimatorOptions",
    "Hint",
    "open_estimator",
    "prepare_estimator",
]
