"""Draws the pictures of the README and the docs anew, with posekit itself, on the sample clip.

python docs/make_pictures.py            (needs the sample clip: posekit models get sample)
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PICTURES = Path(__file__).parent / "pictures"
FRAMES = {"hello": 84, "skeleton": 84, "paint": 150, "silhouette": 90}
"""Built-in sketch, and how far into the clip its picture is taken."""
ESTIMATORS = ("posenet", "movenet", "blazepose")
"""Shown on one frame of the clip."""


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    for sketch, frames in FRAMES.items():
        draw(sketch, frames, PICTURES / f"{sketch}.jpg")
    for estimator in ESTIMATORS:
        options = ("--size", "640x360", "--estimator", estimator)
        draw("skeleton", FRAMES["skeleton"], PICTURES / f"seen-{estimator}.jpg", *options)


def draw(sketch: str, frames: int, picture: Path, *options: str) -> None:
    """Save the last of so many frames of a sketch on the sample clip."""
    subprocess.run(
        [
            *(sys.executable, "-m", "posekit", "run", sketch, "--source", "sample", "--headless"),
            *("--size", "960x540", "--frames", str(frames), "--save-frame", str(picture), *options),
        ],
        check=True,
    )
    print(picture)


if __name__ == "__main__":
    main()
