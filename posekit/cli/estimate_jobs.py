"""What `posekit estimate` has to do: one job for each picture or film, and where its drawing goes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from posekit.errors import OutputError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Job:
    """One picture or video to look at, and where its drawing goes."""

    name: str
    """What a source is opened with."""
    is_picture: bool
    drawing: Path | None


def plan_jobs(inputs: Sequence[str], draw: Path | None) -> list[Job]:
    """Spell out the inputs: a folder stands for its pictures."""
    from posekit.sources import is_live
    from posekit.sources.pictures import PICTURE_SUFFIXES, pictures_in

    if not inputs:
        raise SettingsError("name at least one picture, folder or video (or sample); nothing was given")
    names: list[str] = []
    for name in inputs:
        if is_live(name):
            raise SettingsError(
                f"{name} never ends; estimate takes files, for a live source use: posekit run"
            )
        path = Path(name).expanduser()
        names += map(str, pictures_in(path)) if path.is_dir() else [name]
    into_folder = draw is not None and (len(names) > 1 or draw.is_dir())
    if draw is not None and into_folder:
        if draw.suffix and not draw.is_dir():
            raise SettingsError(f"--draw {draw} is one file for {len(names)} inputs; name a folder instead")
        _make_folder(draw)
    jobs = []
    for name in names:
        is_picture = Path(name).suffix.lower() in PICTURE_SUFFIXES
        target = draw
        if draw is not None and into_folder:
            target = draw / (Path(name).stem + (".png" if is_picture else ".mp4"))
        jobs.append(Job(name, is_picture, target))
    _refuse_collisions(jobs)
    return jobs


def _refuse_collisions(jobs: Sequence[Job]) -> None:
    drawn: dict[Path, str] = {}
    for job in jobs:
        if job.drawing is None:
            continue
        other = drawn.setdefault(job.drawing, job.name)
        if other != job.name:
            raise SettingsError(
                f"{other} and {job.name} would both be drawn to {job.drawing}; do one at a time"
            )


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"cannot make the folder {folder}: {error.strerror}") from None
