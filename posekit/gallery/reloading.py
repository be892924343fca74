"""Takes in a show file that was changed while the show runs, in the gentlest way that does."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from posekit.gallery.nothing import NoCounts
from posekit.gallery.will import neutral_words
from posekit.show.changes import SECRETS, plan

if TYPE_CHECKING:
    from pathlib import Path

    from posekit.gallery.asking import WholeShow
    from posekit.gallery.parts import Parts
    from posekit.settings import Settings
    from posekit.show.changes import Plan


class Reloading:
    """Looks at the file's stamp in the errands' thread, reads it when it changed, and applies what is new.

    A file that cannot be right is told as `settings_refused`, and what was goes on.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._read = self._seen = _stamps(self._files)
        self._is_looking = False

    def look(self) -> None:
        """Have the file looked at; called once a second."""
        if not self._is_looking:
            self._is_looking = True
            self._parts.errands.do(self._look, self._looked, self._refuse)

    def read_again(self) -> None:
        """Read the file, changed or not."""
        self._parts.errands.do(self._parts.reread, self._apply, self._refuse)

    @property
    def _files(self) -> tuple[Path, ...]:
        folder = self._parts.show.folder
        return (self._parts.show.file or folder.settings_file, folder.secrets_file)

    def _look(self) -> WholeShow | None:
        """Return the show as it is now, if its file has changed and nobody is writing to it any more."""
        stamps = _stamps(self._files)
        is_still, self._seen = stamps == self._seen, stamps
        if stamps == self._read or not is_still:
            return None
        self._read = stamps
        return self._parts.reread() if self._parts.show.file is not None else None

    def _looked(self, found: WholeShow | None) -> None:
        self._is_looking = False
        if found is not None:
            self._apply(found)

    def _refuse(self, error: Exception) -> None:
        self._is_looking = False
        self._parts.troubles.note("settings_refused", f"{error}; the settings stay as they were")

    def _apply(self, found: WholeShow) -> None:
        parts = self._parts
        parts.troubles.note("settings_refused", None)
        changes = plan(parts.show, found.show)
        parts.log.write("settings", changes.describe())
        if not changes.changes and found.title == parts.title:
            return
        parts.show, parts.settings, parts.title = found.show, found.show.settings, found.title
        self._apply_live(changes)
        if any(changes.needs(place) for place in ("engine", "estimator", "zones")):
            parts.errands.do(partial(parts.prepare, parts.settings), self._switch, self._refuse)
        if changes.needs("window") or any(name.startswith("osc") for name in changes.names("engine")):
            parts.sketch = found.sketch
            parts.window.renew("the settings were changed")

    def _apply_live(self, changes: Plan) -> None:
        parts, gallery = self._parts, self._parts.show.gallery
        parts.window.frozen_after = gallery.show.frozen_after
        parts.watch.memory_limit = gallery.show.memory_limit
        parts.view.is_wanted = gallery.show.view == "auto"
        parts.lights.fade = gallery.hours.fade
        names, secrets = changes.names("live"), dict(parts.show.secrets.values)
        parts.log.mask(secrets.values())  # before anybody can tell of them
        if any(name.startswith("hours.") for name in names):
            parts.timetable.use(parts.show.hours)
        if "show.restart_at" in names or "hours.timezone" in names:
            parts.nightly.use(gallery.show.restart_at, parts.show.hours, parts.wall.time())
        if SECRETS in names or any(name.startswith("hooks.") for name in names):
            parts.hooks.use(gallery.hooks, secrets)
        if SECRETS in names or any(name.startswith("heartbeat.") for name in names):
            parts.heartbeat.use(gallery.heartbeat, secrets)
        if "records.log_megabytes" in names:
            parts.log.limit(gallery.records.log_megabytes)
        if "records.counts" in names or "records.keep_days" in names:
            self._count_as_wanted()
        parts.will.write(parts.heartbeat.last_words, neutral_words(parts.settings))

    def _count_as_wanted(self) -> None:
        """Begin or end counting, or keep hours for as long as is wanted now.

        Counts that are open stay so: no visit is over while there are none, and what waits for the disk in
        them gets there.
        """
        parts, records = self._parts, self._parts.show.gallery.records
        if isinstance(parts.counts, NoCounts):
            if records.counts:
                parts.errands.do(parts.open_counts, self._adopt)
        elif records.counts:
            parts.counts.keep_for(records.keep_days)
        else:
            self._let_go(parts.counts)
            parts.counts = NoCounts()

    def _adopt(self, counts: Any) -> None:
        """Count with what was opened, unless somebody has thought better of it meanwhile."""
        parts, records = self._parts, self._parts.show.gallery.records
        if records.counts and isinstance(parts.counts, NoCounts) and not isinstance(counts, NoCounts):
            counts.keep_for(records.keep_days)
            parts.counts = counts
        else:
            self._let_go(counts)

    def _let_go(self, counts: Any) -> None:
        """Have counts write what they have, at once; others of the same file are opened after that only."""
        if not isinstance(counts, NoCounts):
            counts.close(0.0)
            self._parts.errands.do(counts.close)

    def _switch(self, prepared: Settings) -> None:
        parts = self._parts
        settings = parts.settings
        parts.engine.tell(lambda feed: feed.switch(prepared, partial(parts.prepare, settings)))
        parts.engine.hurry()
        tables = prepared.zones if isinstance(prepared.zones, tuple) else ()
        parts.window.tell("zones", zones=list(tables))
        parts.desk.show_room(tables, settings.ignore)


def _stamps(files: tuple[Path, ...]) -> list[tuple[int, int, int] | None]:
    stamps: list[tuple[int, int, int] | None] = []
    for file in files:
        try:
            found = file.stat()
        except OSError:
            stamps.append(None)
        else:
            stamps.append((found.st_mtime_ns, found.st_size, found.st_ino))
    return stamps
