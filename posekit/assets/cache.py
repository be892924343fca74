"""Files kept on this machine: found by name, believed by hash, written whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING

import platformdirs

from posekit.errors import AssetError

if TYPE_CHECKING:
    from collections.abc import Iterator

_BLOCK = 1 << 20

# What a killed process left behind; a fetch that takes longer than this is dead.
_ABANDONED_SECONDS = 24 * 3600.0


def cache_folder() -> Path:
    """Return where fetched files are kept, $POSEKIT_CACHE or the system's place for caches. May not exist."""
    named = os.environ.get("POSEKIT_CACHE")
    return Path(named or platformdirs.user_cache_dir("posekit", appauthor=False)).expanduser()


def assets_folder() -> Path | None:
    """Return the folder that $POSEKIT_ASSETS names, None when it is unset. Never written to."""
    named = os.environ.get("POSEKIT_ASSETS")
    return Path(named).expanduser() if named else None


def sha256_of(path: Path) -> str:
    """Return the sha256 of a file in hexadecimal digits; OSError when it cannot be read."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def find_by_name(folder: Path, name: str) -> list[Path]:
    """Return every file of that name below a folder, at any depth, in a fixed order."""
    found = []
    for root, folders, files in os.walk(folder):
        folders.sort()
        if name in files:
            found.append(Path(root) / name)
    return found


class NewFile:
    """A file being written; it counts and hashes what passes."""

    def __init__(self, file: IO[bytes], folder: Path) -> None:
        self._file, self._folder = file, folder
        self._digest = hashlib.sha256()
        self.size = 0
        """Bytes written so far."""

    @property
    def sha256(self) -> str:
        """The sha256 of what was written so far, in hexadecimal digits."""
        return self._digest.hexdigest()

    def write(self, block: bytes) -> None:
        """Append; AssetError when the disk is full."""
        with _in_words(self._folder):
            # Unbuffered files may take less than they are given; the rest tells why.
            rest = memoryview(block)
            while rest:
                rest = rest[self._file.write(rest) :]
        self._digest.update(block)
        self.size += len(block)

    def restart(self) -> None:
        """Forget everything written."""
        with _in_words(self._folder):
            self._file.seek(0)
            self._file.truncate()
        self._digest, self.size = hashlib.sha256(), 0


@contextlib.contextmanager
def new_file(target: Path) -> Iterator[NewFile]:
    """Open a file that becomes `target` when the block ends well and vanishes when it does not.

    It lies beside the target until then, so that taking its place is one step: nobody ever sees half a file,
    and two processes that write the same file at once do not disturb each other. Raises AssetError when
    the folder cannot be written or its disk is full.
    """
    with _in_words(target.parent):
        target.parent.mkdir(parents=True, exist_ok=True)
        _sweep(target.parent)
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".part")
    temporary = Path(name)
    try:
        # Unbuffered: a full disk shows at the write, not at the close.
        with os.fdopen(handle, "wb", buffering=0) as file:
            yield NewFile(file, target.parent)
            with _in_words(target.parent):
                os.fsync(file.fileno())
        with _in_words(target.parent):
            temporary.chmod(0o644)  # the maker of temporary files allows nobody else to read
            _replace(temporary, target)
    finally:
        # Also after Ctrl-C. When all went well there is nothing left to remove.
        with contextlib.suppress(OSError):
            temporary.unlink()


@contextlib.contextmanager
def temporary_folder() -> Iterator[Path]:
    """Make a folder inside the cache that is gone when the block ends; AssetError if it cannot be made."""
    folder = cache_folder()
    with _in_words(folder):
        folder.mkdir(parents=True, exist_ok=True)
        _sweep(folder)
        made = Path(tempfile.mkdtemp(dir=folder, prefix=".", suffix=".part"))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def discard(path: Path) -> None:
    """Remove a file that is no good; where that is not allowed, its hash will go on refusing it."""
    with contextlib.suppress(OSError):
        path.unlink()


def no_room(folder: Path) -> AssetError:
    """Return what to raise when the disk of a folder is full."""
    return AssetError(f"no room left on the disk of {folder}; free some or set POSEKIT_CACHE")


@contextlib.contextmanager
def _in_words(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise no_room(folder) from error
        raise AssetError(
            f"the cache folder {folder} cannot be written ({error.strerror or error}); "
            "set POSEKIT_CACHE to another"
        ) from error


def _replace(temporary: Path, target: Path) -> None:
    try:
        temporary.replace(target)
    except PermissionError:
        # Windows does not let go of a file that another process has open; then it has the same bytes.
        if not target.is_file() or sha256_of(target) != sha256_of(temporary):
            raise
    if os.name == "posix":
        # The new name must survive a power cut as well as the bytes do.
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _sweep(folder: Path) -> None:
    for entry in folder.glob(".*.part"):
        with contextlib.suppress(OSError):
            if time.time() - entry.stat().st_mtime > _ABANDONED_SECONDS:
                shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
