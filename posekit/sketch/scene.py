"""Everybody at one instant as a sketch meets them, and the zones they are in: canvas pixels throughout."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from posekit.errors import SettingsError, UnknownNameError
from posekit.keypoint import Vector

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from posekit.geometry import Size
    from posekit.health import Health
    from posekit.scene import Scene
    from posekit.sketch.people import SketchPerson
    from posekit.stage import AnyPlacement
    from posekit.zones import Zone


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
        placement: AnyPlacement | None = None,
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

    def place(self, points: NDArray[np.floating]) -> NDArray[np.float32]:
        """Return image-normalised points (..., 2) in canvas pixels, fitted and mirrored as the people are.

        For what a recording, or `person.raw`, says of a body: `scene.place(person.raw.pose.xy)`.
        """
        placed = np.asarray(points, np.float32)
        return placed if self._placement is None else self._placement.to_area(placed)

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
