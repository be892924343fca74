"""Parameters: numbers, switches, colours and choices of a sketch that can be set while it runs.

`Param` declares one; `posekit.sketch.parameters` holds the values of all that a sketch has.
"""

from __future__ import annotations

import inspect
import math
import re
from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeVar, overload

from posekit.errors import SettingsError, UnknownNameError
from posekit.sketch.parameters import Parameters

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,47}")
"""A parameter's name becomes part of an OSC address."""
LARGEST_INT, LARGEST_FLOAT = 2**31 - 1, 3.4e38
"""What OSC's `i` and `f` can say: every value is told to the targets."""
LONGEST_TEXT = 64
"""Letters of a colour or a choice; what is longer is none."""
KINDS = {bool: "bool", int: "int", float: "float", str: "colour"}
KEPT = "_parameters"
"""Where a sketch keeps its `Parameters`."""


class Param(Generic[T]):
    """One parameter, declared at the top of a file or of a class: `speed = Param(1.0, 0, 5)`.

    The default's type says what it is: a float, an int, a bool, a colour (`"gold"`, `"#ffcc00"`), or with
    `choices` one of several texts. Values beyond `min` and `max` are brought inside; with `step` they are
    whole steps from `min`. In a class `self.speed` is the value, in a file of functions `params.speed`.
    Raises `SettingsError` for what cannot be a parameter.
    """

    @overload
    def __init__(self: Param[bool], default: bool, *, help: str = "") -> None: ...
    @overload
    def __init__(
        self: Param[int],
        default: int,
        min: int | None = None,
        max: int | None = None,
        step: int | None = None,
        help: str = "",
    ) -> None: ...
    @overload
    def __init__(
        self: Param[float],
        default: float,
        min: float | None = None,
        max: float | None = None,
        step: float | None = None,
        help: str = "",
    ) -> None: ...
    @overload
    def __init__(
        self: Param[str], default: str, *, choices: Sequence[str] | None = None, help: str = ""
    ) -> None: ...

    def __init__(
        self,
        default: Any,
        min: Any = None,  # noqa: A002 (as a slider's ends are called everywhere)
        max: Any = None,  # noqa: A002
        step: Any = None,
        help: str = "",  # noqa: A002
        *,
        choices: Sequence[str] | None = None,
    ) -> None:
        self.name = ""
        """What it is called; given where it is declared."""
        self.help = help
        """What it does, for whoever turns it."""
        self.choices = _choices(default, choices)
        self.kind = "choice" if self.choices else _kind(default, (min, max, step))
        """`float`, `int`, `bool`, `colour` or `choice`."""
        make: Any = int if self.kind == "int" else float
        numbers = [None if number is None else make(number) for number in (min, max, step)]
        self.min, self.max, self.step = numbers
        _check_range(self.kind, self.min, self.max, self.step)
        self.default: T = self.read((default,))
        if self.kind in ("int", "float") and not _is_near(self.default, default):
            raise SettingsError(
                f"a parameter's default lies in its range, on one of its steps; found {default!r} "
                f"where {self.expected}"
            )

    @property
    def expected(self) -> str:
        """What its values are, in words."""
        if self.kind == "bool":
            return "on is 1 and off is 0"
        if self.kind == "colour":
            return "a colour is a name, '#rrggbb', or three numbers"
        if self.kind == "choice":
            return f"one of {', '.join(self.choices)} is chosen"
        what = "a whole number" if self.kind == "int" else "a number"
        low, high = (None if end is None else f"{end:g}" for end in (self.min, self.max))
        ends = [*([f"from {low}"] if low else []), *([f"to {high}"] if high else [])]
        return " ".join([what, *ends, *([f"in steps of {self.step:g}"] if self.step else []), "is meant"])

    def read(self, arguments: Sequence[Any], *, explain: bool = True) -> T:
        """Return the value that someone means by one argument (a colour may have three or four).

        Numbers are brought into the range; a choice may be said by its number, from 0. Raises
        `SettingsError` for what it cannot be, and with `explain` `UnknownNameError` for a text that is none,
        with the nearest that is: it takes a while to find.
        """
        value: Any = None
        if arguments and isinstance(arguments[0], str) and len(arguments[0]) > LONGEST_TEXT:
            pass
        elif self.kind == "colour":
            value = _read_colour(arguments, explain=explain)
        elif len(arguments) != 1 or isinstance(arguments[0], (tuple, list, bytes, type(None))):
            pass
        elif self.kind == "choice":
            value = self._read_choice(arguments[0], explain=explain)
        else:
            value = self._read_number(arguments[0])
        if value is None:
            raise SettingsError(f"{self.expected}; found {_shown(arguments)}")
        made: T = value
        return made

    def _read_number(self, given: Any) -> Any:
        if self.kind == "bool" and isinstance(given, bool):
            return given
        if isinstance(given, (bool, str)):
            return None
        try:
            number = float(given)
        except (TypeError, ValueError, OverflowError):
            return None
        if not math.isfinite(number):
            return None
        if self.kind == "bool":
            return number != 0
        most = LARGEST_INT if self.kind == "int" else LARGEST_FLOAT
        low = -most if self.min is None else self.min
        high = most if self.max is None else self.max
        number = max(low, min(number, high))
        if self.step and abs(number) < most:
            start = self.min or 0
            # A half step up, as people round, and no further than the last step within the range.
            steps = math.floor((number - start) / self.step + 0.5)
            if self.max is not None:
                steps = min(steps, math.floor((self.max - start) / self.step + 1e-9))
            steps = max(steps, 0) if self.min is not None else steps
            number = round(start + steps * self.step, 12) if steps else start
        number = max(low, min(number, high))
        return math.floor(number + 0.5) if self.kind == "int" else float(number)

    def _read_choice(self, given: Any, *, explain: bool) -> Any:
        if isinstance(given, str):
            if given in self.choices:
                return given
            if explain:
                raise UnknownNameError("choice", given, self.choices)
            return None
        if isinstance(given, bool) or given != given or given not in range(len(self.choices)):
            return None
        return self.choices[int(given)]

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, instance: None, owner: type) -> Param[T]: ...
    @overload
    def __get__(self, instance: object, owner: type) -> T: ...

    def __get__(self, instance: object | None, owner: type) -> Param[T] | T:
        if instance is None:
            return self
        value: T = parameters_of(instance)[self.name]
        return value

    def __set__(self, instance: object, value: T) -> None:
        parameters_of(instance).put(self.name, value)

    def __repr__(self) -> str:
        return f"Param({self.default!r})"

    def misuse(self) -> SettingsError:
        """Return the error for who takes the declaration for its value."""
        if not self.name:
            return SettingsError("a Param is no value itself; it belongs at the top of the file or the class")
        return SettingsError(
            f"{self.name} is a parameter; let the hook name params, and write params.{self.name}"
        )

    def _misused(self, *_: object) -> NoReturn:
        raise self.misuse()

    # In a file of functions the bare name is the declaration, which nobody means to reckon with.
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _misused
    __floordiv__ = __mod__ = __pow__ = __rpow__ = __neg__ = __lt__ = __le__ = __gt__ = __ge__ = _misused
    __bool__ = __float__ = __int__ = __index__ = __round__ = __iter__ = __str__ = __format__ = _misused


