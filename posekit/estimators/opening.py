"""Opens the estimator that was asked for, or the one that can be had."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from posekit.errors import UnknownNameError
from posekit.estimators.base import MAX_POSES
from posekit.estimators.options import ESTIMATORS, EstimatorOptions
from posekit.estimators.preparing import Preparation, model_threads, scanner_model

if TYPE_CHECKING:
    from collections.abc import Callable

    from posekit.assets import Progress
    from posekit.estimators.base import Estimator
    from posekit.estimators.light import Light

    Report = Callable[[str], None]

__all__ = ["ESTIMATORS", "EstimatorOptions", "open_estimator", "prepare_estimator"]


def open_estimator(
    options: EstimatorOptions | None = None,
    *,
    report: Report | None = None,
    progress: Progress | None = None,
) -> Estimator:
    """Open the estimator that the options ask for; the caller closes it.

    `report` is told what was chosen and why, `progress` sees downloads. Raises `UnknownNameError` and
    `SettingsError` for options that cannot be, `AssetError` when the model cannot be had, `EstimatorError`
    when it cannot be run here.
    """
    prepared = prepare_estimator(options or EstimatorOptions(), report=report, progress=progress)
    if prepared.light == "off":
        return _focused(_OPENERS[prepared.name](prepared, None), prepared)
    from posekit.estimators.light import Light, Lit

    light = Light(prepared.light, still=prepared.still)
    estimator = _focused(_OPENERS[prepared.name](prepared, light), prepared)
    # MediaPipe draws BlazePose's input by itself.
    return Lit(estimator, light, whole=prepared.name == "blazepose")


def prepare_estimator(
    options: EstimatorOptions, *, report: Report | None = None, progress: Progress | None = None
) -> EstimatorOptions:
    """Decide what `open_estimator` would take and fetch its model, without loading it.

    Returns options that name a family and a model's file, so that opening them later fetches nothing. Raises
    what `open_estimator` raises for options and models.
    """
    if options.name not in ESTIMATORS:
        raise UnknownNameError("estimator", options.name, ESTIMATORS)
    return Preparation(options, report or _ignore, progress).decide()


def _focused(estimator: Estimator, options: EstimatorOptions) -> Estimator:
    """Return the estimator with the focus that was decided on."""
    if options.focus == "off":
        return estimator
    from posekit.estimators.focus import Focus, FocusOptions

    return Focus(
        estimator,
        FocusOptions(
            regions=MOST_REGIONS if options.focus == "people" else 1,
            max_poses=options.max_poses or MAX_POSES,
            # What follows one body by itself would lose it in a look at the whole.
            scan=options.name == "posenet",
        ),
    )


def _ignore(_: str) -> None:
    pass


def _open_posenet(options: EstimatorOptions, light: Light | None) -> Estimator:
    from posekit.estimators.posenet import PoseNet
    from posekit.runtimes import open_runtime

    assert options.model
    runtime = open_runtime(Path(options.model), options.runtime, model_threads(options))
    return PoseNet(
        runtime,
        multi=not options.single,
        max_poses=options.max_poses or MAX_POSES,
        min_pose_score=options.min_pose_score,
        light=light,
    )


def _open_blazepose(options: EstimatorOptions, _: Light | None) -> Estimator:
    from posekit.estimators.blazepose import BlazePose

    assert options.model
    return BlazePose(
        Path(options.model), num_poses=options.max_poses or 1, still=options.still, mask=options.mask
    )


def _open_movenet(options: EstimatorOptions, light: Light | None) -> Estimator:
    from posekit.estimators.movenet import MoveNet
    from posekit.runtimes import open_runtime

    assert options.model
    runtime = open_runtime(Path(options.model), options.runtime, model_threads(options))
    scanner = None
    if not options.single:
        try:
            scanner = _open_posenet(replace(options, model=str(scanner_model())), light)
        except BaseException:
            runtime.close()
            raise
    return MoveNet(
        runtime,
        scanner=scanner,
        max_poses=options.max_poses or MAX_POSES,
        min_pose_score=options.min_pose_score,
        still=options.still,
        light=light,
    )


MOST_REGIONS = 2
"""Looks at far people in one frame, with `focus = people`: three or four found no more (`bench/focus.py`)."""
_OPENERS = {"posenet": _open_posenet, "blazepose": _open_blazepose, "movenet": _open_movenet}
