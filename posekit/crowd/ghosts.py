"""Bodies that an estimator sees and that are not there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from posekit.crowd.noise import GHOST_RATE, GHOST_SCORE, GHOST_SECONDS, Noise
from posekit.pose import Pose

if TYPE_CHECKING:
    from collections.abc import Sequence

TREMBLE = 0.01
"""How far, in image heights, a ghost's keypoints jump from frame to frame."""


class Ghosts:
    """At most one at a time: something in the room, or the double of a body."""

    def __init__(self, seed: int, noise: Noise) -> None:
        self._random = np.random.default_rng((seed, 0, 4))
        self._rate = GHOST_RATE * noise.ghosts
        self._left = 0.0
        self._ghost: Pose | None = None

    def update(self, poses: Sequence[Pose], elapsed: float) -> list[Pose]:
        """Return the ghosts of a frame, `elapsed` seconds after the one before; `poses` may be doubled."""
        random = self._random
        self._left -= elapsed
        if self._ghost is None or self._left <= 0:
            self._ghost = None
            if random.random() >= self._rate * elapsed:
                return []
            # Born since the frame before: what is over already is not seen, whatever the rate.
            self._left = float(random.exponential(GHOST_SECONDS) - random.random() * elapsed)
            if self._left <= 0:
                return []
            self._ghost = self._double(poses) if poses and random.random() < 0.5 else self._thing()
        xy = self._ghost.xy + random.normal(0, TREMBLE, (17, 2))
        return [Pose(xy.clip(0, 1).astype(np.float32), self._ghost.scores, self._ghost.score)]

    def _double(self, poses: Sequence[Pose]) -> Pose:
        """Return half of somebody's body again, a little aside."""
        pose = poses[int(self._random.integers(len(poses)))]
        aside = self._random.normal(0, 0.08, 2)
        return self._pose(pose.xy + aside.astype(np.float32))

    def _thing(self) -> Pose:
        """Return a chair or a coat: keypoints within an upright box."""
        middle = self._random.uniform(0.1, 0.9, 2)
        box = self._random.uniform((0.03, 0.1), (0.1, 0.4))
        return self._pose(middle + box * self._random.uniform(-0.5, 0.5, (17, 2)))

    def _pose(self, xy: np.ndarray) -> Pose:
        score = float(self._random.uniform(*GHOST_SCORE))
        # A few keypoints are sure, most are not: their mean is the score.
        scores = np.clip(self._random.beta(0.6, 1.2, 17), 0.01, 0.95)
        scores = np.clip(scores * (score / scores.mean()), 0.01, 0.95).astype(np.float32)
        return Pose(xy.astype(np.float32), scores, float(scores.mean()))
