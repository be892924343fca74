"""What a sketch says of itself (its settings, its title), asked in a process of its own.

`python -m posekit.gallery.sketch_settings SKETCH` runs the user's code and prints one line of JSON; the
supervisor, which must never run it, reads that line.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from posekit.errors import SketchError

if TYPE_CHECKING:
    from pathlib import Path

PATIENCE_SECONDS = 30.0
"""How long a sketch may take to be imported."""
MARK = "posekit-sketch "
"""Begins the line that is meant: a sketch may print what it likes."""


@dataclass(frozen=True)
class SketchFacts:
    """What a sketch says of itself."""

    name: str
    title: str = ""
    settings: dict[str, Any] = field(default_factory=dict)


def ask_sketch(sketch: str, folder: Path, seconds: float = PATIENCE_SECONDS) -> SketchFacts:
    """Return what a sketch says of itself; raises `SketchError` for one that cannot be loaded in time."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", "posekit.gallery.sketch_settings", sketch],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds,
            env={**os.environ, "PYTHONSAFEPATH": "1", "SDL_VIDEODRIVER": "dummy", "SDL_AUDIODRIVER": "dummy"},
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise SketchError(f"the sketch {sketch} was not loaded within {seconds:g} s") from None
    for line in done.stdout.decode(errors="replace").splitlines():
        if line.startswith(MARK):
            data = json.loads(line.removeprefix(MARK))
            if "error" in data:
                raise SketchError(data["error"])
            return SketchFacts(**data)
    said = done.stderr.decode(errors="replace").strip().splitlines()
    words = f": {said[-1]}" if said else ""
    raise SketchError(f"the sketch {sketch} cannot be loaded (code {done.returncode}{words})")


def main() -> None:
    """Load the sketch that is named, and tell of it."""
    from posekit.errors import PosekitError
    from posekit.sketch.loader import load_sketch
    from posekit.sketch.sketch import settings_of

    try:
        loaded = load_sketch(sys.argv[1])
    except PosekitError as error:
        told: dict[str, Any] = {"error": str(error)}
    else:
        title = str(loaded.sketch.title or loaded.sketch.name)
        told = {"name": loaded.sketch.name, "title": title, "settings": settings_of(loaded.sketch)}
    print(f"\n{MARK}{json.dumps(told, default=str)}", flush=True)  # noqa: T201
    os._exit(0)  # whatever threads a sketch has begun


if __name__ == "__main__":
    main()
