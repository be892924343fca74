"""How long whoever is not seen is waited for: longer behind somebody else, hardly at the picture's edge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posekit.tracking.rows import PERSON, YOUNG
from posekit.tracking.similarity import covered_share

if TYPE_CHECKING:
    from collections.abc import Sequence

    from posekit.tracking.options import TrackerOptions
    from posekit.tracking.rows import Body, Rows

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


def still_here(rows: Rows, aspect: float, options: TrackerOptions) -> Rows:
    """Return the rows without those that have been unseen for too long."""
    bodies = rows.bodies
    before = [body for body in bodies if body.kind == PERSON and body.pose >= 0]
    for body in bodies:
        if body.kind == PERSON and body.pose < 0:
            body.patience = max(body.patience, _patience(body, before, aspect, options))
    keep = [row for row, body in enumerate(bodies) if _is_kept(body)]
    if len(keep) > MOST_ROWS:
        rank = sorted(keep, key=lambda row: (bodies[row].kind != PERSON, bodies[row].gap))
        keep = sorted(rank[:MOST_ROWS])
    return rows if len(keep) == len(rows) else rows.only(keep)


def _patience(lost: Body, before: Sequence[Body], aspect: float, options: TrackerOptions) -> float:
    """Return for how many seconds somebody lost is waited for; `before` are the people who are seen."""
    is_at_edge, is_leaving = at_edge(lost, aspect)
    if is_leaving:
        return options.edge_grace
    if not is_at_edge and is_hidden(lost, before):
        return options.hidden_grace
    return min(options.grace, HARDLY_HERE + lost.age)


def _is_kept(body: Body) -> bool:
    if body.pose >= 0:
        return True
    if body.kind == PERSON:
        return body.gap <= body.patience
    if body.kind == YOUNG:
        return body.credit >= -0.5 * YOUNG_PATIENCE
    return body.gap <= THING_PATIENCE


def is_hidden(lost: Body, seen: Sequence[Body]) -> bool:
    """Return whether somebody lost is expected behind somebody who is seen."""
    ahead = lost.foreseen()
    box = lost.low + ahead, lost.high + ahead
    for body in seen:
        flesh = complex(FLESH, FLESH) * body.size
        if covered_share(box, (body.low - flesh, body.high + flesh)) >= COVERED:
            return True
    return False


def at_edge(body: Body, aspect: float) -> tuple[bool, bool]:
    """Return whether a body was last seen at an edge of the picture, and whether about to cross it.

    A body that a near camera cuts off touches the lower edge too, but its middle is well inside. Who is lost
    behind somebody near the edge, and walks towards it, is about to cross it unseen.
    """
    low, high, drift = body.low, body.high, body.drift
    middle = (low + high) / 2 + drift * EDGE_SECONDS
    near, pace = 0.5 * body.size, EDGE_PACE * body.size
    is_at_edge = is_leaving = False
    for first, last, center, far, moves in (
        (low.real, high.real, middle.real, aspect, drift.real),
        (low.imag, high.imag, middle.imag, 1.0, drift.imag),
    ):
        is_first = (first < EDGE and center < near) or center < 0
        is_last = (last > far - EDGE and center > far - near) or center > far
        is_at_edge = is_at_edge or is_first or is_last
        is_leaving = is_leaving or (is_first and moves < -pace) or (is_last and moves > pace)
    return is_at_edge, is_leaving
