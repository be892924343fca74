"""Ctrl-C, SIGTERM and a closing terminal, so that none is ever lost and none breaks off an orderly end.

A signal becomes `KeyboardInterrupt` wherever the program happens to be. Where that is inside a C library
that swallows exceptions (pygame does while it opens a window), nothing would follow; so the wish is
remembered too, and every loop of a runner asks for it. While things are being closed a second signal would
leave them half closed: for a moment it is noted and nothing more.
"""

from __future__ import annotations

import atexit
import signal
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

GRACE_SECONDS = 2.0
"""How long an orderly end may take; whoever still asks after that means at once."""


@dataclass
class _Wishes:
    asked: list[int] = field(default_factory=list)
    quiet_until: float = 0.0
    breakable: bool = False


_wishes = _Wishes()


def install() -> None:
    """Remember and raise `KeyboardInterrupt` on every signal that asks a program to end."""
    for number in _signals():
        # A signal that our parent ignores for us (nohup) stays ignored.
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _interrupt)
    # At its very end Python gives signals back to the system, where one more would kill what has ended well.
    atexit.register(_ignore)


def check() -> None:
    """Raise `KeyboardInterrupt` if the program was asked to end, whoever swallowed it before."""
    if _wishes.asked:
        raise KeyboardInterrupt


def is_asked() -> bool:
    """Whether the program was asked to end; for any thread."""
    return bool(_wishes.asked)


def grace() -> None:
    """Begin an orderly end: for `GRACE_SECONDS` signals break nothing off."""
    _wishes.quiet_until = time.monotonic() + GRACE_SECONDS


@contextmanager
def breakable() -> Iterator[None]:
    """Let signals break off what runs in this `with`, even within an orderly end: code that is not ours."""
    _wishes.breakable = True
    try:
        yield
    finally:
        _wishes.breakable = False


def _signals() -> list[int]:
    names = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")  # the last two are not everywhere
    return [getattr(signal, name) for name in names if hasattr(signal, name)]


def _ignore() -> None:
    for number in _signals():
        signal.signal(number, signal.SIG_IGN)


def _interrupt(number: int, _frame: object) -> None:
    _wishes.asked.append(number)
    if _wishes.breakable or time.monotonic() >= _wishes.quiet_until:
        grace()
        raise KeyboardInterrupt
