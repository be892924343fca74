"""Turns measures over time into gestures with a start and an end: all gestures of all people at once.

At any time few of all these gestures begin, end or have something to tell: one comparison finds them, and
only they are looked after.
"""

from __future__ import annotations

import math
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from posekit.events.rows import Rows
from posekit.scene import Gesture, Phase

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from posekit.events.table import Kind
    from posekit.scene import Event

PHASES: tuple[Phase, ...] = ("cancelled", "end", "held", "progress", "start")
"""In the order in which they are told."""
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

    __slots__ = (
        *("who", "at", "gesture", "kind", "is_active", "is_held"),
        *("since", "below", "seen", "ended", "began", "told", "due"),
    )

    def __init__(self, who: Who, at: int, gesture: int, kind: Kind) -> None:
        self.who, self.at, self.gesture, self.kind = who, at, gesture, kind
        self.is_active = self.is_held = False
        self.since = math.inf
        """When it came on."""
        self.below = math.inf
        """When it went off."""
        self.seen = self.ended = -math.inf
        """When its measure was last known, and when it was last over."""
        self.began = self.told = math.nan
        self.due = math.inf
        """When there will be something to tell, if its measure stays on."""

    @property
    def is_awaited(self) -> bool:
        """Whether it goes on, or might begin."""
        return self.is_active or self.since < math.inf

    def move(self, measure: float, now: float) -> Phase | None:
        """Return what there is to tell, if anything; `measure` is NaN where it cannot be told."""
        kind = self.kind
        if measure == measure:
            self.seen = now
            # A measure that is unknown for a moment neither confirms nor contradicts.
            self.since = min(self.since, now) if measure >= kind.on else math.inf
        is_lost = now - self.seen > kind.lost
        if is_lost:
            self.since = math.inf
        phase: Phase | None = None
        if self.is_active:
            phase = self._follow(measure, is_lost, now)
        elif (
            measure >= kind.on
            and now - self.since >= kind.after - TINY
            and now - self.ended >= kind.refractory - TINY
        ):
            self.is_active, self.is_held = True, False
            self.began = self.told = now
            self.below = math.inf
            phase = "start"
        self._foresee()
        return phase

    def _follow(self, measure: float, is_lost: bool, now: float) -> Phase | None:
        kind = self.kind
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

    def _foresee(self) -> None:
        kind = self.kind
        if not self.is_active:
            due = max(self.since + kind.after, self.ended + kind.refractory)
        elif self.is_held:
            due = self.told + PROGRESS
        else:
            due = min(self.told + PROGRESS, self.began + kind.held)
        # Sooner rather than later: whoever comes too early is sent away again.
        self.due = due - 2 * TINY


class Machine:
    """Phases of G gestures for everybody; time is in seconds and never goes back.

    What happens at the same instant is told by phase, then by person, then in the order of `ranks`, which is
    that of the gestures if nothing else is given.
    """

    def __init__(self, kinds: Sequence[Kind], ranks: Sequence[int] | None = None) -> None:
        self._kinds = tuple(kinds)
        self._ranks = tuple(range(len(kinds)) if ranks is None else ranks)
        self._on = np.array([[kind.on] for kind in kinds], np.float32).reshape(len(kinds), 1)
        form = (len(kinds),), False, np.bool_
        # What is on needs no look until it goes off or is due; what is neither on nor over needs one always.
        self._rows = Rows({"calm": form, "restless": form})
        self._calm: set[Doing] = set()
        self._doings: dict[tuple[Who, int], Doing] = {}
        self._is_restless = False
        self._time = -math.inf
        self._slots: Sequence[int | None] = ()

    def update(
        self, measures: NDArray[np.floating], who: Sequence[Who], slots: Sequence[int | None], now: float
    ) -> list[Event]:
        """Return what starts, goes on and ends; `measures` is (G, N), NaN where it cannot be told."""
        told = [] if who == self._rows.keys else self._let_go(tuple(who), now)
        self._slots = slots
        if not measures.size:
            return told
        flags = measures >= self._on
        flags ^= self._rows["calm"]
        if self._is_restless:
            flags |= self._rows["restless"]
        doings = [doing for doing in self._calm if doing.due <= now]
        for doing in doings:
            flags[doing.gesture, doing.at] = False
        if np.count_nonzero(flags):
            doings += self._doings_at(flags)
        if doings:
            told += self._move(doings, measures, now)
        self._time = now
        return told

    def reset(self) -> None:
        """Forget everybody, without a word."""
        self._rows.clear()
        self._doings.clear()
        self._calm.clear()
        self._is_restless = False
        self._time = -math.inf
        self._slots = ()

    def _let_go(self, who: tuple[Who, ...], now: float) -> list[Event]:
        """Cancel what they were doing who are gone."""
        here, before = {one: at for at, one in enumerate(who)}, self._rows.keys
        gone = {key: at for at, key in enumerate(before) if key not in here}
        told: list[tuple[int, int, Event]] = []
        for (one, gesture), doing in list(self._doings.items()):
            if one not in gone:
                doing.at = here[one]
                continue
            del self._doings[one, gesture]
            self._calm.discard(doing)
            if doing.is_active:
                told.append((gone[one], self._ranks[gesture], self._say(doing, "cancelled", now)))
        self._rows.align(who)
        return [event for _, _, event in sorted(told, key=itemgetter(0, 1))]

    def _doings_at(self, flags: NDArray[np.bool_]) -> Iterator[Doing]:
        """Yield what `flags` (G, N) marks."""
        who = self._rows.keys
        gestures, columns = flags.nonzero()
        for gesture, at in zip(gestures.tolist(), columns.tolist(), strict=True):
            doing = self._doings.get((who[at], gesture))
            if doing is None:
                doing = Doing(who[at], at, gesture, self._kinds[gesture])
                self._doings[who[at], gesture] = doing
            yield doing

    def _move(self, doings: Sequence[Doing], measures: NDArray[np.floating], now: float) -> list[Event]:
        """Look after some of the gestures."""
        rows, told = self._rows, []
        calm, restless = rows["calm"], rows["restless"]
        for doing in doings:
            gesture, at = doing.gesture, doing.at
            measure = measures.item(gesture, at)
            if doing in self._calm:
                doing.seen = self._time  # and in all frames up to then, without a look
            phase = doing.move(measure, now)
            is_on = measure >= doing.kind.on
            calm[gesture, at], restless[gesture, at] = is_on, doing.is_awaited and not is_on
            if is_on:
                self._calm.add(doing)
            else:
                self._calm.discard(doing)
            if phase is not None:
                event = self._say(doing, phase, now, measure)
                told.append((PHASES.index(phase), at, self._ranks[gesture], event))
        self._is_restless = bool(np.count_nonzero(restless))
        return [entry[-1] for entry in sorted(told, key=itemgetter(0, 1, 2))]

    def _say(self, doing: Doing, phase: Phase, now: float, measure: float = 0.0) -> Event:
        kind, who = doing.kind, doing.who
        room = 1 / max(1 - kind.on, TINY)
        # A constructor of a frozen class sets every field by a call, and what goes on is told often.
        gesture: Gesture = object.__new__(Gesture)
        gesture.__dict__.update(
            person_id=who.person_id,
            slot=self._slots[doing.at],
            time=now,
            name=kind.name,
            phase=phase,
            strength=min(max((measure - kind.on) * room, 0.0), 1.0) if measure == measure else 0.0,
            duration=now - doing.began,
            partner_id=who.partner_id,
            epoch=0,
            sequence=0,
        )
        return gesture
