"""Who is here: for a window that is started while there are people, so that they enter in it too."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from posekit.scene import ZoneEvent, event_from_dict

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from posekit.scene import Event


class Present:
    """Remembers the events that tell who is here and in which zone."""

    def __init__(self) -> None:
        self._entered: dict[int, Event] = {}
        self._first: Event | None = None
        self._stays: dict[tuple[int, str], Event] = {}
        self.last = (0, 0)
        """Epoch and sequence of the newest event: what a `WindowOrder` is `after`."""

    def note(self, events: Iterable[Event]) -> None:
        """Take in what happened."""
        for event in events:
            self.last = max(self.last, (event.epoch, event.sequence))
            if isinstance(event, ZoneEvent):
                if event.name == "zone_enter":
                    self._stays[event.person_id, event.zone] = event
                elif event.name == "zone_leave":
                    self._stays.pop((event.person_id, event.zone), None)
            elif event.name == "enter":
                self._entered[event.person_id] = event
            elif event.name == "first":
                self._first = event
            elif event.name == "leave":
                self._entered.pop(event.person_id, None)
            elif event.name == "empty":
                self._first = None

    def events(self) -> tuple[dict[str, Any], ...]:
        """Return how those came who are here, in that order, as plain values for a `WindowOrder`."""
        entered = list(self._entered.values())
        first: tuple[Event, ...] = ()
        if self._first is not None and entered:
            longest = entered[0]  # she who was first may have left since
            first = (replace(self._first, person_id=longest.person_id, slot=longest.slot),)
        return tuple(asdict(event) for event in (*entered, *first, *self._stays.values()))


def read_here(here: Sequence[dict[str, Any]]) -> tuple[Event, ...]:
    """Return the events that an order names."""
    return tuple(event_from_dict(data) for data in here)
