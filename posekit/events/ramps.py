"""From quantities to measures: how nearly everybody does each gesture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from posekit.events.quantities import AT, CLOSER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from posekit.events.table import Kind, Measure, Ramp


class Ramps:
    """The measures of many gestures at once: for each the least of its ramps, or of the other set of them."""

    def __init__(self, kinds: Sequence[Kind]) -> None:
        """Take the gestures, as `in_order` has them: those with another set first, closer looks together."""
        self._others = sum(bool(kind.other) for kind in kinds)
        self._sets = [*(kind.measure for kind in kinds), *(kind.other for kind in kinds if kind.other)]
        self._count = len(kinds)
        self.names = frozenset(name for ramps in self._sets for name, _, _ in ramps)
        """The quantities that are asked for."""
        self._deepest = max(map(len, self._sets), default=1)
        slopes = np.zeros((2, self._deepest, len(self._sets), 1), np.float32)
        for depth, row in enumerate(self._ramps()):
            for column, (_, zero, one) in enumerate(row):
                slopes[:, depth, column, 0] = 1 / (one - zero), -zero / (one - zero)
        self._slopes = slopes
        self._rows: dict[frozenset[str], NDArray[np.intp]] = {}
        groups = [_group(kind.measure) for kind in kinds]
        closer = [at for at, group in enumerate(groups) if group]
        self._closer = slice(closer[0], closer[-1] + 1) if closer else slice(0)
        self._groups = groups[self._closer]
        self._closer_off = np.array([[kind.off] for kind in kinds[self._closer]], np.float32)
        self._make_room(0)

    def __call__(
        self, quantities: NDArray[np.float32], look_closer: Callable[[set[str]], None]
    ) -> NDArray[np.float32]:
        """Return (G, N) float32: 0 or less for not at all, 1 or more for entirely; NaN where nobody can tell.

        At first bounds are taken. Where one of them lets a gesture be going on, `look_closer` is asked for
        exact values, by the names in `posekit.events.quantities.CLOSER`. The next call overwrites it.
        """
        if quantities.shape[1] != self._values.shape[-1]:
            self._make_room(quantities.shape[1])
        measures = self._measure(quantities, frozenset())
        if self._groups:
            possible = measures[self._closer] >= self._closer_off
            if np.count_nonzero(possible):
                groups = {self._groups[at] for at in possible.nonzero()[0].tolist()}
                look_closer(groups)
                measures = self._measure(quantities, frozenset(groups))
        return measures

    def _make_room(self, count: int) -> None:
        # One long loop instead of many short ones.
        self._scale, self._offset = np.repeat(self._slopes, count, axis=-1)
        self._values = np.empty_like(self._scale)
        self._least = np.empty(self._values.shape[1:], np.float32)
        self._own = self._least[: self._count]
        self._with_other, self._other = self._least[: self._others], self._least[self._count :]

    def _measure(self, quantities: NDArray[np.float32], exact: frozenset[str]) -> NDArray[np.float32]:
        values = quantities.take(self._rows_of(exact), axis=0, out=self._values, mode="clip")
        np.multiply(values, self._scale, out=values)
        np.add(values, self._offset, out=values)
        np.minimum.reduce(values, axis=0, out=self._least)
        if self._others:
            np.fmax(self._with_other, self._other, out=self._with_other)
        return self._own

    def _rows_of(self, exact: frozenset[str]) -> NDArray[np.intp]:
        """Return where the ramps' quantities stand, with bounds but for these groups."""
        rows = self._rows.get(exact)
        if rows is None:
            bounds = {name: at for group in set(CLOSER) - exact for name, at in CLOSER[group].items()}
            rows = np.array(
                [[AT[bounds.get(name, name)] for name, _, _ in row] for row in self._ramps()], np.intp
            ).reshape(self._deepest, len(self._sets))
            self._rows[exact] = rows
        return rows

    def _ramps(self) -> Iterator[list[Ramp]]:
        """Yield every set's first ramp, then its second; a set with fewer has its first several times."""
        for depth in range(self._deepest):
            yield [ramps[depth] if depth < len(ramps) else ramps[0] for ramps in self._sets]


def in_order(kinds: Sequence[Kind]) -> list[Kind]:
    """Return gestures in the order that `Ramps` takes them in."""

    def place(kind: Kind) -> tuple[bool, bool]:
        is_closer, has_other = _group(kind.measure) is not None, bool(kind.other)
        return not has_other, is_closer == has_other

    return sorted(kinds, key=place)


def _group(ramps: Measure) -> str | None:
    """Return what takes a closer look among what these ramps take."""
    names = {name for name, _, _ in ramps}
    return next((group for group, dear in CLOSER.items() if names & set(dear)), None)
