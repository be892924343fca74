"""Who is there and what happened: people, scenes and events, as every stage above passes them on."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from posekit.features import UNKNOWN_FEATURES, Features
from posekit.keypoint import Keypoint, NamedKeypoints, Vector

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from posekit.geometry import Size
    from posekit.pose import Box, Pose


Phase = Literal["start", "progress", "held", "end", "cancelled"]


@dataclass(frozen=True, eq=False)
class Person(NamedKeypoints):
    """A tracked pose. Coordinates are image-normalised, speeds are isotropic, in image heights per second."""

    id: int
    """Never reused while posekit runs; from 1."""
    slot: int | None
    """From 1 to N, reused; None when more people are there than slots, until one is free. Once she has one
    it stays hers for the visit."""
    pose: Pose
    """Her latest pose; keypoints too weak to trust are missing."""
    age: float
    """Seconds since she entered."""
    velocity: NDArray[np.float32]
    """(17, 2) float32, image heights per second; 0 where it is not known."""
    seen: float
    """The time, in seconds, of the frame she was last found in; in a gap her last pose stands."""
    raw: Pose | None = None
    """The same body as the estimator saw it, weak keypoints and all; None where nobody kept it."""
    features: Features = UNKNOWN_FEATURES
    """What her body does, in numbers: lean, facing, motion, ..."""

    @property
    def score(self) -> float:
        """From 0 to 1: how sure the estimator is of her."""
        return self.pose.score

    @property
    def box(self) -> Box:
        """The rectangle around her visible keypoints, image-normalised."""
        return self.pose.box

    @property
    def center(self) -> Vector:
        """The mean of her visible hips and shoulders, else of all she shows; image-normalised."""
        return Vector(*body_center(self.pose))

    @property
    def speed(self) -> float:
        """How fast her body moves, in image heights per second: the mean of its keypoints' velocities."""
        seen = self.velocity[self.pose.visible]
        return float(np.hypot(*seen.mean(axis=0))) if len(seen) else 0.0

    def keypoint(self, name: str) -> Keypoint:
        """Return one keypoint by name; raises `UnknownNameError` with the nearest name."""
        at = self.pose.skeleton.find(name)
        x, y = self.pose.xy[at].tolist()
        velocity = Vector(*self.velocity[at].tolist())
        return Keypoint(x, y, name=name, score=float(self.pose.scores[at]), velocity=velocity)


TORSO = (5, 6, 11, 12)
"""Shoulders and hips: the keypoints that say where a body is, whatever its arms and legs do."""


def body_center(pose: Pose) -> tuple[float, float]:
    """Return the mean (x, y) of a pose's visible shoulders and hips, else of all it shows, else NaN."""
    visible = pose.visible
    torso = [at for at in TORSO if visible[at]]
    chosen = pose.xy[torso] if torso else pose.xy[visible]
    if not len(chosen):
        return math.nan, math.nan
    x, y = chosen.mean(axis=0, dtype=np.float64).tolist()
    return x, y


@dataclass(frozen=True)
class ZoneState:
    """Who is in a zone at one instant."""

    name: str
    ids: tuple[int, ...] = ()
    """Of the people in it, in the scene's order."""

    @property
    def count(self) -> int:
        """How many people are in it."""
        return len(self.ids)


@dataclass(frozen=True, eq=False)
class Scene:
    """All people at one instant, with the frame's size and times. Empty is normal."""

    index: int
    """Number of the frame it was made from."""
    size: Size
    """Width and height of that frame in pixels."""
    captured: float
    """Seconds: when the frame was captured."""
    estimated: float
    """Seconds: when its poses were known."""
    published: float
    """Seconds: when the scene left the pipeline."""
    people: tuple[Person, ...] = ()
    """Everyone between her `enter` and her `leave`, longest here first."""
    candidates: tuple[Pose, ...] = ()
    """Bodies too thin to count."""
    lead_id: int | None = None
    """The id of the lead person: one of `people`, kept until she leaves."""
    dropped: int = 0
    """How many frames the source has dropped since the start."""
    zones: tuple[ZoneState, ...] = ()
    """Every zone that is watched, empty ones too."""

    @property
    def lead(self) -> Person | None:
        """The lead person, or None when nobody is there."""
        return next((person for person in self.people if person.id == self.lead_id), None)

    @property
    def count(self) -> int:
        """How many people are here."""
        return len(self.people)

    @property
    def center(self) -> Vector:
        """The middle between everybody's centers, image-normalised; false when nobody is here."""
        centers = [tuple(person.center) for person in self.people if person.center]
        return Vector(*np.mean(centers, axis=0).tolist()) if centers else Vector(math.nan, math.nan)

    @property
    def motion(self) -> float:
        """How much everybody together moves: the sum of their `motion`, in statures per second."""
        moves = (person.features.motion for person in self.people)
        return float(sum(motion for motion in moves if motion == motion))

    def distance(self, first: Person, second: Person) -> float:
        """Return how far apart two people's centers are, in image heights; NaN when one is not known."""
        (left, top), (right, bottom) = first.center, second.center
        return math.hypot((right - left) * self.aspect, bottom - top)

    @property
    def aspect(self) -> float:
        """Width of the picture in heights."""
        return self.size[0] / self.size[1]


