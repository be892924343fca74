"""Whether a show that was just installed sees something: a moving picture through the service itself."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from posekit.show.state_file import read_kept

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from posekit.clock import Clock, Wall
    from posekit.service.manager import Word
    from posekit.show.state_file import KeptState

ENOUGH = 3
"""States one after the other, a second apart, in which the picture moves: one alone may be luck."""
LOOK_EVERY = 0.25
CAMERA = {
    "lost": "its source delivers nothing",
    "frozen": "its source delivers the same picture again and again",
    "black": "the camera's picture is black: is it covered, or the room dark?",
}


@dataclass(frozen=True)
class Proof:
    """What came through."""

    moves: bool
    sentence: str
    """What was seen, or what was missing."""
    blames_camera: bool = False
    kept: KeptState | None = None
    """The last state that was told."""


def prove(
    folder: Path,
    since: float,
    clock: Clock,
    wall: Wall,
    longest: float,
    *,
    word: Callable[[], Word] | None = None,
    pause: Callable[[float], object] = time.sleep,
) -> Proof:
    """Watch a show's state until scenes flow from a picture that moves, `longest` seconds at most.

    Only states count that a process tells which was started after `since` (wall time), so that a show which
    was started by hand proves nothing; where the system knows the service's process (`word`), it is that.
    """
    start, good, last_time = clock.now(), 0, 0.0
    last: KeptState | None = None
    while clock.now() - start < longest:
        kept = read_kept(folder)
        if kept is not None and kept.state.time != last_time and _is_ours(kept, since, wall.time(), word):
            last, last_time = kept, kept.state.time
            is_moving = kept.state.camera == "ok" and kept.state.fps > 0
            good = good + 1 if is_moving else 0
            if good >= ENOUGH:
                return Proof(True, f"the picture moves, {kept.state.fps:.0f} a second", kept=kept)
        pause(LOOK_EVERY)
    return Proof(False, *_what_was_missing(last, word, longest), last)


def _is_ours(kept: KeptState, since: float, now: float, word: Callable[[], Word] | None) -> bool:
    if not kept.is_current(now) or kept.process.started < since - 2.0:
        return False
    told = word().process_id if word is not None else None
    return told is None or told == kept.process_id


def _what_was_missing(
    last: KeptState | None, word: Callable[[], Word] | None, longest: float
) -> tuple[str, bool]:
    """Return why it is not proved, and whether it is the camera's doing."""
    if last is None:
        said = f" ({told.text})" if word is not None and (told := word()).text else ""
        # It may still be waiting for its camera.
        return f"within {longest:.0f} s the service told nothing{said}", True
    state = last.state
    if state.phase == "closed":
        return (
            "the show is closed by its hours, so nobody looked at the camera; install while it is open",
            False,
        )
    troubles = [trouble.sentence for trouble in state.troubles if trouble.severity == "fault"]
    ends = [f"{part.name}: {part.last_end}" for part in state.parts if part.last_end]
    if state.camera != "ok":
        sentence = f"the service runs, but {CAMERA[state.camera]}"
    elif not state.fps:
        sentence = "the service runs, but its engine sends nothing"
    else:
        return "the picture moved, but not for long enough", False
    return "; ".join(dict.fromkeys([sentence, *troubles, *ends])), True
