"""What a process does that somebody owns: it keeps its pipes to itself, and ends with its owner."""

from __future__ import annotations

import os
import signal
import sys
from typing import BinaryIO

STDIN = 0


def claim_stdout() -> BinaryIO:
    """Keep stdout for messages: whatever anybody prints goes to stderr instead."""
    mine = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return mine


def claim_stdin() -> BinaryIO:
    """Keep stdin for messages: whoever else reads it finds nothing there."""
    mine = os.fdopen(os.dup(STDIN), "rb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, STDIN)
    os.close(nothing)
    return mine


def die_with_owner(owner: int) -> None:
    """Ask Linux to tell us when our owner dies; stdin closes then too, but nobody may be reading it.

    It is the thread that started us whose end counts (prctl(2)): an owner starts processes in a thread that
    lives as long as it does.
    """
    if sys.platform != "linux":
        return
    import ctypes

    set_parent_death_signal = 1  # PR_SET_PDEATHSIG, prctl(2)
    ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGTERM)
    if os.getppid() != owner:  # it died before we asked
        os._exit(1)
