"""Where the value of each setting comes from: command line, environment, file, and the rest.

Precedence, first wins: command line, environment (`POSEKIT_...`), show file, what `send` remembers, the
sketch's attributes, default. `posekit config show` prints each value with its origin. A wrong setting stops
the start.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from posekit.errors import SettingsError, UnknownNameError
from posekit.ignore_file import ORIGIN as DRAWN
from posekit.ignore_file import read_ignored
from posekit.sentences import wrong_values
from posekit.settings import Settings
from posekit.settings_file import ShowText, read_show_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

NOT_SETTINGS = frozenset(
    f"POSEKIT_{name}"
    for name in (
        *("ASSETS", "CACHE", "REMEMBERED", "REQUIRE_ASSETS", "REQUIRE_TOOLS", "SERVICE"),
        *("SOAK_SECONDS", "STATUS_TOKEN", "TAUGHT"),
    )
)
"""Environment variables of ours that say where things are and how to test, not how a run behaves."""


@dataclass(frozen=True)
class Resolved:
    """Settings together with where each value came from."""

    settings: Settings
    origins: Mapping[str, str]
    """Setting name to `default`, `sketch`, `remembered`, `file FILE`, `environment POSEKIT_X` or
    `command line`."""
    written: Mapping[str, str] = field(default_factory=dict)
    """Settings with a secret in them, as they were written, with `$NAME`: to be shown in their place."""

    @property
    def shown(self) -> dict[str, Any]:
        """Every setting's value as plain values, without any secret."""
        return {**self.settings.model_dump(mode="json"), **self.written}


def resolve(
    command_line: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
    file: Path | None = None,
    sketch: Mapping[str, Any] | None = None,
    remembered: Mapping[str, Any] | None = None,
    folder: Path | None = None,
) -> Resolved:
    """Merge every origin of settings into one checked `Settings`.

    What was drawn in a room is kept in `folder`: the file's, unless it is named. `None` on the command line
    means that the option was not given. Raises `SettingsError` for a value that cannot be right, saying where
    it came from, and `UnknownNameError` for a misspelt name.
    """
    origins = dict.fromkeys(Settings.model_fields, "default")
    values: dict[str, Any] = {}
    environment = os.environ if environment is None else environment
    text = read_show_text(file) if file else None
    folder = file.absolute().parent if folder is None and file else folder
    layers = (
        ("sketch", dict(sketch or {})),
        ("remembered", dict(remembered or {})),
        (DRAWN, read_ignored(folder) if folder else {}),
        (f"file {file}", _settings_of(text) if text else {}),
        ("environment", read_environment(environment)),
        ("command line", {name: value for name, value in (command_line or {}).items() if value is not None}),
    )
    for origin, layer in layers:
        for name, value in layer.items():
            _check_name(name, origin)
            values[name] = value
            origins[name] = f"environment {_variable(name)}" if origin == "environment" else origin
    written: dict[str, str] = {}
    if text is not None and origins["source"] == f"file {file}":
        values["source"], written = text.reveal_source(values["source"], environment)
    try:
        return Resolved(Settings(**values), origins, written)
    except ValidationError as error:
        raise _wrong(error, origins, text) from None


def read_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the settings among environment variables: `POSEKIT_FPS` is `fps`; an empty one is unset."""
    return {
        variable.removeprefix("POSEKIT_").lower(): value
        for variable, value in environment.items()
        if variable.startswith("POSEKIT_") and variable not in NOT_SETTINGS and value.strip()
    }


def read_show_file(path: Path) -> dict[str, Any]:
    """Read the settings of a show file, and leave its tables for a gallery alone.

    TOML, one setting a line; `-` and `_` are the same in names. Raises `SettingsError` with file and line.
    """
    return _settings_of(read_show_text(path))


def _settings_of(text: ShowText) -> dict[str, Any]:
    for problem in text.problems(Settings.model_fields):
        raise problem
    return text.settings


def _variable(name: str) -> str:
    return f"POSEKIT_{name.upper()}"


def _check_name(name: str, origin: str) -> None:
    if name in Settings.model_fields:
        return
    if origin == "environment":
        raise UnknownNameError("environment variable", _variable(name), map(_variable, Settings.model_fields))
    raise UnknownNameError(f"setting in {origin}:", name, Settings.model_fields)


def _wrong(error: ValidationError, origins: Mapping[str, str], text: ShowText | None) -> SettingsError:
    found = [(wrong, str(wrong.path[0])) for wrong in wrong_values(error)]
    if text is not None:  # the file's first line first, behind what was wrong before it
        found.sort(key=lambda pair: text.line(pair[0].path) if origins[pair[1]] == f"file {text.path}" else 0)
    wrong, name = found[0]
    spelled = name.replace("_", "-")
    if text is not None and origins.get(name) == f"file {text.path}":
        return text.problem(wrong.path, f"{spelled}: {wrong.sentence}")
    return SettingsError(f"{spelled} from {origins.get(name, 'nowhere')}: {wrong.sentence}")
