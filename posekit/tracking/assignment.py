"""Who goes with whom so that the sum of all gains is the greatest: exact, and quick where it is easy.

Whole-frame assignment instead of nearest first: where two people are close, the nearest pair may be the wrong
one. A frame is easy when nobody wants what another wants; then each has her best and nothing can be better.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def assign(gain: NDArray[np.floating]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return rows and columns of the pairs, each at most once, with the greatest sum of gains (R, C).

    A pair without a gain above 0 is never made. Rows come in ascending order.
    """
    if not gain.size:
        return _NOBODY, _NOBODY
    pairs = clear_pairs(gain, 0.0)
    if pairs is None:
        pairs = sorted(pair for part in _parts(gain) for pair in _solve(gain, *part))
    return np.array([row for row, _ in pairs], np.intp), np.array([column for _, column in pairs], np.intp)


def clear_pairs(gain: NDArray[np.floating], least: float) -> list[tuple[int, int]] | None:
    """Return the best pairs above `least` (row, column) if nobody wants what another wants, else None.

    They stay the best whatever positive numbers the rows of (R, C) are multiplied with.
    """
    best = enumerate(gain.argmax(axis=1).tolist())
    pairs = [(row, column) for row, column in best if gain.item(row, column) > least]
    return pairs if len({column for _, column in pairs}) == len(pairs) else None


_NOBODY = np.zeros(0, np.intp)


def _parts(gain: NDArray[np.floating]) -> list[tuple[list[int], list[int]]]:
    """Return (rows, columns) of the parts that do not touch each other; the cost is cubic in each."""
    wants = [np.flatnonzero(row > 0).tolist() for row in gain]
    parts: list[tuple[list[int], set[int]]] = []
    for row, wanted in enumerate(wants):
        if not wanted:
            continue
        rows, columns = [row], set(wanted)
        apart = []
        for part in parts:
            if part[1] & columns:
                rows, columns = part[0] + rows, part[1] | columns
            else:
                apart.append(part)
        parts = [*apart, (rows, columns)]
    return [(rows, sorted(columns)) for rows, columns in parts]


def _solve(gain: NDArray[np.floating], rows: list[int], columns: list[int]) -> list[tuple[int, int]]:
    """Return the pairs of one part. Each row also has a column of its own that costs and gains nothing."""
    costs = [[*np.minimum(-gain[row, columns], 0.0).tolist(), *(0.0 for _ in rows)] for row in rows]
    chosen = shortest_paths(costs)
    return [
        (row, columns[at])
        for row, at in zip(rows, chosen, strict=True)
        if at < len(columns) and gain[row, columns[at]] > 0
    ]


def shortest_paths(costs: list[list[float]]) -> list[int]:
    """Return for each row its column, all different, with the least sum of costs; rows <= columns.

    Shortest augmenting paths with potentials (Jonker and Volgenant 1987, Computing 38, 325-340), in plain
    lists: the parts of a frame have two or three rows, where a numpy call costs more than the whole search.
    """
    count = len(costs[0])
    owner = [-1] * count
    row_price, column_price = [0.0] * len(costs), [0.0] * count
    for start in range(len(costs)):
        distance, before, done = [float("inf")] * count, [-1] * count, [False] * count
        row, length, column = start, 0.0, -1
        while row >= 0:
            nearest, following = float("inf"), -1
            for at in range(count):
                if done[at]:
                    continue
                reached = length + costs[row][at] - row_price[row] - column_price[at]
                if reached < distance[at]:
                    distance[at], before[at] = reached, column
                if distance[at] < nearest:
                    nearest, following = distance[at], at
            length, column = nearest, following
            done[column] = True
            row = owner[column]
        _reprice(owner, row_price, column_price, distance, done, start, length)
        while column >= 0:
            earlier = before[column]
            owner[column] = owner[earlier] if earlier >= 0 else start
            column = earlier
    chosen = [-1] * len(costs)
    for column, row in enumerate(owner):
        if row >= 0:
            chosen[row] = column
    return chosen


def _reprice(
    owner: list[int],
    row_price: list[float],
    column_price: list[float],
    distance: list[float],
    done: list[bool],
    start: int,
    length: float,
) -> None:
    """Change the prices so that what was chosen stays the cheapest."""
    row_price[start] += length
    for column, is_done in enumerate(done):
        if is_done:
            less = length - distance[column]
            column_price[column] -= less
            if owner[column] >= 0:
                row_price[owner[column]] += less
