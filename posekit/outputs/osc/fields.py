"""The words that a template may have in braces, and what each of them says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from posekit.pose import camel_case
from posekit.skeleton import COCO_17

if TYPE_CHECKING:
    from collections.abc import Callable

    from posekit.outputs.osc.plain import Word
    from posekit.outputs.osc.stream import Body, Moment
    from posekit.scene import Event

Scope = Literal["scene", "person", "keypoint", "event"]

FRAME_WRAP = 1_000_000
TIME_WRAP = 3600.0
MILLISECONDS_WRAP = 2**31
_SHOULDERS = [COCO_17.find("left_shoulder"), COCO_17.find("right_shoulder")]


class Subject(NamedTuple):
    """What a message is about."""

    moment: Moment
    slot: int = 0
    body: Body | None = None
    """None for an empty slot, of which every number is 0."""
    keypoint: int = 0
    name: str = ""
    """What the keypoint, or the event, is called."""
    event: Event | None = None


class Field(NamedTuple):
    """One word in braces."""

    scope: Scope
    """What a message with it is about: it is sent for each of them."""
    get: Callable[[Subject], Word | tuple[Word, ...]]
    is_address: bool = False
    """Whether it may stand in an address."""


def _person(get: Callable[[Body], float]) -> Callable[[Subject], float]:
    return lambda subject: float(get(subject.body)) if subject.body else 0.0


def _count(get: Callable[[Body], int]) -> Callable[[Subject], int]:
    return lambda subject: int(get(subject.body)) if subject.body else 0


def _x(at: int | None = None) -> Callable[[Subject], float]:
    return _person_at(at, lambda body, row: body.rows[row, 0])


def _y(at: int | None = None) -> Callable[[Subject], float]:
    return _person_at(at, lambda body, row: body.rows[row, 1])


def _score(at: int | None = None) -> Callable[[Subject], float]:
    return _person_at(at, lambda body, row: body.scores[row])


def _person_at(at: int | None, get: Callable[[Body, int], float]) -> Callable[[Subject], float]:
    def value(subject: Subject) -> float:
        if subject.body is None:
            return 0.0
        return float(get(subject.body, subject.keypoint if at is None else at))

    return value


def _keypoints(with_score: bool) -> Callable[[Subject], tuple[Word, ...]]:
    """Return what gives the numbers of all chosen keypoints of one person."""

    def values(subject: Subject) -> tuple[Word, ...]:
        chosen = list(subject.moment.target.keypoints)
        table = np.zeros((len(chosen), 3 if with_score else 2))
        if subject.body is not None:
            table[:, :2] = subject.body.rows[chosen]
            table[:, 2:] = subject.body.scores[chosen, None]
        return tuple(table.ravel().tolist())

    return values


def _people(with_score: bool) -> Callable[[Subject], tuple[Word, ...]]:
    """Return what gives those of every slot, one after the other, zeros for the empty ones."""
    one = _keypoints(with_score)

    def values(subject: Subject) -> tuple[Word, ...]:
        there = {body.slot: body for body in subject.moment.bodies}
        slots = range(1, subject.moment.target.slots + 1)
        return tuple(value for slot in slots for value in one(subject._replace(body=there.get(slot))))

    return values


def _highest(part: int) -> Callable[[Body], float]:
    """Return what gives the keypoint that is highest in the picture, of those that are seen."""

    def value(body: Body) -> float:
        heights = np.where(body.scores > 0.0, body.person.pose.xy[:, 1], np.inf)
        return float(body.rows[int(heights.argmin()), part])

    return value


def _pixels_moved(part: int) -> Callable[[Subject], float]:
    """Return what gives the pixels that a body has moved since the last telling."""

    def value(subject: Subject) -> float:
        if subject.body is None:
            return 0.0
        moment = subject.moment
        return float(subject.body.moves[-1, part] * moment.since * moment.size[1])

    return value


def _move(part: int) -> Callable[[Subject], float]:
    """Return what gives a body's velocity, in picture widths and heights per second."""

    def value(subject: Subject) -> float:
        if subject.body is None:
            return 0.0
        return float(subject.body.moves[-1, part] / (subject.moment.aspect if part == 0 else 1.0))

    return value


def _event_value(subject: Subject) -> float:
    return float(subject.event.value) if subject.event else 0.0


def _id(subject: Subject) -> int:
    if subject.event is not None:
        return subject.event.person_id
    return subject.body.person.id if subject.body else 0


FIELDS: dict[str, Field] = {
    "frame": Field("scene", lambda one: int(one.moment.frame) % FRAME_WRAP),
    "time": Field("scene", lambda one: one.moment.seconds % TIME_WRAP),
    "uptime": Field("scene", lambda one: int(one.moment.seconds)),
    "millis": Field("scene", lambda one: int(one.moment.seconds * 1000.0) % MILLISECONDS_WRAP),
    "count": Field("scene", lambda one: len(one.moment.bodies)),
    "width": Field("scene", lambda one: int(one.moment.size[0])),
    "height": Field("scene", lambda one: int(one.moment.size[1])),
    "people.xy": Field("scene", _people(False)),
    "people.xys": Field("scene", _people(True)),
    "slot": Field("person", lambda one: one.slot, is_address=True),
    "id": Field("person", _id, is_address=True),
    "index": Field("person", _count(lambda body: body.order), is_address=True),
    "active": Field("person", lambda one: int(one.body is not None)),
    "age": Field("person", _person(lambda body: body.person.age)),
    "frames": Field("person", _count(lambda body: body.frames)),
    "person.score": Field("person", _person(lambda body: body.person.pose.score)),
    "speed": Field("person", _person(lambda body: body.speed)),
    "center.x": Field("person", _person(lambda body: body.center[0])),
    "center.y": Field("person", _person(lambda body: body.center[1])),
    "velocity.x": Field("person", _move(0)),
    "velocity.y": Field("person", _move(1)),
    "moved.x": Field("person", _pixels_moved(0)),
    "moved.y": Field("person", _pixels_moved(1)),
    "box.x": Field("person", _person(lambda body: body.box[0])),
    "box.y": Field("person", _person(lambda body: body.box[1])),
    "box.w": Field("person", _person(lambda body: body.box[2])),
    "box.h": Field("person", _person(lambda body: body.box[3])),
    "highest.x": Field("person", _person(_highest(0))),
    "highest.y": Field("person", _person(_highest(1))),
    "neck.x": Field("person", _person(lambda body: body.rows[_SHOULDERS, 0].mean())),
    "neck.y": Field("person", _person(lambda body: body.rows[_SHOULDERS, 1].mean())),
    "keypoints.xy": Field("person", _keypoints(False)),
    "keypoints.xys": Field("person", _keypoints(True)),
    **{f"{name}.x": Field("person", _x(at)) for at, name in enumerate(COCO_17.keypoints)},
    **{f"{name}.y": Field("person", _y(at)) for at, name in enumerate(COCO_17.keypoints)},
    **{f"{name}.score": Field("person", _score(at)) for at, name in enumerate(COCO_17.keypoints)},
    "keypoint": Field("keypoint", lambda one: one.name, is_address=True),
    "part": Field("keypoint", lambda one: camel_case(one.name), is_address=True),
    "number": Field("keypoint", lambda one: one.keypoint, is_address=True),
    "x": Field("keypoint", _x()),
    "y": Field("keypoint", _y()),
    "score": Field("keypoint", _score()),
    "event": Field("event", lambda one: one.name, is_address=True),
    "value": Field("event", _event_value),
}
"""Every field by its name."""
