"""What the status page asks of others: who keeps counts and log lines, and who has a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    import numpy as np
    from numpy.typing import NDArray

    from posekit.show.state import Severity

    Picture = NDArray[np.uint8]
    """(H, W, 3) uint8 RGB, that nobody writes to any more."""


class Records(Protocol):
    """What a show keeps, as plain values. Every method may read files, and is called in a thread for that."""

    def today(self) -> Mapping[str, Any]:
        """Return what is known of today: `day` (`2026-03-01`), `visits`, `median` in seconds, or None."""
        ...

    def hours(self, day: date, /) -> Sequence[Mapping[str, Any]]:
        """Return the hours of a day, in order, 23 to 25 of them: `hour` (`10:00`) and `visits`."""
        ...

    def dwell(self, day: date, /) -> Sequence[Mapping[str, Any]]:
        """Return how long visits of a day were: `from` and `to` in seconds (None for no end), `visits`."""
        ...

    def days(self, count: int, /) -> Sequence[Mapping[str, Any]]:
        """Return the last days, oldest first: `day`, `visits`, and what else is counted."""
        ...

    def csv(self) -> str:
        """Return everything that was counted, per hour, as CSV."""
        ...

    def log(self, count: int, severity: Severity | None = None, /) -> Sequence[Mapping[str, Any]]:
        """Return the newest lines, newest first: `time` (ISO 8601), `name`, `severity`, `sentence`."""
        ...
