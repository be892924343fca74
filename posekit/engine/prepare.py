"""Makes a run's settings certain, and fetches what is missing, before anything starts.

A download never happens while a show runs: the runner prepares in the foreground, where the user sees the
progress, and hands the engine settings that leave nothing to choose.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from posekit.assets import ensure
from posekit.engine.options import adjustment, estimator_options
from posekit.estimators import prepare_estimator
from posekit.sources import check_source, choose_source

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

    Raises `AssetError` when something cannot be had, and `SourceError` for a source that is not there.
    """
    adjustment(settings)  # a crop that cannot be is told at once
    source = choose_source(settings.source, report)
    check_source(source)  # before a minute of downloads
    if source == "sample":
        ensure("sample", report=report, progress=progress)
    chosen = prepare_estimator(estimator_options(settings), report=report, progress=progress)
    return settings.model_copy(
        update={"source": source, "estimator": chosen.name, "model": chosen.model, "input_size": None}
    )
