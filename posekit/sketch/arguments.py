"""Turns a drawing call of the wrong shape into one sentence with the argument's name and the right call.

Nothing is looked at as long as calls are right: only a call that has failed is examined.
"""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import numpy as np

from posekit.draw.clip import points_array
from posekit.errors import SettingsError, UnknownNameError
from posekit.sketch.colors import read_color
from posekit.sketch.params import Param

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

MAY_BE_NONE = {
    ("size", "image"),
    ("width", "skeleton"),
    ("color", "skeleton"),
    ("tint", "camera"),
    ("start", "gradient"),
    ("end", "gradient"),
}
"""Arguments that may be None: (argument, method)."""
NUMBERS = {
    "seconds": "a number of seconds, more than 0",
    "zoom": "a number such as 1.02",
    "turn": "a number of degrees",
}

P = ParamSpec("P")
T = TypeVar("T")


def called(right: str, *, on: str = "canvas") -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Decorate a drawing method whose right call reads like `right`; what is wrong raises `SettingsError`."""

    def decorate(method: Callable[P, T]) -> Callable[P, T]:
        @functools.wraps(method)
        def call(*args: P.args, **kwargs: P.kwargs) -> T:
            try:
                return method(*args, **kwargs)
            except (TypeError, ValueError, AttributeError, SettingsError):
                given = (*args[1:], *kwargs.values())
                declared = next((value for value in given if isinstance(value, Param)), None)
                sentence = _complaint(method, args[1:], kwargs)
                if sentence is None:
                    raise
            # Out here, so that the error holds no frame and with it none of the canvas's pixels.
            if declared is not None:
                raise declared.misuse()
            raise SettingsError(f"{on}.{method.__name__}: {sentence}; write {on}.{right}")

        return call

    return decorate


def _complaint(
    method: Callable[..., Any], args: Sequence[object], kwargs: Mapping[str, object]
) -> str | None:
    """Say which argument is wrong, in the order in which they are given; None when all seem right."""
    parameters = list(inspect.signature(method).parameters.values())[1:]
    names = [one.name for one in parameters if one.kind is one.POSITIONAL_OR_KEYWORD]
    known = [one.name for one in parameters]
    for name, value in (*zip(names, args, strict=False), *kwargs.items()):
        if name not in known:
            return str(UnknownNameError("argument", name, known))
        expected = _expected(method.__name__, name, value)
        if expected:
            return f"{name} is {expected}, found {_shown(value)}"
    if len(args) > len(names):
        return f"it takes {len(names)} values ({', '.join(names)}), found {len(args)}"
    given = {*names[: len(args)], *kwargs}
    missing = [one.name for one in parameters if one.default is one.empty and one.name not in given]
    return f"{missing[0]} is missing" if missing else None


def _expected(method: str, name: str, value: object) -> str | None:
    """Return what an argument should have been; None when it is, or when that is not known."""
    if value is None and (name, method) in MAY_BE_NONE:
        return None
    if name in ("position", "start", "end", "shift"):
        return None if _is_point(value) else "a point such as person.nose or (x, y)"
    if name in ("points", "corners"):
        return None if _are_points(value) else "a list of points such as [(x, y), person.nose]"
    if name in ("radius", "width", "glow") or (name, method) == ("size", "text"):
        return None if _is_number(value) else "a number of pixels"
    if name in ("alpha", "fade"):
        return None if _is_number(value) else "a number from 0 to 1"
    if name in NUMBERS:
        right = _is_number(value) and (name != "seconds" or value > 0)  # type: ignore[operator]  # it is a number
        return None if right else NUMBERS[name]
    if name == "size":
        return None if _is_point(value) else "(width, height)"
    if name == "blend":
        return None if isinstance(value, str) else "a name such as 'add', 'screen' or 'multiply'"
    if name == "layer":
        return None if hasattr(value, "feedback") else "what canvas.layer() has made"
    if name == "box":
        return None if _is_box(value) else "(x, y, width, height) or person.box"
    if name in ("color", "color1", "color2", "tint"):
        return _not_a_colour(value)
    if name == "person":
        return None if hasattr(value, "xy") and hasattr(value, "skeleton") else "one person"
    return None


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float, np.number)) or (isinstance(value, np.ndarray) and not value.ndim)


def _is_point(value: Any) -> bool:
    try:
        x, y = value
    except (TypeError, ValueError):
        return False
    return _is_number(x) and _is_number(y)


def _are_points(value: Any) -> bool:
    try:
        points_array(value)
    except (TypeError, ValueError):
        return False
    return True


def _is_box(value: Any) -> bool:
    try:
        sides = (value.x, value.y, value.width, value.height) if hasattr(value, "width") else tuple(value)
    except (TypeError, AttributeError):
        return False
    return len(sides) == 4 and all(_is_number(side) for side in sides)


def _not_a_colour(value: object) -> str | None:
    """Return what a colour is; None for a name, of which `read_color` says more than could be said here."""
    if isinstance(value, str):
        return None
    try:
        read_color(value)
    except SettingsError:
        return "a colour such as 'gold', '#ffcc00' or (255, 204, 0)"
    return None


def _shown(value: object) -> str:
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else f"{type(value).__name__} {text[:50]}..."
