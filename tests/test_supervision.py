"""An engine that dies, hangs or grows is replaced; nobody who was there is forgotten, and OSC says so."""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pythonosc.osc_packet import OscPacket

from posekit.clock import SystemClock
from posekit.errors import AssetError
from posekit.runner.engine_feed import EngineFeed
from posekit.runner.feed import Update
from posekit.runner.watchdog import BIG_BYTES, BackOff, Vitals, verdict
from posekit.settings import Settings

WELL = Vitals(silent=0.1, stalled=0.05, frame_seconds=0.03, memory=300_000_000, people=2)
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({}, None),
        ({"silent": 2.5}, "not been heard of"),
        ({"stalled": 2.5}, "at one frame"),
        ({"stalled": 2.5, "frame_seconds": 1.0}, None),
        ({"stalled": 9.0, "frame_seconds": 1.0}, "at one frame"),
        ({"memory": BIG_BYTES + 1}, None),
        ({"memory": BIG_BYTES + 1, "people": 0}, "has grown"),
        ({"memory": 2 * BIG_BYTES + 1}, "has grown"),
    ],
)
def test_when_an_engine_is_replaced(changed: dict[str, float], reason: str | None) -> None:
    found = verdict(Vitals(**{**vars(WELL), **changed}))
    assert (found is None) if reason is None else (reason in str(found))


def test_an_engine_that_fails_at_once_is_given_ever_more_time() -> None:
    back_off = BackOff()
    assert [back_off.next_wait(0.2) for _ in range(7)] == [0.0, 0.5, 1.0, 2.0, 5.0, 5.0, 5.0]
    assert back_off.next_wait(3600.0) == 0.0


