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
from posekit.outputs.osc.encode import bundle_size, pack_bundles, real, whole
from posekit.outputs.osc.places import CENTER, HIGH, LOW, HeldPlaces, to_target
from posekit.scene import EVENT_TYPES
from posekit.skeleton import COCO_17

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from posekit.outputs.osc.encode import Bundle, Message
    from posekit.outputs.osc.target import Target
    from posekit.scene import Event, Person, Scene

    Chunk = Sequence[Message]

FRAME_WRAP = 1_000_000
"""Frames: beyond 2**24 a receiver's float32 can no longer count."""
TIME_WRAP = 3600.0
"""Seconds: at an hour a float32 still tells 0.25 ms apart."""
LATEST_TIME = 3599.9997
"""Seconds: the last float32 before `TIME_WRAP`, to which the time would otherwise be rounded."""
BODY = (
    *("id", "age", "score", "center/x", "center/y", "box/x", "box/y", "box/w", "box/h"),
    "speed",
)
"""What is sent of a person besides keypoints; an int and nine floats."""
HEALTH = ("engine", "camera", "fps", "latency_ms", "dropped")
HEAD_AND_ARMS = 11
"""Keypoints from the nose to the wrists: the first of a person's two bundles when split."""
LEAD = "lead"
LONGEST_EVENT_NAME = 48
"""Letters of an event's name that its address keeps, so that a message always fits beside the header."""


class Numbers(NamedTuple):
    """One person in a target's coordinates."""

    keypoints: list[list[float]]
    """x, y, score of the keypoints that the target wants."""
    body: tuple[int | float, ...]
    """In the order of `BODY`."""


class Channels:
    """The addresses of one slot, or of the lead person."""

    def __init__(self, target: Target, name: str) -> None:
        base = f"{target.prefix}/{name}"
        names = [f"{base}/{COCO_17.keypoints[at]}" for at in target.keypoints]
        self.name = name
        self.active = f"{base}/active"
        self.event = f"{base}/event"
        self.body = [f"{base}/{part}" for part in BODY]
        self.is_split = target.layout == "split"
        self.above = sum(at < HEAD_AND_ARMS for at in target.keypoints) * 3
        self.keypoints = (
            [f"{name}/{part}" for name in names for part in ("x", "y", "score")] if self.is_split else names
        )
        empty = Numbers([[0.0, 0.0, 0.0]] * len(names), (0, *(0.0,) * (len(BODY) - 1)))
        self.zeros = self.fill(empty)

    def fill(self, numbers: Numbers) -> list[Chunk]:
        """Return everything about one person as messages, in chunks that are best kept together."""
        body = [(address, (number,)) for address, number in zip(self.body, numbers.body, strict=True)]
        if not self.is_split:
            packed: list[Message] = [
                (address, (x, y, score))
                for address, (x, y, score) in zip(self.keypoints, numbers.keypoints, strict=True)
            ]
            return [body + packed]
        flat = [number for row in numbers.keypoints for number in row]
        split: list[Message] = [
            (address, (number,)) for address, number in zip(self.keypoints, flat, strict=True)
        ]
        return [split[: self.above], body + split[self.above :]]


