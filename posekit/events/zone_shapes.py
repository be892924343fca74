"""The geometry of zones: all people against all polygons at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from posekit.scene import TORSO
from posekit.skeleton import COCO_17
from posekit.zones import Zone, crossed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from posekit.scene import Person

HANDS = ("left_wrist", "right_wrist")
LEFT_ANKLE, RIGHT_ANKLE = COCO_17.find("left_ankle"), COCO_17.find("right_ankle")


class ZoneShapes:
    """The polygons of some zones as arrays.

    Each zone asks for one place on a body, or for two: either hand may be in it. The columns of the arrays
    are these Q places; polygons with fewer than K corners repeat their last one, which changes nothing.
    """

    def __init__(self, zones: tuple[Zone, ...]) -> None:
        self.zones = zones
        self.dwell = np.array([zone.dwell for zone in zones])
        """(Z,) seconds."""
        asked = [(at, name) for at, zone in enumerate(zones) for name in _names(zone.what)]
        names = [name for _, name in asked]
        self._keypoints = np.array([COCO_17.index.get(name, 0) for name in names], np.intp)
        self._feet = [column for column, name in enumerate(names) if name == "feet"]
        self._centers = [column for column, name in enumerate(names) if name == "center"]
        self._firsts = [[at for at, _ in asked].index(zone) for zone in range(len(zones))]
        longest = max((len(zone.points) for zone in zones), default=0)
        corners = [zone.points + (zone.points[-1],) * (longest - len(zone.points)) for zone in zones]
        self._corners = np.array([corners[at] for at, _ in asked]).reshape(len(asked), longest, 2)
        self._aspect = 0.0
        self._start = self._end = self._along = self._corners

    def find(
        self, people: Sequence[Person], aspect: float, is_in: NDArray[np.bool_], margin: float
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Return who is in which zone, and of whom it can be told; (people, zones) bool both.

        Whoever `is_in` already still is within `margin` of her own heights outside.
        """
        self._scale(aspect)
        bodies = np.array([person.pose.xy for person in people], np.float64)
        places = self._places(bodies)
        known = ~np.isnan(places[..., 0])
        places = (places * (aspect, 1.0))[:, :, None]
        found = self._any(crossed(places, self._start, self._end))
        if (is_in & ~found).any():
            low, high = _bounds(bodies)
            near = np.nan_to_num((high - low)[:, 1]) * margin
            found |= is_in & self._any(self._squared_distance(places) <= (near * near)[:, None])
        return found, self._any(known)

    def _scale(self, aspect: float) -> None:
        """Measure the polygons in image heights, the same across and down."""
        if aspect != self._aspect:
            self._aspect = aspect
            self._start = self._corners * (aspect, 1.0)
            self._end = np.roll(self._start, -1, axis=1)
            self._along = self._end - self._start

    def _places(self, bodies: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return (people, Q, 2) where the places that are asked for are; NaN where they cannot be told."""
        places = bodies[:, self._keypoints]
        if self._feet:
            left, right = bodies[:, LEFT_ANKLE], bodies[:, RIGHT_ANKLE]
            feet = (np.fmin(left, right) + np.fmax(left, right)) / 2
            if (hidden := np.isnan(feet[:, 0])).any():
                low, high = _bounds(bodies[hidden])
                feet[hidden, 0], feet[hidden, 1] = (low[:, 0] + high[:, 0]) / 2, high[:, 1]
            places[:, self._feet] = feet[:, None]
        if self._centers:
            centers = _mean(bodies[:, TORSO])
            if (hidden := np.isnan(centers[:, 0])).any():
                centers[hidden] = _mean(bodies[hidden])
            places[:, self._centers] = centers[:, None]
        return places

    def _squared_distance(self, places: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return (people, Q): how far the nearest side is from (people, Q, 1, 2), squared."""
        away = places - self._start
        squared = (self._along * self._along).sum(axis=-1)
        share = (away * self._along).sum(axis=-1) / np.where(squared == 0, 1.0, squared)
        left = away - np.clip(share, 0.0, 1.0)[..., None] * self._along
        distance: NDArray[np.float64] = (left * left).sum(axis=-1).min(axis=-1)
        return distance

    def _any(self, places: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Join the places of each zone: (people, Q) to (people, zones)."""
        if len(self._firsts) == places.shape[1]:
            return places
        joined: NDArray[np.bool_] = np.logical_or.reduceat(places, self._firsts, axis=1)
        return joined


def _names(what: str) -> tuple[str, ...]:
    return HANDS if what == "hands" else (what,)


def _bounds(bodies: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the least and greatest x and y, (people, 2) each, of the keypoints that are there, else NaN."""
    return np.fmin.reduce(bodies, axis=1), np.fmax.reduce(bodies, axis=1)


def _mean(bodies: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean (people, 2) of the keypoints that are there, NaN where none is."""
    there = ~np.isnan(bodies)
    count = there.sum(axis=1)
    total = np.where(there, bodies, 0.0).sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)
