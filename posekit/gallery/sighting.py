"""What the supervisor has seen of its show lately, and what that means for whoever watches over it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from posekit.gallery.watching import Seen
from posekit.health import CameraState, Health

if TYPE_CHECKING:
    from posekit.gallery.parts import Parts
    from posekit.runner.feed import Update
    from posekit.scene import Scene

STEADY_SECONDS = 10.0
"""After a fade or a start the window's rate says something again."""
DOWN_SECONDS = 20.0
"""An engine that was never lost may take so long to start."""


FIRST_SECONDS = 10.0
"""For so long a new engine need not have shown anything, nor said how its camera is."""


class Sighting:
    """Remembers when there was somebody, something new, and an engine."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self.health = Health(engine=False)
        self.people = 0
        now = parts.clock.now()
        self._busy_at = self._scene_at = self._dim_at = self._ready_at = self._fine_at = now
        self._is_ready = False
        self._scene: Scene | None = None
        self._restarts = 0

    def note(self, update: Update) -> None:
        """Take in what the engine says."""
        now, scene = self._parts.clock.now(), update.scene
        self.health = update.health
        if scene is not None and scene is not self._scene:
            self._scene, self._scene_at = scene, now
        self.people = len(scene.people) if scene is not None else 0
        if self.people:
            self._busy_at = now

    def note_dim(self) -> None:
        """Take in that the window fades just now, or is not there."""
        self._dim_at = self._parts.clock.now()

    @property
    def known_people(self) -> int | None:
        """How many people are there; None while nobody can know."""
        health = self.health
        sees = self._is_ready and health.camera is CameraState.OK and not health.paused
        return self.people if sees else None

    @property
    def empty_for(self) -> float:
        """Seconds since somebody was seen."""
        return self._parts.clock.now() - self._busy_at

    def seen(self) -> Seen:
        """Return what is known now."""
        parts, now, beat = self._parts, self._parts.clock.now(), self._parts.window.beat
        engine_down = self._engine_down(now)
        is_steady = now - self._dim_at > STEADY_SECONDS and parts.lights.is_lit
        return Seen(
            engine_runs=self._is_ready,
            engine_down="" if parts.engine.has_no_source else engine_down,
            source_missing=engine_down if parts.engine.has_no_source else "",
            health=self._told_health(now),
            scene_age=now - max(self._scene_at, self._ready_at),
            empty_for=self.empty_for,
            window_lost=parts.window.lost,
            window_frozen=parts.window.frozen,
            window_fps=beat.fps if beat is not None and is_steady else 0.0,
            sketch_error=beat.failing if beat is not None else "",
            sketch_refused=parts.window.refused or (beat.refused if beat is not None else ""),
            records_failed="; ".join(filter(None, (parts.counts.problem, parts.log.problem))),
            not_reachable="; ".join(parts.not_reachable),
            memory=parts.figures.memory,
            disk_free=parts.figures.disk_free,
        )

    def _told_health(self, now: float) -> Health:
        """Return what the engine says; of its camera it knows nothing before it has shown something."""
        if self._scene_at < self._ready_at and now - self._ready_at < FIRST_SECONDS:
            return replace(self.health, camera=CameraState.OK)
        return self.health

    def _engine_down(self, now: float) -> str:
        """Return why there is no engine though there should be one; empty where that is as it should be."""
        keeper = self._parts.engine
        if not keeper.is_wanted:
            self._fine_at, self._is_ready = now, False
            return ""
        was_ready = self._is_ready
        self._is_ready = keeper.feed is not None and keeper.feed.is_ready
        if self._is_ready:
            if not was_ready or self._restarts != keeper.restarts:
                self._ready_at = now  # until it has had time for its first scene it owes none
            self._fine_at, self._restarts = now, keeper.restarts
            return ""
        was_lost = keeper.failure or keeper.restarts > self._restarts
        if was_lost or now - self._fine_at > DOWN_SECONDS:
            return keeper.failure or keeper.last_end or "the engine does not get ready"
        return self._parts.troubles.sentence("engine_lost")
