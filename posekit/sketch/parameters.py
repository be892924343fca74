"""The values of a sketch's parameters: what sets them from outside, and what a hook sees of them."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from posekit.errors import PosekitError, SettingsError, UnknownNameError, nearest_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from posekit.sketch.params import Param


class Parameters:
    """The parameters of one sketch and their values now."""

    def __init__(self, declared: Mapping[str, Param[Any]] | None = None) -> None:
        self.declared = dict(declared or {})
        """Every parameter by name, in the order of the file."""
        self._values = {name: param.default for name, param in self.declared.items()}
        self._changed: dict[str, None] = {}

    def __len__(self) -> int:
        return len(self.declared)

    def __iter__(self) -> Iterator[str]:
        return iter(self.declared)

    def __getitem__(self, name: str) -> Any:
        """Return a value; raises `KeyError`."""
        return self._values[name]

    @property
    def values(self) -> dict[str, Any]:
        """Every value by name, as a preset keeps them."""
        return dict(self._values)

    def find(self, name: str) -> Param[Any]:
        """Return a parameter; raises `UnknownNameError` with the nearest name."""
        if name not in self.declared:
            if not self.declared:
                raise SettingsError(f"there is no parameter {name!r}: the sketch has none")
            raise UnknownNameError("parameter", name, self.declared)
        return self.declared[name]

    def put(self, name: str, value: Any) -> Any:
        """Set a parameter and return its new value, which lies in its range.

        Raises `UnknownNameError`, or `SettingsError` for what it cannot be.
        """
        return self.receive(name, (value,))

    def receive(self, name: str, arguments: Sequence[Any], *, explain: bool = True) -> Any:
        """Do the same with the arguments of a message, as `Param.read` takes them."""
        new = self.find(name).read(arguments, explain=explain)
        if new != self._values[name]:
            self._values[name] = new
            self._changed[name] = None
        return new

    def begin(self) -> None:
        """Count nothing as changed: the values now are those that the sketch begins with."""
        self._changed.clear()

    def adopt(self, old: Parameters) -> None:
        """Go on with the values of the same sketch before its code was changed.

        A value is taken over, and brought into its new range, where the parameter is of the same kind (or a
        number still) and has the same default as before: a new one in the code wins. Whatever is different
        now counts as changed.
        """
        for name, param in self.declared.items():
            before = old.declared.get(name)
            if before is not None and _is_alike(param, before) and before.default == param.default:
                with suppress(PosekitError):  # a choice that is no more
                    self._values[name] = param.read((old[name],), explain=False)
            if before is None or old[name] != self._values[name] or name in old._changed:
                self._changed[name] = None

    def touch(self, name: str) -> None:
        """Count a parameter as changed, so that others are told its value again."""
        self._changed[name] = None

    def take_changes(self) -> dict[str, Any]:
        """Return what changed since they were last taken: names and values now."""
        changed = {name: self._values[name] for name in self._changed}
        self._changed.clear()
        return changed


def _is_alike(one: Param[Any], other: Param[Any]) -> bool:
    """Whether the value of one may be one of the other."""
    return one.kind == other.kind or {one.kind, other.kind} == {"int", "float"}


class Params:
    """The parameters as a sketch sees them: `params.speed` is a value, `params.speed = 2` sets it."""

    __slots__ = ("_all",)
    _all: Parameters

    def __init__(self, parameters: Parameters) -> None:
        object.__setattr__(self, "_all", parameters)

    def __getattr__(self, name: str) -> Any:
        try:
            return self._all[name]
        except KeyError:
            pass
        if name.startswith("__"):
            raise AttributeError(name)
        near = nearest_name(name, self._all)
        hint = f"did you mean {near!r}?" if near else f"choose from {', '.join(self._all) or 'none at all'}"
        raise AttributeError(f"there is no parameter {name!r}; {hint}")

    def __setattr__(self, name: str, value: Any) -> None:
        self._all.put(name, value)

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def __dir__(self) -> list[str]:
        return list(self._all)

    def __repr__(self) -> str:
        return f"Params({', '.join(f'{name}={value!r}' for name, value in self._all.values.items())})"
