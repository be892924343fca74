"""What everybody does: gestures, taught poses, and what two people do together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from operator import attrgetter
from typing import TYPE_CHECKING

import numpy as np

from posekit.events.body import Bodies
from posekit.events.machine import Machine, Who
from posekit.events.pairs import Pairs, pair_up
from posekit.events.ramps import Ramps, in_order
from posekit.events.table import GESTURE_NAMES, GESTURES, PAIRS, TAUGHT, check_names
from posekit.taught import Taught, similarities

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from posekit.scene import Event, Person

BY_ID = attrgetter("id")
NOTHING = np.empty((0, 0), np.float32)
PAIR_SPACING = 0.05
"""Seconds between two looks at pairs, while nobody comes or goes: there are many, and they meet slowly."""


@dataclass(frozen=True)
class GestureOptions:
    """Which gestures are told."""

    names: tuple[str, ...] = ("all",)
    """Their names, taught ones too; `("all",)` or `("off",)`."""
    taught: tuple[Taught, ...] = ()
    """Poses that were taught by showing."""
    keypoint_score: float = 0.3
    """Below it a keypoint is missing, also where poses are taken as the estimator saw them."""


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

        kinds = in_order([kind for kind in GESTURES if wanted(kind.name)])
        self._taught = tuple(taught for taught in options.taught if wanted(taught.name))
        self._pairs = any(wanted(kind.name) for kind in PAIRS)
        pairs = [kind for kind in PAIRS if wanted(kind.name)]
        # All that are wanted, of two.
        self._pair_rows = slice(PAIRS.index(pairs[0]), PAIRS.index(pairs[-1]) + 1) if pairs else slice(0)
        self._ramps = Ramps(kinds)
        kinds += (replace(TAUGHT, name=taught.name) for taught in self._taught)
        names = gesture_names(options)
        self._machine = Machine(kinds, [names.index(kind.name) for kind in kinds])
        self._pair_machine = Machine(pairs)
        self._is_off = not (kinds or pairs or self._taught)
        self._bodies = Bodies(options.keypoint_score, self._ramps.names)
        self._time = self._paired = -np.inf
        self._ids: list[int] = []
        self._who: tuple[Who, ...] = ()
        self._couples: tuple[Who, ...] = ()
        self._pairing = Pairs(0)
        self._slots: list[int | None] = []
        self._first_slots: list[int | None] = []

    def update(self, people: Sequence[Person], time: float, aspect: float) -> tuple[Event, ...]:
        """Return what they did up to `time` seconds; `aspect` is the picture's width in heights.

        A time that does not advance is taken as the same instant.
        """
        if self._is_off:
            return ()
        now = self._time = max(self._time, time)
        ids = [person.id for person in people]
        if not ids and not self._ids:
            return ()
        if ids != self._ids:
            people = sorted(people, key=BY_ID)
            ids = [person.id for person in people]
        if ids != self._ids:
            self._meet(ids)
        slots = [person.slot for person in people]
        with np.errstate(all="ignore"):
            if not people:
                self._bodies.reset()
                measures = NOTHING
            else:
                measures = self._measure(people, now, aspect)
            told = self._machine.update(measures, self._who, slots, now)
            if self._pairs and now - self._paired >= PAIR_SPACING:
                told += self._together(slots, now)
            return tuple(told)

    def reset(self) -> None:
        """Forget everybody, without a word."""
        self._bodies.reset()
        self._machine.reset()
        self._pair_machine.reset()
        self._time = self._paired = -np.inf
        self._ids, self._who, self._couples = [], (), ()

    def _meet(self, ids: list[int]) -> None:
        self._ids, self._who = ids, tuple(map(Who, ids))
        self._couples = pair_up(tuple(ids))
        self._pairing = Pairs(len(ids))
        self._slots, self._first_slots = [], []
        self._paired = -np.inf

    def _measure(self, people: Sequence[Person], now: float, aspect: float) -> NDArray[np.float32]:
        bodies = self._bodies
        quantities = bodies.update(people, self._ids, now, aspect)
        measures = self._ramps(quantities, lambda groups: bodies.look_closer(groups, now))
        bodies.remember(now)
        if not self._taught:
            return measures
        return np.concatenate((measures, similarities(self._taught, people, now, aspect)))

    def _together(self, slots: list[int | None], now: float) -> list[Event]:
        self._paired = now
        measures = NOTHING
        if self._couples:
            bodies = self._bodies
            measures = self._pairing.measure(bodies.quantities, bodies.per_size)[self._pair_rows]
        if slots != self._slots:
            self._slots, self._first_slots = slots, [slots[at] for at in self._pairing.firsts]
        return self._pair_machine.update(measures, self._couples, self._first_slots, now)
