"""When the view is looked at: in the empty room now and then; and when it is remembered: at calibration."""

from __future__ import annotations

import math
from threading import Thread
from typing import TYPE_CHECKING, Any

from posekit.errors import OutputError, SettingsError
from posekit.gallery.view import View, stamp

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from posekit.clock import Clock, Wall

    Picture = NDArray[np.uint8]

SETTLED_SECONDS = 5.0
"""How long nobody must have been there before the room counts as empty: doors close, lights go on."""
LOOK_SECONDS = 60.0
AUTO_SECONDS = 60.0
"""How long the room must be empty before a show that knows no view remembers it by itself."""
PICTURES = 7
PICTURE_SECONDS = 0.5
"""Between the pictures that are remembered, so that flicker and a moth are outvoted."""
RETRY_SECONDS = 600.0
"""After a calibration by itself that failed, because it was too dark."""


class ViewWatch:
    """Keeps `view.toml`, and says by `sentence` when the camera was moved. `update` in every round.

    Comparing takes some hundredths of a second, so that it happens in a thread; `report` takes a sentence for
    the technician and may be called from there. Raises nothing: a file that is wrong is told, and stays as it
    is until somebody calibrates.
    """

    def __init__(
        self, path: Path, clock: Clock, wall: Wall, report: Callable[[str], None], *, is_wanted: bool = True
    ) -> None:
        self.sentence = ""
        """What is wrong, for the trouble `view_shifted`; empty when all is well, or nothing is known."""
        self.is_wanted = is_wanted
        """Whether the view is looked at, and remembered without being asked (`view = "auto"`)."""
        self._path, self._clock, self._wall, self._report = path, clock, wall, report
        self._empty_since: float | None = None
        self._looked = self._taken = self._not_before = -math.inf
        self._is_asked = False
        self._pictures: list[Picture] = []
        self._last: bytes | None = None
        self._thread: Thread | None = None
        try:
            self.view = View.load(path)
        except SettingsError as error:
            self.view = View()
            self._not_before = math.inf
            report(str(error))

    @property
    def is_known(self) -> bool:
        """Whether there is a view to compare with."""
        return self.view.room is not None

    def calibrate(self) -> None:
        """Remember the room as soon as nobody is in it; returns at once."""
        self._is_asked = True
        self._pictures.clear()
        self._report("the view will be calibrated as soon as nobody is in the picture")

    def update(self, people: int | None, picture: Callable[[], Picture | None]) -> None:
        """Go on; `people` is None while nobody can know: paused, closed, or without a camera.

        `picture` returns a copy of the newest picture, (H, W, 3) RGB, or None; it is asked only when one is
        needed.
        """
        if not self.is_wanted:
            self.sentence = ""
        now = self._clock.now()
        if people is None or people > 0:
            self._empty_since = None
            self._pictures.clear()
            return
        if self._empty_since is None:
            self._empty_since = now
        empty = now - self._empty_since
        if empty < SETTLED_SECONDS or (self._thread is not None and self._thread.is_alive()):
            return
        is_first = not self.is_known and empty >= AUTO_SECONDS and now >= self._not_before
        if self._is_asked or (self.is_wanted and is_first):
            self._collect(picture, now)
        elif self.is_wanted and self.is_known and now - self._looked >= LOOK_SECONDS:
            self._looked = now
            if (pixels := self._new(picture())) is not None:
                self._start(self._look, pixels)

    def wait(self) -> None:
        """Wait until the thread is through with what it does."""
        if self._thread is not None:
            self._thread.join()

    def _new(self, pixels: Picture | None) -> Picture | None:
        """Return a picture unless it is the one before: that of a camera that is gone."""
        if pixels is None:
            return None
        trace = pixels[::16, ::16].tobytes()
        is_new, self._last = trace != self._last, trace
        return pixels if is_new else None

    def _collect(self, picture: Callable[[], Picture | None], now: float) -> None:
        if now - self._taken < PICTURE_SECONDS:
            return
        self._taken = now
        pixels = self._new(picture())
        if pixels is None:
            return
        if self._pictures and self._pictures[0].shape != pixels.shape:
            self._pictures.clear()
        self._pictures.append(pixels)
        if len(self._pictures) == PICTURES:
            pictures, self._pictures = self._pictures, []
            was_asked, self._is_asked = self._is_asked, False
            self._not_before, self._looked = now + RETRY_SECONDS, now
            self._start(self._remember, pictures, was_asked)

    def _start(self, work: Callable[..., None], *arguments: Any) -> None:
        self._thread = Thread(target=work, args=arguments, name="view", daemon=True)
        self._thread.start()

    def _look(self, pixels: Picture) -> None:
        self._say(self.view.look(pixels) or "")

    def _remember(self, pictures: list[Picture], was_asked: bool) -> None:
        view = View()
        try:
            view.calibrate(pictures, stamp(self._wall.time()))
            view.save(self._path)
        except (SettingsError, OutputError) as error:
            self._report(f"the view is not calibrated: {error}")
            return
        self.view = view
        why = "" if was_asked else ", because the room was empty for the first time"
        self._report(f"the view was calibrated{why}: {self._path.name} keeps the edges of the empty room")
        self._say("")

    def _say(self, sentence: str) -> None:
        if bool(sentence) != bool(self.sentence):
            self._report(sentence or "the camera sees the room as it was calibrated again")
        self.sentence = sentence
