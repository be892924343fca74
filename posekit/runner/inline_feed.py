"""A feed that runs the stages in this process: for files that are rendered frame by frame."""

from __future__ import annotations

from concurrent.futures import Future
from typing import TYPE_CHECKING

from posekit.clock import ManualClock
from posekit.engine.options import differ_in_estimator
from posekit.engine.session import Session
from posekit.errors import SettingsError
from posekit.health import Health
from posekit.runner.feed import Update

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from posekit.errors import PosekitError
    from posekit.settings import Settings
    from posekit.zones import Zone


class InlineFeed:
    """Runs the stages in this process, every frame of a file, in the file's own time."""

    def __init__(self, settings: Settings, report: Callable[[str], None] | None = None) -> None:
        self._settings = settings
        self._session = Session(settings, ManualClock(), every_frame=True, report=report)
        self._moments = self._session.moments()
        self.is_live = self._session.source.is_camera
        self.rate = self._session.source.rate
        self.source = self._session.source.description

    @property
    def settings(self) -> Settings:
        """What the stages were made from."""
        return self._settings

    @property
    def estimator(self) -> str:
        """What looks at the frames, in a line."""
        return self._session.estimator

    def poll(self) -> Update:
        """Compute the next frame."""
        moment = next(self._moments, None)
        if moment is None:
            return Update(None, (), None, Health(), finished=True)
        step = moment.step
        picture = step.frame.pixels if step.frame is not None else None
        return Update(step.scene, step.events, picture, moment.health, mask=step.estimate.mask)

    def watch_zones(self, zones: Sequence[Zone]) -> None:
        """Watch other zones from the next frame on."""
        self._session.watch_zones(zones)

    def pause(self, paused: bool) -> None:
        """Look for nobody from the next frame on, or look again."""
        self._session.pause(paused)

    def reset(self) -> None:
        """Forget everybody before the next frame."""
        self._session.reset()

    def switch(self, settings: Settings, prepare: Callable[[], Settings] | None = None) -> Future[str]:  # noqa: ARG002
        """Look at the next frame with another estimator, which is open when this returns; everybody stays.

        The settings are prepared, and differ in nothing else, or the future that is returned has a
        `SettingsError`; it has what keeps the estimator from looking, too, and the old one goes on.
        """
        over: Future[str] = Future()
        if not differ_in_estimator(self._settings, settings):
            over.set_exception(SettingsError("while a file is rendered the estimator alone can be changed"))
            return over
        failures: list[PosekitError | None] = []
        self._session.switch(settings, failures.append, wait=True)
        (failure,) = failures
        if failure is not None:
            over.set_exception(failure)
        else:
            self._settings = settings
            over.set_result(self.estimator)
        return over

    def close(self) -> None:
        """Release the stages."""
        self._moments.close()
        self._session.close()
