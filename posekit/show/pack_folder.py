"""What of a show's folder is packed, what is left out, and what has to be refused."""

from __future__ import annotations

import ast
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from posekit.errors import SettingsError
from posekit.secret_values import SECRETS_FILE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from posekit.show.file import Show

PICTURES = frozenset(
    (
        ".avi",
        ".bmp",
        ".gif",
        ".heic",
        ".jpeg",
        ".jpg",
        ".mkv",
        ".mov",
        ".mp4",
        ".png",
        ".tif",
        ".tiff",
        ".webm",
        ".webp",
    )
)
"""Pictures and films stay where they are, for they may show visitors, unless the sketch names them."""
LEFT_OUT = frozenset({"__pycache__", "node_modules", "venv"})
MADE_BY_UNPACKING = frozenset({"posekit", "posekit.cmd", "models", "taught"})
MOST, LARGEST = 5000, 2 << 30
"""Files, and bytes of one."""
FILE_SETTINGS = ("source", "zones", "room", "model")


@dataclass(frozen=True)
class Found:
    """The files of a show's folder that are packed, by their names in it, and what is left out."""

    files: dict[str, Path]
    left_out: tuple[str, ...]
    modules: tuple[str, ...]
    """Top names of everything that the show's Python files import."""


def look_through(show: Show) -> Found:
    """Return what is packed of a show's folder; raises `SettingsError` for what lies outside of it."""
    folder = show.folder.path
    check_inside(show)
    files: dict[str, Path] = {}
    left_out: list[str] = []
    pictures: dict[str, Path] = {}
    secrets: set[object] = set()
    for name, path in _walk(folder, left_out):
        if _holds_secrets(path.name):
            secrets.add(_identity(path))
        real = _real_name(name, path)
        if real != name and not _is_wanted(real):
            left_out.append(name)
        elif PICTURES & {path.suffix.lower(), Path(real).suffix.lower()}:
            pictures[name] = path
        elif _is_packed(name, path):
            files[name] = path
        else:
            left_out.append(name)
        if len(files) > MOST:
            raise SettingsError(
                f"there are more than {MOST} files in {folder}; give the show a folder of its own"
            )
    sources = [path for name, path in files.items() if path.suffix == ".py"]
    words = _words(sources) | set(_texts(show))
    for name, path in pictures.items():
        if any(name == word or word.endswith(f"/{name}") or Path(name).name == word for word in words):
            files[name] = path
        else:
            left_out.append(name)
    for name in [name for name, path in files.items() if _identity(path) in secrets]:
        left_out.append(name)
        del files[name]
    own = {path.stem for path in sources} | {name.partition("/")[0] for name in files if "/" in name}
    return Found(files, tuple(sorted(left_out)), tuple(sorted(_imports(sources) - own)))


def check_inside(show: Show) -> None:
    """Raise `SettingsError` for a setting that names a file outside of the show's folder."""
    folder = show.folder.path
    named = [(name, getattr(show.settings, name)) for name in FILE_SETTINGS]
    for name, value in (*named, ("sketch", show.gallery.show.sketch)):
        if not isinstance(value, str) or "://" in value:
            continue
        # A word before a colon says what kind of source it is; one letter is a drive.
        text = re.sub(r"^[a-z]{2,}:", "", value)
        path = folder / Path(text).expanduser()
        if (Path(text).expanduser().is_absolute() or path.exists()) and not _is_inside(path, folder):
            raise SettingsError(
                f"{name} names {text}, which lies outside of the show's folder {folder}; put it into the "
                "folder, and name it from there"
            )


def _walk(folder: Path, left_out: list[str]) -> Iterator[tuple[str, Path]]:
    for root, folders, names in os.walk(folder):
        here = Path(root)
        folders.sort()
        for name in list(folders):
            path = here / name
            if name.startswith(".") or name in LEFT_OUT or (here == folder and name in MADE_BY_UNPACKING):
                folders.remove(name)
                if not name.startswith((".", "__")) and name not in MADE_BY_UNPACKING:
                    left_out.append(f"{path.relative_to(folder).as_posix()}/")
            elif path.is_symlink():
                _check_link(path, folder)
                folders.remove(name)
                left_out.append(f"{path.relative_to(folder).as_posix()}/")
        for name in sorted(names):
            path = here / name
            if path.is_symlink():
                _check_link(path, folder)
            yield path.relative_to(folder).as_posix(), path


def _real_name(name: str, path: Path) -> str:
    """Return the name in the show's folder of what a link leads to; of what is no link, its own."""
    if not path.is_symlink():
        return name
    folder = path.parents[name.count("/")]
    return Path(os.path.realpath(path)).relative_to(os.path.realpath(folder)).as_posix()


def _is_packed(name: str, path: Path) -> bool:
    if not _is_wanted(name) or not path.is_file():  # a socket, a pipe, a link to nothing
        return False
    if path.stat().st_size > LARGEST:
        raise SettingsError(f"{path} is larger than {LARGEST >> 30} GB; take it out of the show's folder")
    return True


def _is_wanted(name: str) -> bool:
    """Whether a file of this name may be packed; what a link leads to is judged by its own name besides."""
    parts = name.split("/")
    is_log = name.startswith("records/") and name != "records/counts.sqlite"
    is_ours = len(parts) == 1 and name in MADE_BY_UNPACKING
    is_left_out = any(part in LEFT_OUT for part in parts[:-1])
    is_hidden = any(part.startswith(".") for part in parts) or name.endswith("~")
    is_passing = Path(name).suffix.lower() in (".zip", ".log", ".tmp", ".part")
    return not (is_log or is_ours or is_left_out or is_hidden or is_passing or _holds_secrets(parts[-1]))


def _holds_secrets(name: str) -> bool:
    """Whether a file is `secrets.env`, or a copy of it that somebody or an editor has left beside it."""
    words = name.lower()
    stem, _, ending = SECRETS_FILE.partition(".")
    return words.endswith(f".{ending}") or (stem in words and f".{ending}" in words)


def _identity(path: Path) -> object:
    """Return the same for the same file, whatever its names are: a secret may lie there under two."""
    try:
        found = path.stat()
    except OSError:  # a link to nothing
        return path
    return found.st_dev, found.st_ino


def _check_link(path: Path, folder: Path) -> None:
    if not _is_inside(path, folder):
        raise SettingsError(
            f"{path} is a link to {Path(os.path.realpath(path))}, outside of the show's folder; put the file "
            "itself there"
        )


def _is_inside(path: Path, folder: Path) -> bool:
    return Path(os.path.realpath(path)).is_relative_to(Path(os.path.realpath(folder)))


def _texts(show: Show) -> Iterator[str]:
    for value in show.resolved.shown.values():
        if isinstance(value, str):
            yield value.rpartition(":")[2]
    for field in type(show.gallery.hooks).model_fields:
        for hook in getattr(show.gallery.hooks, field):
            yield from hook if isinstance(hook, tuple) else ()


def _trees(sources: list[Path]) -> Iterator[ast.Module]:
    for path in sources:
        try:
            yield ast.parse(path.read_bytes())
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue  # it is packed as it is


def _words(sources: list[Path]) -> set[str]:
    return {
        node.value
        for tree in _trees(sources)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def _imports(sources: list[Path]) -> set[str]:
    found = set()
    for tree in _trees(sources):
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
    return found - set(sys.stdlib_module_names) - {"__future__", "posekit"}
