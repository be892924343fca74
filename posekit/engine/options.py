"""What the settings say to each stage."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from posekit.estimators import EstimatorOptions
from posekit.sources import is_still
from posekit.sources.adjust import Adjustment, parse_crop
from posekit.sources.request import CameraControls, CameraRequest
from posekit.tracking import TrackerOptions

if TYPE_CHECKING:
    from posekit.settings import Settings


def estimator_options(settings: Settings) -> EstimatorOptions:
    """Return what the settings say about the estimator."""
    options = EstimatorOptions(
        name=settings.estimator,
        model=settings.model,
        input_size=settings.input_size,
        target_rate=settings.target_rate,
        runtime=settings.runtime,
        threads=settings.threads,
        max_poses=settings.max_poses,
        single=settings.single,
        still=is_still(settings.source),
    )
    return options if settings.pose_score is None else replace(options, min_pose_score=settings.pose_score)


def adjustment(settings: Settings) -> Adjustment:
    """Return what is done to every picture before anyone looks at it; raises `SettingsError`."""
    crop = parse_crop(settings.crop) if settings.crop is not None else None
    return Adjustment(settings.rotate, settings.flip, crop)


def camera_request(settings: Settings) -> CameraRequest:
    """Return what a camera is asked for whenever it is opened."""
    controls = CameraControls(settings.exposure, settings.white_balance, settings.focus)
    return CameraRequest(settings.camera_size, controls=controls)


def tracker_options(settings: Settings) -> TrackerOptions:
    """Return what the settings say about people."""
    options = TrackerOptions(slots=settings.slots, keypoint_score=settings.keypoint_score)
    return options if settings.pose_score is None else replace(options, pose_score=settings.pose_score)
