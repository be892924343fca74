"""The people of one frame as arrays, before they are told as persons: they can be measured all at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from posekit.features import UNKNOWN_FEATURES, Features
from posekit.pose import Pose
from posekit.scene import Person

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    Image = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Steadied:
    """N people, and where they are now."""

    before: Sequence[Person]
    """As they were told, in the same order."""
    xy: Image
    """(N, 17, 2) image-normalised; NaN where missing."""
    scores: Image
    """(N, 17)."""
    velocity: Image
    """(N, 17, 2) image heights per second."""
    is_changed: bool
    """Whether they are elsewhere than they were told to be."""

    def people(self, values: Iterable[NDArray[np.float32]] | None = None) -> tuple[Person, ...]:
        """Return the people with these places and, if there are any, the values of their features."""
        if values is None:
            if not self.is_changed:
                return tuple(self.before)
            features: Iterable[Features] = [UNKNOWN_FEATURES] * len(self.before)
        else:
            features = map(Features, values)
        if self.is_changed:
            return tuple(map(_moved, self.before, self.xy, self.scores, self.velocity, features))
        return tuple(
            _changed(person, person.pose, person.velocity, own)
            for person, own in zip(self.before, features, strict=True)
        )


_NONE = Steadied(
    (),
    np.empty((0, 17, 2), np.float32),
    np.empty((0, 17), np.float32),
    np.empty((0, 17, 2), np.float32),
    False,
)


def as_seen(people: Sequence[Person]) -> Steadied:
    """Return people as they are."""
    if not people:
        return _NONE
    return Steadied(
        people,
        np.array([person.pose.xy for person in people]),
        np.array([person.pose.scores for person in people]),
        np.array([person.velocity for person in people]),
        False,
    )


def _moved(person: Person, xy: Image, scores: Image, velocity: Image, features: Features) -> Person:
    """Return a person in another place; the arrays are known to be what a pose takes, and read-only."""
    pose: Pose = object.__new__(Pose)
    of = pose.__dict__
    of.update(person.pose.__dict__)
    of["xy"], of["scores"] = xy, scores
    return _changed(person, pose, velocity, features)


def _changed(person: Person, pose: Pose, velocity: Image, features: Features) -> Person:
    # Ten people are told anew in every frame. Making them by their constructors, with a pose's own checks,
    # would cost half as much as the whole filter.
    changed: Person = object.__new__(Person)
    of = changed.__dict__
    of.update(person.__dict__)
    of["pose"], of["velocity"], of["features"] = pose, velocity, features
    return changed
