"""Breaks off code that does not come to an end: a `while True` that was saved in the middle of typing."""

from __future__ import annotations

import ctypes
import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType

AGAIN_SECONDS = 0.5
"""How soon it is tried again, should the code have caught the exception."""
DEBUGGERS = ("bdb", "pdb", "pydevd")
"""Modules in whose hands a program may stand still for as long as somebody thinks."""


class Endless(BaseException):
    """Raised in code that has taken too long; no `except Exception` of its own takes it."""

    def __str__(self) -> str:
        return "this does not come to an end"


class Patience:
    """Gives what runs in a `with` so many seconds; after that `Endless` is raised in it.

    It reaches Python code only: what waits inside a library is not woken. Nothing is raised while somebody
    debugs. To be used in the main thread.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._owner = 0
        self._fired = False

    def __enter__(self) -> Patience:
        self._owner = threading.get_ident()
        threading.Thread(target=self._wait, name="patience", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._over.set()
            if self._fired:
                _raise_in(self._owner, None)  # one that is still under way must not arrive later

    def _wait(self) -> None:
        seconds = self._seconds
        while not self._over.wait(seconds):
            seconds = AGAIN_SECONDS
            with self._lock:
                if not self._over.is_set() and not _is_debugged(self._owner):
                    self._fired = True
                    _raise_in(self._owner, Endless)


def _raise_in(thread: int, error: type[BaseException] | None) -> None:
    wanted = ctypes.py_object(error) if error is not None else None
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), wanted)


def _is_debugged(thread: int) -> bool:
    frame: FrameType | None = sys._current_frames().get(thread)
    while frame is not None:
        if str(frame.f_globals.get("__name__", "")).partition(".")[0] in DEBUGGERS:
            return True
        frame = frame.f_back
    return False
