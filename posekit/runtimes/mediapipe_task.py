"""How MediaPipe's task objects end: closed once, and silent when the interpreter goes first."""

from __future__ import annotations

import weakref
from typing import Any


def close_with(owner: object, task: Any) -> weakref.finalize[[Any], Any]:
    """Close a MediaPipe task when its owner is forgotten or Python ends; call the result to close now.

    A task left open at exit closes itself in `__del__`, too late: its modules are gone and it prints
    a traceback. Calling the result twice is fine.
    """
    return weakref.finalize(owner, _close, task)


def _close(task: Any) -> None:
    try:
        task.close()
    except RuntimeError:
        # At exit Python ends MediaPipe's worker thread before anybody is told; the memory goes with
        # the process, and without a handle `__del__` has nothing left to close.
        task._handle = None
