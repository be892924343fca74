"""TUIO 1.1's `/tuio/2Dcur` (tuio.org): people, or their hands, as the fingers of a touch table.

There is no message for who comes and goes: who is not in `alive` is gone, so a lost packet mends itself with
the next one. Every bundle carries all of `alive`, and every cursor is set anew with every frame.
"""

from __future__ import annotations

import re
import socket
from typing import TYPE_CHECKING

from posekit.errors import SettingsError
from posekit.outputs.osc.dialect import Dialect, Sample, one_of
from posekit.outputs.osc.places import CENTER
from posekit.outputs.osc.plain import write_bundles
from posekit.outputs.osc.sheet import Entry, Value, across, along, count, speed, text
from posekit.outputs.osc.stream import StreamEncoder
from posekit.skeleton import COCO_17

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from posekit.outputs.osc.plain import Line
    from posekit.outputs.osc.sheet import Occasions, Sent
    from posekit.outputs.osc.stream import Body, Moment
    from posekit.outputs.osc.target import Target

CURSOR = "/tuio/2Dcur"
REDUNDANT = -1
"""The frame of a bundle that says again what was said."""
LAST_SESSION = 2**31 - 1
_LEFT, _RIGHT = COCO_17.find("left_wrist"), COCO_17.find("right_wrist")


class Teller:
    """One target's bundles. It remembers how fast each cursor was, for the acceleration."""

    def __init__(self, target: Target) -> None:
        self._points = target.option("points", "center")
        self._source = target.option("source", "") or own_name()
        self._speeds: dict[int, float] = {}
        self._is_open = False

    def tell(self, moment: Moment) -> list[bytes]:
        """Return the bundles of a scene."""
        if not moment.is_told:
            return []
        frame = moment.number if moment.is_new and not moment.is_last else REDUNDANT
        opening = [] if self._is_open or moment.is_last else self._bundles([], [], REDUNDANT)
        self._is_open = not moment.is_last
        speeds: dict[int, float] = {}
        sets: list[Line] = []
        for session, body, at in self._cursors(moment):
            (x, y), (across, down) = body.place(at), body.moves[at].tolist()
            speed = (across**2 + down**2) ** 0.5
            is_timed = moment.since > 0.0 and session in self._speeds
            change = (speed - self._speeds[session]) / moment.since if is_timed else 0.0
            speeds[session] = speed
            numbers = (x, y, across / moment.aspect, down, change)
            sets.append((CURSOR, ("set", session, *numbers)))
        self._speeds = speeds
        return opening + self._bundles(list(speeds), sets, frame)

    def _bundles(self, alive: list[int], sets: list[Line], frame: int) -> list[bytes]:
        header: list[Line] = [(CURSOR, ("source", self._source)), (CURSOR, ("alive", *alive))]
        return write_bundles(sets, header, [(CURSOR, ("fseq", frame))])

    def _cursors(self, moment: Moment) -> Iterator[tuple[int, Body, int]]:
        """Yield each cursor's session id, body, and row of its place."""
        for body in moment.bodies:
            if self._points == "lead" and body.person.id != moment.lead_id:
                continue
            if self._points != "hands":
                yield body.person.id % LAST_SESSION, body, CENTER
                continue
            for session, at in ((2 * body.person.id - 1, _LEFT), (2 * body.person.id, _RIGHT)):
                if body.scores[at] > 0.0:
                    yield session % LAST_SESSION, body, at


def own_name() -> str:
    """Return what TUIO calls a source: the program, and the computer's name."""
    host = re.sub(r"[^A-Za-z0-9_.-]", "_", socket.gethostname())[:40]
    return f"posekit@{host or 'localhost'}"


def _read_source(key: str, value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_.@:-]{1,60}", value):
        raise SettingsError(
            f"{key} of a target is a name such as posekit@stage, 60 letters at most; found {value!r}"
        )
    return value


def encoder(target: Target, counters: Mapping[str, int]) -> StreamEncoder:
    """Return the encoder for a target."""
    return StreamEncoder(target, counters, Teller(target).tell)


def sample(target: Target) -> Sample:
    """Return what a receiver will look for first."""
    what = {"center": "everybody", "hands": "every hand", "lead": "the lead person"}[
        target.option("points", "center")
    ]
    return Sample(
        CURSOR,
        f"TUIO 1.1, a cursor for {what} (TUIO programs listen at 3333)",
        "x and y run from 0 to 1 over the picture, y downwards.",
    )


def sheet(target: Target, occasions: Occasions) -> Iterator[Entry]:  # noqa: ARG001
    """Yield every message that a receiver can get."""
    each = 2 if target.option("points", "center") == "hands" else 1
    fingers = 1 if target.option("points", "center") == "lead" else each * target.slots
    set_ = (
        count("session id: which cursor", "1"),
        *(across(target, "place"), along(target, "place")),
        *(speed("velocity", "picture widths"), speed("velocity", "picture heights")),
        speed("acceleration", "picture heights per second"),
    )
    alive = [count("session id of who is there", "1", sent="people")] * fingers
    told: tuple[tuple[str, tuple[Value, ...], Sent], ...] = (
        ("source", (text("name of the sender"),), "always"),
        ("alive", tuple(alive), "always"),
        ("set", set_, "people"),
        ("fseq", (Value("i", "-1", "", "", "counts up; -1: said again"),), "always"),
    )
    for word, values, sent in told:
        first = text(f"the word {word}")
        yield Entry(CURSOR, (first, *values), sent, keyword=word, shared=word == "set")


DIALECT = Dialect(
    encoder,
    sample,
    ("mirror", "slots", "rate"),
    sheet,
    options={"points": one_of("center", "hands", "lead"), "source": _read_source},
    port=3333,
)
