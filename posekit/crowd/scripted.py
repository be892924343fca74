"""A body on one spot that does one thing at a known time: what gestures are tested with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from posekit.crowd.acts import ALIASES, MIRRORED, find_act
from posekit.crowd.body import SWAPPED, find_proportions, place
from posekit.crowd.camera import Camera, Seen, exposure
from posekit.crowd.posture import SEATED, STANDING
from posekit.crowd.walking import sway
from posekit.errors import SettingsError
from posekit.pose import Pose
from posekit.skeleton import COCO_17

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from posekit.crowd.acts import Act
    from posekit.crowd.body import Proportions
    from posekit.crowd.posture import Posture
    from posekit.geometry import Size

HIDDEN_WHEN_SEATED = ("left_hip", "right_hip", "left_ankle", "right_ankle")
"""What a table hides."""
NEEDS_LEGS = frozenset({"jump", "crouch", "step_left", "step_right", "sit"})
"""What nobody does on a chair."""


@dataclass(frozen=True)
class ActTruth:
    """What a body really did, and when, in seconds."""

    name: str
    """One of `posekit.crowd.ACTS`; in a mirrored body what the picture shows."""
    begin: float
    """When it left its posture at rest."""
    end: float
    """When it was back there."""
    reached: float
    """When the act's own posture was reached: a gesture may be told from here on, or a little before."""
    released: float
    """When the body began to go back."""
    body: int = 1
    """The id of who did it."""


@dataclass(frozen=True, eq=False)
class ScriptedBody:
    """Stands or sits on one spot; made by `scripted`."""

    act: Act
    id: int
    height: float
    """Stature in image heights."""
    proportions: Proportions
    seated: bool
    mirrored: bool
    """Shown as a mirror would: its left hand becomes the right one, also in the ground truth."""
    at: tuple[float, float]
    """Image-normalised place of half the stature, standing."""
    begin: float
    """Seconds: when the act begins."""
    duration: float
    """Seconds that the act takes, there and back."""
    total: float
    """Seconds after which the body is gone."""
    facing: float
    """Degrees: 0 towards the camera, 90 towards the picture's right."""
    size: Size
    """Width and height of the picture in pixels."""
    hidden: tuple[int, ...]
    """Keypoints that something covers."""
    phase: float
    """Of its sway, so that two bodies do not sway alike."""
    ground_truth: tuple[ActTruth, ...] = field(default=())
    """What it does, as a picture shows it."""

    def pose(self, time: float) -> Pose:
        """Return the true pose at a time: image-normalised, hidden keypoints missing, all others scored 1."""
        seen = self.look(np.array([time], np.float64))
        scores = (seen.exposed[0] > 0).astype(np.float32)
        xy = np.where(scores[:, None] > 0, seen.xy[0], np.nan)
        return Pose(xy.astype(np.float32), scores, float(scores.mean()))

    def look(self, times: NDArray[np.float64]) -> Seen:
        """Return what a perfect eye sees of it at some times (T,), in seconds."""
        bodies = self._postures(times)
        points = place(bodies, self.proportions, self.facing)
        exposed = exposure(points)
        exposed[:, self.hidden] = 0.0
        height = self.height / (self.size[0] / self.size[1])
        xy = np.empty((len(times), len(COCO_17), 2))
        xy[..., 0] = self.at[0] + points[..., 0] * height
        xy[..., 1] = self.at[1] + (0.5 - points[..., 1]) * self.height
        if self.mirrored:
            xy, exposed = xy[:, SWAPPED], exposed[:, SWAPPED]
            xy[..., 0] = 2 * self.at[0] - xy[..., 0]
        distance = Camera().focal * self.proportions.stature / self.height
        return Seen(
            xy=xy,
            exposed=exposed,
            height=np.full(len(times), self.height),
            distance=np.full(len(times), distance),
            present=(times >= 0) & (times <= self.total),
        )

    def _postures(self, times: NDArray[np.float64]) -> Posture:
        standing = sway(
            np.repeat((SEATED if self.seated else STANDING)[None], len(times), axis=0), times, self.phase, 0.5
        )
        return act_upon(standing, times, self.act, self.begin, self.duration, np.inf)


def act_upon(
    bodies: Posture, times: NDArray[np.float64], act: Act, begin: float, duration: float, until: float
) -> Posture:
    """Return postures (T, 21) with an act in them; who has stepped aside stands there `until` a time."""
    acting = np.flatnonzero((times >= begin) & (times < begin + duration))
    after = (times >= begin + duration) & (times < until)
    if not len(acting) and not (act.shift and after.any()):
        return bodies
    changed: Posture = bodies.copy()
    for at in acting.tolist():
        changed[at] = act.at(bodies[at], float(times[at]) - begin, duration)
    changed[after, 0] += act.shift
    return changed


def tell(act: Act, begin: float, duration: float, *, body: int = 1, mirrored: bool = False) -> ActTruth:
    """Return the truth about an act that begins at a time."""
    name = MIRRORED[act.name] if mirrored else act.name
    return ActTruth(name, begin, begin + duration, begin + act.ramp, begin + duration - act.ramp, body)


def scripted(
    act: str = "still",
    height: float = 0.6,
    proportions: str = "adult",
    *,
    seated: bool = False,
    mirrored: bool = False,
    at: tuple[float, float] = (0.5, 0.5),
    begin: float = 1.0,
    duration: float | None = None,
    total: float = 5.0,
    facing: float = 0.0,
    size: Size = (1280, 720),
    hidden: Iterable[str] | None = None,
    id: int = 1,  # noqa: A002 (it is what a truth calls it)
) -> ScriptedBody:
    """Return a body that does one act (`ScriptedBody` tells what the rest means).

    `wave`, `raise` and `punch` alone are the right hand's. An act that takes its own time (a jump, a swipe, a
    punch, a step) keeps it whatever `duration` says; without one the others take 2 seconds. `hidden` names
    keypoints that something covers; on a chair, hips and ankles. Raises `UnknownNameError` for unknown words
    and `SettingsError` for what cannot be done sitting.
    """
    found = find_act(ALIASES.get(act, act))
    if seated and found.name in NEEDS_LEGS:
        raise SettingsError(f"nobody can {found.name} on a chair; leave out seated")
    takes = found.natural if found.natural is not None else (2.0 if duration is None else duration)
    covered = (HIDDEN_WHEN_SEATED if seated else ()) if hidden is None else tuple(hidden)
    return ScriptedBody(
        act=found,
        id=id,
        height=height,
        proportions=find_proportions(proportions),
        seated=seated,
        mirrored=mirrored,
        at=at,
        begin=begin,
        duration=takes,
        total=total,
        facing=facing,
        size=size,
        hidden=tuple(COCO_17.find(name) for name in covered),
        phase=0.7 * id,
        ground_truth=(tell(found, begin, takes, body=id, mirrored=mirrored),),
    )
