"""What a system is told to keep running: one show, by absolute paths."""

from __future__ import annotations

import os
import re
import sys
import unicodedata
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from posekit.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "posekit-"
LONGEST_NAME = 48
SERVICE = "POSEKIT_SERVICE"
"""Tells a show by which name it was started as a service."""
KEPT_VARIABLES = ("POSEKIT_CACHE", "POSEKIT_ASSETS", "SDL_VIDEODRIVER", "SDL_AUDIODRIVER")
"""What a service has to know of the shell in which it was installed: where models lie, and how SDL draws.
Settings belong into the show file, and secrets into secrets.env."""
WITHOUT_DESKTOP = ("kmsdrm", "offscreen", "dummy")
"""Ways in which SDL draws (`SDL_VIDEODRIVER`) that need no desktop and nobody who is logged in to one."""


@dataclass(frozen=True)
class Job:
    """A show as a service."""

    name: str
    """What the system calls it: `posekit-` and a word."""
    title: str
    """What people call it."""
    folder: PurePath
    """The show folder, absolute: where it runs."""
    python: PurePath
    """The interpreter that posekit is installed for, absolute."""
    words: tuple[str, ...]
    """What follows the interpreter: `-m posekit gallery run ...`."""
    environment: tuple[tuple[str, str], ...] = ()
    """Variables of the shell in which it was installed."""

    @property
    def variables(self) -> tuple[tuple[str, str], ...]:
        """All variables that it is given."""
        return ((SERVICE, self.name), *self.environment)

    @property
    def needs_desktop(self) -> bool:
        """Whether somebody has to be logged in at a screen."""
        return dict(self.environment).get("SDL_VIDEODRIVER") not in WITHOUT_DESKTOP

    @property
    def command(self) -> tuple[str, ...]:
        """The whole command."""
        return (str(self.python), *self.words)


def make_job(
    folder: Path,
    settings_file: Path | None,
    sketch: str | None,
    title: str,
    *,
    name: str = "",
    environment: Mapping[str, str] | None = None,
) -> Job:
    """Return the job of a show; a sketch that is a file is named by its absolute path.

    Raises `SettingsError` for a folder or a name that no service file can tell.
    """
    words = ["-m", "posekit", "gallery", "run"]
    if sketch:
        words.append(str(Path(sketch).resolve()) if Path(sketch).is_file() else sketch)
    if settings_file is not None:
        words += ["--config", str(settings_file.resolve())]
    seen = os.environ if environment is None else environment
    kept = tuple((key, seen[key]) for key in KEPT_VARIABLES if seen.get(key))
    # Not resolved: in a virtual environment the link is what tells Python where it is.
    python = PurePath(os.path.abspath(sys.executable))  # noqa: PTH100
    named = job_name(name or title or folder.resolve().name)
    job = Job(named, title or named, folder.resolve(), python, tuple(words), kept)
    check_tellable(job)
    return job


def job_name(text: str) -> str:
    """Return the name of a service: letters, digits and dashes, with `posekit-` in front of it once."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-").removeprefix(PREFIX)[:LONGEST_NAME].strip("-")
    return PREFIX + (slug or "show")


def check_tellable(job: Job) -> None:
    """Raise `SettingsError` if a path has what no service file can tell, or tells in one way only."""
    values = [value for _, value in job.environment]
    for text in (str(job.folder), *job.command, *values):
        if any(ord(letter) < 32 or ord(letter) == 127 or "\ud800" <= letter <= "\udfff" for letter in text):
            raise SettingsError(f"{text!a} has a letter that no service file can tell; rename it")
    folder = str(job.folder)
    if folder != folder.strip() or (folder.endswith("\\") and "/" in folder):
        raise SettingsError(f"{folder!a} ends in a space or a backslash; rename the folder")
