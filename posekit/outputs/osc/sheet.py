"""What a target's receiver will see: every message's values with range, unit and meaning.

Each dialect describes its own; here is what they describe it with, and what TouchDesigner makes of it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, NamedTuple

from posekit.scene import EVENT_TYPES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from posekit.outputs.osc.target import Target

Sent = Literal["always", "people", "event"]
"""`always`: at least once a second, in an empty room too; `people`: while there are any; `event`: then."""
USUAL_ASPECT = 16 / 9
"""What ranges are said for that depend on the picture's proportions."""
DAT = "OSC In DAT"


class Value(NamedTuple):
    """One argument of a message."""

    type: str
    """`i`, `f` or `s`."""
    low: str
    """The least value, as text; empty where there is none."""
    high: str
    unit: str
    meaning: str
    sent: Sent | None = None
    """When it is sent, if not whenever its message is."""


class Entry(NamedTuple):
    """One message."""

    address: str
    values: tuple[Value, ...]
    sent: Sent = "always"
    slot: int = 0
    """Whose it is; 0 where it is nobody's own."""
    keyword: str = ""
    """Its first argument, where that is a word that tells messages with the same address apart."""
    shared: bool = False
    """Whether several people are told of at this address, one after the other."""


class Occasions(NamedTuple):
    """What can happen besides people coming and going."""

    gestures: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()

    @property
    def counted(self) -> tuple[str, ...]:
        """Events that are counted from the start."""
        in_zones = (f"{zone}_{what}" for zone in self.zones for what in ("enter", "dwell", "leave"))
        return (*EVENT_TYPES, *self.gestures, *in_zones)

    @property
    def later(self) -> tuple[str, ...]:
        """Events that are counted from their first time on."""
        return tuple(f"{gesture}_{what}" for gesture in self.gestures for what in ("held", "end"))

    def value(self, event: str) -> Value:
        """Describe an event's value."""
        if event == "leave":
            return seconds("how long the visit was")
        if event in EVENT_TYPES:
            return Value("f", "1", "1", "", "always 1")
        if event in self.gestures:
            return Value("f", "0", "1", "", "how clear the gesture is")
        if event in self.later:
            return seconds("how long the gesture has lasted")
        if event.endswith("_enter"):
            return Value("f", "0", "", "people", "how many are in the zone now")
        return seconds("how long she has been in the zone")


class Channel(NamedTuple):
    """One number, or word, as a receiver gets it."""

    channel: str
    """What TouchDesigner's OSC In CHOP calls it; `OSC In DAT` where it can only be read there."""
    address: str
    argument: int
    """Which argument of its message it is, from 1."""
    type: str
    low: str
    high: str
    unit: str
    sent: Sent
    meaning: str

    @property
    def range(self) -> str:
        """The range in words."""
        if self.low and self.high:
            return self.low if self.low == self.high else f"{self.low} to {self.high}"
        return f"{self.low} and up" if self.low else ""


def channels(entries: Iterable[Entry]) -> Iterator[Channel]:
    """Yield every value of these messages as receivers get them."""
    for entry in entries:
        has_words = any(value.type == "s" for value in entry.values)
        for number, value in enumerate(entry.values, 1):
            name = DAT if has_words else channel_name(entry.address, number, len(entry.values))
            address = f"{entry.address} {entry.keyword}" if entry.keyword else entry.address
            told = (value.type, value.low, value.high, value.unit, value.sent or entry.sent, value.meaning)
            yield Channel(name, address, number, *told)


def channel_name(address: str, argument: int, arguments: int) -> str:
    """Return what TouchDesigner's OSC In CHOP calls an argument of a message, from 1.

    The address without its slash in front; letters that channels cannot have become `_`; several arguments
    are numbered (derivative.ca: OSC In CHOP, Channel).
    """
    name = re.sub(r"[^A-Za-z0-9_:/-]", "_", address.removeprefix("/"))
    return name if arguments == 1 else f"{name}{argument}"


def notes(entries: Iterable[Entry], target: Target) -> list[str]:
    """Return sentences about what the channels' table cannot say."""
    listed = list(entries)
    told = []
    if target.origin == "centred" and any(value.unit == "picture heights" for value in _values(listed)):
        told.append("Ranges of x are those of a picture of 16:9; y is the same in every picture.")
    if any(
        "picture" in value.unit or (value.type, value.unit) == ("f", "pixels") for value in _values(listed)
    ):
        told.append("A keypoint at the edge of the picture may be a little outside of its range.")
    if any(len(entry.values) > 1 and not any(one.type == "s" for one in entry.values) for entry in listed):
        told.append(
            "TouchDesigner numbers the values of one message: name1, name2 (its manual writes name_1); an "
            "address with a single value has no number."
        )
    if any(value.type == "s" for value in _values(listed)):
        told.append("An OSC In CHOP takes no words: messages that have any are for an OSC In DAT.")
    if any(entry.shared for entry in listed):
        told.append(
            "Several people share these addresses, one after the other, so that a channel shows the last of "
            "them only: read them in an OSC In DAT."
        )
    return told


def _values(entries: Iterable[Entry]) -> Iterator[Value]:
    return (value for entry in entries for value in entry.values)


# ---------------------------------------------------------------- values that several dialects have


def across(target: Target, meaning: str, sent: Sent | None = None) -> Value:
    """Describe an x in the target's coordinates."""
    if target.origin == "centred":
        side = f"{USUAL_ASPECT / 2:.3f}"
        return Value("f", f"-{side}", side, "picture heights", f"{meaning}, 0 in the middle", sent)
    side = "right" if target.mirror else "left"
    return Value("f", "0", "1", "picture widths", f"{meaning}, from the {side}", sent)


def along(target: Target, meaning: str, sent: Sent | None = None) -> Value:
    """Describe a y in the target's coordinates."""
    if target.origin == "centred":
        return Value("f", "-0.5", "0.5", "picture heights", f"{meaning}, 0 in the middle, upwards", sent)
    side = "bottom" if target.origin == "bottom-left" else "top"
    return Value("f", "0", "1", "picture heights", f"{meaning}, from the {side}", sent)


def wide(target: Target, meaning: str) -> Value:
    """Describe a width in the target's coordinates."""
    if target.origin == "centred":
        return Value("f", "0", f"{USUAL_ASPECT:.3f}", "picture heights", meaning)
    return Value("f", "0", "1", "picture widths", meaning)


def high(meaning: str) -> Value:
    """Describe a height."""
    return Value("f", "0", "1", "picture heights", meaning)


def score(meaning: str, sent: Sent | None = None) -> Value:
    """Describe a score."""
    return Value("f", "0", "1", "", meaning, sent)


def seconds(meaning: str) -> Value:
    """Describe a time."""
    return Value("f", "0", "", "seconds", meaning)


def count(meaning: str, low: str = "0", unit: str = "", sent: Sent | None = None) -> Value:
    """Describe a whole number that goes up without an end."""
    return Value("i", low, "", unit, meaning, sent)


def nothing(meaning: str, kind: str = "f") -> Value:
    """Describe what is 0 always."""
    return Value(kind, "0", "0", "", f"always 0: {meaning}")


def speed(meaning: str, unit: str) -> Value:
    """Describe a part of a velocity."""
    return Value("f", "", "", f"{unit} per second", meaning)


def text(meaning: str) -> Value:
    """Describe a word."""
    return Value("s", "", "", "", meaning)
