"""The ground that dialects other than our own stand on: who is there, came and left, and when to say so.

Such a dialect is one function from a `Moment` to packets; everything that needs a memory is here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from posekit.outputs.osc.places import CENTER, HIGH, LOW, HeldPlaces, to_target
from posekit.outputs.osc.refresh import Echoes, Turns

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from posekit.geometry import Size
    from posekit.health import Health
    from posekit.outputs.osc.target import Target
    from posekit.scene import Event, Person, Scene

LAST_NUMBER = 2**31 - 1
"""The largest OSC `i`; what counts moments begins at 1 again after it."""


class Body(NamedTuple):
    """A person who has a slot, in the target's coordinates; everything is finite."""

    person: Person
    slot: int
    order: int
    """Which of the people told of she is, from 0, in the order of slots."""
    rows: NDArray[np.float64]
    """(20, 2) as in `Places.rows`; missing keypoints where they were last seen."""
    scores: NDArray[np.float64]
    """(17,) from 0 to 1; 0 for a keypoint that is missing now."""
    speed: float
    """Image heights per second."""
    moves: NDArray[np.float64]
    """(18, 2) velocities of the keypoints and of the whole, image heights per second, in the target's
    directions; 0 where it is not known."""
    frames: int = 1
    """In how many tellings she has been, this one too."""

    @property
    def center(self) -> tuple[float, float]:
        """The middle of shoulders and hips."""
        return self.place(CENTER)

    def place(self, at: int) -> tuple[float, float]:
        """Return x, y of one row."""
        x, y = self.rows[at].tolist()
        return x, y

    @property
    def box(self) -> tuple[float, float, float, float]:
        """The rectangle around what is seen: least x, least y, width, height."""
        (left, low), (right, high) = self.rows[LOW].tolist(), self.rows[HIGH].tolist()
        return left, low, right - left, high - low


@dataclass(frozen=True, eq=False)
class Moment:
    """What there is to tell a target at one instant."""

    target: Target
    seconds: float
    """Since the sender's start."""
    number: int
    """Which telling of the scene this is, from 1."""
    since: float
    """Seconds since the last one; 0 for the first."""
    lead_id: int | None
    """The id of the lead person, whether or not she has a slot."""
    size: Size
    """The picture's width and height in pixels; 0 before the first."""
    frame: int
    """Number of the newest frame."""
    bodies: tuple[Body, ...] = ()
    """Everyone who has one of the target's slots, in their order."""
    came: frozenset[int] = frozenset()
    """Ids of those who were not there at the last telling."""
    left: tuple[Body, ...] = ()
    """Who was there at the last telling and is not now, as they were."""
    empty: tuple[int, ...] = ()
    """Slots without anybody of which it is time to say so: since a while ago, or because it is their turn."""
    events: Sequence[Event] = ()
    is_told: bool = True
    """Whether the scene is to be told; if not, only the events are."""
    is_new: bool = True
    """Whether the scene was not there before; if not, it is repeated for those who missed it."""
    is_last: bool = False
    """Whether this is the end of the stream for now: nobody is there any more."""

    @property
    def aspect(self) -> float:
        """Width of the picture in heights."""
        return self.size[0] / self.size[1] if self.size[1] else 1.0


