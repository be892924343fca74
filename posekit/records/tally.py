"""What is counted of a show: whole numbers for each hour, and nothing else."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from typing import TYPE_CHECKING, Literal, NamedTuple

from posekit.scene import Gesture, Leave, ZoneEvent

if TYPE_CHECKING:
    from collections.abc import Iterable

    from posekit.records.local_hour import LocalHour
    from posekit.scene import Event

What = Literal[
    "visit", "zone_enter", "zone_stay", "gesture", "uptime", "open", "trouble", "trouble_seconds", "restart"
]
"""Visits, and stays in a zone, by how long; entries of a zone; gestures; seconds that the supervisor ran and
the show was open; how often a trouble came and how many seconds it was there; restarts of a process."""

EDGES = (2, 5, 10, 20, 30, 60, 120, 180, 300, 600, 1200, 1800, 3600)
"""Seconds at which one length of a visit ends and the next begins.

Lengths are kept as one of these 14 and never exactly: in an hour with a single visit a sum would be hers.
"""
LONGEST_NAME = 80


class Key(NamedTuple):
    """What a number counts."""

    hour: LocalHour
    what: What
    name: str = ""
    """Of the zone, gesture, trouble or process."""
    bucket: int = 0
    """Of a length: how many of `EDGES` it has passed."""


def bucket_of(seconds: float) -> int:
    """Return which length this is, from 0; what is no number is the shortest."""
    return bisect_right(EDGES, seconds) if seconds == seconds else 0


def bounds_of(bucket: int) -> tuple[float, float | None]:
    """Return from how many seconds up to how many this length goes; the longest has no end."""
    return (EDGES[bucket - 1] if bucket else 0), (EDGES[bucket] if bucket < len(EDGES) else None)


def tally(events: Iterable[Event], hour: LocalHour) -> Counter[Key]:
    """Count what happened in an hour.

    A visit counts when it is over, whatever ended it. Who is lost with the engine and found by the next one
    has made two: nothing is kept by which the second could be known to be hers.
    """
    counted: Counter[Key] = Counter()
    for event in events:
        if isinstance(event, Leave):
            counted[Key(hour, "visit", "", bucket_of(event.visit))] += 1
        elif isinstance(event, ZoneEvent):
            if event.name == "zone_enter":
                counted[Key(hour, "zone_enter", event.zone[:LONGEST_NAME])] += 1
            elif event.name == "zone_leave":
                counted[Key(hour, "zone_stay", event.zone[:LONGEST_NAME], bucket_of(event.stay))] += 1
        elif isinstance(event, Gesture) and event.phase == "start":
            counted[Key(hour, "gesture", event.name[:LONGEST_NAME])] += 1
    return counted


def median_seconds(lengths: Counter[int]) -> float | None:
    """Return the middle length of visits from how many there are of each, or None for no visit.

    Within a length they are taken to be spread evenly, so it is as exact as the lengths are narrow; for the
    longest, which has no end, it is where that begins.
    """
    total = sum(lengths.values())
    if not total:
        return None
    passed = 0
    for bucket in sorted(lengths):
        if passed + lengths[bucket] >= total / 2:
            start, end = bounds_of(bucket)
            share = (total / 2 - passed) / lengths[bucket]
            return start + ((end - start) * share if end is not None else 0.0)
        passed += lengths[bucket]
    raise AssertionError("half of all visits lies among them")
