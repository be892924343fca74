"""The files that posekit keeps itself: read, and replaced so that one is whole at any instant, old or new."""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from posekit.errors import OutputError, SettingsError, UnknownNameError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


def read_tables(path: Path, what: str, name: str) -> Any:
    """Return the entry `name` of a TOML file that has no other, or nothing, `()`.

    Raises `SettingsError` in one sentence, which calls the file by `what` it is, for one that is missing or
    wrong, and `UnknownNameError` for any other entry.
    """
    try:
        with path.open("rb") as file:
            data = tomllib.load(file)
    except OSError as error:
        raise SettingsError(f"cannot read {what} {path}: {error.strerror}") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{what} {path} is not valid TOML: {error}") from None
    for other in data:
        if other != name:
            raise UnknownNameError(f"entry of {what} {path}:", other, (name,))
    return data.get(name, ())


def replace_file(path: Path, text: str, what: str, *, mode: int = 0o644, lasts: bool = True) -> None:
    """Replace a file with `text`, as UTF-8; raises `OutputError` that calls it by `what` it is.

    A link is written through to what it points at, and the file's permissions stay; a new one has `mode`.
    What `lasts` is on the disk before it takes the place of what was: else a power cut may leave it empty.
    """
    target = Path(os.path.realpath(path))
    unfinished = ""
    try:
        descriptor, unfinished = tempfile.mkstemp(".tmp", f".{target.name}-", target.parent)
        with open(descriptor, "w", encoding="utf-8", newline="\n") as file:  # noqa: PTH123  # a descriptor
            file.write(text)
            if lasts:
                file.flush()
                os.fsync(file.fileno())
        mode = target.stat().st_mode & 0o777 if target.exists() else mode
        Path(unfinished).chmod(mode)
        Path(unfinished).replace(target)
    except OSError as error:
        with suppress(OSError):
            Path(unfinished).unlink()
        raise OutputError(f"cannot write {what} {path}: {error.strerror}") from None
