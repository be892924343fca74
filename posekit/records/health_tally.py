"""How the show itself did, counted like visits: seconds, troubles and restarts for each hour."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from posekit.records.tally import LONGEST_NAME, Key

if TYPE_CHECKING:
    from posekit.records.local_hour import LocalHour
    from posekit.records.tally import What
    from posekit.show.state import ShowState

LONGEST_STEP = 60.0
"""Seconds between two states; a longer gap was a machine that slept, and counts as nothing."""


class HealthTally:
    """Turns one state after another into counts: what is new since the one before."""

    def __init__(self) -> None:
        self._uptime: float | None = None
        self._rests: Counter[tuple[str, str]] = Counter()
        self._restarts: dict[str, int] = {}
        self._troubles: set[tuple[str, float]] = set()

    def update(self, state: ShowState, hour: LocalHour) -> Counter[Key]:
        """Return what this state adds to the hour."""
        counted: Counter[Key] = Counter()
        if self._uptime is None and state.uptime > LONGEST_STEP:
            # We came later than the show: what it had been through by then was counted, or will never be.
            self._restarts = {part.name: part.restarts for part in state.parts}
            self._troubles = {(trouble.name, trouble.since) for trouble in state.troubles}
        before = state.uptime if self._uptime is None else self._uptime
        step = state.uptime - before
        self._uptime = state.uptime
        if 0 < step <= LONGEST_STEP:
            self._add_seconds(counted, hour, "uptime", "", step)
            if state.phase == "open":
                self._add_seconds(counted, hour, "open", "", step)
            for name in {trouble.name for trouble in state.troubles}:
                self._add_seconds(counted, hour, "trouble_seconds", name[:LONGEST_NAME], step)
        troubles = {(trouble.name, trouble.since) for trouble in state.troubles}
        for name, _ in troubles - self._troubles:
            counted[Key(hour, "trouble", name[:LONGEST_NAME])] += 1
        self._troubles = troubles
        for part in state.parts:
            more = part.restarts - self._restarts.get(part.name, 0)
            if more > 0:
                counted[Key(hour, "restart", part.name)] += more
            self._restarts[part.name] = part.restarts
        return counted

    def _add_seconds(
        self, counted: Counter[Key], hour: LocalHour, what: What, name: str, step: float
    ) -> None:
        """Count whole seconds; what is left of one is kept for the next step."""
        seconds = step + self._rests[what, name] / 1e6
        counted[Key(hour, what, name)] += int(seconds)
        self._rests[what, name] = round((seconds - int(seconds)) * 1e6)
