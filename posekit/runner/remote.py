"""What others tell a running show over OSC: pause, reset, estimator, parameters, and what its sketch hears.

| address | what it does |
|---|---|
| `/posekit/pause`, `/posekit/resume`, `/posekit/reset` | unless their argument is 0: a button's release |
| `/posekit/estimator` | goes on with another estimator, by its name |
| `/param/{name}`, `/posekit/param/{name}` | sets a parameter |
| `/preset/{name or number}`, `/preset` with it | loads a preset of parameters |
| `/ping`, `/posekit/ping` | is answered with `/pong` and the same arguments |

Everything else goes to the sketch's `on_osc`, and has no effect where there is none.
"""

from __future__ import annotations

import math
from collections import deque
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from posekit.errors import PosekitError, UnknownNameError
from posekit.outputs.osc.messages import OscMessages
from posekit.runner.asked_preset import AskedPreset
from posekit.runner.changes import ESTIMATORS
from posekit.sketch.parameters import Parameters

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from posekit.clock import Clock
    from posekit.inputs.osc import Letter
    from posekit.inputs.osc.receiver import Counters
    from posekit.runner.changes import Changes
    from posekit.runner.feed import Feed

PAUSE, RESUME, RESET = SWITCHES = ("/posekit/pause", "/posekit/resume", "/posekit/reset")
ESTIMATOR = "/posekit/estimator"
ADDRESSES = (*SWITCHES, ESTIMATOR)
OURS = "/posekit/"
PARAM = ("/param/", "/posekit/param/")
PING, PONG = ("/ping", "/posekit/ping"), "/pong"
TELL_SECONDS = 1.0
"""How often every parameter is told to the targets, for a receiver that was started late."""
NEWS_SECONDS = 1.0
"""Between two sentences about what has arrived."""
MOST_NEWS = 8
"""Sentences that wait; whoever sends nonsense sends more of it."""
MOST_TOLD = 200
"""Complaints remembered, so that each is told once."""
LONGEST_NAME = 60
LONGEST_ADDRESS = 100
"""Letters of an address that is worth a complaint."""


class Heard(NamedTuple):
    """Something for the sketch: the hook to call, and its arguments."""

    hook: str
    arguments: dict[str, Any]


class Receiver(Protocol):
    """Where messages come from: a port, or a pipe from whoever has one."""

    counters: Counters

    @property
    def place(self) -> object:
        """Where others send to, in words that can be shown."""
        ...

    def letters(self) -> Iterator[Letter]:
        """Yield what has arrived, in order, no more than one look allows."""
        ...

    def answer(self, letter: Letter, address: str) -> None:
        """Send a message's arguments back at another address."""
        ...

    def close(self) -> None:
        """Listen no more; twice is harmless."""
        ...


