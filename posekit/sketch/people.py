"""People as sketches meet them: everything in canvas pixels, after fit and mirror, or as the stage says."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from posekit.draw.colors import RGB, person_color
from posekit.errors import SettingsError, UnknownNameError, nearest_name
from posekit.keypoint import Keypoint, NamedKeypoints, Vector
from posekit.pose import Box, Pose
from posekit.scene import Person, body_center
from posekit.skeleton import COCO_17
from posekit.smoothing.prediction import predicted_seconds
from posekit.taught import Taught, similarity

if TYPE_CHECKING:
    from types import SimpleNamespace

    from numpy.typing import NDArray

    from posekit.geometry import Size
    from posekit.skeleton import Skeleton
    from posekit.stage import AnyPlacement


LEFT_WRIST, RIGHT_WRIST = (COCO_17.find(f"{side}_wrist") for side in ("left", "right"))
ANKLES = [COCO_17.find(f"{side}_ankle") for side in ("left", "right")]


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
        placement: AnyPlacement,
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
    def color(self) -> RGB:
        """A colour that is hers alone, (red, green, blue) from 0 to 255; the same as long as she is here."""
        return person_color(self.id)

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
            speeds = self._placement.vector_to_area(self.raw.velocity, self._picture, pose.xy)
            moved = speeds * np.float32(self._ahead)
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
        mean, middle = self._mean_velocity, np.array(self.raw.center)
        velocity = self._velocity(mean, middle)
        return Keypoint(x, y, name="center", score=self.score, velocity=velocity, person_id=self.id)

    @cached_property
    def feet(self) -> Keypoint:
        """Where she stands: the middle of her ankles, or the bottom of what is seen of her while none is.

        On a stage that is a floor, this is the place on the canvas that is under her.
        """
        pose = self.raw.pose
        seen = pose.visible[ANKLES]
        if seen.any():
            place, velocity = pose.xy[ANKLES][seen].mean(axis=0), self.raw.velocity[ANKLES][seen].mean(axis=0)
        else:
            box = pose.box
            place, velocity = np.array((box.x + box.width / 2, box.y + box.height)), self._mean_velocity
        moving = self._velocity(velocity, place)
        x, y = self._placement.to_area(place).tolist()
        if moving:
            x, y = x + moving.x * self._ahead, y + moving.y * self._ahead
        return Keypoint(x, y, name="feet", score=self.score, velocity=moving, person_id=self.id)

    @property
    def _mean_velocity(self) -> NDArray[np.float32]:
        seen = self.raw.velocity[self.raw.pose.visible]
        return seen.mean(axis=0) if len(seen) else np.zeros(2, np.float32)

    def similarity(self, pose: Taught | SketchPerson | NDArray[np.floating]) -> float:
        """Return from 0 to 1 how like hers a pose is, wherever it stands and however big it is.

        `pose` is somebody else, herself a while ago, a pose that was taught (`posekit.taught.load`), or (17,
        2) canvas pixels in the order of `person.keypoints`, NaN where missing. 0.85 is the same pose for most
        purposes; 0 also if too little is seen to tell (`posekit.taught.similarity`). Raises `SettingsError`
        for anything else.
        """
        own = self.raw.pose
        if isinstance(pose, Taught):
            return pose.similarity(own, aspect=self._picture[0] / self._picture[1])
        if isinstance(pose, SketchPerson):
            return similarity(pose._placed, self._placed)
        try:
            xy = np.asarray(pose, np.float32)
        except (TypeError, ValueError):
            xy = np.empty(0, np.float32)
        if xy.shape != own.xy.shape:
            raise SettingsError(
                "person.similarity takes a person, a taught pose, or 17 points (17, 2) in canvas pixels; "
                f"found {type(pose).__name__} {np.shape(pose)}"
            )
        seen = np.asarray(np.isfinite(xy).all(axis=1), np.float32)
        return similarity(Pose(xy, seen, 1.0, self.skeleton), self._placed)

    @property
    def world(self) -> NDArray[np.float32] | None:
        """(17, 3) float32 metres: x to the picture's right, y down, z away from the camera, never mirrored.

        From the middle between her hips. None unless BlazePose looks, and its guess where she is hidden.
        """
        return self.raw.pose.world

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
            velocity = self._velocity(self.raw.velocity[at], self.raw.pose.xy[at])
            # Kept under its own name, the next look at it is an ordinary attribute.
            made = Keypoint(x, y, name=name, score=score, velocity=velocity, person_id=self.id)
            self.__dict__[name] = made
        return made

    def _velocity(self, heights: NDArray[np.floating], at: NDArray[np.floating]) -> Vector:
        return Vector(*self._placement.vector_to_area(heights, self._picture, at).tolist())

    if not TYPE_CHECKING:  # to whom every misspelt keypoint would be one

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


def unseen_person(person_id: int, slot: int | None) -> Person:
    """Return a person of whom nothing is known but that she was here: all keypoints missing.

    Somebody may enter and leave between two looks at the scene; her events arrive all the same.
    """
    missing = Pose(np.full((17, 2), np.nan, np.float32), np.zeros(17, np.float32), 0.0)
    return Person(person_id, slot, missing, 0.0, np.zeros((17, 2), np.float32), seen=0.0)
