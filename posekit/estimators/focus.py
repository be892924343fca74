"""Focus: an estimator looks where the people are, and often enough everywhere else."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from posekit.estimators.base import MAX_POSES, Estimate
from posekit.estimators.focus_regions import (
    Region,
    are_loose,
    hold_all,
    overlap,
    regions_around,
    tiles,
    whole,
)
from posekit.estimators.sights import NOWHERE, bounds, sights, with_head_and_feet
from posekit.frame import Frame

if TYPE_CHECKING:
    from collections.abc import Sequence

    from posekit.estimators.base import Estimator, Hint
    from posekit.estimators.focus_regions import Bounds
    from posekit.estimators.sights import Sight
    from posekit.geometry import Size

SCAN_SECONDS = 0.2
"""How long the whole picture is not looked at, at most; a newcomer has to be seen within 0.3 s."""
REMEMBERED_SECONDS = 0.5
"""How long there is a look at where a body was seen that is not seen any more."""
SAME_PLACE = 0.3
"""Overlap of two bodies' bounds, of their union, from which on the one has taken the other's place."""
HELPS = 1.2
"""Bodies are looked at by themselves where that shows them this much bigger."""


@dataclass(frozen=True)
class FocusOptions:
    """How an estimator's looks are spent."""

    regions: int = 1
    """Most looks at known people in one frame: 1 follows all of them, more look at far ones one by one."""
    max_poses: int = MAX_POSES
    """Most bodies in one frame, the surest; those of one look are bounded by the estimator itself."""
    scan: bool = True
    """Whether the whole picture is looked at besides; what follows one body by itself would lose it there."""


class Focus:
    """An estimator around another, which it owns: crops before it, and one list of poses behind it.

    Each frame is looked at around the bodies of the frame before, in one region or a few, which stay where
    they are while everybody is well inside. The whole picture is looked at every `SCAN_SECONDS` besides.
    While nobody is known, looks at the whole and at its parts take turns.
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
        self._bodies: list[tuple[Bounds, float]] = []
        self._scanned = self._looked = -math.inf
        self._looks = 0

    def estimate(self, frame: Frame, hint: Hint | None = None) -> Estimate:
        """Find the bodies in a frame; raises `EstimatorError` when the model fails."""
        if frame.size != self._size:
            self._size, self._tiles = frame.size, tiles(frame.size)
            self._forget()
        self._aim(frame, hint)
        regions = self._chosen(frame)
        self._looks += 1
        if regions == [whole(self._size)]:
            estimate = self._estimator.estimate(frame, hint)
            if len(estimate.poses) > self._options.max_poses:
                estimate = replace(estimate, poses=estimate.poses[: self._options.max_poses])
            bodies = bounds(estimate.poses, self._size)
        else:
            seen = self._look(frame, regions)
            estimate, bodies = Estimate(tuple(one.pose for one in seen)), [one.body for one in seen]
        self._remember(bodies, frame.time)
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
        bodies = [body for body, _ in self._bodies]
        if hint is not None:
            waited_for = [person.pose for person in hint.people if person.seen < self._looked]
            bodies += _known(bounds(waited_for, self._size))
        if not bodies:
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

    def _remember(self, seen: Sequence[Bounds], time: float) -> None:
        """Note where bodies are; where one was a moment ago is looked at a little longer."""
        bodies = _known(seen)
        lost = [
            (body, when)
            for body, when in self._bodies
            if 0 <= time - when < REMEMBERED_SECONDS
            and all(overlap(body, other) <= SAME_PLACE for other in bodies)
        ]
        self._bodies = [(body, time) for body in bodies] + lost
        self._looked = time

    def _is_due(self, frame: Frame) -> bool:
        return not 0 <= frame.time - self._scanned < SCAN_SECONDS

    def _chosen(self, frame: Frame) -> list[Region]:
        """Return what is looked at in this frame."""
        everything = whole(self._size)
        chosen = list(self._regions)
        is_turn = self._looks % 2 == 1
        if chosen and not self._options.scan:
            return chosen
        if everything in chosen or self._is_due(frame) or not (chosen or is_turn):
            self._scanned = frame.time
            return chosen if everything in chosen else [*chosen, everything]
        if is_turn and (not chosen or self._options.regions > 1):
            chosen.append(self._tiles[self._looks // 2 % len(self._tiles)])
        return chosen

    def _look(self, frame: Frame, regions: Sequence[Region]) -> list[Sight]:
        """Return what is seen in some regions, each body once, the surest first."""
        looks = []
        for region in regions:
            part = Frame(region.crop(frame.pixels), frame.time, frame.index, frame.name)
            looks.append((region, self._estimator.estimate(part).poses))
        return sights(looks, self._size, self._model)[: self._options.max_poses]


def _known(bodies: Sequence[Bounds]) -> list[Bounds]:
    """Return the whole bodies of those of whom anything is sure."""
    return [with_head_and_feet(body) for body in bodies if body is not NOWHERE]
