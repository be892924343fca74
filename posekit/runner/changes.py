"""Another estimator or another source while a show runs: prepared in a thread, then handed to the feed."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from threading import Thread
from typing import TYPE_CHECKING, Any

from posekit.errors import EstimatorError, PosekitError, SettingsError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Callable

    from posekit.settings import Settings

    Over = Callable[[PosekitError | None], None]
    """Told how it ended: None, or why it did not."""

ESTIMATORS = (
    ("posenet", "PoseNet", "everybody", "posenet-481x353"),
    ("movenet", "MoveNet", "a few, finer", "movenet-lightning"),
    ("blazepose", "BlazePose", "one person, 33 points", "blazepose-wheel"),
)
"""Name, title, what it sees, and a model of it."""


@dataclass(frozen=True, eq=False)
class _Change:
    asked: Settings
    over: Over


class Changes:
    """What is to be changed of a running show; whoever asks last is obeyed.

    Preparing takes a while, so it is done in a thread, one at a time; `update`, called once a frame, takes in
    what came of it. `prepare` makes settings ready to run, and raises `PosekitError`.
    """

    def __init__(
        self,
        settings: Settings,
        prepare: Callable[[Settings], Settings],
        report: Callable[[str], None] | None = None,
    ) -> None:
        self.settings = settings
        """As they were asked for, before anything was decided: of what runs, or is being opened."""
        self._running = settings
        self._prepare, self._report = prepare, report or (lambda _: None)
        self._feed: Any = None
        self._preparing: tuple[_Change, Future[Settings]] | None = None
        self._next: _Change | None = None
        self._opening: tuple[_Change, Future[str]] | None = None

    def adopt(self, feed: Any, source: str | None = None) -> None:
        """Take over the feed that is to be told; `source` is what the settings' own was decided to be."""
        self._feed = feed if hasattr(feed, "switch") else None
        if source is not None:
            self.settings = self._running = self.settings.model_copy(update={"source": source})

    @property
    def can_change(self) -> bool:
        """Whether there is a feed that can go on with other settings."""
        return self._feed is not None

    @property
    def is_preparing(self) -> bool:
        """Whether something that was asked for has not come as far as the feed."""
        return self._preparing is not None

    @property
    def is_opening(self) -> bool:
        """Whether the feed is about to go on with something that was asked for."""
        return self._opening is not None

    @property
    def wanted(self) -> Settings:
        """The settings that were asked for last."""
        if self._next is not None:
            return self._next.asked
        return self._preparing[0].asked if self._preparing is not None else self.settings

    @property
    def family(self) -> str:
        """The estimator that is wanted, or was chosen where it was left open; empty where none looks."""
        wanted = self.wanted.estimator
        if wanted != "auto":
            return wanted
        described = str(getattr(self._feed, "estimator", "")).lower()
        return next((name for name, *_ in ESTIMATORS if described.startswith(name)), "")

    def choose_estimator(self, name: str, over: Over) -> None:
        """Go on with another estimator; raises `UnknownNameError` for a name that is none's."""
        names = [known for known, *_ in ESTIMATORS]
        if name not in names:
            raise UnknownNameError("estimator", name, names)
        # Another estimator does not run the model that was named for this one.
        self.ask({"estimator": name, "model": None, "input_size": None}, over)

    def ask(self, changed: dict[str, Any], over: Over) -> None:
        """Go on with some settings changed; `over` is told when they run, or why they never will.

        Nobody is told of a change that another one followed before it was carried out.
        """
        change = _Change(self.wanted.model_copy(update=changed), over)
        if self._preparing is not None:
            self._next = change
        else:
            self._begin(change)

    def update(self) -> None:
        """Take in what the thread has prepared, and what the feed has come to."""
        if self._preparing is not None and self._preparing[1].done():
            change, prepared = self._preparing
            following, self._preparing, self._next = self._next, None, None
            if following is not None:
                self._begin(following)
            else:
                self._hand_over(change, prepared)
        if self._opening is not None and self._opening[1].done():
            change, opened = self._opening
            self._opening = None
            self._conclude(change, opened)

    def _begin(self, change: _Change) -> None:
        self._preparing = change, in_thread(self._prepared, change.asked)

    def _prepared(self, asked: Settings) -> Settings:
        """Make settings ready to run; nothing is downloaded for another estimator while a show runs."""
        if asked.estimator != self.settings.estimator:
            _require_here(asked.estimator)
        return self._prepare(asked)

    def _hand_over(self, change: _Change, prepared: Future[Settings]) -> None:
        failure = _failure(prepared)
        if failure is None and self._feed is None:
            failure = SettingsError("what is shown now cannot be changed")
        if failure is not None:
            change.over(failure)
            return
        self.settings = change.asked
        self._opening = (
            change,
            self._feed.switch(prepared.result(), partial(self._prepare, change.asked)),
        )

    def _conclude(self, change: _Change, opened: Future[str]) -> None:
        failure = _failure(opened)
        if failure is not None:
            self.settings = self._running
        else:
            before, self._running = self._running, change.asked
            if before.estimator != change.asked.estimator:
                self._report(f"estimator: {opened.result()}")
        change.over(failure)


def _require_here(estimator: str) -> None:
    from posekit.assets import find_asset, where_is

    for name, title, _, model in ESTIMATORS:
        if name == estimator and where_is(find_asset(model)) == "to download":
            raise SettingsError(f"{title} is not here: posekit models get {model}")


def _failure(future: Future[Any]) -> PosekitError | None:
    """Return why something that is over failed, in a sentence."""
    if future.cancelled():
        return EstimatorError("something else was asked for meanwhile")
    error = future.exception()
    if error is None or isinstance(error, PosekitError):
        return error
    return EstimatorError(f"this cannot be had ({type(error).__name__}: {error})")


def in_thread(work: Callable[..., Any], *arguments: Any) -> Future[Any]:
    """Do something in a thread that nobody has to wait for, not even the end of the program."""
    future: Future[Any] = Future()

    def run() -> None:
        try:
            future.set_result(work(*arguments))
        except BaseException as error:
            future.set_exception(error)

    Thread(target=run, name="changes", daemon=True).start()
    return future
