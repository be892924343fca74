"""Gives poses an identity: ids that are never reused, slots that are, velocities, and a sticky lead.

Each frame: poses become arrays (`sight`), bodies that were seen a moment ago take those that are most like
what is expected of them (`similarity`, `assignment`), who was lost takes back what appears where she may have
got to (`returning`), the rest is young until it has been there for a while. Time is in seconds throughout:
nothing here counts frames, but that one sighting is no proof.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from posekit.gathered import NOBODY
from posekit.tracking import stillness
from posekit.tracking.assignment import assign, clear_pairs
from posekit.tracking.doubles import find_doubles
from posekit.tracking.lead import Lead
from posekit.tracking.options import TrackerOptions
from posekit.tracking.patience import MOST_ROWS, still_here
from posekit.tracking.returning import KNOWN_AFTER, find_returned
from posekit.tracking.rows import PERSON, THING, YOUNG, centers, follow, measure_bones, no_rows
from posekit.tracking.sight import Sight, look, outside_of, spread
from posekit.tracking.similarity import TOO_FEW, box_similarity, keypoint_similarity
from posekit.tracking.telling import tell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from posekit.gathered import Gathered
    from posekit.geometry import Size
    from posekit.pose import Pose
    from posekit.scene import Person
    from posekit.tracking.lead import Occupants
    from posekit.tracking.sight import Numbers

AT_ONCE = 0.35
"""Seconds unseen after which a body is looked for by place and proportions, no longer by its keypoints."""
LIKE = 0.5
"""Similarity above which a pose is a body of a moment ago; what is less like is judged by place."""
EXACT = 0.14
"""Sizes: a usual keypoint's error. A body that may be anywhere within more is less likely to be just here."""
SLACK = 0.8
"""Sizes per second that a body may change its movement by..."""
FIRST_SLACK = 2.0
"""...and that one may move whose movement is not known yet: 1.7 m/s."""
MOST_SLACK = 0.6
"""Sizes: however long the gap."""
WEAK, STRONG = 0.35, 0.55
"""Pose scores between which belief grows: PoseNet's ghosts score 0.25 to 0.42, most bodies 0.6 and more."""
SURE_CREDIT = 1.5
"""How much faster, at the most, a strong body becomes a person than a weak one."""
LEARN_SECONDS = 0.1
"""Between two looks at proportions and stillness, which need no hurry."""
CLOCK_JUMP = 1.0
"""Seconds back from which on it is another clock, not a frame that came late."""


@dataclass(frozen=True, eq=False)
class Tracked:
    """What the tracker makes of one frame."""

    gathered: Gathered
    """The people, longest here first."""
    candidates: tuple[Pose, ...]
    """Bodies that are too thin or too young to count, doubles, and things."""
    lead_id: int | None
    """The lead person's id; see `TrackerOptions.lead`."""

    @cached_property
    def people(self) -> tuple[Person, ...]:
        """The people one by one, longest here first."""
        return self.gathered.people()