def parameters_of(sketch: object) -> Parameters:
    """Return a sketch's parameters, made when they are first asked for, which may be in its `__init__`."""
    kept = vars(sketch).get(KEPT)
    if isinstance(kept, Parameters):
        return kept
    made = vars(sketch)[KEPT] = Parameters(declared_in(type(sketch)))
    return made


def declared_in(cls: type) -> dict[str, Param[Any]]:
    """Return the parameters of a class and of those it inherits from, in the order they are declared in."""
    names = dict.fromkeys(name for base in reversed(cls.__mro__) for name in vars(base))
    found = {name: inspect.getattr_static(cls, name) for name in names}
    return {name: param for name, param in found.items() if isinstance(param, Param)}


def _choices(default: Any, choices: Sequence[str] | None) -> tuple[str, ...]:
    if choices is None:
        return ()
    listed = () if isinstance(choices, str) else tuple(choices)
    are_texts = all(isinstance(one, str) and one.isprintable() for one in listed)
    if len(listed) < 2 or not are_texts or len({*listed}) < len(listed):
        raise SettingsError(f"a parameter's choices are two or more different texts; found {choices!r}")
    if default not in listed:
        raise UnknownNameError("choice", str(default), listed)
    return listed


def _kind(default: Any, ends: tuple[Any, ...]) -> str:
    kind = next((kind for base, kind in KINDS.items() if isinstance(default, base)), None)
    if kind is None:
        raise SettingsError(
            "a parameter's default is a number, True or False, a colour, or one of its choices; "
            f"found {_shown((default,))}"
        )
    given = [end for end in ends if end is not None]
    if given and kind in ("bool", "colour"):
        raise SettingsError(f"min, max and step are for numbers; found them with {default!r}")
    for end in given:
        if isinstance(end, bool) or not isinstance(end, (int, float)) or not math.isfinite(end):
            raise SettingsError(f"min, max and step are numbers; found {_shown((end,))}")
    return "float" if kind == "int" and any(isinstance(end, float) for end in given) else kind


def _is_near(number: Any, other: float) -> bool:
    return math.isclose(number, other, rel_tol=1e-9, abs_tol=1e-9)


def _check_range(kind: str, low: Any, high: Any, step: Any) -> None:
    if kind in ("int", "float") and low is not None and high is not None and not low < high:
        raise SettingsError(f"a parameter's min is below its max; found min {low:g}, max {high:g}")
    if step is not None and step <= 0:
        raise SettingsError(f"a parameter's step is above 0; found {step:g}")


def _read_colour(arguments: Sequence[Any], *, explain: bool) -> str | None:
    """Return a colour as it was written, or `#rrggbb` for numbers: ints to 255, or floats to 1."""
    from posekit.sketch.colors import is_color, read_color

    if len(arguments) == 1 and isinstance(arguments[0], str):
        if explain:
            read_color(arguments[0])
        return arguments[0] if is_color(arguments[0]) else None
    numbers = arguments[0] if len(arguments) == 1 and isinstance(arguments[0], tuple) else arguments
    if len(numbers) not in (3, 4):
        return None
    if not all(type(number) in (int, float) and math.isfinite(number) for number in numbers):
        return None
    scale = 255 if any(isinstance(number, float) for number in numbers) else 1
    return "#" + "".join(f"{round(max(0, min(255, number * scale))):02x}" for number in numbers)


def _shown(arguments: Sequence[Any]) -> str:
    """Return arguments as a sentence has them."""
    if not arguments:
        return "nothing"
    text = " ".join(ascii(argument) for argument in arguments[:5])
    return text if len(text) <= 60 else f"{text[:57]}..."
