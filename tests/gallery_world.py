"""What a gallery's sketches live through: visitors, nobody, hidden bodies, and a camera that is lost."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from sketch_world import room

from posekit.clock import ManualClock
from posekit.crowd import moments, parse_crowd
from posekit.events import Presence, Zones
from posekit.events.gestures import GestureOptions, Gestures
from posekit.frame import Observed, Silence
from posekit.health import CameraState, Health
from posekit.pipeline import Pipeline
from posekit.runner.feed import Update
from posekit.runner.loop import Loop
from posekit.sketch.canvas import Canvas
from posekit.sketch.loader import load_sketch
from posekit.smoothing import Smoother
from posekit.tracking import Tracker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import ModuleType

    from posekit.outputs.osc.messages import OscMessages
    from posekit.pose import Pose
    from posekit.zones import Zone

SIZE, RATE, FRAMES = (1280, 720), 30, 300
SMALL = (320, 180)
LOST = range(120, 200)
"""The frames of which the camera delivers none."""


class Visitors:
    """A source of poses, frame by frame; where there are none the camera is lost."""

    description, is_camera, rate, count, dropped = "visitors", False, float(RATE), None, 0

    def __init__(self, observed: Iterable[tuple[Pose, ...] | None]) -> None:
        self._observed = list(observed)
        self.state = CameraState.OK

    def frames(self) -> Iterator[Observed | Silence]:
        for index, seen in enumerate(self._observed):
            self.state = CameraState.LOST if seen is None else CameraState.OK
            if seen is None:
                yield Silence(index / RATE, SIZE, index, self.state)
            else:
                yield Observed(seen, index / RATE, SIZE, index)

    def close(self) -> None:
        pass


def crowd(people: int, frames: int = FRAMES) -> list[tuple[Pose, ...]]:
    """Return what an estimator says of a synthetic crowd that is in the room already."""
    words = f"people={people},seed=7,near=1.8,far=4,size={SIZE[0]}x{SIZE[1]}"
    return [tuple(one.poses) for one in islice(moments(parse_crowd(words)), 60, 60 + frames)]


def hidden(pose: Pose, index: int) -> Pose:
    """Return a pose of which some keypoints are not seen: others in every second, sometimes all."""
    scores = pose.scores.copy()
    gone = np.random.default_rng(index // RATE).random(17) < (1.0 if index // RATE % 4 == 3 else 0.5)
    scores[gone] = 0.02
    return replace(pose, scores=scores)


def dancers() -> ModuleType:
    """Return docs/dancers.py: whoever dances in the gallery's pictures."""
    path = Path(__file__).parents[1] / "docs" / "dancers.py"
    spec = importlib.util.spec_from_file_location("dancers", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def dance(people: int, seconds: float, what: str = "dance") -> list[tuple[Pose, ...]]:
    """Return what an estimator says of them."""
    scenes = getattr(dancers(), what)(people, seconds)
    return [tuple(person.pose for person in scene.people) for scene in scenes]


def missing(seen: list[tuple[Pose, ...]]) -> list[tuple[Pose, ...]]:
    return [tuple(hidden(pose, at) for pose in poses) for at, poses in enumerate(seen)]


def a_day() -> list[tuple[Pose, ...] | None]:
    """Return ten seconds with all of it: nobody, one, six, hidden bodies, and a camera that is lost."""
    lost = [None if 20 <= at < 70 else seen for at, seen in enumerate(dance(3, 3.0))]
    return [()] * 30 + crowd(1, 45) + crowd(6, 75) + missing(dance(4, 2.0)) + lost


VISITS: dict[str, Callable[[], list[tuple[Pose, ...] | None]]] = {
    "a_day": a_day,
    "dance": lambda: dance(2, 9.0),
    "nobody": lambda: [()] * FRAMES,
    "one": lambda: crowd(1),
    "six": lambda: crowd(6),
    "missing": lambda: missing(crowd(4)),
    "lost": lambda: [None if at in LOST else seen for at, seen in enumerate(dance(3, FRAMES / RATE))],
}
"""What the estimator says in every frame of a visit."""


def lived(seen: Iterable[tuple[Pose, ...] | None], zones: tuple[Zone, ...]) -> list[Update]:
    """Return what a runner learns of a visit, through the real tracker, smoother, gestures and zones."""
    source = Visitors(seen)
    pipeline = Pipeline(
        None,
        Tracker(),
        Presence(1.0),
        ManualClock(),
        smoother=Smoother(),
        watchers=(Gestures(GestureOptions()),),
        zones=Zones(zones),
    )
    updates = []
    for step in pipeline.run(source):
        scene, health = step.scene, Health(camera=source.state, fps=RATE)
        if source.state == CameraState.LOST:
            picture, mask = updates[-1].picture, updates[-1].mask
        else:
            picture, mask = room(scene.captured), outlines(scene)
        updates.append(Update(scene, step.events, picture, health, mask=mask))
    return updates


def outlines(scene: object) -> np.ndarray:
    """Return a mask (180, 320), 255 where bodies are."""
    mask = np.zeros(SMALL[::-1], np.uint8)
    for person in scene.people:
        seen = person.pose.xy[person.pose.visible]
        if len(seen) > 2:
            hull = cv2.convexHull((seen * SMALL).astype(np.float32))
            cv2.fillConvexPoly(mask, hull.astype(np.int32), 255)
    return mask


def show(
    name: str,
    updates: list[Update],
    zones: tuple[Zone, ...],
    *,
    mirror: bool = False,
    osc: OscMessages | None = None,
) -> Canvas:
    """Run a built-in sketch through updates on a small canvas, and return that as it is at the end."""
    loaded = load_sketch(name)
    canvas = Canvas(SMALL)
    loop = Loop(loaded, canvas, mirror=mirror, osc=osc)
    loop.zones = zones
    has_mask = getattr(loaded.sketch, "mask", False)
    loop.setup()
    try:
        for update in updates:
            loop.frame(update if has_mask else replace(update, mask=None), update.scene.captured)
    finally:
        loop.close()
    return canvas
