"""Who leads: one person at a time, and not another at every frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posekit.tracking.options import ZONE

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from posekit.tracking.options import TrackerOptions
    from posekit.tracking.rows import Body

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

    def update(self, people: Sequence[Body], elapsed: float) -> int | None:
        """Return the lead's id: that of one of the people, who come in ascending order of their ids."""
        if not people:
            self.reset()
            return None
        ids = [body.id for body in people]
        if self._options.lead == "longest":
            self._id = self._id if self._id in ids else ids[0]
            return self._id
        best, is_clear = self._best(ids, people)
        if self._id not in ids:
            self._id, self._doubted = best, 0.0
        elif best == self._id or not is_clear:
            self._doubted = 0.0
        else:
            self._doubted += elapsed
            if self._doubted >= self._options.lead_wait:
                self._id, self._doubted = best, 0.0
        return self._id

    def _best(self, ids: list[int], people: Sequence[Body]) -> tuple[int | None, bool]:
        """Return who should lead, and whether she should take over from who does."""
        if self._options.lead.startswith(ZONE):
            within = self._occupants(self._options.lead.removeprefix(ZONE)) if self._occupants else ()
            best = next((number for number in ids if number in within), None)
            return best, self._id not in within
        worth = [body.size for body in people]
        if self._options.lead == "nearest":
            # On a level floor whoever is nearer stands lower in the picture.
            worth = [size + max(body.high.imag, 0.0) for size, body in zip(worth, people, strict=True)]
        most = max(worth)
        held = worth[ids.index(self._id)] if self._id in ids else 0.0
        return ids[worth.index(most)], most > held * (1 + self._options.lead_margin)
