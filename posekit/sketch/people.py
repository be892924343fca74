"""People as sketches meet them: everything in canvas pixels, after fit and mirror."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from posekit.errors import SettingsError, UnknownNameError, nearest_name
from posekit.keypoint import Keypoint, NamedKeypoints, Vector
from posekit.pose import Box, Pose
from posekit.scene import Person, Scene, body_center
from posekit.skeleton import COCO_17
from posekit.smoothing.prediction import predicted_seconds

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import SimpleNamespace

    from numpy.typing import NDArray

    from posekit.geometry import Placement, Size
    from posekit.health import Health
    from posekit.skeleton import Skeleton
    from posekit.zones import Zone


LEFT_WRIST, RIGHT_WRIST = (COCO_17.find(f"{side}_wrist") for side in ("left", "right"))


class SketchPerson(NamedKeypoints):
    """One person at one instant: `person.left_wrist` and her sixteen other keypoints, in canvas pixels.

    `left_wrist` is her own left one, in a mirror too. Speeds are canvas pixels per second. With `ahead`
    everything is where it will be so many seconds after she was seen, each keypoint going on with its own
    velocity, which dies away, for a tenth of a second at most (`posekit.smoothing.prediction`); one whose
    velocity is not known stays where it was seen.

    Angles are in degrees as the canvas shows them, so `lean` and `facing` are mirrored with it.
    """

    def __init__(
        self,
        person: Person,
        placement: Placement,
        picture: Size,
        memory: SimpleNamespace,
        ahead: float = 0.0,
    ) -> None:
        self.raw = person
        """The engine's `Person`, image-normalised."""
        self.id = person.id
        """Her number; never another person's while posekit runs."""
        self.slot = person.slot
        """From 1 to N, or None when all slots are taken."""
        self.age = person.age
        """Seconds since she entered."""
        self.score = person.score
        """From 0 to 1: how sure the estimator is of her."""
        self.memory = memory
        """A place for whatever a sketch wants to remember of her; gone when her visit is over."""
        self._placement, self._picture = placement, picture
        self._ahead = predicted_seconds(ahead)

    @property
    def skeleton(self) -> Skeleton:
        """Which keypoints she has."""
        return self.raw.pose.skeleton

    @cached_property
    def xy(self) -> NDArray[np.float32]:
        """(17, 2) float32 canvas pixels, in the skeleton's order; NaN where a keypoint is missing."""
        pose = self.raw.pose
        placed = self._placement.to_area(pose.xy)
        if self._ahead:
            moved = self._placement.vector_to_area(self.raw.velocity, self._picture) * np.float32(self._ahead)
            placed += np.where(np.isfinite(moved), moved, 0)
        placed[~pose.visible] = np.nan
        return placed

    @cached_property
    def _placed(self) -> Pose:
        return Pose(self.xy, self.raw.pose.scores, self.score, self.skeleton)

    @cached_property
    def box(self) -> Box:
        """The upright rectangle around her visible keypoints; all NaN when there are none."""
        return self._placed.box

    @property
    def height(self) -> float:
        """Height in pixels of the rectangle around her visible keypoints."""
        return self.box.height

    @cached_property
    def center(self) -> Keypoint:
        """The middle of her body: of her visible shoulders and hips, else of all she shows."""
        x, y = body_center(self._placed)
        seen = self.raw.velocity[self.raw.pose.visible]
        mean = seen.mean(axis=0) if len(seen) else np.zeros(2)
        return Keypoint(x, y, name="center", score=self.score, velocity=self._velocity(mean))

    @property
    def speed(self) -> float:
        """How fast her body moves."""
        return self.center.speed

    @property
    def motion(self) -> float:
        """How much all of her moves, in body sizes per second; walking is about 0.5. NaN when unknown."""
        return self.raw.features.motion

    @property
    def lean(self) -> float:
        """How far her trunk leans, in degrees: 0 upright, positive to the canvas' right; NaN when unknown."""
        return self._turned(self.raw.features.lean)

    @property
    def facing(self) -> float:
        """Which way she faces, in degrees: 0 the camera, 90 the canvas' right, -90 its left, 180 away."""
        return self._turned(self.raw.features.facing)

    @property
    def contraction(self) -> float:
        """From 0, hands and feet stretched out, to 1, all drawn to her middle; NaN when unknown."""
        return self.raw.features.contraction

    @property
    def hand_distance(self) -> float:
        """Pixels between her wrists; NaN when one is missing."""
        return float(np.hypot(*(self.xy[LEFT_WRIST] - self.xy[RIGHT_WRIST])))

    @property
    def left_arm_angle(self) -> float:
        """How far her left upper arm is raised, in degrees: 0 hangs, 90 level, 180 straight up."""
        return self.raw.features.left_arm_angle

    @property
    def right_arm_angle(self) -> float:
        """The same of her right one."""
        return self.raw.features.right_arm_angle

    @property
    def left_elbow_angle(self) -> float:
        """How open her left elbow is, in degrees: 180 straight, 0 folded; NaN when unknown."""
        return self.raw.features.left_elbow_angle

    @property
    def right_elbow_angle(self) -> float:
        """The same of her right one."""
        return self.raw.features.right_elbow_angle

    def _turned(self, degrees: float) -> float:
        return -degrees if self._placement.is_mirrored else degrees

    @cached_property
    def keypoints(self) -> tuple[Keypoint, ...]:
        """All of them, missing ones too, in the skeleton's order."""
        return tuple(self.keypoint(name) for name in self.skeleton.keypoints)

    def keypoint(self, name: str) -> Keypoint:
        """Return one keypoint by name; raises `UnknownNameError` with the nearest name."""
        at = self.skeleton.find(name)
        made = self.__dict__.get(name)
        if made is None:
            x, y = self.xy[at].tolist()
            score = float(self.raw.pose.scores[at])
            velocity = self._velocity(self.raw.velocity[at])
            # Kept under its own name, the next look at it is an ordinary attribute.
            made = self.__dict__[name] = Keypoint(x, y, name=name, score=score, velocity=velocity)
        return made

    def _velocity(self, heights: NDArray[np.floating]) -> Vector:
        return Vector(*self._placement.vector_to_area(heights, self._picture).tolist())

    def __getattr__(self, name: str) -> Keypoint:
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            return self.keypoint(name)
        except UnknownNameError as error:
            own = [one for one in (*dir(type(self)), *vars(self)) if not one.startswith("_")]
            near = nearest_name(name, (*self.skeleton.keypoints, *own))
            hint = f"did you mean {near!r}?" if near else f"{error}"
            raise AttributeError(f"a person has no {name!r}; {hint}") from None

    def __repr__(self) -> str:
        return f"SketchPerson(id={self.id}, slot={self.slot}, age={self.age:.1f})"


