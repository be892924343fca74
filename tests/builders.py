"""Poses, people and scenes for tests, each with one thing said and the rest left sensible."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from posekit.pose import Pose
from posekit.scene import Person, Scene, ZoneState
from posekit.skeleton import COCO_17

if TYPE_CHECKING:
    from collections.abc import Iterable

    from posekit.geometry import Size

STANDING = np.array(
    [
        *((0.00, 0.00), (0.01, -0.01), (-0.01, -0.01), (0.02, 0.00), (-0.02, 0.00)),  # nose, eyes, ears
        *((0.05, 0.08), (-0.05, 0.08), (0.07, 0.18), (-0.07, 0.18), (0.08, 0.28), (-0.08, 0.28)),  # arms
        *((0.03, 0.28), (-0.03, 0.28), (0.03, 0.42), (-0.03, 0.42), (0.03, 0.55), (-0.03, 0.55)),  # legs
    ],
    np.float32,
)
"""(17, 2): somebody standing and facing the camera, from her nose, image-normalised."""


def a_pose(
    x: float = 0.5,
    y: float = 0.2,
    *,
    score: float = 0.9,
    missing: Iterable[str] = (),
    scale: float = 1.0,
    **places: tuple[float, float],
) -> Pose:
    """Return a standing pose with its nose at (x, y); `missing` names keypoints that are not there.

    Keypoints may be put elsewhere by name, as in `a_pose(left_wrist=(0.1, 0.9))`.
    """
    xy = STANDING * scale + np.array((x, y), np.float32)
    scores = np.full(len(COCO_17), score, np.float32)
    for name, place in places.items():
        xy[COCO_17.find(name)] = place
    for name in missing:
        at = COCO_17.find(name)
        xy[at], scores[at] = np.nan, 0.0
    return Pose(xy, scores, score)


def a_person(
    person_id: int = 1,
    slot: int | None = None,
    pose: Pose | None = None,
    *,
    age: float = 1.0,
    seen: float = 0.0,
    velocity: tuple[float, float] = (0.0, 0.0),
    **pose_values: Any,
) -> Person:
    """Return a person; without a pose, one that `a_pose(**pose_values)` makes. A slot must be said."""
    body = pose if pose is not None else a_pose(**pose_values)
    moves = np.tile(np.array(velocity, np.float32), (len(COCO_17), 1))
    return Person(person_id, slot, body, age, moves, seen)


def a_scene(
    *people: Person,
    index: int = 0,
    time: float = 0.0,
    size: Size = (1280, 720),
    lead_id: int | None = None,
    dropped: int = 0,
    zones: tuple[ZoneState, ...] = (),
) -> Scene:
    """Return a scene captured at `time`; the lead person is the first unless another id is said."""
    lead = lead_id if lead_id is not None else (people[0].id if people else None)
    return Scene(
        *(index, size, time, time + 0.01, time + 0.011, people),
        lead_id=lead,
        dropped=dropped,
        zones=zones,
    )
