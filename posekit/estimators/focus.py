"""Focus: an estimator looks where the people are, and often enough everywhere else."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from posekit.estimators.base import Estimate
from posekit.estimators.focus_regions import (
    Region,
    are_loose,
    hold_all,
    regions_around,
    tiles,
    whole,
)
from posekit.estimators.likeness import likeness
from posekit.frame import Frame

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from posekit.estimators.base import Estimator, Hint
    from posekit.geometry import Size
    from posekit.pose import Pose

SCAN_SECONDS = 0.2
"""How long the whole picture is not looked at, at most; a newcomer has to be seen within 0.3 s."""
SWEEP_EVERY = 2
REMEMBERED_SECONDS = 0.5
"""How long there is a look at where a body was seen that is not seen any more."""
SAME_PLACE = 0.3
"""Overlap of two boxes, of their union, from which on the one has taken the other's place."""
HELPS = 1.2
"""Bodies are looked at by themselves where that shows them this much bigger."""
SURE = 0.2
"""Score from which on a keypoint says where a body is."""
HEAD_AND_FEET = 0.15
"""What a body has above its eyes and below its ankles, in heights of its keypoints."""
ALIKE = 0.35
"""Similarity of keypoints from which on two poses show one body, seen twice."""
CUT = 0.02
"""A body this near to an edge of a region, in its sides, may go on beyond it."""


@dataclass(frozen=True)
class FocusOptions:
    """How an estimator's looks are spent."""

    regions: int = 1
    """Most looks at known people in one frame: 1 follows all of them, more look at far ones one by one."""
    max_poses: int = 10
    """Most bodies in one frame, the surest; those of one look are bounded by the estimator itself."""
    scan: bool = True
    """Whether the whole picture is looked at besides; what follows one body by itself would lose it there."""
    sweep: bool = True
    """Whether parts of the picture are searched for bodies that are too small in the whole."""


@dataclass(frozen=True, eq=False)
class _Sight:
    """One pose, and how well it was seen."""

    pose: Pose
    scale: float
    is_cut: bool