@dataclass(frozen=True, eq=False)
class SketchZone:
    """A zone at one instant."""

    name: str
    points: NDArray[np.float32]
    """(K, 2) float32: its corners in canvas pixels."""
    people: tuple[SketchPerson, ...]
    """Everyone who is in it, longest here first."""

    @property
    def count(self) -> int:
        """How many people are in it."""
        return len(self.people)


class SketchScene:
    """Everybody at one instant, and how the engine does. Nobody being there is normal."""

    def __init__(
        self,
        people: Sequence[SketchPerson],
        raw: Scene | None,
        health: Health,
        time: float,
        zones: Sequence[Zone] = (),
        placement: Placement | None = None,
        mask: NDArray[np.uint8] | None = None,
    ) -> None:
        self.people = tuple(people)
        """Everyone who is here, longest here first."""
        self.raw = raw
        """The engine's `Scene`, image-normalised; None before the first."""
        self.health = health
        """How the engine and its camera do: `health.camera`, `.fps`, `.latency_ms`, `.dropped`."""
        self.time = time
        """Seconds since the sketch began."""
        self.mask = mask
        """(H, W) uint8, 255 where a body is, 0 where none is: the camera's picture, never mirrored, but
        smaller; not to be written to. None without silhouettes: see `canvas.silhouette`."""
        self._zones, self._placement = zones, placement

    @cached_property
    def zones(self) -> tuple[SketchZone, ...]:
        """Every zone, with who is in it."""
        if self._placement is None:
            return ()
        ids = {zone.name: zone.ids for zone in self.raw.zones} if self.raw else {}
        return tuple(
            SketchZone(
                zone.name,
                self._placement.to_area(zone.polygon),
                tuple(person for person in self.people if person.id in ids.get(zone.name, ())),
            )
            for zone in self._zones
        )

    def zone(self, name: str) -> SketchZone:
        """Return a zone by name; raises `UnknownNameError` with the nearest name."""
        for zone in self.zones:
            if zone.name == name:
                return zone
        if not self._zones:
            raise SettingsError(f"there is no zone {name!r} yet; F3 in the window draws zones")
        raise UnknownNameError("zone", name, [zone.name for zone in self._zones])

    @property
    def count(self) -> int:
        """How many people are here."""
        return len(self.people)

    @property
    def motion(self) -> float:
        """How much everybody together moves, in body sizes per second; 0 when nobody is here."""
        return self.raw.motion if self.raw else 0.0

    @property
    def center(self) -> Vector:
        """The middle between everybody's centers, in canvas pixels; false when nobody is here."""
        centers = [tuple(person.center) for person in self.people if person.center]
        return Vector(*np.mean(centers, axis=0).tolist()) if centers else Vector(math.nan, math.nan)

    def distance(self, first: SketchPerson, second: SketchPerson) -> float:
        """Return how many pixels are between two people's centers."""
        return float(np.hypot(first.center.x - second.center.x, first.center.y - second.center.y))

    @property
    def lead(self) -> SketchPerson | None:
        """One of the people, the same until she leaves; None when nobody is here."""
        lead_id = self.raw.lead_id if self.raw else None
        return next((person for person in self.people if person.id == lead_id), None)

    @property
    def size(self) -> Size | None:
        """Width and height of the camera's picture in its own pixels; None before the first."""
        return self.raw.size if self.raw else None


def unseen_person(person_id: int, slot: int | None) -> Person:
    """Return a person of whom nothing is known but that she was here: all keypoints missing.

    Somebody may enter and leave between two looks at the scene; her events arrive all the same.
    """
    missing = Pose(np.full((17, 2), np.nan, np.float32), np.zeros(17, np.float32), 0.0)
    return Person(person_id, slot, missing, 0.0, np.zeros((17, 2), np.float32), seen=0.0)
