"""Closing many things in a little time, whatever each of them says."""

from __future__ import annotations

import time
from contextlib import suppress
from threading import Thread
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def side_by_side(closes: Sequence[Callable[[], Any]], seconds: float) -> None:
    """Call each in a thread of its own, and wait for all of them for so many seconds together."""
    threads = [Thread(target=quietly, args=(close,), name="close", daemon=True) for close in closes]
    for thread in threads:
        thread.start()
    until = time.monotonic() + seconds
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))


def quietly(close: Callable[[], Any]) -> None:
    """Close something; whatever it says, the others are to be closed too."""
    with suppress(Exception):
        close()
