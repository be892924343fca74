"""Who is in which zone: when she came into it, whether she stays, and when she went.

In most frames nobody crosses a border and nobody's time is up: those are calm, and one look at where all are
is all there is to do.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from operator import le
from typing import TYPE_CHECKING

import numpy as np

from posekit.events.zone_shapes import ZoneShapes
from posekit.scene import Event, ZoneEvent, ZoneState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from posekit.scene import Person
    from posekit.zones import Zone

TINY = 1e-6
"""Seconds that a sum of times may be off."""


@dataclass(frozen=True)
class ZoneOptions:
    """How sure it must be that somebody came or went. All in seconds but the margin."""

    margin: float = 0.05
    """In her height: who is in a zone may be so far outside and is still in it."""
    enter_after: float = 0.1
    """How long she must have been seen in it."""
    leave_after: float = 0.2
    """How long she must have been seen out of it."""
    lost_after: float = 0.5
    """How long what counts of her may be hidden while the rest of her is seen."""


Place = tuple[int, int]
"""A person's row and a zone's column."""


@dataclass(frozen=True, eq=False)
class _Stays:
    """A row for each person, a column for each zone; times in seconds, NaN where there is none."""

    is_in: NDArray[np.bool_]
    since: NDArray[np.float64]
    """When she came into it."""
    last: NDArray[np.float64]
    """When she was last seen in it."""
    has_dwelt: NDArray[np.bool_]
    began: NDArray[np.float64]
    """Since when it has looked otherwise than `is_in` says."""

    @classmethod
    def none(cls, people: int, zones: int) -> _Stays:
        shape = people, zones
        since, last, began = np.full((3, *shape), np.nan)
        return cls(np.zeros(shape, np.bool_), since, last, np.zeros(shape, np.bool_), began)

    def moved(self, rows: Sequence[int | None], columns: Sequence[int | None]) -> _Stays:
        """Return the stays of other people and zones; None is one that was not there before."""
        moved = _Stays.none(len(rows), len(columns))
        to = np.ix_(_kept(rows), _kept(columns))
        of = np.ix_([row for row in rows if row is not None], [at for at in columns if at is not None])
        for field in fields(_Stays):
            getattr(moved, field.name)[to] = getattr(self, field.name)[of]
        return moved


class Zones:
    """Watches zones: `update` once per frame, in the order of time.

    Each stay gives a `zone_enter`, at most one `zone_dwell`, and a `zone_leave`. A point that trembles on the
    border gives no more: to be out she must be out by a margin and for a while. All times are those at which
    she was seen, so that nothing happens to her while she is only expected back; whoever is not among the
    people any more ends her stays.
    """

    def __init__(self, zones: Sequence[Zone] = (), options: ZoneOptions | None = None) -> None:
        self._options = options or ZoneOptions()
        self._wanted: tuple[Zone, ...] | None = None
        self._shapes = ZoneShapes(tuple(zones))
        self._ids: list[int] = []
        self._people: Sequence[Person] = ()
        self._seen: list[float] = []
        """When each was seen last."""
        self._stays = _Stays.none(0, len(zones))
        self._is_calm = False
        """Whether everybody was where she was taken to be; then `last` is kept in `_seen` alone."""
        self._due = math.inf
        """When somebody has been in a zone for its time."""
        self._state: tuple[ZoneState, ...] | None = None

    @property
    def zones(self) -> tuple[Zone, ...]:
        """The zones that are watched."""
        return self._shapes.zones

    @property
    def state(self) -> tuple[ZoneState, ...]:
        """Who is in which zone, as of the last `update`; in the zones' order, empty ones too."""
        if self._state is None:
            self._state = tuple(
                ZoneState(zone.name, tuple(self._ids[row] for row in np.flatnonzero(column).tolist()))
                for zone, column in zip(self.zones, self._stays.is_in.T, strict=True)
            )
        return self._state

    def replace(self, zones: Sequence[Zone]) -> None:
        """Watch other zones from the next `update` on; may be called from any thread.

        Who is in a zone of the same name stays in it, unless it went away from under her.
        """
        self._wanted = tuple(zones)

    def reset(self) -> None:
        """Forget everybody, without a word."""
        self._ids, self._people, self._seen = [], (), []
        self._stays, self._state = _Stays.none(0, len(self.zones)), None
        self._is_calm = False

    def update(self, people: Sequence[Person], time: float, aspect: float) -> tuple[Event, ...]:  # noqa: ARG002
        """Return what happened up to `time` seconds: leaves, then enters, then dwells, each by person.

        `aspect` is the picture's width in heights. The times of the events are when it was first seen so.
        """
        events = self._adopt() if self._wanted is not None else ()
        if not self.zones:
            return events
        ids = [person.id for person in people]
        if ids != self._ids:
            events += self._follow(ids)
        self._people, before = people, self._seen
        if not people:
            return events
        seen = self._seen = [person.seen for person in people]
        found = self._shapes.look(people)
        differs = found != self._stays.is_in
        if (
            self._is_calm
            and not np.count_nonzero(differs)
            and max(seen) < self._due
            and (seen == before or all(map(le, before, seen)))
        ):
            return events
        self._catch_up(before)
        return events + self._judge(found, differs, aspect)

    def _adopt(self) -> tuple[Event, ...]:
        """Change to the zones that were wanted last; who is in one that is gone leaves it."""
        wanted, self._wanted = self._wanted, None
        if wanted is None:
            return ()
        self._catch_up(self._seen)
        before = {zone.name: at for at, zone in enumerate(self.zones)}
        gone = np.ones_like(self._stays.is_in)
        gone[:, [before[zone.name] for zone in wanted if zone.name in before]] = False
        events = self._leaves(self._stays.is_in & gone)
        self._stays = self._stays.moved(range(len(self._ids)), [before.get(zone.name) for zone in wanted])
        self._shapes, self._state = ZoneShapes(wanted), None
        return tuple(events)

    def _follow(self, ids: list[int]) -> tuple[Event, ...]:
        """Let those go who are not there any more, and make room for those who are new."""
        self._catch_up(self._seen)
        gone = np.array([known not in ids for known in self._ids], np.bool_)
        events = self._leaves(self._stays.is_in & gone[:, None])
        rows = {known: row for row, known in enumerate(self._ids)}
        self._stays = self._stays.moved([rows.get(one) for one in ids], range(len(self.zones)))
        self._ids, self._state = ids, None
        return tuple(events)

    def _catch_up(self, seen: list[float]) -> None:
        """Note when everybody was last seen where she is, for the calm frames up to now."""
        if self._is_calm:
            np.copyto(self._stays.last, np.array(seen)[:, None], where=self._stays.is_in)
            self._is_calm = False

    def _judge(
        self, found: NDArray[np.bool_], differs: NDArray[np.bool_], aspect: float
    ) -> tuple[Event, ...]:
        """Compare where everybody is with where she was taken to be."""
        stays, options = self._stays, self._options
        now = np.array(self._seen)[:, None]
        if np.count_nonzero(differs & stays.is_in):
            found |= stays.is_in & self._shapes.near(options.margin, aspect)
            differs = found != stays.is_in
        # A time that went back starts every wait anew.
        np.minimum(stays.since, now, out=stays.since)
        np.copyto(stays.last, now, where=found)
        events: list[Event] = []
        self._is_calm = not np.count_nonzero(differs)
        if self._is_calm:
            stays.began.fill(np.nan)
        else:
            np.copyto(stays.began, np.where(differs, np.fmin(stays.began, now), np.nan))
            patience = np.where(stays.is_in, options.leave_after, options.enter_after)
            patience = np.where(self._shapes.known(), patience, options.lost_after)
            turns = differs & (now - stays.began >= patience)
            events += self._leaves(turns & stays.is_in)
            events += self._enters(turns & found)
        return (*events, *self._dwells())

    def _leaves(self, which: NDArray[np.bool_]) -> list[Event]:
        """End stays, (people, zones): each when she was last seen there."""
        events, stays = [], self._stays
        for at in self._by_person(which):
            stays.is_in[at] = False
            events.append(self._event("zone_leave", at, float(stays.last[at])))
            stays.since[at] = stays.began[at] = np.nan
        return events

    def _enters(self, which: NDArray[np.bool_]) -> list[Event]:
        """Begin stays, each when she was first seen there."""
        events, stays = [], self._stays
        for at in self._by_person(which):
            stays.is_in[at], stays.has_dwelt[at] = True, False
            stays.since[at], stays.began[at] = stays.began[at], np.nan
            events.append(self._event("zone_enter", at, float(stays.since[at])))
        return events

    def _dwells(self) -> list[Event]:
        """Say who has been in a zone for its time."""
        stays = self._stays
        waiting = stays.is_in & ~stays.has_dwelt
        self._due = math.inf
        if not np.count_nonzero(waiting):
            return []
        due = waiting & (stays.last - stays.since >= self._shapes.dwell)
        stays.has_dwelt[due] = True
        waiting &= ~due
        ends = (stays.since + self._shapes.dwell)[waiting]
        self._due = float(ends.min(initial=math.inf)) - TINY
        return [self._event("zone_dwell", at, float(stays.last[at])) for at in self._by_person(due)]

    def _event(self, name: str, at: Place, time: float) -> Event:
        self._state = None
        row, column = at
        return ZoneEvent(
            name=name,
            person_id=self._ids[row],
            slot=self._people[row].slot,
            time=time,
            zone=self.zones[column].name,
            stay=max(0.0, time - float(self._stays.since[at])),
            occupancy=int(np.count_nonzero(self._stays.is_in[:, column])),
        )

    def _by_person(self, which: NDArray[np.bool_]) -> list[Place]:
        """Return the rows and columns that are chosen, by id: the order of people does not matter."""
        places = ((row, column) for row, column in np.argwhere(which).tolist())
        return sorted(places, key=lambda at: (self._ids[at[0]], at[1]))


def _kept(before: Sequence[int | None]) -> list[int]:
    """Return where those are now that were there before."""
    return [at for at, was in enumerate(before) if was is not None]
