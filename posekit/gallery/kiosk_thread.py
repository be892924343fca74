"""Has the machine kept as a show needs it, by a thread that lives as long as the show."""

from __future__ import annotations

from threading import Event, Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from posekit.gallery.kiosk import Kiosk

END_SECONDS = 2.0
AGAIN_SECONDS = 20.0
"""How often it is looked whether another show has let go of the machine, and whether all still holds."""


class KioskThread:
    """Begins a kiosk and ends it again, in one thread: asking the system takes a while."""

    def __init__(self, kiosk: Kiosk, report: Callable[[str], None], again: float = AGAIN_SECONDS) -> None:
        self._kiosk, self._report, self._again = kiosk, report, again
        self._over = Event()
        self._thread = Thread(target=self._run, name="kiosk", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Give everything back; twice is harmless."""
        self._over.set()
        self._thread.join(END_SECONDS)

    def _run(self) -> None:
        try:
            # The other show that keeps the machine awake may end first, and lets it sleep again.
            while not self._kiosk.begin(self._report):
                if self._over.wait(self._again):
                    return
            while not self._over.wait(self._again):
                self._kiosk.look()
        finally:
            self._kiosk.end()
