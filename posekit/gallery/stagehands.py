"""Starts a show's processes, each with what is known by then."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from posekit.gallery.link import kept_values
from posekit.gallery.orders import CurtainOrder, WindowOrder
from posekit.runner import interrupt
from posekit.sources import is_live

if TYPE_CHECKING:
    from collections.abc import Callable

    from posekit.gallery.doors import Doors
    from posekit.gallery.parts import Parts
    from posekit.settings import Settings

EPOCHS = 1000
"""Between two feeds that share memory: no feed starts so many engines."""


class Stagehands:
    """Opens feeds, windows and curtains; the keepers ask for them."""

    def __init__(self, doors: Doors, report: Callable[[str], None]) -> None:
        self._doors, self._report = doors, report
        self._feeds = 0
        self._prepared: Settings | None = None
        self.parts: Parts | None = None
        """Set before anything is started."""

    def feed(self) -> Any:
        """Prepare the settings and start an engine, in the engine's thread; raises `PosekitError`."""
        parts = self.parts
        assert parts is not None
        settings = parts.settings
        self._prepared = prepared = parts.prepare(settings)
        self._feeds += 1
        feed = self._doors.feed(
            prepared,
            parts.clock,
            pictures=parts.pictures,
            again=partial(parts.prepare, settings),
            say=self._say_of_engine,
            big=parts.watch.memory_limit * 1_000_000,
            epoch=1 + EPOCHS * (self._feeds - 1),
            first_id=parts.engine.next_id,
        )
        if parts.lights.is_paused:
            feed.pause(True)
        return feed

    def _say_of_engine(self, sentence: str) -> None:
        """Report it, unless all of us were asked to end: that the engine did is no loss then."""
        if not interrupt.is_asked():
            self._report(sentence)

    def window(self) -> Any:
        """Start a window that goes on where the one before was."""
        parts = self.parts
        assert parts is not None
        feed = parts.engine.feed
        before = parts.window.beat or parts.window.last_beat
        order = WindowOrder(
            parts.sketch,
            (self._prepared or parts.settings).model_dump(mode="json"),
            keys=parts.show.gallery.show.keys,
            is_live=getattr(feed, "is_live", is_live(parts.settings.source)),
            rate=getattr(feed, "rate", 30.0),
            estimator=getattr(feed, "estimator", ""),
            paused=parts.lights.is_paused,
            parameters=kept_values(before.parameters) if before is not None else {},
            here=parts.present.events(),
            after=parts.present.last,
            black=0.0 if parts.lights.is_lit else 1.0,
            test_card=parts.test_card,
        )
        return self._doors.window(order, parts.pictures, parts.clock, self._report)

    def curtain(self) -> Any:
        """Hang a curtain."""
        parts = self.parts
        assert parts is not None
        settings = parts.settings
        order = CurtainOrder((settings.display, *settings.more_displays), fullscreen=settings.fullscreen)
        return self._doors.curtain(order, parts.clock, self._report)
