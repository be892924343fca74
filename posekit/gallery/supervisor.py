"""The loop over a show's processes: hands on what the engine sees, looks after everything, ends well."""

from __future__ import annotations

import traceback
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from posekit.gallery.acting import Acting
from posekit.gallery.closing import quietly, side_by_side
from posekit.gallery.installed import Installed
from posekit.gallery.renewal import EMPTY_SECONDS, is_old
from posekit.gallery.sighting import Sighting
from posekit.gallery.telling import Telling
from posekit.gallery.watching import Need
from posekit.runner import interrupt
from posekit.service import notify

if TYPE_CHECKING:
    from collections.abc import Callable

    from posekit.gallery.parts import Parts
    from posekit.runner.feed import Update
    from posekit.scene import Event

ROUND_SECONDS = 0.1
"""A round comes at least so often; sooner when the engine has something new."""
LOOK_SECONDS = 0.5
"""How often troubles and hours are looked at."""
STATE_SECONDS = 1.0
HEARTBEAT_SECONDS = 1.5
"""How long the last heartbeat may take."""
END_SECONDS = 11.0
"""How long an orderly end may take, all parts together; nothing but slow hooks needs more than three..."""
KEEP_SECONDS = 0.6
"""...and how long what was counted may take to reach the disk."""
CARD_SECONDS = 5.0
"""Without a window for so long, and the curtain tells visitors that somebody is at it."""
CURTAIN_SECONDS = 5.0
"""A curtain that does not hang by then is not waited for."""
AGAIN_CODE = 75
"""The supervisor itself has to be started anew (EX_TEMPFAIL of sysexits.h)."""
MOST_STUMBLES = 20
"""Rounds in a row that may fail by a mistake of ours, before a new start is the better hope."""