class Tracker:
    """Follows people through frames; `update` once per frame, in the order of time."""

    def __init__(
        self, options: TrackerOptions | None = None, first_id: int = 1, occupants: Occupants | None = None
    ) -> None:
        """`occupants` tells the ids of who is in a zone, by its name; only the lead `zone:NAME` asks."""
        self.options = options or TrackerOptions()
        self._next_id = first_id
        self._lead = Lead(self.options, occupants)
        self._forget()

    def reset(self) -> None:
        """Forget everybody; ids go on."""
        self._lead.reset()
        self._forget()

    def _forget(self) -> None:
        self._rows = no_rows()
        self._told = NOBODY
        self._time: float | None = None
        self._unlearnt = 0.0
        self._is_seated = True

    def update(self, poses: Sequence[Pose], time: float, size: Size) -> Tracked:
        """Match the poses of one frame, stamped `time` seconds, with the people known so far.

        `size` is the frame's (width, height): distances are measured in image heights, so that they mean the
        same across and down. A time that does not advance is taken as the same instant; one that goes back
        by more than a second begins a new count, and people stay.
        """
        elapsed = self._advance(time)
        poses = outside_of(poses, self.options.ignore, self.options.keypoint_score)
        if not poses and not len(self._rows):
            return Tracked(NOBODY, (), self._lead.update((), elapsed))
        aspect = size[0] / size[1]
        sight = look(poses, aspect, self.options.keypoint_score)
        new = self._match(sight, elapsed)
        is_usual = not new and all(body.pose >= 0 and body.kind != YOUNG for body in self._rows.bodies)
        if not is_usual:
            self._begin(sight, new)
            self._believe(sight, self._take_back(aspect), elapsed)
        self._learn(sight, elapsed)
        self._grow_up()
        if not is_usual:
            self._let_go(aspect)
        self._seat()
        return self._tell(sight, elapsed)

    def _advance(self, time: float) -> float:
        """Let time pass for everybody and return how much did."""
        before, bodies = self._time, self._rows.bodies
        if before is None or before - time > CLOCK_JUMP:
            self._time, elapsed = time, 0.0
            for body in bodies:
                body.seen = min(body.seen, time)
        else:
            self._time = max(before, time)
            elapsed = self._time - before
        for body in bodies:
            body.gap += elapsed
            body.age += elapsed
            body.credit -= 0.5 * elapsed
            body.pose = -1
        return elapsed

    def _match(self, sight: Sight, elapsed: float) -> list[int]:
        """Move everybody who is seen again; return which poses may be somebody new."""
        rows, options = self._rows, self.options
        is_double = find_doubles(sight)
        found = list(zip([pose.score for pose in sight.poses], sight.counts, is_double, strict=True))
        strong = [
            score >= options.pose_score and count >= options.keypoints and not double
            for score, count, double in found
        ]
        pairs: list[tuple[int, int]] = []
        if len(rows) and found:
            possible = [
                score >= options.keep_score and count >= options.keep_keypoints and not double
                for score, count, double in found
            ]
            pairs = self._pairs(sight, strong, possible, elapsed)
        if pairs:
            follow(rows, [row for row, _ in pairs], sight, [pose for _, pose in pairs], options.velocity_time)
            for row, pose in pairs:
                body = rows.bodies[row]
                body.credit += (0.5 + strong[pose]) * elapsed
                body.gap, body.seen, body.patience = 0.0, self._time or 0.0, 0.0
        if len(pairs) == len(strong):
            return []
        taken = {pose for _, pose in pairs}
        least = 0.5 * options.min_size
        new = [pose for pose in range(len(strong)) if strong[pose] and sight.sizes[pose] >= least]
        return [pose for pose in new if pose not in taken]

    def _pairs(
        self, sight: Sight, strong: list[bool], possible: list[bool], elapsed: float
    ) -> list[tuple[int, int]]:
        """Return (row, pose) of everybody who is seen again."""
        bodies = self._rows.bodies
        slack = [
            min(body.gap * (FIRST_SLACK if body.sightings < 2 else SLACK), MOST_SLACK) for body in bodies
        ]
        like = self._likeness(sight, slack)
        is_close = [body.gap <= AT_ONCE + elapsed or body.kind == THING for body in bodies]
        is_young = [body.kind == YOUNG for body in bodies]
        if not (all(is_close) and all(possible) and (all(strong) or not any(is_young))):
            allowed = np.where(np.array(is_young)[:, None], strong, possible)
            allowed &= np.array(is_close)[:, None]
            np.copyto(like, 0.0, where=~allowed)
        clear = clear_pairs(like, LIKE)
        if clear is not None:
            return clear
        density = [1 / (1 + (own / EXACT) ** 2) for own in slack]
        at, poses = assign(np.where(like > LIKE, like * spread(density), 0.0))
        return list(zip(at.tolist(), poses.tolist(), strict=True))

    def _likeness(self, sight: Sight, slack: list[float]) -> Numbers:
        """Return (N, P) from 0 to 1 how alike bodies and poses are; bodies may be `slack` sizes elsewhere."""
        rows, bodies = self._rows, self._rows.bodies
        ahead = [body.foreseen() for body in bodies]
        expected = rows.xy + np.array(ahead, np.complex64)[:, None]
        sizes = [body.size for body in bodies]
        like, shared = keypoint_similarity(expected, rows.fresh, sizes, slack, sight.places, sight.shown)
        few = shared < TOO_FEW
        if np.count_nonzero(few):
            known = [(body.low + way, body.high + way) for body, way in zip(bodies, ahead, strict=True)]
            boxes = box_similarity(known, list(zip(sight.lows, sight.highs, strict=True)))
            np.copyto(like, boxes, where=few)
        return like

    def _begin(self, sight: Sight, poses: list[int]) -> None:
        """Remember who has not been seen before, from left to right, whatever the order of the poses."""
        if not poses:
            return
        across = centers(sight.places).real.tolist()
        poses = sorted(poses, key=lambda pose: (across[pose], sight.lows[pose].imag))
        self._rows = self._rows.with_new(sight, poses, self._time or 0.0)

    def _take_back(self, aspect: float) -> list[int]:
        """Give what appeared to those who were lost, where it may be they; return who is none of them."""
        rows, bodies = self._rows, self._rows.bodies
        new = [row for row, body in enumerate(bodies) if body.kind == YOUNG and body.pose >= 0]
        lost = (
            [row for row, body in enumerate(bodies) if body.kind == PERSON and body.pose < 0] if new else []
        )
        if not lost:
            return new
        pairs, others = find_returned(rows, lost, new, aspect)
        for old, young in pairs:
            is_early = bodies[young].age < KNOWN_AFTER
            rows.take_back(old, young, bodies[old if is_early else young].drift)
        if pairs:
            gone = {young for _, young in pairs}
            self._rows = rows.only([row for row in range(len(rows)) if row not in gone])
            others = [row - sum(one < row for one in gone) for row in others]
        return others

    def _believe(self, sight: Sight, others: list[int], elapsed: float) -> None:
        """Doubt a strong body that is nobody who is missed for a shorter time."""
        for row in others:
            body = self._rows.bodies[row]
            if body.sightings > 1:
                sure = (sight.poses[body.pose].score - WEAK) / (STRONG - WEAK)
                body.credit += SURE_CREDIT * min(max(sure, 0.0), 1.0) * elapsed

    def _learn(self, sight: Sight, elapsed: float) -> None:
        """Now and then look at proportions, and at who has not moved yet."""
        self._unlearnt += elapsed
        if self._unlearnt < LEARN_SECONDS:
            return
        rows, still_after = self._rows, self.options.still_after
        seen = [row for row, body in enumerate(rows.bodies) if body.pose >= 0]
        if seen:
            measure_bones(rows, seen, sight, self._unlearnt)
            stillness.watch(rows, seen, self._unlearnt)
        self._unlearnt = 0.0
        for body in rows.bodies if still_after else ():
            if body.kind == PERSON and not body.has_moved and body.still >= still_after:
                body.kind, body.id, body.slot = THING, 0, 0
                self._is_seated = False
            elif body.kind == THING and body.has_moved:
                body.kind, body.credit = YOUNG, self.options.min_age

    def _grow_up(self) -> None:
        """Make people of those who have been here long enough, and give them slots."""
        least = self.options.min_age
        for body in self._rows.bodies:
            if body.kind != YOUNG or body.pose < 0 or body.credit < least - 1e-9:
                continue
            if body.sightings > 1 or not least:
                self._is_seated = False
                body.kind, body.id, body.age = PERSON, self._next_id, 0.0
                self._next_id += 1

    def _seat(self) -> None:
        """Give the lowest free slots to those who have none, longest here first."""
        if self._is_seated:
            return
        self._is_seated = True
        bodies = self._rows.bodies
        waiting = [body for body in bodies if body.kind == PERSON and not body.slot]
        taken = {body.slot for body in bodies}
        free = [slot for slot in range(1, self.options.slots + 1) if slot not in taken]
        for body, slot in zip(sorted(waiting, key=lambda body: body.id), free, strict=False):
            body.slot = slot

    def _let_go(self, aspect: float) -> None:
        """Forget whoever has been unseen for too long."""
        rows = self._rows
        if len(rows) > MOST_ROWS or any(body.pose < 0 for body in rows.bodies):
            self._rows = still_here(rows, aspect, self.options)
            self._is_seated = self._is_seated and self._rows is rows

    def _tell(self, sight: Sight, elapsed: float) -> Tracked:
        bodies, self._told = tell(self._rows, sight, self._told)
        mine = {body.pose for body in bodies}
        candidates = tuple(sight.clean(pose) for pose in range(len(sight.poses)) if pose not in mine)
        return Tracked(self._told, candidates, self._lead.update(bodies, elapsed))
