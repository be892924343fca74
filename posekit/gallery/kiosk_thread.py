"""Has the machine kept as a show needs it, by a thread that lives as long as the show."""

from __future__ import annotations

from threading import Event, Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from posekit.gallery.kiosk import Kiosk

END_SECONDS = 2.0


class KioskThread:
    """Begins a kiosk and ends it again, in one thread: asking the system takes a while."""

    def __init__(self, kiosk: Kiosk, report: Callable[[str], None]) -> None:
        self._kiosk, self._report = kiosk, report
        self._over = Event()
        self._thread = Thread(target=self._run, name="kiosk", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Give everything back; twice is harmless."""
        self._over.set()
        self._thread.join(END_SECONDS)

    def _run(self) -> None:
        try:
            self._kiosk.begin(self._report)
            self._over.wait()
        finally:
            self._kiosk.end()
