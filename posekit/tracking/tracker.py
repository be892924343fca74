"""Gives poses an identity: ids that are never reused, slots that are, velocities, and a sticky lead.

A body is the one whose keypoints are nearest to where they were expected, measured in body sizes, so that the
rule is the same near and far. Time is in seconds throughout: nothing here counts frames.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from posekit.scene import Person

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from posekit.geometry import Size
    from posekit.pose import Pose


SAME_INSTANT = 1e-4
"""Seconds between two frames below which a velocity would be a division by nothing."""


@dataclass(frozen=True)
class TrackerOptions:
    """What counts as a person, and for how long."""

    slots: int = 6
    """People who get a slot, 1 to N."""
    keypoint_score: float = 0.3
    """A keypoint below this score is missing."""
    pose_score: float = 0.2
    """A pose below this score is only a candidate."""
    keypoints: int = 4
    """A pose with fewer visible keypoints is only a candidate."""
    grace: float = 0.5
    """Seconds that a person stays who is not found; her last pose stands."""
    reach: float = 0.6
    """How far, in body sizes, a body may be from where it was expected and still be the same."""
    horizon: float = 0.3
    """Seconds that a movement is expected to go on; over a longer gap a guess is worse than none."""
    velocity_time: float = 0.1
    """Seconds over which velocities are averaged (time constant of an exponential mean)."""


@dataclass(frozen=True, eq=False)
class Tracked:
    """What the tracker makes of one frame."""

    people: tuple[Person, ...]
    """Longest here first."""
    candidates: tuple[Pose, ...]
    """Bodies that are too thin to count."""
    lead_id: int | None
    """The lead person's id; she keeps it until she leaves, then the biggest body takes over."""


class Tracker:
    """Follows people through frames; `update` once per frame, in the order of time."""

    def __init__(self, options: TrackerOptions | None = None, first_id: int = 1) -> None:
        self.options = options or TrackerOptions()
        self._next_id = first_id
        self._people: tuple[Person, ...] = ()
        self._lead_id: int | None = None
        self._time: float | None = None

    def update(self, poses: Sequence[Pose], time: float, size: Size) -> Tracked:
        """Match the poses of one frame, stamped `time` seconds, with the people known so far.

        `size` is the frame's (width, height): distances are measured in image heights, so that they mean the
        same across and down. A time that does not advance is taken as the same instant.
        """
        aspect = size[0] / size[1]
        elapsed = 0.0 if self._time is None else max(0.0, time - self._time)
        self._time = time if self._time is None else max(self._time, time)
        bodies, candidates = self._judge(poses)
        matches = self._match(bodies, elapsed, aspect)
        people = self._follow(bodies, matches, elapsed, aspect)
        people += self._welcome([body for at, body in enumerate(bodies) if at not in matches.values()])
        self._people = self._seat(people)
        self._lead_id = self._choose_lead()
        return Tracked(self._people, tuple(candidates), self._lead_id)

    def reset(self) -> None:
        """Forget everybody; ids go on."""
        self._people, self._lead_id, self._time = (), None, None

    def _judge(self, poses: Sequence[Pose]) -> tuple[list[Pose], list[Pose]]:
        """Tell bodies from candidates, and drop what is too weak in each."""
        bodies: list[Pose] = []
        candidates: list[Pose] = []
        for pose in poses:
            clear = pose.above(self.options.keypoint_score)
            enough = int(clear.visible.sum()) >= self.options.keypoints
            (bodies if enough and pose.score >= self.options.pose_score else candidates).append(clear)
        return bodies, candidates

    def _match(self, bodies: Sequence[Pose], elapsed: float, aspect: float) -> dict[int, int]:
        """Pair people with bodies, nearest pair first; person index to body index."""
        if not self._people or not bodies:
            return {}
        distances = self._distances(bodies, elapsed, aspect)
        matches: dict[int, int] = {}
        while distances[at := divmod(int(distances.argmin()), len(bodies))] <= self.options.reach:
            person, body = at
            matches[person] = body
            distances[person, :] = np.inf
            distances[:, body] = np.inf
        return matches

    def _distances(self, bodies: Sequence[Pose], elapsed: float, aspect: float) -> NDArray[np.float32]:
        """Return (people, bodies) float32: mean distance in body sizes; infinite where nothing is shared."""
        scale = np.array((aspect, 1.0), np.float32)
        ahead = np.float32(min(elapsed, self.options.horizon))
        known = np.array([person.pose.xy for person in self._people]) * scale
        known += np.array([person.velocity for person in self._people]) * ahead
        found = np.array([body.xy for body in bodies]) * scale
        apart = known[:, None] - found[None]
        apart = np.sqrt((apart * apart).sum(axis=-1))
        shared = ~np.isnan(apart)
        count = shared.sum(axis=-1)
        mean = np.where(shared, apart, 0).sum(axis=-1) / np.maximum(count, 1)
        sizes = np.array([_body_size(body, aspect) for body in bodies], np.float32)
        return np.where(count > 0, mean / sizes, np.inf)

    def _follow(
        self, bodies: Sequence[Pose], matches: dict[int, int], elapsed: float, aspect: float
    ) -> list[Person]:
        """Move everyone who was found, keep for a while whoever was not."""
        now = self._time or 0.0
        people = []
        for at, person in enumerate(self._people):
            age = person.age + elapsed
            if at in matches:
                pose = bodies[matches[at]]
                velocity = self._velocity(person, pose, now - person.seen, aspect)
                people.append(replace(person, pose=pose, velocity=velocity, age=age, seen=now))
            elif now - person.seen <= self.options.grace:
                people.append(replace(person, age=age, velocity=np.zeros_like(person.velocity)))
        return people

    def _velocity(self, person: Person, pose: Pose, elapsed: float, aspect: float) -> NDArray[np.float32]:
        """Return (17, 2) float32 image heights per second, averaged over `velocity_time`."""
        if elapsed < SAME_INSTANT:
            return person.velocity
        moved = (pose.xy - person.pose.xy) * np.array((aspect, 1.0), np.float32) / np.float32(elapsed)
        share = np.float32(1 - np.exp(-elapsed / self.options.velocity_time))
        mean = person.velocity + (moved - person.velocity) * share
        return np.where(np.isfinite(mean), mean, 0).astype(np.float32)

    def _welcome(self, newcomers: Sequence[Pose]) -> list[Person]:
        people = []
        for pose in newcomers:
            velocity = np.zeros_like(pose.xy)
            people.append(Person(self._next_id, None, pose, 0.0, velocity, self._time or 0.0))
            self._next_id += 1
        return people

    def _seat(self, people: Sequence[Person]) -> tuple[Person, ...]:
        """Give the lowest free slots to those who have none, longest here first."""
        taken = {person.slot for person in people}
        free = [slot for slot in range(self.options.slots, 0, -1) if slot not in taken]
        return tuple(
            replace(person, slot=free.pop()) if person.slot is None and free else person for person in people
        )

    def _choose_lead(self) -> int | None:
        if any(person.id == self._lead_id for person in self._people):
            return self._lead_id
        biggest = max(self._people, key=lambda person: person.box.height, default=None)
        return biggest.id if biggest else None


def _body_size(pose: Pose, aspect: float) -> float:
    """Return the diagonal of a pose's box in image heights, never 0."""
    box = pose.box
    return max(float(np.hypot(box.width * aspect, box.height)), 0.02)
