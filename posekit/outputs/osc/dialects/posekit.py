"""posekit's own vocabulary: floats and ints only, one meaning per address, channels that never vanish.

The tables below are the vocabulary; `docs/osc.md` says the same in words. Every bundle opens with the header,
so that a lost packet cannot leave a ghost behind.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from posekit.health import Health
from posekit.outputs.osc.dialect import Dialect, Sample
from posekit.outputs.osc.encode import Packer, bundle_size, form_of
from posekit.outputs.osc.places import CENTER, HIGH, KEYPOINTS, LOW, ORIGIN_HINTS, HeldPlaces, to_target
from posekit.outputs.osc.refresh import Echoes, Turns
from posekit.scene import EVENT_TYPES
from posekit.skeleton import COCO_17

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from posekit.outputs.osc.encode import Form, Shape, Values
    from posekit.outputs.osc.sheet import Entry, Occasions
    from posekit.outputs.osc.target import Target
    from posekit.scene import Event, Person, Scene

FRAME_WRAP = 1_000_000
"""Frames: beyond 2**24 a receiver's float32 can no longer count."""
TIME_WRAP = 3600.0
"""Seconds: at an hour a float32 still tells 0.25 ms apart."""
LATEST_TIME = 3599.9997
"""Seconds: the last float32 before `TIME_WRAP`, to which the time would otherwise be rounded."""
HEADER = (("frame", "i"), ("time", "f"), ("uptime", "i"), ("count", "i"))
"""What every bundle opens with, before `active` of each slot."""
SCORES = 2 * (HIGH + 1)
SIZE = SCORES + KEYPOINTS
REST = SIZE + 2
BODY = (
    *(("id", "i", REST), ("age", "f", REST + 1), ("score", "f", REST + 2)),
    *(("center/x", "f", 2 * CENTER), ("center/y", "f", 2 * CENTER + 1)),
    *(("box/x", "f", 2 * LOW), ("box/y", "f", 2 * LOW + 1)),
    *(("box/w", "f", SIZE), ("box/h", "f", SIZE + 1), ("speed", "f", REST + 3)),
)
"""What is sent of a person besides keypoints, and where it is among her numbers.

These are x, y of the rows of `Places`; from `SCORES` on the keypoints' scores; from `SIZE` on the box's
width and height; from `REST` on her id, age, score and speed.
"""
HEALTH = (
    *(("health/engine", "i"), ("health/camera", "i"), ("health/fps", "f"), ("health/latency_ms", "f")),
    *(("health/dropped", "i"), ("image/width", "i"), ("image/height", "i")),
    ("health/paused", "i"),
)
HEAD_AND_ARMS = 11
"""Keypoints from the nose to the wrists: the first of a person's two bundles when split."""
LEAD = "lead"
LONGEST_EVENT_NAME = 48
"""Letters of an event's name that its address keeps, so that a message always fits beside the header."""


class Part(NamedTuple):
    """One message about a person."""

    name: str
    """What follows the slot in its address."""
    tags: str
    columns: tuple[int, ...]
    """Where its values are among a person's numbers."""


def person_parts(target: Target) -> list[list[Part]]:
    """Return all that is sent of a person in the order it is sent, in chunks that are best kept together."""
    body = [Part(name, tag, (column,)) for name, tag, column in BODY]
    names = [(at, COCO_17.keypoints[at]) for at in target.keypoints]
    if target.layout == "packed":
        return [body + [Part(name, "fff", _columns(at)) for at, name in names]]
    above, below = (
        [
            Part(f"{name}/{part}", "f", (column,))
            for at, name in names
            if (at < HEAD_AND_ARMS) == is_above
            for part, column in zip(("x", "y", "score"), _columns(at), strict=True)
        ]
        for is_above in (True, False)
    )
    return [above, body + below]


