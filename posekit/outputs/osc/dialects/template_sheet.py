"""What a template says, channel by channel: its words from `FIELDS`, one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posekit.outputs.osc.dialects.posekit import event_name
from posekit.outputs.osc.fields import FIELDS, Field, Subject
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
    speed,
    text,
    wide,
)
from posekit.outputs.osc.stream import Moment
from posekit.skeleton import COCO_17

if TYPE_CHECKING:
    from collections.abc import Iterator

    from posekit.outputs.osc.dialects.template import Pattern, Template
    from posekit.outputs.osc.plain import Word
    from posekit.outputs.osc.sheet import Sent
    from posekit.outputs.osc.target import Target

WORDS = {field: word for word, field in FIELDS.items()}


def sheet(template: Template, target: Target, occasions: Occasions) -> Iterator[Entry]:
    """Yield every message that a receiver can get; `{id}` and `{index}` in an address stay as they are."""
    moment = Moment(target, 0.0, 0, 0.0, None, (0, 0), 0)
    for pattern in template.patterns:
        for subject in _subjects(pattern, template, moment, occasions):
            yield _line(pattern, subject, occasions)


def _subjects(
    pattern: Pattern, template: Template, moment: Moment, occasions: Occasions
) -> Iterator[Subject]:
    """Yield one subject for each address that a pattern can make."""
    fixed = {WORDS[part] for part in pattern.address if not isinstance(part, str)}
    slots = range(1, moment.target.slots + 1) if "slot" in fixed else (0,)
    if pattern.scope == "event":
        names = (*occasions.counted, *occasions.later) if "event" in fixed else ("",)
        for slot in (0, *slots) if "slot" in fixed else slots:
            yield from (Subject(moment, slot, name=event_name(name)) for name in names)
        return
    keypoints = [(0, "")]
    if pattern.scope == "keypoint":
        keypoints = [
            (at, template.names.get(COCO_17.keypoints[at], COCO_17.keypoints[at]))
            for at in moment.target.keypoints
            if not template.names or COCO_17.keypoints[at] in template.names
        ]
        if not fixed & {"keypoint", "part", "number"}:
            keypoints = [(0, "the keypoint")]
    for slot in slots:
        yield from (Subject(moment, slot, None, at, name) for at, name in keypoints)


def _line(pattern: Pattern, subject: Subject, occasions: Occasions) -> Entry:
    target = subject.moment.target
    address = target.prefix + "".join(_spell(part, subject) for part in pattern.address)
    values = tuple(value for part in pattern.arguments for value in _values(part, subject, occasions))
    sent: Sent = "always" if pattern.scope == "scene" or pattern.is_channel else "people"
    if pattern.scope == "event" or pattern.when != "scene":
        sent = "event"
    fixed = {WORDS[part] for part in pattern.address if not isinstance(part, str)}
    is_alone = pattern.scope in ("scene", "event") or bool(fixed & {"slot", "id", "index"})
    keyword = pattern.arguments[0] if pattern.arguments and isinstance(pattern.arguments[0], str) else ""
    return Entry(address, values, sent, subject.slot, keyword, shared=not is_alone)


def _spell(part: str | Field, subject: Subject) -> str:
    if isinstance(part, str):
        return part
    return f"{{{WORDS[part]}}}" if WORDS[part] in ("id", "index") else str(part.get(subject))


def _values(part: Word | Field, subject: Subject, occasions: Occasions) -> tuple[Value, ...]:
    """Describe what stands at one place after an address: a word, a number, or many of them."""
    if isinstance(part, str):
        return (text(f"the word {part}"),)
    if isinstance(part, (int, float)):
        return (
            Value("i" if isinstance(part, int) else "f", f"{part:g}", f"{part:g}", "", "always the same"),
        )
    name = WORDS[part]
    target = subject.moment.target
    whose, _, axes = name.partition(".")
    if axes in ("xy", "xys"):
        owners = [f"slot {slot}: " for slot in range(1, target.slots + 1)] if whose == "people" else [""]
        return tuple(
            _place(axis, target, f"{owner}{keypoint.replace('_', ' ')}")
            for owner in owners
            for keypoint in target.keypoint_names
            for axis in axes
        )
    if axes in ("x", "y", "score") and whose in COCO_17.keypoints:
        return (_place(axes[0], target, whose.replace("_", " ")),)
    if name in ("x", "y", "score"):
        return (_place(name[0], target, subject.name.replace("_", " ")),)
    if name == "value":
        known = {event_name(one): one for one in (*occasions.counted, *occasions.later)}
        return (
            occasions.value(known[subject.name])
            if subject.name
            else Value("f", "0", "", "", "how much of it: see docs/osc.md"),
        )
    return (_meanings(target)[name],)


def _place(axis: str, target: Target, whose: str) -> Value:
    if axis == "s":
        return score(f"{whose}: how sure; 0: not seen now")
    return across(target, whose) if axis == "x" else along(target, whose)


def _meanings(target: Target) -> dict[str, Value]:
    """Describe every field that is neither a keypoint nor an event's value."""
    pixels = "pixels since the last scene"
    return {
        "frame": Value("i", "0", "999999", "frames", "number of the frame, then 0 again"),
        "time": Value("f", "0", "3600", "seconds", "since the sender's start, then 0 again"),
        "uptime": count("the same, whole, without wrapping", unit="seconds"),
        "millis": count("since the sender's start", unit="milliseconds"),
        "count": count("how many people have one of the slots", unit="people"),
        "width": count("width of the camera's picture", unit="pixels"),
        "height": count("height of the camera's picture", unit="pixels"),
        "slot": count("whose it is", unit="slot"),
        "id": count("who it is; 0: nobody"),
        "index": count("her place in the order of slots"),
        "active": Value("i", "0", "1", "", "1: somebody is in this slot"),
        "age": seconds("since she came"),
        "frames": count("in how many scenes she has been", unit="scenes"),
        "person.score": score("how sure posekit is of her"),
        "speed": Value("f", "0", "", "picture heights per second", "how fast her body moves"),
        "center.x": across(target, "middle of shoulders and hips"),
        "center.y": along(target, "middle of shoulders and hips"),
        "velocity.x": speed("velocity", "picture widths"),
        "velocity.y": speed("velocity", "picture heights"),
        "moved.x": Value("f", "", "", pixels, "how far she moved"),
        "moved.y": Value("f", "", "", pixels, "how far she moved"),
        "box.x": across(target, "corner of the box around her"),
        "box.y": along(target, "corner of the box around her"),
        "box.w": wide(target, "width of the box"),
        "box.h": high("height of the box"),
        "highest.x": across(target, "highest point"),
        "highest.y": along(target, "highest point"),
        "neck.x": across(target, "middle of the shoulders"),
        "neck.y": along(target, "middle of the shoulders"),
        "keypoint": text("name of the keypoint"),
        "part": text("name of the keypoint, as tfjs writes it: leftWrist"),
        "number": Value("i", "0", str(len(COCO_17) - 1), "", "number of the keypoint"),
        "event": text("name of the event"),
    }
