"""A show as it was written down: its settings, its tables, its folder, and where each value came from."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from posekit.errors import SettingsError, nearest_name
from posekit.resolving import Resolved, resolve
from posekit.secret_values import Secrets, named_in, read_secrets
from posekit.sentences import Wrong, wrong_values
from posekit.settings import Settings
from posekit.settings_file import ShowText, error_line, read_show_text
from posekit.show.folder import ShowFolder
from posekit.show.hours import Hours
from posekit.show.tables import GallerySettings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from posekit.toml_lines import KeyPath

STATUS_TOKEN = "POSEKIT_STATUS_TOKEN"  # noqa: S105  # its name, not the token
"""What the status page's token is called in the environment or in secrets.env."""


@dataclass(frozen=True)
class Show:
    """A show, resolved and checked."""

    resolved: Resolved
    gallery: GallerySettings
    folder: ShowFolder
    secrets: Secrets = field(default_factory=Secrets)
    file: Path | None = None
    """The show file; None where there is none."""
    origins: Mapping[str, str] = field(default_factory=dict)
    """Of the tables' settings, as `hours.open`: `default` or `file FILE`."""

    @property
    def settings(self) -> Settings:
        """The settings of the command line, whoever set them."""
        return self.resolved.settings

    @cached_property
    def hours(self) -> Hours:
        """When it is open."""
        return Hours.from_settings(self.gallery.hours)

    @property
    def notices(self) -> tuple[str, ...]:
        """What the user should know, in sentences."""
        return (self.secrets.notice,) if self.secrets.notice else ()

    @property
    def source(self) -> str:
        """The source as it may be shown: a secret in it is `$NAME`."""
        return self.resolved.written.get("source", self.settings.source)

    @property
    def status_token(self) -> str | None:
        """What the status page asks for on other addresses than this machine's own."""
        return self.secrets.get(STATUS_TOKEN)

    def require_sketch(self) -> str:
        """Return the sketch as it was named; raises `SettingsError` where none is."""
        named = self.gallery.show.sketch
        if not named:
            raise SettingsError(
                'no sketch is named; write it behind the command, or sketch = "NAME.py" in [show]'
            )
        return named

    def reveal(self, text: str) -> str:
        """Put the secrets into a text that names them, just before it is used; raises `SettingsError`."""
        return self.secrets.reveal(text)


def read_show(
    path: Path | None,
    command_line: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
    sketch: str | None = None,
    sketch_settings: Mapping[str, Any] | None = None,
) -> Show:
    """Read a show file and everything that may win over it, and check all of it.

    `sketch` is the command line's: it wins over the file's, and without a file its folder is the show's.
    `sketch_settings` are those that the sketch asks for itself; everything else wins over them.
    Raises the first thing that is wrong with the file, with its line, as `SettingsError`.
    """
    environment = os.environ if environment is None else environment
    text = read_show_text(path) if path is not None else None
    for problem in _problems(text) if text is not None else ():
        raise problem
    folder = ShowFolder.of(path, sketch)
    resolved = resolve(command_line, environment, path, sketch_settings, folder=folder.path)
    gallery = GallerySettings.model_validate(text.tables if text is not None else {})
    if sketch is not None:
        show = gallery.show.model_copy(update={"sketch": sketch})
        gallery = gallery.model_copy(update={"show": show})
    written = " ".join((*resolved.written.values(), *(words for _, words in _naming(gallery))))
    secrets = read_secrets(folder.path, environment, (STATUS_TOKEN, *named_in(written)))
    show_read = Show(resolved, gallery, folder, secrets, path, _origins(gallery, text, sketch))
    _check_named(show_read, text)
    return show_read


def file_problems(path: Path) -> list[SettingsError]:
    """Return everything that is wrong with what a show file itself says, from the top down."""
    try:
        return _problems(read_show_text(path))
    except SettingsError as error:
        return [error]


def _problems(text: ShowText) -> list[SettingsError]:
    found = [*text.problems(Settings.model_fields), *_wrong_settings(text), *_wrong_tables(text)]
    return sorted(found, key=error_line)


def _wrong_settings(text: ShowText) -> Iterator[SettingsError]:
    known = {name: value for name, value in text.settings.items() if name in Settings.model_fields}
    try:
        Settings(**known)
    except ValidationError as error:
        for wrong in wrong_values(error):
            yield text.problem(wrong.path, f"{str(wrong.path[0]).replace('_', '-')}: {wrong.sentence}")


def _wrong_tables(text: ShowText) -> Iterator[SettingsError]:
    told = set(map(error_line, text.problems(Settings.model_fields)))
    try:
        tables = {name: table for name, table in text.tables.items() if isinstance(table, dict)}
        GallerySettings.model_validate(tables)
    except ValidationError as error:
        for wrong in wrong_values(error, depth=2):
            if not (wrong.is_unknown and text.line(wrong.path) in told):  # it was told already
                yield text.problem(wrong.path, _table_sentence(wrong))


def _table_sentence(wrong: Wrong) -> str:
    table, name = str(wrong.path[0]), str(wrong.path[1])
    if not wrong.is_unknown:
        return f"{name} in [{table}]: {wrong.sentence}"
    known = type(getattr(GallerySettings(), table)).model_fields
    nearest = nearest_name(name, known)
    hint = f"did you mean {nearest!r}?" if nearest else f"choose from {', '.join(known)}"
    if nearest is None and name.replace("-", "_") in Settings.model_fields:
        hint = "it is a setting of its own: write it above the first [table]"
    return f"unknown setting {name!r} in [{table}]; {hint}"


def _naming(gallery: GallerySettings) -> Iterator[tuple[KeyPath, str]]:
    """Go through what may name secrets in the tables: where it stands, and what it says."""
    for number, url in enumerate(gallery.heartbeat.http):
        yield ("heartbeat", "http", number), url
    for name in type(gallery.hooks).model_fields:
        for number, hook in enumerate(getattr(gallery.hooks, name)):
            yield ("hooks", name, number), hook if isinstance(hook, str) else "\n".join(hook)


def _check_named(show: Show, text: ShowText | None) -> None:
    for place, words in _naming(show.gallery):
        try:
            show.secrets.check(words)
        except SettingsError as error:
            sentence = f"{place[1]} in [{place[0]}]: {error}"
            raise (text.problem(place, sentence) if text else error) from None


def _origins(gallery: GallerySettings, text: ShowText | None, sketch: str | None) -> dict[str, str]:
    written = text.tables if text is not None else {}
    origins = {
        f"{table}.{name}": f"file {text.path}" if text and name in written.get(table, ()) else "default"
        for table in type(gallery).model_fields
        for name in type(getattr(gallery, table)).model_fields
    }
    return {**origins, "show.sketch": "command line"} if sketch is not None else origins
