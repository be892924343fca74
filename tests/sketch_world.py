"""A small world for sketches to be tried in: dancers made of sines, a painted room, and a scripted feed."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from posekit.health import Health
from posekit.pose import Pose
from posekit.runner.feed import Update
from posekit.scene import Enter, First, Leave, Person, Scene

PICTURE = (640, 480)
BODY = np.array(
    [
        (0, -0.40), (0.02, -0.42), (-0.02, -0.42), (0.045, -0.41), (-0.045, -0.41),
        (0.09, -0.28), (-0.09, -0.28), (0.15, -0.16), (-0.15, -0.16), (0.19, -0.05), (-0.19, -0.05),
        (0.06, 0.02), (-0.06, 0.02), (0.075, 0.21), (-0.075, 0.21), (0.08, 0.40), (-0.08, 0.40),
    ]
)  # fmt: skip
"""A standing body's keypoints in its own heights around its middle; her left is on the picture's right."""


def dancer(number: int, count: int, time: float, hidden: tuple[int, ...] = ()) -> Person:
    """Return dancer `number` of `count` (from 1) at a time, with some keypoints hidden."""
    height = 0.8 if count < 3 else 0.55
    xy = BODY * height * (0.75, 1.0) + ((number - 0.5) / count, 0.52)
    swing = np.sin(2.2 * time + number)
    lift = np.array((0.05 * swing, -0.22 - 0.18 * swing)) * height
    for at, side in ((9, 1), (10, -1)):
        xy[at] += lift * (side, 1)
        xy[at - 2] += lift * (0.5 * side, 0.45)
    xy[:, 0] += 0.02 * math.sin(time + number)
    velocity = np.zeros((17, 2), np.float32)
    velocity[9:11, 1] = -0.4 * height * np.cos(2.2 * time + number)
    scores = np.full(17, 0.9, np.float32)
    xy = xy.astype(np.float32)
    xy[list(hidden)], scores[list(hidden)] = np.nan, 0.0
    return Person(number, number, Pose(xy, scores, 0.9), time, velocity, seen=time)


def room(time: float) -> np.ndarray:
    """Return (480, 640, 3) RGB: a dim room whose left half is warm and right half cold."""
    picture = np.zeros((PICTURE[1], PICTURE[0], 3), np.uint8)
    picture[..., 0] = np.linspace(150, 30, PICTURE[0])
    picture[..., 1] = 60
    picture[..., 2] = np.linspace(40, 150, PICTURE[0])
    picture[:, :: PICTURE[0] // 8] //= 2
    picture[int(time * 30) % PICTURE[1]] = 200
    return picture


def scene(people: tuple[Person, ...], index: int, time: float) -> Scene:
    lead = people[0].id if people else None
    return Scene(index, PICTURE, time, time, time, people, lead_id=lead)


@dataclass
class ScriptedFeed:
    """An inline feed of `count` dancers who enter at the first frame and leave after the last."""

    count: int
    frames: int = 60
    hidden: tuple[int, ...] = ()
    start: float = 5.0
    is_live: bool = False
    rate: float = 30.0
    estimator: str = "scripted"
    index: int = field(default=0, init=False)
    closed: bool = field(default=False, init=False)

    def poll(self) -> Update:
        at, time = self.index, self.start + self.index / self.rate
        self.index += 1
        if at > self.frames:
            return Update(None, (), None, Health(), finished=True)
        people = tuple(dancer(n + 1, self.count, time, self.hidden) for n in range(self.count))
        events = ()
        if at == 0 and people:
            events = (*(Enter(p.id, p.slot, time) for p in people), First(people[0].id, 1, time))
        if at == self.frames:
            events, people = tuple(Leave(p.id, p.slot, time, visit=at / self.rate) for p in people), ()
        return Update(scene(people, at, time), events, room(time), Health(fps=self.rate))

    def close(self) -> None:
        self.closed = True
