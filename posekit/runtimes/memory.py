"""Memory of models that are closed, given back to the system."""

from __future__ import annotations

import ctypes
import sys


def give_back_memory() -> None:
    """Have the C library return what was freed, where it keeps it for itself: glibc on Linux; some ms.

    Of a BlazePose that is closed glibc keeps several MB, each time, for whoever allocates next: after 80 that
    were opened and closed a process had 291 MB, and with this 123.
    """
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
