"""Files that appear under their name only when they are whole: written beside it, then moved there."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from posekit.errors import OutputError

if TYPE_CHECKING:
    from pathlib import Path

FULL_BYTES = 1 << 20
"""Free space below which a write that failed is put down to a full disk."""


def begin(path: Path) -> tuple[Path, Path]:
    """Return where a file really goes, and the unfinished one beside it, which now exists and is empty.

    A link is written through to what it points at. Raises `OutputError` for a folder, for anything else that
    is no ordinary file and so must not be replaced, and for a place that cannot be written to.
    """
    target = _target(path)
    partial = target.with_name(f".{target.stem}.{os.getpid()}.partial{path.suffix}")
    try:
        partial.touch()
    except OSError as error:
        raise refusal(path, error) from None
    return target, partial


def refusal(path: Path, error: OSError) -> OutputError:
    """Return the error for a file that cannot be written."""
    if isinstance(error, FileNotFoundError) and not path.parent.is_dir():
        return OutputError(f"cannot write {path}: there is no folder {path.parent}")
    return OutputError(f"cannot write {path}: {error.strerror or error}")


def is_full(folder: Path) -> bool:
    """Whether the disk that a folder is on has no room left."""
    try:
        return shutil.disk_usage(folder).free < FULL_BYTES
    except OSError:
        return False


def _target(path: Path) -> Path:
    try:
        target = path.resolve()
        if target.is_dir():
            raise OutputError(f"cannot write {path}: it is a folder; add a file name")
        if target.exists() and not target.is_file():
            raise OutputError(f"cannot write {path}: it is a device or a pipe; name an ordinary file")
    except RuntimeError:  # what Python before 3.13 says of links that go round in a circle
        raise OutputError(f"cannot write {path}: it is a link that leads nowhere") from None
    except OSError as error:
        raise refusal(path, error) from None
    return target
