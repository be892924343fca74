"""One visitor: who she is, which way she goes, and what she does."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from posekit.crowd.acts import DISTRACTORS, GESTURES, find_act
from posekit.crowd.body import ADULT, CHILD, Proportions, place
from posekit.crowd.camera import Camera, Seen, exposure
from posekit.crowd.path import TURN_SECONDS, Path
from posekit.crowd.scripted import ActTruth, act_upon, tell
from posekit.crowd.walking import stride_length, sway, walking

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from posekit.crowd.acts import Act
    from posekit.crowd.options import CrowdOptions

OUTSIDE = 0.6
"""How far outside of the picture visitors come and go, in statures beyond its edge: arms included."""


@dataclass(frozen=True, eq=False)
class Doing:
    """An act, and until when she stands where it has brought her."""

    act: Act
    begin: float
    duration: float
    until: float


@dataclass(frozen=True, eq=False)
class Visitor:
    """Somebody of the crowd; made by `plan`, and the same for ever after."""

    id: int
    stature: float
    """Metres."""
    proportions: Proportions
    stride: float
    """Metres."""
    path: Path
    doings: tuple[Doing, ...]
    begin: float
    """Seconds: when she sets out, still outside."""
    end: float
    camera: Camera

    @property
    def ground_truth(self) -> tuple[ActTruth, ...]:
        """What she does."""
        return tuple(tell(doing.act, doing.begin, doing.duration, body=self.id) for doing in self.doings)

    def look(self, times: NDArray[np.float64]) -> Seen:
        """Return what a perfect eye sees of her at some times (T,), in seconds."""
        where = self.path.at(times)
        bodies = sway(walking(where.walked / self.stride, where.weight), times, 1.3 * self.id)
        for doing in self.doings:
            bodies = act_upon(bodies, times, doing.act, doing.begin, doing.duration, doing.until)
        points = place(bodies, self.proportions, where.facing)
        return Seen(
            xy=self.camera.project(points, self.stature, where.x, where.distance),
            exposed=exposure(points),
            height=self.camera.focal * self.stature / where.distance,
            distance=where.distance,
            present=(times >= self.begin) & (times <= self.end),
        )


def plan(body: int, begin: float, options: CrowdOptions) -> Visitor:
    """Return visitor number `body`, who sets out at `begin` seconds; she depends on nothing else."""
    random = np.random.default_rng((options.seed, body, 0))
    proportions = CHILD if random.random() < options.children else ADULT
    stature = proportions.stature * float(np.clip(random.normal(1.0, 0.06), 0.85, 1.15))
    speed = float(random.uniform(0.5, 0.95)) * stature
    camera = Camera(options.size)
    side = float(random.choice((-1.0, 1.0)))
    distance = float(random.uniform(options.near, options.far))
    path = Path(begin, side * _beyond(camera, distance, stature), distance, facing=-90.0 * side)
    plans = _Plan(random, options, camera, path, stature, speed, [])
    kind = random.random()
    if kind < 0.4:
        plans.cross(side)
    elif kind < 0.88:
        plans.visit(side)
    else:
        plans.hesitate(side)
    return Visitor(
        body, stature, _varied(proportions, random), stride_length(speed / stature) * stature, path,
        tuple(plans.doings), begin, path.time, camera,
    )  # fmt: skip


@dataclass
class _Plan:
    """A visit that is being thought up."""

    random: np.random.Generator
    options: CrowdOptions
    camera: Camera
    path: Path
    stature: float
    speed: float
    doings: list[Doing]

    def cross(self, side: float) -> None:
        """Walk through, from one side to the other, perhaps nearer or farther."""
        if self.random.random() < 0.4:
            self._go_inside(0.8)
        self._leave(-side)

    def visit(self, side: float) -> None:
        """Come in, stop once or more, do something there, leave."""
        for _ in range(int(self.random.integers(1, 4))):
            self._go_inside(0.75)
            self._pause(float(self.random.normal(0, 22)))
        self._leave(side if self.random.random() < 0.5 else -side)

    def hesitate(self, side: float) -> None:
        """Stand at the picture's edge, half cut off; then leave as one came, or come in."""
        edge = self.camera.half_width(self.path.distance)
        self._walk(side * (edge + float(self.random.uniform(-0.12, 0.12)) * self.stature), self.path.distance)
        self.path.stay(float(self.random.uniform(3, 7)), float(self.random.normal(-20 * side, 15)))
        if self.random.random() < 0.5:
            self._go_inside(0.6)
            self._pause(0.0)
        self._leave(side)

    def _go_inside(self, share: float) -> None:
        """Walk to some place within the middle `share` of the picture."""
        distance = float(self.random.uniform(self.options.near, self.options.far))
        self._walk(float(self.random.uniform(-share, share)) * self.camera.half_width(distance), distance)

    def _pause(self, facing: float) -> None:
        """Stand and do a thing or two, towards the camera."""
        choice = {"all": (*GESTURES, *DISTRACTORS), "distractors": DISTRACTORS, "none": ()}[self.options.acts]
        count = int(self.random.integers(0, 3)) if choice else 0
        begin = self.path.time + TURN_SECONDS
        if not count:
            self.path.stay(TURN_SECONDS + float(self.random.uniform(1, 6)), facing)
            return
        planned, moved = [], 0.0
        for _ in range(count):
            act = find_act(str(self.random.choice(choice)))
            begin += float(self.random.uniform(0.3, 1.5))
            takes = act.natural or float(self.random.uniform(1.6, 4.0))
            planned.append((act, begin, takes))
            begin += takes
            moved += act.shift
        end = begin + float(self.random.uniform(0.3, 1.0))
        self.doings.extend(Doing(*one, end) for one in planned)
        self.path.stay(end - self.path.time, facing)
        if moved:
            self.path.shift(moved * self.stature)

    def _leave(self, side: float) -> None:
        distance = float(self.random.uniform(self.options.near, self.options.far))
        self._walk(side * _beyond(self.camera, distance, self.stature), distance)

    def _walk(self, x: float, distance: float) -> None:
        self.path.walk(x, distance, self.speed)


def _beyond(camera: Camera, distance: float, stature: float) -> float:
    return camera.half_width(distance) + OUTSIDE * stature


def _varied(proportions: Proportions, random: np.random.Generator) -> Proportions:
    """Return proportions of one person: each part 3 % longer or shorter than usual."""
    parts = ("trunk", "shoulders", "hips", "upper_arm", "forearm", "thigh", "shank", "nose", "head")
    factors = np.clip(random.normal(1.0, 0.03, len(parts)), 0.93, 1.07).tolist()
    return replace(
        proportions,
        **{part: getattr(proportions, part) * by for part, by in zip(parts, factors, strict=True)},
    )
