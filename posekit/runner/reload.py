"""Live reload: a saved file's code takes the place of what runs, and goes again should it fail at once.

A new version is on trial for its first second: the first error in it, or a frame that does not end, and the
last version that worked goes on, with the error shown until the next save.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from posekit.errors import HookError, PosekitError
from posekit.runner.file_watch import FileWatch
from posekit.runner.mishaps import let_go
from posekit.runner.patience import Endless, Patience
from posekit.runner.trouble_card import Trouble
from posekit.sketch.problems import load_error
from posekit.sketch.renewal import Renewal, bare, watched_files
from posekit.sketch.setup_again import closes_and_sets_up, keeping_the_rest, made_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from posekit.clock import Clock
    from posekit.runner.adjusting import Adjuster
    from posekit.runner.loop import Loop
    from posekit.runner.mishaps import Mishaps
    from posekit.settings import Settings
    from posekit.sketch.loader import LoadedSketch

TRIAL_SECONDS = 1.0
"""How long an error in a new version brings the one before back."""
DOUBT_SECONDS = 0.2
"""How long a file that cannot be loaded is doubted, before that is shown: it may be half written."""
FRAME_PATIENCE = 5.0
LOAD_PATIENCE = 20.0
"""Seconds that a frame on trial, and the file itself with all it imports, may take."""
MEANWHILE = "The last version that worked goes on. Save again when it is mended."
"""What a card says at its end."""


class Reloader:
    """Gives a loop its sketch's newest code between two frames.

    `settle` returns the settings that a version asks for, under those of the command line and the show file,
    or raises `SettingsError`; `adjust` carries them out. Nothing is done before `start`.
    """

    def __init__(
        self,
        loop: Loop,
        mishaps: Mishaps,
        clock: Clock,
        report: Callable[[str], None],
        *,
        settle: Callable[[LoadedSketch], Settings] | None = None,
        adjust: Adjuster | None = None,
        keeps_errors: bool = True,
    ) -> None:
        self._loop, self._mishaps, self._clock, self._report = loop, mishaps, clock, report
        self._settle, self._adjust, self._keeps_errors = settle, adjust, keeps_errors
        self._watch = FileWatch(watched_files(loop.loaded), clock)
        self._trial: Renewal | None = None
        self._trial_ends = 0.0
        self._before: NDArray[np.uint8] | None = None
        self._changed: set[Path] = set()
        """Files that are otherwise than what runs was loaded from."""
        self._tried: set[Path] = set()
        self._doubt: tuple[PosekitError, float] | None = None
        self.swaps = 0
        """How often a new version was taken."""

    def start(self) -> None:
        """Begin to watch the sketch's files."""
        loaded = self._loop.loaded
        if loaded.link is None:
            return
        if self._settle is not None and self._adjust is not None:
            self._adjust.begin(self._settle(bare(loaded)))
        self._loop.forgive = self.note
        if loaded.source is not None and not loaded.source.is_on_disk():
            self._watch.count_as_saved(loaded.link)  # while the window was opened
        self._watch.start()

    def close(self) -> None:
        """End the watching."""
        self._watch.close()

    @property
    def fps(self) -> float | None:
        """How often the version that runs wants to be drawn, per second; None: as the run says."""
        return self._adjust.fps if self._adjust is not None else None

    def ask(self) -> None:
        """Take what has changed since the sketch was loaded, with the next look, though nobody watches."""
        self._loop.forgive = self.note
        self._watch.catch_up()

    def look(self) -> None:
        """Take a new version if one was saved; to be called between two frames, never raises its errors."""
        now = self._clock.now()
        if self._trial is not None and now >= self._trial_ends:
            self._accept()
        changed = self._watch.take()
        if changed:
            self._changed |= changed
            self._doubt = None
            self._take(now)
        elif self._doubt is not None and now >= self._doubt[1]:
            self._complain(self._doubt[0])
            self._doubt = None

    def frame(self, work: Callable[[], None]) -> None:
        """Do a frame's work; one on trial that does not end is broken off."""
        if self._trial is None:
            work()
            return
        try:
            with Patience(FRAME_PATIENCE):
                work()
        except Endless as error:  # it came between two hooks
            if self._trial is not None:
                self._fail(HookError(f"{self._loop.loaded.path.name}: {error}"))

    def note(self, error: HookError) -> None:
        """Take what a hook raised: a version on trial has failed, with any other the show goes on."""
        if self._trial is not None:
            self._fail(error)
        elif self._keeps_errors:
            self._mishaps.note(error)
        else:
            raise error from error.__cause__

    def _take(self, now: float) -> None:
        """Load what was saved and let it take over; what is wrong with it is told unless it changes again."""
        self._accept()
        began = self._clock.now()
        try:
            renewal = self._load()
        except PosekitError as error:
            self._doubt = (error, now + DOUBT_SECONDS)
            self._watch.watch((*watched_files(self._loop.loaded), *_files_of(error, self._loop.loaded)))
            return
        self._mishaps.lasting = None
        self._before = self._loop.canvas.pixels.copy()
        self._trial, self._trial_ends = renewal, now + TRIAL_SECONDS
        self._tried, self._changed = self._changed, set()
        self._watch.watch(watched_files(self._loop.loaded))
        self.swaps += 1
        if closes_and_sets_up(self._loop.loaded):
            self._run_setup()
        elif renewal.is_setup_new:
            with keeping_the_rest(renewal.old, self._loop.loaded, renewal.class_name):
                self._run_setup()
        if self._trial is not None:
            name, spent = self._loop.loaded.path.name, self._clock.now() - began
            self._report(f"{name}: the new version runs ({spent * 1000:.0f} ms)")

    def _load(self) -> Renewal:
        """Put the files' code in the place of what runs; raises `PosekitError`, and nothing has changed."""
        old = self._loop.loaded
        try:
            with Patience(LOAD_PATIENCE):
                renewal = Renewal(old, self._changed)
        except Endless as error:
            raise load_error(old.path, error) from error
        try:
            asked = self._settle(renewal.new) if self._settle is not None else None
        except PosekitError:
            renewal.refuse()
            raise
        if closes_and_sets_up(renewal.new):
            self._call_old("close")
        loaded = renewal.take_place()
        self._loop.swap(loaded)
        if self._adjust is not None:
            self._adjust(loaded, asked)
        for remark in loaded.remarks:
            if remark not in old.remarks:
                self._report(remark)
        return renewal

    def _run_setup(self) -> None:
        try:
            with Patience(LOAD_PATIENCE):
                self._loop.call("setup")
        except HookError as error:
            self._fail(error)

    def _call_old(self, hook: str) -> None:
        """Call a hook of the version that worked; what it raises is told, and no reason to stop."""
        try:
            self._loop.call(hook)
        except HookError as error:
            self._mishaps.note(error)

    def _accept(self) -> None:
        """Count the version that runs as one that works."""
        if self._trial is not None:
            self._trial = self._before = None
            self._tried = set()

    def _fail(self, error: HookError) -> None:
        """Go back to the version before, and show why."""
        trial, self._trial = self._trial, None
        assert trial is not None
        hint = _setup_hint(error, self._loop.loaded)
        loaded = trial.undo()
        self._loop.swap(loaded)
        if self._adjust is not None:
            self._adjust(loaded, None)
        canvas = self._loop.canvas
        if self._before is not None and self._before.shape == canvas.pixels.shape:
            canvas.pixels[:] = self._before
        self._changed |= self._tried
        self._tried, self._before = set(), None
        if closes_and_sets_up(trial.new):
            self._call_old("setup")  # its `close` was called
        self._complain(error, hint)
        let_go(error)

    def _complain(self, error: PosekitError, hint: str = "") -> None:
        self._mishaps.lasting = Trouble.of(error, MEANWHILE, hint)
        self._report(f"{error}{hint}; the last version that worked goes on")


def _setup_hint(error: HookError, loaded: LoadedSketch) -> str:
    """Say it where something is missing that only `setup` would have made."""
    cause = error.__cause__
    name = getattr(cause, "name", None) if isinstance(cause, (AttributeError, NameError)) else None
    if name and made_in(loaded, "__init__", name):
        return "; __init__ is not run again by a save, a setup that was changed is: make it there"
    if name and loaded.sketch.reload_setup is False and made_in(loaded, "setup", name):
        return "; setup is not run again by a save, because the sketch says reload_setup = False"
    return ""


def _files_of(error: PosekitError, loaded: LoadedSketch) -> Iterator[Path]:
    """Yield the files of which one may have to change before a sketch can be loaded."""
    folder = loaded.path.parent
    if error.place is not None:
        yield error.place.path
    cause = error.__cause__
    if isinstance(cause, ModuleNotFoundError) and cause.name:
        missing = folder.joinpath(*cause.name.split("."))
        yield from (missing.with_suffix(".py"), missing / "__init__.py")
