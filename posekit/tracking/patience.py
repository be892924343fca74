"""How long whoever is not seen is waited for: longer behind somebody else, hardly at the picture's edge."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from posekit.tracking.rows import HORIZON, PERSON, THING, YOUNG, foreseen
from posekit.tracking.similarity import covered_share

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from posekit.tracking.options import TrackerOptions

COVERED = 0.3
"""Share of a box behind another one from which on a body counts as hidden."""
FLESH = 0.2
"""Sizes by which a body is wider than its keypoints."""
EDGE = 0.03
"""Image heights from the picture's edge that are the edge."""
EDGE_SECONDS = 0.5
"""Somebody who touches the edge and would be out of the picture in so many seconds is leaving."""
EDGE_PACE = 0.2
"""Sizes per second: who stands at the edge, half cut off, is not leaving."""
YOUNG_PATIENCE = 0.3
"""Seconds for which a body is remembered that has been seen once."""
THING_PATIENCE = 600.0
"""Seconds for which a thing that is not seen any more is remembered."""
MOST_ROWS = 64
"""Bodies remembered at most; people first."""
HARDLY_HERE = 0.3
"""Seconds that somebody who has hardly been here is waited for; with her age it grows."""


def still_here(rows: NDArray[Any], aspect: float, options: TrackerOptions) -> NDArray[Any]:
    """Return the rows without those that have been unseen for too long."""
    is_seen = rows["pose"] >= 0
    is_lost = ~is_seen & (rows["kind"] == PERSON)
    lost = np.flatnonzero(is_lost)
    if len(lost):
        before = rows[is_seen & (rows["kind"] == PERSON)]
        is_at_edge, is_leaving = at_edge(rows[lost], aspect)
        grace = np.minimum(options.grace, HARDLY_HERE + rows["age"][lost])
        patience = np.where(is_hidden(rows[lost], before) & ~is_at_edge, options.hidden_grace, grace)
        patience = np.where(is_leaving, options.edge_grace, patience)
        rows["patience"][lost] = np.maximum(rows["patience"][lost], patience)
    keep = is_seen | (is_lost & (rows["gap"] <= rows["patience"]))
    keep |= (rows["kind"] == YOUNG) & (rows["credit"] >= -0.5 * YOUNG_PATIENCE)
    keep |= (rows["kind"] == THING) & (rows["gap"] <= THING_PATIENCE)
    rows = rows[keep]
    if len(rows) > MOST_ROWS:
        rank = np.lexsort((rows["gap"], rows["kind"] != PERSON))
        rows = rows[np.sort(rank[:MOST_ROWS])]
    return rows


def is_hidden(lost: NDArray[Any], seen: NDArray[Any]) -> NDArray[np.bool_]:
    """Return (N,) which of the lost are expected behind somebody who is seen."""
    ahead, flesh = foreseen(lost, HORIZON), np.float32(FLESH) * seen["size"][:, None]
    low: NDArray[np.float32] = seen["low"] - flesh
    high: NDArray[np.float32] = seen["high"] + flesh
    behind = covered_share(lost["low"] + ahead, lost["high"] + ahead, low, high)
    return np.asarray((behind >= COVERED).any(axis=1), np.bool_)


def at_edge(rows: NDArray[Any], aspect: float) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return (N,) which bodies were last seen at an edge of the picture, and which of them about to cross it.

    A body that a near camera cuts off touches the lower edge too, but its middle is well inside. Who is lost
    behind somebody near the edge, and walks towards it, is about to cross it unseen.
    """
    low, high, drift = rows["low"], rows["high"], rows["drift"]
    middle = (low + high) / 2 + drift * EDGE_SECONDS
    size = rows["size"][:, None]
    near, pace, far = 0.5 * size, EDGE_PACE * size, np.array((aspect, 1.0))
    first = (low < EDGE) & (middle < near) | (middle < 0)
    last = (high > far - EDGE) & (middle > far - near) | (middle > far)
    is_leaving = first & (drift < -pace) | last & (drift > pace)
    return (first | last).any(axis=1), is_leaving.any(axis=1)