class StreamEncoder:
    """One target's stream in a dialect that is a function. It counts no events, and hands on the counters."""

    def __init__(
        self, target: Target, counters: Mapping[str, int], tell: Callable[[Moment], list[bytes]]
    ) -> None:
        self._target, self._tell = target, tell
        self.counters = dict(counters)
        """As they were given."""
        self._held, self._echoes = HeldPlaces(), Echoes()
        self._turns = Turns(target.slots)
        self._bodies: tuple[Body, ...] = ()
        self._told: dict[int, Body] = {}
        self._farewell: tuple[Body, ...] = ()
        self._moment = Moment(target, 0.0, 0, 0.0, None, (0, 0), 0)
        self._told_at: float | None = None
        self._next_scene = 0.0

    def update(
        self,
        seconds: float,
        scene: Scene | None,
        events: Sequence[Event],
        health: Health | None = None,  # noqa: ARG002
    ) -> list[bytes]:
        """Return the packets to send now, perhaps none; `scene` None when nothing new was seen.

        `health` is for dialects that have words for it, and none of these has. Who came and left between two
        tellings is not told at all: rate is a receiver's own wish.
        """
        if scene is not None:
            self._bodies = self._look(scene)
            self._moment = replace(self._moment, size=scene.size, frame=scene.index, lead_id=scene.lead_id)
        is_due = scene is None or seconds >= self._next_scene
        turns = self._turns.take(seconds) if is_due else []
        is_told = is_due and (scene is not None or bool(turns))
        if not is_told and not events:
            return []
        self._farewell = ()
        moment = replace(
            self._moment,
            seconds=seconds,
            bodies=self._bodies,
            events=events,
            is_told=is_told,
            is_new=scene is not None,
            is_last=False,
            came=frozenset(),
            left=(),
            empty=(),
            since=0.0,
        )
        if is_told:
            moment = self._follow(moment, turns)
        if scene is not None and is_due:
            period = 1.0 / self._target.rate if self._target.rate else 0.0
            self._next_scene = max(self._next_scene + period, seconds)
        self._moment = moment
        return self._tell(moment)

    def neutral(self, seconds: float) -> list[bytes]:
        """Return the packets that leave every receiver with an empty room; said again when asked again."""
        self._farewell = tuple(self._told.values()) or self._farewell
        self._bodies, self._told, self._told_at = (), {}, None
        self._held.reset()
        self._turns.reset()
        self._echoes.reset()
        self._moment = replace(
            self._moment,
            seconds=seconds,
            number=_next(self._moment.number),
            since=0.0,
            lead_id=None,
            events=(),
            bodies=(),
            came=frozenset(),
            left=self._farewell,
            is_told=True,
            is_new=True,
            is_last=True,
            empty=tuple(range(1, self._target.slots + 1)),
        )
        return self._tell(self._moment)

    def _follow(self, moment: Moment, turns: Sequence[int]) -> Moment:
        """Compare with what was told last."""
        now = {
            body.person.id: body._replace(frames=self._told[body.person.id].frames + 1)
            if body.person.id in self._told
            else body
            for body in self._bodies
        }
        left = tuple(body for one, body in self._told.items() if one not in now)
        taken = {body.slot for body in self._bodies}
        gone = self._echoes.take([body.slot for body in left if body.slot not in taken], taken)
        empty = {*gone, *(turn + 1 for turn in turns)} - taken
        came = frozenset(now) - frozenset(self._told)
        since = max(moment.seconds - self._told_at, 0.0) if self._told_at is not None else 0.0
        self._told, self._told_at = now, moment.seconds
        number = _next(moment.number)
        return replace(
            moment,
            bodies=tuple(now.values()),
            number=number,
            since=since,
            came=came,
            left=left,
            empty=tuple(sorted(empty)),
        )

    def _look(self, scene: Scene) -> tuple[Body, ...]:
        """Place everyone who has a slot in the target's coordinates."""
        target = self._target
        owners = {person.slot: person for person in scene.people if person.slot}
        shown = [(slot, owners[slot]) for slot in sorted(owners) if slot <= target.slots]
        people = [person for _, person in shown]
        places = self._held.update(people)
        if not people:
            return ()
        rows = to_target(places.rows, target.origin, target.mirror, scene.aspect)
        signs = (-1.0 if target.mirror else 1.0, 1.0 if target.origin == "top-left" else -1.0)
        moves = _moves(people, places.scores) * signs
        speeds = np.nan_to_num(places.speeds).tolist()
        return tuple(
            Body(
                *(person, slot, index, rows[index], places.scores[index]),
                *(speeds[index], moves[index]),
            )
            for index, (slot, person) in enumerate(shown)
        )


def _next(number: int) -> int:
    return number % LAST_NUMBER + 1


def _moves(people: Sequence[Person], scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (N, 18, 2) velocities of keypoints that are seen, 0 for the others, and their mean."""
    moves = np.zeros((len(people), scores.shape[1] + 1, 2))
    velocities = np.array([person.velocity for person in people], np.float64)
    seen = scores > 0.0
    moves[:, :-1] = np.where(seen[..., None] & np.isfinite(velocities), velocities, 0.0)
    counts = np.maximum(seen.sum(axis=1), 1)
    moves[:, -1] = moves[:, :-1].sum(axis=1) / counts[:, None]
    return moves
