"""From what is remembered of bodies to the people that the other stages are told of."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING

import numpy as np

from posekit.gathered import NOBODY, Gathered
from posekit.tracking.rows import PERSON

if TYPE_CHECKING:
    from posekit.tracking.rows import Body, Rows
    from posekit.tracking.sight import Sight


def tell(rows: Rows, sight: Sight, before: Gathered) -> tuple[list[Body], Gathered]:
    """Return those bodies that are people, longest here first, and the people in the same order.

    `before` are the people of the frame before: whoever is not seen stands where she stood.
    """
    told = [(body.id, row) for row, body in enumerate(rows.bodies) if body.kind == PERSON]
    if not told:
        return [], NOBODY
    told.sort(key=_id)
    at = [row for _, row in told]
    bodies = [rows.bodies[row] for row in at]
    which = [body.pose for body in bodies]
    poses, xy, scores, velocity = (
        sight.poses,
        sight.clean_xy,
        sight.clean_scores,
        rows.speeds.take(at, axis=0),
    )
    if min(which) < 0:
        velocity[[pose < 0 for pose in which]] = 0.0
        last = {number: place for place, number in enumerate(before.ids, len(poses))}
        which = [body.pose if body.pose >= 0 else last[body.id] for body in bodies]
        poses = (*poses, *before.poses)
        xy, scores = np.concatenate((xy, before.xy)), np.concatenate((scores, before.scores))
    raw = [poses[pose] for pose in which]
    return bodies, Gathered(
        [body.id for body in bodies],
        [body.seen for body in bodies],
        [
            {"id": body.id, "slot": body.slot or None, "age": body.age, "seen": body.seen, "raw": pose}
            for body, pose in zip(bodies, raw, strict=True)
        ],
        raw,
        xy.take(which, axis=0),
        scores.take(which, axis=0),
        velocity,
    )


_id = itemgetter(0)
