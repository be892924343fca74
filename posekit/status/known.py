"""Whether the sketch has what is asked of it: a parameter of that name and range, a preset that was saved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from posekit.errors import UnknownNameError
from posekit.status.answers import ProblemError
from posekit.status.values import is_alike

if TYPE_CHECKING:
    from posekit.show.actions import Desk


def check_known(desk: Desk, action: str, value: Any) -> None:
    """Raise `ProblemError` for a parameter or a preset that cannot be; other actions are not looked at."""
    if action == "parameter":
        check_parameter(desk, str(value.get("name", "")), value.get("value"))
    elif action == "preset":
        check_preset(desk, value)


def check_parameter(desk: Desk, name: str, value: Any) -> None:
    """Raise `ProblemError` unless the sketch has such a parameter, and it can have this value."""
    known = {one["name"]: one for one in desk.parameters()}
    if name not in known:
        raise ProblemError(404, str(UnknownNameError("parameter", name[:60], known or ("none",))))
    before = known[name].get("value")
    if not is_alike(value, before):
        raise ProblemError(422, f"{name} is now {ascii(before)[:60]}; {ascii(value)[:60]} is something else")
    choices = known[name].get("choices")
    if choices and value not in choices:
        raise ProblemError(422, f"{name} is one of {', '.join(map(str, choices))}")
    low, high = known[name].get("min"), known[name].get("max")
    if (low is not None and value < low) or (high is not None and value > high):
        raise ProblemError(422, f"{name} goes from {low} to {high}; found {value}")


def check_preset(desk: Desk, value: int | str) -> None:
    """Raise `ProblemError` unless a preset was saved under this number or name."""
    presets = list(desk.presets())
    if not any(value in (one.get("number"), one.get("name")) for one in presets):
        saved = ", ".join(f"{one.get('number')} ({one.get('name')})" for one in presets) or "none"
        raise ProblemError(404, f"there is no preset {ascii(value)[:60]}; saved are {saved}")
