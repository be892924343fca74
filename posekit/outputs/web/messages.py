"""What clients read, in JSON: scenes as posenet-for-installations and tfjs write them, and events."""

from __future__ import annotations

import functools
import json
import math
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import numpy as np

from posekit.pose import camel_case
from posekit.scene import Event, Gesture

if TYPE_CHECKING:
    from posekit.geometry import Size
    from posekit.scene import Person, Scene

OWN_FIELDS = {"person_id", "name", "slot", "time", "epoch", "sequence", "partner_id"}
"""What every event has, or what is called something else on the wire."""


class Moment:
    """A scene and its JSON, which is written when the first client takes it, and once for all of them."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self._poses: dict[bool, str] = {}
        self._opened: dict[bool, str] = {}

    def poses(self, *, mirror: bool) -> str:
        """Return the people as tfjs writes poses: a list of `{score, keypoints}`, with `id` and `slot`."""
        text = self._poses.get(mirror)
        if text is None:
            written = [write_person(person, self.scene.size, mirror) for person in self.scene.people]
            text = self._poses[mirror] = f"[{','.join(written)}]"
        return text

    def whole(self, events: list[str], *, mirror: bool) -> str:
        """Return the scene as posenet-for-installations writes it, with time, lead and events beside."""
        opened = self._opened.get(mirror)
        if opened is None:
            width, height = self.scene.size
            lead = "null" if self.scene.lead_id is None else self.scene.lead_id
            opened = self._opened[mirror] = (
                f'{{"poses":{self.poses(mirror=mirror)},"image":{{"width":{width},"height":{height}}},'
                f'"time":{self.scene.captured:.4f},"lead":{lead},"events":['
            )
        return f"{opened}{','.join(events)}]}}"


@functools.lru_cache(maxsize=8)
def _template(names: tuple[str, ...]) -> str:
    keypoint = '{{"score":%.5f,"part":"{}","position":{{"x":%.3f,"y":%.3f}}}}'
    keypoints = ",".join(keypoint.format(camel_case(name)) for name in names)
    return '{"id":%d,"slot":%s,"score":%.5f,"keypoints":[' + keypoints + "]}"


def write_person(person: Person, size: Size, mirror: bool = False) -> str:
    """Return a person as JSON, in image pixels; the same values as `Pose.to_tfjs`.

    A missing keypoint is at (0, 0) with score 0. A mirror exchanges left and right of the picture, never of
    the body. A template is filled, which takes a quarter of the time of `json.dumps`.
    """
    pose = person.pose
    values = np.empty((len(pose.skeleton), 3))
    values[:, 0] = pose.scores
    np.multiply(pose.xy, size, out=values[:, 1:])
    if mirror:
        np.subtract(size[0], values[:, 1], out=values[:, 1])
    values[~np.isfinite(values).all(axis=1)] = 0.0
    slot = "null" if person.slot is None else person.slot
    return _template(pose.skeleton.keypoints) % (person.id, slot, pose.score, *values.ravel().tolist())


def write_event(event: Event) -> str | None:
    """Return an event as JSON, under the name that OSC sends it by; None for what receivers are not told."""
    name = event.signal
    if name is None:
        return None
    data: dict[str, Any] = {
        "name": name,
        "id": event.person_id or None,
        "slot": event.slot,
        "time": _plain(event.time),
        "value": _plain(event.value),
    }
    if isinstance(event, Gesture):
        data["gesture"] = event.name
        data["partner"] = event.partner_id or None
    for own in fields(event):
        if own.name not in OWN_FIELDS:
            data[own.name] = _plain(getattr(event, own.name))
    return json.dumps(data, separators=(",", ":"), allow_nan=False)


def write_overflow(lost: int, time: float) -> str:
    """Return what a client is told that was too slow for its events: how many it has missed."""
    data = {"name": "overflow", "id": None, "slot": None, "time": _plain(time), "value": lost}
    return json.dumps(data, separators=(",", ":"), allow_nan=False)


def _plain(value: object) -> Any:
    """Return a value as JSON may hold it."""
    if isinstance(value, float):
        return round(value, 4) if math.isfinite(value) else None
    return value