class Receiver:
    """Hears OSC and remembers the last value of every address, and every event."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.setblocking(False)
        self.port = self._socket.getsockname()[1]
        self.last: dict[str, object] = {}
        self.counts: dict[str, list[int]] = {}
        self.events: list[tuple[str, int]] = []

    def hear(self) -> None:
        while True:
            try:
                packet = self._socket.recv(65536)
            except BlockingIOError:
                return
            for timed in OscPacket(packet).messages:
                address, values = timed.message.address, timed.message.params
                self.last[address] = values[0]
                if address.startswith("/event/"):
                    self.events.append((address.removeprefix("/event/"), values[1]))
                if "/event/" in address and address.startswith("/p"):
                    self.counts.setdefault(address, []).append(values[0])

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


class Show:
    """A feed that is looked at until something is true."""

    def __init__(self, feed: EngineFeed, receiver: Receiver) -> None:
        self.feed, self.receiver = feed, receiver
        self.story: list[tuple[str, int, str]] = []

    def until(self, what: Callable[[Update], bool], seconds: float = 15.0) -> float:
        """Look until `what` holds; return how long it took."""
        start = time.monotonic()
        while time.monotonic() - start < seconds:
            update = self.feed.poll()
            self.receiver.hear()
            for event in update.events:
                self.story.append((event.name, event.person_id, getattr(event, "reason", "")))
            if what(update):
                return time.monotonic() - start
            time.sleep(0.005)
        raise AssertionError(f"it did not happen within {seconds} s; said: {self.story}")


@pytest.fixture
def show(asset, receiver: Receiver) -> Iterator[Show]:
    clip = str(asset("data/videos/crossing.mp4"))
    said: list[str] = []
    feed = EngineFeed(
        Settings(source=clip, osc=(f"127.0.0.1:{receiver.port}",)), SystemClock(), report=said.append
    )
    show = Show(feed, receiver)
    yield show
    feed.close()


def people_are_here(update: Update) -> bool:
    return bool(update.health.engine and update.scene and update.scene.people)


def engine_is_lost(update: Update) -> bool:
    return not update.health.engine


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "stuck in native code"])
def test_a_lost_engine_is_replaced_within_three_seconds_of_being_noticed(
    number: signal.Signals, show: Show
) -> None:
    show.until(people_are_here)
    first = show.feed._engine.process_id
    os.kill(first, number)
    noticed = show.until(engine_is_lost)
    assert noticed < 3.0
    before = {person for name, person, _ in show.story if name == "enter"}
    assert before
    left = {person for name, person, reason in show.story if name == "leave" and reason == "engine"}
    gone_before = {person for name, person, reason in show.story if name == "leave" and reason == "gone"}
    assert left | gone_before == before
    show.until(lambda _: show.receiver.last.get("/health/engine") == 0, 2.0)
    assert show.receiver.last["/p1/active"] == 0
    assert show.receiver.last["/p1/left_wrist/x"] == 0.0
    assert {person for name, person in show.receiver.events if name == "leave"} >= left
    back = show.until(people_are_here)
    assert back < 6.0  # a second or two on a machine that does nothing else
    again = {person for name, person, _ in show.story if name == "enter"} - before
    assert min(again) > max(before)
    show.until(lambda _: show.receiver.last.get("/health/engine") == 1, 3.0)
    assert show.receiver.last["/p1/active"] == 1
    assert not Path(f"/proc/{first}").exists()


def test_event_counters_never_go_back(show: Show) -> None:
    show.until(people_are_here)
    # A beat carries the counters; it comes every 0.4 s.
    show.until(lambda _: bool(show.feed._engine.counters))
    os.kill(show.feed._engine.process_id, signal.SIGKILL)
    show.until(engine_is_lost)
    show.until(people_are_here)
    show.until(lambda _: show.receiver.last.get("/health/engine") == 1, 3.0)
    assert show.receiver.counts["/p1/event/enter"][-1] >= 2
    for address, counts in show.receiver.counts.items():
        assert counts == sorted(counts), address


def test_sequences_go_on_without_gaps_within_an_epoch(show: Show) -> None:
    events = []
    show.until(people_are_here)
    poll = show.feed.poll

    def note() -> Update:
        update = poll()
        events.extend(update.events)
        return update

    show.feed.poll = note  # type: ignore[method-assign]
    os.kill(show.feed._engine.process_id, signal.SIGKILL)
    show.until(engine_is_lost)
    show.until(people_are_here)
    epochs = [event.epoch for event in events]
    assert epochs == sorted(epochs)
    assert set(epochs) == {1, 2}
    second = [event.sequence for event in events if event.epoch == 2]
    assert second == list(range(1, len(second) + 1))


def test_what_no_new_engine_can_mend_is_raised(asset, receiver: Receiver, tmp_path: Path) -> None:
    asset("models")
    gone = tmp_path / "gone.tflite"
    clip = str(asset("data/videos/crossing.mp4"))
    with pytest.raises(AssetError, match="is not there"):
        EngineFeed(Settings(source=clip, estimator="posenet", model=str(gone)), SystemClock())


def test_a_feed_that_is_not_looked_at_for_long_loses_no_event(show: Show) -> None:
    time.sleep(3.0)  # the window hangs; the engine must not mind
    update = show.feed.poll()
    numbers = [event.sequence for event in update.events]
    assert numbers == list(range(1, len(numbers) + 1))
    assert update.scene is not None
    assert SystemClock().now() - update.scene.captured < 1.0


def test_a_model_that_is_deleted_under_the_engine_is_made_anew(asset, receiver: Receiver) -> None:
    from posekit.engine.prepare import prepare

    clip = str(asset("data/videos/crossing.mp4"))
    wanted = Settings(source=clip, osc=(f"127.0.0.1:{receiver.port}",))
    prepared = prepare(wanted)
    feed = EngineFeed(prepared, SystemClock(), prepare=lambda: prepare(wanted))
    show = Show(feed, receiver)
    try:
        show.until(people_are_here)
        Path(str(prepared.model)).unlink()
        os.kill(feed._engine.process_id, signal.SIGKILL)
        show.until(engine_is_lost)
        show.until(people_are_here)
        assert Path(str(prepared.model)).exists()
    finally:
        feed.close()
