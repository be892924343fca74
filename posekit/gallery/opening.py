"""Makes the parts of a show and wires them; nothing of it runs a sketch's code in this process."""

from __future__ import annotations

import json
import os
from datetime import datetime
from functools import partial
from threading import Event
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from posekit.clock import SystemClock, SystemWall
from posekit.engine.options import watched_zones
from posekit.engine.pictures import SharedPictures
from posekit.errors import PosekitError
from posekit.gallery.believed import BelievedWall
from posekit.gallery.desk import ShowDesk
from posekit.gallery.doors import Doors
from posekit.gallery.engine_keeper import EngineKeeper
from posekit.gallery.errands import Errands
from posekit.gallery.figures import Figures
from posekit.gallery.floor import Floor
from posekit.gallery.heartbeat import Heartbeat
from posekit.gallery.hooks import Hooks
from posekit.gallery.kiosk import Kiosk
from posekit.gallery.kiosk_thread import KioskThread
from posekit.gallery.lights import Lights
from posekit.gallery.lock import ShowLock
from posekit.gallery.nothing import NoCounts, NoStatus
from posekit.gallery.outlets import open_osc, open_status, open_web_server
from posekit.gallery.parts import Parts
from posekit.gallery.present import Present
from posekit.gallery.reloading import Reloading
from posekit.gallery.renewal import Nightly
from posekit.gallery.saying import Saying
from posekit.gallery.stagehands import Stagehands
from posekit.gallery.timetable import Timetable
from posekit.gallery.troubles import Troubles
from posekit.gallery.view_watch import ViewWatch
from posekit.gallery.watching import Watch
from posekit.gallery.will import LastWill, neutral_words
from posekit.gallery.window_keeper import WindowKeeper
from posekit.records.counts import Counts
from posekit.records.log import ShowLog
from posekit.show.state import ShowState
from posekit.show.state_file import forget_state, write_state

if TYPE_CHECKING:
    from collections.abc import Callable

    from posekit.clock import Clock, Wall
    from posekit.gallery.asking import WholeShow
    from posekit.show.folder import ShowFolder
    from posekit.show.state import Trouble

BUILT = 1_790_000_000.0
"""A wall time, in September 2026, that was over when this version was made: no right clock shows less."""
LOG_TAIL = 20_000
"""Bytes of a log in which its newest line is; none is longer."""


