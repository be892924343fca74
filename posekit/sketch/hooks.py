"""The hooks a sketch may have, what each may ask for, and the binding of one to the other.

A hook names only the arguments it wants. Which those are is read once, when the sketch is loaded.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from posekit.events.table import GESTURE_NAMES
from posekit.taught import taught_names

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ALWAYS: dict[str, str] = {
    "canvas": "what is drawn on",
    "scene": "everybody at this instant, with health and time",
    "people": "everyone who is here",
    "lead": "one of them, the same until she leaves; None when nobody is here",
    "dt": "seconds since the last frame",
    "time": "seconds since the sketch began",
    "state": "a place for whatever the sketch wants to remember",
    "health": "how the engine and its camera do",
    "params": "the values of the sketch's parameters: params.speed",
    "osc": "sends messages of the sketch's own: osc.send(address, ...)",
}
"""The arguments that every hook may name."""

HOOKS: dict[str, tuple[str, ...]] = {
    "setup": (),
    "update": (),
    "draw": (),
    "on_enter": ("person", "event"),
    "on_leave": ("person", "event", "visit"),
    "on_first_person": ("person", "event"),
    "on_empty": ("event",),
    "on_gesture": ("person", "event", "partner"),
    "on_zone_enter": ("zone", "person", "event"),
    "on_zone_leave": ("zone", "person", "event"),
    "on_zone_dwell": ("zone", "person", "event"),
    "on_key": ("key",),
    "on_mouse": ("position", "button"),
    "on_osc": ("address", "args"),
    "on_param": ("name", "value"),
    "on_camera_lost": (),
    "on_camera_back": (),
    "close": (),
}
"""Every hook, and the arguments that it alone may name besides those of `ALWAYS`."""

EVENT_HOOKS = {
    "enter": "on_enter",
    "leave": "on_leave",
    "first": "on_first_person",
    "empty": "on_empty",
    "zone_enter": "on_zone_enter",
    "zone_leave": "on_zone_leave",
    "zone_dwell": "on_zone_dwell",
}
"""Which hook an event of this name goes to."""

SPREAD = {"on_osc": "args"}
"""Which of its arguments a hook may also take as `*args`, whatever it calls them."""

PHASES = ("", "_held", "_end")
"""What follows a gesture's name in the hooks for its start, when it has lasted, and when it is over."""

GESTURE_ARGUMENTS = ("person", "event", "partner")
"""What `on_wave` and every other gesture's hook may name besides `ALWAYS`; `partner` is None for one
alone."""


@dataclass(frozen=True)
class Hook:
    """One hook of one sketch, ready to be called."""

    name: str
    function: Callable[..., Any]
    wants: tuple[str, ...]
    """The arguments that it names."""
    before: tuple[tuple[str, Any], ...] = ()
    """Where it takes the rest as `*args`: what comes before, by place, and their default values."""
    rest: str = ""
    """Which argument that rest is; empty when it takes none."""

    def __call__(self, values: Mapping[str, Any]) -> Any:
        """Call it with those of the values that it wants."""
        named = {name: values[name] for name in self.wants}
        if not self.rest:
            return self.function(**named)
        placed = [named.pop(name) if name in named else default for name, default in self.before]
        return self.function(*placed, *values[self.rest], **named)


@dataclass(frozen=True)
class Problem:
    """Something in a sketch that cannot be right, and where it stands."""

    line: int
    kind: str
    """What it is, as in `unknown hook`; empty when `found` is the whole sentence."""
    found: str
    known: tuple[str, ...] = ()


def known_hooks() -> dict[str, tuple[str, ...]]:
    """Return `HOOKS` and the hooks of every gesture, built in or taught: `on_wave`, `on_my_pose_end`."""
    names = (*GESTURE_NAMES, *taught_names())
    gestures = (f"on_{name}{phase}" for phase in PHASES for name in names)
    return {**HOOKS, **dict.fromkeys(gestures, GESTURE_ARGUMENTS)}


def known_arguments(hook: str) -> tuple[str, ...]:
    """Return every argument that a hook may name, its own first."""
    return HOOKS.get(hook, GESTURE_ARGUMENTS) + tuple(ALWAYS)


def bind(name: str, function: Callable[..., Any]) -> tuple[Hook, list[Problem]]:
    """Read which arguments a hook's function wants, and say what is wrong with it.

    A parameter with a default value that is no known argument keeps its default.
    """
    line = _line_of(function)
    known, wants, problems = known_arguments(name), [], []
    before: list[tuple[str, Any]] = []
    rest = ""
    code = inspect.unwrap(function)
    if inspect.iscoroutinefunction(code) or inspect.isgeneratorfunction(code):
        problems.append(Problem(line, "", f"{name} must be a plain function, without async or yield"))
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind is parameter.VAR_KEYWORD:
            wants += [argument for argument in known if argument not in wants]
        elif parameter.kind is parameter.VAR_POSITIONAL:
            rest = SPREAD.get(name, "")
        elif parameter.kind is parameter.POSITIONAL_ONLY:
            problems.append(Problem(line, "", f"{name} gets its arguments by name; leave out the /"))
        elif parameter.name in known:
            wants.append(parameter.name)
        elif parameter.default is parameter.empty:
            problems.append(Problem(line, f"argument of {name}", parameter.name, known))
        if parameter.kind is parameter.POSITIONAL_OR_KEYWORD:
            before.append((parameter.name, parameter.default))
    return Hook(name, function, tuple(wants), tuple(before) if rest else (), rest), problems


def _line_of(function: Callable[..., Any]) -> int:
    code = getattr(inspect.unwrap(function), "__code__", None)
    return code.co_firstlineno if code else 1
