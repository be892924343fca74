"""`ignore.toml` beside a show file: where nobody is looked at, as it was drawn on the status page."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from posekit.errors import SettingsError
from posekit.whole_file import read_tables, replace_file

if TYPE_CHECKING:
    from pathlib import Path

IGNORE_FILE = "ignore.toml"
ORIGIN = f"file {IGNORE_FILE}"
"""Where `ignore` comes from, as `posekit config show` says it."""
HEAD = "# Where posekit looks at nobody: the setting `ignore`, rewritten whole when it is drawn.\n"
WHAT = "the file of ignored places"


def is_kept(origin: str) -> bool:
    """Whether the file counts at the next start, by where `ignore` comes from now: else a hand wrote it."""
    return origin in ("", "default", "sketch", ORIGIN)


def read_ignored(folder: Path) -> dict[str, Any]:
    """Return the setting `ignore` as it is kept in a show's folder; nothing where none was drawn.

    Raises `SettingsError` for a file that is wrong.
    """
    file = folder / IGNORE_FILE
    if not file.exists():
        return {}
    text = read_tables(file, WHAT, "ignore")
    if not isinstance(text, str):
        raise SettingsError(f'{WHAT} {file}: write one line, ignore = "0,0 0.2,0 0.2,1"')
    return {"ignore": text or None}


def write_ignored(file: Path, polygons: str | None) -> None:
    """Replace the file; None is nowhere, which is kept too, over what the sketch asks for.

    Raises `OutputError`.
    """
    # Shares and points are ASCII, of which JSON's words are TOML's too.
    replace_file(file, f"{HEAD}\nignore = {json.dumps(polygons or '')}\n", WHAT)
