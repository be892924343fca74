"""Packs a show into one file: its folder, its models, and everything that a bare machine needs to run it."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import tempfile
import zipfile
from contextlib import closing, suppress
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from posekit.errors import OutputError, SettingsError
from posekit.packed import MARK, MODELS, TAUGHT
from posekit.show import unpacking
from posekit.show.lines import PYTHONS
from posekit.show.pack_folder import Found, look_through
from posekit.show.pack_wheels import needed, write_wheel

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from posekit.show.file import Show

COUNTS = "records/counts.sqlite"
STORED = (".whl", ".png", ".jpg", ".jpeg", ".mp4", ".ogg", ".mp3", ".webp")
"""What is compressed already."""
START = "import sys\n\nfrom unpack import main\n\nsys.exit(main())\n"
INSTALL = """\
{title}: a show of posekit {version}, packed in one file

On the machine that is to run it you need Python {python} ({platform}), this file, and no network.

    python3 {name} {folder}

checks every file, makes the folder {folder} with everything in it, and tells what starts the show:

    cd {folder} && ./posekit gallery run --config {config}

(on Windows: py {name} {folder}, and posekit.cmd in place of ./posekit). To start it with the machine:

    ./posekit gallery install --config {config}

Not in here: secrets.env (write it anew, beside {config}), logs, and pictures that the sketch does not name.
{hooks}"""


@dataclass(frozen=True)
class Packing:
    """What is to be packed beside the folder, and how."""

    title: str
    models: Mapping[str, Path] = field(default_factory=dict)
    """Files for `models/`, by their names there."""
    taught: tuple[Path, ...] = ()
    wheels: bool = True
    wall: float = 0.0
    """Seconds since 1970, for the manifest."""


@dataclass(frozen=True)
class Packed:
    """What was packed."""

    path: Path
    members: int
    size: int
    """Bytes of the file."""
    left_out: tuple[str, ...]
    """Files of the folder that are not in it."""
    unknown: tuple[str, ...]
    """Modules that the sketch imports, and no installed package brings."""


def pack(show: Show, target: Path, packing: Packing, say: Callable[[str], None]) -> Packed:
    """Write a packed show, whole or not at all.

    Raises `SettingsError` for a folder that cannot be packed, `OutputError` for a file that cannot be
    written.
    """
    found = look_through(show)
    unfinished = ""
    try:
        target.absolute().parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="posekit-pack-") as scratch:
            members = _members(show, found, packing, Path(scratch), say)
            descriptor, unfinished = tempfile.mkstemp(".part", f".{target.name}-", target.absolute().parent)
            os.close(descriptor)
            _write(Path(unfinished), show, members, packing, target.name)
        Path(unfinished).chmod(0o644)
        Path(unfinished).replace(target)
    except OSError as error:
        raise OutputError(f"cannot pack into {target}: {error.strerror or error}") from None
    finally:
        with suppress(OSError):
            Path(unfinished).unlink()
    if programs := _programs(show):
        say(f"its hooks call programs that the other machine needs too: {', '.join(programs)}")
    brings = metadata.packages_distributions()
    unknown = tuple(name for name in found.modules if name not in brings) if packing.wheels else ()
    return Packed(target, len(members), target.stat().st_size, found.left_out, unknown)


def _members(
    show: Show, found: Found, packing: Packing, scratch: Path, say: Callable[[str], None]
) -> dict[str, Path]:
    members = {f"{unpacking.SHOW}{name}": path for name, path in found.files.items()}
    if f"{unpacking.SHOW}{COUNTS}" in members:
        members[f"{unpacking.SHOW}{COUNTS}"] = _copy_counts(show.folder.counts_file, scratch)
    members |= {f"{unpacking.SHOW}{TAUGHT}/{path.name}": path for path in packing.taught}
    members |= {f"{unpacking.SHOW}{MODELS}/{name}": path for name, path in packing.models.items()}
    if packing.models:
        mark = scratch / MARK
        mark.write_text(json.dumps({"models": sorted(packing.models)}) + "\n")
        members[f"{unpacking.SHOW}{MODELS}/{MARK}"] = mark
    if packing.wheels:
        distributions = needed(found.modules)
        say(f"{len(distributions)} packages are packed as they are installed here")
        for distribution in distributions:
            wheel = write_wheel(distribution, scratch)
            members[f"{unpacking.WHEELS}{wheel.name}"] = wheel
    for name in members:
        try:
            unpacking.check_name(name)
        except unpacking.UnpackError:
            raise SettingsError(
                f"{name.removeprefix(unpacking.SHOW)} has a name that not every system can have; rename it "
                '(no < > : " | ? * or \\, no space or dot at its end), or take it out of the folder'
            ) from None
    return members


def _copy_counts(path: Path, scratch: Path) -> Path:
    """Copy a database that somebody may be writing, as it is between two writes."""
    copy = scratch / path.name
    try:
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
    except sqlite3.Error as error:
        raise SettingsError(
            f"the counts in {path} cannot be copied: {error}; take the file out of the folder, and pack again"
        ) from None
    return copy


def _write(path: Path, show: Show, members: Mapping[str, Path], packing: Packing, name: str) -> None:
    manifest: dict[str, Any] = {
        "format": unpacking.FORMAT,
        "posekit": metadata.version("posekit"),
        "title": packing.title,
        "config": show.folder.show_file,
        "packed": packing.wall,
        "wheels": packing.wheels,
        "python": unpacking.this_python(),
        "platform": unpacking.this_platform(),
        "programs": _programs(show),
        "members": {},
    }
    script = Path(unpacking.__file__).read_bytes()
    texts = {
        "INSTALL.txt": _install_text(manifest, packing, name).encode(),
        "unpack.py": script,
        "__main__.py": START.encode(),
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for member, data in texts.items():
            archive.writestr(_entry(member), data, zipfile.ZIP_DEFLATED)
            manifest["members"][member] = {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        for member, file in sorted(members.items()):
            stored = zipfile.ZIP_STORED if file.suffix.lower() in STORED else zipfile.ZIP_DEFLATED
            data = file.read_bytes()
            runs = bool(file.stat().st_mode & 0o100) and member.startswith(unpacking.SHOW)
            archive.writestr(_entry(member, runs=runs), data, stored)
            about = {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
            manifest["members"][member] = {**about, "runs": True} if runs else about
        told = json.dumps(manifest, indent=1, ensure_ascii=True)
        archive.writestr(_entry(unpacking.MANIFEST), told, zipfile.ZIP_DEFLATED)


def _entry(member: str, *, runs: bool = False) -> zipfile.ZipInfo:
    """Return a member's entry, always of one date: a zip knows none before 1980, and a clock may be there."""
    entry = zipfile.ZipInfo(member, (1980, 1, 1, 0, 0, 0))
    entry.external_attr = (0o100755 if runs else 0o100644) << 16
    return entry


def _programs(show: Show) -> list[str]:
    """Return the programs that a show's hooks call and that do not come with it."""
    hooks = show.gallery.hooks
    called = dict.fromkeys(
        hook[0]
        for field_name in type(hooks).model_fields
        for hook in getattr(hooks, field_name)
        if isinstance(hook, tuple)
    )
    return [name for name in called if name not in PYTHONS and not (show.folder.path / name).is_file()]


def _install_text(manifest: Mapping[str, Any], packing: Packing, name: str) -> str:
    programs = manifest["programs"]
    told = (
        f"Programs that its hooks call have to be installed there: {', '.join(programs)}.\n"
        if programs
        else ""
    )
    return INSTALL.format(
        title=packing.title,
        version=manifest["posekit"],
        python=manifest["python"],
        platform=manifest["platform"],
        name=unpacking.quoted(name),
        folder=unpacking.folder_name(dict(manifest)),
        config=unpacking.quoted(manifest["config"]),
        hooks=told,
    )
