"""What may be asked of a show over OSC: every action, its state, and what a sketch hears anyway.

| address | what it does |
|---|---|
| `/posekit/gallery/{action}` | asks for the action, with its value; 0 is a release, or a switch's off |
| `/posekit/gallery/state` | is answered at the same address: phase, healthy, people, fps, names of troubles |
| `/posekit/pause`, `/posekit/resume`, `/posekit/reset`, `/posekit/estimator` | as in `runner.remote` |
| `/ping`, `/posekit/ping` | is answered with `/pong` and the same arguments |

All else is passed on to the sketch's window: parameters, presets, and messages of its own.
"""

from __future__ import annotations

import json
import math
from collections import deque
from typing import TYPE_CHECKING, Any

from posekit.clock import SystemClock
from posekit.errors import PosekitError, SettingsError, UnknownNameError
from posekit.outputs.osc.encode import real, whole
from posekit.outputs.osc.messages import build_message
from posekit.runner.remote import ESTIMATOR, PAUSE, PING, PONG, RESET, RESUME, is_pressed
from posekit.show.actions import ACTIONS

if TYPE_CHECKING:
    from collections.abc import Callable

    from posekit.clock import Clock
    from posekit.inputs.osc import Letter, OscReceiver
    from posekit.show.actions import Desk

PREFIX = "/posekit/gallery/"
STATE = f"{PREFIX}state"
ORIGIN = "osc"
HOURS = ("open", "close", "schedule")
"""Of these only the last one counts."""
HEAVY = ("restart", "restart-window", "restart-engine", "reload", "calibrate-view")
REST_SECONDS = 2.0
"""Between two of the same that are heavy: a button that chatters asks once."""
MOST_ANSWERS = 20
"""States told in a second: an answer is larger than its question, and a question's sender can be forged."""
MOST_NEWS = 8
MOST_TOLD = 200
"""Complaints remembered, so that each is told once."""
NEWS_SECONDS = 1.0
LONGEST = 60
"""Letters of a name that is told."""
LONGEST_TEXT = 10_000
"""Letters of a value."""