def _columns(keypoint: int) -> tuple[int, int, int]:
    """Return where x, y and score of a keypoint are among a person's numbers."""
    return 2 * keypoint, 2 * keypoint + 1, SCORES + keypoint


class PosekitEncoder:
    """One target's stream. It remembers held places, who was shown, and how often each event happened.

    Channels are numbered: 0 for slot 1 and so on, and the last is the lead person's.
    """

    def __init__(self, target: Target, counters: Mapping[str, int]) -> None:
        self._target = target
        self._names = [*(f"p{slot}" for slot in range(1, target.slots + 1)), LEAD]
        parts = person_parts(target)
        self._columns = np.array([at for chunk in parts for part in chunk for at in part.columns])
        self._forms = [
            [self._form((f"{name}/{part.name}", part.tags) for part in chunk) for chunk in parts]
            for name in self._names
        ]
        self._header_form = form_of(header_shapes(target))
        self._lead_form = self._form([(f"{LEAD}/active", "i")])
        self._health_form = self._form(HEALTH)
        self.counters = dict(counters)
        """How often each event happened, by `p1/enter`, `lead/enter`."""
        self._event_names = {*map(event_name, EVENT_TYPES), *(key.partition("/")[2] for key in counters)}
        self._packer, self._held, self._turns = Packer(), HeldPlaces(), Turns(len(self._names) + 1)
        self._health, self._echoes = Health(), Echoes()
        self._scene: Scene | None = None
        self._present: list[int] = []
        self._numbers = np.empty((0, len(self._columns)))
        self._shown: list[int] = []
        self._shown_numbers = self._numbers
        self._zeros = np.zeros(len(self._columns))
        self._rows = [self._zeros] * len(self._names)
        self._next_scene = 0.0
        self._zones: dict[str, int] = {}

    def update(
        self, seconds: float, scene: Scene | None, events: Sequence[Event], health: Health | None
    ) -> list[bytes]:
        """Return the packets to send now, perhaps none; `scene` None when nothing new was seen.

        `seconds` count from the sender's start. A scene that comes too early for the target's rate is looked
        at but not sent; its events are.
        """
        leads = {self._lead_id}
        if scene is not None:
            self._look(scene)
        self._take_health(scene, health)
        happened, told = self._count(events, leads | {self._lead_id})
        is_due = scene is None or seconds >= self._next_scene
        turns = self._turns.take(seconds) if is_due else []
        if not happened and not turns and (scene is None or not is_due):
            return []
        forms: list[Form] = []
        values: list[Values] = [self._header(seconds)]
        if turns or (is_due and scene is not None):
            self._show(turns, forms, values)
        if happened:
            forms += happened
            values.append(told)
        if is_due and scene is not None:
            period = 1.0 / self._target.rate if self._target.rate else 0.0
            # From when it was due, not from now: a jittering camera shall not halve the rate.
            self._next_scene = max(self._next_scene + period, seconds)
        return self._packer.encode(self._header_form, forms, values)

    def neutral(self, seconds: float) -> list[bytes]:
        """Return the packets that leave the receiver with an empty room and no engine.

        The next update starts again with every channel of every slot.
        """
        self._present, self._numbers = [], self._numbers[:0]
        self._scene, self._shown, self._shown_numbers = None, [], self._numbers
        self._health = replace(self._health, engine=False)
        self._held.reset()
        self._turns.reset()
        self._echoes.reset()
        forms = [self._form(HEALTH[:1]), self._lead_form]
        values: list[Values] = [self._header(seconds), (0, 0)]
        self._zones = self._count_zones()
        if self._zones:
            forms.append(self._zones_form())
            values.append(list(self._zones.values()))
        if self._target.leave == "zero":
            self._rows = [self._zeros] * len(self._names)
            forms += [form for chunks in self._forms for form in chunks]
            values += self._rows
        return self._packer.encode(self._header_form, forms, values)

    def _form(self, shapes: Iterable[Shape]) -> Form:
        return form_of(tuple([(f"{self._target.prefix}/{name}", tags) for name, tags in shapes]))

    @property
    def _lead_id(self) -> int | None:
        return self._scene.lead_id if self._scene else None

    def _take_health(self, scene: Scene | None, health: Health | None) -> None:
        """Keep the newest health; a scene is proof of an engine even when nobody speaks of its health."""
        if health is not None:
            self._health = health
        elif scene is not None and not self._health.engine:
            self._health = replace(self._health, engine=True)

    def _look(self, scene: Scene) -> None:
        """Place everyone in the target's coordinates, whether or not this scene is sent."""
        self._scene = scene
        slots = self._target.slots
        owners = {person.slot - 1: person for person in scene.people if person.slot and person.slot <= slots}
        lead = scene.lead
        if lead is not None:
            owners[slots] = lead
        self._present = sorted(owners)
        # The lead is there twice: to place her again costs less than to look her up.
        self._numbers = self._place([owners[channel] for channel in self._present], scene.aspect)

    def _place(self, people: Sequence[Person], aspect: float) -> NDArray[np.float64]:
        """Return a row of numbers for each person, in the order they are sent."""
        places = self._held.update(people)
        if not people:
            return self._numbers[:0]
        rows = to_target(places.rows, self._target.origin, self._target.mirror, aspect)
        rest = [
            (person.id, person.age, person.pose.score, speed)
            for person, speed in zip(people, places.speeds.tolist(), strict=True)
        ]
        pieces = (rows.reshape(len(people), -1), places.scores, rows[:, HIGH] - rows[:, LOW], rest)
        numbers: NDArray[np.float64] = np.concatenate(pieces, axis=1)
        return numbers.take(self._columns, axis=1)

    def _header(self, seconds: float) -> list[float]:
        scene = self._scene
        active = [0] * self._target.slots
        for channel in self._present:
            if channel < len(active):
                active[channel] = 1
        return [
            int(scene.index) % FRAME_WRAP if scene else 0,
            min(seconds % TIME_WRAP, LATEST_TIME),
            int(seconds),
            len(scene.people) if scene else 0,
            *active,
        ]

    def _show(self, turns: Collection[int], forms: list[Form], values: list[Values]) -> None:
        """Add the people, the slots that emptied lately, and those whose turn it is to be repeated."""
        if self._shown != self._present:  # who has gone is held as she was
            for channel, row in zip(self._shown, self._shown_numbers, strict=True):
                self._rows[channel] = row
        lead, health = len(self._names) - 1, len(self._names)
        told = {*self._present, *turns} - {health}
        if self._target.leave == "zero":
            left = [channel for channel in self._shown if channel not in self._present]
            gone = self._echoes.take(left, self._present)
            for channel in gone:
                self._rows[channel] = self._zeros
            told.update(gone)
        self._shown, self._shown_numbers = self._present, self._numbers
        channels = sorted(told)
        forms.append(self._lead_form)
        values.append([lead in self._present])
        for channel in channels:
            forms += self._forms[channel]
        if channels == self._present:
            values.append(self._numbers.ravel())
        else:
            rows = dict(zip(self._present, self._numbers, strict=True))
            values += [rows.get(channel, self._rows[channel]) for channel in channels]
        before, self._zones = self._zones, self._count_zones()
        if self._zones and (self._zones != before or health in turns):
            forms.append(self._zones_form())
            values.append(list(self._zones.values()))
        for turn in turns:
            form, numbers = self._all_health() if turn == health else self._counters(self._names[turn])
            forms.append(form)
            values.append(numbers)

    def _count_zones(self) -> dict[str, int]:
        """Return how many people are in each zone; in one that is not watched any more it is nobody."""
        watched = self._scene.zones if self._scene else ()
        return {**dict.fromkeys(self._zones, 0), **{zone.name: zone.count for zone in watched}}

    def _zones_form(self) -> Form:
        return self._form((f"zone/{event_name(name)}/count", "i") for name in self._zones)

    def _count(self, events: Iterable[Event], leads: set[int | None]) -> tuple[list[Form], list[float]]:
        """Count events up and return each one's messages, in order."""
        forms: list[Form] = []
        values: list[float] = []
        for event in events:
            if event.signal is None:
                continue
            name = event_name(event.signal)
            slot = event.slot or 0
            is_lead = event.person_id != 0 and event.person_id in leads
            owners = ([f"p{slot}"] if slot else []) + ([LEAD] if is_lead else [])
            for owner in owners:
                self.counters[f"{owner}/{name}"] = self.counters.get(f"{owner}/{name}", 0) + 1
            self._event_names.add(name)
            is_sent = slot <= self._target.slots
            heard = [owner for owner in owners if owner == LEAD or is_sent]
            values += (slot if is_sent else 0, event.person_id, event.value)
            values += [self.counters[f"{owner}/{name}"] for owner in heard]
            shapes = [(f"event/{name}", "iif"), *((f"{owner}/event/{name}", "i") for owner in heard)]
            forms.append(self._form(shapes))
        return forms, values

    def _counters(self, owner: str) -> tuple[Form, list[float]]:
        names = sorted(self._event_names)
        form = self._form((f"{owner}/event/{name}", "i") for name in names)
        return form, [self.counters.get(f"{owner}/{name}", 0) for name in names]

    def _all_health(self) -> tuple[Form, list[float]]:
        health = self._health
        size = self._scene.size if self._scene else (0, 0)
        return self._health_form, [
            *(health.engine, health.camera, health.fps, health.latency_ms, health.dropped),
            *size,
            health.paused,
        ]


