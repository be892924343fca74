"""What stands where a part of a show is not wanted."""

from __future__ import annotations

from typing import Any


class NoCounts:
    """Counts nothing."""

    problem = ""

    def note(self, events: Any) -> None:
        """Forget what happened."""

    def note_state(self, state: Any) -> None:
        """Forget a state."""

    def tick(self) -> None:
        """Do nothing."""

    def visits_today(self) -> int:
        """Return 0."""
        return 0

    def close(self) -> None:
        """Do nothing."""


class NoStatus:
    """Serves no page."""

    def publish(self, scene: Any, events: Any = (), health: Any = None) -> None:
        """Show it to nobody."""

    def close(self) -> None:
        """Do nothing."""
