"""A feed that is recorded while somebody looks at it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from posekit.runner.feed import FeedAround

if TYPE_CHECKING:
    from posekit.clock import Clock
    from posekit.recording import RecordingWriter
    from posekit.runner.feed import Feed, Update
    from posekit.scene import Event, Scene


class RecordedFeed(FeedAround):
    """Passes another feed on and writes each new scene, with what happened since; ends after `seconds`.

    Seconds are the clock's from the first scene on, or without a clock the scenes' own. Both feed and writer
    are closed with it.
    """

    def __init__(
        self,
        feed: Feed,
        writer: RecordingWriter,
        *,
        seconds: float | None = None,
        clock: Clock | None = None,
    ) -> None:
        super().__init__(feed)
        self._writer = writer
        self._seconds, self._clock = seconds, clock
        self._scene: Scene | None = None
        self._start: float | None = None
        self._waiting: tuple[Event, ...] = ()

    def poll(self) -> Update:
        """Look, and write what is new."""
        update = self._feed.poll()
        scene = update.scene
        self._waiting += update.events
        is_new = scene is not None and scene is not self._scene
        if scene is not None and self._start is None:
            self._start = scene.captured
        if self._is_over(scene):
            return replace(update, finished=True)
        if scene is not None and (is_new or (self._waiting and update.finished)):
            self._scene = scene
            self._writer.write(scene, self._waiting)
            self._waiting = ()
        self._writer.flush_when_due()
        return update

    def close(self) -> None:
        """End the feed, then the recording."""
        try:
            self._feed.close()
        finally:
            if self._scene is not None and self._waiting:
                self._writer.write(self._scene, self._waiting)
                self._waiting = ()
            self._writer.close()

    def _is_over(self, scene: Scene | None) -> bool:
        if self._seconds is None or self._start is None or scene is None:
            return False
        now = self._clock.now() if self._clock is not None else scene.captured
        return now - self._start >= self._seconds
