"""For the tests of changing estimators: a film in which nothing happens, however slow the machine is."""

from __future__ import annotations

from pathlib import Path

import cv2

SIZE, RATE = (640, 426), 12


def still_film(picture: Path, folder: Path, seconds: int = 45) -> Path:
    """Write a picture as a film: nobody moves, nobody leaves, and nothing is cut."""
    pixels = cv2.resize(cv2.imread(str(picture)), SIZE, interpolation=cv2.INTER_AREA)
    path = folder / "still.mp4"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"mp4v"), RATE, SIZE)
    for _ in range(seconds * RATE):
        writer.write(pixels)
    writer.release()
    return path
