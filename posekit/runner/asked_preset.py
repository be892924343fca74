"""A preset that somebody asks for over OSC: `/preset/calm`, `/preset/3`, or `/preset` with one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

ADDRESSES = ("/preset", "/posekit/preset")
LONGEST_NAME = 60


class AskedPreset:
    """Takes messages, and once a frame loads the preset that was asked for last: each reads a file.

    `load` is set by whoever has presets; it returns what is wrong, or nothing.
    """

    def __init__(self) -> None:
        self.load: Callable[[int | str], str] | None = None
        self._wanted: tuple[str, str] | None = None

    def is_meant(self, address: str) -> bool:
        """Whether an address is about presets, and there are any."""
        return self.load is not None and address.startswith(ADDRESSES) and _split(address) is not None

    def ask(self, address: str, arguments: tuple[Any, ...]) -> str:
        """Take a message; return what is wrong with it, or nothing. A 0 is a button's release."""
        name = _split(address) or ""
        first = arguments[0] if arguments else None
        if name and (first is None or isinstance(first, (int, float, str))):
            if first != 0:
                self._wanted = address, name[:LONGEST_NAME]
            return ""
        if not name and isinstance(first, str) and first.strip():
            self._wanted = address, first[:LONGEST_NAME]
            return ""
        if not name and isinstance(first, (int, float)) and not isinstance(first, bool):
            self._wanted = address, f"{first:g}"  # a dial's 3 may come as a float
            return ""
        return f"{address[:LONGEST_NAME]} takes a preset's name or number, as in /preset/1"

    def obey(self) -> tuple[str, str] | None:
        """Load what was asked for; return the address and what is wrong, or None."""
        wanted, self._wanted = self._wanted, None
        if wanted is None or self.load is None:
            return None
        wrong = self.load(wanted[1])
        return (wanted[0], wrong) if wrong else None


def _split(address: str) -> str | None:
    """Return the name in an address, empty where it has none; None where it is about something else."""
    for ours in ADDRESSES:
        if address == ours:
            return ""
        if address.startswith(f"{ours}/"):
            return address[len(ours) + 1 :]
    return None
