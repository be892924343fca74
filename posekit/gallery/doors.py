"""How a show's processes are started; tests and rehearsals hand in others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from posekit.engine.prepare import prepare
from posekit.gallery.figures import free_bytes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from posekit.clock import Clock
    from posekit.engine.pictures import SharedPictures
    from posekit.gallery.orders import CurtainOrder, WindowOrder
    from posekit.settings import Settings

    Say = Callable[[str], None]

WAIT_SECONDS = 0.1
"""How long the engine's thread waits for a scene before it looks after the engine."""


class Doors:
    """Starts the real ones."""

    def prepare(self, settings: Settings, say: Say) -> Settings:
        """Decide what is open in settings, fetch what is missing; may take long, raises `PosekitError`."""
        return prepare(settings, report=say)

    def feed(
        self,
        settings: Settings,
        clock: Clock,
        *,
        pictures: SharedPictures,
        again: Callable[[], Settings],
        say: Say,
        big: int,
        epoch: int,
        first_id: int,
    ) -> Any:
        """Start an engine."""
        from posekit.runner.engine_feed import NICE_BESIDE_WINDOW, EngineFeed

        return EngineFeed(
            settings,
            clock,
            waits=WAIT_SECONDS,
            with_pictures=False,
            prepare=again,
            report=say,
            pictures=pictures,
            nice=NICE_BESIDE_WINDOW,
            patient=True,
            big=big,
            epoch=epoch,
            first_id=first_id,
        )

    def window(self, order: WindowOrder, pictures: SharedPictures, clock: Clock, say: Say) -> Any:
        """Start a window."""
        from posekit.gallery.window_process import WindowProcess

        return WindowProcess(order, pictures, clock, say)

    def curtain(self, order: CurtainOrder, clock: Clock, say: Say) -> Any:
        """Hang a curtain under it."""
        from posekit.gallery.curtain_process import CurtainProcess

        return CurtainProcess(order, clock, say)

    def free(self, folder: Path) -> int:
        """Return how many bytes of room there are."""
        return free_bytes(folder)
