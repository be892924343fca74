"""Gives poses an identity: ids that are never reused, slots that are, velocities, and a sticky lead.

Each frame: poses become arrays (`sight`), bodies that were seen a moment ago take those that are most like
what is expected of them (`similarity`, `assignment`), who was lost takes back what appears where she may have
got to (`returning`), the rest is young until it has been there for a while. Time is in seconds throughout:
nothing here counts frames, but that one sighting is no proof.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from posekit.scene import Person
from posekit.tracking import stillness
from posekit.tracking.assignment import assign
from posekit.tracking.doubles import find_doubles
from posekit.tracking.lead import Lead
from posekit.tracking.options import TrackerOptions
from posekit.tracking.patience import MOST_ROWS, still_here
from posekit.tracking.returning import KNOWN_AFTER, find_returned
from posekit.tracking.rows import (
    HORIZON,
    PERSON,
    THING,
    YOUNG,
    follow,
    foreseen,
    measure_bones,
    new_rows,
    no_rows,
)
from posekit.tracking.sight import Sight, look, outside_of
from posekit.tracking.similarity import TOO_FEW, box_similarity, keypoint_similarity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from posekit.geometry import Size
    from posekit.pose import Pose
    from posekit.tracking.lead import Occupants

AT_ONCE = 0.35
"""Seconds unseen after which a body is looked for by place and proportions, no longer by its keypoints."""
LIKE = 0.5
"""Similarity from which on a pose is a body of a moment ago; what is less like is judged by place."""
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
KEPT = (
    *(
        "id",
        "slot",
        "age",
        "kind",
        "credit",
        "has_moved",
        "still",
        "first",
        "mean",
        "bones",
        "knows",
        "sightings",
    ),
)
"""What somebody who is back has from before."""
CLOCK_JUMP = 1.0
"""Seconds back from which on it is another clock, not a frame that came late."""


_NOBODY = np.zeros(0, np.intp)


@dataclass(frozen=True, eq=False)
class Tracked:
    """What the tracker makes of one frame."""

    people: tuple[Person, ...]
    """Longest here first."""
    candidates: tuple[Pose, ...]
    """Bodies that are too thin or too young to count, doubles, and things."""
    lead_id: int | None
    """The lead person's id; see `TrackerOptions.lead`."""


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
        self._rows: NDArray[Any] = no_rows()
        self._known: dict[int, Person] = {}
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
            return Tracked((), (), self._lead.update([], self._rows, _NOBODY, elapsed))
        aspect = size[0] / size[1]
        sight = look(poses, aspect, self.options.keypoint_score)
        new = np.flatnonzero(self._match(sight, elapsed))
        if len(new):
            self._begin(sight, new)
        others = self._take_back(aspect)
        self._believe(sight, others, elapsed)
        self._learn(sight, elapsed)
        self._grow_up()
        self._let_go(aspect)
        self._seat()
        return self._tell(sight, elapsed)

    def _advance(self, time: float) -> float:
        """Let time pass for everybody and return how much did."""
        before, rows = self._time, self._rows
        if before is None or before - time > CLOCK_JUMP:
            self._time, elapsed = time, 0.0
            rows["seen"] = np.minimum(rows["seen"], time)
        else:
            self._time = max(before, time)
            elapsed = self._time - before
        rows["gap"] += elapsed
        rows["age"] += elapsed
        rows["pose"] = -1
        return elapsed

    def _match(self, sight: Sight, elapsed: float) -> NDArray[np.bool_]:
        """Move everybody who is seen again; return which poses may be somebody new."""
        rows, options = self._rows, self.options
        ahead = foreseen(rows, HORIZON)
        slack = np.minimum(rows["gap"] * np.where(rows["sightings"] < 2, FIRST_SLACK, SLACK), MOST_SLACK)
        like, shared = keypoint_similarity(
            rows["xy"] + ahead[:, None],
            rows["fresh"],
            rows["size"],
            slack.astype(np.float32),
            sight.xy,
            sight.visible,
        )
        is_double = find_doubles(sight)
        is_strong = (sight.score >= options.pose_score) & (sight.count >= options.keypoints) & ~is_double
        may_be = (sight.score >= options.keep_score) & (sight.count >= options.keep_keypoints) & ~is_double
        few = shared < TOO_FEW
        if few.any():
            boxes = box_similarity(rows["low"] + ahead, rows["high"] + ahead, sight.low, sight.high)
            like = np.where(few, boxes, like)
        is_young = rows["kind"] == YOUNG
        is_close = (rows["gap"] <= AT_ONCE + elapsed) | (rows["kind"] == THING)
        allowed = np.where(is_young[:, None], is_strong, may_be) & is_close[:, None]
        density = 1 / (1 + (slack / EXACT) ** 2)
        at, poses = assign(np.where(allowed & (like >= LIKE), like * density[:, None], 0))
        rows["credit"] -= 0.5 * elapsed
        if len(at):
            follow(rows, at, sight, poses, options.velocity_time)
            rows["credit"][at] += (0.5 + is_strong[poses]) * elapsed
            rows["gap"][at], rows["seen"][at], rows["patience"][at] = 0.0, self._time, 0.0
        is_strong &= sight.size >= 0.5 * options.min_size
        is_strong[poses] = False
        return is_strong

    def _begin(self, sight: Sight, poses: NDArray[np.intp]) -> None:
        """Remember who has not been seen before, from left to right, whatever the order of the poses."""
        order = np.lexsort((sight.low[poses, 1], sight.center[poses, 0]))
        self._rows = np.concatenate((self._rows, new_rows(sight, poses[order], self._time or 0.0)))

    def _take_back(self, aspect: float) -> NDArray[np.intp]:
        """Give what appeared to those who were lost, where it may be they; return who is none of them."""
        rows = self._rows
        is_seen = rows["pose"] >= 0
        new = np.flatnonzero((rows["kind"] == YOUNG) & is_seen)
        if not len(new) or is_seen.all():
            return new
        lost = np.flatnonzero((rows["kind"] == PERSON) & ~is_seen)
        if not len(lost):
            return new
        pairs, others = find_returned(rows, lost, new, aspect)
        for old, young in pairs:
            back = rows[young].copy()
            for name in KEPT:
                back[name] = rows[name][old]
            if rows["age"][young] < KNOWN_AFTER:
                back["drift"] = rows["drift"][old]
            rows[old] = back
        if pairs:
            gone = [young for _, young in pairs]
            self._rows = np.delete(rows, gone)
            others -= np.searchsorted(np.sort(gone), others)
        return others

    def _believe(self, sight: Sight, others: NDArray[np.intp], elapsed: float) -> None:
        """Doubt a strong body that is nobody who is missed for a shorter time."""
        rows = self._rows
        others = others[rows["sightings"][others] > 1]
        if len(others):
            score = sight.score[rows["pose"][others]]
            sure = np.clip((score - WEAK) / (STRONG - WEAK), 0, 1)
            rows["credit"][others] += SURE_CREDIT * sure * elapsed

    def _learn(self, sight: Sight, elapsed: float) -> None:
        """Now and then look at proportions, and at who has not moved yet."""
        self._unlearnt += elapsed
        if self._unlearnt < LEARN_SECONDS:
            return
        rows = self._rows
        seen = np.flatnonzero(rows["pose"] >= 0)
        if len(seen):
            measure_bones(rows, seen, sight, self._unlearnt)
            stillness.watch(rows, seen, self._unlearnt)
        self._unlearnt = 0.0
        if not self.options.still_after:
            return
        still = ~rows["has_moved"] & (rows["kind"] == PERSON) & (rows["still"] >= self.options.still_after)
        rows["kind"][still], rows["id"][still], rows["slot"][still] = THING, 0, 0
        self._is_seated = self._is_seated and not still.any()
        alive = rows["has_moved"] & (rows["kind"] == THING)
        rows["kind"][alive], rows["credit"][alive] = YOUNG, self.options.min_age

    def _grow_up(self) -> None:
        """Make people of those who have been here long enough, and give them slots."""
        rows, options = self._rows, self.options
        is_young = rows["kind"] == YOUNG
        if not is_young.any():
            return
        is_due = is_young & (rows["pose"] >= 0) & (rows["credit"] >= options.min_age - 1e-9)
        if options.min_age:
            is_due &= rows["sightings"] > 1
        for at in np.flatnonzero(is_due).tolist():
            self._is_seated = False
            rows["kind"][at], rows["id"][at], rows["age"][at] = PERSON, self._next_id, 0.0
            self._next_id += 1

    def _seat(self) -> None:
        """Give the lowest free slots to those who have none, longest here first."""
        if self._is_seated:
            return
        self._is_seated = True
        rows = self._rows
        waiting = np.flatnonzero((rows["kind"] == PERSON) & (rows["slot"] == 0)).tolist()
        taken = set(rows["slot"].tolist())
        free = [slot for slot in range(1, self.options.slots + 1) if slot not in taken]
        for at, slot in zip(sorted(waiting, key=rows["id"].__getitem__), free, strict=False):
            rows["slot"][at] = slot

    def _let_go(self, aspect: float) -> None:
        """Forget whoever has been unseen for too long."""
        rows, options = self._rows, self.options
        is_seen = rows["pose"] >= 0
        if is_seen.all() and len(rows) <= MOST_ROWS:
            return
        self._is_seated = False
        self._rows = still_here(rows, aspect, options)

    def _tell(self, sight: Sight, elapsed: float) -> Tracked:
        rows = self._rows
        at = np.flatnonzero(rows["kind"] == PERSON)
        ids = rows["id"][at].tolist()
        if ids != sorted(ids):
            at = at[np.argsort(ids)]
            ids.sort()
        speed = rows["speed"][at]
        slots, ages, seen, poses = (rows[name][at].tolist() for name in ("slot", "age", "seen", "pose"))
        known: dict[int, Person] = {}
        for row, (number, pose) in enumerate(zip(ids, poses, strict=True)):
            if pose >= 0:
                clean, raw = sight.clean(pose), sight.poses[pose]
            else:
                clean, raw = self._known[number].pose, self._known[number].raw
                speed[row] = 0.0
            known[number] = Person(number, slots[row] or None, clean, ages[row], speed[row], seen[row], raw)
        self._known = known
        mine = set(poses)
        candidates = tuple(sight.clean(pose) for pose in range(len(sight.poses)) if pose not in mine)
        return Tracked(tuple(known.values()), candidates, self._lead.update(ids, rows, at, elapsed))
