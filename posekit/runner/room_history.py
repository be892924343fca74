"""What the room editor can take back."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from posekit.room import DisplayRoom
    from posekit.runner.screens import Screens

MOST = 100
"""Changes that are kept."""


class History:
    """How the room of each screen was before every change."""

    def __init__(self, screens: Screens) -> None:
        self._screens = screens
        self._before: list[tuple[int, DisplayRoom, object]] = []

    def remember(self, at: int, series: object = None) -> None:
        """Keep how a screen's room is now; a `series` of small steps is taken back as one."""
        if series is None or not self._before or self._before[-1][2] != series:
            self._before = [*self._before[1 - MOST :], (at, self._screens.room(at), series)]

    def settle(self) -> bool:
        """Forget what was remembered last if nothing has changed since; whether something has."""
        if self._before and self._before[-1][1] == self._screens.room(self._before[-1][0]):
            self._before.pop()
            return False
        return True

    def back(self) -> bool:
        """Take the last change back; false when there is none."""
        if not self._before:
            return False
        at, room, _ = self._before.pop()
        self._screens.change(at, keystone=room.keystone, stage=room.stage, width_m=room.width_m)
        return True
