"""What posekit's own vocabulary says, channel by channel; `posekit.py` has its addresses and types."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posekit.outputs.osc.dialects.posekit import HEADER, HEALTH, LEAD, event_name, person_parts
from posekit.outputs.osc.sheet import (
    Entry,
    Occasions,
    Value,
    across,
    along,
    count,
    high,
    score,
    seconds,
    wide,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from posekit.outputs.osc.dialects.posekit import Part
    from posekit.outputs.osc.target import Target

SCENE: dict[str, Value] = {
    "frame": Value("i", "0", "999999", "frames", "number of the frame, then 0 again"),
    "time": Value("f", "0", "3600", "seconds", "since the sender's start, then 0 again"),
    "uptime": count("the same, whole, without wrapping", unit="seconds"),
    "count": count("how many people are there, those without a slot too", unit="people"),
    "health/engine": Value("i", "0", "1", "", "1: posekit works; 0: it ended, or lost its engine"),
    "health/camera": Value("i", "0", "3", "", "0 lost, 1 ok, 2 frozen, 3 black"),
    "health/fps": Value("f", "0", "", "scenes per second", "how often poses come"),
    "health/latency_ms": Value("f", "0", "", "milliseconds", "from the picture to the scene"),
    "health/dropped": count("pictures that nobody looked at, since the start", unit="pictures"),
    "image/width": count("the camera's picture; 0 before the first", unit="pixels"),
    "image/height": count("the camera's picture; 0 before the first", unit="pixels"),
    "health/paused": Value("i", "0", "1", "", "1: posekit was told to pause"),
}
ACTIVE = Value("i", "0", "1", "", "1: somebody is in this slot")


def sheet(target: Target, occasions: Occasions) -> Iterator[Entry]:
    """Yield every message that a target's receiver can get."""
    prefix, slots = target.prefix, range(1, target.slots + 1)
    for name, _ in (*HEADER, *HEALTH):
        yield Entry(f"{prefix}/{name}", (SCENE[name],))
    owners = [*((f"p{slot}", slot) for slot in slots), (LEAD, 0)]
    for owner, slot in owners:
        is_active = ACTIVE if slot else Value("i", "0", "1", "", "1: there is a lead person")
        yield Entry(f"{prefix}/{owner}/active", (is_active,), slot=slot)
        for part in (part for chunk in person_parts(target) for part in chunk):
            yield Entry(f"{prefix}/{owner}/{part.name}", values_of(part, target), slot=slot)
    for owner, slot in owners:
        whose = "in this slot" if slot else "of the lead person"
        for names, sent in ((occasions.counted, "always"), (occasions.later, "event")):
            for name in sorted({event_name(name) for name in names}):
                value = count(f"counts {name} {whose}", unit="times")
                address = f"{prefix}/{owner}/event/{name}"
                yield Entry(address, (value,), "always" if sent == "always" else "event", slot)
    yield from _happenings(target, occasions)


def _happenings(target: Target, occasions: Occasions) -> Iterator[Entry]:
    who = (count("whose it is; 0: not one of these slots", unit="slot"), count("who it is; 0: nobody's"))
    for zone in occasions.zones:
        told = count(f"how many people are in {zone}", unit="people")
        yield Entry(f"{target.prefix}/zone/{event_name(zone)}/count", (told,))
    for name in sorted({*occasions.counted, *occasions.later}):
        values = (*who, occasions.value(name))
        yield Entry(f"{target.prefix}/event/{event_name(name)}", values, "event")


def values_of(part: Part, target: Target) -> tuple[Value, ...]:
    """Describe what is said of a person's part."""
    body = {
        "id": count("who it is; 0: nobody"),
        "age": seconds("since she came"),
        "score": score("how sure posekit is of her"),
        "center/x": across(target, "middle of shoulders and hips"),
        "center/y": along(target, "middle of shoulders and hips"),
        "box/x": across(target, "corner of the box around her"),
        "box/y": along(target, "corner of the box around her"),
        "box/w": wide(target, "width of the box"),
        "box/h": high("height of the box"),
        "speed": Value("f", "0", "", "picture heights per second", "how fast her body moves"),
    }
    if part.name in body:
        return (body[part.name],)
    name, _, axis = part.name.partition("/")
    named = name.replace("_", " ")
    described = {
        "x": across(target, named),
        "y": along(target, named),
        "score": score(f"{named}: how sure; 0: not seen now"),
    }
    return (described[axis],) if axis else tuple(described.values())
