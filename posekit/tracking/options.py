"""What counts as a person, for how long, and who of them leads."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from posekit.errors import SettingsError, UnknownNameError
from posekit.zones import inside

if TYPE_CHECKING:
    from posekit.zones import Point

LEADS = ("longest", "biggest", "nearest")
"""Who can lead; or `zone:NAME`."""
ZONE = "zone:"
ROUNDING = 0.002
"""How far outside of the picture, in shares of it, a number is taken for a rounded one."""
MOST_IGNORED = 0.999
"""Of the picture: whoever ignores more sees nobody."""
GRID = 100
"""Places along each side by which the ignored part is measured."""


@dataclass(frozen=True)
class TrackerOptions:
    """What counts as a person, for how long, and who of them leads. Times in seconds."""

    slots: int = 6
    """People who get a slot, 1 to N."""
    keypoint_score: float = 0.3
    """A keypoint below this score is missing."""
    pose_score: float = 0.3
    """A pose below this score is nobody new."""
    keep_score: float = 0.15
    """A pose of at least this score may be somebody who is known already."""
    keypoints: int = 4
    """A pose with fewer visible keypoints is nobody new."""
    keep_keypoints: int = 3
    """A pose of at least so many may be somebody who is known already."""
    min_size: float = 0.05
    """A body whose box's diagonal is below so many image heights is nobody new."""
    min_age: float = 0.25
    """How long a body must have been seen, in at least two frames, until it is a person; 0: at first sight.
    Time in which it is not seen counts half against it."""
    grace: float = 2.0
    """How long a person stays who is not found in the middle of the picture; her last pose stands."""
    hidden_grace: float = 4.0
    """The same when somebody stands before her."""
    edge_grace: float = 0.8
    """The same when she was last seen at the picture's edge."""
    still_after: float = 60.0
    """Whatever has not moved for so long since it was first seen is a thing: it leaves. 0: never."""
    velocity_time: float = 0.1
    """Over which velocities are averaged (time constant of an exponential mean)."""
    ignore: tuple[tuple[Point, ...], ...] = ()
    """Polygons, image-normalised: a body whose centre is in one is not seen at all."""
    lead: str = "longest"
    """`longest` here, `biggest`, `nearest` (lowest and biggest), or `zone:NAME`: longest here among those in
    a zone."""
    lead_margin: float = 0.2
    """How much bigger or nearer another must be to take over the lead, as a share."""
    lead_wait: float = 1.0
    """For how long another must be so, and how long the lead may be out of her zone."""

    def __post_init__(self) -> None:
        if self.lead not in LEADS and not self.lead.startswith(ZONE):
            raise UnknownNameError("lead", self.lead, (*LEADS, ZONE + "NAME"))


def parse_ignore(text: str) -> tuple[tuple[Point, ...], ...]:
    """Read `0,0,20%,1; 0.5,0.5 0.7,0.5 0.6,0.9`: rectangles x,y,width,height and polygons of points x,y.

    Numbers are shares of the picture, or per cent. Raises `SettingsError` for what is neither, what reaches
    outside of the picture, and what leaves nothing of it: nobody for ever looks like an empty room.
    """
    shapes = tuple(_read_shape(shape) for shape in text.split(";") if shape.strip())
    if shapes and _share_covered(shapes) > MOST_IGNORED:
        raise SettingsError(
            f"{text.strip()!r} covers the whole picture, so nobody is ever seen; leave a part of it, or "
            "leave out what is ignored"
        )
    return shapes


def _read_shape(text: str) -> tuple[Point, ...]:
    points = text.replace(", ", ",").split()
    try:
        numbers = [[_read_share(number) for number in point.split(",")] for point in points]
    except ValueError:
        numbers = []
    if len(numbers) == 1 and len(numbers[0]) == 4 and min(numbers[0][2:]) > 0:
        x, y, width, height = numbers[0]
        return _within(text, ((x, y), (x + width, y), (x + width, y + height), (x, y + height)))
    if len(numbers) >= 3 and all(len(point) == 2 for point in numbers):
        return _within(text, tuple((x, y) for x, y in numbers))
    raise SettingsError(
        f"{text.strip()!r} is no place to ignore; write x,y,width,height, for example 0,0,20%,100%, or "
        "three or more points, for example 0,0 0.2,0 0,0.5"
    )


def _read_share(text: str) -> float:
    value = float(text[:-1]) / 100 if text.endswith("%") else float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value


def _within(text: str, shape: tuple[Point, ...]) -> tuple[Point, ...]:
    for number in (number for point in shape for number in point):
        if not -ROUNDING <= number <= 1 + ROUNDING:
            raise SettingsError(
                f"{text.strip()!r} is no place to ignore, since it reaches outside of the picture "
                f"({number:.6g}); x, y and whatever is added to them go from 0 to 1, or to 100%"
            )
    return shape


def _share_covered(shapes: tuple[tuple[Point, ...], ...]) -> float:
    """Return how much of the picture several polygons cover together, by a grid of places in it."""
    steps = (np.arange(GRID) + 0.5) / GRID
    places = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)
    covered = np.zeros(len(places), np.bool_)
    for shape in shapes:
        # In pieces: a polygon may have some thousand corners, and each is compared with every place.
        pieces = np.array_split(places, 1 + len(shape) // 16)
        covered |= np.concatenate([inside(piece, np.array(shape)) for piece in pieces])
    return float(covered.mean())