class OscActions:
    """Takes what has arrived, asks the desk for what is the show's, and passes the rest on; never raises."""

    def __init__(
        self,
        receiver: OscReceiver,
        desk: Desk,
        pass_on: Callable[[list[Letter]], None],
        report: Callable[[str], None] | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.receiver = receiver
        self._desk, self._pass_on = desk, pass_on
        self._report, self._clock = report or (lambda _: None), clock or SystemClock()
        self._wanted: dict[tuple[str, str], Any] = {}
        self._asked_at: dict[str, float] = {}
        self._answers, self._second = 0, -math.inf
        self._news: deque[str] = deque(maxlen=MOST_NEWS)
        self._told: set[str] = set()
        self._said_at = -math.inf

    def update(self) -> None:
        """Take what has arrived since the last round, a bounded amount of it."""
        rest: list[Letter] = []
        for letter in self.receiver.letters():
            try:
                if not self._take(letter):
                    rest.append(letter)
            except PosekitError as error:
                self._refuse(letter.message.address, str(error))
        self._ask()
        if rest:
            self._pass_on(rest)
        self._say()

    def close(self) -> None:
        """Let the port go; twice is harmless."""
        self.receiver.close()

    def _take(self, letter: Letter) -> bool:
        """Note what a letter asks for; returns False when it is not for the show."""
        address, arguments = letter.message.address, letter.message.arguments
        if address in PING:
            self.receiver.answer(letter, PONG)
        elif address == STATE:
            self._answer(letter)
        elif address.startswith(PREFIX):
            self._want(address.removeprefix(PREFIX), arguments)
        elif address in (PAUSE, RESUME):
            if _pressed(address, arguments):
                self._note("pause", address == PAUSE)
        elif address == RESET:
            if _pressed(address, arguments):
                self._note("reset", None)
        elif address == ESTIMATOR:
            self._want("estimator", arguments)
        else:
            return False
        return True

    def _want(self, name: str, arguments: tuple[Any, ...]) -> None:
        kind = ACTIONS.get(name)
        if kind is None:
            raise UnknownNameError("action", ascii(name)[1:-1][:LONGEST], (*ACTIONS, "state"))
        if kind.takes is None:
            if _pressed(PREFIX + name, arguments):
                self._note(name, None)
        elif kind.takes is bool:
            self._note(name, _pressed(PREFIX + name, arguments))
        else:
            self._note(name, _value(name, arguments))

    def _note(self, name: str, value: Any) -> None:
        """Keep a wish until all letters are read: of several that undo each other the last one counts."""
        about = "hours" if name in HOURS else name
        part = str(value["name"]) if name == "parameter" else ""
        self._wanted.pop((about, part), None)
        self._wanted[about, part] = (name, value)

    def _ask(self) -> None:
        wanted, self._wanted = self._wanted, {}
        now = self._clock.now()
        for name, value in wanted.values():
            if name in HEAVY:
                if now - self._asked_at.get(name, -math.inf) < REST_SECONDS:
                    continue
                self._asked_at[name] = now
            try:
                self._desk.ask(name, value, ORIGIN)
            except PosekitError as error:
                self._refuse(PREFIX + name, str(error))

    def _answer(self, letter: Letter) -> None:
        arguments = letter.message.arguments
        if len(arguments) > 1 or not _pressed(STATE, arguments):
            return  # an answer of another show's, which must not be answered in turn, or a button's release
        now = self._clock.now()
        if now - self._second >= 1.0:
            self._answers, self._second = 0, now
        self._answers += 1
        if self._answers > MOST_ANSWERS:
            return
        state = self._desk.state()
        self.receiver.reply(
            letter,
            build_message(
                STATE,
                (
                    ("s", state.phase),
                    ("i", whole(state.is_healthy)),
                    ("i", whole(state.people)),
                    ("f", real(state.fps)),
                    *(("s", trouble.name) for trouble in state.troubles),
                ),
            ),
        )

    def _refuse(self, address: str, sentence: str) -> None:
        self.receiver.counters.refused += 1
        if address in self._told or len(address) > 2 * LONGEST or len(self._told) >= MOST_TOLD:
            return
        if len(self._news) < MOST_NEWS:
            self._told.add(address)
            self._news.append(sentence)

    def _say(self) -> None:
        now = self._clock.now()
        if self._news and now - self._said_at >= NEWS_SECONDS:
            self._said_at = now
            self._report(f"OSC in: {self._news.popleft()}")


def _pressed(address: str, arguments: tuple[Any, ...]) -> bool:
    pressed = is_pressed(arguments)
    if pressed is None or len(arguments) > 1:
        raise SettingsError(f"{address} takes no argument, or 1 or 0; found {ascii(arguments)[:LONGEST]}")
    return pressed


def _value(name: str, arguments: tuple[Any, ...]) -> Any:
    """Return the value of an action that takes one; `SettingsError` for what can be none."""
    if not all(map(_is_plain, arguments)):
        raise SettingsError(f"{PREFIX}{name} takes numbers and texts; found {ascii(arguments)[:LONGEST]}")
    if name == "parameter":
        if len(arguments) < 2 or not isinstance(arguments[0], str):
            raise SettingsError(
                f"{PREFIX}parameter takes a name and its value; found {ascii(arguments)[:LONGEST]}"
            )
        value = arguments[1] if len(arguments) == 2 else list(arguments[1:])
        return {"name": arguments[0], "value": value}
    if name == "ignore" and not arguments:
        return None
    if len(arguments) != 1:
        raise SettingsError(f"{PREFIX}{name} takes one value; found {len(arguments)}")
    (value,) = arguments
    if name == "zones":
        return _tables(value)
    if name == "preset" and isinstance(value, float) and value.is_integer():
        return int(value)  # a fader's number
    return value


def _is_plain(value: object) -> bool:
    """Whether a value is one that any part of a show can be told."""
    if isinstance(value, str):
        return len(value) <= LONGEST_TEXT
    if isinstance(value, float):
        return math.isfinite(value)
    return value is None or isinstance(value, (bool, int))


def _tables(text: object) -> Any:
    """Return zones that are written as JSON."""
    try:
        tables = json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        tables = None
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise SettingsError(f"{PREFIX}zones takes one text: a list of zones as JSON")
    return tables
