"""One instant of a recording: who was there, and what the estimator had said of each body."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from posekit.scene import Leave

if TYPE_CHECKING:
    from collections.abc import Sequence

    from posekit.geometry import Size
    from posekit.pose import Pose
    from posekit.scene import Event, Person, Scene


@dataclass(frozen=True, eq=False)
class RecordedPerson:
    """Somebody who was in a recorded scene."""

    id: int
    slot: int | None
    pose: Pose | None
    """What the estimator said of her, weak keypoints and all; None in a frame that she was not found in."""


@dataclass(frozen=True, eq=False)
class RecordedScene:
    """One line of a recording."""

    time: float
    """Seconds since the recording's start, as are the times of its events."""
    index: int
    """Number of the frame it was made from."""
    size: Size
    """Width and height in pixels of that frame."""
    people: tuple[RecordedPerson, ...] = ()
    candidates: tuple[Pose, ...] = ()
    """Bodies that counted as nobody, or that nobody had tracked yet."""
    lead_id: int | None = None
    events: tuple[Event, ...] = ()
    """What happened since the line before."""
    is_cut: bool = False
    """It does not go on from the scene before: the tracking began anew, and whoever was there left."""

    @property
    def poses(self) -> tuple[Pose, ...]:
        """What the estimator saw in the frame: those who counted, then the rest."""
        found = tuple(person.pose for person in self.people if person.pose is not None)
        return found + self.candidates


def record_scene(scene: Scene, events: Sequence[Event], start: float) -> RecordedScene:
    """Return what a recording keeps of a scene; `start` is its beginning, in seconds on the scene's clock."""
    return RecordedScene(
        time=scene.captured - start,
        index=scene.index,
        size=scene.size,
        people=tuple(
            RecordedPerson(person.id, person.slot, observed_pose(person, scene)) for person in scene.people
        ),
        candidates=tuple(scene.candidates),
        lead_id=scene.lead_id,
        events=tuple(replace(event, time=event.time - start) for event in events),
        is_cut=any(isinstance(event, Leave) and event.reason != "gone" for event in events),
    )


def observed_poses(scene: Scene) -> tuple[Pose, ...]:
    """Return the poses that the estimator gave for a scene's frame: those who count, then the rest."""
    return record_scene(scene, (), 0.0).poses


def observed_pose(person: Person, scene: Scene) -> Pose | None:
    """Return what the estimator said of a person in a scene's frame; None when she was not found in it."""
    if person.seen < scene.captured:
        return None
    raw: Pose = getattr(person, "raw", None) or person.pose
    return raw
