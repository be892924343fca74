"""An engine that dies, hangs or grows is replaced; nobody who was there is forgotten, and OSC says so."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from fault_world import (
    RECOVERY_SECONDS,
    Receiver,
    Show,
    engine_is_lost,
    opened,
    people_are_here,
    record,
    survive,
)

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


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture
def show(asset, receiver: Receiver) -> Iterator[Show]:
    with opened(Settings(source=str(asset("data/videos/crossing.mp4"))), receiver) as show:
        yield show


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "stuck in native code"])
def test_a_lost_engine_is_replaced_within_three_seconds_of_being_noticed(
    number: signal.Signals, show: Show
) -> None:
    survive(show, number.name, lambda: os.kill(show.feed._engine.process_id, number))


def test_event_counters_never_go_back(show: Show) -> None:
    show.until(people_are_here)
    # A beat carries the counters; it comes every 0.4 s.
    show.until(lambda _: show.feed._engine.counters.get("p1/enter"))
    os.kill(show.feed._engine.process_id, signal.SIGKILL)
    show.until(engine_is_lost)
    show.until(people_are_here)
    show.until(lambda _: show.receiver.last.get("/health/engine") == 1, 3.0)
    counted = show.receiver.counts["/p1/event/enter"]
    show.until(lambda _: counted[-1] >= 2, 3.0)  # the packet may still be on its way
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
    show.waits(3.0)  # the window hangs; the engine must not mind
    update = show.feed.poll()
    numbers = [event.sequence for event in update.events]
    assert numbers == list(range(1, len(numbers) + 1))
    assert update.scene is not None
    assert SystemClock().now() - update.scene.captured < 1.0


def test_a_model_that_is_deleted_under_the_engine_is_made_anew(asset, receiver: Receiver) -> None:
    from posekit.engine.prepare import prepare

    wanted = Settings(source=str(asset("data/videos/crossing.mp4")))
    prepared = prepare(wanted)
    model = Path(str(prepared.model))
    osc = {"osc": (f"127.0.0.1:{receiver.port}",)}

    def again() -> Settings:
        return prepare(wanted).model_copy(update=osc)

    with opened(prepared, receiver, prepare=again) as show:
        show.until(people_are_here)
        model.unlink()
        assert show.until(people_are_here) < 1.0  # the running engine has it in memory
        os.kill(show.feed._engine.process_id, signal.SIGKILL)
        show.until(engine_is_lost)
        known = sorted(set(show.entered))
        show.hears(lambda receiver: receiver.is_neutral, 1.0)
        back = show.until(people_are_here)
        show.hears(lambda receiver: receiver.is_live)
        show.assert_everyone_left_once(known)
        record("model deleted", people_again=back)
        assert model.exists()
        assert back < RECOVERY_SECONDS
