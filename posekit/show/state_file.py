"""The newest state of a running show, as a small file that other programs of this machine can read.

It lies in the user's runtime folder and not beside the show, whose disk may be full, and must not be written
to every second.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import warnings
from contextlib import suppress
from dataclasses import MISSING, dataclass, fields
from typing import TYPE_CHECKING, Any, TypeVar

import platformdirs

from posekit.errors import OutputError
from posekit.show.process_mark import ProcessMark, own_mark
from posekit.show.state import Part, ShowState, Trouble
from posekit.whole_file import replace_file

if TYPE_CHECKING:
    from pathlib import Path

CURRENT_FOR = 5.0
"""Seconds after which a state that should be written every second counts as old."""
MOST_BYTES = 4_000_000
"""A file larger than this is none of ours."""

Plain = TypeVar("Plain", ShowState, Part, Trouble)


@dataclass(frozen=True)
class KeptState:
    """A state as it was found, with who wrote it."""

    state: ShowState
    process: ProcessMark
    """The supervisor's."""

    @property
    def process_id(self) -> int:
        """The supervisor's number."""
        return self.process.process_id

    def is_current(self, now: float) -> bool:
        """Whether a process that still runs told it, and not long ago; `now` is wall time in seconds."""
        return abs(now - self.state.time) <= CURRENT_FOR and self.is_running

    @property
    def is_running(self) -> bool:
        """Whether the process that wrote it is still there."""
        return self.process.is_running


def state_path(folder: Path) -> Path:
    """Return where the state of the show in `folder` is kept."""
    name = os.path.normcase(str(folder.resolve()))
    digest = hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:16]
    with warnings.catch_warnings():
        # Without a session there is a folder as well, for as long as the machine runs; nobody need be warned.
        warnings.simplefilter("ignore")
        runtime = platformdirs.user_runtime_path("posekit", appauthor=False)
    return runtime / f"show-{digest}.json"


def write_state(folder: Path, state: ShowState) -> None:
    """Keep the newest state of the show in `folder`; this process is taken for its supervisor.

    A reader finds a whole state at any instant. Raises `OutputError` where it cannot be written.
    """
    path = state_path(folder)
    own = own_mark()
    kept = {
        "process_id": own.process_id,
        "process_started": own.started,
        "process_birth": own.birth,
        "state": state.as_dict(),
    }
    make_runtime_folder(path.parent)
    # Written every second, and of no use after the machine's next start: no disk has to be waited for.
    replace_file(path, json.dumps(kept, default=str), "the show's state", mode=0o600, lasts=False)


def make_runtime_folder(folder: Path) -> None:
    """Make the folder of states and locks, if need be; raises `OutputError` for one that is not ours alone.

    Where nobody is logged in it may lie in a folder that every user can write to, and whoever was there first
    could lead what we write to another place.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.lstat()
    except OSError as error:
        raise OutputError(f"cannot make the folder {folder}: {error.strerror}") from None
    if os.name == "posix" and (not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid()):
        raise OutputError(f"the folder {folder} is another user's; have it removed, or set XDG_RUNTIME_DIR")
    if os.name == "posix" and found.st_mode & 0o022:
        raise OutputError(f"other users can write to {folder}; chmod 700 {folder} keeps them out")


def forget_state(folder: Path) -> None:
    """Remove the state, at the show's end; nothing happens when there is none."""
    with suppress(OSError):
        state_path(folder).unlink()


def read_kept(folder: Path) -> KeptState | None:
    """Return the state of the show in `folder` and who wrote it; None for none that can be understood."""
    path = state_path(folder)
    try:
        if path.stat().st_size > MOST_BYTES:
            return None
        kept = json.loads(path.read_text(encoding="utf-8"))
        state = _state_from(kept["state"])
        birth = str(kept.get("process_birth", ""))
        return KeptState(state, ProcessMark(int(kept["process_id"]), float(kept["process_started"]), birth))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return None


def read_state(folder: Path) -> ShowState | None:
    """Return the newest state of the show in `folder`, however old; None for none."""
    kept = read_kept(folder)
    return kept.state if kept is not None else None


def is_current(folder: Path, now: float) -> bool:
    """Whether a show runs in `folder` and told its state lately; `now` is wall time in seconds."""
    kept = read_kept(folder)
    return kept is not None and kept.is_current(now)


def _state_from(data: dict[str, Any]) -> ShowState:
    """Return a state from plain values; a field that this version does not know is left out."""
    parts = tuple(_from(Part, part) for part in data.get("parts") or ())
    troubles = tuple(_from(Trouble, trouble) for trouble in data.get("troubles") or ())
    return _from(ShowState, {**data, "parts": parts, "troubles": troubles})


def _from(kind: type[Plain], data: dict[str, Any]) -> Plain:
    values: dict[str, Any] = {}
    for one in fields(kind):
        if one.name not in data:
            continue
        value = data[one.name]
        if one.default is not MISSING and one.default is not None and not _alike(value, one.default):
            raise ValueError(f"{kind.__name__}.{one.name}: {ascii(value)[:60]}")
        values[one.name] = value
    return kind(**values)


def _alike(value: object, default: object) -> bool:
    """Whether a value may stand where `default` does: JSON has one kind of number."""
    if isinstance(default, float):
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, type(default))
