"""An estimator that can be exchanged for another while frames go on."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from threading import Lock, Thread, current_thread
from typing import TYPE_CHECKING

import numpy as np

from posekit.errors import EstimatorError, PosekitError
from posekit.estimators.opening import open_estimator
from posekit.frame import Frame
from posekit.runtimes import give_back_memory

if TYPE_CHECKING:
    from collections.abc import Callable

    from posekit.estimators.base import Estimate, Estimator, Hint
    from posekit.estimators.options import EstimatorOptions
    from posekit.geometry import Size

    Over = Callable[[PosekitError | None], None]
    """Told how it ended: None, or why the old one goes on."""

CLOSE_SECONDS = 0.3
"""How long `close` waits for an estimator that is being opened: an engine has to end within a second."""

DARKNESS = (360, 640, 3)
"""Height, width and channels of what is looked at where no frame has been seen yet."""


@dataclass(frozen=True, eq=False)
class _Wish:
    options: EstimatorOptions
    over: Over


class Switchable:
    """An estimator around another, which it owns, and which gives way to the next one between two frames.

    The next one is opened beside it in a thread, and looks at a frame there, so that its first one in earnest
    takes no longer than any other. Whatever follows knows nothing of it. Where several are asked for, the
    last one counts. Each is closed once: the old one when it has given way, the next one when it has failed,
    is wanted no more, or comes too late.
    """

    def __init__(
        self,
        estimator: Estimator,
        open_next: Callable[[EstimatorOptions], Estimator] = open_estimator,
    ) -> None:
        """Take over the first estimator; `open_next` opens the others."""
        self._now = estimator
        self._open_next = open_next
        self._turn = Lock()
        """Held while a frame is looked at, and while the next estimator takes the old one's place."""
        self._asking = Lock()
        self._wish: _Wish | None = None
        self._loader: Thread | None = None
        self._is_closed = False
        self._seen: Frame | None = None
        self._resets = 0

    @property
    def name(self) -> str:
        """The family of the one that looks now."""
        return self._now.name

    @property
    def input_size(self) -> Size:
        """Width and height in pixels of what its model sees."""
        return self._now.input_size

    @property
    def description(self) -> str:
        """One line for the user."""
        return self._now.description

    def estimate(self, frame: Frame, hint: Hint | None = None) -> Estimate:
        """Find the bodies in a frame; raises `EstimatorError` when the model fails."""
        with self._turn:
            self._seen = frame
            return self._now.estimate(frame, hint)

    def reset(self) -> None:
        """Forget earlier frames."""
        with self._turn:
            self._seen = None
            self._resets += 1
            self._now.reset()

    def switch(self, options: EstimatorOptions, over: Over, *, wait: bool = False) -> None:
        """Go on with the estimator that prepared options ask for, as soon as it is ready.

        Returns at once, and `over` is called in a thread; or when it is over, with `wait`. Of a wish that
        another one followed before it was carried out nobody is told.
        """
        with self._asking:
            if self._is_closed:
                return
            self._wish = _Wish(options, over)
            if self._loader is not None:
                return  # it takes the newest wish when it is done with the one before
            if wait:
                self._loader = current_thread()
            else:
                self._loader = Thread(target=self._load, name="estimator", daemon=True)
                self._loader.start()
        if wait:
            self._load()

    def close(self) -> None:
        """Release the model; what is being opened is closed as soon as it is there. Twice is harmless."""
        with self._asking:
            if self._is_closed:
                return
            self._is_closed, self._wish = True, None
            loader = self._loader
        with self._turn:
            self._seen = None
            self._now.close()
        if loader is not None and loader is not current_thread():
            loader.join(CLOSE_SECONDS)

    def _load(self) -> None:
        while (wish := self._next_wish()) is not None:
            before, error = self._now, self._fulfil(wish)
            give_back_memory()
            has_taken_over = self._now is not before
            if not self._is_closed and (has_taken_over or self._wish is None):
                wish.over(error)

    def _next_wish(self) -> _Wish | None:
        with self._asking:
            wish, self._wish = self._wish, None
            if wish is None:
                self._loader = None
            return wish

    def _is_outdated(self) -> bool:
        """Whether nobody waits any more for what is being opened."""
        return self._is_closed or self._wish is not None

    def _fulfil(self, wish: _Wish) -> PosekitError | None:
        """Open what is wished for and put it in its place; returns why that cannot be."""
        try:
            found = self._open_next(wish.options)
        except PosekitError as error:
            return error
        except Exception as error:  # whatever a library raises: the one that looks now can go on
            return EstimatorError(f"it cannot be opened ({type(error).__name__}: {error})")
        superfluous = found
        try:
            resets = self._warm_up(found)
            superfluous = found if self._is_outdated() else self._exchange(found, resets)
        except PosekitError as error:
            return error
        except Exception as error:
            return EstimatorError(f"it cannot look at the picture ({type(error).__name__}: {error})")
        finally:
            with suppress(Exception):  # one that cannot be closed keeps no other from being opened
                superfluous.close()
        return None

    def _warm_up(self, estimator: Estimator) -> int:
        """Show an estimator the newest frame, or darkness; returns how many resets there had been by then."""
        with self._turn:  # the source writes over its pixels, but not while they are looked at
            seen, resets = self._seen, self._resets
            if seen is not None:
                seen = replace(seen, pixels=seen.pixels.copy())
        if seen is not None:
            estimator.estimate(seen)
        else:
            estimator.estimate(Frame(np.zeros(DARKNESS, np.uint8), 0.0, 0))
            estimator.reset()
        return resets

    def _exchange(self, found: Estimator, resets: int) -> Estimator:
        """Put an estimator in the place of the one that looks; returns the one that is over."""
        with self._turn:
            if self._is_closed:
                return found
            if resets != self._resets:
                found.reset()  # what it saw has nothing to do with what comes
            old, self._now = self._now, found
            return old
