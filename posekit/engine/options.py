"""What the settings say to each stage."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from posekit.errors import SettingsError, UnknownNameError
from posekit.estimators import EstimatorOptions
from posekit.events.gestures import GestureOptions
from posekit.events.table import GESTURE_NAMES, check_names
from posekit.smoothing import PRESETS, SmoothingOptions
from posekit.sources import is_still
from posekit.sources.adjust import Adjustment, parse_crop
from posekit.sources.request import CameraControls, CameraRequest
from posekit.taught import load_all, taught_names
from posekit.tracking import TrackerOptions, parse_ignore
from posekit.tracking.options import ZONE
from posekit.zones import read_zones, zones_from_tables

if TYPE_CHECKING:
    from collections.abc import Callable

    from posekit.settings import Settings
    from posekit.zones import Zone

WINDOW_CORES = 1
"""Cores that a model leaves to a window. On two cores, beside a sketch that burns 8 ms a frame, one thread
made 59 scenes a second and a window's p99 0.4 ms above that of no engine, two made 56 and 2.3
(`bench/frames.py`)."""
ESTIMATOR_SETTINGS = (
    "estimator", "model", "input_size", "target_rate", "runtime", "threads", "max_poses", "single", "mask",
    "focus", "light", "pose_score",
)  # fmt: skip
"""What the estimator alone is made from; `pose_score` says something to the tracker too."""
ZONES_FILE = Path("zones.toml")
"""In the working folder: where zones are kept unless a file is named."""


def estimator_options(settings: Settings) -> EstimatorOptions:
    """Return what the settings say about the estimator."""
    options = EstimatorOptions(
        name=settings.estimator,
        model=settings.model,
        input_size=settings.input_size,
        focus=settings.focus,
        light=settings.light,
        target_rate=settings.target_rate,
        runtime=settings.runtime,
        threads=settings.threads,
        spare_cores=0 if settings.headless else WINDOW_CORES,
        max_poses=settings.max_poses,
        single=settings.single,
        mask=wants_mask(settings),
        still=is_still(settings.source),
    )
    return options if settings.pose_score is None else replace(options, min_pose_score=settings.pose_score)


def differ_in_estimator(before: Settings, after: Settings) -> bool:
    """Whether nothing but another estimator has to be opened to go on with other settings.

    Zones do not count: who draws them tells a running engine of them.
    """
    same = {name: getattr(after, name) for name in (*ESTIMATOR_SETTINGS, "zones")}
    return before.model_copy(update=same) == after and tracker_options(before) == tracker_options(after)


def wants_mask(settings: Settings) -> bool:
    """Whether somebody asks for silhouettes, whoever may give them."""
    return "mask" in settings.share if settings.mask == "auto" else settings.mask


def adjustment(settings: Settings) -> Adjustment:
    """Return what is done to every picture before anyone looks at it; raises `SettingsError`."""
    crop = parse_crop(settings.crop) if settings.crop is not None else None
    return Adjustment(settings.rotate, settings.flip, crop)


def camera_request(settings: Settings) -> CameraRequest:
    """Return what a camera is asked for whenever it is opened."""
    controls = CameraControls(settings.exposure, settings.white_balance, settings.camera_focus, settings.gain)
    return CameraRequest(settings.camera_size, controls=controls)


def tracker_options(settings: Settings) -> TrackerOptions:
    """Return what the settings say about people; raises `SettingsError` and `UnknownNameError`.

    One picture says all that it will ever say, so on pictures everybody counts at first sight.
    """
    options = TrackerOptions(
        slots=settings.slots,
        keypoint_score=settings.keypoint_score,
        min_age=0.0 if is_still(settings.source) else settings.min_age,
        grace=settings.grace,
        still_after=settings.still_after,
        ignore=parse_ignore(settings.ignore) if settings.ignore is not None else (),
        lead=settings.lead,
    )
    if settings.pose_score is None:
        return options
    keep = min(options.keep_score, settings.pose_score)
    return replace(options, pose_score=settings.pose_score, keep_score=keep)


def smoothing_options(settings: Settings) -> SmoothingOptions:
    """Return how much keypoints are steadied."""
    return PRESETS[settings.smoothing]


def watched_zones(settings: Settings) -> tuple[Zone, ...]:
    """Return the zones that the settings name or hold; raises `SettingsError` for a file that is wrong."""
    if isinstance(settings.zones, tuple):
        return zones_from_tables(settings.zones, "zones")
    if settings.zones == "off" or (settings.zones == "auto" and not ZONES_FILE.exists()):
        return ()
    return read_zones(zones_file(settings))


def zones_file(settings: Settings) -> Path:
    """Return the file that zones are saved in when they are drawn; a show file is never written to."""
    named = isinstance(settings.zones, str) and settings.zones not in ("auto", "off")
    return Path(str(settings.zones)) if named else ZONES_FILE


def gesture_options(settings: Settings, report: Callable[[str], None] | None = None) -> GestureOptions:
    """Return which gestures are told; raises `UnknownNameError` for a name that is none.

    A taught pose whose file is wrong is reported, and is none of them.
    """
    names = settings.gestures
    if names == ("off",):
        return GestureOptions(names)
    if names == ("all",):
        return GestureOptions(names, load_all(report=report), settings.keypoint_score)
    check_names(names, taught_names())
    taught = load_all(names, report)
    known = (*GESTURE_NAMES, *(one.name for one in taught))
    left = tuple(name for name in names if name in known)
    return GestureOptions(left or ("off",), taught, settings.keypoint_score)


def check_stages(settings: Settings, report: Callable[[str], None] | None = None) -> None:
    """Raise whatever a stage would say of its settings, before anything is started.

    Raises `SettingsError` and `UnknownNameError`. Taught poses that cannot be used are reported.
    """
    adjustment(settings)
    lead = tracker_options(settings).lead
    if lead.startswith(ZONE):
        leads = [f"{ZONE}{zone.name}" for zone in watched_zones(settings)]
        if not leads:
            raise SettingsError(f"lead {lead}: there is no zone; name a file that has it, as in --zones FILE")
        if lead not in leads:
            raise UnknownNameError("lead", lead, leads)
    gesture_options(settings, report)
