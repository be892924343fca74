"""What an engine showed last, and what is left of that when the engine is gone: nobody."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from posekit.health import CameraState, Health
from posekit.runner.feed import Update

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from posekit.engine.owner import Engine
    from posekit.scene import Event, Scene

SHARE = 0.1
"""How much the newest frame's time moves the usual one."""


class LastSeen:
    """Keeps the newest scene, picture, mask and health of one engine after another."""

    def __init__(self, *, with_pictures: bool) -> None:
        self._with_pictures = with_pictures
        self.scene: Scene | None = None
        self.health = Health()
        self.frame_seconds = 0.0
        """From one scene to the next, usually; 0 until there were two."""
        self._picture: NDArray[np.uint8] | None = None
        self._mask: NDArray[np.uint8] | None = None
        self._place: tuple[int, int] | None = None
        self._masked = False

    def take(self, engine: Engine) -> Scene | None:
        """Take what an engine has shown since the last time; return its scene, None without a new one."""
        taken = engine.take_scene(with_picture=self._with_pictures)
        if taken is None:
            return None
        before, self.scene, self.health = self.scene, taken.scene, taken.health
        self._picture = taken.picture if taken.picture is not None else self._picture
        self._mask = taken.mask if taken.mask is not None else self._mask
        self._place, self._masked = taken.place, taken.has_mask
        if not taken.has_picture:
            self._empty_mask()
        elif not taken.has_mask:
            self._mask = None  # who looks now gives none
        if before is not None:
            spent = max(0.0, self.scene.published - before.published)
            self.frame_seconds += (spent - self.frame_seconds) * SHARE
        return self.scene

    def update(self, events: tuple[Event, ...], *, finished: bool = False) -> Update:
        """Return it with the events since the last time."""
        return Update(
            self.scene,
            events,
            self._picture,
            self.health,
            finished,
            self._mask,
            place=self._place,
            masked=self._masked,
        )

    def lose(self, *, paused: bool) -> None:
        """Show nobody: the engine is gone, whoever it saw."""
        self.health = replace(self.health, engine=False, camera=CameraState.LOST, fps=0.0, paused=paused)
        self._empty_mask()
        self._place = None
        if self.scene is not None:
            nobody = tuple(replace(zone, ids=()) for zone in self.scene.zones)
            self.scene = replace(self.scene, people=(), candidates=(), lead_id=None, zones=nobody)

    def forget(self) -> None:
        """Show nothing any more: the next engine's pictures may have another size."""
        self.scene = self._mask = self._place = None

    def _empty_mask(self) -> None:
        """Show no outline of anybody whom nobody sees."""
        if self._mask is not None and self._mask.any():
            self._mask = np.zeros_like(self._mask)