class Remote:
    """Takes what has arrived before every frame, obeys it, and returns the rest for the sketch.

    `hears` says whether the sketch has an `on_osc`; without a receiver only its own messages are sent.
    """

    def __init__(
        self,
        clock: Clock,
        receiver: Receiver | None = None,
        messages: OscMessages | None = None,
        report: Callable[[str], None] | None = None,
    ) -> None:
        self.receiver = receiver
        self.osc = messages or OscMessages(report=report)
        """What `self.osc` is in the sketch."""
        self.is_paused = False
        self.changes: Changes | None = None
        """Who carries out another estimator; None where none can be chosen."""
        self.preset = AskedPreset()
        """Loads presets, where somebody has told it how."""
        self._clock, self._report = clock, report or (lambda _: None)
        self._news: deque[str] = deque(maxlen=MOST_NEWS)
        self._said_at = -math.inf
        self._complained: set[str] = set()
        self._told_at = -math.inf
        self._wants_pause = self._wants_reset = False
        self._wants_estimator = ""

    def listen(self, feed: Feed, parameters: Parameters | None = None, *, hears: bool = False) -> list[Heard]:
        """Do what has been asked for, and return what the sketch is to be told, in order; never raises."""
        parameters = parameters if parameters is not None else Parameters()
        heard: list[Heard] = []
        if self.receiver is not None:
            self._wants_pause, self._wants_reset = self.is_paused, False
            for letter in self.receiver.letters():
                self._take(letter, parameters, heard, hears=hears)
            self._obey(feed)
            if wrong := self.preset.obey():
                self._complain(*wrong)
            if self.changes is not None:
                self.changes.update()
        self._tell(parameters)
        self._say()
        return heard

    def close(self) -> None:
        """Let the port go, and say what of what arrived meant nothing; twice is harmless."""
        if self.receiver is not None:
            self.receiver.close()
            counters = self.receiver.counters
            lost = [
                f"{count} {what}"
                for count, what in (
                    (counters.undecodable, "not readable as OSC"),
                    (counters.refused, "messages with unfit arguments"),
                    (counters.dropped, "lost, too many at once"),
                )
                if count
            ]
            if lost:
                self._report(f"OSC in: {counters.received} packets; {', '.join(lost)}")
            self.receiver = None
        self.osc.close()

    def _take(self, letter: Letter, parameters: Parameters, heard: list[Heard], *, hears: bool) -> None:
        address, arguments = letter.message.address, letter.message.arguments
        if address in SWITCHES:
            self._switch(address, arguments)
        elif address == ESTIMATOR:
            self._choose(arguments)
        elif address in PING:
            assert self.receiver is not None
            self.receiver.answer(letter, PONG)
        elif address.startswith(PARAM) and (len(parameters) or not hears):
            self._set(address, arguments, parameters, heard)
        elif self.preset.is_meant(address) and len(parameters):
            if wrong := self.preset.ask(address, arguments):
                self._refuse(address, wrong)
        elif hears:
            heard.append(Heard("on_osc", {"address": address, "args": arguments}))
        else:
            assert self.receiver is not None
            self.receiver.counters.unknown += 1
            if address.startswith(OURS) or f"/posekit{address}" in ADDRESSES:
                self._complain(address, str(UnknownNameError("address", ascii(address)[1:-1], ADDRESSES)))

    def _switch(self, address: str, arguments: tuple[Any, ...]) -> None:
        wanted = is_pressed(arguments)
        if wanted is None:
            self._refuse(address, f"{address} takes no argument, or 1; found {ascii(arguments[0])[:40]}")
        elif wanted and address == RESET:
            self._wants_reset = True
        elif wanted:
            self._wants_pause = address == PAUSE

    def _choose(self, arguments: tuple[Any, ...]) -> None:
        names = [name for name, *_ in ESTIMATORS]
        if len(arguments) != 1 or not isinstance(arguments[0], str):
            found = ascii(arguments[0])[:40] if arguments else "nothing"
            self._refuse(ESTIMATOR, f"{ESTIMATOR} takes a name: {', '.join(names)}; found {found}")
        elif arguments[0] not in names:
            name = ascii(arguments[0])[1:-1][:LONGEST_NAME]
            self._refuse(f"{ESTIMATOR} {name}", str(UnknownNameError("estimator", name, names)))
        elif self.changes is None or not self.changes.can_change:
            self._refuse(ESTIMATOR, "the estimator cannot be changed here")
        else:
            self._wants_estimator = arguments[0]

    def _set(
        self, address: str, arguments: tuple[Any, ...], parameters: Parameters, heard: list[Heard]
    ) -> None:
        assert self.receiver is not None
        name = address.partition("/param/")[2]
        is_known = name in parameters.declared
        may_complain = self._may_complain(address)
        if not is_known and not may_complain:
            self.receiver.counters.unknown += 1
            return
        try:
            before = parameters[name] if is_known else None
            value = parameters.receive(name[:LONGEST_NAME], arguments, explain=may_complain)
        except PosekitError as error:
            if is_known:
                self._refuse(address, f"parameter {name}: {error}")
            else:
                self.receiver.counters.unknown += 1
                self._complain(address, str(error))
            return
        if value != before:
            heard.append(Heard("on_param", {"name": name, "value": value}))
        elif not _is_same(value, arguments):
            parameters.touch(name)  # whoever asked for too much is told what it is instead

    def _obey(self, feed: Feed) -> None:
        """Tell the engine once a frame at most, however often it was asked for."""
        if self._wants_pause != self.is_paused:
            self.is_paused = self._wants_pause
            feed.pause(self.is_paused)
            self._news.append("paused: nobody is looked for" if self.is_paused else "resumed")
        if self._wants_reset:
            feed.reset()
            self._news.append("reset: everybody is forgotten")
        wanted, self._wants_estimator = self._wants_estimator, ""
        if wanted and self.changes is not None and wanted != self.changes.family:
            self.changes.choose_estimator(wanted, self._note_failure)

    def _note_failure(self, failure: PosekitError | None) -> None:
        if failure is not None:
            self._news.append(f"the estimator stays as it is: {failure}")

    def _tell(self, parameters: Parameters) -> None:
        """Tell the targets the parameters that changed, and now and then all of them."""
        changed = parameters.take_changes()
        now = self._clock.now()
        if now - self._told_at >= TELL_SECONDS:
            self._told_at, changed = now, parameters.values
        self.osc.tell((f"/param/{name}", (value,)) for name, value in changed.items())

    def _refuse(self, address: str, sentence: str) -> None:
        assert self.receiver is not None
        self.receiver.counters.refused += 1
        self._complain(address, sentence)

    def _complain(self, about: str, sentence: str) -> None:
        if self._may_complain(about):
            self._complained.add(about)
            self._news.append(sentence)

    def _may_complain(self, about: str) -> bool:
        """Whether there is room for a complaint, and none was made about the same."""
        is_new = about not in self._complained and len(about) <= LONGEST_ADDRESS
        return is_new and len(self._complained) < MOST_TOLD and len(self._news) < MOST_NEWS

    def _say(self) -> None:
        now = self._clock.now()
        if self._news and now - self._said_at >= NEWS_SECONDS:
            self._said_at = now
            self._report(f"OSC in: {self._news.popleft()}")


def is_pressed(arguments: tuple[Any, ...]) -> bool | None:
    """Whether arguments are a button's press rather than its release; None for what neither can be."""
    if not arguments:
        return True
    first = arguments[0]
    if first is None or isinstance(first, bool):
        return bool(first)
    if isinstance(first, (int, float)) and first == first:
        return first != 0
    return None


def _is_same(value: object, arguments: tuple[Any, ...]) -> bool:
    """Whether a value is what was asked for, as far as a float32 can say."""
    if len(arguments) != 1:
        return False
    asked = arguments[0]
    if isinstance(value, float) and isinstance(asked, (int, float)):
        return math.isclose(value, asked, rel_tol=1e-6, abs_tol=1e-9)
    return bool(value == asked)
