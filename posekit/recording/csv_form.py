"""Poses as CSV: one row per body and frame, a column for every number."""

from __future__ import annotations

import csv
import io
import math
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from posekit.recording.form import DIGITS, FARTHEST, LATEST, pose_from_rows
from posekit.recording.scene import RecordedPerson, RecordedScene
from posekit.recording.values import LARGEST_SIDE, LARGEST_WHOLE, shown
from posekit.skeleton import COCO_17

if TYPE_CHECKING:
    from collections.abc import Sequence

    from posekit.geometry import Size
    from posekit.pose import Pose

FIRST_COLUMNS = ("time", "frame", "width", "height", "person", "slot", "score")
KEYPOINT_COLUMNS = tuple(f"{name}_{what}" for name in COCO_17.keypoints for what in ("x", "y", "score"))
COLUMNS = FIRST_COLUMNS + KEYPOINT_COLUMNS


def csv_head() -> str:
    """Return the header row, with its line end."""
    return ",".join(COLUMNS) + "\n"


def csv_rows(scene: RecordedScene) -> str:
    """Return a scene's rows: one per body, or one without a body when there is none."""
    width, height = scene.size
    first = f"{float(scene.time)!r},{scene.index},{width},{height}"
    rows = [_row(first, person.id, person.slot, person.pose) for person in scene.people]
    rows += [_row(first, "", "", pose) for pose in scene.candidates]
    return "".join(rows or [_row(first, "", "", None)])


def _row(first: str, person: int | str, slot: int | str | None, pose: Pose | None) -> str:
    slot = "" if slot is None else slot
    if pose is None:
        return f"{first},{person},{slot}," + "," * len(KEYPOINT_COLUMNS) + "\n"
    values = np.column_stack((pose.xy, pose.scores)).astype(np.float64).round(DIGITS)
    values[~np.isfinite(values).all(axis=1)] = np.nan
    cells = ["" if math.isnan(value) else repr(value) for value in values.ravel().tolist()]
    score = round(float(pose.score), DIGITS) if math.isfinite(pose.score) else 0.0
    return f"{first},{person},{slot},{score!r}," + ",".join(cells) + "\n"


@dataclass(frozen=True)
class Columns:
    """Which cell is which."""

    count: int
    place: dict[str, int]
    """Column name to cell; columns that are not known are passed over."""
    keypoints: tuple[int, ...]
    """Cells of `KEYPOINT_COLUMNS`; a column that is not there is one past the last cell."""


def read_columns(line: bytes) -> Columns:
    """Read the header row; raises `ValueError` with a clause when it is none."""
    names = [name.strip().lower() for name in _cells(line)]
    place = {name: at for at, name in enumerate(names)}
    if "time" not in place:
        raise ValueError(
            f"it begins with {shown(','.join(names))}, which is neither JSON nor has a column time"
        )
    known = [name for name in COCO_17.keypoints if f"{name}_x" in place and f"{name}_y" in place]
    if not known:
        raise ValueError("it has no columns of a keypoint, such as left_wrist_x and left_wrist_y")
    absent = len(names)
    return Columns(absent, place, tuple(place.get(name, absent) for name in KEYPOINT_COLUMNS))


class Reader:
    """Gathers rows of one time and frame to a scene; whoever has no person number is a candidate."""

    def __init__(self, columns: Columns, size: Size | None) -> None:
        self._columns, self._size = columns, size
        self._key: tuple[float, int | None] | None = None
        self._frame_size: Size = (1, 1)
        self._people: list[RecordedPerson] = []
        self._candidates: list[Pose] = []
        self._index = -1
        self._is_cut = False

    def read(self, line: bytes) -> RecordedScene | None:
        """Read one row; returns the scene before it when the row begins another. Raises `ValueError`."""
        cells = _cells(line)
        if len(cells) != self._columns.count:
            raise ValueError(f"it has {len(cells)} cells under {self._columns.count} columns")
        time = self._number(cells, "time", LATEST)
        if math.isnan(time):
            raise ValueError("it says no time")
        key, size = (time, self._whole(cells, "frame")), self._find_size(cells)
        pose = self._pose(cells)
        person, slot = self._whole(cells, "person"), self._whole(cells, "slot")
        done = self.end() if key != self._key else None
        if done is not None:
            self._is_cut = time < done.time
        self._key, self._frame_size = key, size
        if person is not None:
            self._people.append(RecordedPerson(person, slot, pose))
        elif pose is not None:
            self._candidates.append(pose)
        return done

    def end(self) -> RecordedScene | None:
        """Return the last scene; None when there was no row."""
        if self._key is None:
            return None
        (time, frame), self._key = self._key, None
        self._index = self._index + 1 if frame is None else frame
        people, candidates = tuple(self._people), tuple(self._candidates)
        self._people, self._candidates = [], []
        return RecordedScene(time, self._index, self._frame_size, people, candidates, is_cut=self._is_cut)

    def _pose(self, cells: Sequence[str]) -> Pose | None:
        """Return a row's pose; None when it says neither a place nor a score."""
        padded = [*cells, ""]
        values = [_number(padded[at], "a keypoint", FARTHEST) for at in self._columns.keypoints]
        score = self._number(cells, "score", FARTHEST)
        if math.isnan(score) and all(map(math.isnan, chain(values[0::3], values[1::3]))):
            return None
        rows: list[list[float] | None] = []
        for x, y, sure in zip(values[0::3], values[1::3], values[2::3], strict=True):
            is_missing = math.isnan(x) or math.isnan(y)
            rows.append(None if is_missing else [x, y, 1.0 if math.isnan(sure) else sure])
        if math.isnan(score):
            known = [row[2] for row in rows if row is not None]
            score = sum(known) / max(len(known), 1)
        return pose_from_rows(rows, min(max(score, 0.0), 1.0))

    def _find_size(self, cells: Sequence[str]) -> Size:
        width, height = self._whole(cells, "width"), self._whole(cells, "height")
        if not width or not height:
            if self._size is None:
                raise ValueError("it says no width and height; add them: replay:FILE,size=640x480")
            return self._size
        if max(width, height) > LARGEST_SIDE:
            raise ValueError(f"a picture of {width}x{height} cannot be")
        return width, height

    def _number(self, cells: Sequence[str], name: str, limit: float) -> float:
        at = self._columns.place.get(name)
        return math.nan if at is None else _number(cells[at], name, limit)

    def _whole(self, cells: Sequence[str], name: str) -> int | None:
        value = self._number(cells, name, LARGEST_WHOLE)
        if math.isnan(value):
            return None
        if value < 0 or value != int(value):
            raise ValueError(f"{name} is no whole number from 0 but {value!r}")
        return int(value)


def _number(cell: str, what: str, limit: float) -> float:
    """Read a cell; NaN when it is empty."""
    try:
        value = float(cell) if cell.strip() else math.nan
    except ValueError:
        raise ValueError(f"{what} is no number but {shown(cell)}") from None
    if abs(value) > limit:
        raise ValueError(f"{what} cannot be {shown(cell)}")
    return value


def _cells(line: bytes) -> list[str]:
    try:
        return next(csv.reader(io.StringIO(line.decode("utf-8-sig"))), [])
    except UnicodeDecodeError:
        raise ValueError("it is no UTF-8 text") from None
    except csv.Error as error:
        raise ValueError(f"it is no CSV ({error})") from None
