"""Carries out the settings that a sketch's new version asks for, as far as a running show can."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from posekit.errors import PosekitError
    from posekit.runner.feed import Feed
    from posekit.runner.loop import Loop
    from posekit.runner.remote import Remote
    from posekit.runner.window import Window
    from posekit.settings import Settings
    from posekit.sketch.canvas import Canvas
    from posekit.sketch.loader import LoadedSketch

AT_ONCE = ("size", "fit", "mirror", "fps")
"""Settings that count from the next frame on; so do `background`, `title` and `extrapolate`."""
IN_A_WHILE = ("source", "estimator", "model", "input_size", "mask")
"""Settings that the engine goes on with once it has what it needs for them."""


class Adjuster:
    """Knows what the version that runs has asked for, and what the one before it had.

    With `is_filmed` the canvas keeps its size, for a film has one.
    """

    def __init__(
        self,
        loop: Loop,
        window: Window,
        feed: Feed,
        remote: Remote,
        report: Callable[[str], None],
        *,
        is_filmed: bool = False,
    ) -> None:
        self._loop, self._window, self._feed, self._remote = loop, window, feed, remote
        self._report, self._is_filmed = report, is_filmed
        self._asked: Settings | None = None
        self._before: tuple[Settings | None, Canvas] = (None, loop.canvas)

    @property
    def fps(self) -> float | None:
        """How often the version that runs wants to be drawn, per second; None: as the run says."""
        return self._asked.fps if self._asked is not None else None

    def begin(self, asked: Settings) -> None:
        """Take note of what the first version asks for, which was carried out when the run began."""
        self._asked = asked

    def __call__(self, loaded: LoadedSketch, asked: Settings | None) -> None:
        """Carry out what a new version asks for; None: what the one before it had."""
        self._window.retitle(str(loaded.sketch.title or loaded.sketch.name))
        canvas = None
        if asked is None:
            asked, canvas = self._before
        before = self._asked
        self._before, self._asked = (before, self._loop.canvas), asked
        if asked is None or before is None:
            return
        changed = [name for name in type(asked).model_fields if getattr(asked, name) != getattr(before, name)]
        if changed:
            self._place(asked, canvas)
            self._ask(asked, changed)

    def _place(self, asked: Settings, canvas: Canvas | None) -> None:
        from posekit.sketch.canvas import Canvas

        canvas = canvas or self._loop.canvas
        if canvas.size != asked.size and not self._is_filmed:
            canvas = Canvas(asked.size)
        mirror = self._feed.is_live if asked.mirror == "auto" else bool(asked.mirror)
        self._loop.place_anew(canvas, fit=asked.fit, mirror=mirror)
        self._window.use(canvas.size)

    def _ask(self, asked: Settings, changed: list[str]) -> None:
        """Ask the engine for what it can change, and say what has to wait."""
        can_change = self._remote.changes is not None and self._remote.changes.can_change
        now = [name for name in changed if name in IN_A_WHILE and can_change]
        at_once = [name for name in AT_ONCE if name != "size" or not self._is_filmed]
        later = [name for name in changed if name not in at_once and name not in now]
        if now and self._remote.changes is not None:
            self._remote.changes.ask({name: getattr(asked, name) for name in now}, self._told)
        if later:
            names = " and ".join(later)
            self._report(f"{names}: what the file says of it now counts from the next start on")

    def _told(self, failure: PosekitError | None) -> None:
        if failure is not None:
            self._report(str(failure))
