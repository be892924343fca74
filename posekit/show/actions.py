"""What may be asked of a running show, whoever asks: the page, OSC, or the command line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from posekit.errors import SettingsError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from posekit.show.state import ShowState


@dataclass(frozen=True)
class ActionKind:
    """One thing that may be asked for."""

    name: str
    description: str
    takes: type | tuple[type, ...] | None = None
    """The value's type: None for none, `bool` for a switch (no value means on)."""


ACTIONS = {
    kind.name: kind
    for kind in (
        ActionKind("restart", "end engine and window, and start both anew"),
        ActionKind("restart-window", "start the sketch's window anew; the engine goes on"),
        ActionKind("restart-engine", "start the engine anew; the window goes on"),
        ActionKind("blackout", "fade to black, or back", bool),
        ActionKind("open", "open now, whatever the hours say, until the next change of the schedule"),
        ActionKind("close", "close now, whatever the hours say, until the next change of the schedule"),
        ActionKind("schedule", "let the opening hours decide again"),
        ActionKind("reload", "read the show file and the sketch again"),
        ActionKind("test-card", "show the test card, or hide it", bool),
        ActionKind("pause", "look for nobody, or look again", bool),
        ActionKind("reset", "forget everybody"),
        ActionKind("calibrate-view", "remember what the empty room looks like from where the camera is now"),
        ActionKind("parameter", "set a parameter of the sketch: {name, value}", dict),
        ActionKind("preset", "load a preset by number or name", (int, str)),
        ActionKind("zones", "watch and keep these zones, tables as in zones.toml", list),
        ActionKind("ignore", "look at nobody in these polygons; null for everywhere", (str, type(None))),
        ActionKind("estimator", "go on with another estimator, by its name", str),
    )
}


def check_action(name: str, value: object = None) -> ActionKind:
    """Return the kind of action; `UnknownNameError` for none, `SettingsError` for a wrong value."""
    kind = ACTIONS.get(name)
    if kind is None:
        raise UnknownNameError("action", name[:60], ACTIONS)
    if kind.takes is None:
        if value is not None:
            raise SettingsError(f"{name} takes no value; found {ascii(value)[:60]}")
    elif kind.takes is bool:
        if not (value is None or isinstance(value, bool)):
            raise SettingsError(f"{name} takes true or false; found {ascii(value)[:60]}")
    elif not isinstance(value, kind.takes) or isinstance(value, bool):
        raise SettingsError(f"{name}: {kind.description}; found {ascii(value)[:60]}")
    return kind


class Desk(Protocol):
    """The running show as others see it. Every method may be called from any thread, and returns at once."""

    def state(self) -> ShowState:
        """Return the newest state; one is made at least once a second."""
        ...

    def ask(self, action: str, value: object = None, origin: str = "") -> None:
        """Ask for an action of `ACTIONS`; it is carried out within a moment, in order.

        `origin` says who asks, for the log: `page`, `osc`, `hours`. Raises what `check_action` does.
        """
        ...

    def parameters(self) -> Sequence[dict[str, Any]]:
        """Return the parameters: name, value, and what of min, max, choices, description there is."""
        ...

    def presets(self) -> Sequence[dict[str, Any]]:
        """Return the saved presets: number and name."""
        ...

    def zones(self) -> Sequence[dict[str, Any]]:
        """Return the zones that are watched, as tables of zones.toml."""
        ...

    def ignore(self) -> str | None:
        """Return where nobody is looked at, as the setting `ignore` has it."""
        ...
