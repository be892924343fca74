"""The runner's side of an engine: starts the process, listens to it, and ends it, always."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import deque
from contextlib import suppress
from dataclasses import replace
from functools import partial
from threading import Condition, Thread
from typing import TYPE_CHECKING, Any

import psutil

from posekit import errors
from posekit.clock import SystemClock
from posekit.engine.answers import Ready, Switched, Taken, as_error, read_switched
from posekit.engine.order import Order
from posekit.engine.outbox import EVENT_LIMIT
from posekit.engine.pictures import SharedPictures
from posekit.engine.wire import Message, read_events, read_messages, read_scene

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from posekit.clock import Clock
    from posekit.scene import Event
    from posekit.settings import Settings

STOP_SECONDS = 0.95
"""How long an engine may take to end before it is killed; it ends itself a little sooner."""
START_SECONDS = 60.0
"""How long an engine may take until it is ready: a slow disk, a cold cache, a network camera."""
LONGEST_LINE = 8192
"""Bytes of a line that it prints."""


class Engine:
    """An engine process and what it said last.

    A thread reads the pipe all the time, so a window that is busy costs the engine nothing: the newest scene
    replaces the one before, events gather until they are taken. Make one in a thread that lives as long as
    the engine is to: on Linux it ends with that thread. `pictures` is memory for pictures that whoever made
    it also closes; engines that share one differ in `epoch`.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        epoch: int = 1,
        first_id: int = 1,
        counters: Mapping[str, int] | None = None,
        nice: int = 0,
        paused: bool = False,
        patient: bool = False,
        pictures: SharedPictures | None = None,
        clock: Clock | None = None,
        report: Callable[[str], None] | None = None,
    ) -> None:
        self._clock = clock or SystemClock()
        self._report = report or (lambda _: None)
        self._owns_pictures = pictures is None
        self._pictures = pictures or SharedPictures.create()
        self._changed = Condition()
        self._newest: Message | None = None
        self._events: deque[Event] = deque(maxlen=EVENT_LIMIT)
        self._failure: errors.PosekitError | None = None
        self._ready: Ready | None = None
        self._switched: deque[Switched] = deque()
        self._ended = False
        self.has_finished = False
        """Whether its source came to its end; false when the engine was lost."""
        self._last_words: deque[str] = deque(maxlen=40)
        order = Order(
            settings.model_dump(mode="json"),
            self._pictures.handle,
            os.getpid(),
            nice=nice,
            paused=paused,
            patient=patient,
            epoch=epoch,
            first_id=first_id,
            counters=dict(counters or {}),
        )
        self.epoch = epoch
        self.started = self.heard = self._clock.now()
        """When it was started, and when it was heard of last, in seconds."""
        self.stalled = 0.0
        """Seconds that its loop had been at one frame, when it was heard of last."""
        self.counters: dict[str, int] = dict(counters or {})
        """How often it has sent each event over OSC, as of its last beat."""
        try:
            self._process = self._start(order)
        except BaseException:
            if self._owns_pictures:
                self._pictures.close()
            raise
        self._threads = [
            Thread(target=target, name=f"engine-{name}", daemon=True)
            for name, target in (("messages", self._listen), ("stderr", self._overhear))
        ]
        for thread in self._threads:
            thread.start()

    def _start(self, order: Order) -> subprocess.Popen[bytes]:
        descriptor = self._pictures.descriptor
        process = subprocess.Popen(
            [sys.executable, "-m", "posekit.engine"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=() if descriptor is None else (descriptor,),
            env={**os.environ, "PYTHONSAFEPATH": "1"},
        )
        assert process.stdin is not None
        process.stdin.write(order.encode())
        process.stdin.flush()
        return process

    @property
    def process_id(self) -> int:
        """The engine's process id."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether it still runs."""
        return not self._ended

    @property
    def ready(self) -> Ready | None:
        """What it said when it began to run; None before."""
        return self._ready

    @property
    def memory(self) -> int:
        """Its resident bytes; 0 once it has ended."""
        try:
            return int(psutil.Process(self._process.pid).memory_info().rss)
        except psutil.Error:
            return 0

    def watch_zones(self, tables: Sequence[dict[str, Any]]) -> None:
        """Have it watch other zones from its next frame on; nothing happens when it has ended."""
        self._tell({"zones": list(tables)})

    def pause(self, paused: bool) -> None:
        """Have it look for nobody from its next frame on, or look again."""
        self._tell({"paused": paused})

    def reset(self) -> None:
        """Have it forget everybody before its next frame."""
        self._tell({"reset": True})

    def switch(self, number: int, settings: Settings) -> None:
        """Have it go on with the estimator of other, prepared settings, and answer under a number."""
        self._tell({"switch": number, "settings": settings.model_dump(mode="json")})

    def kill(self) -> None:
        """End it at once, without grace."""
        self._process.kill()

    def wait_ready(self, seconds: float = START_SECONDS) -> Ready:
        """Wait until the engine runs; raises what kept it from starting."""
        with self._changed:
            self._changed.wait_for(lambda: self._ready or self._ended, seconds)
            if self._ready is not None:
                return self._ready
        if self._ended:
            raise self.failure()
        raise errors.EngineError(f"the engine was not ready after {seconds:g} s")

    def wait_scene(self, seconds: float) -> bool:
        """Wait for a scene that has not been taken yet; False when none came in time."""
        with self._changed:
            return bool(self._changed.wait_for(lambda: self._newest or self._ended, seconds) and self._newest)

    def take_scene(self, *, with_picture: bool = True) -> Taken | None:
        """Return the newest scene with its picture and its mask, or None when there is none since."""
        with self._changed:
            message, self._newest = self._newest, None
        if message is None:
            return None
        scene, health, place = read_scene(message)
        masked = bool(message.data["masked"])
        if place is None:
            return Taken(scene, health, has_mask=masked)
        picture = self._pictures.read(place) if with_picture else None
        mask = self._pictures.read_mask(place) if masked else None
        return Taken(scene, health, picture, mask, has_picture=True, has_mask=masked, place=place)

    def take_events(self) -> tuple[Event, ...]:
        """Return every event since they were last taken, in order."""
        with self._changed:
            events = tuple(self._events)
            self._events.clear()
        return events

    def take_switched(self) -> Switched | None:
        """Return the next answer to `switch`, if there is one."""
        with self._changed:
            return self._switched.popleft() if self._switched else None

    def failure(self) -> errors.PosekitError:
        """Return why the engine ended."""
        if self._failure is not None:
            return self._failure
        code = self._process.poll()
        if code is not None and code < 0:
            how = f"was killed by signal {-code}" + (", perhaps for lack of memory" if code == -9 else "")
        else:
            how = f"ended with code {code}"
        words = f" ({self._last_words[-1]})" if self._last_words else ""
        return errors.EngineError(f"the engine {how}{words}", self._last_words)

    def close(self) -> None:
        """End the process, within a second, and release everything; twice is harmless."""
        if self._process.stdin and not self._process.stdin.closed:
            with suppress(BrokenPipeError):  # it may be gone already
                self._process.stdin.close()
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            for thread in self._threads:
                thread.join(1.0)
            for stream in (self._process.stdout, self._process.stderr):
                if stream:
                    stream.close()
            self._newest = None  # its picture goes with the memory
            if self._owns_pictures:
                self._pictures.close()

    def _tell(self, what: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        with suppress(OSError, ValueError):  # it may be gone, and its pipe closed
            self._process.stdin.write(json.dumps(what).encode() + b"\n")
            self._process.stdin.flush()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        try:
            for message in read_messages(self._process.stdout):
                self._hear(message)
        finally:
            # Closing the pipe and ending are two things; the exit code belongs to the story.
            self._wait_exit()
            with self._changed:
                self._ended = True
                self._changed.notify_all()

    def _wait_exit(self) -> None:
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()

    def _hear(self, message: Message) -> None:
        self.heard = self._clock.now()
        if message.kind == "report":
            self._report(message.data["text"])
            return
        with self._changed:
            if message.kind == "scene":
                self._newest, self.stalled = message, 0.0
            elif message.kind == "events":
                self._add_events(read_events(message))
            elif message.kind == "beat":
                self.stalled, self.counters = message.data["stalled"], message.data["counters"]
            elif message.kind == "ready":
                self._ready = Ready(**message.data)
            elif message.kind == "switched":
                self._hear_switched(message.data)
            elif message.kind == "end":
                self.has_finished = True
            elif message.kind == "failure":
                self._failure = as_error(message.data)
            self._changed.notify_all()

    def _hear_switched(self, data: dict[str, Any]) -> None:
        self._switched.append(read_switched(data))
        if self._ready is not None and data["estimator"]:
            self._ready = replace(self._ready, estimator=data["estimator"])

    def _add_events(self, events: Sequence[Event]) -> None:
        lost = len(self._events) + len(events) - EVENT_LIMIT
        if lost > 0:
            self._report(f"overflow: {lost} events were lost, because nobody took them")
        self._events.extend(events)

    def _overhear(self) -> None:
        assert self._process.stderr is not None
        # What never ends a line must not fill our memory.
        for line in iter(partial(self._process.stderr.readline, LONGEST_LINE), b""):
            text = line.decode(errors="replace").strip()
            if text:
                self._last_words.append(text)
