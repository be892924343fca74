"""How a show ends: the sketch's `close` is called on every way out, and what went wrong is raised."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from posekit.errors import PosekitError
from posekit.runner import interrupt
from posekit.sound import speaker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from posekit.runner.film import Film
    from posekit.runner.loop import Loop
    from posekit.runner.mishaps import Mishaps


@contextmanager
def owning_up(film: Film, mishaps: Mishaps) -> Iterator[None]:
    """Raise at the end of a show what it went on in spite of, also when Ctrl-C ended it."""
    try:
        yield
    except KeyboardInterrupt:
        if failure := mishaps.failing or film.failure:
            raise failure from failure.__cause__
        raise
    finally:
        mishaps.close()
    if failure := mishaps.failing or film.failure:
        raise failure from failure.__cause__


@contextmanager
def closing_loop(loop: Loop) -> Iterator[None]:
    """Call the sketch's `close` on every way out; an earlier error is told rather than one in `close`."""
    try:
        yield
    except BaseException:
        with suppress(PosekitError):
            _close(loop)
        raise
    _close(loop)


def _close(loop: Loop) -> None:
    # From here on everything is being closed, which Ctrl-C must not break off; only the sketch's own code.
    interrupt.grace()
    try:
        with interrupt.breakable():
            loop.close()
    finally:
        interrupt.grace()
        speaker.close()
