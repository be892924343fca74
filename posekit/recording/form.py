"""The form of a recording: a header, then one JSON object a line; docs/recordings.md tells every field."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from posekit.pose import Pose
from posekit.recording.scene import RecordedPerson, RecordedScene
from posekit.recording.values import a_list, a_number, a_size, a_whole, an_object, text
from posekit.scene import EVENT_TYPES, ZONE_EVENTS, Event, Gesture, ZoneEvent
from posekit.skeleton import BLAZEPOSE_33, COCO_17, Skeleton

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from posekit.geometry import Size

VERSION = 1
KIND = "recording"
DIGITS = 5
"""Decimals that are kept: a hundredth of a pixel of a picture 1,000 wide."""
FARTHEST = 1e6
"""No position is farther out than so many picture sizes."""
LATEST = 1e13
"""Seconds, or what somebody takes for seconds: milliseconds since 1970 fit in."""
COMMON = frozenset({"name", "person_id", "slot", "time", "epoch", "sequence", "said"})
"""Fields of an event that are the same for all, or mean nothing beyond the run that it happened in."""
SKELETONS = {skeleton.name: skeleton for skeleton in (COCO_17, BLAZEPOSE_33)}


@dataclass(frozen=True)
class Header:
    """What the first line says."""

    size: Size | None
    """Width and height of the first frame; a line whose frame differs says so."""
    source: str = ""
    """What the recording was made from, as the user was told."""
    estimator: str = ""


@dataclass(frozen=True)
class UnknownEvent(Event):
    """An event that this version of posekit has no class for."""

    said: str = "event"
    """Its name in the recording."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", self.said)


def header_line(header: Header) -> str:
    """Return the first line, with its line end."""
    return _line(
        {
            "posekit": KIND,
            "version": VERSION,
            "skeleton": COCO_17.name.upper(),
            "size": header.size,
            "source": header.source,
            "estimator": header.estimator,
        }
    )


def is_header(data: object) -> bool:
    """Whether a first line is a recording's, of whatever version."""
    return isinstance(data, dict) and "posekit" in data


def read_header(data: dict[str, Any]) -> Header:
    """Read the first line; raises `ValueError` with a clause for a version or kind that cannot be read."""
    if data["posekit"] != KIND:
        raise ValueError(f"it is a {text(data['posekit'])!r} of posekit, not a {KIND}")
    version = a_whole(data.get("version"), "version")
    if version > VERSION:
        raise ValueError(
            f"it is a recording of version {version}, and this posekit reads version {VERSION}; "
            "install a newer posekit"
        )
    skeleton = data.get("skeleton", COCO_17.name)
    if not isinstance(skeleton, str) or skeleton.lower() != COCO_17.name:
        raise ValueError(f"its skeleton is {text(skeleton)!r}; posekit reads {COCO_17.name.upper()}")
    size = data.get("size")
    return Header(
        None if size is None else a_size(size), text(data.get("source", "")), text(data.get("estimator", ""))
    )


def scene_line(scene: RecordedScene, usual: Size | None) -> str:
    """Return the line of a scene, with its line end; its size is only said where it is not the usual one."""
    # The time is exact: rounded, a frame would now and then fall on the other side of a limit of age.
    data: dict[str, Any] = {"t": float(scene.time), "frame": scene.index}
    if scene.size != usual:
        data["size"] = scene.size
    data["people"] = [
        {"id": person.id, "slot": person.slot, **(_pack(person.pose) if person.pose is not None else {})}
        for person in scene.people
    ]
    if scene.lead_id is not None:
        data["lead"] = scene.lead_id
    if scene.candidates:
        data["candidates"] = [_pack(pose) for pose in scene.candidates]
    if scene.events:
        data["events"] = [_pack_event(event) for event in scene.events]
    if scene.is_cut:
        data["cut"] = True
    return _line(data)


def read_scene(data: dict[str, Any], usual: Size | None) -> RecordedScene:
    """Read a scene's line; fields that are not known are passed over. Raises `ValueError` with a clause."""
    size = a_size(data["size"]) if data.get("size") is not None else usual
    if size is None:
        raise ValueError("neither it nor the first line says a size")
    people = [an_object(person, "person") for person in a_list(data.get("people", []), "people")]
    candidates = [an_object(pose, "candidate") for pose in a_list(data.get("candidates", []), "candidates")]
    events = [an_object(event, "event") for event in a_list(data.get("events", []), "events")]
    return RecordedScene(
        time=a_number(data.get("t"), "t", LATEST),
        index=a_whole(data.get("frame", 0), "frame"),
        size=size,
        people=tuple(map(_unpack_person, people)),
        candidates=tuple(_unpack(pose) for pose in candidates),
        lead_id=None if data.get("lead") is None else a_whole(data["lead"], "lead"),
        events=tuple(map(_unpack_event, events)),
        is_cut=data.get("cut") is True,
    )


def pose_from_rows(rows: object, score: float, skeleton: Skeleton = COCO_17) -> Pose:
    """Make a pose of a list of [x, y, score], None where a keypoint is missing; `ValueError` otherwise."""
    return Pose(*_keypoints(rows, skeleton), score, skeleton)


