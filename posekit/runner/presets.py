"""Presets: a sketch's values under a number and a name, in a file that people can read and write."""

from __future__ import annotations

import json
import os
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import platformdirs

from posekit.draw.files import begin, refusal
from posekit.errors import SettingsError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Mapping

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

SLOTS = range(1, 10)
"""The numbers of presets: each has a key."""
LONGEST_NAME = 24
LONGEST_FADE = 60.0
"""Seconds."""
BIGGEST_FILE = 1 << 20
SUFFIX = ".presets.toml"
BARE = re.compile(r"[A-Za-z0-9_-]+")
"""A key that TOML lets stand without quotes."""
HEAD = "# Presets of {name}: F5 in its window, /preset/NUMBER over OSC. Rewritten whole when one is saved.\n"

Value = bool | int | float | str
KINDS = (bool, int, float, str)


@dataclass(frozen=True)
class Preset:
    """What was saved under one number."""

    number: int
    name: str = ""
    values: Mapping[str, Value] = field(default_factory=dict)
    """By parameter; of one that the sketch does not have (now), too."""

    @property
    def title(self) -> str:
        """Number and name."""
        return f"{self.number} {self.name}".strip()


@dataclass(frozen=True)
class PresetFile:
    """Everything in a presets file."""

    presets: Mapping[int, Preset] = field(default_factory=dict)
    fade: float = 0.0
    """Seconds that numbers take from one preset to the next."""

    def find(self, wanted: int | str) -> Preset:
        """Return a preset by its number or its name; raises `UnknownNameError`."""
        text = str(wanted).strip()
        numbers = {str(preset.number): preset for preset in self.presets.values()}
        names = {preset.name: preset for preset in self.presets.values() if preset.name}
        found = numbers.get(text) or names.get(text)
        if found is not None:
            return found
        if text.isdigit() and self.presets:
            saved = ", ".join(self.presets[number].title for number in sorted(self.presets))
            raise SettingsError(f"there is no preset {text}; saved are {saved}")
        if not numbers:
            raise SettingsError(
                f"there is no preset {text!r}; none is saved yet: F5, then Shift and a number"
            )
        raise UnknownNameError("preset", text, (*names, *numbers))


def presets_file(sketch: Path) -> Path:
    """Return where a sketch's presets are: beside it, or in the user's data folder.

    In the latter where the sketch is one of posekit's own, or its folder cannot be written to; a file that is
    beside it is used all the same.
    """
    from posekit.sketch.loader import builtin_folder

    beside = sketch.with_name(f"{sketch.stem}{SUFFIX}")
    is_own = sketch.parent == builtin_folder()
    if beside.exists() or (not is_own and os.access(beside.parent, os.W_OK)):
        return beside
    return Path(platformdirs.user_data_dir("posekit", appauthor=False)) / "presets" / beside.name


def read_presets(path: Path) -> PresetFile:
    """Read a presets file; one that is not there is empty.

    Whether the values fit the sketch is for who loads one. Raises `SettingsError` for a file that is none.
    """
    try:
        if not path.exists():
            return PresetFile()
        if path.stat().st_size > BIGGEST_FILE:
            raise SettingsError(f"{path} is too big to be a presets file; move it away to save presets")
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"cannot read the presets file {path}: {error.strerror}") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise SettingsError(f"the presets file {path} is not valid TOML: {error}") from None
    _check_names(path, "entry", data, ("fade", "preset"))
    fade, tables = data.get("fade", 0.0), data.get("preset", [])
    if not _is_number(fade) or not 0 <= fade <= LONGEST_FADE:
        raise _wrong(path, f"fade is seconds from 0 to {LONGEST_FADE:g}; found {fade!r}")
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise _wrong(path, "every preset begins with [[preset]]")
    found: dict[int, Preset] = {}
    for table in tables:
        preset = _preset(path, table)
        if preset.number in found:
            raise _wrong(path, f"there are two presets {preset.number}")
        found[preset.number] = preset
    return PresetFile(found, float(fade))


def write_presets(path: Path, content: PresetFile) -> None:
    """Replace a presets file; it is the old or the new one, whole, at any instant. Raises `OutputError`."""
    presets = [content.presets[number] for number in sorted(content.presets)]
    text = HEAD.format(name=f"{path.name.removesuffix(SUFFIX)}.py") + f"fade = {content.fade!r}\n"
    text += "".join(_as_toml(preset) for preset in presets)
    try:
        if not path.parent.exists():
            path.parent.mkdir(parents=True)
        target, partial = begin(path)
        try:
            partial.write_text(text, encoding="utf-8", newline="\n")
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        raise refusal(path, error) from None


def clean_name(text: str) -> str:
    """Return a text as a preset may be called."""
    return "".join(letter for letter in text if letter.isprintable()).strip()[:LONGEST_NAME].strip()


def _preset(path: Path, table: dict[str, Any]) -> Preset:
    _check_names(path, "entry of a preset", table, ("number", "name", "values"))
    number, name, values = table.get("number"), table.get("name", ""), table.get("values", {})
    if type(number) is not int or number not in SLOTS:
        raise _wrong(path, f"a preset's number is one of 1 to {SLOTS[-1]}; found {number!r}")
    if not isinstance(name, str) or clean_name(name) != name:
        raise _wrong(path, f"a preset's name is a text of {LONGEST_NAME} letters at most; found {name!r}")
    if not isinstance(values, dict):
        raise _wrong(path, f"preset {number}: its values stand below [preset.values]")
    for key, value in values.items():
        if not isinstance(value, KINDS):
            raise _wrong(path, f"preset {number}: {key} is a number, a text, true or false; found {value!r}")
    return Preset(number, name, values)


def _check_names(path: Path, kind: str, table: Mapping[str, Any], known: tuple[str, ...]) -> None:
    for name in table:
        if name not in known:
            raise UnknownNameError(f"{kind} in the presets file {path}:", name, known)


def _wrong(path: Path, sentence: str) -> SettingsError:
    return SettingsError(f"the presets file {path}: {sentence}")


def _as_toml(preset: Preset) -> str:
    lines = [f"\n[[preset]]\nnumber = {preset.number}\nname = {_text(preset.name)}\n\n[preset.values]\n"]
    lines += [
        f"{name if BARE.fullmatch(name) else _text(name)} = {_scalar(value)}\n"
        for name, value in preset.values.items()
    ]
    return "".join(lines)


def _scalar(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    # TOML reads a number as Python writes it, infinity too.
    return _text(value) if isinstance(value, str) else repr(value)


def _text(text: str) -> str:
    # A basic string of TOML is one of JSON, but for one letter, and for halves of a surrogate pair.
    return json.dumps(text.encode("utf-8", "replace").decode(), ensure_ascii=False).replace("\x7f", "\\u007f")


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
