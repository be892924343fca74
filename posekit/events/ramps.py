"""From quantities to measures: how nearly everybody does each gesture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from posekit.events.quantities import AT, CLOSER

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from posekit.events.table import Kind, Measure


class Ramps:
    """The measures of many gestures at once: for each the least of its ramps, or of the other set of them."""

    def __init__(self, kinds: Sequence[Kind]) -> None:
        sets: list[Measure] = [kind.measure for kind in kinds]
        others = [at for at, kind in enumerate(kinds) if kind.other]
        self._others = np.array(others, np.intp)
        sets += [kind.other for kind in kinds if kind.other]
        self._count = len(kinds)
        deepest = max(map(len, sets), default=1)
        self._rows = np.zeros((deepest, len(sets)), np.intp)
        self._slopes = np.zeros((2, deepest, len(sets), 1), np.float32)
        for column, ramps in enumerate(sets):
            for depth in range(deepest):
                # A set with fewer ramps has its first one several times.
                name, zero, one = ramps[depth] if depth < len(ramps) else ramps[0]
                self._rows[depth, column] = AT[name]
                self._slopes[:, depth, column, 0] = 1 / (one - zero), -zero / (one - zero)
        self._scale, self._offset = self._slopes
        groups = [_group(ramps) for ramps in sets]
        self._closer = [group for group in groups if group]
        self._closer_rows = np.array([at for at, group in enumerate(groups) if group], np.intp)
        off = [kind.off for kind in (*kinds, *(kinds[at] for at in others))]
        self._closer_off = np.array(off, np.float32)[self._closer_rows][:, None]

    def __call__(
        self, quantities: NDArray[np.float32], look_closer: Callable[[set[str]], None]
    ) -> NDArray[np.float32]:
        """Return (G, N) float32: 0 or less for not at all, 1 or more for entirely; NaN where nobody can tell.

        `quantities` may hold bounds. Where one of them lets a gesture be going on, `look_closer` is asked for
        exact values instead, by the names in `posekit.events.quantities.CLOSER`.
        """
        if quantities.shape[1] != self._scale.shape[-1]:
            # One long loop instead of many short ones.
            self._scale, self._offset = np.repeat(self._slopes[..., :1], quantities.shape[1], axis=-1)
        measures = self._least(quantities)
        possible = measures.take(self._closer_rows, axis=0) >= self._closer_off
        if np.count_nonzero(possible):
            look_closer({self._closer[at] for at in possible.nonzero()[0].tolist()})
            measures = self._least(quantities)
        own = measures[: self._count]
        if len(self._others):
            own[self._others] = np.fmax(own.take(self._others, axis=0), measures[self._count :])
        return own

    def _least(self, quantities: NDArray[np.float32]) -> NDArray[np.float32]:
        values = quantities.take(self._rows, axis=0)
        values *= self._scale
        values += self._offset
        least: NDArray[np.float32] = np.minimum.reduce(values, axis=0)
        return least


def _group(ramps: Measure) -> str | None:
    """Return what takes a closer look among what these ramps take."""
    names = {name for name, _, _ in ramps}
    return next((group for group, dear in CLOSER.items() if names & set(dear)), None)
