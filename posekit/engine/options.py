"""What the settings say to each stage."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from posekit.estimators import EstimatorOptions
from posekit.tracking import TrackerOptions

if TYPE_CHECKING:
    from posekit.settings import Settings


def estimator_options(settings: Settings) -> EstimatorOptions:
    """Return what the settings say about the estimator."""
    options = EstimatorOptions(
        name=settings.estimator,
        model=settings.model,
        input_size=settings.input_size,
        runtime=settings.runtime,
        threads=settings.threads,
        max_poses=settings.max_poses,
        single=settings.single,
    )
    return options if settings.pose_score is None else replace(options, min_pose_score=settings.pose_score)


def tracker_options(settings: Settings) -> TrackerOptions:
    """Return what the settings say about people."""
    options = TrackerOptions(slots=settings.slots, keypoint_score=settings.keypoint_score)
    return options if settings.pose_score is None else replace(options, pose_score=settings.pose_score)
