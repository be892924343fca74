"""Draws the pictures of the README and the docs anew, with posekit itself, on the sample clip.

python docs/make_pictures.py            (needs the sample clip: posekit models get sample)
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PICTURES = Path(__file__).parent / "pictures"
FRAMES = {"hello": 84, "skeleton": 84, "paint": 150}
"""Built-in sketch, and how far into the clip its picture is taken."""


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    for sketch, frames in FRAMES.items():
        picture = PICTURES / f"{sketch}.jpg"
        subprocess.run(
            [
                *(sys.executable, "-m", "posekit", "run", sketch, "--source", "sample", "--headless"),
                *("--size", "960x540", "--frames", str(frames), "--save-frame", str(picture)),
            ],
            check=True,
        )
        print(picture)


if __name__ == "__main__":
    main()
