"""Turns one file of poses into another: a recording, tfjs JSON or CSV, by the name of the result."""

from __future__ import annotations

import gzip
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from posekit.errors import OutputError, SettingsError
from posekit.recording.csv_form import csv_head, csv_rows
from posekit.recording.form import Header, header_line, scene_line
from posekit.recording.tfjs_form import tfjs_line
from posekit.recording.writer import check_new

if TYPE_CHECKING:
    from collections.abc import Iterator

    from posekit.recording.reader import Recording


@dataclass(frozen=True)
class Exported:
    """How much was written."""

    scenes: int
    bodies: int


def check_export(path: Path, *, overwrite: bool = False) -> str:
    """Return the form that a name asks for, `csv`, `json` or `jsonl`; raises `SettingsError` for others."""
    form = Path(path.name.lower().removesuffix(".gz")).suffix.lstrip(".")
    if form not in ("csv", "json", "jsonl"):
        raise SettingsError(
            f"{path.name} does not say what to write; end it in .csv, .json (tfjs) or .jsonl (a recording)"
        )
    check_new(path, overwrite=overwrite)
    return form


def export(recording: Recording, path: Path, *, overwrite: bool = False) -> Exported:
    """Write a whole recording anew; the file appears under its name when it is whole.

    `.csv` and `.json` keep poses, ids and slots; `.jsonl` keeps events too. A name ending in `.gz` is packed.
    Raises `SettingsError`, `OutputError`, or `SourceError` for a line that cannot be read.
    """
    form = check_export(path, overwrite=overwrite)
    if path.exists() and recording.path.exists() and path.samefile(recording.path):
        raise SettingsError(f"{path} would replace what is read; name another file")
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.unfinished")
    counts = [0, 0]
    try:
        with _open(unfinished, packed=path.suffix.lower() == ".gz") as file:
            for text in _lines(recording, form, counts):
                file.write(text.encode())
        unfinished.replace(path)
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror or error}") from None
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
    return Exported(*counts)


def _lines(recording: Recording, form: str, counts: list[int]) -> Iterator[str]:
    header = recording.header
    for scene in recording.scenes():
        if counts[0] == 0:
            header = Header(header.size or scene.size, header.source or recording.path.name, header.estimator)
            yield {"csv": csv_head(), "json": "", "jsonl": header_line(header)}[form]
        if form == "csv":
            yield csv_rows(scene)
        elif form == "json":
            yield tfjs_line(scene, recording.path.name)
        else:
            yield scene_line(scene, header.size)
        counts[0] += 1
        counts[1] += len(scene.poses)


def _open(path: Path, *, packed: bool) -> IO[bytes] | gzip.GzipFile:
    return gzip.open(path, "wb") if packed else path.open("wb")
