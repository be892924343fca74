"""What can be chosen in the window of `posekit send`, and how it is carried out."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from posekit.outputs.osc.opening import parse_targets
from posekit.runner.changes import ESTIMATORS, Changes, in_thread
from posekit.runner.remembered import remember

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Future

    from posekit.clock import Clock
    from posekit.errors import PosekitError
    from posekit.runner.loop import Loop
    from posekit.settings import Settings

LOOK_SECONDS = 3.0
"""Between two looks at which cameras are plugged in, where looking opens none of them."""


@dataclass(frozen=True)
class Option:
    """Something that can be chosen."""

    kind: str
    """`source` or `estimator`."""
    value: str
    """What the setting is set to."""
    title: str
    about: str = ""
    is_here: bool = True
    """Whether it can be chosen right now, without fetching anything."""


class Desk:
    """Knows what can be chosen and what is chosen, and has the feed go on with it.

    What takes a while (looking for cameras, preparing) happens in a thread; `update`, called once a frame,
    takes in what came of it. `prepare` makes settings ready to run, and raises `PosekitError`. `kept` is what
    is remembered, and `told` what was said now, which is remembered as well once it runs.
    """

    def __init__(
        self,
        settings: Settings,
        prepare: Callable[[Settings], Settings],
        clock: Clock,
        *,
        report: Callable[[str], None],
        kept: dict[str, Any] | None = None,
        told: dict[str, Any] | None = None,
    ) -> None:
        self.changes = Changes(settings, prepare, report)
        """Who carries out what is chosen, here or elsewhere."""
        self.targets = tuple(
            f"{target.where} {target.dialect}"
            for target in parse_targets(settings.osc, settings.osc_for, settings.slots, settings.osc_template)
        )
        """Where OSC goes, for people to read."""
        self.message = ""
        """What there is to say, in a sentence."""
        self.loop: Loop | None = None
        self._clock, self._report = clock, report
        self._kept, self._told = dict(kept or {}), dict(told or {})
        self._looking: Future[list[Option]] | None = None
        self._looked = -LOOK_SECONDS
        self._found: list[Option] = []

    def adopt(self, feed: Any) -> Any:
        """Take over a feed that was opened, and remember what it was opened with; returns it."""
        self.changes.adopt(feed)
        if self._told:
            self._keep(**self._told)
        return feed

    def attach(self, loop: Loop) -> None:
        """Take over the loop that draws."""
        self.loop = loop

    def say(self, sentence: str) -> None:
        """Show a sentence in the window, and report it."""
        self.message = sentence
        self._report(sentence)

    @property
    def is_busy(self) -> bool:
        """Whether something that was chosen is being prepared."""
        return self.changes.is_preparing

    @property
    def is_mirrored(self) -> bool:
        """Whether the view is mirrored."""
        return self.loop.mirror if self.loop is not None else False

    @property
    def options(self) -> Sequence[Option]:
        """Everything that can be chosen: cameras first, then films, then estimators."""
        return self._found

    def is_chosen(self, option: Option) -> bool:
        """Whether it is what runs, or is on its way."""
        if option.kind == "source":
            return self.changes.wanted.source == option.value
        return self.changes.family == option.value

    def update(self) -> None:
        """Take in what the threads have found, and look for cameras now and then."""
        self.changes.update()
        if self._looking is not None and self._looking.done():
            if self._looking.exception() is None:  # a driver's own error is no reason to end a show
                self._found = self._looking.result()
            self._looking = None
        is_free = sys.platform.startswith("linux") or not self._found
        if self._looking is None and is_free and self._clock.now() - self._looked >= LOOK_SECONDS:
            self._looked = self._clock.now()
            self._looking = in_thread(find_options, self.changes.settings.source)

    def choose(self, option: Option) -> None:
        """Have the feed go on with a camera or an estimator."""
        if self.is_busy or self.is_chosen(option):
            return
        if not option.is_here:
            self.say(f"{option.title} is not here: posekit models get {option.about}")
            return
        if not self.changes.can_change:
            self.say("what is shown now cannot be changed")
            return
        self.message = f"{option.title}: one moment ..."
        over = partial(self._conclude, option)
        if option.kind == "source":
            self.changes.ask({"source": option.value}, over)
        else:
            self.changes.choose_estimator(option.value, over)

    def step(self, kind: str) -> None:
        """Choose the next of a kind."""
        of_kind = [option for option in self._found if option.kind == kind and option.is_here]
        if of_kind:
            at = next((at for at, option in enumerate(of_kind) if self.is_chosen(option)), -1)
            self.choose(of_kind[(at + 1) % len(of_kind)])

    def toggle_mirror(self) -> None:
        """Exchange left and right of the view; what is sent stays as it is."""
        if self.loop is not None:
            self.loop.mirror = not self.loop.mirror
            self._keep(mirror=self.loop.mirror)

    def _conclude(self, option: Option, failure: PosekitError | None) -> None:
        """Take in that something chosen runs, or why it does not."""
        if failure is not None:
            self.say(str(failure))
            return
        self.message = ""
        self._keep(**{option.kind: option.value})

    def _keep(self, **changed: Any) -> None:
        """Remember what was chosen; a model that was named went with its estimator."""
        self._kept.update(changed)
        if "estimator" in changed:
            self._kept.pop("model", None)
        remember(self._kept, self.say)


def find_options(current: str) -> list[Option]:
    """Return what can be chosen on this machine now; `current` is the source that runs."""
    from posekit.assets import find_asset, where_is
    from posekit.sources.camera import PREFIX, find_cameras

    found = []
    for camera in find_cameras():
        word = f"{PREFIX}{camera.name}@{camera.port}" if camera.port else str(camera.number)
        # The same camera by another of its names.
        names = {word, str(camera.number), f"{PREFIX}{camera.name}"}
        value = current if current in names else word
        found.append(Option("source", value, camera.name, f"camera {camera.number}"))
    if current not in {option.value for option in found} and current not in ("auto", "sample"):
        found.append(Option("source", current, current.rpartition("/")[2] or current, "as told"))
    is_here = where_is(find_asset("sample")) != "to download"
    found.append(Option("source", "sample", "sample clip", "" if is_here else "sample", is_here))
    for name, title, about, model in ESTIMATORS:
        is_here = where_is(find_asset(model)) != "to download"
        found.append(Option("estimator", name, title, about if is_here else model, is_here))
    return found
