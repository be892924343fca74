"""What is done to a show in a rehearsal, how one sees that it was noticed, and when it is over."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from posekit.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Callable

    import psutil

    from posekit.gallery.rehearsal import Rehearsal
    from posekit.show.state import ShowState

    Holds = Callable[[ShowState | None, ShowState], bool]
    Act = Callable[[Rehearsal], None]

LIMIT = 30.0
"""Seconds by which everything has to be over: ten on a machine with nothing else to do."""
FULL_DISK = 100_000_000


@dataclass(frozen=True)
class Step:
    """One mishap."""

    what: str
    do: Act
    noticed: Holds
    """Whether a state shows that it was noticed; the first is the state before."""
    over: Holds
    undo: Act | None = None
    """Puts right what a technician would put right; the time until it is over counts from there."""
    limit: float = LIMIT


def steps(*, quick: bool) -> list[Step]:
    """Return what a rehearsal does, in order; the quick one leaves out what repeats."""
    usual = [
        Step("the window is killed", partial(_kill, name="window"), *_replaced("window")),
        Step("the window freezes", partial(_freeze, name="window"), *_replaced("window")),
        Step("the engine is killed", partial(_kill, name="engine"), *_replaced("engine")),
        _camera(),
        _disk(),
        _closing(),
        Step(
            "the supervisor is killed, and started again",
            _restart_all,
            lambda before, state: before is None or state.started > before.started,
            lambda _, state: _is_well(state),
            limit=2 * LIMIT,
        ),
    ]
    if quick:
        return usual
    more = [
        Step("the engine freezes", partial(_freeze, name="engine"), *_replaced("engine")),
        Step("the curtain is killed", partial(_kill, name="curtain"), *_replaced("curtain")),
        Step(
            "somebody asks for a blackout",
            lambda show: show.whisper(ask="blackout", value=True),
            lambda _, state: state.phase == "blackout",
            lambda _, state: _is_well(state),
            undo=lambda show: show.whisper(ask="blackout", value=False),
        ),
        *[
            Step(
                f"the window is killed again ({number})", partial(_kill, name="window"), *_replaced("window")
            )
            for number in range(1, 4)
        ],
    ]
    return [*usual[:-1], *more, usual[-1]]


def _replaced(name: str) -> tuple[Holds, Holds]:
    def noticed(before: ShowState | None, state: ShowState) -> bool:
        old = before.part(name) if before is not None else None
        new = state.part(name)
        return new is not None and (old is None or new.restarts > old.restarts)

    def over(_: ShowState | None, state: ShowState) -> bool:
        part = state.part(name)
        return part is not None and part.state == "running" and _is_well(state)

    return noticed, over


def _is_well(state: ShowState) -> bool:
    return state.phase == "open" and state.fps > 0 and state.window_fps > 0 and state.is_healthy


def _camera() -> Step:
    return Step(
        "the camera is taken away, and comes back",
        lambda show: show.whisper(camera=False),
        lambda _, state: _has(state, "camera_lost"),
        lambda _, state: _is_well(state),
        undo=lambda show: show.whisper(camera=True),
    )


def _disk() -> Step:
    return Step(
        "the disk is full, so it is said",
        lambda show: show.whisper(disk=FULL_DISK),
        lambda _, state: _has(state, "disk_full") and state.phase == "open",
        lambda _, state: not _has(state, "disk_full"),
        undo=lambda show: show.whisper(disk=None),
    )


def _closing() -> Step:
    def is_closed(_: ShowState | None, state: ShowState) -> bool:
        engine = state.part("engine")
        return state.phase == "closed" and engine is not None and engine.state == "off"

    return Step(
        "the show closes, and opens",
        lambda show: show.whisper(ask="close"),
        is_closed,
        lambda _, state: _is_well(state),
        undo=lambda show: show.whisper(ask="open"),
    )


def _has(state: ShowState, name: str) -> bool:
    return any(trouble.name == name for trouble in state.troubles)


def _kill(show: Rehearsal, name: str) -> None:
    _process(show, name).kill()


def _freeze(show: Rehearsal, name: str) -> None:
    _process(show, name).suspend()


def _process(show: Rehearsal, name: str) -> psutil.Process:
    process = show.process(name)
    if process is None:
        raise EngineError(f"there is no {name} to rehearse with")
    return process


def _restart_all(show: Rehearsal) -> None:
    show.kill_all()
    show.start()
