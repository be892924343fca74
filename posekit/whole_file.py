"""Writing a text file so that it is the old one or the new one, whole, at any instant."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from posekit.errors import OutputError


def replace_file(path: Path, text: str, what: str) -> None:
    """Replace a file with `text`, as UTF-8; raises `OutputError` that calls it by `what` it is.

    A link is written through to what it points at, and the file's permissions stay.
    """
    target = Path(os.path.realpath(path))
    unfinished = ""
    try:
        descriptor, unfinished = tempfile.mkstemp(".tmp", f".{target.name}-", target.parent)
        with open(descriptor, "w", encoding="utf-8", newline="\n") as file:  # noqa: PTH123  # a descriptor
            file.write(text)
        mode = target.stat().st_mode & 0o777 if target.exists() else 0o644
        Path(unfinished).chmod(mode)
        Path(unfinished).replace(target)
    except OSError as error:
        with suppress(OSError):
            Path(unfinished).unlink()
        raise OutputError(f"cannot write {what} {path}: {error.strerror}") from None
