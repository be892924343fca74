"""Poses in the JSON of tfjs, as `posekit estimate --json` and programs in a browser write it."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from posekit.pose import camel_case
from posekit.recording.form import FARTHEST, LATEST, pose_from_rows
from posekit.recording.scene import RecordedPerson, RecordedScene
from posekit.recording.values import a_list, a_number, a_size, a_whole, an_object, text
from posekit.skeleton import COCO_17

if TYPE_CHECKING:
    from posekit.geometry import Size
    from posekit.pose import Pose

PLACES = {
    **{name: at for at, name in enumerate(COCO_17.keypoints)},
    **{camel_case(name): at for at, name in enumerate(COCO_17.keypoints)},
}
"""A keypoint's name, as posenet and as pose-detection spell it, to its place."""


def tfjs_line(scene: RecordedScene, file: str) -> str:
    """Return a scene as `posekit estimate --json` writes a frame, with everybody's id and slot beside."""
    poses = [
        {**person.pose.to_tfjs(scene.size), "id": person.id, "slot": person.slot}
        for person in scene.people
        if person.pose is not None
    ]
    poses += [pose.to_tfjs(scene.size) for pose in scene.candidates]
    width, height = scene.size
    data = {"file": file, "time": round(scene.time, 6), "width": width, "height": height, "poses": poses}
    return json.dumps(data, separators=(",", ":"), allow_nan=False) + "\n"


class Reader:
    """Makes scenes of frames, one after the other.

    A frame is an object with `poses` and, where known, `time`, `width` and `height`, or a list of poses, or a
    single pose. Where time jumps back or another file begins, tracking is to begin anew.
    """

    def __init__(self, size: Size | None, rate: float) -> None:
        self._size, self._interval = size, 1 / rate
        self._index = 0
        self._file: object = None
        self._shift = 0.0
        self._last = -self._interval

    def read(self, data: object) -> RecordedScene:
        """Read one frame; raises `ValueError` with a clause."""
        frame = self._as_frame(data)
        size = self._find_size(frame)
        time, is_cut = self._find_time(frame)
        found = [_read_pose(an_object(pose, "pose"), size) for pose in a_list(frame.get("poses"), "poses")]
        scene = RecordedScene(time, self._index, size, is_cut=is_cut)
        self._index += 1
        return replace(
            scene,
            people=tuple(person for person in found if isinstance(person, RecordedPerson)),
            candidates=tuple(pose for pose in found if not isinstance(pose, RecordedPerson)),
        )

    def _as_frame(self, data: object) -> dict[str, Any]:
        if isinstance(data, list):
            return {"poses": data}
        frame = an_object(data, "frame")
        if "poses" not in frame and "keypoints" in frame:
            return {"poses": [frame]}
        if "poses" not in frame:
            raise ValueError("it has no poses")
        return frame

    def _find_size(self, frame: dict[str, Any]) -> Size:
        if frame.get("width") is not None and frame.get("height") is not None:
            return a_size([frame["width"], frame["height"]])
        if self._size is None:
            raise ValueError("it says no width and height; add them: replay:FILE,size=640x480")
        return self._size

    def _find_time(self, frame: dict[str, Any]) -> tuple[float, bool]:
        """Return a frame's time, which goes on where the file's begins anew, and whether it does."""
        file, is_first = frame.get("file"), self._index == 0
        is_other = not is_first and file != self._file
        self._file = file
        time = self._last + self._interval - self._shift
        if frame.get("time") is not None:
            time = a_number(frame["time"], "time", LATEST)
        is_cut = is_other or (not is_first and time + self._shift < self._last)
        if is_cut:
            self._shift = self._last + self._interval - time
        self._last = time + self._shift
        return self._last, is_cut


def _read_pose(data: dict[str, Any], size: Size) -> RecordedPerson | Pose:
    rows: list[list[float] | None] = [None] * len(COCO_17)
    known = 0
    for keypoint in a_list(data.get("keypoints"), "keypoints"):
        keypoint = an_object(keypoint, "keypoint")
        at = PLACES.get(text(keypoint.get("part", keypoint.get("name", ""))))
        if at is not None:
            rows[at] = _read_keypoint(keypoint, size)
            known += 1
    if data["keypoints"] and not known:
        raise ValueError(f"a pose has no keypoint that is known, such as {camel_case(COCO_17.keypoints[9])}")
    scores = [row[2] for row in rows if row is not None]
    mean = sum(scores) / max(len(scores), 1)
    score = mean if data.get("score") is None else a_number(data["score"], "score", FARTHEST)
    pose = pose_from_rows(rows, min(max(score, 0.0), 1.0))
    if data.get("id") is None:
        return pose
    slot = data.get("slot")
    return RecordedPerson(a_whole(data["id"], "id"), None if slot is None else a_whole(slot, "slot"), pose)


def _read_keypoint(data: dict[str, Any], size: Size) -> list[float] | None:
    """Return [x, y, score], image-normalised; None for one that is missing, at (0, 0) with score 0."""
    place = an_object(data.get("position", data), "position")
    x, y = (_pixels(place.get(axis), axis) for axis in "xy")
    score = 1.0 if data.get("score") is None else a_number(data["score"], "score", FARTHEST)
    if (x == y == score == 0) or math.isnan(x + y):
        return None
    return [x / size[0], y / size[1], score]


def _pixels(value: object, what: str) -> float:
    # Programs in Python write NaN where others write nothing.
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return math.nan
    return a_number(value, what, FARTHEST)
