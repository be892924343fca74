"""Looks at bodies with an estimator's eyes: noisy poses without identity, and the truth beside them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Protocol

import numpy as np

from posekit.crowd.covering import covered
from posekit.crowd.ghosts import Ghosts
from posekit.crowd.noise import FITTED, Noise
from posekit.crowd.seeing import BodyNoise, Estimated
from posekit.pose import Pose

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from posekit.crowd.camera import Seen
    from posekit.geometry import Size

BLOCK = 16
"""Frames that are worked out together; numpy calls cost more than what they do for one."""


class Body(Protocol):
    """Whatever can be looked at: a scripted body, or somebody in a crowd."""

    @property
    def id(self) -> int:
        """Its own among all bodies of an observation, from 1."""

    def look(self, times: NDArray[np.float64]) -> Seen:
        """Return what a perfect eye sees of it at some times (T,), in seconds."""


class Bodies(Protocol):
    """Bodies that come and go."""

    def between(self, begin: float, end: float) -> Sequence[Body]:
        """Return whoever may exist between two times; asked with times that never go back."""


@dataclass(frozen=True, eq=False)
class TruePerson:
    """Who is really there."""

    id: int
    pose: Pose
    """Where the keypoints really are, image-normalised, all scored 1; also what is covered or lies
    outside."""
    visible: NDArray[np.bool_]
    """(17,) bool: in the picture, nobody before it, and not on the far side of the own head."""
    occluded: float
    """Share of the keypoints in the picture that somebody nearer covers."""
    height: float
    """Stature in image heights."""


@dataclass(frozen=True, eq=False)
class Moment:
    """One frame."""

    time: float
    """Seconds from the begin."""
    poses: tuple[Pose, ...]
    """As an estimator tells of them, in no order: every keypoint has a place and a score."""
    truth: tuple[TruePerson, ...]
    """Everyone of whom at least one keypoint lies in the picture, by id."""
    origins: tuple[int, ...]
    """Whose each pose is, 0 for a ghost; for tests, a tracker must not see it."""


def frame_times(rate: float, seconds: float, jitter: float = 0.0, seed: int = 0) -> Iterator[float]:
    """Yield the times of frames: `rate` a second for `seconds` (0: for ever).

    With `jitter` each is late or early by up to so many frames, at random; 0.4 at most, so that none
    overtakes another. They depend on nothing but the arguments.
    """
    random = np.random.default_rng((seed, 0, 2))
    at = 0
    while not seconds or at < round(seconds * rate):
        off = float(random.uniform(-jitter, jitter)) if jitter else 0.0
        yield max(0.0, (at + off) / rate)
        at += 1


def observe(
    bodies: Bodies | Sequence[Body],
    rate: float = 30.0,
    seconds: float = 10.0,
    size: Size = (1280, 720),
    noise: Noise = FITTED,
    seed: int = 0,
    *,
    jitter: float = 0.0,
) -> Iterator[Moment]:
    """Yield what an estimator sees of bodies, frame by frame, with the truth.

    `rate` is frames per second, `seconds` how long (0: for ever), `size` the picture's width and height in
    pixels (a scripted body must have been made for the same), `jitter` how irregular the frames are (see
    `frame_times`). The same arguments give the same moments to the last bit.
    """
    there = bodies if hasattr(bodies, "between") else _Fixed(tuple(bodies))
    look = _Look(there, size, noise, seed, rate)
    left = round(seconds * rate) if seconds else math.inf
    times = frame_times(rate, 0.0, jitter, seed)
    # Whole blocks, also at the end: random numbers are drawn by the block.
    while left > 0 and (block := list(islice(times, BLOCK))):
        for moment in look.at(block):
            if left > 0:
                yield moment
            left -= 1


@dataclass(frozen=True)
class _Fixed:
    """Bodies that are always there."""

    bodies: tuple[Body, ...]

    def between(self, begin: float, end: float) -> Sequence[Body]:  # noqa: ARG002
        return self.bodies


class _Look:
    """What is remembered from block to block."""

    def __init__(self, bodies: Bodies, size: Size, noise: Noise, seed: int, rate: float) -> None:
        self._bodies, self._size, self._noise, self._seed = bodies, size, noise, seed
        self._aspect = size[0] / size[1]
        self._last = -1.0 / rate
        self._random = np.random.default_rng((seed, 0, 3))
        self._noises: dict[int, BodyNoise] = {}
        self._ghosts = Ghosts(seed, noise)

    def at(self, block: list[float]) -> Iterator[Moment]:
        times = np.array(block)
        elapsed = np.diff(times, prepend=self._last)
        self._last = block[-1]
        bodies = self._bodies.between(block[0], block[-1])
        seen = [body.look(times) for body in bodies]
        hidden = covered(seen, self._aspect)
        estimated = [
            self._noise_of(body.id).see(one, behind, elapsed)
            for body, one, behind in zip(bodies, seen, hidden, strict=True)
        ]
        self._forget({body.id for body in bodies})
        ids = [body.id for body in bodies]
        truth = [_True.of(*one) for one in zip(ids, seen, hidden, estimated, strict=True)]
        truth.sort(key=lambda one: one.id)
        for at, time in enumerate(block):
            poses, origins = self._poses(ids, estimated, at, float(elapsed[at]))
            yield Moment(time, poses, tuple(one.at(at) for one in truth if one.there[at]), origins)

    def _noise_of(self, body: int) -> BodyNoise:
        if body not in self._noises:
            self._noises[body] = BodyNoise(self._seed, body, self._noise, self._size)
        return self._noises[body]

    def _forget(self, here: set[int]) -> None:
        for body in self._noises.keys() - here:
            del self._noises[body]

    def _poses(
        self, ids: list[int], estimated: list[Estimated], at: int, elapsed: float
    ) -> tuple[tuple[Pose, ...], tuple[int, ...]]:
        poses, origins = [], []
        for body, one in zip(ids, estimated, strict=True):
            if one.found[at]:
                poses.append(Pose(one.xy[at], one.scores[at], float(one.scores[at].mean())))
                origins.append(body)
        for ghost in self._ghosts.update(poses, elapsed):
            poses.append(ghost)
            origins.append(0)
        order = self._random.permutation(len(poses)).tolist()
        return tuple(poses[place] for place in order), tuple(origins[place] for place in order)


_SURE = np.ones(17, np.float32)


@dataclass(frozen=True, eq=False)
class _True:
    """The truth about one body over a block."""

    id: int
    xy: NDArray[np.float32]
    there: list[bool]
    occluded: list[float]
    heights: list[float]
    shows: NDArray[np.bool_]

    @classmethod
    def of(cls, body: int, seen: Seen, hidden: NDArray[np.bool_], told: Estimated) -> _True:
        count = told.inside.sum(axis=1)
        return cls(
            id=body,
            xy=seen.xy.astype(np.float32),
            there=(seen.present & (count > 0)).tolist(),
            occluded=((hidden & told.inside).sum(axis=1) / np.maximum(count, 1)).tolist(),
            heights=seen.height.tolist(),
            shows=told.shows,
        )

    def at(self, at: int) -> TruePerson:
        pose = Pose(self.xy[at], _SURE, 1.0)
        return TruePerson(self.id, pose, self.shows[at], self.occluded[at], self.heights[at])
