"""The running show as others see it: its newest state, and a tray for what is asked of it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any

from posekit.errors import OutputError
from posekit.show.actions import check_action

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from posekit.show.state import ShowState

TRAY = 200
"""So many wishes may wait; a show that carries out none of them is asked for no more."""


@dataclass(frozen=True)
class Wish:
    """One thing that was asked for."""

    action: str
    value: Any = None
    origin: str = ""


class ShowDesk:
    """A `Desk` for any thread: what it shows is replaced whole, what is asked waits for the loop.

    `wake` is called after each wish, so that the loop need not sleep on.
    """

    def __init__(self, state: ShowState, wake: Callable[[], None] | None = None) -> None:
        self._lock = Lock()
        self._state = state
        self._wake = wake or (lambda: None)
        self._tray: deque[Wish] = deque()
        self._parameters: tuple[dict[str, Any], ...] = ()
        self._presets: tuple[dict[str, Any], ...] = ()
        self._zones: tuple[dict[str, Any], ...] = ()
        self._ignore: str | None = None

    def state(self) -> ShowState:
        """Return the newest state."""
        return self._state

    def ask(self, action: str, value: object = None, origin: str = "") -> None:
        """Ask for an action; raises what `check_action` does, `OutputError` when too much waits already."""
        check_action(action, value)
        with self._lock:
            if len(self._tray) >= TRAY:
                raise OutputError(f"{TRAY} actions wait already; ask again in a moment")
            self._tray.append(Wish(action, value, origin))
        self._wake()

    def parameters(self) -> Sequence[dict[str, Any]]:
        """Return the sketch's parameters, as its window told them last."""
        return self._parameters

    def presets(self) -> Sequence[dict[str, Any]]:
        """Return the saved presets."""
        return self._presets

    def zones(self) -> Sequence[dict[str, Any]]:
        """Return the zones that are watched."""
        return self._zones

    def ignore(self) -> str | None:
        """Return where nobody is looked at."""
        return self._ignore

    def take(self) -> tuple[Wish, ...]:
        """Return what was asked since the last look, in order; for the loop alone."""
        with self._lock:
            wishes = tuple(self._tray)
            self._tray.clear()
        return wishes

    def show(self, state: ShowState) -> None:
        """Replace the state."""
        self._state = state

    def show_sketch(self, parameters: Sequence[dict[str, Any]], presets: Sequence[dict[str, Any]]) -> None:
        """Replace what is known of the sketch."""
        self._parameters, self._presets = tuple(parameters), tuple(presets)

    def show_room(self, zones: Sequence[dict[str, Any]], ignore: str | None) -> None:
        """Replace what is watched, and what is ignored."""
        self._zones, self._ignore = tuple(zones), ignore
