"""What `posekit estimate` has to do: one job for each picture or film, and where its drawing goes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from posekit.errors import OutputError, SettingsError, SourceError
from posekit.sources import brings_poses, is_live
from posekit.sources.base import PICTURE_SUFFIXES

if TYPE_CHECKING:
    from collections.abc import Sequence

FILM_SUFFIXES = frozenset({".avi", ".m4v", ".mkv", ".mov", ".mp4", ".webm"})
"""Files that are taken for films when they lie in a folder; a file that is named is simply tried."""


@dataclass(frozen=True)
class Job:
    """One picture or video to look at, and where its drawing goes."""

    name: str
    """What a source is opened with."""
    is_picture: bool
    drawing: Path | None


def plan_jobs(inputs: Sequence[str], draw: Path | None, json_file: str | None = None) -> list[Job]:
    """Spell out the inputs, a folder as the pictures and films in it, and check where results go.

    Raises `SettingsError` for what cannot be meant, before any work is done.
    """
    if not inputs:
        raise SettingsError("name at least one picture, folder or video (or sample); nothing was given")
    names = [name for given in inputs for name in _spell_out(given)]
    jobs = [Job(name, _is_picture(name), drawing) for name, drawing in _place_drawings(names, draw)]
    _refuse_overwriting(jobs, json_file)
    return jobs


def _spell_out(name: str) -> list[str]:
    if is_live(name) or name == "auto":
        raise SettingsError(f"{name} never ends; estimate takes files, for a live source use: posekit run")
    if brings_poses(name):
        raise SettingsError(f"{name} holds poses already; estimate takes pictures and films")
    folder = Path(name).expanduser()
    if not folder.is_dir():
        return [name]
    known = PICTURE_SUFFIXES | FILM_SUFFIXES
    found = sorted(str(path) for path in folder.iterdir() if path.suffix.lower() in known)
    if not found:
        raise SourceError(f"the folder {folder} holds no pictures or films ({', '.join(sorted(known))})")
    return found


def _is_picture(name: str) -> bool:
    return Path(name).suffix.lower() in PICTURE_SUFFIXES


def _place_drawings(names: Sequence[str], draw: Path | None) -> list[tuple[str, Path | None]]:
    """Pair every input with its drawing: one file for one input, else files in a folder."""
    if draw is None:
        return [(name, None) for name in names]
    if len(names) == 1 and not draw.is_dir():
        _check_drawing(names[0], draw)
        return [(names[0], draw)]
    if draw.suffix and not draw.is_dir():
        raise SettingsError(f"--draw {draw} is one file for {len(names)} inputs; name a folder instead")
    try:
        draw.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"cannot make the folder {draw}: {error.strerror}") from None
    return [(name, draw / (Path(name).stem + (".png" if _is_picture(name) else ".mp4"))) for name in names]


def _check_drawing(name: str, draw: Path) -> None:
    wanted = PICTURE_SUFFIXES if _is_picture(name) else {".mp4"}
    if draw.suffix.lower() not in wanted:
        kind = "a picture" if _is_picture(name) else "a film"
        raise SettingsError(
            f"--draw {draw}: {kind} is drawn to a file ending in {' or '.join(sorted(wanted))}"
        )
    if not draw.parent.is_dir():
        raise SettingsError(f"--draw {draw}: there is no folder {draw.parent}")


def _refuse_overwriting(jobs: Sequence[Job], json_file: str | None) -> None:
    """Refuse results that would replace an input, or one another."""
    inputs = {Path(job.name).expanduser().resolve(): job.name for job in jobs}
    results = [(job.drawing, f"the drawing of {job.name}") for job in jobs if job.drawing is not None]
    if json_file not in (None, "-"):
        results.append((Path(str(json_file)), "the JSON"))
        if Path(str(json_file)).is_dir():
            raise SettingsError(f"--json {json_file} is a folder; name a file")
    taken: dict[Path, str] = {}
    for path, what in results:
        place = path.resolve()
        if place in inputs:
            raise SettingsError(f"{what} would replace the input {inputs[place]}; name another file")
        if place in taken:
            raise SettingsError(f"{taken[place]} and {what} would both go to {path}; do one at a time")
        taken[place] = what
