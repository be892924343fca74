"""Who came, who left, and whether the room is empty."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posekit.scene import Empty, Enter, Event, First, Leave

if TYPE_CHECKING:
    from collections.abc import Sequence

    from posekit.scene import Person


class Presence:
    """Compares the people of one frame with those before and says what happened in between.

    The room counts as empty once nobody has been there for `empty_after` seconds; whoever comes after that,
    or after the start, is the first. Somebody who comes sooner merely enters.
    """

    def __init__(self, empty_after: float = 5.0) -> None:
        self._empty_after = empty_after
        self._known: dict[int, Person] = {}
        self._is_occupied = False
        self._said_empty = False
        self._alone_since: float | None = None
        self._looked = 0.0

    def update(self, people: Sequence[Person], time: float) -> tuple[Event, ...]:
        """Return what happened up to `time` seconds, in order: leaves before enters."""
        present = {person.id: person for person in people}
        gone = (person for person in self._known.values() if person.id not in present)
        events: list[Event] = [self._leave(person, "gone") for person in gone]
        for person in people:
            if person.id not in self._known:
                events += self._arrival(person, time)
        self._known, self._looked = present, time
        events += self._emptiness(time)
        return tuple(events)

    def reset(self, reason: str = "reset") -> tuple[Event, ...]:
        """Let everybody leave for a reason, and forget."""
        events = tuple(self._leave(person, reason) for person in self._known.values())
        self._known = {}
        self._alone_since = None
        return events

    def _arrival(self, person: Person, time: float) -> list[Event]:
        first = [] if self._is_occupied else [First(person.id, person.slot, time)]
        self._is_occupied, self._said_empty, self._alone_since = True, False, None
        return [Enter(person.id, person.slot, time), *first]

    def _leave(self, person: Person, reason: str) -> Leave:
        # Her age went on while she was looked for in vain; the visit ended when she was last seen.
        visit = max(0.0, person.age - (self._looked - person.seen))
        return Leave(person.id, person.slot, person.seen, visit=visit, reason=reason)

    def _emptiness(self, time: float) -> list[Event]:
        if self._known:
            self._alone_since = None
            return []
        if self._alone_since is None:
            self._alone_since = time
        if self._said_empty or time - self._alone_since < self._empty_after:
            return []
        self._is_occupied, self._said_empty = False, True
        return [Empty(time=time)]
