"""Every error posekit raises on purpose.

PosekitError
├── SettingsError           a setting, option or name that cannot be right       (exit code 2)
│   ├── UnknownNameError    a misspelt name; carries the nearest right one
│   └── SketchError         a sketch file that cannot be run as it stands
├── AssetError              a model or clip that cannot be had, or is not what it should be
├── SourceError             a camera, video, picture or folder that gives no frames
│   └── SourceWordError     a word that can be no source, whatever is plugged in or saved (exit code 2)
├── EstimatorError          a model that cannot be loaded or run here
├── OutputError             an OSC target or file that cannot be written
├── EngineError             the engine process failed
├── HookError               a sketch's own code raised while it ran
└── MissingKeypointError    a number was asked of a keypoint that is not visible

A message says what was wrong, what was found, and what to do. The command line prints it as one line.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


@dataclass(frozen=True)
class CodePlace:
    """Where in a user's file something is wrong, with the code around it."""

    path: Path
    line: int
    sentence: str
    """What is wrong there, without the place."""
    lines: tuple[tuple[int, str], ...] = ()
    """The code around it: numbers of lines and their text, without tabs."""
    columns: tuple[int, int] | None = None
    """The first letter of the line that is meant and the one behind the last, from 0; None when unknown."""


class PosekitError(Exception):
    """Something the user can understand and mend; `exit_code` is what the command line ends with."""

    exit_code = 1
    place: CodePlace | None = None
    """Where in the user's own code it is, when it is there."""


class SettingsError(PosekitError):
    """A setting, option or name that cannot be right."""

    exit_code = 2


class UnknownNameError(SettingsError):
    """A name that is not known; the message offers the nearest one that is."""

    def __init__(self, kind: str, found: str, known: Iterable[str]) -> None:
        self.kind, self.found, self.known = kind, found, tuple(known)
        self.nearest = nearest_name(found, self.known)
        hint = f"did you mean {self.nearest!r}?" if self.nearest else f"choose from {', '.join(self.known)}"
        super().__init__(f"unknown {kind} {found!r}; {hint}")


class SketchError(SettingsError):
    """A sketch file that cannot be run as it stands."""


class AssetError(PosekitError):
    """A model or clip that cannot be had, or is not what it should be."""

    def __init__(self, message: str, reasons: Iterable[str] = ()) -> None:
        self.reasons = tuple(reasons)
        """Why each source failed, in the order in which they were tried; the last is the most telling."""
        super().__init__(message)


class SourceError(PosekitError):
    """A camera, video, picture or folder that gives no frames."""


class SourceWordError(SourceError):
    """A word that can be no source at all, whatever is plugged in or saved."""

    exit_code = 2


class EstimatorError(PosekitError):
    """A model that cannot be loaded or run here."""


class OutputError(PosekitError):
    """An OSC target or file that cannot be written."""


class EngineError(PosekitError):
    """The engine process failed."""

    def __init__(self, message: str, details: Iterable[str] = ()) -> None:
        self.details = tuple(details)
        """What the process said last, line by line, for `--verbose`."""
        super().__init__(message)


class HookError(PosekitError):
    """A sketch's own code raised while it ran; `__cause__` is what it raised, with the user's lines alone."""


class MissingKeypointError(PosekitError, ValueError):
    """A number was asked of a keypoint that is not visible.

    A `ValueError` too, because that is what `int(nan)` raises and what careful code catches.
    """


def nearest_name(found: str, known: Iterable[str]) -> str | None:
    """Return the known name that `found` was most likely meant to be, or None."""
    lowered = {name.lower(): name for name in known}
    close = difflib.get_close_matches(found.lower(), lowered, n=1, cutoff=0.6)
    return lowered[close[0]] if close else None
