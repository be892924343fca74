"""Starts a show again whenever it fails, where the system does not do that itself (Windows).

`python -m posekit.service.keeper NAME [--set VARIABLE=VALUE]... -- COMMAND...`
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING

import platformdirs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

PAUSE = 1.0
"""Seconds between the end of a show that failed and its next start."""
MOST_BYTES = 2_000_000
"""A log that is longer is put aside at the next start, once."""


def log_path(name: str) -> Path:
    """Return where a show's own words go, as nobody sees a window of it."""
    return platformdirs.user_log_path("posekit", appauthor=False) / f"{name}.log"


def keep(
    command: Sequence[str],
    log: Path,
    environment: Mapping[str, str],
    pause: Callable[[float], object] = time.sleep,
) -> int:
    """Run a command until it ends by itself and well; returns 0. A clean quit stays quit.

    A log that cannot be written, on a full disk for instance, keeps no show from its next start.
    """
    while True:
        with _opened(log) as said:
            _tell(said, "starts")
            code = _run_once(command, said, environment)
            _tell(said, f"ended with {code}" + ("" if code == 0 else ", starts again"))
        if code == 0:
            return 0
        pause(PAUSE)


def _opened(log: Path) -> IO[bytes]:
    """Return the log, begun anew when it is long, or what forgets everything where there can be none."""
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        with suppress(OSError):  # somebody may be reading it, which forbids its renaming on Windows
            if log.stat().st_size > MOST_BYTES:
                log.replace(log.with_suffix(".old.log"))
        return log.open("ab", buffering=0)
    except OSError:
        return Path(os.devnull).open("ab", buffering=0)


def _run_once(command: Sequence[str], said: IO[bytes], environment: Mapping[str, str]) -> int:
    """Run it once; whatever ends the keeper ends it as well."""
    hidden = getattr(subprocess, "CREATE_NO_WINDOW", 0)
    try:
        process = subprocess.Popen(
            list(command),
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            creationflags=hidden,
        )
    except OSError as error:
        _tell(said, f"cannot be started: {error.strerror}")
        return -1
    try:
        return process.wait()
    except BaseException:
        process.terminate()
        raise


def _tell(said: IO[bytes], what: str) -> None:
    with suppress(OSError):
        said.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} the show {what}\n".encode())


def main(words: Sequence[str]) -> int:
    """Read the command line of this module."""
    if "--" not in words or not words[0] or words[0].startswith("-"):
        raise SystemExit(
            "usage: python -m posekit.service.keeper NAME [--set VARIABLE=VALUE]... -- COMMAND..."
        )
    end = list(words).index("--")
    own, command = words[:end], words[end + 1 :]
    pairs = [word.partition("=") for word in own[1:] if word != "--set"]
    return keep(command, log_path(own[0]), {**os.environ, **{key: value for key, _, value in pairs}})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
