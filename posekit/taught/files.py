"""The files that keep taught poses: their names, their places, and what stands in them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from posekit.errors import OutputError, SettingsError, UnknownNameError
from posekit.skeleton import COCO_17
from posekit.taught.comparing import Taught

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

BIGGEST_FILE = 65_536
"""Bytes; a taught pose has a tenth of it at most."""
MOST_POSES = 100
"""How many taught poses are read from a folder."""
LONGEST_NAME = 40
VERSION = 1
SUFFIX = ".json"
ENDINGS = ("_held", "_end", "_enter", "_dwell", "_leave")
"""What OSC adds to the names of gestures and zones."""
TAKEN = frozenset((
    "enter", "leave", "first", "first_person", "empty", "gesture", "zone_enter", "zone_dwell", "zone_leave",
    "key", "mouse", "osc", "param", "camera_lost", "camera_back", "overflow", "all", "off",
))  # fmt: skip
"""Names of hooks and events that are something else."""


def check_name(name: str, taken: Collection[str] = ()) -> str:
    """Return a name that a taught pose may have, or raise `SettingsError` saying why it may not.

    It becomes a hook (`on_NAME`) and an OSC address; `taken` are the built-in gestures' names.
    """
    if not (name.isascii() and name.isidentifier() and name == name.lower()) or name.startswith("_"):
        raise SettingsError(
            f"{name!r} cannot be a gesture's name; use small letters, digits and _, like my_pose"
        )
    if len(name) > LONGEST_NAME:
        raise SettingsError(f"a gesture's name has {LONGEST_NAME} letters at most; {name!r} has {len(name)}")
    if name in TAKEN or name in taken or name.endswith(ENDINGS):
        raise SettingsError(f"{name!r} means something already; choose another name, like my_{name}")
    return name


def folder() -> Path:
    """Return where taught poses are kept: `$POSEKIT_TAUGHT`, or in the user's data folder."""
    given = os.environ.get("POSEKIT_TAUGHT")
    if given:
        return Path(given).expanduser()
    import platformdirs

    return Path(platformdirs.user_data_dir("posekit", appauthor=False)) / "taught"


def taught_names() -> tuple[str, ...]:
    """Return the names of what has been taught, without reading any of it."""
    place = folder()
    if not place.is_dir():
        return ()
    return tuple(sorted(file.stem for file in place.glob(f"*{SUFFIX}") if file.stem.isidentifier()))[
        :MOST_POSES
    ]


def load(name: str | Path) -> Taught:
    """Load a taught pose by its name, or from a file.

    Raises `UnknownNameError` for a name that was not taught, `SettingsError` for a file that is no taught
    pose.
    """
    path = Path(name)
    if path.suffix != SUFFIX:
        path = folder() / f"{name}{SUFFIX}"
        if not path.is_file():
            raise UnknownNameError("taught pose", str(name), taught_names() or ("posekit teach NAME",))
    try:
        if path.stat().st_size > BIGGEST_FILE:
            raise SettingsError(
                f"{path} is too big to be a taught pose; teach it again with: posekit teach NAME"
            )
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"cannot read the taught pose {path}: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise SettingsError(_no_pose(path, "it is not JSON")) from None
    return _from_dict(data, path)


def load_all(
    wanted: Collection[str] | None = None, report: Callable[[str], None] | None = None
) -> tuple[Taught, ...]:
    """Load whatever has been taught, or what is `wanted` of it, by name.

    A file that is no taught pose is left out and reported: no show ends because of it.
    """
    loaded = []
    for name in taught_names():
        if wanted is not None and name not in wanted:
            continue
        path = folder() / f"{name}{SUFFIX}"
        try:
            loaded.append(load(path))
        except SettingsError as error:
            if report is not None:
                reason = str(error).partition("; ")[0]
                where = "" if str(path) in reason else f"{path}: "
                report(f"{where}{reason}; it is left out: teach it again or delete it")
    return tuple(loaded)


def check_place(name: str, path: Path | None = None, *, overwrite: bool = False) -> None:
    """Raise `OutputError` if a pose could not be saved as `save` would, or is there already.

    A file among the taught poses that is none may be replaced: to teach it again is how it is mended.
    """
    place = path or folder() / f"{name}{SUFFIX}"
    if place.exists() and not overwrite and (path is not None or _is_whole(place)):
        other = "name another file" if path is not None else "choose another name"
        raise OutputError(f"{place} is there already; {other}, or add --force to replace it")
    try:
        if place.is_dir():
            raise IsADirectoryError(None, "it is a folder")
        place.parent.mkdir(parents=True, exist_ok=True)
        new = _unfinished(place)
        new.touch()
        new.unlink()
    except OSError as error:
        raise OutputError(_no_place(place, error)) from None


def _is_whole(path: Path) -> bool:
    try:
        load(path)
    except SettingsError:
        return False
    return True


def _unfinished(path: Path) -> Path:
    return path.with_name(path.name + ".new")


def _no_place(path: Path, error: OSError) -> str:
    return f"cannot write the taught pose {path}: {error.strerror}"


def save(taught: Taught, path: Path | None = None) -> Path:
    """Write a taught pose, numbers only, to a file or to the user's folder; return where it is.

    Raises `OutputError` for a place that cannot be written.
    """
    path = path or folder() / f"{taught.name}{SUFFIX}"
    places = zip(COCO_17.keypoints, taught.xy.tolist(), taught.scores.tolist(), strict=True)
    data = {
        "posekit": "taught pose",
        "version": VERSION,
        "name": taught.name,
        "keypoints": {
            name: [round(x, 5), round(y, 5), round(score, 4)] for name, (x, y), score in places if score > 0
        },
    }
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        new = _unfinished(path)
        new.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
        new.replace(path)
    except OSError as error:
        raise OutputError(_no_place(path, error)) from None
    return path


def _from_dict(data: Any, path: Path) -> Taught:
    if not isinstance(data, dict) or data.get("posekit") != "taught pose":
        raise SettingsError(_no_pose(path, "it says so nowhere"))
    if data.get("version") != VERSION:
        raise SettingsError(_no_pose(path, f"its version is {data.get('version')!r}, not {VERSION}"))
    name, keypoints = data.get("name"), data.get("keypoints")
    if not isinstance(name, str) or not isinstance(keypoints, dict):
        raise SettingsError(_no_pose(path, "it lacks a name or keypoints"))
    xy, scores = np.full((len(COCO_17), 2), np.nan, np.float32), np.zeros(len(COCO_17), np.float32)
    for keypoint, numbers in keypoints.items():
        x, y, score = _numbers(numbers, keypoint, path)
        at = COCO_17.find(keypoint)
        xy[at], scores[at] = (x, y), score
    return Taught(check_name(name), xy, scores)


def _numbers(numbers: Any, keypoint: str, path: Path) -> tuple[float, float, float]:
    is_good = (
        isinstance(numbers, list)
        and len(numbers) == 3
        and all(isinstance(number, (int, float)) and abs(number) < 1e3 for number in numbers)
        and 0 < numbers[2] <= 1
    )
    if not is_good:
        raise SettingsError(_no_pose(path, f"{keypoint} needs x, y and a score; found {numbers!r:.60}"))
    x, y, score = map(float, numbers)
    return x, y, score


def _no_pose(path: Path, reason: str) -> str:
    return f"{path} is not a taught pose: {reason}; teach it again with: posekit teach NAME"
