"""The people of one frame as arrays, to be steadied and measured at once, before each is told."""

from __future__ import annotations

from itertools import repeat
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from posekit.features import UNKNOWN_FEATURES, Features
from posekit.pose import Pose
from posekit.scene import Person
from posekit.skeleton import COCO_17

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    Image = NDArray[np.float32]

KEYPOINTS = len(COCO_17)


class Gathered(NamedTuple):
    """N people, and where they are."""

    ids: list[int]
    seen: list[float]
    """Seconds: when each was last found."""
    given: Sequence[Mapping[str, Any]]
    """What else a person has, by its name, also her id and when she was seen."""
    poses: Sequence[Pose]
    """Their poses, for all that is in them but places and scores."""
    xy: Image
    """(N, 17, 2) image-normalised; NaN where missing."""
    scores: Image
    """(N, 17)."""
    velocity: Image
    """(N, 17, 2) image heights per second."""

    def people(self, values: Iterable[Image] | None = None) -> tuple[Person, ...]:
        """Return the people and, if they were measured, the values of their features."""
        features = repeat(UNKNOWN_FEATURES) if values is None else map(Features, values)
        self.xy.setflags(write=False)
        self.scores.setflags(write=False)
        return tuple(map(_person, self.given, self.poses, self.xy, self.scores, self.velocity, features))


NOBODY = Gathered(
    [],
    [],
    (),
    (),
    np.empty((0, KEYPOINTS, 2), np.float32),
    np.empty((0, KEYPOINTS), np.float32),
    np.empty((0, KEYPOINTS, 2), np.float32),
)


def gather(people: Sequence[Person]) -> Gathered:
    """Return people as they are."""
    if not people:
        return NOBODY
    poses = [person.pose for person in people]
    return Gathered(
        [person.id for person in people],
        [person.seen for person in people],
        [person.__dict__ for person in people],
        poses,
        np.array([pose.xy for pose in poses]),
        np.array([pose.scores for pose in poses]),
        np.array([person.velocity for person in people]),
    )


def _person(
    given: Mapping[str, Any], of: Pose, xy: Image, scores: Image, velocity: Image, features: Features
) -> Person:
    # Ten people are told anew in every frame. Making them by their constructors, with a pose's own checks,
    # would cost half as much as the whole filter; these arrays are known to be sound, and read-only.
    pose: Pose = object.__new__(Pose)
    pose.__dict__.update(of.__dict__, xy=xy, scores=scores)
    person: Person = object.__new__(Person)
    person.__dict__.update(given, pose=pose, velocity=velocity, features=features)
    return person
