"""Whether another posekit was installed under a show that runs: its next engine would be of that one."""

from __future__ import annotations

from importlib import metadata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from posekit.clock import Clock

LOOK_SECONDS = 30.0
SETTLED_SECONDS = 60.0
"""An installation that has not changed for so long is done."""


def installed_version() -> str:
    """Return the version that a process started now would be of; empty where none is known."""
    try:
        return metadata.version("posekit")
    except metadata.PackageNotFoundError:  # it is just being replaced, or runs from a checkout
        return ""


class Installed:
    """Looks now and then which version there is, and remembers which one we are."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._own = self._found = installed_version()
        self._looked = self._changed = clock.now()

    def news(self) -> str:
        """Return in a sentence that another version is there to stay; empty while none is."""
        now = self._clock.now()
        if now - self._looked >= LOOK_SECONDS:
            self._looked = now
            found = installed_version()
            if found != self._found:
                self._found, self._changed = found, now
        is_settled = bool(self._found) and now - self._changed >= SETTLED_SECONDS
        if not is_settled or not self._own or self._found == self._own:
            return ""
        return f"posekit {self._found} is installed, and this show was started with {self._own}"
