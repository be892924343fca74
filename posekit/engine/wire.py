"""What the engine tells its owner, and how it travels: length-prefixed messages over a pipe.

A message is a JSON header, followed by the raw bytes of its arrays. JSON keeps it readable and safe (nothing
from a pipe is ever executed, as a pickle would be), raw bytes keep a scene of ten people under 5 kB.
"""

from __future__ import annotations

import json
import struct
from dataclasses import asdict, dataclass, replace
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from posekit.features import FEATURES, Features
from posekit.health import CameraState, Health
from posekit.pose import Pose
from posekit.scene import Event, Person, Scene, ZoneState, event_from_dict
from posekit.skeleton import BLAZEPOSE_33, COCO_17

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

PREFIX = struct.Struct("<II")
"""Bytes of header, bytes of arrays."""
LARGEST_MESSAGE = 64 * 1024 * 1024


@dataclass(frozen=True)
class Message:
    """One message: what it is, what it says, and its arrays' bytes."""

    kind: str
    """`report`, `ready`, `scene`, `events`, `switched`, `beat`, `failure` or `end`."""
    data: dict[str, Any]
    blob: bytes = b""

    def encode(self) -> bytes:
        """Return the bytes to send."""
        header = json.dumps({"kind": self.kind, **self.data}, separators=(",", ":")).encode()
        return PREFIX.pack(len(header), len(self.blob)) + header + self.blob


def read_messages(stream: IO[bytes]) -> Iterator[Message]:
    """Yield messages until the stream ends, also when it ends in the middle of one."""
    while len(prefix := stream.read(PREFIX.size)) == PREFIX.size:
        header_length, blob_length = PREFIX.unpack(prefix)
        if header_length + blob_length > LARGEST_MESSAGE:
            raise ValueError(f"a message of {header_length + blob_length} bytes cannot be ours")
        header, blob = stream.read(header_length), stream.read(blob_length)
        if len(header) < header_length or len(blob) < blob_length:
            return
        data = json.loads(header)
        yield Message(data.pop("kind"), data, blob)


def scene_message(
    scene: Scene, health: Health, picture: tuple[int, int] | None, *, masked: bool = False
) -> Message:
    """Pack a scene, the engine's health, where the scene's picture is, and whether silhouettes are known."""
    arrays: list[NDArray[np.float32]] = []
    people = [
        {
            "id": person.id,
            "slot": person.slot,
            "age": person.age,
            "seen": person.seen,
            "pose": _pack_pose(person.pose, arrays),
            "raw": None if person.raw is None else _pack_pose(person.raw, arrays),
        }
        for person in scene.people
    ]
    for person in scene.people:
        arrays += [person.velocity, person.features.values]
    data = {
        "index": scene.index,
        "size": scene.size,
        "times": (scene.captured, scene.estimated, scene.published),
        "people": people,
        "candidates": [_pack_pose(pose, arrays) for pose in scene.candidates],
        "lead": scene.lead_id,
        "dropped": scene.dropped,
        "zones": [(zone.name, zone.ids) for zone in scene.zones],
        "picture": picture,
        "masked": masked,
        "health": asdict(health),
    }
    return Message("scene", data, b"".join(np.ascontiguousarray(array, "<f4").tobytes() for array in arrays))


def read_scene(message: Message) -> tuple[Scene, Health, tuple[int, int] | None]:
    """Unpack what `scene_message` packed."""
    data, reader = message.data, _ArrayReader(message.blob)
    poses = [
        (_unpack_pose(person["pose"], reader), person["raw"] and _unpack_pose(person["raw"], reader))
        for person in data["people"]
    ]
    people = tuple(
        Person(
            id=person["id"],
            slot=person["slot"],
            pose=pose,
            age=person["age"],
            velocity=reader.take((len(COCO_17), 2)),
            seen=person["seen"],
            raw=raw,
            features=Features(reader.take((len(FEATURES),))),
        )
        for person, (pose, raw) in zip(data["people"], poses, strict=True)
    )
    captured, estimated, published = data["times"]
    scene = Scene(
        index=data["index"],
        size=(data["size"][0], data["size"][1]),
        captured=captured,
        estimated=estimated,
        published=published,
        people=people,
        candidates=tuple(_unpack_pose(pose, reader) for pose in data["candidates"]),
        lead_id=data["lead"],
        dropped=data["dropped"],
        zones=tuple(ZoneState(name, tuple(ids)) for name, ids in data["zones"]),
    )
    health = Health(**data["health"])
    picture = data["picture"]
    return (
        scene,
        replace(health, camera=CameraState(health.camera), target_rates=tuple(health.target_rates)),
        (picture[0], picture[1]) if picture else None,
    )


def events_message(events: Sequence[Event]) -> Message:
    """Pack events in order."""
    return Message("events", {"events": [asdict(event) for event in events]})


def read_events(message: Message) -> tuple[Event, ...]:
    """Unpack what `events_message` packed."""
    return tuple(event_from_dict(data) for data in message.data["events"])


def _pack_pose(pose: Pose, arrays: list[NDArray[np.float32]]) -> dict[str, Any]:
    arrays += [pose.xy, pose.scores]
    if pose.world is not None:
        arrays.append(pose.world)
    packed: dict[str, Any] = {"score": float(pose.score), "world": pose.world is not None}
    if pose.detail is not None:
        packed["detail"] = _pack_pose(pose.detail, arrays)
    return packed


def _unpack_pose(packed: dict[str, Any], reader: _ArrayReader, *, is_detail: bool = False) -> Pose:
    skeleton = BLAZEPOSE_33 if is_detail else COCO_17
    count = len(skeleton)
    xy, scores = reader.take((count, 2)), reader.take((count,))
    world = reader.take((count, 3)) if packed["world"] else None
    detail = _unpack_pose(packed["detail"], reader, is_detail=True) if "detail" in packed else None
    return Pose(xy, scores, packed["score"], skeleton, detail, world)


class _ArrayReader:
    """Takes arrays off a blob, in the order in which they were put there."""

    def __init__(self, blob: bytes) -> None:
        self._values = np.frombuffer(blob, "<f4")
        self._at = 0

    def take(self, shape: tuple[int, ...]) -> NDArray[np.float32]:
        count = int(np.prod(shape))
        values = self._values[self._at : self._at + count]
        self._at += count
        return values.reshape(shape)