def event_name(name: str) -> str:
    """Return an event's name as an address may have it: letters, digits, `_`, `-` and `.`."""
    return re.sub(r"[^A-Za-z0-9_.-]", "_", name)[:LONGEST_EVENT_NAME]


def encoder(target: Target, counters: Mapping[str, int]) -> PosekitEncoder:
    """Return the encoder for a target, going on from the counters of an earlier one."""
    return PosekitEncoder(target, counters)


def header_shapes(target: Target) -> tuple[Shape, ...]:
    """Return the addresses and type tags that every bundle opens with."""
    active = [(f"p{slot}/active", "i") for slot in range(1, target.slots + 1)]
    return tuple([(f"{target.prefix}/{name}", tags) for name, tags in (*HEADER, *active)])


def least_bytes(target: Target) -> int:
    """Return the bytes of a bundle with the header and the largest message there can be."""
    name = "e" * LONGEST_EVENT_NAME
    largest = [("event/", "iif"), (f"p{target.slots}/event/", "i"), (f"{LEAD}/event/", "i")]
    header = [(address, (0,) * len(tags)) for address, tags in header_shapes(target)]
    return max(
        bundle_size([*header, (f"{target.prefix}/{start}{name}", (0,) * len(tags))])
        for start, tags in largest
    )


def sample(target: Target) -> Sample:
    """Return what a receiver will look for first: a wrist."""
    names = target.keypoint_names
    name = "left_wrist" if "left_wrist" in names else names[0]
    is_split = target.layout == "split"
    return Sample(
        f"{target.prefix}/p1/{name}" + ("/x" if is_split else ""),
        "x" if is_split else "x, y and score",
        ORIGIN_HINTS[target.origin],
    )


def _sheet(target: Target, occasions: Occasions) -> Iterable[Entry]:
    from posekit.outputs.osc.dialects.posekit_sheet import sheet  # it describes what is above

    return sheet(target, occasions)


DIALECT = Dialect(
    encoder,
    sample,
    ("layout", "origin", "mirror", "slots", "rate", "only", "prefix", "leave"),
    _sheet,
    least_bytes=least_bytes,
)
