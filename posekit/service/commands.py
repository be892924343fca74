"""Asking the programs of the system: a list of words, an end, and what they said."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass

PATIENCE = 30.0
"""Seconds that a program of the system may take."""


@dataclass(frozen=True)
class Said:
    """What a program said, and its exit code; None when it could not be started or did not end."""

    code: int | None
    text: str
    """What it wrote, stdout before stderr, stripped."""

    @property
    def is_fine(self) -> bool:
        """Whether it ended well."""
        return self.code == 0


Run = Callable[[Sequence[str]], Said]
"""Runs a command and returns what it said; never raises."""


def run_command(words: Sequence[str]) -> Said:
    """Run a program, without a shell, and return what it said."""
    program = shutil.which(words[0])
    if program is None:
        return Said(None, f"the program {words[0]} is not installed")
    try:
        done = subprocess.run(
            [program, *words[1:]],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Said(None, f"{words[0]} did not answer within {PATIENCE:.0f} s")
    except OSError as error:
        return Said(None, f"{words[0]} cannot be started: {error.strerror}")
    text = b"\n".join(part.strip() for part in (done.stdout, done.stderr) if part.strip())
    return Said(done.returncode, text.decode("utf-8", "replace"))
