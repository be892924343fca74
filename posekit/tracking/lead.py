"""Who leads: one person at a time, and not another at every frame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from posekit.tracking.options import ZONE

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from numpy.typing import NDArray

    from posekit.tracking.options import TrackerOptions

    Occupants = Callable[[str], Collection[int]]
    """From a zone's name to the ids of who is in it."""


class Lead:
    """Keeps the lead where it is for as long as the rule allows.

    `longest`: until she leaves. `biggest` and `nearest`: until another has been clearly so for a while.
    `zone:NAME`: until she has been out of the zone for a while; nobody leads while nobody is in it.
    """

    def __init__(self, options: TrackerOptions, occupants: Occupants | None = None) -> None:
        self._options = options
        self._occupants = occupants
        self.reset()

    def reset(self) -> None:
        """Forget who led."""
        self._id: int | None = None
        self._doubted = 0.0

    def update(self, ids: list[int], rows: NDArray[Any], at: NDArray[np.intp], elapsed: float) -> int | None:
        """Return the lead's id: one of `ids`, in ascending order, whose rows are those `at`."""
        if not ids:
            self.reset()
            return None
        if self._options.lead == "longest":
            self._id = self._id if self._id in ids else ids[0]
            return self._id
        best, is_clear = self._best(ids, rows, at)
        if self._id not in ids:
            self._id, self._doubted = best, 0.0
        elif best == self._id or not is_clear:
            self._doubted = 0.0
        else:
            self._doubted += elapsed
            if self._doubted >= self._options.lead_wait:
                self._id, self._doubted = best, 0.0
        return self._id

    def _best(self, ids: list[int], rows: NDArray[Any], at: NDArray[np.intp]) -> tuple[int | None, bool]:
        """Return who should lead, and whether she should take over from who does."""
        if self._options.lead.startswith(ZONE):
            within = self._occupants(self._options.lead.removeprefix(ZONE)) if self._occupants else ()
            best = next((number for number in ids if number in within), None)
            return best, self._id not in within
        worth = rows["size"][at].astype(np.float64)
        if self._options.lead == "nearest":
            # On a level floor whoever is nearer stands lower in the picture.
            worth = worth + np.maximum(rows["high"][at, 1], 0.0)
        best_at = int(worth.argmax())
        held = worth[ids.index(self._id)] if self._id in ids else 0.0
        return ids[best_at], bool(worth[best_at] > held * (1 + self._options.lead_margin))
