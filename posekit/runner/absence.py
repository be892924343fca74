"""What the runner says in the engine's place while there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posekit.outputs.osc.opening import open_osc
from posekit.scene import Event, Leave, ZoneEvent

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from posekit.clock import Clock
    from posekit.health import Health
    from posekit.outputs.osc.sender import OscSender
    from posekit.scene import Person, Scene
    from posekit.settings import Settings

SPEAK_SECONDS = 0.25
"""How often the targets are told; the sender itself decides what is due."""


class Absence:
    """Knows who is here and what was counted, and speaks for the engine from `begin` to `end`."""

    def __init__(self, settings: Settings, clock: Clock, first_id: int = 1) -> None:
        self._settings, self._clock = settings, clock
        self._present: dict[int, Event] = {}
        self._stays: dict[tuple[int, str], ZoneEvent] = {}
        self._people: dict[int, Person] = {}
        self._sequence = self._epoch = 0
        self._osc: OscSender | None = None
        self._spoke = 0.0
        self._counters: dict[str, int] = {}
        self.next_id = first_id
        """Above every id that was ever given."""

    @property
    def counters(self) -> dict[str, int]:
        """How often each event has been sent over OSC."""
        return self._osc.counters if self._osc else self._counters

    def note(self, events: Iterable[Event]) -> None:
        """Remember who came and who left."""
        for event in events:
            self._sequence, self._epoch = event.sequence, event.epoch
            self.next_id = max(self.next_id, event.person_id + 1)
            if isinstance(event, ZoneEvent):
                self._note_stay(event)
            elif event.name == "enter":
                self._present[event.person_id] = event
            elif event.name == "leave":
                self._present.pop(event.person_id, None)

    def note_people(self, scene: Scene) -> None:
        """Remember who is in a scene, and the highest id."""
        self._people = {person.id: person for person in scene.people}
        self.next_id = max(self.next_id, *(person.id + 1 for person in scene.people), 1)

    def begin(self, counters: Mapping[str, int], scene: Scene | None, health: Health) -> tuple[Event, ...]:
        """Let everybody leave, tell the targets, and return what happened."""
        stays = [self._leave_zone(*stay) for stay in list(self._stays)]
        leaves = (*stays, *(self._leave(enter) for enter in self._present.values()))
        self._present.clear()
        self._counters = dict(counters)
        if self._osc is None:
            self._osc = open_osc(self._settings, self._clock, counters)
        if self._osc:
            self._osc.update(scene, leaves, health)
            self._osc.engine_lost()
            self._spoke = self._clock.now()
        return leaves

    def speak(self, health: Health) -> None:
        """Go on telling the targets that no engine runs."""
        now = self._clock.now()
        if self._osc and now - self._spoke >= SPEAK_SECONDS:
            self._osc.update(None, (), health)
            self._spoke = now

    def end(self) -> None:
        """Leave the targets to an engine; twice is harmless."""
        if self._osc is not None:
            self._counters = self._osc.counters
            self._osc.close()
            self._osc = None

    def _note_stay(self, event: ZoneEvent) -> None:
        if event.name == "zone_enter":
            self._stays[event.person_id, event.zone] = event
        elif event.name == "zone_leave":
            self._stays.pop((event.person_id, event.zone), None)

    def _leave_zone(self, person_id: int, zone: str) -> ZoneEvent:
        """Return the end of her stay in a zone, as she was last seen."""
        self._sequence += 1
        enter, person = self._stays.pop((person_id, zone)), self._people.get(person_id)
        seen, slot = (person.seen, person.slot) if person else (enter.time, enter.slot)
        return ZoneEvent(
            name="zone_leave",
            person_id=person_id,
            slot=slot,
            time=seen,
            zone=zone,
            stay=max(0.0, seen - enter.time),
            occupancy=sum(other == zone for _, other in self._stays),
            epoch=self._epoch,
            sequence=self._sequence,
        )

    def _leave(self, enter: Event) -> Leave:
        """Return her leave: as last seen, with the slot she had then, which may have come after her enter."""
        self._sequence += 1
        person = self._people.get(enter.person_id)
        seen, slot = (person.seen, person.slot) if person else (enter.time, enter.slot)
        numbers = {"epoch": self._epoch, "sequence": self._sequence}
        return Leave(enter.person_id, slot, seen, visit=seen - enter.time, reason="engine", **numbers)