@dataclass(frozen=True)
class Event:
    """Something that happened once. All arrive, in order, exactly once."""

    name: str = field(init=False, default="event")
    person_id: int = 0
    """Whom it happened to; 0 when it concerns the room."""
    slot: int | None = None
    """Her slot, or None."""
    time: float = 0.0
    """Seconds on the pipeline's clock."""
    epoch: int = field(default=0, kw_only=True)
    """Which engine said it, counted from 1 in one run of posekit."""
    sequence: int = field(default=0, kw_only=True)
    """Which of that engine's events it is, from 1, without gaps."""

    def numbered(self, epoch: int, sequence: int) -> Event:
        """Return the same event with these numbers."""
        # A constructor of a frozen class sets every field by a call; many events are numbered.
        event: Event = object.__new__(type(self))
        event.__dict__.update(self.__dict__, epoch=epoch, sequence=sequence)
        return event

    @property
    def value(self) -> float:
        """The one number that OSC sends along."""
        return 1.0

    @property
    def signal(self) -> str | None:
        """The name that receivers outside posekit know it by; None for what they are not told."""
        return self.name


@dataclass(frozen=True)
class Enter(Event):
    """Somebody came."""

    name: str = field(init=False, default="enter")


@dataclass(frozen=True)
class Leave(Event):
    """Somebody left; `time` is when she was last seen."""

    name: str = field(init=False, default="leave")
    visit: float = 0.0
    """How long she was here, in seconds."""
    reason: str = "gone"
    """`gone`; `camera` when it delivers nothing, `engine` when that was lost, `cut` where a film began anew;
    or `reset`."""

    @property
    def value(self) -> float:
        """The visit's length in seconds."""
        return self.visit


@dataclass(frozen=True)
class First(Event):
    """Somebody came into an empty room."""

    name: str = field(init=False, default="first")


@dataclass(frozen=True)
class Empty(Event):
    """Nobody has been here for a while."""

    name: str = field(init=False, default="empty")


@dataclass(frozen=True)
class Gesture(Event):
    """Somebody did something with her body, or two people did; `name` says what: `wave`, `jump`, ..."""

    name: str = "gesture"
    phase: Phase = "start"
    """`start` once; `progress` while it goes on; `held` once when it has lasted; then `end`, or `cancelled`
    when she left or was lost in the middle of it."""
    strength: float = 1.0
    """From 0 to 1: how far beyond its threshold."""
    duration: float = 0.0
    """Seconds since its start."""
    partner_id: int = 0
    """The other person, where two do it together; else 0."""

    @property
    def value(self) -> float:
        """The strength at the start, later the seconds since."""
        return self.strength if self.phase == "start" else self.duration

    @property
    def signal(self) -> str | None:
        """`wave` when it starts, `wave_held`, and `wave_end` however it ends."""
        suffix = {"start": "", "held": "_held", "end": "_end", "cancelled": "_end"}.get(self.phase)
        return None if suffix is None else self.name + suffix


@dataclass(frozen=True)
class ZoneEvent(Event):
    """Somebody came into a zone, stayed there for a while, or went out of it."""

    name: str = "zone_enter"
    """`zone_enter`, `zone_dwell` or `zone_leave`."""
    zone: str = ""
    """The zone's name."""
    stay: float = 0.0
    """Seconds that she has been, or was, in it."""
    occupancy: int = 0
    """How many people are in it now."""

    @property
    def value(self) -> float:
        """The seconds of her stay; for `zone_enter` how many people are in it."""
        return float(self.occupancy) if self.name == "zone_enter" else self.stay

    @property
    def signal(self) -> str | None:
        """The zone's name and what happened: `stage_enter`, `stage_dwell`, `stage_leave`."""
        return f"{self.zone}_{self.name.removeprefix('zone_')}"


EVENT_TYPES: dict[str, type[Event]] = {cls().name: cls for cls in (Enter, Leave, First, Empty)}
"""Events that have one name, by it."""
ZONE_EVENTS = ("zone_enter", "zone_dwell", "zone_leave")


def event_from_dict(data: dict[str, Any]) -> Event:
    """Build an event from its fields, as they travel between processes."""
    fields = dict(data)
    named = EVENT_TYPES.get(fields["name"])
    if named is not None:
        del fields["name"]
        return named(**fields)
    return (ZoneEvent if fields["name"] in ZONE_EVENTS else Gesture)(**fields)