class Opening:
    """Opens a show's parts one after the other; `close` undoes what was opened when one cannot be."""

    def __init__(
        self,
        whole: WholeShow,
        *,
        reread: Callable[[], WholeShow] | None = None,
        clock: Clock | None = None,
        wall: Wall | None = None,
        say: Callable[[str], None] | None = None,
        doors: Doors | None = None,
    ) -> None:
        self.show, self.sketch, self.title = whole.show, whole.sketch, whole.title
        self.settings = whole.show.settings
        self._reread = reread or (lambda: whole)
        self.clock, self.wall = clock or SystemClock(), wall or SystemWall()
        self.doors, self._say = doors or Doors(), Saying(say)
        self._opened: list[Callable[[], Any]] = []
        self._present = Present()
        self._hands = Stagehands(self.doors, self.report)
        self._floor = _floor(whole.show.folder)
        self._parts: Parts | None = None

    def open(self) -> Parts:
        """Return everything, with nothing but threads running yet; `OutputError` for a second start."""
        try:
            return self._open()
        except BaseException:
            for close in reversed(self._opened):
                close()
            raise

    def _open(self) -> Parts:
        show, gallery, clock, wall = self.show, self.show.gallery, self.clock, self.wall
        lock = self._keep(ShowLock(show.folder.path))
        secrets = dict(show.secrets.values)
        self._log = log = self._keep(
            ShowLog(show.folder.logs, wall, gallery.records.log_megabytes, secrets=secrets.values())
        )
        desk = ShowDesk(ShowState(self.title, wall.time(), started=wall.time()), (woken := Event()).set)
        hooks = self._keep(
            Hooks(
                gallery.hooks, show.folder.path, wall, self.report, log.write,
                secrets=secrets, show=self.title, clock=clock,
            )
        )  # fmt: skip
        self._hooks = hooks
        troubles = Troubles(wall, self._begun, self._ended)
        self._pictures = self._keep(SharedPictures.create())
        errands = self._keep(Errands(woken.set, lambda error: self.report(_sentence(error))))
        heartbeat = self._keep(Heartbeat(gallery.heartbeat, desk, clock, self.report, secrets=secrets))
        engine = self._keep(EngineKeeper(self._hands.feed, clock, woken.set, self.report))
        window = self._keep(WindowKeeper(self._hands.window, clock, self.report, gallery.show.frozen_after))
        curtain = self._keep(WindowKeeper(self._hands.curtain, clock, self.report, float("inf"), "curtain"))
        lights = Lights(engine, window, clock, gallery.hours.fade, self._tell_hook)
        timetable = Timetable(show.hours, wall, clock, floor=self._floor)
        parts = Parts(
            show=show,
            settings=self.settings,
            sketch=self.sketch,
            title=self.title,
            clock=clock,
            wall=wall,
            woken=woken,
            lock=lock,
            log=log,
            counts=self._keep(self._open_counts()),
            hooks=hooks,
            heartbeat=heartbeat,
            will=self._keep(LastWill(clock, self.report)),
            status=NoStatus(),
            osc=None,
            desk=desk,
            troubles=troubles,
            errands=errands,
            figures=self._keep(self._open_figures(desk)),
            engine=engine,
            window=window,
            curtain=curtain,
            lights=lights,
            timetable=timetable,
            nightly=Nightly(gallery.show.restart_at, show.hours, wall.time()),
            watch=Watch(clock, troubles, gallery.show.memory_limit),
            prepare=lambda settings: self.doors.prepare(settings, self.report),
            pictures=self._pictures,
            present=self._present,
            reread=self._reread,
            forget=partial(forget_state, show.folder.path),
            open_counts=self._open_counts,
        )
        self._parts = self._hands.parts = parts
        self._open_doors(parts)
        return parts

    def _open_doors(self, parts: Parts) -> None:
        """Open what looks on, and what is asked and told."""
        show, gallery = self.show, self.show.gallery
        parts.view = ViewWatch(
            show.folder.view_file, self.clock, self.wall, self.report, is_wanted=gallery.show.view == "auto"
        )
        parts.reloading = Reloading(parts)
        parts.status = self._keep(open_status(parts, self.report))
        parts.osc = open_osc(parts, self.report)
        parts.web = open_web_server(parts, self.report)
        for outlet in (parts.osc, parts.web):
            if outlet is not None:
                parts.others.append(self._keep(outlet).close)
        if self.settings.fullscreen:
            parts.others.append(self._keep(KioskThread(Kiosk(), self.report)).close)
        parts.will.write(parts.heartbeat.last_words, neutral_words(self.settings))
        zones = tuple(zone.as_table() for zone in watched_zones(self.settings))
        parts.desk.show_room(zones, self.settings.ignore)

    def report(self, sentence: str) -> None:
        """Tell a sentence to the log, and to whoever sits there."""
        self._log.write("report", sentence)
        self._say(self.show.secrets.hide(sentence))

    def _keep(self, opened: Any) -> Any:
        self._opened.append(opened.close)
        return opened

    # ------------------------------------------------------------------ what looks on

    def _open_counts(self) -> Any:
        show = self._parts.show if self._parts is not None else self.show
        records = show.gallery.records
        if not records.counts:
            return NoCounts()
        hours = show.hours
        wall = BelievedWall(self.wall, self.clock, hours, self._floor)
        zone = ZoneInfo(hours.timezone) if hours.timezone else None
        return Counts(self.show.folder.counts_file, wall, records.keep_days, zone=zone, say=self.report)

    def _open_figures(self, desk: ShowDesk) -> Figures:
        folder = self.show.folder.path

        def processes() -> dict[str, int | None]:
            parts = desk.state().parts
            return {part.name: part.process_id for part in parts}

        return Figures(processes, folder, self.doors.free, lambda: write_state(folder, desk.state()))

    # ------------------------------------------------------------------ what is told

    def _tell_hook(self, name: str) -> None:
        self._log.write(name, "the show opens" if name == "open" else "the show is closed")
        self._hooks.fire(name)

    def _begun(self, trouble: Trouble) -> None:
        self._log.write(trouble.name, trouble.sentence, trouble.severity, is_over=False)
        self._say(f"trouble: {trouble.sentence}")
        if trouble.severity == "fault" and trouble.name != "hook_failed":
            self._hooks.fire("fault", trouble=trouble.name, sentence=trouble.sentence)

    def _ended(self, trouble: Trouble) -> None:
        lasted = round(self.wall.time() - trouble.since, 1)
        self._log.write(trouble.name, f"over: {trouble.sentence}", "notice", is_over=True, lasted=lasted)
        self._say(f"over after {lasted:g} s: {trouble.sentence}")
        if trouble.severity == "fault" and trouble.name != "hook_failed":
            self._hooks.fire("clear", trouble=trouble.name, sentence=trouble.sentence)


def _floor(folder: ShowFolder) -> Floor:
    """Return when the newest line of the show's log was written, if that can be."""
    try:
        with (folder.logs / "show.jsonl").open("rb") as file:
            file.seek(-min(LOG_TAIL, file.seek(0, os.SEEK_END)), os.SEEK_END)
            line = file.read().splitlines()[-1]
        return Floor(datetime.fromisoformat(json.loads(line)["time"]).timestamp(), BUILT)
    except (OSError, ValueError, KeyError, TypeError, IndexError):
        return Floor(least=BUILT)


def _sentence(error: BaseException) -> str:
    return str(error) if isinstance(error, PosekitError) else f"{type(error).__name__}: {error}"
