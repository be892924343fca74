"""Unpacks a packed show, and makes it ready to run on a machine without a network.

Python's standard library is enough for it: this file lies in every packed show as `unpack.py`. Everything is
checked before anything is written, and written beside its place until it is whole.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shlex
import shutil
import stat
import subprocess
import sys
import sysconfig
import tempfile
import zipfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import IO

FORMAT = 1
MANIFEST = "manifest.json"
SHOW, WHEELS = "show/", "wheels/"
OUTSIDE = frozenset({MANIFEST, "INSTALL.txt", "unpack.py", "__main__.py"})
"""Members that are not of the show itself."""
KEPT_WHEELS, ENVIRONMENT = ".wheels", ".venv"
LARGEST_MANIFEST, LARGEST, MOST = 8 << 20, 8 << 30, 50_000
"""Bytes, bytes of everything together, members."""
SPARE = 100 << 20
"""Bytes that are left free on the disk."""
PATIENCE = 1800.0
"""Seconds after which a program that makes the environment is ended: one that hangs must not hold us too."""
_BLOCK = 1 << 20
_WRONG_NAME = re.compile(r'[\x00-\x1f\x7f<>:"|?*\\]')
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
SCRIPT = '#!/bin/sh\n# The posekit of this show.\nexec "$(dirname -- "$0")/.venv/bin/posekit" "$@"\n'
BATCH = '@echo off\r\nrem The posekit of this show.\r\n"%~dp0.venv\\Scripts\\posekit.exe" %*\r\n'


class UnpackError(Exception):
    """A packed show that cannot be unpacked here; one sentence, that does nothing to a terminal."""

    def __init__(self, sentence: str) -> None:
        super().__init__(printable(sentence))


class _Archive:
    """What a packed show is read from: the zip, or the folder that somebody unpacked it into."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.zip = None if path.is_dir() else zipfile.ZipFile(path)

    def names(self) -> list[str]:
        if self.zip is None:
            found = (path for path in self.path.rglob("*") if path.is_symlink() or not path.is_dir())
            return [
                path.relative_to(self.path).as_posix() for path in found if "__pycache__" not in path.parts
            ]
        return [entry.filename for entry in self.zip.infolist() if not entry.is_dir()]

    def size(self, name: str) -> int:
        if self.zip is None:
            path = self.path / name
            if path.is_symlink():
                raise UnpackError(f"{name} is a link, and a packed show has none; take the zip itself")
            return path.stat().st_size
        entry = self.zip.getinfo(name)
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise UnpackError(f"{name} is a link, and a packed show has none; it is left alone")
        if entry.flag_bits & 0x1 or entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise UnpackError(f"{name} is encrypted or packed in a strange way; it is left alone")
        return entry.file_size

    def open(self, name: str) -> IO[bytes]:
        return (self.path / name).open("rb") if self.zip is None else self.zip.open(name)


def read_manifest(path: Path) -> dict[str, Any]:
    """Return what a packed show says of itself; raises `UnpackError`."""
    with _opened(path) as archive:
        return _manifest(archive)


