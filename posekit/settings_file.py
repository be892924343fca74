"""A show file: TOML with settings, one a line, and the tables of a show in a gallery below them."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from posekit.errors import SettingsError, UnknownNameError, nearest_name
from posekit.secret_values import find_secrets, named_in, read_secrets
from posekit.toml_lines import KeyPath, error_place, key_lines, line_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

GALLERY_TABLES = frozenset({"show", "hours", "status", "records", "heartbeat", "hooks", "sheet"})
"""What belongs to a show in a gallery: `posekit.show.tables` knows it, a plain run leaves it alone."""
SPELLED = {"for": "osc_for"}
"""Settings whose name on the command line and in a show file is a word of Python."""


@dataclass(frozen=True)
class ShowText:
    """A show file as it was read, with the places of what it says."""

    path: Path
    text: str = field(repr=False)
    entries: Mapping[str, Any] = field(repr=False)
    """Everything in it, with the names as they were written."""

    @property
    def settings(self) -> dict[str, Any]:
        """What stands outside the gallery's tables; `-` and `_` are the same in names."""
        return {
            setting_name(name): value for name, value in self.entries.items() if name not in GALLERY_TABLES
        }

    @property
    def tables(self) -> dict[str, Any]:
        """The gallery's tables that are there."""
        return {name: value for name, value in self.entries.items() if name in GALLERY_TABLES}

    @cached_property
    def _lines(self) -> dict[KeyPath, int]:
        lines = key_lines(self.text)
        named = {path: line for path, line in lines.items() if path[0] in GALLERY_TABLES}
        for path, line in lines.items():
            if path[0] not in GALLERY_TABLES:
                named.setdefault((setting_name(str(path[0])), *path[1:]), line)
        return {**named, **lines}

    def line(self, path: KeyPath) -> int:
        """Return the line of a key path, with a setting's own name on top, or of what is around it."""
        return line_of(self._lines, path) or 1

    def place(self, path: KeyPath) -> str:
        """Return where a key path stands, as a message begins."""
        return f"{self.path}, line {self.line(path)}"

    def problem(self, path: KeyPath, sentence: str) -> LinedError:
        """Return an error about a key path."""
        return LinedError(self.line(path), f"{self.place(path)}: {sentence}")

    def reveal_source(self, source: Any, environment: Mapping[str, str]) -> tuple[Any, dict[str, str]]:
        """Return a source with the secrets that it names as `$NAME`, and how it was written if it names any.

        Raises `SettingsError` for a secret that is set nowhere.
        """
        names = named_in(source) if isinstance(source, str) else ()
        if not names:
            return source, {}
        try:
            secrets = read_secrets(self.path.absolute().parent, environment, names)
            return secrets.reveal(source), {"source": source}
        except SettingsError as error:
            raise self.problem(("source",), f"source: {error}") from None

    def problems(self, known: Iterable[str]) -> list[SettingsError]:
        """Return all that is wrong with the names, and every secret that is told; the values come later."""
        return sorted(self._problems(tuple(known)), key=error_line)

    def _problems(self, known: tuple[str, ...]) -> Iterator[SettingsError]:
        seen: dict[str, str] = {}
        for path, sentence in find_secrets(self.entries):
            yield self.problem(path, sentence)
        told = {path[0] for path, _ in find_secrets(self.entries) if len(path) == 1}
        for name, value in self.entries.items():
            if name in GALLERY_TABLES:
                if not isinstance(value, dict):
                    sentence = f"{name} is a table: write [{name}] on a line of its own, its lines below it"
                    yield self.problem((name,), sentence)
                continue
            setting = setting_name(name)
            if setting in seen:
                sentence = f"{name!r} is the setting {seen[setting]!r}, which is there already; remove one"
                yield self.problem((name,), sentence)
            seen[setting] = name
            if setting not in known and name not in told:
                yield self._unknown(name, value, known)

    def _unknown(self, name: str, value: object, known: tuple[str, ...]) -> SettingsError:
        is_table = isinstance(value, dict) or (
            isinstance(value, list) and value and all(isinstance(one, dict) for one in value)
        )
        choices = (*sorted(GALLERY_TABLES), "zones") if is_table else known
        error = LinedNameError("table" if is_table else "setting", name, choices)
        error.line = self.line((name,))
        if not is_table and error.nearest is None and (table := nearest_name(name, GALLERY_TABLES)):
            error.args = (f"unknown setting {name!r}; did you mean the table [{table}]?",)
        error.args = (f"{self.place((name,))}: {error}",)
        return error


class LinedError(SettingsError):
    """Something wrong on a line of a show file."""

    def __init__(self, line: int, message: str) -> None:
        self.line = line
        super().__init__(message)


class LinedNameError(UnknownNameError):
    """A name on a line of a show file that nobody knows."""

    line = 0


def error_line(error: Exception) -> int:
    """Return the line that an error is about; 0 when it is about the whole file."""
    return int(getattr(error, "line", 0))


def setting_name(name: str) -> str:
    """Return what a setting is called, from its name in a show file or on the command line."""
    return SPELLED.get(name, name.replace("-", "_"))


def read_show_text(path: Path) -> ShowText:
    """Read a show file; raises `SettingsError` for one that cannot be read, or is no TOML."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise SettingsError(f"cannot read the show file {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise SettingsError(f"the show file {path} is not UTF-8 text; save it as UTF-8") from None
    text = text.replace("\r\n", "\n")
    try:
        return ShowText(path, text, tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        line, reason = error_place(error, text)
        raise LinedError(line, f"{path}, line {line}: this is not valid TOML: {reason}") from None
    except RecursionError:
        raise SettingsError(f"the show file {path} is nested too deeply to be read") from None
