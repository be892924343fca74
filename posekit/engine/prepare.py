"""Makes a run's settings certain, and fetches what is missing, before anything starts.

A download never happens while a show runs: the runner prepares in the foreground, where the user sees the
progress, and hands the engine settings that leave nothing to choose.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from posekit.assets import ensure
from posekit.engine.options import check_stages, estimator_options, watched_zones, zones_file
from posekit.estimators import prepare_estimator
from posekit.sources import brings_poses, check_kept, check_source, choose_source

if TYPE_CHECKING:
    from collections.abc import Callable

    from posekit.assets import Progress
    from posekit.settings import Settings


def prepare(
    settings: Settings,
    *,
    report: Callable[[str], None] | None = None,
    progress: Progress | None = None,
) -> Settings:
    """Return the settings with source and estimator decided and their files at hand.

    Raises `AssetError` when something cannot be had, `SourceError` for a source that is not there,
    `SettingsError` for a file to be written that is the source, and what the stages say of their settings.
    """
    check_stages(settings, report)
    settings = _with_zones(settings, report)
    source = choose_source(settings.source, report)
    check_source(source)  # before a minute of downloads
    for target in (settings.save_video, settings.save_frame):
        if target is not None:
            check_kept(source, target)
    if brings_poses(source):
        if settings.mask is True and report is not None:
            report("no silhouettes: this source brings poses, and no picture")
        return settings.model_copy(update={"source": source, "input_size": None})
    if source == "sample":
        ensure("sample", report=report, progress=progress)
    chosen = prepare_estimator(estimator_options(settings), report=report, progress=progress)
    return settings.model_copy(
        update={
            "source": source,
            "estimator": chosen.name,
            "model": chosen.model,
            "input_size": None,
            "single": chosen.single,
            "mask": chosen.mask,
            "focus": chosen.focus,
        }
    )


def _with_zones(settings: Settings, report: Callable[[str], None] | None) -> Settings:
    """Return the settings with the zones in place of their file's name, and say which they are."""
    zones = watched_zones(settings)
    if zones and report is not None:
        origin = f" ({zones_file(settings)})" if isinstance(settings.zones, str) else ""
        report(f"zones: {', '.join(zone.name for zone in zones)}{origin}")
    return settings.model_copy(update={"zones": tuple(zone.as_table() for zone in zones)})
