"""Dancers who do not exist, for the pictures of the gallery: poses made of slow sines, always the same.

python docs/dancers.py dance.jsonl.gz --people 2    then: posekit run echo --source replay:dance.jsonl.gz
"""

from __future__ import annotations

import argparse
from math import pi
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from posekit.clock import ManualClock
from posekit.pose import Pose
from posekit.recording import RecordingWriter
from posekit.scene import Person, Scene
from posekit.sketch.loader import load_sketch

if TYPE_CHECKING:
    from collections.abc import Callable

SIZE, RATE = (1280, 720), 30
TRUNK, NECK, SHOULDERS, HIPS = 0.27, 0.13, 0.11, 0.06
"""Lengths in statures: hips to shoulders, shoulders to nose, and half the width of both."""
ARM, LEG = (0.175, 0.165), (0.255, 0.255)
FACE = np.array([(0, 0), (0.018, -0.014), (-0.018, -0.014), (0.04, -0.006), (-0.04, -0.006)])


def turned(degrees: float, length: float) -> np.ndarray:
    """Return a limb: 0 degrees hangs down, 90 points to the picture's right, 180 up."""
    return length * np.array((np.sin(np.radians(degrees)), np.cos(np.radians(degrees))))


def dancer(number: int, time: float, x: float, floor: float, height: float) -> np.ndarray:
    """Return (17, 2) keypoints in picture heights of a dancer whose feet are at (x, floor)."""
    beat, own = time * 2 * pi / 4.0, 2.4 * number
    sway, dip = np.sin(beat + own), 0.5 + 0.5 * np.cos(2 * beat + own)
    lean = 9 * np.sin(beat + own + 0.6)
    hips = np.array((0.05 * sway, -0.505 + 0.025 * dip))
    chest = hips + turned(180 - lean, TRUNK)
    nose = chest + turned(180 - 1.6 * lean, NECK)
    points = {0: nose, **{at: nose + FACE[at] for at in range(1, 5)}}
    for side, at in ((1, 0), (-1, 1)):  # her left is at the picture's right
        points[5 + at] = chest + side * turned(90 - lean, SHOULDERS) * (1, -1)
        points[11 + at] = hips + np.array((side * HIPS, 0))
        phase = beat * (1 if side > 0 else 0.75) + own + (0 if side > 0 else 2.2)
        raised = 95 + 58 * np.sin(phase)
        bent = raised + 38 + 42 * np.sin(phase + 0.9)
        points[7 + at] = points[5 + at] + turned(raised, ARM[0]) * (side, 1)
        points[9 + at] = points[7 + at] + turned(bent, ARM[1]) * (side, 1)
        lift = max(0.0, side * np.sin(beat + own + 1.5)) ** 2
        foot = np.array((side * (0.085 + 0.06 * lift) + 0.02 * sway, -0.06 * lift))
        points[15 + at] = foot
        points[13 + at] = knee(points[11 + at], foot, side)
    body = np.array([points[at] for at in range(17)])
    return body * height + (x, floor)


def knee(hip: np.ndarray, foot: np.ndarray, side: int) -> np.ndarray:
    """Return where a leg of fixed length bends between hip and foot, outwards."""
    way = foot - hip
    far = min(np.hypot(*way), sum(LEG))
    out = np.sqrt(max(0.0, LEG[0] ** 2 - (far / 2) ** 2))
    return hip + way / 2 + side * out * np.array((-way[1], way[0])) / max(far, 1e-9) * (-1)


