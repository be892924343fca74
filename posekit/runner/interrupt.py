"""Ctrl-C, SIGTERM and a closing terminal, so that none is ever lost.

A signal becomes `KeyboardInterrupt` wherever the program happens to be. Where that is inside a C library
that swallows exceptions (pygame does while it opens a window), nothing would follow; so the wish is
remembered too, and every loop of a runner asks for it.
"""

from __future__ import annotations

import signal
from typing import NoReturn

_asked: list[int] = []


def install() -> None:
    """Remember and raise `KeyboardInterrupt` on every signal that asks a program to end."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"):  # the last two are not everywhere
        number = getattr(signal, name, None)
        # A signal that our parent ignores for us (nohup) stays ignored.
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _interrupt)


def check() -> None:
    """Raise `KeyboardInterrupt` if the program was asked to end, whoever swallowed it before."""
    if _asked:
        raise KeyboardInterrupt


def _interrupt(number: int, _frame: object) -> NoReturn:
    _asked.append(number)
    raise KeyboardInterrupt
