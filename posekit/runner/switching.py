"""What a running engine was asked to go on with, until it does or says why not."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from posekit.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Callable

    from posekit.engine.owner import Engine
    from posekit.settings import Settings

MOST_LOSSES = 2
"""Engines that may end while they open an estimator; one may have ended for another reason."""


@dataclass
class Wish:
    """Other settings that were asked for and do not run yet."""

    number: int
    settings: Settings
    prepare: Callable[[], Settings] | None
    is_for_another_engine: bool
    over: Future[str] = field(default_factory=Future)
    losses: int = 0
    estimator: str = ""
    """What looks now that it is fulfilled, in a line."""


class Switching:
    """The newest wish, carried from engine to engine; an earlier one's future is cancelled."""

    def __init__(self) -> None:
        self._count = 0
        self._wish: Wish | None = None
        self._told: dict[int, Wish] = {}
        """Whatever the engine was told and has not answered: an earlier wish may have been carried out."""

    def begin(
        self, settings: Settings, prepare: Callable[[], Settings] | None, *, another_engine: bool
    ) -> Future[str]:
        """Wish for settings that are prepared; the result is what looks at the frames then, in a line."""
        self.give_up()
        self._count += 1
        self._wish = Wish(self._count, settings, prepare, another_engine)
        return self._wish.over

    def tell(self, engine: Engine) -> None:
        """Tell an engine that runs on, or starts, what it is to go on with."""
        wish = self._wish
        if wish is not None and not wish.is_for_another_engine:
            self._told[wish.number] = wish
            engine.switch(wish.number, wish.settings)

    def settle(self, engine: Engine) -> Wish | None:
        """Return what the engine has carried out since, if it has; what failed is over too."""
        done = None
        while (answer := engine.take_switched()) is not None:
            wish = self._told.get(answer.number)
            self._told = {number: one for number, one in self._told.items() if number > answer.number}
            if wish is None:
                continue
            self._wish = None if wish is self._wish else self._wish
            if answer.failure is None:
                done, wish.estimator = wish, answer.estimator
            if not wish.over.cancelled():
                if answer.failure is None:
                    wish.over.set_result(answer.estimator)
                else:
                    wish.over.set_exception(answer.failure)
        return done

    def welcome(self, estimator: str) -> None:
        """Note that another engine runs, with what it was started with."""
        if self._wish is not None and self._wish.is_for_another_engine:
            self._wish.over.set_result(estimator)
            self._wish = None

    def note_loss(self) -> None:
        """Note that the engine was lost, perhaps for what it was opening."""
        self._told.clear()
        wish = self._wish
        if wish is None or wish.is_for_another_engine:
            return
        wish.losses += 1
        if wish.losses >= MOST_LOSSES:
            self._wish = None
            wish.over.set_exception(EngineError("the engine ended each time it was opened"))

    def give_up(self) -> None:
        """Forget the wish."""
        if self._wish is not None:
            self._wish.over.cancel()
            self._wish = None
