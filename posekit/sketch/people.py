"""People as sketches meet them: everything in canvas pixels, after fit and mirror."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from posekit.errors import UnknownNameError
from posekit.keypoint import Keypoint, NamedKeypoints, Vector
from posekit.pose import Box, Pose
from posekit.scene import Person, Scene, body_center

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import SimpleNamespace

    from numpy.typing import NDArray

    from posekit.geometry import Placement, Size
    from posekit.health import Health
    from posekit.skeleton import Skeleton


HORIZON_SECONDS = 0.1
"""How far ahead a body may be extrapolated; further on a velocity says nothing about people."""


class SketchPerson(NamedKeypoints):
    """One person at one instant: `person.left_wrist` and her sixteen other keypoints, in canvas pixels.

    `left_wrist` is her own left one, in a mirror too. Speeds are canvas pixels per second. With `ahead`
    everything is where it will be so many seconds after she was seen, each keypoint going on with its own
    velocity, for `HORIZON_SECONDS` at most; one whose velocity is not known stays where it was seen.
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
        self._ahead = min(ahead, HORIZON_SECONDS) if ahead > 0 else 0.0

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
            raise AttributeError(f"a person has no {name!r}: {error}") from None

    def __repr__(self) -> str:
        return f"SketchPerson(id={self.id}, slot={self.slot}, age={self.age:.1f})"


class SketchScene:
    """Everybody at one instant, and how the engine does. Nobody being there is normal."""

    def __init__(
        self, people: Sequence[SketchPerson], raw: Scene | None, health: Health, time: float
    ) -> None:
        self.people = tuple(people)
        """Everyone who is here, longest here first."""
        self.raw = raw
        """The engine's `Scene`, image-normalised; None before the first."""
        self.health = health
        """How the engine and its camera do: `health.camera`, `.fps`, `.latency_ms`, `.dropped`."""
        self.time = time
        """Seconds since the sketch began."""

    @property
    def count(self) -> int:
        """How many people are here."""
        return len(self.people)

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
