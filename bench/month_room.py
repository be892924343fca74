"""What happens in the simulated room: short visits that are known beforehand, and a camera that can fail."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import cv2
import numpy as np
from mjpeg import Camera, Wire

from posekit.crowd import scripted
from posekit.recording.form import Header, header_line, scene_line
from posekit.recording.scene import RecordedScene

if TYPE_CHECKING:
    from pathlib import Path

    from posekit.pose import Pose

SIZE = (1280, 720)
RATE = 20.0
ROUND_SECONDS = 10.0
"""After so long the visits begin anew."""
VISITS = (
    *((0.0, 1.6, 0.15), (0.3, 2.2, 0.5), (0.7, 2.9, 0.85), (3.0, 4.4, 0.3), (3.3, 5.2, 0.65)),
    *((4.0, 5.9, 0.9), (5.4, 6.6, 0.15), (5.6, 7.0, 0.45), (6.2, 7.4, 0.75)),
)
"""From when to when, and where across the picture. Then the room is empty."""
CLIP = "data/videos/crossing.mp4"
"""Whom the camera sees, below $POSEKIT_ASSETS."""
PICTURE = (640, 360)
CAMERA_RATE = 10.0
PEOPLE_PICTURES, EMPTY_PICTURES = 28, 18


def write_visits(path: Path) -> None:
    """Write a recording of one round of `VISITS`."""
    bodies = [
        (begin, end, scripted("still", 0.6, at=(across, 0.55), total=ROUND_SECONDS, size=SIZE, id=number))
        for number, (begin, end, across) in enumerate(VISITS, 1)
    ]
    lines = [header_line(Header(SIZE, "a scripted room"))]
    for index in range(round(ROUND_SECONDS * RATE)):
        now = index / RATE
        poses: list[Pose] = [body.pose(now) for begin, end, body in bodies if begin <= now < end]
        lines.append(scene_line(RecordedScene(now, index, SIZE, candidates=tuple(poses)), SIZE))
    path.write_text("".join(lines), encoding="utf-8")


def people_of(clip: Path) -> list[bytes]:
    """Return a second of a clip as JPEGs."""
    capture = cv2.VideoCapture(str(clip))
    try:
        capture.set(cv2.CAP_PROP_POS_FRAMES, 30)
        read = [capture.read()[1] for _ in range(30)]
    finally:
        capture.release()
    return [cv2.imencode(".jpg", cv2.resize(picture, PICTURE))[1].tobytes() for picture in read]


class Stage:
    """A network camera in front of which people come and go, and which does what a fault wants."""

    def __init__(self, clip: Path) -> None:
        self._people = people_of(clip)
        noise = np.random.default_rng(4)
        self._empty = [
            cv2.imencode(".jpg", noise.integers(110, 130, (*PICTURE[::-1], 3), np.uint8))[1].tobytes()
            for _ in range(4)
        ]
        self._black = cv2.imencode(".jpg", np.zeros((*PICTURE[::-1], 3), np.uint8))[1].tobytes()
        self.plays = "people"
        """`people`, `the same picture`, `black`, `garbage`, `silence`, or `nothing`, which hangs up."""
        self._over = threading.Event()
        self._camera = Camera(*[self._play] * 100_000)
        self.address = self._camera.address

    def close(self) -> None:
        """Hang up, and listen no more."""
        self.plays = "nothing"
        self._over.set()
        self._camera.__exit__()

    def _play(self, wire: Wire) -> None:
        number = 0
        while self.plays != "nothing" and not self._over.is_set():
            if self.plays == "silence":
                self._over.wait(0.05)
                continue
            number += self.plays != "the same picture"
            wire.part(self._picture(number), 1 / CAMERA_RATE)

    def _picture(self, number: int) -> bytes:
        if self.plays == "black":
            return self._black
        if self.plays == "garbage":
            return bytes(range(256)) * 12
        at = number % (PEOPLE_PICTURES + EMPTY_PICTURES)
        if at >= PEOPLE_PICTURES:
            return self._empty[at % len(self._empty)]
        there = at % (2 * len(self._people))
        return self._people[min(there, 2 * len(self._people) - 1 - there)]
