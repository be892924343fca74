"""`posekit teach`: a pose becomes a gesture by being shown for two seconds."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer

from posekit.cli.console import DownloadBar, say
from posekit.cli.options import ConfigOption, resolve_given, with_settings
from posekit.errors import SettingsError, SourceError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from posekit.scene import Scene
    from posekit.settings import Settings
    from posekit.taught import Taught

SEEING = (
    "source", "camera_size", "rotate", "flip", "crop", "estimator", "model", "input_size", "runtime",
    "threads", "single", "max_poses", "pose_score", "keypoint_score", "verbose",
)  # fmt: skip
"""The settings that make sense without a window or OSC."""
COUNTDOWN = 3.0
"""Seconds to get into the pose, in front of a camera."""
MOST_SECONDS = 60.0
RESTLESS = 0.15
"""Body sizes that a keypoint may move while a pose is held; see `posekit.taught.average`."""
FEWEST = 2
"""Frames that show the pose."""


@with_settings(*SEEING)
def teach(
    name: Annotated[str, typer.Argument(metavar="NAME", help="what the pose is called; hooks are on_NAME")],
    *,
    to: Annotated[
        Path | None, typer.Option("--to", metavar="FILE", help="write it here and not to your taught poses")
    ] = None,
    seconds: Annotated[
        float, typer.Option(min=0.1, max=MOST_SECONDS, help="how long the pose is shown")
    ] = 2.0,
    countdown: Annotated[
        float | None,
        typer.Option(min=0, max=MOST_SECONDS, help="seconds to get ready; 3 before a camera, else none"),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="replace a pose that is taught already")] = False,
    config: ConfigOption = None,
    given: dict[str, Any],
) -> None:
    """Teach a pose by showing it: stand in front of the camera and hold it for two seconds."""
    from posekit.events.table import GESTURE_NAMES
    from posekit.sources import choose_source, is_live
    from posekit.taught import SUFFIX, check_name, check_place, save

    check_name(name, GESTURE_NAMES)
    if to is not None and to.suffix != SUFFIX:
        raise SettingsError(
            f"a taught pose is a {SUFFIX} file; found {to.name}, try {to.with_suffix(SUFFIX).name}"
        )
    settings = resolve_given(given, config).settings
    check_place(name, to, overwrite=force)
    alone = {"source": choose_source(settings.source, say), "osc": (), "gestures": ("off",)}
    settings = settings.model_copy(update=alone)
    ready = countdown if countdown is not None else (COUNTDOWN if is_live(settings.source) else 0.0)
    taught, moved = _record(name, settings, ready, seconds)
    path = save(taught, to)
    if moved > RESTLESS:
        say(f"you moved a good deal meanwhile ({moved:.0%} of your size); the middle of it was taken")
    count = int((taught.scores > 0).sum())
    typer.echo(
        f"{name} is taught, from {count} keypoints, in {path}; in a sketch: def on_{name}(person): ..."
    )


def _record(name: str, settings: Settings, ready: float, seconds: float) -> tuple[Taught, float]:
    """Look at the source until the pose has been shown, and close it on every way out."""
    from posekit.clock import ManualClock, SystemClock
    from posekit.engine.prepare import prepare
    from posekit.engine.session import Session
    from posekit.sources import is_live

    with closing(DownloadBar()) as bar:
        settings = prepare(settings, report=say, progress=bar)
    every_frame = not is_live(settings.source)
    clock = ManualClock() if every_frame else SystemClock()
    with (
        Session(settings, clock, every_frame=every_frame, report=say) as session,
        closing(session.looks()) as looks,
    ):
        return watch(name, (moment.step.scene for moment in looks), ready, seconds)


def watch(name: str, scenes: Iterable[Scene], ready: float, seconds: float) -> tuple[Taught, float]:
    """Return the pose that the lead person shows, and how much she moved, as `posekit.taught.average` has it.

    The first `ready` seconds are a countdown, said aloud; the pose is what is seen in the `seconds` after.
    Raises `SourceError` when nobody is seen for most of them.
    """
    from posekit.taught import average

    begin, said, frames, aspect = None, None, 0, 1.0
    shown: list[Any] = []
    for scene in scenes:
        begin = scene.captured if begin is None else begin
        left = begin + ready - scene.captured
        if left > 0:
            said = _count_down(left, said)
            continue
        if left <= -seconds:
            break
        if not frames:
            say(f"now hold it for {seconds:g} second{'' if seconds == 1 else 's'}")
        frames, aspect = frames + 1, scene.aspect
        lead = scene.lead
        if lead is not None and lead.seen >= scene.captured:
            shown.append(lead.pose)
    if len(shown) < max(FEWEST, frames / 2):
        raise SourceError(
            f"nobody was seen for most of the {seconds:g} seconds ({len(shown)} of {frames} frames); "
            "stand in full view and try again"
        )
    xy, scores = np.array([pose.xy for pose in shown]), np.array([pose.scores for pose in shown])
    taught, moved = average(name, xy, scores, aspect)
    if int((taught.scores > 0).sum()) < 4:
        raise SourceError("too little of the body was seen; stand in full view and try again")
    return taught, moved


def _count_down(left: float, said: int | None) -> int:
    """Say each whole second once."""
    number = int(np.ceil(left))
    if number != said:
        say(f"{number} ...")
    return number