def unpack(path: Path, folder: Path) -> dict[str, Any]:
    """Check a packed show and put it into a folder, which must be new or empty; returns its manifest.

    The wheels lie in `.wheels` there afterwards. Raises `UnpackError`, and then nothing was written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UnpackError(f"{folder} is there already, and not empty; name a new folder")
    with _opened(path) as archive:
        manifest = _manifest(archive)
        _check_members(archive, manifest["members"])
        wanted = sum(member["size"] for member in manifest["members"].values())
        unfinished = _begun(path, folder, wanted)
        try:
            for name, expected in manifest["members"].items():
                _write(archive, name, expected, _target(unfinished, name))
            unfinished.chmod(0o755)
            if folder.exists():
                folder.rmdir()
            unfinished.replace(folder)
        except UnpackError:
            raise
        except OSError as error:
            raise UnpackError(f"{path} cannot be unpacked into {folder}: {error.strerror or error}") from None
        except Exception as error:  # whatever a damaged zip makes its reader raise
            raise UnpackError(f"{path} is damaged ({error}); copy it again") from None
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
    return manifest


def _begun(path: Path, folder: Path, wanted: int) -> Path:
    """Make a folder beside the one that is to come, where there is room for so many bytes."""
    beside = folder.absolute().parent
    try:
        beside.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(beside).free < wanted + SPARE:
            raise UnpackError(f"there is no room for {folder}: it takes {wanted / 1e6:.0f} MB; make some")
        return Path(tempfile.mkdtemp(".part", f".{folder.name}-", beside))
    except OSError as error:
        raise UnpackError(f"{path} cannot be unpacked into {folder}: {error.strerror or error}") from None


def install(folder: Path, say: Callable[[str], None]) -> None:
    """Make an environment in an unpacked show's folder from its wheels, without a network.

    Raises `UnpackError`, and then there is none.
    """
    wheels = sorted((folder / KEPT_WHEELS).glob("*.whl"))
    environment = folder / ENVIRONMENT
    say(f"making {environment} from {len(wheels)} packages; this takes a minute or two")
    try:
        pip = next((wheel for wheel in wheels if wheel.name.startswith("pip-")), None)
        # With a pip of our own nothing has to be installed beside Python, not even Debian's python3-venv.
        _run([sys.executable, "-m", "venv", *(["--without-pip"] if pip else []), str(environment)])
        python = environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        command = [str(python), f"{pip}/pip"] if pip else [str(python), "-m", "pip"]
        options = ["--no-index", "--no-deps", "--no-cache-dir", "--disable-pip-version-check", "--quiet"]
        _run([*command, "install", *options, *map(str, wheels)])
        _run([str(python), "-c", "import posekit"])
    except UnpackError:
        shutil.rmtree(environment, ignore_errors=True)
        raise
    script, batch = folder / "posekit", folder / "posekit.cmd"
    if os.name == "nt":
        batch.write_text(BATCH, newline="")
    else:
        script.write_text(SCRIPT)
        script.chmod(0o755)


def check_machine(manifest: dict[str, Any]) -> None:
    """Raise `UnpackError` unless the wheels were made for this Python and this kind of machine."""
    here = (this_python(), this_platform())
    made = tuple(str(manifest.get(name))[:80] for name in ("python", "platform"))
    if made != here:
        raise UnpackError(
            f"this show was packed for Python {made[0]} on {made[1]}, and here is Python {here[0]} on "
            f"{here[1]}; run it with that Python, or pack it on a machine like this one"
        )


def this_python() -> str:
    """Return the version that wheels are made for, as `3.11`."""
    return f"{sys.version_info[0]}.{sys.version_info[1]}"


def this_platform() -> str:
    """Return the kind of machine that wheels are made for, as `linux-x86_64`."""
    return sysconfig.get_platform()


def check_name(name: str) -> None:
    """Raise `UnpackError` for a member's name that could lead out of a folder, on any system."""
    parts = name.split("/")
    if (
        len(name) > 400
        or _WRONG_NAME.search(name)
        or any(
            part in ("", ".", "..") or part != part.rstrip(" .") or _DEVICES.fullmatch(part) for part in parts
        )
        or not (name in OUTSIDE or (name.startswith((SHOW, WHEELS)) and len(parts) > 1))
    ):
        raise UnpackError(f"{ascii(name)[:80]} is no name that a packed show has; nothing is unpacked")


@contextmanager
def _opened(path: Path) -> Iterator[_Archive]:
    try:
        archive = _Archive(path)
    except OSError as error:
        raise UnpackError(f"cannot read {path}: {error.strerror or error}") from None
    except Exception:  # whatever a damaged zip makes its reader raise
        raise UnpackError(f"{path} is no packed show: it is no zip, or only a part of one") from None
    try:
        yield archive
    finally:
        if archive.zip is not None:
            archive.zip.close()


def _manifest(archive: _Archive) -> dict[str, Any]:
    if MANIFEST not in archive.names():
        raise UnpackError(f"{archive.path} is no packed show: there is no {MANIFEST} in it")
    try:
        if archive.size(MANIFEST) > LARGEST_MANIFEST:
            raise UnpackError(f"the {MANIFEST} of {archive.path} is far too large; nothing is unpacked")
        with archive.open(MANIFEST) as file:
            manifest = json.loads(file.read(LARGEST_MANIFEST + 1))
        members = manifest["members"]
        is_right = all(
            type(member["size"]) is int
            and member["size"] >= 0
            and re.fullmatch("[0-9a-f]{64}", member["sha256"])
            for member in members.values()
        )
    except UnpackError:
        raise
    except Exception:  # it may hold anything
        is_right = False
    if not is_right:
        raise UnpackError(f"the {MANIFEST} of {archive.path} cannot be read; pack the show again")
    if manifest.get("format") != FORMAT:
        raise UnpackError(f"{archive.path} was packed by a newer posekit; unpack it with that one")
    return dict(manifest)