class Supervisor:
    """Runs a show until its sketch or its owner ends it; everything is handed in as `parts`."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.code: int | None = None
        """What the process is to end with, once it is to end."""
        self._began = self._stated = self._looked = parts.clock.now()
        self._sighting = Sighting(parts)
        self._telling = Telling(parts, self._sighting)
        self._installed = Installed(parts.clock)
        self._acting = Acting(parts)
        self._verdict = parts.timetable.look()
        self._hung: tuple[tuple[str, str], Any] = (("", ""), None)
        self._stumbles = 0
        self._estimator = ""
        self._is_ending = False

    def run(self) -> int:
        """Run until the end; returns the exit code. Everything is closed on every way out."""
        parts = self.parts
        try:
            parts.log.write("start", f"the show {parts.title} starts")
            notify.ready()
            parts.hooks.fire("start")
            parts.curtain.is_wanted = True
            while self.code is None:
                parts.woken.wait(ROUND_SECONDS)
                parts.woken.clear()
                interrupt.check()
                self._try_round()
        except KeyboardInterrupt:
            self.code = 0
        finally:
            interrupt.grace()
            self.close()
        return self.code or 0

    def round(self) -> None:
        """Do everything that is due; nothing in here waits."""
        parts = self.parts
        update, events = parts.engine.take()
        if events:
            parts.counts.note(events)
            parts.present.note(events)
        if update is not None:
            self._hand_on(update, events)
        self._look_after_windows()
        for wish in parts.window.wishes():
            self._grant(self._acting.grant, wish)
        if parts.osc is not None:
            parts.osc.update()
        parts.errands.look()
        for asked in parts.desk.take():
            self._grant(self._acting.do, asked)
        now = parts.clock.now()
        if now - self._looked >= LOOK_SECONDS:
            self._looked = now
            self._look()
        if now - self._stated >= STATE_SECONDS:
            self._stated = now
            self._telling.tell(self._verdict, card=self._wants_card)
            notify.beat(parts.desk.state().phase)
            parts.reloading.look()
        if parts.window.has_quit:
            parts.log.write("quit", "the sketch ended the show")
            self.code = 0

    def close(self) -> None:
        """End every part, the slow ones side by side; twice is harmless."""
        parts = self.parts
        if self._is_ending:
            return
        self._is_ending = True
        notify.stopping()
        parts.log.write("end", "the show ends", code=self.code)
        self._telling.tell(self._verdict, card=False, is_ending=True)
        parts.hooks.fire("end")
        parts.engine.end()
        parts.window.end()
        together = (
            parts.engine.close,
            parts.window.close,
            parts.hooks.close,
            lambda: parts.heartbeat.close(HEARTBEAT_SECONDS),
            parts.status.close,
            parts.errands.close,
            *parts.others,
        )
        side_by_side(together, END_SECONDS)
        events = parts.engine.take()[1]
        parts.counts.note(events)
        last = (
            parts.counts.close,
            parts.log.close,
            parts.curtain.close,
            parts.will.close,
            parts.figures.close,
        )
        side_by_side(last, KEEP_SECONDS)
        for close in (parts.pictures.close, parts.forget, parts.lock.close):
            quietly(close)

    def _grant(self, act: Callable[[Any], None], wish: Any) -> None:
        """Do what somebody asked for; a mistake of ours in it keeps no other wish waiting."""
        try:
            act(wish)
        except Exception as error:
            self._note_mistake("what was asked for", error)

    def _note_mistake(self, what: str, error: Exception) -> None:
        where = traceback.format_exception(error)[-3:]
        sentence = f"{what} failed: {type(error).__name__}: {error}"
        self.parts.log.write("mistake", sentence, "fault", at=where)

    def _try_round(self) -> None:
        """Do a round; a mistake of ours in one is told, and no reason to end a show."""
        try:
            self.round()
        except Exception as error:
            self._stumbles += 1
            self._note_mistake("a round", error)
            if self._stumbles >= MOST_STUMBLES:
                raise
        else:
            self._stumbles = 0

    def _hand_on(self, update: Update, events: tuple[Event, ...]) -> None:
        parts = self.parts
        self._sighting.note(update)
        parts.place = update.place
        parts.window.give(replace(update, events=events))
        parts.status.publish(update.scene, events, update.health)
        if parts.web is not None:
            shares = parts.settings.share
            picture = parts.picture() if "picture" in shares else None
            mask = parts.mask() if "mask" in shares else None
            parts.web.publish(update.scene, events, picture, update.health, mask)

    def _look(self) -> None:
        parts = self.parts
        self._verdict = verdict = parts.timetable.look()
        was_lit = parts.lights.is_lit
        parts.lights.look(verdict.is_open)
        if was_lit != parts.lights.is_lit or not parts.window.is_shown:
            self._sighting.note_dim()
        parts.view.update(self._sighting.known_people, parts.picture)
        for name, sentence in (
            ("clock_wrong", verdict.wrong),
            ("view_shifted", parts.view.sentence),
            ("hook_failed", parts.hooks.sentence),
            ("heartbeat_failed", parts.heartbeat.sentence),
        ):
            parts.troubles.note(name, sentence)
        for need in parts.watch.look(self._sighting.seen()):
            self._meet(need)
        self._renew()
        estimator = str(getattr(parts.engine.feed, "estimator", ""))
        if estimator and estimator != self._estimator:
            self._estimator = estimator
            parts.window.tell("estimator", estimator=estimator)

    def _look_after_windows(self) -> None:
        """Look after the curtain, and the window above it, which is opened once that hangs."""
        parts = self.parts
        parts.curtain.look()
        if parts.curtain.is_shown or parts.clock.now() - self._began > CURTAIN_SECONDS:
            parts.window.is_wanted = True
        parts.window.look()
        card = (parts.title, parts.show.gallery.show.card) if self._wants_card else ("", "")
        curtain = parts.curtain.process
        if curtain is not None and (card, curtain) != self._hung:
            self._hung = (card, curtain)
            if any(card):
                curtain.card(*card)
            else:
                curtain.black()

    @property
    def _wants_card(self) -> bool:
        window = self.parts.window
        is_missing = window.is_given_up or window.missing_for > CARD_SECONDS
        return is_missing and not window.is_shown and self.parts.lights.is_lit

    def _meet(self, need: Need) -> None:
        parts = self.parts
        if need.part == "engine":
            parts.engine.tell(lambda feed: feed.renew(need.reason))
        elif need.part == "window":
            parts.window.renew(need.reason)
        else:
            parts.log.write("again", need.reason)
            self.code = AGAIN_CODE

    def _renew(self) -> None:
        """Replace what is old when nobody is there, and everything once a night."""
        parts, empty_for, now = self.parts, self._sighting.empty_for, self.parts.clock.now()
        if not parts.engine.is_working:
            self._meet(Need("supervisor", "nobody looks after the engine any more, by a mistake of ours"))
            return
        if (news := self._installed.news()) and empty_for >= EMPTY_SECONDS:
            self._meet(Need("supervisor", news))
            return
        hours, wall = parts.show.gallery.show.renew_after, parts.wall.time()
        feed, process = parts.engine.feed, parts.window.process
        if not self._verdict.wrong and parts.nightly.is_due(wall, empty_for):
            parts.nightly.done(wall)
            self._meet(Need("engine", "the nightly restart"))
            self._meet(Need("window", "the nightly restart"))
            return
        if feed is not None and feed.is_ready and is_old(now - feed.started, hours, empty_for):
            self._meet(Need("engine", f"it ran for {hours:g} hours"))
        if process is not None and is_old(now - process.started, hours, empty_for):
            self._meet(Need("window", f"it ran for {hours:g} hours"))
