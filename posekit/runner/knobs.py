"""Turning a sketch's parameters by hand, with the same effect as over OSC."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from posekit.runner.remote import Heard

if TYPE_CHECKING:
    from collections.abc import Callable

    from posekit.sketch.parameters import Parameters


class Knobs:
    """Sets parameters, tells the sketch's `on_param`, and so the OSC targets.

    `parameters` is asked anew each time: another code of the sketch brings others. `hear` is given what the
    sketch is to be told.
    """

    def __init__(self, parameters: Callable[[], Parameters], hear: Callable[[Heard], None]) -> None:
        self._parameters, self._hear = parameters, hear

    @property
    def parameters(self) -> Parameters:
        """The sketch's parameters as they are now."""
        return self._parameters()

    def turn(self, name: str, value: Any) -> Any:
        """Set one and return its new value, which lies in its range.

        Raises `UnknownNameError`, or `SettingsError` for what it cannot be.
        """
        parameters = self.parameters
        parameters.find(name)
        before = parameters[name]
        new = parameters.put(name, value)
        if new != before:
            self._hear(Heard("on_param", {"name": name, "value": new}))
        return new

    def reset(self, name: str) -> Any:
        """Set one to its default."""
        return self.turn(name, self.parameters.find(name).default)
