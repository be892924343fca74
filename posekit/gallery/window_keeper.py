"""The window of a show, which runs the user's sketch: started, looked after, replaced, ended."""

from __future__ import annotations

from threading import Thread
from typing import TYPE_CHECKING, Any

from posekit.gallery.ladder import Ladder

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from posekit.clock import Clock
    from posekit.runner.feed import Update

START_SECONDS = 60.0
"""How long a window may take until its first frame: a sketch may load a lot."""
NAP_SECONDS = 1.0
"""Between two looks: beyond this we were asleep ourselves, and hold it against nobody."""
WELL_SECONDS = 3.0
"""A window that has shown frames for so long makes good the loss of the one before."""
END_SECONDS = 1.5
"""How long an old window may take to end before it is killed."""


class WindowKeeper:
    """Keeps one window running; a planned renewal starts the next one before the old one ends.

    `start` starts a window's process (`WindowProcess`) and returns at once. `report` takes sentences. The
    curtain beneath it is kept in the same way, under its own `name`.
    """

    def __init__(
        self,
        start: Callable[[], Any],
        clock: Clock,
        report: Callable[[str], None],
        frozen_after: float,
        name: str = "window",
    ) -> None:
        self._start, self._clock, self._report, self._name = start, clock, report, name
        self.frozen_after = frozen_after
        self._ladder = Ladder(clock)
        self._ending: list[Thread] = []
        self._frames = -1
        self._moved = self._looked = clock.now()
        self._lost_at: float | None = None
        self._update: Update | None = None
        self.process: Any = None
        """The one that runs; None between two."""
        self.following: Any = None
        """The one that is to take its place as soon as it shows something."""
        self.last_beat: Any = None
        """What the window that is gone said last."""
        self.is_wanted = False
        self.has_quit = False
        """Whether the sketch ended itself, or its user did."""
        self.restarts = self.renewals = 0
        self.last_end = ""
        self.lost = ""
        """Why there was no window lately; empty when all is well."""
        self.frozen = ""
        """The same, where it was killed because it drew nothing."""
        self.refused = ""
        """Why the window that was to take this one's place could not start; empty once another could."""

    @property
    def is_shown(self) -> bool:
        """Whether there is a window that shows something."""
        return self.process is not None and bool(self.process.is_ready)

    @property
    def beat(self) -> Any:
        """What it said last (`WindowBeat`); None when it has said nothing."""
        return getattr(self.process, "beat", None)

    @property
    def is_given_up(self) -> bool:
        """Whether it failed again and again; it is still tried now and then."""
        return self._ladder.is_given_up

    @property
    def missing_for(self) -> float:
        """Seconds since a window was lost that has not come back; 0 when there is one."""
        return 0.0 if self._lost_at is None else self._clock.now() - self._lost_at

    def look(self) -> None:
        """Do whatever is due; called in every round."""
        now = self._clock.now()
        if now - self._looked > NAP_SECONDS:
            self._moved += now - self._looked
        self._looked = now
        self._ending = [thread for thread in self._ending if thread.is_alive()]
        if not self.is_wanted:
            return
        if self.process is None:
            if self._ladder.is_due:
                self._open()
            return
        self._look_after(now)
        self._look_after_following(now)

    def give(self, update: Update) -> None:
        """Hand on what is new."""
        self._update = update
        for process in self._both():
            process.give(update)

    def hear(self, letters: Sequence[Any]) -> None:
        """Hand on what came over OSC."""
        if letters and self.process is not None:
            self.process.hear(letters)

    def tell(self, kind: str, **data: Any) -> None:
        """Tell the window something; what goes for later ones too is in the order that they start with."""
        for process in self._both():
            process.tell(kind, **data)

    def wishes(self) -> list[dict[str, Any]]:
        """Return what the window asked for."""
        return list(self.process.wishes()) if self.process is not None else []

    def restart(self, reason: str) -> None:
        """Replace it now, or start it now if it waits: somebody asked for that."""
        self._ladder.hurry()
        if self.process is not None:
            self._renew(reason)

    def renew(self, reason: str) -> None:
        """Replace it as planned; nothing happens while that is on its way."""
        if self.process is not None and self.following is None and self.process.is_ready:
            self.renewals += 1
            self._renew(reason)

    def replace(self, reason: str) -> None:
        """End it at once and start another: it is beyond waiting for."""
        if self.process is not None:
            self._lose(reason, kill=True)

    def end(self) -> None:
        """Begin to end everything; `close` waits for it."""
        self.is_wanted = False
        for process in self._both():
            self._put_away(process)
        self.process = self.following = None

    def close(self, seconds: float = 2.5) -> None:
        """End everything; twice is harmless."""
        self.end()
        until = self._clock.now() + seconds
        for thread in self._ending:
            thread.join(max(0.05, until - self._clock.now()))

    def _both(self) -> list[Any]:
        return [process for process in (self.process, self.following) if process is not None]

    def _open(self) -> None:
        try:
            self.process = self._begin()
        except Exception as error:
            self._note_loss(f"no {self._name} can be started: {error}", 0.0)

    def _begin(self) -> Any:
        process = self._start()
        if self._update is not None:
            process.give(self._update)
        self._frames, self._moved = -1, self._clock.now()
        return process

    def _look_after(self, now: float) -> None:
        process = self.process
        if not process.is_alive:
            if process.has_quit:
                self.has_quit = True
                self.last_end = "the sketch ended the show"
            else:
                self._lose(process.failure())
            return
        lived = now - process.started
        if not process.is_ready:
            self._moved = now
            if lived > START_SECONDS:
                self._lose(f"the {self._name} showed nothing within {START_SECONDS:g} s", kill=True)
            return
        self._ladder.live(lived)
        frames = self.beat.frames if self.beat is not None else 0
        if frames != self._frames:
            self._frames, self._moved = frames, now
        if now - self._moved > self.frozen_after:
            self.frozen = f"the window drew nothing for {now - self._moved:.1f} s and is replaced"
            self._lose(self.frozen, kill=True)
            return
        self._lost_at = None
        if self.lost and lived > WELL_SECONDS:
            self.lost = self.frozen = ""

    def _look_after_following(self, now: float) -> None:
        following = self.following
        if following is None:
            return
        if not following.is_alive or now - following.started > START_SECONDS:
            why = "it showed nothing" if following.is_alive else following.failure()
            self.refused = why
            self._report(f"the window goes on, because the one after it could not start: {why}")
            self._put_away(following)
            self.following = None
        elif following.is_ready:
            self.refused = ""
            old, self.process, self.following = self.process, following, None
            self._frames, self._moved = -1, now
            if old is not None:
                self._put_away(old)

    def _renew(self, reason: str) -> None:
        self.last_end = reason
        if self.following is not None:
            return
        self._report(f"the {self._name} is replaced: {reason}")
        try:
            self.following = self._begin()
        except Exception as error:
            self._report(f"no other window can be started: {error}")

    def _lose(self, reason: str, *, kill: bool = False) -> None:
        process, self.process = self.process, None
        self.last_beat = getattr(process, "beat", None) or self.last_beat
        if kill:
            process.kill()
        self._put_away(process)
        if self.following is not None:  # it is on its way already
            self.process, self.following = self.following, None
            self.restarts += 1
            self.lost, self.last_end = reason, reason
            self._report(reason)
            return
        self._note_loss(reason, self._clock.now() - process.started)

    def _note_loss(self, reason: str, lived: float) -> None:
        wait = self._ladder.fail(lived)
        self.restarts += 1
        self.lost = self.last_end = reason
        if self._lost_at is None:
            self._lost_at = self._clock.now()
        self._report(f"{reason}; the next {self._name} starts {f'in {wait:g} s' if wait else 'now'}")

    def _put_away(self, process: Any) -> None:
        """End a process without waiting for it."""

        def end() -> None:
            process.end(END_SECONDS)
            process.close()

        thread = Thread(target=end, name="window-end", daemon=True)
        thread.start()
        self._ending.append(thread)