class Focus:
    """An estimator around another, which it owns: crops before it, and one list of poses behind it.

    Each frame is looked at around the bodies of the frame before, in one region or a few, which stay where
    they are while everybody is well inside. The whole picture is looked at every `SCAN_SECONDS` besides, and
    in every frame in which nobody is known.
    """

    def __init__(self, estimator: Estimator, options: FocusOptions | None = None) -> None:
        """Take over an estimator; it is closed with this one."""
        self._estimator = estimator
        self.input_size = self._model = estimator.input_size
        self._options = options or FocusOptions()
        self.name = estimator.name
        self.description = f"{estimator.description}, with focus"
        self._size: Size = (0, 0)
        self._tiles: tuple[Region, ...] = ()
        self._forget()

    def _forget(self) -> None:
        self._regions: tuple[Region, ...] = ()
        self._bodies: NDArray[np.float64] = np.empty((0, 4))
        self._seen_at: NDArray[np.float64] = np.empty(0)
        self._scanned = -math.inf
        self._looks = 0

    def estimate(self, frame: Frame, hint: Hint | None = None) -> Estimate:
        """Find the bodies in a frame; raises `EstimatorError` when the model fails."""
        if frame.size != self._size:
            self._size, self._tiles = frame.size, tiles(frame.size)
            self._forget()
        self._aim(frame, hint)
        regions = self._chosen(frame)
        self._looks += 1
        if len(regions) == 1 and regions[0] == whole(self._size):
            estimate = self._estimator.estimate(frame, hint)
            if len(estimate.poses) > self._options.max_poses:
                estimate = replace(estimate, poses=estimate.poses[: self._options.max_poses])
        else:
            sights = [sight for region in regions for sight in self._look(frame, region)]
            poses = _each_once(sights, frame.size[0] / frame.size[1])
            estimate = Estimate(poses[: self._options.max_poses])
        self._remember(_boxes(estimate.poses, self._size), frame.time)
        return estimate

    @property
    def regions(self) -> tuple[Region, ...]:
        """Where known people are looked for; empty while nobody is known."""
        return self._regions

    def reset(self) -> None:
        """Forget earlier frames."""
        self._forget()
        self._estimator.reset()

    def close(self) -> None:
        """Release the model; calling it twice is harmless."""
        self._estimator.close()

    def _aim(self, frame: Frame, hint: Hint | None) -> None:
        """Choose the regions around those who were seen, and those who are waited for."""
        bodies = self._bodies
        if hint is not None and hint.people:
            known = _boxes([person.pose for person in hint.people], self._size)
            bodies = np.concatenate([bodies, known])
        if not len(bodies):
            self._regions = ()
            return
        held = bool(self._regions) and hold_all(self._regions, bodies, self._size)
        if held and not self._is_due(frame):
            return  # whether others would be better is a long question, so it is asked now and then
        found = regions_around(bodies, self._size, self._model, self._options.regions)
        least = HELPS * whole(self._size).scale(self._model)
        if not any(region.scale(self._model) >= least for region in found):
            self._regions = (whole(self._size),)
        elif not held or are_loose(self._regions, found, self._model):
            self._regions = found

    def _remember(self, seen: NDArray[np.float64], time: float) -> None:
        """Note where bodies are; where one was a moment ago is looked at a little longer."""
        age = time - self._seen_at
        lost = (age >= 0) & (age < REMEMBERED_SECONDS) & ~(_overlaps(self._bodies, seen) > SAME_PLACE).any(1)
        self._bodies = np.concatenate([seen, self._bodies[lost]])
        self._seen_at = np.concatenate([np.full(len(seen), time), self._seen_at[lost]])

    def _is_due(self, frame: Frame) -> bool:
        return not 0 <= frame.time - self._scanned < SCAN_SECONDS

    def _chosen(self, frame: Frame) -> list[Region]:
        """Return what is looked at in this frame."""
        everything = whole(self._size)
        chosen = list(self._regions)
        if chosen and not self._options.scan:
            return chosen
        if everything in chosen or self._is_due(frame) or (not chosen and not self._sweeps):
            self._scanned = frame.time
            if everything not in chosen:
                chosen.append(everything)
        elif not chosen or (self._options.regions > 1 and not self._looks % SWEEP_EVERY):
            chosen.append(self._tiles[self._looks // 2 % len(self._tiles)])
        return chosen

    @property
    def _sweeps(self) -> bool:
        return self._options.sweep and self._looks % 2 == 1

    def _look(self, frame: Frame, region: Region) -> Iterable[_Sight]:
        part = Frame(region.crop(frame.pixels), frame.time, frame.index, frame.name)
        scale = region.scale(self._model)
        for pose in self._estimator.estimate(part).poses:
            yield _Sight(_placed(pose, region, self._size), scale, _is_cut(pose, region, self._size))


def _placed(pose: Pose, region: Region, picture: Size) -> Pose:
    """Return a pose of a region as a pose of the picture."""
    extent = np.array((region.width / picture[0], region.height / picture[1]), np.float32)
    corner = np.array((region.left / picture[0], region.top / picture[1]), np.float32)
    detail = pose.detail
    if detail is not None:
        detail = replace(detail, xy=detail.xy * extent + corner)
    return replace(pose, xy=pose.xy * extent + corner, detail=detail)


def _is_cut(pose: Pose, region: Region, picture: Size) -> bool:
    """Return whether a body seems to go on where a region ends and the picture does not."""
    sure = pose.xy[pose.scores >= SURE]
    if not len(sure):
        return True
    (left, top), (right, bottom) = sure.min(0).tolist(), sure.max(0).tolist()
    return (
        (left < CUT and region.left > 0)
        or (top < CUT and region.top > 0)
        or (right > 1 - CUT and region.left + region.width < picture[0])
        or (bottom > 1 - CUT and region.top + region.height < picture[1])
    )


def _boxes(poses: Sequence[Pose], picture: Size) -> NDArray[np.float64]:
    """Return (N, 4) left, top, right, bottom of every body in pixels, with head and feet."""
    if not poses:
        return np.empty((0, 4))
    xy = np.array([pose.xy for pose in poses], np.float64) * picture
    sure = np.array([pose.scores for pose in poses]) >= SURE
    sure &= np.isfinite(xy[..., 0])
    seen = sure.any(1)
    xy, sure = xy[seen], sure[seen][..., None]
    low, high = np.where(sure, xy, np.inf).min(1), np.where(sure, xy, -np.inf).max(1)
    low[:, 1] -= HEAD_AND_FEET * (high - low)[:, 1]
    high[:, 1] += HEAD_AND_FEET / (1 + HEAD_AND_FEET) * (high - low)[:, 1]
    return np.concatenate([low, high], 1)


def _overlaps(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (N, M) what boxes (N, 4) and (M, 4) share, of their union."""
    low = np.maximum(one[:, None, :2], other[:, :2])
    high = np.minimum(one[:, None, 2:], other[:, 2:])
    shared: NDArray[np.float64] = np.maximum(high - low, 0).prod(2)
    areas = [(boxes[:, 2:] - boxes[:, :2]).prod(1) for boxes in (one, other)]
    union: NDArray[np.float64] = areas[0][:, None] + areas[1] - shared
    return shared / np.maximum(union, 1e-9)


def _each_once(sights: Sequence[_Sight], aspect: float) -> tuple[Pose, ...]:
    """Return every body once, as it was seen best: whole, then big, then surely."""
    order = sorted(sights, key=lambda sight: (sight.is_cut, -sight.scale, -sight.pose.score))
    poses = [sight.pose for sight in order]
    alike = likeness(poses, poses, aspect) >= ALIKE
    kept: list[int] = []
    for at in range(len(poses)):
        if not alike[at, kept].any():
            kept.append(at)
    return tuple(sorted((poses[at] for at in kept), key=lambda pose: -pose.score))
