"""The single steps that keep a machine awake and its screen to the show alone, by system."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any, Protocol

from posekit.errors import OutputError
from posekit.service.commands import Run, run_command

if TYPE_CHECKING:
    from collections.abc import Mapping

GNOME_LIKE = ("GNOME", "Unity", "Cinnamon", "Budgie")
GNOME = {
    "notifications": ("org.gnome.desktop.notifications", "show-banners", "false"),
    "blanking": ("org.gnome.desktop.session", "idle-delay", "uint32 0"),
}
"""What GNOME's settings are while a show runs; without a delay it neither blanks nor locks the screen."""
CONTINUOUS, SYSTEM, DISPLAY = 0x80000000, 0x1, 0x2
"""ES_CONTINUOUS, ES_SYSTEM_REQUIRED and ES_DISPLAY_REQUIRED of SetThreadExecutionState (winbase.h)."""

PATIENCE = 0.3
"""Seconds in which a program ends that cannot do what it is started for."""


class Step(Protocol):
    """One thing that is changed for a show. Any method may raise `OutputError` with the reason."""

    name: str
    """By which what was before is remembered."""

    def look(self) -> dict[str, Any] | None:
        """Return what there is now, as plain values for `give_back`; None if there is nothing to change."""
        ...

    def take(self) -> str:
        """Change it; return what was done, in a clause."""
        ...

    def give_back(self, was: Mapping[str, Any]) -> None:
        """Make it what it was, also from a later process."""
        ...


def has_ended(step: Step) -> bool:
    """Whether a step that was taken holds no more, because what held it has ended by itself."""
    return isinstance(step, Holding) and step.has_ended


class XScreen:
    """X11's own screen saver and the sleep of the screen (DPMS), by `xset`."""

    name = "x11"

    def __init__(self, run: Run = run_command) -> None:
        self._run = run

    def look(self) -> dict[str, Any] | None:
        """Return the times and switches that `xset q` tells."""
        if not os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
            return None
        said = self._run(["xset", "q"])
        if not said.is_fine:
            raise OutputError(f"the screen saver of X11 cannot be asked: {said.text}")
        return read_xset(said.text)

    def take(self) -> str:
        """Switch both off."""
        self._ask("s", "off", "s", "noblank", "-dpms")
        return "the screen saver of X11 and the screen's sleep are off"

    def give_back(self, was: Mapping[str, Any]) -> None:
        """Set times and switches as they were."""
        words = [*_texts("s", was.get("saver")), "s", "blank" if was.get("blank") else "noblank"]
        if was.get("dpms") is not None:
            # Setting the times switches it on, so its switch comes after them.
            words += [*_texts("dpms", was["dpms"]), "+dpms" if was.get("dpms_on") else "-dpms"]
        self._ask(*words)

    def _ask(self, *words: str) -> None:
        said = self._run(["xset", *words])
        if not said.is_fine:
            raise OutputError(f"xset: {said.text}")


def _texts(word: str, numbers: Any) -> list[str]:
    """Return a word and the numbers after it; nothing where there are none."""
    return [word, *(str(int(number)) for number in numbers)] if numbers else []


def read_xset(text: str) -> dict[str, Any]:
    """Read what `xset q` says of the screen saver and of DPMS, which not every server has."""
    saver = re.search(r"timeout:\s+(\d+)\s+cycle:\s+(\d+)", text)
    dpms = re.search(r"Standby:\s+(\d+)\s+Suspend:\s+(\d+)\s+Off:\s+(\d+)", text)
    return {
        "saver": [int(number) for number in saver.groups()] if saver else None,
        "blank": "prefer blanking:  yes" in text,
        "dpms": [int(number) for number in dpms.groups()] if dpms else None,
        "dpms_on": "DPMS is Enabled" in text,
    }


