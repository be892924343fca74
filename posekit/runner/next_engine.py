"""What the next engine is started with: settings, zones and wishes that outlive the engine they came to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from posekit.engine.owner import Engine

if TYPE_CHECKING:
    from collections.abc import Callable

    from posekit.clock import Clock
    from posekit.engine.pictures import SharedPictures
    from posekit.runner.absence import Absence
    from posekit.settings import Settings


class NextEngine:
    """Starts engines one after another, each as it is wanted by then."""

    def __init__(
        self,
        settings: Settings,
        prepare: Callable[[], Settings] | None,
        clock: Clock,
        report: Callable[[str], None],
        *,
        pictures: SharedPictures | None,
        nice: int,
        patient: bool,
    ) -> None:
        self._clock, self._report = clock, report
        self._pictures, self._nice, self._patient = pictures, nice, patient
        self.zones: tuple[dict[str, Any], ...] | None = None
        """Other zones than those of the settings; None for those."""
        self.paused = False
        self.take_over(settings, prepare)

    def take_over(self, settings: Settings, prepare: Callable[[], Settings] | None) -> None:
        """Go on with other settings."""
        self.settings, self._prepare = settings, prepare
        self._model = _file_of(settings)

    def prepare_again(self) -> bool:
        """Make anew from what is still here what the settings name and is gone; whether there is a way to.

        Raises `PosekitError` where that cannot be.
        """
        if self._prepare is None:
            return False
        self.settings = self._prepare()
        self._model = _file_of(self.settings)
        return True

    def start(self, epoch: int, absence: Absence) -> Engine:
        """Start one that goes on with the ids and counts of those before it."""
        if self._model is not None and not self._model.exists():
            self.prepare_again()  # else the engine would only find out what is missing
        engine = Engine(
            self.settings,
            epoch=epoch,
            first_id=absence.next_id,
            counters=absence.counters,
            nice=self._nice,
            paused=self.paused,
            patient=self._patient,
            pictures=self._pictures,
            clock=self._clock,
            report=self._report,
        )
        if self.zones is not None:
            engine.watch_zones(self.zones)
        return engine


def _file_of(settings: Settings) -> Path | None:
    """Return the model's file, where there is one now."""
    file = Path(settings.model) if settings.model is not None else None
    return file if file is not None and file.exists() else None
