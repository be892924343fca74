"""What a gallery has a window do between two frames, and what it is told of how the window is doing."""

from __future__ import annotations

import math
from collections import deque
from typing import TYPE_CHECKING, Any

from posekit.errors import PosekitError
from posekit.gallery.fading import Fading
from posekit.gallery.progress import Progress
from posekit.runner.host import Backstage, Host
from posekit.runner.presets import presets_file, read_presets
from posekit.sketch.quiet_pygame import pygame
from posekit.zones import zones_from_tables

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from posekit.clock import Clock
    from posekit.gallery.link_feed import LinkFeed
    from posekit.gallery.orders import WindowOrder
    from posekit.runner.trouble_card import Trouble
    from posekit.sketch.params import Param


BLACK_FPS = 5.0
"""Frames per second behind a black screen: enough to be there at once, and to be heard of."""


class GalleryHost(Host):
    """Does what the gallery says, in the loop; `say` may be asked from a thread beside it.

    `ready` is called when the first frame is on the screen.
    """

    shows_errors = False

    def __init__(
        self,
        order: WindowOrder,
        feed: LinkFeed,
        clock: Clock,
        ready: Callable[[], object],
        report: Callable[[str], None],
    ) -> None:
        self.has_keys, self.reloads = order.keys, order.reload
        self._feed, self._clock = feed, clock
        self._ready, self._report = ready, report
        self.moved: Callable[[], None] = lambda: None
        """Called for every frame."""
        self._told: deque[dict[str, Any]] = deque()
        self._fading = Fading(order.black)
        self._test_card = order.test_card
        self._progress = Progress(clock)
        self._presets: _PresetList | None = None
        self._backstage: Backstage | None = None
        self._captured = 0.0
        self._failing, self._errors, self._refused = "", 0, ""

    def tell(self, data: dict[str, Any]) -> None:
        """Have something done before the next frame; may be called from any thread."""
        self._told.append(data)

    def begin(self, backstage: Backstage) -> None:
        """Take the parts of the run."""
        self._presets = _PresetList(presets_file(backstage.loop.loaded.path))
        self._backstage = backstage
        self._show_test_card(self._test_card)
        pygame.display.set_allow_screensaver(False)
        backstage.screens.black = self._fading.at(self._clock.now())

    @property
    def most_fps(self) -> float:
        """Few while all is black: a night of them costs power and wears a fan."""
        return BLACK_FPS if self._fading.at(self._clock.now()) >= 1 else math.inf

    def before_frame(self) -> None:
        """Do what was told, and go on with a fade."""
        assert self._backstage is not None
        while self._told:
            data = self._told.popleft()
            try:
                self._do(self._backstage, **data)
            except (PosekitError, TypeError, ValueError, KeyError) as error:
                self._report(f"the window was told what it cannot do: {error}")
        self._backstage.screens.black = self._fading.at(self._clock.now())

    def after_frame(self) -> None:
        """Count the frame."""
        assert self._backstage is not None
        scene, mishaps = self._backstage.loop.scene.raw, self._backstage.mishaps
        if scene is not None:
            self._captured = scene.captured
        self._failing, self._errors = mishaps.sentence, mishaps.count
        self._refused = refusal(mishaps.lasting)
        self.moved()
        if self._progress.step() == 1:
            self._ready()

    def say(self) -> dict[str, Any]:
        """Return what a beat says, but for how long the loop has been at one frame."""
        said: dict[str, Any] = {
            **self._progress.take(),
            "captured": self._captured,
            "failing": self._failing,
            "errors": self._errors,
            "refused": self._refused,
        }
        if self._backstage is not None and self._presets is not None:
            loaded = self._backstage.loop.loaded
            values = loaded.parameters.values
            declared = loaded.parameters.declared
            said["parameters"] = [_described(param, values[name]) for name, param in declared.items()]
            said["presets"] = self._presets.read()
            said["title"] = str(loaded.sketch.title or loaded.sketch.name)
        return said

    def _do(self, backstage: Backstage, what: str, **data: Any) -> None:
        if what == "fade":
            self._fading.fade(float(data["to"]), float(data.get("seconds", 0.0)), self._clock.now())
        elif what == "test_card":
            self._show_test_card(bool(data["on"]))
        elif what == "preset":
            if wrong := backstage.presets.obey(data["preset"]):
                self._report(wrong)
        elif what == "parameter":
            backstage.knobs.turn(data["name"], data["value"])
        elif what == "reload":
            backstage.reloader.ask()
        elif what == "zones":
            backstage.loop.zones = zones_from_tables(data["zones"], "zones")
        elif what == "estimator":
            self._feed.estimator = str(data["estimator"])
        else:
            raise ValueError(what)

    def _show_test_card(self, on: bool) -> None:
        assert self._backstage is not None
        toolbox = self._backstage.toolbox
        card = toolbox.find("test card")
        if card is not None and card.is_open != on:
            toolbox.toggle(card)


class _PresetList:
    """The presets that are saved, read again when their file has changed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: object = None
        self._found: list[dict[str, Any]] = []

    def read(self) -> list[dict[str, Any]]:
        """Return number and name of each; none while the file cannot be read."""
        try:
            found = self._path.stat()
            stamp = found.st_mtime_ns, found.st_size, found.st_ino
        except OSError:
            self._stamp, self._found = None, []
            return self._found
        if stamp != self._stamp:
            self._stamp = stamp
            try:
                presets = read_presets(self._path).presets
            except PosekitError:
                presets = {}
            self._found = [{"number": at, "name": presets[at].name} for at in sorted(presets)]
        return self._found


def _described(param: Param[Any], value: Any) -> dict[str, Any]:
    """Return a parameter as plain values, without what it does not have."""
    found = {
        "min": param.min,
        "max": param.max,
        "step": param.step,
        "choices": list(param.choices) or None,
        "description": param.help or None,
    }
    there = {name: one for name, one in found.items() if one is not None}
    return {"name": param.name, "value": value, "default": param.default, "kind": param.kind, **there}


def refusal(trouble: Trouble | None) -> str:
    """Return why what was saved does not run, with its place; empty where it does."""
    if trouble is None:
        return ""
    place = f"{trouble.place.path.name}, line {trouble.place.line}: " if trouble.place is not None else ""
    return f"{place}{trouble.sentence}; the version before goes on, until the show starts anew"
