"""The geometry of zones: all people against all polygons at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from posekit.scene import TORSO
from posekit.skeleton import COCO_17

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from posekit.scene import Person
    from posekit.zones import Zone

HANDS = ("left_wrist", "right_wrist")
LEFT_ANKLE, RIGHT_ANKLE = COCO_17.find("left_ankle"), COCO_17.find("right_ankle")
PARTS = {"feet": (LEFT_ANKLE, RIGHT_ANKLE) * 2, "center": TORSO}
"""Of which four keypoints a place is the mean; any other is a keypoint's own."""


class ZoneShapes:
    """The polygons of some zones as arrays, and where people are; `look` first, the rest is of that look.

    Each zone asks for one place on a body, or for two: either hand may be in it. Arrays have an axis of K
    sides (with K + 1 corners, the first one twice), one of these Q places and one of people. Polygons with
    fewer corners repeat their last one, which changes nothing.
    """

    def __init__(self, zones: tuple[Zone, ...]) -> None:
        self.zones = zones
        self.dwell = np.array([zone.dwell for zone in zones])
        """(Z,) seconds."""
        asked = [(at, name) for at, zone in enumerate(zones) for name in _names(zone.what)]
        names = [name for _, name in asked]
        parts = [PARTS.get(name) or (COCO_17.find(name),) * 4 for name in names]
        self._parts = np.array(parts, np.intp).reshape(len(names), 4)
        self._feet = [row for row, name in enumerate(names) if name == "feet"]
        self._centers = [row for row, name in enumerate(names) if name == "center"]
        self._firsts = [[at for at, _ in asked].index(zone) for zone in range(len(zones))]
        longest = max((len(zone.points) for zone in zones), default=0)
        corners = [
            (*zone.points, *(zone.points[-1],) * (longest - len(zone.points)), zone.points[0])
            for zone in zones
        ]
        self._corners = np.array([corners[at] for at, _ in asked]).reshape(len(asked), longest + 1, 2).T
        self._make_room(0)

    def look(self, people: Sequence[Person]) -> NDArray[np.bool_]:
        """Return who is in which zone, (people, zones)."""
        if len(people) != self._count:
            self._make_room(len(people))
        np.concatenate([person.pose.xy for person in people], out=self._xy)
        self._places = np.add.reduce(self._xy.take(self._indices), axis=0)
        hidden = np.isnan(self._places[0, 0])
        if np.count_nonzero(hidden):
            self._stand_in(hidden)
        return self._any(self._inside())

    def known(self) -> NDArray[np.bool_]:
        """Return of whom it can be told whether she is in which zone, (people, zones)."""
        return self._any(~np.isnan(self._places[0, 0]))

    def near(self, margin: float, aspect: float) -> NDArray[np.bool_]:
        """Return who is within `margin` of her own heights of which zone's border, (people, zones)."""
        low, high = _bounds(self._bodies[1])
        least = np.nan_to_num(high - low) * margin
        return self._any(self._squared_distance(aspect) <= least * least)

    def _make_room(self, count: int) -> None:
        """Repeat everything for so many people: arrays of one shape need no broadcasting, which is slow."""
        self._count = count
        self._xy = np.empty((17 * count, 2))
        self._bodies = self._xy.reshape(count, 17, 2).T
        """(2, 17, people)"""
        _, corners, asked = self._corners.shape
        keypoints = self._parts.T[:, None, None, :, None] + 17 * np.arange(count)
        indices = 2 * keypoints + np.arange(2)[:, None, None, None]
        self._indices = np.ascontiguousarray(np.broadcast_to(indices, (4, 2, corners, asked, count)))
        # A place is the mean of four keypoints; their sum will do, among polygons that are as much bigger.
        x, y = np.repeat(4 * self._corners[..., None], count, axis=-1)
        self._heights = y
        rise = np.diff(y, axis=0)
        self._slope = np.diff(x, axis=0) / np.where(rise == 0, 1.0, rise)
        self._foot = x[:-1] - self._slope * y[:-1]

    def _inside(self) -> NDArray[np.bool_]:
        """Return which places (Q, people) are in their polygons: `posekit.zones.inside`, slopes known."""
        x, y = self._places
        above = self._heights > y
        reach = self._slope * y[1:]
        reach += self._foot
        crossed = x[1:] < reach
        crossed &= above[1:] != above[:-1]
        odd: NDArray[np.bool_] = np.logical_xor.reduce(crossed, axis=0)
        return odd

    def _stand_in(self, hidden: NDArray[np.bool_]) -> None:
        """Fill in places (Q, people) of which not every keypoint is seen."""
        bodies, places = self._bodies, self._places
        if self._feet and np.count_nonzero(hidden[self._feet[0]]):
            places[:, :, self._feet] = 4 * _feet(bodies)[:, None, None]
        if self._centers and np.count_nonzero(hidden[self._centers[0]]):
            centers = _mean(bodies[:, TORSO])
            unseen = np.isnan(centers[0])
            if np.count_nonzero(unseen):
                centers[:, unseen] = _mean(bodies[..., unseen])
            places[:, :, self._centers] = 4 * centers[:, None, None]

    def _squared_distance(self, aspect: float) -> NDArray[np.float64]:
        """Return (Q, people): how far the nearest side is from each place in image heights, squared."""
        heights = np.array((aspect, 1.0))[:, None, None, None]
        corners = self._corners[..., None] * heights
        start, along = corners[:, :-1], np.diff(corners, axis=1)
        away = self._places[:, 1:] * (heights / 4) - start
        squared = (along * along).sum(axis=0)
        share = (away * along).sum(axis=0) / np.where(squared == 0, 1.0, squared)
        left = away - np.clip(share, 0.0, 1.0) * along
        distance: NDArray[np.float64] = (left * left).sum(axis=0).min(axis=0)
        return distance

    def _any(self, places: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Join the places of each zone: (Q, people) to (people, zones)."""
        if len(self._firsts) != len(places):
            places = np.logical_or.reduceat(places, self._firsts, axis=0)
        joined: NDArray[np.bool_] = places.T
        return joined


def _names(what: str) -> tuple[str, ...]:
    return HANDS if what == "hands" else (what,)


def _feet(bodies: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the middle (2, people) of the ankles, or the one that is seen, or the bottom of the box."""
    left, right = bodies[:, LEFT_ANKLE], bodies[:, RIGHT_ANKLE]
    feet: NDArray[np.float64] = (np.fmin(left, right) + np.fmax(left, right)) / 2
    hidden = np.isnan(feet[0])
    if np.count_nonzero(hidden):
        low, high = _bounds(bodies[..., hidden].swapaxes(0, 1))
        feet[0, hidden], feet[1, hidden] = (low[0] + high[0]) / 2, high[1]
    return feet


def _bounds(points: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the least and the greatest of the keypoints (17, ...) that are there, else NaN."""
    return np.fmin.reduce(points, axis=0), np.fmax.reduce(points, axis=0)


def _mean(bodies: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean (2, people) of the keypoints that are there, NaN where none is."""
    there = ~np.isnan(bodies)
    count = there.sum(axis=1)
    total = np.where(there, bodies, 0.0).sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)