class GnomeSetting:
    """One of GNOME's settings, by `gsettings`; they are the user's, and survive a power cut."""

    def __init__(self, name: str, run: Run = run_command) -> None:
        """`name` is one of `GNOME`."""
        self.name = f"gnome-{name}"
        self._schema, self._key, self._value = GNOME[name]
        self._run = run

    def look(self) -> dict[str, Any] | None:
        """Return the value; None on a desktop that is not GNOME's."""
        desktops = os.environ.get("XDG_CURRENT_DESKTOP", "").split(":")
        if not set(desktops) & set(GNOME_LIKE):
            return None
        said = self._run(["gsettings", "get", self._schema, self._key])
        if not said.is_fine:
            raise OutputError(f"gsettings: {said.text}")
        return {"value": said.text.strip()}

    def take(self) -> str:
        """Set what a show needs."""
        self._set(self._value)
        return f"GNOME: {self._key} is {self._value.split()[-1]}"

    def give_back(self, was: Mapping[str, Any]) -> None:
        """Set what it was."""
        if isinstance(value := was.get("value"), str):
            self._set(value)

    def _set(self, value: str) -> None:
        said = self._run(["gsettings", "set", self._schema, self._key, value])
        if not said.is_fine:
            raise OutputError(f"gsettings: {said.text}")


class Holding:
    """A program of the system that keeps it awake for as long as it runs; it ends with us, however we end."""

    def __init__(self, name: str, words: list[str], told: str) -> None:
        """`words` end when their stdin is closed, or with us; `told` says what they do."""
        self.name = name
        self._words, self._told = words, told
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def has_ended(self) -> bool:
        """Whether it was started and ended by itself."""
        return self._process is not None and self._process.poll() is not None

    def look(self) -> dict[str, Any] | None:
        """Return nothing to remember; None where the program is not installed."""
        return {} if shutil.which(self._words[0]) else None

    def take(self) -> str:
        """Start it, again if need be."""
        if self._process is not None:
            self._process.communicate()  # it has ended: nothing of it is left behind
        try:
            self._process = subprocess.Popen(
                self._words, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
            )
        except OSError as error:
            raise OutputError(f"{self._words[0]} cannot be started: {error.strerror}") from None
        try:  # one that cannot do it ends at once
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            return self._told
        said = self._process.communicate()[1].decode("utf-8", "replace").strip().split("\n")[-1]
        self._process = None
        raise OutputError(f"{self._words[0]}: {said or 'ended at once'}")

    def give_back(self, was: Mapping[str, Any]) -> None:  # noqa: ARG002 (it was nothing)
        """End it."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.communicate(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


class WindowsAwake:
    """Windows: neither the machine nor its screen sleeps while this thread wants it so."""

    name = "windows"

    def look(self) -> dict[str, Any] | None:
        """Return nothing to remember: Windows forgets it with the thread."""
        return {} if sys.platform == "win32" else None

    def take(self) -> str:
        """Ask for screen and machine."""
        self._ask(CONTINUOUS | SYSTEM | DISPLAY)
        return "Windows keeps machine and screen awake; notifications are yours to switch off (Focus assist)"

    def give_back(self, was: Mapping[str, Any]) -> None:  # noqa: ARG002 (it was nothing)
        """Ask for nothing any more."""
        self._ask(CONTINUOUS)

    def _ask(self, flags: int) -> None:
        if sys.platform == "win32":
            import ctypes

            if not ctypes.windll.kernel32.SetThreadExecutionState(ctypes.c_uint(flags)):
                raise OutputError("Windows refused to keep the machine awake")


def steps_here() -> list[Step]:
    """Return the steps of this system, in order; those that do not fit find nothing to change."""
    if sys.platform == "win32":
        return [WindowsAwake()]
    if sys.platform == "darwin":
        words = ["caffeinate", "-dims", "-w", str(os.getpid())]
        return [Holding("caffeinate", words, "macOS keeps machine and screen awake")]
    # `cat` ends with its input, and that ends with us.
    inhibit = ["systemd-inhibit", "--what=idle:sleep", "--who=posekit", "--why=a show runs", "cat"]
    return [
        XScreen(),
        *(GnomeSetting(name) for name in GNOME),
        Holding("systemd-inhibit", inhibit, "systemd keeps the machine awake"),
    ]