def dance(people: int, seconds: float, alone: float = 0.0) -> list[Scene]:
    """Return what a camera would see of them: they come in from the sides and dance on the spot."""

    def body(number: int, time: float) -> np.ndarray | None:
        if time < alone:
            return None
        time -= alone
        place = (number + 0.5) / people * 16 / 9
        away = max(0.0, 1 - time / 1.2) ** 2 * (1.1 if place > 8 / 9 else -1.1)
        x = place + away + 0.10 * np.sin(time * 0.7 + 2 * number) / max(1, people / 3)
        height = (0.8, 0.79, 0.76, 0.7, 0.66, 0.62)[min(people, 6) - 1] * (1 - 0.07 * (number % 2))
        return dancer(number, time, x, 0.95 - 0.05 * (number % 2), height)

    return filmed(body, people, seconds)


def arrive(people: int, seconds: float) -> list[Scene]:
    """Return the same after four seconds of nobody."""
    return dance(people, seconds, alone=4.0)


def match(people: int, seconds: float) -> list[Scene]:
    """Return people who do, one after another, what the sketch `pose_match` shows them."""
    sketch = load_sketch("pose_match").sketch.module

    def body(number: int, time: float) -> np.ndarray:
        shown = [np.array(pose, float) for pose in sketch.POSES]
        step, part = divmod(max(0.0, time - 0.25 * number) / 2.1, 1)
        before, after = (shown[(int(step) + number + more) % len(shown)] for more in (0, 1))
        amount = np.clip(part * 2.2, 0, 1)
        pose = before + (after - before) * (3 * amount**2 - 2 * amount**3)
        points = sketch.figure(pose, left_side=1)
        points[1:5] = points[0] + FACE[1:] * 3
        return points * 0.21 + ((number + 0.5) / people * 16 / 9, 0.53)

    return filmed(body, people, seconds)


def greet(people: int, seconds: float) -> list[Scene]:
    """Return people who wave in turn, and hop now and then."""
    sketch = load_sketch("pose_match").sketch.module

    def body(number: int, time: float) -> np.ndarray:
        own = (time + 1.4 * number) % 4.2
        waving = float(np.clip(3 * own, 0, 1) * np.clip(3 * (2.6 - own), 0, 1))
        arm, forearm = 20 + 85 * waving, 12 + (158 + 34 * np.sin(11 * time)) * waving
        still = (14 + 4 * np.sin(time + number), 10, 5, 4)
        points = sketch.figure((still, (arm, forearm, 5, 4)), left_side=1)
        points[1:5] = points[0] + FACE[1:] * 3
        since = (time + 2.1 * number) % 6.3
        hop = np.sin(pi * since / 0.5) if since < 0.5 and time > 2 else 0.0
        return points * 0.2 + ((number + 0.5) / people * 16 / 9, 0.55 - 0.13 * hop)

    return filmed(body, people, seconds)


def filmed(body: Callable[[int, float], np.ndarray | None], people: int, seconds: float) -> list[Scene]:
    """Return the scenes of bodies, each (17, 2) in picture heights at a time, or None while it is away."""
    scenes, before = [], {}
    for index in range(round(seconds * RATE)):
        time, here = index / RATE, []
        for number in range(people):
            xy = body(number, time)
            if xy is None:
                continue
            speed = (xy - before.get(number, xy)) * RATE
            before[number] = xy
            pose = Pose((xy / (16 / 9, 1)).astype(np.float32), np.full(17, 0.95, np.float32), 0.95)
            here.append(Person(number + 1, number + 1, pose, time, speed.astype(np.float32), seen=time))
        scenes.append(Scene(index, SIZE, time, time, time, tuple(here)))
    return scenes


def write(path: Path, scenes: list[Scene]) -> Path:
    """Write a recording, over what is there."""
    with RecordingWriter(path, ManualClock(), source="dancers", overwrite=True) as writer:
        for scene in scenes:
            writer.write(scene)
    return path


if __name__ == "__main__":
    asking = argparse.ArgumentParser(description=__doc__)
    asking.add_argument("path", type=Path)
    asking.add_argument("--people", type=int, default=2)
    asking.add_argument("--seconds", type=float, default=20.0)
    asked = asking.parse_args()
    print(write(asked.path, dance(asked.people, asked.seconds)))
