"""What can be chosen in the window of `posekit send`, and how it is carried out."""

from __future__ import annotations

import sys
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Thread
from typing import TYPE_CHECKING, Any

from posekit.errors import PosekitError
from posekit.outputs.osc.opening import parse_targets
from posekit.runner.remembered import remember

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from posekit.clock import Clock
    from posekit.health import Health
    from posekit.runner.engine_feed import EngineFeed
    from posekit.runner.loop import Loop
    from posekit.settings import Settings

ESTIMATORS = (
    ("posenet", "PoseNet", "everybody", "posenet-481x353"),
    ("movenet", "MoveNet", "a few, finer", "movenet-lightning"),
    ("blazepose", "BlazePose", "one person, 33 points", "blazepose-wheel"),
)
"""Name, title, what it sees, and a model of it."""
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
        self.settings = settings
        """As they were asked for, before anything was decided."""
        self.targets = tuple(
            f"{target.where} {target.dialect}"
            for target in parse_targets(settings.osc, settings.osc_for, settings.slots, settings.osc_template)
        )
        """Where OSC goes, for people to read."""
        self.message = ""
        """What there is to say, in a sentence."""
        self.loop: Loop | None = None
        self._feed: EngineFeed | None = None
        self._prepare, self._clock, self._report = prepare, clock, report
        self._kept, self._told = dict(kept or {}), dict(told or {})
        self._looking: Future[list[Option]] | None = None
        self._preparing: tuple[Settings, Future[Settings]] | None = None
        self._switched: bool | None = None
        """Whether an engine was there when that was last looked at, since it is changed; else None."""
        self._looked = -LOOK_SECONDS
        self._found: list[Option] = []

    def adopt(self, feed: Any) -> Any:
        """Take over a feed that was opened, and remember what it was opened with; returns it."""
        self._feed = feed if hasattr(feed, "switch") else None
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
        """Whether something that was chosen is still on its way."""
        return self._preparing is not None

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
        settings = self._preparing[0] if self._preparing else self.settings
        if option.kind == "source":
            return settings.source == option.value
        return settings.estimator == option.value or (
            settings.estimator == "auto" and self._estimator_now == option.value
        )

    def update(self, health: Health) -> None:
        """Take in what the threads have found, and look for cameras now and then."""
        if self._switched is not None and self._switched != health.engine:
            # First the old engine is gone, then the new one is there.
            self.message = "" if health.engine else self.message
            self._switched = None if health.engine else False
        if self._looking is not None and self._looking.done():
            if self._looking.exception() is None:  # a driver's own error is no reason to end a show
                self._found = self._looking.result()
            self._looking = None
        is_free = sys.platform.startswith("linux") or not self._found
        if self._looking is None and is_free and self._clock.now() - self._looked >= LOOK_SECONDS:
            self._looked = self._clock.now()
            self._looking = _begin(find_options, self.settings.source)
        if self._preparing is not None and self._preparing[1].done():
            asked, prepared = self._preparing
            self._preparing = None
            self._switch(asked, prepared)

    def choose(self, option: Option) -> None:
        """Have the feed go on with a camera or an estimator."""
        if self.is_busy or self.is_chosen(option):
            return
        if not option.is_here:
            self.say(f"{option.title} is not here: posekit models get {option.about}")
            return
        if self._feed is None:
            self.say("what is shown now cannot be changed")
            return
        # Another estimator does not run the model that was named for this one.
        others = {} if option.kind == "source" else {"model": None, "input_size": None}
        asked = self.settings.model_copy(update={option.kind: option.value, **others})
        self.message = f"{option.title}: one moment ..."
        self._preparing = asked, _begin(self._prepare, asked)

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

    @property
    def _estimator_now(self) -> str:
        """The family that runs, from its description."""
        described = (self._feed.estimator if self._feed else "").lower()
        return next((name for name, *_ in ESTIMATORS if described.startswith(name)), "")

    def _switch(self, asked: Settings, prepared: Future[Settings]) -> None:
        assert self._feed is not None
        try:
            ready = prepared.result()
        except PosekitError as error:
            self.say(str(error))
            return
        except Exception as error:
            self.say(f"this cannot be had ({type(error).__name__}: {error})")
            return
        self._feed.switch(ready, lambda: self._prepare(asked))
        changed = {
            name: getattr(asked, name)
            for name in ("source", "estimator")
            if getattr(asked, name) != getattr(self.settings, name)
        }
        self.settings = asked
        self._keep(**changed)
        self._switched = True

    def _keep(self, **changed: Any) -> None:
        """Remember what was chosen; a model that was named went with its estimator."""
        self._kept.update(changed)
        if "estimator" in changed:
            self._kept.pop("model", None)
        remember(self._kept, self.say)


def _begin(work: Callable[..., Any], *arguments: Any) -> Future[Any]:
    """Do something in a thread that nobody has to wait for, not even the end of the program."""
    future: Future[Any] = Future()

    def run() -> None:
        try:
            future.set_result(work(*arguments))
        except BaseException as error:
            future.set_exception(error)

    Thread(target=run, name="desk", daemon=True).start()
    return future


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
