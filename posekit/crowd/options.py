"""What a crowd is like, and how that is written: `people=4,seed=7,rate=30`."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from posekit.errors import SourceWordError, nearest_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from posekit.geometry import Size

ACT_CHOICES = ("all", "distractors", "none")
FASTEST = 240.0
MOST_PEOPLE = 50


@dataclass(frozen=True)
class CrowdOptions:
    """What a crowd is like; the same options give the same crowd to the last bit."""

    people: int = 4
    """How many are there at a time, or on their way; whoever has left is followed by another."""
    seed: int = 1
    """Another number, other people; the same at any rate."""
    rate: float = 30.0
    """Frames per second."""
    seconds: float = 0.0
    """How long; 0 goes on for ever."""
    size: Size = (1280, 720)
    """Width and height in pixels of the picture it would be seen in."""
    jitter: float = 0.0
    """How irregular frames are: each up to so many frames early or late, at most 0.4."""
    noise: float = 1.0
    """How much of PoseNet's noise: 0 none, 1 as fitted."""
    acts: str = "all"
    """What they do where they stop: `all`, only what is no gesture (`distractors`), or `none`."""
    children: float = 0.2
    """Share of children."""
    near: float = 2.2
    """Metres: the nearest they come to the camera."""
    far: float = 6.0
    """Metres: the farthest they go from it."""


def parse_crowd(text: str) -> CrowdOptions:
    """Read `people=4,seed=7,size=1280x720,...`, in any order; nothing at all is the usual crowd.

    Raises `SourceWordError` with the nearest right name, or with what a value must be.
    """
    known = {field.name: _READERS[field.name] for field in fields(CrowdOptions)}
    values: dict[str, Any] = {}
    for word in filter(None, (part.strip() for part in text.split(","))):
        name, equals, value = (part.strip() for part in word.partition("="))
        if name not in known:
            nearest = nearest_name(name, known)
            hint = f"did you mean {nearest}?" if nearest else f"it takes {', '.join(known)}"
            raise SourceWordError(f"a synthetic crowd has no {name!r}; {hint}")
        if name in values:
            raise SourceWordError(f"{name} is said twice in synthetic:{text}; leave one out")
        try:
            values[name] = known[name](value)
        except ValueError:
            found = f"not {value!r}" if equals else "after a ="
            raise SourceWordError(f"{name} of a synthetic crowd is {_MEANINGS[name]}, {found}") from None
    options = replace(CrowdOptions(), **values)
    if options.near > options.far:
        raise SourceWordError(f"near={options.near:g} is farther than far={options.far:g}; exchange them")
    return options


def _number(lowest: float, highest: float) -> Callable[[str], float]:
    def read(value: str) -> float:
        number = float(value)
        if not lowest <= number <= highest:
            raise ValueError
        return number

    return read


def _whole(lowest: int, highest: int) -> Callable[[str], int]:
    def read(value: str) -> int:
        number = int(value)
        if not lowest <= number <= highest:
            raise ValueError
        return number

    return read


def _size(value: str) -> Size:
    width, _, height = value.lower().partition("x")
    size = (int(width), int(height))
    if min(size) < 16 or max(size) > 16384:
        raise ValueError
    return size


def _acts(value: str) -> str:
    if value not in ACT_CHOICES:
        raise ValueError
    return value


_READERS: dict[str, Callable[[str], Any]] = {
    "people": _whole(0, MOST_PEOPLE),
    "seed": _whole(0, 2**32 - 1),
    "rate": _number(0.1, FASTEST),
    "seconds": _number(0, 1e7),
    "size": _size,
    "jitter": _number(0, 0.4),
    "noise": _number(0, 10),
    "acts": _acts,
    "children": _number(0, 1),
    "near": _number(0.5, 100),
    "far": _number(0.5, 100),
}
_MEANINGS = {
    "people": f"a whole number from 0 to {MOST_PEOPLE}",
    "seed": "a whole number from 0 on",
    "rate": f"frames per second from 0.1 to {FASTEST:g}",
    "seconds": "a number of seconds, 0 for ever",
    "size": "width x height in pixels, such as 1280x720",
    "jitter": "a share of a frame from 0 to 0.4",
    "noise": "a number from 0 (none) to 10, 1 is PoseNet's",
    "acts": "all, distractors or none",
    "children": "a share from 0 to 1",
    "near": "metres from 0.5 to 100",
    "far": "metres from 0.5 to 100",
}
