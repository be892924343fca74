"""Steadies people: calm at rest, quick in motion, and over leaps, gaps and exchanged sides for a moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from posekit.features import stretched
from posekit.gathered import NOBODY, Gathered, gather
from posekit.smoothing.filter import advance
from posekit.smoothing.options import PRESETS, SmoothingOptions
from posekit.smoothing.state import COUNT, new_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from posekit.gathered import Image
    from posekit.geometry import Size
    from posekit.scene import Person

    Places = tuple[Image, Image, Image]
    """Places (N, 17, 2), scores (N, 17) and velocities (N, 17, 2), as a person has them."""

__all__ = ["PRESETS", "Smoother", "SmoothingOptions"]


class Smoother:
    """Steadies the same people from frame to frame; `update` once per frame. See `filter` for how."""

    def __init__(self, options: SmoothingOptions | None = None) -> None:
        self.options = options or PRESETS["normal"]
        self._state = new_rows(0)
        self._rows: dict[int, int] = {}
        self._found: Places = _NOBODY

    def update(self, people: Sequence[Person], time: float, size: Size) -> tuple[Person, ...]:
        """Return the people of one frame, stamped `time` seconds, steadied, in the same order.

        `size` is the frame's (width, height). Whoever was not found in this frame (`seen` before `time`)
        stays where she was with falling scores, and after `carry_time` shows no keypoint. A newcomer starts
        where she is; whoever is not among them is forgotten. `time` may stand still, go back and be
        irregular. `raw`, ids, ages and all else stay as they are.
        """
        return self.steady(gather(people), time, size).people() if self.options.is_on else tuple(people)

    def steady(self, people: Gathered, time: float, size: Size) -> Gathered:
        """Do what `update` does with people who are not told one by one yet."""
        if not self.options.is_on:
            return people
        before, found = self._seat(people.ids), self._found
        if not people.ids:
            return people
        waiting = []
        if min(people.seen) < time:
            waiting = [
                row for row, number in enumerate(people.ids) if people.seen[row] < time and number in before
            ]
        places = self._advance(people, waiting, time, size[0] / size[1])
        self._found = places
        if waiting:
            places = self._wait(people, waiting, [before[people.ids[row]] for row in waiting], found, time)
        return Gathered(*people[:4], *places)

    def _wait(
        self, people: Gathered, rows: list[int], before: list[int], found: Places, time: float
    ) -> Places:
        """Let people be as they last were, and fade; return where everybody is.

        A skeleton that stands where nobody is would be taken for somebody.
        """
        for new, last in zip(self._found, found, strict=True):
            new[rows] = last[before]
        xy, scores, velocity = (places.copy() for places in self._found)
        for row in rows:
            left = max(0.0, 1.0 - max(0.0, time - people.seen[row]) / self.options.carry_time)
            scores[row] *= np.float32(left)
            velocity[row] *= np.float32(left)
            if not left:
                xy[row] = np.nan
        return xy, scores, velocity

    def reset(self) -> None:
        """Forget everybody."""
        self._state, self._rows, self._found = new_rows(0), {}, _NOBODY

    def _seat(self, ids: list[int]) -> dict[int, int]:
        """Give everybody her row, in their order; return the rows of before."""
        before = self._rows
        if ids != list(before):
            self._state = self._state.rows([before.get(person_id, -1) for person_id in ids])
            self._rows = {person_id: row for row, person_id in enumerate(ids)}
        return before

    def _advance(self, people: Gathered, waiting: list[int], time: float, aspect: float) -> Places:
        """Return places (N, 17, 2), scores (N, 17) and velocities (N, 17, 2) of those who are found."""
        count, state = len(people.ids), self._state
        seen = people.xy.reshape(count, 2 * COUNT).astype(np.float64)
        seen *= stretched(count, aspect)
        points = seen.view(np.complex128)
        scores = people.scores.copy()
        kept = None
        if waiting:
            kept = state.copy()
            points[waiting] = complex(np.nan, np.nan)
        places, sure, moves = advance(state, points, scores, time, self.options)
        np.multiply(places.view(np.float64), stretched(count, 1 / aspect), out=seen)
        velocity = moves.view(np.float64).astype(np.float32).reshape(count, COUNT, 2)
        if kept:
            state.put_back(waiting, kept)
        return seen.astype(np.float32).reshape(count, COUNT, 2), sure.astype(np.float32), velocity


_NOBODY: Places = (NOBODY.xy, NOBODY.scores, NOBODY.velocity)
