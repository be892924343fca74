"""Augmenta's OSC protocol, version 2: `/object/enter`, `/object/update`, `/object/leave` and `/scene`.

Places are normalised from the top left, y downwards, and sizes are parts of the picture. Receivers drop who
has not been updated for a second, and take an update of somebody unknown for an `enter`: what is lost on the
way mends itself. A camera knows no metres: heights and the scene's size are 0. Version 1 is the
ready-made template `augmenta1`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from posekit.outputs.osc.dialect import Dialect, Sample
from posekit.outputs.osc.encode import encode_bundle, pack_bundles
from posekit.outputs.osc.places import KEYPOINTS
from posekit.outputs.osc.sheet import (
    Entry,
    Value,
    across,
    along,
    count,
    high,
    nothing,
    seconds,
    speed,
    wide,
)
from posekit.outputs.osc.stream import LAST_NUMBER, StreamEncoder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from posekit.outputs.osc.encode import Message
    from posekit.outputs.osc.sheet import Occasions, Sent
    from posekit.outputs.osc.stream import Body, Moment
    from posekit.outputs.osc.target import Target

LEAST_SPEED = 0.02
"""Picture heights per second: a body slower than this goes nowhere, and its orientation is 0."""


def tell(moment: Moment) -> list[bytes]:
    """Return the bundles of a scene."""
    if not moment.is_told:
        return []
    frame = moment.number % LAST_NUMBER
    prefix = moment.target.prefix
    scene: Message = (f"{prefix}/scene", (frame, len(moment.bodies), 0.0, 0.0))
    chunks: list[list[Message]] = [[scene]]
    chunks += [_messages(f"{prefix}/object/leave", frame, body, moment.aspect) for body in moment.left]
    for body in moment.bodies:
        what = "enter" if body.person.id in moment.came else "update"
        chunks.append(_messages(f"{prefix}/object/{what}", frame, body, moment.aspect))
    return [encode_bundle(bundle) for bundle in pack_bundles((), chunks)]


def _messages(address: str, frame: int, body: Body, aspect: float) -> list[Message]:
    """Return what is said of a person: the object, and what Augmenta calls extra."""
    x, y, width, height = body.box
    across, down = body.moves[-1].tolist()
    is_moving = math.hypot(across, down) >= LEAST_SPEED
    orientation = math.degrees(math.atan2(-down, across)) % 360.0 if is_moving else 0.0
    who = (frame, body.person.id, body.order)
    seen = np.where(body.scores > 0.0, body.rows[:KEYPOINTS, 1], np.inf)
    highest = body.place(int(seen.argmin()))
    main = (float(body.person.age), *body.center, across / aspect, down, orientation)
    box = (x + width / 2, y + height / 2, width, height, 0.0, 0.0)
    return [(address, (*who, *main, *box)), (f"{address}/extra", (*who, *highest, 0.0, 0.0))]


def encoder(target: Target, counters: Mapping[str, int]) -> StreamEncoder:
    """Return the encoder for a target."""
    return StreamEncoder(target, counters, tell)


def sample(target: Target) -> Sample:
    """Return what a receiver will look for first."""
    numbers = "frame, id, order, age, centroid x y, velocity x y, orientation, box and height"
    units = "x and y run from 0 to 1 over the picture, y downwards."
    return Sample(f"{target.prefix}/object/update", numbers, units)


def sheet(target: Target, occasions: Occasions) -> Iterator[Entry]:  # noqa: ARG001
    """Yield every message that a receiver can get."""
    who = (count("frame"), count("who it is", "1"), count("her place in the order of slots"))
    place = across(target, "centre"), along(target, "centre")
    main = (
        seconds("since she came"),
        *place,
        speed("velocity to the right", "picture widths"),
        speed("velocity downwards", "picture heights"),
        Value("f", "0", "360", "degrees", "where she goes, counter-clockwise from the right"),
        across(target, "centre of the box"),
        along(target, "centre of the box"),
        *(wide(target, "width of the box"), high("height of the box")),
        *(nothing("the box is never turned"), nothing("a camera knows no metres")),
    )
    extra = (
        *(across(target, "highest point"), along(target, "highest point")),
        *(nothing("distance"), nothing("reflectivity")),
    )
    metres = nothing("a camera knows no metres")
    scene = (count("frame"), count("how many people are there", unit="people"), metres, metres)
    yield Entry(f"{target.prefix}/scene", scene)
    told: tuple[tuple[str, Sent], ...] = (("enter", "event"), ("update", "people"), ("leave", "event"))
    for what, sent in told:
        address = f"{target.prefix}/object/{what}"
        yield Entry(address, (*who, *main), sent, shared=True)
        yield Entry(f"{address}/extra", (*who, *extra), sent, shared=True)


DIALECT = Dialect(encoder, sample, ("mirror", "slots", "rate", "prefix"), sheet, port=12000)
