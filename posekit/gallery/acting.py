"""Carries out what is asked of a running show, by its page, over OSC, by its hours, or by its window."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from posekit.errors import PosekitError
from posekit.ignore_file import ORIGIN, is_kept, write_ignored
from posekit.zones import write_zones, zones_from_tables

if TYPE_CHECKING:
    from posekit.gallery.desk import Wish
    from posekit.gallery.parts import Parts
    from posekit.settings import Settings


class Acting:
    """Obeys every action of `show.actions.ACTIONS`; what takes a while becomes an errand."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def do(self, wish: Wish) -> None:
        """Carry out a wish; what cannot be is told to the log, and changes nothing."""
        self._parts.log.write(
            "action", f"{wish.origin or 'somebody'} asked for: {wish.action}", asked=wish.action
        )
        act = getattr(self, f"_{wish.action.replace('-', '_')}")
        try:
            act() if wish.value is None and wish.action not in TAKE_NONE else act(wish.value)
        except PosekitError as error:
            self._refuse(wish.action, error)

    def grant(self, wish: dict[str, Any]) -> None:
        """Carry out what the window asked for of its engine: it was worked with there."""
        kind = wish.get("kind")
        try:
            if kind == "pause":
                self._pause(bool(wish["paused"]))
            elif kind == "reset":
                self._reset()
            elif kind == "zones":
                self._watch(list(wish["zones"]))
            elif kind == "estimator":
                self._estimator(str(wish["estimator"]))
        except PosekitError as error:
            self._refuse(str(kind), error)

    def _refuse(self, action: str, error: Exception) -> None:
        self._parts.log.write("refused", f"{action}: {error}", severity="notice", asked=action)

    def _restart(self) -> None:
        self._restart_engine()
        self._restart_window()

    def _restart_window(self) -> None:
        self._parts.window.restart("somebody asked for it")

    def _restart_engine(self) -> None:
        engine = self._parts.engine
        engine.hurry()
        engine.tell(lambda feed: feed.renew("somebody asked for it"))

    def _blackout(self, is_wanted: bool = True) -> None:
        self._parts.lights.blackout(is_wanted)

    def _open(self) -> None:
        self._parts.timetable.hold(True)

    def _close(self) -> None:
        self._parts.timetable.hold(False)

    def _schedule(self) -> None:
        self._parts.timetable.release()

    def _reload(self) -> None:
        self._parts.reloading.read_again()
        self._parts.window.tell("reload")

    def _test_card(self, is_wanted: bool = True) -> None:
        self._parts.test_card = is_wanted
        self._parts.window.tell("test_card", on=is_wanted)

    def _pause(self, is_wanted: bool = True) -> None:
        self._parts.lights.pause(is_wanted)

    def _reset(self) -> None:
        self._parts.engine.tell(lambda feed: feed.reset())

    def _calibrate_view(self) -> None:
        self._parts.view.calibrate()

    def _parameter(self, value: dict[str, Any]) -> None:
        self._parts.window.tell("parameter", name=str(value.get("name", "")), value=value.get("value"))

    def _preset(self, value: int | str) -> None:
        self._parts.window.tell("preset", preset=value)

    def _zones(self, tables: list[dict[str, Any]]) -> None:
        """Watch other zones, and keep them in the show folder."""
        zones = self._watch(tables)
        self._parts.window.tell("zones", zones=[zone.as_table() for zone in zones])
        file = self._parts.show.folder.zones_file
        self._parts.errands.do(partial(write_zones, file, zones))

    def _watch(self, tables: list[dict[str, Any]]) -> Any:
        zones = zones_from_tables(tables, "zones")
        self._change(zones=tuple(zone.as_table() for zone in zones))
        self._parts.engine.tell(lambda feed: feed.watch_zones(zones))
        self._tell_room()
        return zones

    def _ignore(self, polygons: str | None) -> None:
        """Look at nobody somewhere: the engine has to be started anew for that, and everybody leaves."""
        from posekit.tracking import parse_ignore

        if polygons is not None:
            parse_ignore(polygons)
        self._keep_ignored(polygons)
        self._switch({"ignore": polygons})

    def _keep_ignored(self, polygons: str | None) -> None:
        """Keep it in the show folder, for the next start; a show file that says it itself wins then."""
        parts = self._parts
        show, file = parts.show, parts.show.folder.ignore_file
        before = show.resolved
        parts.errands.do(partial(write_ignored, file, polygons))
        if not is_kept(origin := before.origins["ignore"]):
            parts.log.write("action", f"ignore counts until the next start: it is written by hand ({origin})")
            return
        settings = before.settings.model_copy(update={"ignore": polygons})
        resolved = replace(before, settings=settings, origins={**before.origins, "ignore": ORIGIN})
        parts.show = replace(show, resolved=resolved)  # what is read again later differs in nothing

    def _estimator(self, name: str) -> None:
        from posekit.errors import UnknownNameError
        from posekit.runner.changes import ESTIMATORS

        names = [known for known, *_ in ESTIMATORS]
        if name not in names:
            raise UnknownNameError("estimator", name, names)
        self._switch({"estimator": name, "model": None, "input_size": None})

    def _switch(self, changed: dict[str, Any]) -> None:
        """Prepare other settings in a thread, then go on with them."""
        parts = self._parts
        wanted = parts.settings.model_copy(update=changed)

        def go_on(prepared: Settings) -> None:
            self._change(**changed)
            parts.engine.tell(lambda feed: feed.switch(prepared, partial(parts.prepare, wanted)))
            self._tell_room()

        parts.errands.do(partial(parts.prepare, wanted), go_on, partial(self._refuse, ", ".join(changed)))

    def _change(self, **changed: Any) -> None:
        self._parts.settings = self._parts.settings.model_copy(update=changed)

    def _tell_room(self) -> None:
        zones = self._parts.settings.zones
        tables = zones if isinstance(zones, tuple) else ()
        self._parts.desk.show_room(tables, self._parts.settings.ignore)


TAKE_NONE = ("ignore",)
"""Actions for which no value is one."""
