"""What everybody does: gestures, taught poses, and what two people do together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from operator import attrgetter
from typing import TYPE_CHECKING

import numpy as np

from posekit.events.body import Bodies
from posekit.events.machine import Machine, Who
from posekit.events.pairs import measure_pairs, pair_up
from posekit.events.quantities import AT
from posekit.events.table import GESTURE_NAMES, GESTURES, PAIRS, TAUGHT, check_names
from posekit.taught import Taught, similarities

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from posekit.events.table import Kind, Measure
    from posekit.scene import Event, Person

BY_ID = attrgetter("id")
PAIR_SPACING = 0.05
"""Seconds between two looks at pairs, while nobody comes or goes: there are many, and they meet slowly."""


@dataclass(frozen=True)
class GestureOptions:
    """Which gestures are told."""

    names: tuple[str, ...] = ("all",)
    """Their names, taught ones too; `("all",)` or `("off",)`."""
    taught: tuple[Taught, ...] = ()
    """Poses that were taught by showing."""


def gesture_names(options: GestureOptions) -> tuple[str, ...]:
    """Return the name of every gesture that these options let be told."""
    if options.names == ("off",):
        return ()
    every = (*GESTURE_NAMES, *(taught.name for taught in options.taught))
    return every if options.names == ("all",) else tuple(name for name in every if name in options.names)


class Gestures:
    """Looks at people frame by frame and says what they do; `update` once per frame.

    Ids tell who was here longer, so the order of people does not matter. Raises `UnknownNameError` for a
    gesture that nobody knows.
    """

    def __init__(self, options: GestureOptions | None = None) -> None:
        options = options or GestureOptions()
        every, none = options.names == ("all",), options.names == ("off",)
        if not every and not none:
            check_names(options.names, tuple(taught.name for taught in options.taught))

        def wanted(name: str) -> bool:
            return every or (not none and name in options.names)

        kinds = [kind for kind in GESTURES if wanted(kind.name)]
        self._taught = tuple(taught for taught in options.taught if wanted(taught.name))
        self._pairs = any(wanted(kind.name) for kind in PAIRS)
        pairs = [kind for kind in PAIRS if wanted(kind.name)]
        self._pair_rows = [at for at, kind in enumerate(PAIRS) if kind in pairs]
        self._ramps = Ramps(kinds)
        self._machine = Machine([*kinds, *(replace(TAUGHT, name=taught.name) for taught in self._taught)])
        self._pair_machine = Machine(pairs)
        self._is_off = not (kinds or pairs or self._taught)
        self._bodies = Bodies()
        self._time = self._paired = -np.inf
        self._who: tuple[Who, ...] = ()
        self._couples: tuple[Who, ...] = ()
        self._indices: tuple[NDArray[np.intp], NDArray[np.intp]] = np.triu_indices(0, 1)

    def update(self, people: Sequence[Person], time: float, aspect: float) -> tuple[Event, ...]:
        """Return what they did up to `time` seconds; `aspect` is the picture's width in heights.

        A time that does not advance is taken as the same instant.
        """
        if self._is_off:
            return ()
        now = self._time = max(self._time, time)
        people = sorted(people, key=BY_ID)
        who = tuple(Who(person.id) for person in people)
        if who != self._who:
            self._who, self._couples = who, pair_up(tuple(person.id for person in people))
            self._indices = np.triu_indices(len(people), 1)
            self._paired = -np.inf
        slots = [person.slot for person in people]
        with np.errstate(all="ignore"):
            if not people:
                self._bodies.reset()
                measures = np.empty((0, 0), np.float32)
            else:
                measures = self._measure(people, now, aspect)
            told = self._machine.update(measures, who, slots, now)
            return tuple(told + self._together(slots, now))

    def reset(self) -> None:
        """Forget everybody, without a word."""
        self._bodies.reset()
        self._machine.reset()
        self._pair_machine.reset()
        self._time = self._paired = -np.inf
        self._who, self._couples = (), ()

    def _measure(self, people: Sequence[Person], now: float, aspect: float) -> NDArray[np.float32]:
        measures = self._ramps(self._bodies.update(people, now, aspect))
        if not self._taught:
            return measures
        return np.concatenate((measures, similarities(self._taught, people, now, aspect)))

    def _together(self, slots: Sequence[int | None], now: float) -> list[Event]:
        if not self._pairs or now - self._paired < PAIR_SPACING:
            return []
        self._paired = now
        couples = self._couples
        measures = np.empty((0, 0), np.float32)
        if couples:
            bodies = self._bodies
            measures = measure_pairs(
                bodies.center, bodies.wrists, bodies.feet, bodies.per_size, self._indices
            )[self._pair_rows]
        first = [slot for at, slot in enumerate(slots) for _ in slots[at + 1 :]]
        return self._pair_machine.update(measures, couples, first, now)


class Ramps:
    """The measures of many gestures at once: for each the least of its ramps, or of the other set of them."""

    def __init__(self, kinds: Sequence[Kind]) -> None:
        sets: list[Measure] = [kind.measure for kind in kinds]
        self._others = [at for at, kind in enumerate(kinds) if kind.other]
        sets += [kind.other for kind in kinds if kind.other]
        self._count = len(kinds)
        deepest = max(map(len, sets), default=1)
        self._rows = np.zeros((deepest, len(sets)), np.intp)
        self._scale = np.zeros((deepest, len(sets), 1), np.float32)
        self._offset = np.zeros((deepest, len(sets), 1), np.float32)
        for column, ramps in enumerate(sets):
            for depth in range(deepest):
                # A set with fewer ramps has its first one several times.
                name, zero, one = ramps[depth] if depth < len(ramps) else ramps[0]
                self._rows[depth, column] = AT[name]
                self._scale[depth, column] = 1 / (one - zero)
                self._offset[depth, column] = -zero / (one - zero)

    def __call__(self, quantities: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return (G, N) float32 from 0 to 1, NaN where a quantity that it takes is not known."""
        values = quantities.take(self._rows, axis=0)
        values *= self._scale
        values += self._offset
        measures: NDArray[np.float32] = values.min(axis=0)
        np.clip(measures, 0.0, 1.0, out=measures)
        own = measures[: self._count]
        own[self._others] = np.fmax(own[self._others], measures[self._count :])
        return own
