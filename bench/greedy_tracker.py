"""The greedy keypoint tracker of tfjs-models' pose-detection, written anew from its published constants.

Source of rule and constants: https://github.com/tensorflow/tfjs-models, pose-detection/src/calculators
(tracker, keypoint_tracker) and pose-detection/src/movenet/constants.ts. Poses are taken in the order in which
they come; each takes the track that is most like it of those that are left, if it is like enough; else it
begins a track. There is no prediction and no proof of existence. Places are image-normalised.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from posekit.pose import Pose

MAX_TRACKS = 18
MAX_AGE = 1.0
"""Seconds."""
MIN_SIMILARITY = 0.2
KEYPOINT_SCORE = 0.3
FALLOFF = np.array(
    (0.026, *(value for value in (0.025, 0.035, 0.079, 0.072, 0.062, 0.107, 0.087, 0.089) for _ in (1, 2)))
)
MIN_KEYPOINTS = 4


@dataclass
class Track:
    """One body."""

    id: int
    pose: Pose
    time: float


class GreedyTracker:
    """Gives every pose of every frame an id."""

    def __init__(self) -> None:
        self._tracks: list[Track] = []
        self._next_id = 1

    def update(self, poses: Sequence[Pose], time: float) -> list[int]:
        """Return the ids of a frame's poses, in their order; `time` in seconds."""
        self._tracks = [track for track in self._tracks if time - track.time <= MAX_AGE]
        free = list(range(len(self._tracks)))
        ids = [0] * len(poses)
        unknown = []
        for at, pose in enumerate(poses):
            alike = [(similarity(pose, self._tracks[track].pose), track) for track in free]
            alike = [one for one in alike if one[0] >= MIN_SIMILARITY]
            if not alike:
                unknown.append(at)
                continue
            # Of equals the first, as there.
            best = max(alike, key=lambda one: (one[0], -one[1]))[1]
            free.remove(best)
            ids[at] = self._tracks[best].id
            self._tracks[best] = Track(ids[at], pose, time)
        for at in unknown:
            ids[at] = self._next_id
            self._tracks.append(Track(self._next_id, poses[at], time))
            self._next_id += 1
        self._tracks = sorted(self._tracks, key=lambda track: -track.time)[:MAX_TRACKS]
        return ids


def similarity(pose: Pose, known: Pose) -> float:
    """Return the object keypoint similarity of two poses; 0 with fewer than 4 keypoints in common."""
    shared = (pose.scores >= KEYPOINT_SCORE) & (known.scores >= KEYPOINT_SCORE)
    count = int(shared.sum())
    if count < MIN_KEYPOINTS:
        return 0.0
    seen = known.xy[known.scores > KEYPOINT_SCORE]
    low, high = np.minimum(seen.min(axis=0), 1.0), np.maximum(seen.max(axis=0), 0.0)
    area = float((high - low).prod()) + 1e-6
    squared = ((pose.xy - known.xy) ** 2).sum(axis=1)
    like = np.exp(-squared / (2 * area * (2 * FALLOFF) ** 2))
    return float(like[shared].sum()) / count
