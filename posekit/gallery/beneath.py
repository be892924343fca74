"""Keeps a process's windows beneath all others and the keyboard off them, as far as a desktop lets us.

Wayland has no word for it: there windows lie in the order in which they were opened. Neither is anything done
on macOS.
"""

from __future__ import annotations

import ctypes
import sys
from contextlib import suppress
from typing import Any, Protocol

from posekit.sketch.quiet_pygame import pygame

XA_ATOM, REPLACE, BITS = 4, 0, 32
"""Xatom.h, and PropModeReplace (X.h)."""
STATES = (b"_NET_WM_STATE_BELOW", b"_NET_WM_STATE_SKIP_TASKBAR", b"_NET_WM_STATE_SKIP_PAGER")
REVERT_TO_PARENT = 2
CLIENT_SHIFT = 18
"""A client's resources have numbers that begin alike: all but their last 18 bits or more (X11 protocol)."""
BOTTOM, KEEP = 1, 0x0001 | 0x0002 | 0x0010
"""HWND_BOTTOM; SWP_NOSIZE | SWP_NOMOVE | SWP_NOACTIVATE (winuser.h)."""
STYLE, NO_ACTIVATE = -20, 0x08000000
"""GWL_EXSTYLE and WS_EX_NOACTIVATE."""


class Beneath(Protocol):
    """Tells a desktop where our windows belong."""

    def before_shown(self) -> None:
        """Say it of all windows of ours, which are made and not shown yet."""
        ...

    def after_shown(self) -> None:
        """Lower them, for a desktop that did not listen."""
        ...


class Nowhere:
    """For desktops that take no such wish."""

    def before_shown(self) -> None:
        """Do nothing."""

    def after_shown(self) -> None:
        """Do nothing."""


def beneath() -> Beneath:
    """Return what speaks to this desktop; pygame has a window."""
    with suppress(OSError, AttributeError, ValueError):
        if pygame.display.get_driver() == "x11":
            return _OnX11(int(pygame.display.get_wm_info()["window"]))
        if sys.platform == "win32":
            return _OnWindows()
    return Nowhere()


class _OnX11:
    """Says it in properties, which a window manager reads, and lowers the windows where there is none.

    Without a window manager SDL gives each new window the keyboard; whoever had it gets it back.
    """

    def __init__(self, window: int) -> None:
        x11: Any = ctypes.CDLL("libX11.so.6")
        pointer, number, integer = ctypes.c_void_p, ctypes.c_ulong, ctypes.c_int
        many, one = ctypes.POINTER(number), ctypes.POINTER(integer)
        x11.XOpenDisplay.restype, x11.XOpenDisplay.argtypes = pointer, [ctypes.c_char_p]
        x11.XDefaultRootWindow.restype, x11.XDefaultRootWindow.argtypes = number, [pointer]
        x11.XInternAtom.restype, x11.XInternAtom.argtypes = number, [pointer, ctypes.c_char_p, integer]
        listed = [ctypes.POINTER(many), ctypes.POINTER(ctypes.c_uint)]
        x11.XQueryTree.argtypes = [pointer, number, many, many, *listed]
        x11.XChangeProperty.argtypes = [pointer, number, number, number, integer, integer, many, integer]
        x11.XGetInputFocus.argtypes = [pointer, many, one]
        x11.XSetInputFocus.argtypes = [pointer, number, integer, number]
        x11.XLowerWindow.argtypes = [pointer, number]
        x11.XSync.argtypes, x11.XFree.argtypes = [pointer, integer], [pointer]
        # Whoever had the keyboard may be gone when it is to get it back; Xlib would end the process for that.
        self._ignore = ctypes.CFUNCTYPE(integer, pointer, pointer)(lambda *_: 0)
        x11.XSetErrorHandler(self._ignore)
        self._x11, self._window = x11, window
        self._display = x11.XOpenDisplay(None)  # our own: SDL's is not ours to speak on
        if not self._display:
            raise OSError("the display is gone")
        self._windows: list[int] = []
        self._focus = ctypes.c_ulong()

    def before_shown(self) -> None:
        """Set the properties, and note who has the keyboard."""
        self._windows = self._ours()
        atom = self._x11.XInternAtom
        states = (ctypes.c_ulong * len(STATES))(*(atom(self._display, name, 0) for name in STATES))
        state = atom(self._display, b"_NET_WM_STATE", 0)
        for window in self._windows:
            self._x11.XChangeProperty(
                self._display, window, state, XA_ATOM, BITS, REPLACE, states, len(STATES)
            )
        self._x11.XGetInputFocus(self._display, ctypes.byref(self._focus), ctypes.byref(ctypes.c_int()))
        self._lower()

    def after_shown(self) -> None:
        """Lower the windows, and give the keyboard back."""
        if self._focus.value > REVERT_TO_PARENT:  # a window, and not nobody or the one beneath the mouse
            self._x11.XSetInputFocus(self._display, self._focus, REVERT_TO_PARENT, 0)
        self._lower()

    def _lower(self) -> None:
        for window in self._windows:
            self._x11.XLowerWindow(self._display, window)
        self._x11.XSync(self._display, 0)

    def _ours(self) -> list[int]:
        """Return this process's windows; pygame tells only of its first."""
        root = self._x11.XDefaultRootWindow(self._display)
        children, count = ctypes.POINTER(ctypes.c_ulong)(), ctypes.c_uint()
        nobody = ctypes.byref(ctypes.c_ulong())
        self._x11.XQueryTree(self._display, root, nobody, nobody, ctypes.byref(children), ctypes.byref(count))
        found = [children[at] for at in range(count.value)]
        if children:
            self._x11.XFree(children)
        return [one for one in found if one >> CLIENT_SHIFT == self._window >> CLIENT_SHIFT]


class _OnWindows:
    """Lays the windows at the bottom, and has clicks not raise them."""

    def before_shown(self) -> None:
        """Have nothing activate them."""
        user: Any = self._user()
        for window in self._ours():
            user.SetWindowLongW(window, STYLE, user.GetWindowLongW(window, STYLE) | NO_ACTIVATE)

    def after_shown(self) -> None:
        """Lower them."""
        user: Any = self._user()
        for window in self._ours():
            user.SetWindowPos(window, BOTTOM, 0, 0, 0, 0, KEEP)

    def _ours(self) -> list[int]:
        system: Any = ctypes
        found: list[int] = []

        def note(window: int, _: object) -> bool:
            found.append(window)
            return True

        told = system.WINFUNCTYPE(ctypes.c_bool, ctypes.c_void_p, ctypes.c_void_p)(note)
        self._user().EnumThreadWindows(system.windll.kernel32.GetCurrentThreadId(), told, 0)
        return found

    def _user(self) -> Any:
        user: Any = ctypes.windll.user32  # type: ignore[attr-defined, unused-ignore]  # Windows alone has it
        user.SetWindowPos.argtypes = [ctypes.c_void_p, ctypes.c_void_p, *[ctypes.c_int] * 4, ctypes.c_uint]
        user.GetWindowLongW.argtypes = [ctypes.c_void_p, ctypes.c_int]
        user.SetWindowLongW.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_long]
        return user
