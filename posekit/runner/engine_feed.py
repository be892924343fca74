"""A feed from an engine process, which the runner owns."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from posekit.engine.owner import Engine
from posekit.health import CameraState, Health
from posekit.outputs.osc.opening import open_osc
from posekit.runner.feed import Update
from posekit.scene import Event, Leave

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from posekit.clock import Clock
    from posekit.scene import Scene
    from posekit.settings import Settings

PATIENCE_SECONDS = 0.5
"""How long a waiting feed waits for one scene before it returns the old one."""


class EngineFeed:
    """Starts an engine, waits until it runs, and hands on what it says.

    With `waits` every look waits for a new scene, for runs without a window; else it never blocks. When the
    engine is lost, everybody leaves, the OSC targets are told, and then the reason is raised.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        *,
        waits: bool = False,
        report: Callable[[str], None] | None = None,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._waits = waits
        self._present: dict[int, Event] = {}
        self._scene: Scene | None = None
        self._picture: NDArray[np.uint8] | None = None
        self._health = Health()
        self._engine = Engine(settings, report=report)
        try:
            ready = self._engine.wait_ready()
        except BaseException:
            self._engine.close()
            raise
        self.is_live = ready.is_camera
        self.rate = ready.rate
        self.source, self.estimator = ready.source, ready.estimator

    def poll(self) -> Update:
        """Return the newest scene and every event since; raises why the engine ended, one look later."""
        if not self._engine.is_alive and not self._health.engine:
            raise self._engine.failure()
        if self._waits:
            self._engine.wait_scene(PATIENCE_SECONDS)
        was_alive = self._engine.is_alive
        taken = self._engine.take_scene()
        if taken is not None:
            self._scene, self._health, picture = taken
            self._picture = picture if picture is not None else self._picture
        events = self._engine.take_events()
        self._remember(events)
        if not was_alive:
            events += self._lose_engine()
        return Update(self._scene, events, self._picture, self._health)

    def close(self) -> None:
        """End the engine."""
        self._engine.close()

    def _remember(self, events: tuple[Event, ...]) -> None:
        for event in events:
            if event.name == "enter":
                self._present[event.person_id] = event
            elif event.name == "leave":
                self._present.pop(event.person_id, None)

    def _lose_engine(self) -> tuple[Event, ...]:
        """Say what nobody else can say any more: everyone left, and the targets get neutral values."""
        now = self._clock.now()
        leaves = tuple(
            Leave(
                enter.person_id, enter.slot, now, visit=now - enter.time, reason="engine", epoch=enter.epoch
            )
            for enter in self._present.values()
        )
        self._present.clear()
        self._health = replace(self._health, engine=False, camera=CameraState.LOST)
        if self._scene is not None:
            self._scene = replace(self._scene, people=(), candidates=(), lead_id=None)
        osc = open_osc(self._settings.osc, self._clock, tool=self._settings.osc_for)
        if osc:
            osc.update(self._scene, leaves, self._health)
            osc.close()  # which sends neutral values and says that no engine runs
        return leaves
