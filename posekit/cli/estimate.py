"""`posekit estimate`: poses of pictures, folders and videos, as JSON lines and as drawings."""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from posekit.cli.console import DownloadBar, frame_bar, say
from posekit.cli.estimate_files import Drawing, Lines
from posekit.cli.estimate_jobs import Job, plan_jobs
from posekit.cli.options import ConfigOption, resolve_given, with_settings
from posekit.errors import SettingsError, SourceError
from posekit.frame import Frame

if TYPE_CHECKING:
    from collections.abc import Sequence

    from posekit.estimators import EstimatorOptions
    from posekit.estimators.base import Estimator
    from posekit.pose import Pose
    from posekit.settings import Settings

DEFAULT_POSE_SCORE = 0.2
"""Coral's own, for tensors: they are decoded to compare decoders."""
ESTIMATING = (
    "estimator", "model", "input_size", "light", "target_rate", "runtime", "threads", "single", "max_poses",
    "pose_score", "verbose",
)  # fmt: skip
"""The settings that make sense without a window, people or OSC."""


@with_settings(*ESTIMATING)
def estimate(
    inputs: Annotated[
        list[str] | None, typer.Argument(metavar="INPUT...", help="pictures, folders, videos, or sample")
    ] = None,
    *,
    json_file: Annotated[
        str | None, typer.Option("--json", metavar="FILE|-", help="write poses as JSON lines; - is stdout")
    ] = None,
    draw: Annotated[
        Path | None,
        typer.Option("--draw", metavar="FILE", help="draw the skeletons; a folder for many inputs"),
    ] = None,
    tensors: Annotated[
        Path | None,
        typer.Option("--tensors", metavar="FILE.npz", help="decode saved PoseNet tensors instead"),
    ] = None,
    config: ConfigOption = None,
    given: dict[str, Any],
) -> None:
    """Find the poses in pictures, folders and videos, frame by frame."""
    settings = resolve_given(given, config).settings
    if tensors is not None:
        if inputs or draw:
            raise SettingsError("--tensors stands alone: it takes neither inputs nor --draw")
        _estimate_tensors(tensors, json_file, settings)
        return
    jobs = plan_jobs(inputs or [], draw, json_file)
    from posekit.engine.options import estimator_options

    failed: list[str] = []
    with ExitStack() as opened:
        lines = opened.enter_context(Lines(json_file)) if json_file else None
        estimators = opened.enter_context(_Estimators(estimator_options(settings)))
        for job in jobs:
            try:
                _estimate_job(job, estimators.get(still=job.is_picture), lines)
            except SourceError as error:
                if len(jobs) == 1:
                    raise
                # One broken picture among hundreds must not cost the rest of the work.
                failed.append(str(error))
                say(f"posekit: {error}")
    if failed:
        raise SourceError(f"{len(failed)} of {len(jobs)} inputs could not be read")


class _Estimators:
    """Opens an estimator for stills and one for moving pictures, each when first needed."""

    def __init__(self, options: EstimatorOptions) -> None:
        self._options = options
        self._opened: dict[bool, Estimator] = {}

    def get(self, *, still: bool) -> Estimator:
        from posekit.estimators import open_estimator

        if still not in self._opened:
            options = replace(self._options, still=still)
            estimator = open_estimator(options, report=say, progress=DownloadBar())
            say(f"estimator: {estimator.description}")
            self._opened[still] = estimator
        self._opened[still].reset()
        return self._opened[still]

    def __enter__(self) -> _Estimators:
        return self

    def __exit__(self, *_: object) -> None:
        for estimator in self._opened.values():
            estimator.close()


def _estimate_job(job: Job, estimator: Estimator, lines: Lines | None) -> None:
    from posekit.clock import ManualClock
    from posekit.sources import open_source

    source = open_source(job.name, ManualClock(), every_frame=True, report=say, progress=DownloadBar())
    with ExitStack() as opened:
        opened.callback(source.close)
        drawing = opened.enter_context(Drawing(job, source.rate)) if job.drawing else None
        bar = opened.enter_context(frame_bar())
        task = bar.add_task(Path(job.name).name, total=source.count)
        found = count = 0
        for frame in source.frames():
            assert isinstance(frame, Frame)  # files hold pictures
            poses = estimator.estimate(frame).poses
            if lines is not None:
                lines.write(_line(job.name, frame, poses))
            if drawing is not None:
                drawing.draw(frame, poses)
            found += len(poses)
            count += 1
            bar.advance(task)
    if lines is None or not lines.is_stdout:
        _tell(job, count, found)


def _tell(job: Job, frames: int, found: int) -> None:
    pictures = "" if job.is_picture else f" in {frames} frames"
    drawn = f", drawn to {job.drawing}" if job.drawing else ""
    say(f"{job.name}: {found} {'pose' if found == 1 else 'poses'}{pictures}{drawn}")


def _line(name: str, frame: Frame, poses: Sequence[Pose]) -> str:
    width, height = frame.size
    data = {
        "file": name,
        "time": round(frame.time, 6),
        "width": width,
        "height": height,
        "poses": [pose.to_tfjs(frame.size) for pose in poses],
    }
    return json.dumps(data, separators=(",", ":")) + "\n"


def _estimate_tensors(path: Path, target: str | None, settings: Settings) -> None:
    """Decode tensors somebody saved; positions are model-input pixels."""
    from posekit.estimators.base import MAX_POSES
    from posekit.estimators.posenet_decoder import decode_multiple, decode_single
    from posekit.estimators.posenet_tensors import load_tensors

    tensors = load_tensors(path)
    width, height = tensors.input_size
    if settings.single:
        poses = decode_single(tensors)
    else:
        least = DEFAULT_POSE_SCORE if settings.pose_score is None else settings.pose_score
        poses = decode_multiple(tensors, settings.max_poses or MAX_POSES, least)
    data = {
        "file": str(path),
        "time": 0.0,
        "width": width,
        "height": height,
        "poses": [pose.to_tfjs((width, height)) for pose in poses.as_poses((width, height))],
    }
    with Lines(target or "-") as lines:
        lines.write(json.dumps(data) + "\n")
