"""The engine process: `python -m posekit.engine`, started and owned by a runner.

The first line on stdin is the order, as JSON; when stdin closes, the owner is gone and the engine ends. It
answers on stdout with the messages of `posekit.engine.wire`, and never runs a line of the user's own code.
"""

from __future__ import annotations

import json
import os
import signal
from contextlib import closing
from threading import Thread, Timer
from typing import TYPE_CHECKING, Any

from posekit import errors
from posekit.clock import SystemClock
from posekit.engine.heartbeat import Heartbeat
from posekit.engine.order import Order
from posekit.engine.outbox import Outbox
from posekit.engine.owned import STDIN, claim_stdout, die_with_owner
from posekit.engine.pictures import SharedPictures
from posekit.engine.session import Session
from posekit.engine.wire import Message, scene_message
from posekit.settings import Settings
from posekit.zones import Zone, zones_from_tables

if TYPE_CHECKING:
    from posekit.estimators.switching import Over

LAST_RESORT_SECONDS = 0.9
"""How long the engine may take to end in good order before it ends itself without."""


class Stop:
    """What the owner says, for the session; and the end: in good order, or else without."""

    def __init__(self, *, paused: bool = False) -> None:
        self.is_asked = False
        self.session: Session | None = None
        self._zones: tuple[Zone, ...] | None = None
        self._switch: tuple[Settings, Over] | None = None
        self._paused = paused

    def attach(self, session: Session) -> None:
        """Take the session that is to be ended, and hand it what came before there was one."""
        self.session = session
        session.pause(self._paused)
        if self._zones is not None:
            session.watch_zones(self._zones)
        if self._switch is not None:
            session.switch(*self._switch)

    def switch(self, settings: Settings, over: Over) -> None:
        """Have another estimator look as soon as it is open; may be called from any thread."""
        self._switch = settings, over
        if self.session is not None:
            self.session.switch(settings, over)

    def watch_zones(self, zones: tuple[Zone, ...]) -> None:
        """Have these zones watched from the next frame on; may be called from any thread."""
        self._zones = zones
        if self.session is not None:
            self.session.watch_zones(zones)

    def pause(self, paused: bool) -> None:
        """Have nobody looked for, or look again; may be called from any thread."""
        self._paused = paused
        if self.session is not None:
            self.session.pause(paused)

    def reset(self) -> None:
        """Have everybody forgotten; may be called from any thread."""
        if self.session is not None:
            self.session.reset()

    def ask(self) -> None:
        """End soon; may be called from any thread and from a signal handler."""
        self.is_asked = True
        timer = Timer(LAST_RESORT_SECONDS, os._exit, (1,))
        timer.daemon = True
        timer.start()
        if self.session is not None:
            self.session.source.close()


def main() -> int:
    """Run the engine until its owner or its source ends; returns the exit code."""
    answers = claim_stdout()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the owner decides
    lines = _Lines()
    line = lines.read()
    if not line:
        return 1
    order = Order(**json.loads(line))
    if order.nice and hasattr(os, "nice"):
        os.nice(order.nice)
    outbox, stop = Outbox(answers), Stop(paused=order.paused)
    for name in ("SIGTERM", "SIGHUP", "SIGBREAK"):  # the last two are not everywhere
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda _number, _frame: stop.ask())
    die_with_owner(order.owner)
    Thread(target=_watch_owner, args=(stop, lines, outbox), name="owner", daemon=True).start()
    try:
        _run(order, outbox, stop)
        code = 0
    except errors.PosekitError as error:
        outbox.put(Message("failure", {"type": type(error).__name__, "text": str(error)}))
        code = error.exit_code
    outbox.close()
    return code


def _run(order: Order, outbox: Outbox, stop: Stop) -> None:
    def report(text: str) -> None:
        outbox.put(Message("report", {"text": text}))

    clock = SystemClock()
    has_ended = False
    with (
        closing(SharedPictures.open(order.pictures, order.epoch)) as pictures,
        Session(
            Settings(**order.settings),
            clock,
            epoch=order.epoch,
            first_id=order.first_id,
            counters=order.counters,
            allocate=pictures.allocate,
            patient=order.patient,
            report=report,
        ) as session,
        closing(Heartbeat(outbox, clock, lambda: {"counters": dict(session.counters)})) as heartbeat,
    ):
        stop.attach(session)
        outbox.put(Message("ready", _describe(session)))
        for moment in session.moments():
            heartbeat.step()
            frame = moment.step.frame
            mask = moment.step.estimate.mask
            place = pictures.publish(frame.pixels, mask) if frame is not None else None
            message = scene_message(moment.step.scene, moment.health, place, masked=mask is not None)
            outbox.publish(message, moment.step.events)
            if stop.is_asked or outbox.is_broken:
                break
        else:
            has_ended = not stop.is_asked
    if has_ended:
        outbox.put(Message("end", {}))  # the source has: nobody need start another engine


def _describe(session: Session) -> dict[str, Any]:
    return {
        "source": session.source.description,
        "is_camera": session.source.is_camera,
        "rate": session.source.rate,
        "estimator": session.estimator,
    }


def _watch_owner(stop: Stop, lines: _Lines, outbox: Outbox) -> None:
    """Do what the owner says until stdin closes, which it does however the owner ends."""
    while line := lines.read():
        try:
            _obey(json.loads(line), stop, outbox)
        except (errors.PosekitError, ValueError, KeyError, TypeError) as error:
            outbox.put(Message("report", {"text": f"the engine was told what it cannot do: {error}"}))
    stop.ask()


def _obey(told: dict[str, Any], stop: Stop, outbox: Outbox) -> None:
    """Do one thing that the owner said.

    `{"zones": [...]}`, `{"paused": true}`, `{"reset": true}`, or `{"switch": 3, "settings": {...}}`, which is
    answered under its number.
    """
    if "paused" in told:
        stop.pause(bool(told["paused"]))
    elif "reset" in told:
        stop.reset()
    elif "switch" in told:
        _switch(int(told["switch"]), Settings(**told["settings"]), stop, outbox)
    else:
        stop.watch_zones(zones_from_tables(told["zones"], "zones"))


def _switch(number: int, settings: Settings, stop: Stop, outbox: Outbox) -> None:
    """Have another estimator look, and answer when it does, or that it cannot."""

    def over(error: errors.PosekitError | None) -> None:
        name = stop.session.estimator if stop.session is not None else ""
        failure = None if error is None else {"type": type(error).__name__, "text": str(error)}
        outbox.put(Message("switched", {"number": number, "estimator": name, "failure": failure}))

    stop.switch(settings, over)


class _Lines:
    """Reads stdin line by line.

    By the descriptor: a thread that waits in Python's own buffered stdin would hold its lock for ever, and
    the interpreter could not end.
    """

    def __init__(self) -> None:
        self._rest = b""

    def read(self) -> bytes:
        """Return the next line, or nothing when stdin has closed."""
        while b"\n" not in self._rest:
            part = os.read(STDIN, 65536)
            if not part:
                return b""
            self._rest += part
        line, _, self._rest = self._rest.partition(b"\n")
        return line
