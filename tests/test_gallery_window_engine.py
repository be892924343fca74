"""An engine that outlives windows: memory that outlives it, renewals, patience, and who is told what."""

from __future__ import annotations

import os
import signal
import sys
import time
from contextlib import closing
from threading import Thread

import pytest
from fault_world import Receiver, Show, engine_is_lost, held, leftovers, people_are_here

from posekit.clock import SystemClock
from posekit.engine.pictures import SharedPictures
from posekit.errors import SettingsError
from posekit.health import CameraState
from posekit.runner.engine_feed import EngineFeed
from posekit.settings import Settings

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
CROWD = "synthetic:people=2,seed=3"


@pytest.fixture
def receiver():
    with closing(Receiver()) as receiver:
        yield receiver


def test_a_renewal_is_no_failure_and_nobody_is_forgotten(receiver: Receiver) -> None:
    settings = Settings(source=CROWD, osc=(f"127.0.0.1:{receiver.port}",))
    with closing(EngineFeed(settings, SystemClock(), waits=0.01)) as feed:
        show = Show(feed, receiver)
        show.until(people_are_here)
        show.hears(lambda receiver: receiver.is_live, 5.0)
        first, began = feed.process_id, feed.started
        renewing = Thread(target=feed.renew, args=("it ran for a day",))
        renewing.start()
        while renewing.is_alive():  # farewells would fill the socket that nobody reads meanwhile
            receiver.hear()
        known = sorted(set(show.entered))
        update = feed.poll()
        show.events += update.events
        assert not update.health.engine
        assert update.scene is not None
        assert update.scene.people == ()
        assert feed.process_id != first
        assert show.left("engine")
        show.hears(lambda receiver: receiver.is_neutral, 5.0)
        show.assert_everyone_left_once(known)
        show.until(people_are_here)
        show.hears(lambda receiver: receiver.is_live, 5.0)
        assert (feed.renewals, feed.restarts) == (1, 0)
        assert "it ran for a day" in feed.last_end
        assert feed.started > began
        assert feed.memory > 1_000_000
        assert min(set(show.entered) - set(known)) > max(known)
        for address, counts in receiver.counts.items():
            assert counts == sorted(counts), address


def test_memory_for_pictures_outlives_engines_that_are_killed(asset, receiver: Receiver) -> None:
    before = held()
    settings = Settings(source=str(asset("data/videos/crossing.mp4")))
    with closing(SharedPictures.create()) as pictures:
        places = []
        with closing(EngineFeed(settings, SystemClock(), with_pictures=False, pictures=pictures)) as feed:
            show = Show(feed, receiver)
            for _ in range(2):
                show.until(lambda update: update.health.engine and update.place)
                update = feed.poll()
                assert update.picture is None
                assert pictures.read(update.place) is not None
                places.append(update.place)
                if len(places) == 1:
                    os.kill(feed.process_id, signal.SIGKILL)
                    show.until(engine_is_lost)
                    assert feed.poll().place is None
            assert (feed.restarts, feed.renewals) == (1, 0)
            assert "signal 9" in feed.last_end
        assert places[0][1] < places[1][1]
        assert pictures.read(places[1]) is not None, "the last picture is still there when no engine is"
    assert leftovers(before, held()) == []


def test_a_patient_feed_waits_for_nobody_and_goes_on_without_a_camera() -> None:
    said: list[str] = []
    begin = time.monotonic()
    missing = Settings(source="rtsp://127.0.0.1:9/none")
    with closing(EngineFeed(missing, SystemClock(), waits=0.05, patient=True, report=said.append)) as feed:
        assert time.monotonic() - begin < 2.0
        update = feed.poll()
        assert (update.scene, update.health.engine, update.health.camera) == (None, False, CameraState.LOST)
        assert feed.is_live
        end = time.monotonic() + 15.0
        while not feed.is_ready and time.monotonic() < end:
            feed.poll()
        assert feed.is_ready, said
        assert feed.restarts == 0


def test_a_look_waits_no_longer_than_it_is_told() -> None:
    with closing(EngineFeed(Settings(source="synthetic:people=0"), SystemClock(), waits=0.02)) as feed:
        for _ in range(5):
            feed.poll()
        os.kill(feed.process_id, signal.SIGSTOP)
        try:
            feed.poll()
            begin = time.monotonic()
            for _ in range(5):
                feed.poll()
            assert 0.09 < time.monotonic() - begin < 1.0
        finally:
            os.kill(feed.process_id, signal.SIGCONT)


def test_what_cannot_be_is_raised_by_a_patient_feed_too() -> None:
    wrong = Settings(source=CROWD, osc=("x:y",))
    with closing(EngineFeed(wrong, SystemClock(), waits=0.05, patient=True)) as feed:
        end = time.monotonic() + 15.0
        with pytest.raises(SettingsError):
            while time.monotonic() < end:
                feed.poll()