def _unpack_person(data: dict[str, Any]) -> RecordedPerson:
    slot = data.get("slot")
    return RecordedPerson(
        a_whole(data.get("id"), "id"),
        None if slot is None else a_whole(slot, "slot"),
        _unpack(data) if data.get("raw") is not None else None,
    )


def _pack(pose: Pose) -> dict[str, Any]:
    score = float(pose.score)
    data: dict[str, Any] = {"score": _round(score) if math.isfinite(score) else 0.0, "raw": _rows(pose)}
    if pose.world is not None:
        metres = np.round(pose.world.astype(np.float64), DIGITS)
        data["world"] = np.where(np.isfinite(metres), metres, 0.0).tolist()
    if pose.detail is not None:
        data["detail"] = {"skeleton": pose.detail.skeleton.name.upper(), **_pack(pose.detail)}
    return data


def _rows(pose: Pose) -> list[list[float] | None]:
    values = np.column_stack((pose.xy, pose.scores)).astype(np.float64)
    rows: list[list[float] | None] = np.round(values, DIGITS).tolist()
    for at in np.flatnonzero(~np.isfinite(values).all(axis=1)):
        rows[at] = None
    return rows


def _unpack(data: dict[str, Any], skeleton: Skeleton = COCO_17) -> Pose:
    xy, scores = _keypoints(data.get("raw"), skeleton)
    world = None if data.get("world") is None else _table(data["world"], (len(skeleton), 3), "world")
    detail = None if data.get("detail") is None else _unpack_detail(an_object(data["detail"], "detail"))
    score = min(max(a_number(data.get("score", 0.0), "score", FARTHEST), 0.0), 1.0)
    return Pose(xy, scores, score, skeleton, detail, None if world is None else world.astype(np.float32))


def _unpack_detail(data: dict[str, Any]) -> Pose | None:
    """Return the richer pose; one in a skeleton that is not known is passed over."""
    skeleton = SKELETONS.get(text(data.get("skeleton", "")).lower())
    return None if skeleton is None else _unpack({**data, "detail": None}, skeleton)


def _keypoints(rows: object, skeleton: Skeleton) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    missing = [math.nan, math.nan, 0.0]
    filled = [missing if row is None else row for row in a_list(rows, "raw")]
    values = _table(filled, (len(skeleton), 3), "raw")
    absent = ~np.isfinite(values).all(axis=1)
    values[absent] = missing
    if (np.abs(values[~absent, :2]) > FARTHEST).any():
        raise ValueError("a keypoint lies farther out than any picture reaches")
    return values[:, :2].astype(np.float32), np.clip(values[:, 2], 0.0, 1.0).astype(np.float32)


def _table(rows: object, shape: tuple[int, int], what: str) -> NDArray[np.float64]:
    try:
        values = np.array(rows, np.float64)
    except (ValueError, TypeError, OverflowError):
        raise ValueError(f"{what} holds something that is no number") from None
    if values.shape != shape:
        raise ValueError(f"{what} is no list of {shape[0]} lists of {shape[1]} numbers")
    return values


def _pack_event(event: Event) -> dict[str, Any]:
    own = {field.name: _plain(getattr(event, field.name)) for field in fields(event)}
    for name in COMMON - {"slot"}:
        own.pop(name, None)
    return {"t": _round(event.time), "name": event.name, "person": event.person_id, **own}


def _unpack_event(data: dict[str, Any]) -> Event:
    """Return an event; one that this version does not know keeps what all events have."""
    name, slot = text(data.get("name", "event")), data.get("slot")
    common: dict[str, Any] = {
        "person_id": a_whole(data.get("person", 0), "person"),
        "slot": None if slot is None else a_whole(slot, "slot"),
        "time": a_number(data.get("t"), "t", LATEST),
    }
    kind: type[Any] = EVENT_TYPES.get(name) or (ZoneEvent if name in ZONE_EVENTS else Gesture)
    if kind is Gesture and "phase" not in data:
        return UnknownEvent(**common, said=name)
    own = {
        field.name: data[field.name]
        for field in fields(kind)
        if field.name not in COMMON and _is_like(data.get(field.name), field.default)
    }
    event: Event = kind(**common, **own) if name in EVENT_TYPES else kind(**common, **own, name=name)
    return event


def _is_like(value: object, default: object) -> bool:
    """Whether a value can stand where a default stands."""
    return type(value) is type(default) or (isinstance(default, float) and type(value) is int)


def _plain(value: Any) -> Any:
    """Return an event's field as JSON can say it: numbers rounded, NaN as null, anything odd as text."""
    if isinstance(value, (np.generic, np.ndarray)):
        value = value.tolist()
    if isinstance(value, float):
        return _round(value) if math.isfinite(value) else None
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    if isinstance(value, dict):
        return {str(key): _plain(part) for key, part in value.items()}
    return str(value)


def _round(value: float) -> float:
    return round(float(value), DIGITS)


def _line(data: dict[str, Any] | Sequence[Any]) -> str:
    return json.dumps(data, separators=(",", ":"), allow_nan=False) + "\n"
