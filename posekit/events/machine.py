"""Turns measures over time into gestures with a start and an end: all gestures of all people at once.

At any time few of all these gestures go on, or might begin: one comparison finds them, and only they are
looked after.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from posekit.events.rows import Rows
from posekit.scene import Gesture

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from posekit.events.table import Kind
    from posekit.scene import Event, Phase

PROGRESS = 0.2
"""Seconds between two tellings that a gesture goes on."""
TINY = 1e-6
"""Seconds that a sum of frame times may be off."""


class Who(NamedTuple):
    """Whom a column belongs to."""

    person_id: int
    partner_id: int = 0


class Doing:
    """Where somebody is in one gesture; all are times in seconds."""

    __slots__ = ("began", "below", "ended", "is_active", "is_held", "seen", "since", "told")

    def __init__(self) -> None:
        self.is_active = self.is_held = False
        self.since = math.inf
        """When it came on."""
        self.below = math.inf
        """When it went off."""
        self.seen = self.ended = -math.inf
        """When its measure was last known, and when it was last over."""
        self.began = self.told = math.nan

    @property
    def is_awaited(self) -> bool:
        """Whether it goes on, or might begin."""
        return self.is_active or self.since < math.inf

    def move(self, kind: Kind, measure: float, now: float) -> Phase | None:
        """Return what there is to tell, if anything; `measure` is NaN where it cannot be told."""
        if measure == measure:
            self.seen = now
            # A measure that is unknown for a moment neither confirms nor contradicts.
            self.since = min(self.since, now) if measure >= kind.on else math.inf
        is_lost = now - self.seen > kind.lost
        if is_lost:
            self.since = math.inf
        if self.is_active:
            return self._follow(kind, measure, is_lost, now)
        if (
            measure >= kind.on
            and now - self.since >= kind.after - TINY
            and now - self.ended >= kind.refractory - TINY
        ):
            self.is_active, self.is_held = True, False
            self.began = self.told = now
            self.below = math.inf
            return "start"
        return None

    def _follow(self, kind: Kind, measure: float, is_lost: bool, now: float) -> Phase | None:
        if measure == measure:
            self.below = min(self.below, now) if measure < kind.off else math.inf
        phase: Phase | None = None
        if is_lost:
            phase = "cancelled"
        elif measure == measure and now - self.below >= kind.release - TINY:
            phase = "end"
        elif not self.is_held and now - self.began >= kind.held - TINY:
            phase, self.is_held = "held", True
        elif now - self.told >= PROGRESS - TINY:
            phase = "progress"
        if phase is not None:
            self.told = now
        if phase in ("cancelled", "end"):
            self.is_active, self.ended = False, now
        return phase


class Machine:
    """Phases of G gestures for everybody; time is in seconds and never goes back."""

    def __init__(self, kinds: Sequence[Kind]) -> None:
        self._kinds = tuple(kinds)
        self._on = np.array([[kind.on] for kind in kinds], np.float32).reshape(len(kinds), 1)
        self._rows = Rows({"awaited": ((len(kinds),), False, np.bool_)})
        self._doings: dict[tuple[Who, int], Doing] = {}
        self._slots: Sequence[int | None] = ()

    def update(
        self, measures: NDArray[np.floating], who: Sequence[Who], slots: Sequence[int | None], now: float
    ) -> list[Event]:
        """Return what starts, goes on and ends; `measures` is (G, N), NaN where it cannot be told."""
        who = tuple(who)
        told = [] if who == self._rows.keys else self._let_go(who, now)
        self._slots = slots
        if not measures.size:
            return told
        flags = measures >= self._on
        flags |= self._rows["awaited"]
        return told + self._move(measures, flags, now) if np.count_nonzero(flags) else told

    def reset(self) -> None:
        """Forget everybody, without a word."""
        self._rows.clear()
        self._doings.clear()
        self._slots = ()

    def _let_go(self, who: tuple[Who, ...], now: float) -> list[Event]:
        """Cancel what they were doing who are gone."""
        here, before = set(who), self._rows.keys
        gone = {key: at for at, key in enumerate(before) if key not in here}
        told: list[tuple[int, int, Event]] = []
        for (one, gesture), doing in list(self._doings.items()):
            if one in gone:
                del self._doings[one, gesture]
                if doing.is_active:
                    told.append(
                        (gone[one], gesture, self._say(one, gone[one], gesture, doing, "cancelled", now))
                    )
        self._rows.align(who)
        return [event for _, _, event in sorted(told, key=lambda entry: entry[:2])]

    def _move(self, measures: NDArray[np.floating], flags: NDArray[np.bool_], now: float) -> list[Event]:
        """Look after those of the gestures that `flags` (G, N) marks."""
        awaited, who = self._rows["awaited"], self._rows.keys
        told: dict[Phase, list[Event]] = {"cancelled": [], "end": [], "held": [], "progress": [], "start": []}
        columns, gestures = flags.T.nonzero()
        for at, gesture in zip(columns.tolist(), gestures.tolist(), strict=True):
            one, measure = who[at], measures.item(gesture, at)
            doing = self._doings.get((one, gesture))
            if doing is None:
                doing = self._doings[one, gesture] = Doing()
            phase = doing.move(self._kinds[gesture], measure, now)
            awaited[gesture, at] = doing.is_awaited
            if phase is not None:
                told[phase].append(self._say(one, at, gesture, doing, phase, now, measure))
        return [event for events in told.values() for event in events]

    def _say(
        self,
        who: Who,
        at: int,
        gesture: int,
        doing: Doing,
        phase: Phase,
        now: float,
        measure: float = 0.0,
    ) -> Event:
        kind = self._kinds[gesture]
        room = 1 / max(1 - kind.on, TINY)
        return Gesture(
            person_id=who.person_id,
            slot=self._slots[at],
            time=now,
            name=kind.name,
            phase=phase,
            strength=min(max((measure - kind.on) * room, 0.0), 1.0) if measure == measure else 0.0,
            duration=now - doing.began,
            partner_id=who.partner_id,
        )