def _check_members(archive: _Archive, members: dict[str, Any]) -> None:
    names = archive.names()
    if len(names) > MOST or sum(member["size"] for member in members.values()) > LARGEST:
        raise UnpackError(f"{archive.path} is larger than any show; nothing is unpacked")
    if len({name.lower() for name in names}) != len(names):
        raise UnpackError(f"{archive.path} has a member twice; nothing is unpacked")
    for name in (*names, *members):
        check_name(name)
    for name in {*names} ^ {*members, MANIFEST}:
        where = "not in its manifest" if name in names else "missing"
        raise UnpackError(f"{name} of {archive.path} is {where}; pack the show again")
    for name, member in members.items():
        if archive.size(name) != member["size"]:
            raise UnpackError(
                f"{name} of {archive.path} has another size than its manifest says; pack it again"
            )


def _target(folder: Path, name: str) -> Path | None:
    if name in OUTSIDE:
        return None
    if name.startswith(WHEELS):
        return folder / KEPT_WHEELS / name[len(WHEELS) :]
    return folder / name[len(SHOW) :]


def _write(archive: _Archive, name: str, expected: dict[str, Any], target: Path | None) -> None:
    """Copy one member, or only look at it where it has no place, and believe the sha256 alone."""
    digest, left = hashlib.sha256(), expected["size"]
    if target is not None:
        target.parent.mkdir(parents=True, exist_ok=True)
    with archive.open(name) as source, Path(target or os.devnull).open("wb") as file:
        while block := source.read(min(_BLOCK, left + 1)):
            left -= len(block)
            if left < 0:
                break
            digest.update(block)
            file.write(block)
    if left or digest.hexdigest() != expected["sha256"]:
        raise UnpackError(f"{name} is damaged: its sha256 is not that of the manifest; copy the show again")
    if target is not None and expected.get("runs") is True:  # a hook's program
        target.chmod(0o755)


def _run(command: list[str]) -> None:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "PYTHON"))
    }
    name = " ".join(command[:4])
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, env=environment, timeout=PATIENCE
        )
    except subprocess.TimeoutExpired:
        raise UnpackError(
            f"{name} was not done after {PATIENCE / 60:.0f} minutes, and was ended; look whether the disk is "
            "well, and unpack again"
        ) from None
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise UnpackError(f"{name} failed: {said[-1] if said else done.returncode}")


def main(arguments: list[str] | None = None) -> int:
    """Unpack and install the show that this file lies in: `python3 show.zip FOLDER`."""
    arguments = sys.argv[1:] if arguments is None else arguments
    here = Path(__file__).absolute().parent
    try:
        manifest = read_manifest(here)
        if len(arguments) > 1 or any(word.startswith("-") for word in arguments):
            raise UnpackError("usage: python3 show.zip [FOLDER]")
        folder = Path(arguments[0] if arguments else folder_name(manifest)).absolute()
        if manifest.get("wheels"):
            check_machine(manifest)
        unpack(here, folder)
        print(f"{folder}: everything is there, and undamaged", flush=True)  # noqa: T201
        finish(folder, manifest, lambda text: print(text, flush=True))  # noqa: T201
    except UnpackError as error:
        print(f"unpack: {error}", file=sys.stderr)  # noqa: T201
        return 2
    return 0


def finish(folder: Path, manifest: dict[str, Any], say: Callable[[str], None]) -> None:
    """Install what was unpacked, and tell the one command to run next; without it all is taken away again."""
    if manifest.get("wheels"):
        try:
            install(folder, say)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
    programs = manifest.get("programs")
    if isinstance(programs, list) and programs:
        named = ", ".join(str(name)[:80] for name in programs[:20])
        say(printable(f"its hooks call programs that have to be installed here: {named}"))
    start = "posekit" if not manifest.get("wheels") else "posekit.cmd" if os.name == "nt" else "./posekit"
    config = quoted(printable(str(manifest.get("config", "show.toml"))))
    say(f"next: cd {quoted(str(folder))} && {start} gallery run --config {config}")


def printable(text: str) -> str:
    """Return text in which nothing steers a terminal: a packed show may be a stranger's, and so its words."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def quoted(word: str) -> str:
    """Return a word as it is typed into the shell of this system."""
    if os.name == "nt":
        return f'"{word}"' if " " in word else word
    return shlex.quote(word)


def folder_name(manifest: dict[str, Any]) -> str:
    """Return what the folder is called unless somebody says."""
    return re.sub(r"[^\w-]+", "-", str(manifest.get("title") or "")).strip("-").lower() or "show"


if __name__ == "__main__":
    sys.exit(main())