class PosekitEncoder:
    """One target's stream. It remembers held places, who was shown, and how often each event happened."""

    def __init__(self, target: Target, counters: Mapping[str, int]) -> None:
        self._target = target
        self._slots = [Channels(target, f"p{slot}") for slot in range(1, target.slots + 1)]
        self._lead = Channels(target, LEAD)
        self._keypoints = np.array(target.keypoints)
        self.counters = dict(counters)
        """How often each event happened, by `p1/enter`, `lead/enter`."""
        self._held = HeldPlaces()
        self._health = Health()
        self._scene: Scene | None = None
        self._present: dict[str, Person] = {}
        self._numbers: dict[int, Numbers] = {}
        self._shown: set[str] = set()
        self._last: dict[str, list[Chunk]] = {}
        self._next_scene = 0.0
        self._refreshed = -1

    def update(
        self, seconds: float, scene: Scene | None, events: Sequence[Event], health: Health | None
    ) -> list[Bundle]:
        """Return the bundles to send now, perhaps none; `scene` None when nothing new was seen.

        `seconds` count from the sender's start. A scene that comes too early for the target's rate is looked
        at but not sent; its events are.
        """
        leads = {self._lead_id}
        if scene is not None:
            self._look(scene)
        self._take_health(scene, health)
        happened = self._count(events, leads | {self._lead_id})
        is_refresh = int(seconds) != self._refreshed
        is_due = is_refresh if scene is None else seconds >= self._next_scene
        if not is_due and not events:
            return []
        chunks: list[Chunk] = []
        if is_due:
            chunks = self._show(is_refresh)
            self._refreshed = int(seconds)
            period = 1.0 / self._target.rate if self._target.rate else 0.0
            # From when it was due, not from now: a jittering camera shall not halve the rate.
            self._next_scene = max(self._next_scene + period, seconds)
        return pack_bundles(self._header(seconds), chunks + happened)

    def neutral(self, seconds: float) -> list[Bundle]:
        """Return the bundles that leave the receiver with an empty room and no engine.

        The next update starts again with every channel of every slot.
        """
        self._present, self._scene, self._shown = {}, None, set()
        self._health = replace(self._health, engine=False)
        self._held.keep(())
        self._refreshed = -1
        chunks: list[Chunk] = [
            [(f"{self._target.prefix}/health/engine", (0,))],
            [(self._lead.active, (0,))],
        ]
        if self._target.leave == "zero":
            for channels in (*self._slots, self._lead):
                chunks += channels.zeros
        return pack_bundles(self._header(seconds), chunks)

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
        slots = range(1, self._target.slots + 1)
        self._present = {f"p{person.slot}": person for person in scene.people if person.slot in slots}
        if scene.lead is not None:
            self._present[LEAD] = scene.lead
        people = {person.id: person for person in self._present.values()}
        self._held.keep(people.keys())
        self._numbers = {key: self._place(person, scene.aspect) for key, person in people.items()}

    def _place(self, person: Person, aspect: float) -> Numbers:
        places = self._held.update(person)
        rows = to_target(places, self._target.origin, self._target.mirror, aspect)
        keypoints = np.column_stack((rows[self._keypoints], places.scores[self._keypoints])).tolist()
        center, low, size = rows[CENTER].tolist(), rows[LOW].tolist(), (rows[HIGH] - rows[LOW]).tolist()
        numbers = (real(person.age), real(person.score), *center, *low, *size, real(person.speed))
        return Numbers(keypoints, (whole(person.id), *numbers))

    def _header(self, seconds: float) -> list[Message]:
        prefix, scene = self._target.prefix, self._scene
        header: list[Message] = [
            (f"{prefix}/frame", (whole(scene.index) % FRAME_WRAP if scene else 0,)),
            (f"{prefix}/time", (min(seconds % TIME_WRAP, LATEST_TIME),)),
            (f"{prefix}/uptime", (whole(seconds),)),
            (f"{prefix}/count", (len(scene.people) if scene else 0,)),
        ]
        header += [(channels.active, (int(channels.name in self._present),)) for channels in self._slots]
        return header

    def _show(self, everything: bool) -> list[Chunk]:
        """Return the people, the slots that have just emptied, and once a second all there is."""
        chunks: list[Chunk] = [[(self._lead.active, (int(LEAD in self._present),))]]
        for channels in (*self._slots, self._lead):
            chunks += self._show_one(channels, everything)
        self._shown = set(self._present)
        if everything:
            chunks += self._all_counters()
            chunks.append(self._all_health())
        return chunks

    def _show_one(self, channels: Channels, everything: bool) -> list[Chunk]:
        name = channels.name
        if name in self._present:
            self._last[name] = channels.fill(self._numbers[self._present[name].id])
            return self._last[name]
        if self._target.leave == "hold":
            return self._last.get(name, channels.zeros) if everything else []
        return channels.zeros if everything or name in self._shown else []

    def _count(self, events: Iterable[Event], leads: set[int | None]) -> list[Chunk]:
        """Count events up and return each one's messages, in order."""
        chunks: list[Chunk] = []
        for event in events:
            name = event_name(event.name)
            slot = event.slot or 0
            is_lead = event.person_id != 0 and event.person_id in leads
            owners = ([f"p{slot}"] if slot else []) + ([LEAD] if is_lead else [])
            for owner in owners:
                self.counters[f"{owner}/{name}"] = self.counters.get(f"{owner}/{name}", 0) + 1
            is_sent = slot <= self._target.slots
            told = (whole(slot) if is_sent else 0, whole(event.person_id), real(event.value))
            chunk: list[Message] = [(f"{self._target.prefix}/event/{name}", told)]
            chunk += [self._counter(owner, name) for owner in owners if owner == LEAD or is_sent]
            chunks.append(chunk)
        return chunks

    def _counter(self, owner: str, name: str) -> Message:
        count = self.counters.get(f"{owner}/{name}", 0)
        return f"{self._target.prefix}/{owner}/event/{name}", (whole(count),)

    def _all_counters(self) -> list[Chunk]:
        names = sorted({*map(event_name, EVENT_TYPES), *(key.partition("/")[2] for key in self.counters)})
        owners = [channels.name for channels in (*self._slots, self._lead)]
        return [[self._counter(owner, name) for name in names] for owner in owners]

    def _all_health(self) -> Chunk:
        prefix, health = self._target.prefix, self._health
        width, height = self._scene.size if self._scene else (0, 0)
        numbers = (
            *(whole(health.engine), whole(health.camera), real(health.fps), real(health.latency_ms)),
            whole(health.dropped),
        )
        told: list[Message] = [
            (f"{prefix}/health/{name}", (number,)) for name, number in zip(HEALTH, numbers, strict=True)
        ]
        return [
            *told,
            (f"{prefix}/image/width", (whole(width),)),
            (f"{prefix}/image/height", (whole(height),)),
        ]


def event_name(name: str) -> str:
    """Return an event's name as an address may have it: letters, digits, `_`, `-` and `.`."""
    return re.sub(r"[^A-Za-z0-9_.-]", "_", name)[:LONGEST_EVENT_NAME]


def encoder(target: Target, counters: Mapping[str, int]) -> PosekitEncoder:
    """Return the encoder for a target, going on from the counters of an earlier one."""
    return PosekitEncoder(target, counters)


def least_bytes(target: Target) -> int:
    """Return the bytes of a bundle with the header and the largest message there can be."""
    stream = PosekitEncoder(target, {})
    name = "e" * LONGEST_EVENT_NAME
    largest: list[Message] = [
        (f"{target.prefix}/event/{name}", (0, 0, 0.0)),
        stream._counter(stream._slots[-1].name, name),
        stream._counter(LEAD, name),
    ]
    header = stream._header(0.0)
    return max(bundle_size([*header, message]) for message in largest)
