"""The engine: what crosses to its owner, and that nothing is left when either side ends."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Event as Flag

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posekit.engine.outbox import Outbox
from posekit.engine.owner import Engine
from posekit.engine.pictures import LARGEST, SharedPictures
from posekit.engine.wire import Message, events_message, read_events, read_messages, read_scene, scene_message
from posekit.errors import EngineError, SettingsError, SourceError
from posekit.health import CameraState, Health
from posekit.pose import Pose
from posekit.scene import Empty, Enter, First, Leave, Person, Scene
from posekit.settings import Settings
from posekit.skeleton import BLAZEPOSE_33


def a_pose(seed: int, *, rich: bool = False) -> Pose:
    numbers = np.random.default_rng(seed)
    xy = numbers.random((17, 2)).astype(np.float32)
    xy[seed % 17] = np.nan
    detail = None
    world = None
    if rich:
        world = numbers.random((17, 3)).astype(np.float32)
        detail = Pose(numbers.random((33, 2)), numbers.random(33), 0.5, BLAZEPOSE_33)
    return Pose(xy, numbers.random(17), 0.25, detail=detail, world=world)


def a_scene(count: int, *, rich: bool = False) -> Scene:
    people = tuple(
        Person(at + 1, at + 1 if at < 6 else None, a_pose(at, rich=rich), 1.5, a_pose(at + 50).xy, 9.0)
        for at in range(count)
    )
    return Scene(7, (640, 480), 1.0, 1.25, 1.5, people, (a_pose(99),), count or None, 3)


def same_pose(one: Pose, other: Pose) -> bool:
    return bool(
        np.array_equal(one.xy, other.xy, equal_nan=True)
        and np.array_equal(one.scores, other.scores)
        and one.score == other.score
        and one.skeleton == other.skeleton
        and (one.world is None) == (other.world is None)
        and (one.detail is None or (other.detail is not None and same_pose(one.detail, other.detail)))
    )


@pytest.mark.parametrize("rich", [False, True])
@pytest.mark.parametrize("count", [0, 1, 10])
def test_a_scene_arrives_as_it_was_sent(count: int, rich: bool) -> None:
    sent = a_scene(count, rich=rich)
    health = Health(camera=CameraState.FROZEN, fps=29.5, latency_ms=31.0, dropped=3)
    stream = io.BytesIO(scene_message(sent, health, (2, 44)).encode())
    (message,) = read_messages(stream)
    scene, arrived, place = read_scene(message)
    assert (arrived, place) == (health, (2, 44))
    assert arrived.camera is CameraState.FROZEN
    assert len(scene.people) == len(sent.people) == count
    for one, other in zip(sent.people, scene.people, strict=True):
        assert (one.id, one.slot, one.age, one.seen) == (other.id, other.slot, other.age, other.seen)
        assert same_pose(one.pose, other.pose)
        assert np.array_equal(one.velocity, other.velocity, equal_nan=True)
    assert len(scene.candidates) == 1
    assert same_pose(scene.candidates[0], sent.candidates[0])
    for name in ("index", "size", "captured", "estimated", "published", "lead_id", "dropped"):
        assert getattr(scene, name) == getattr(sent, name)


def test_events_arrive_as_they_were_sent() -> None:
    sent = (
        First(1, 1, 0.5, epoch=2, sequence=1),
        Enter(1, None, 0.5, epoch=2, sequence=2),
        Leave(1, 3, 2.5, visit=2.0, reason="engine", epoch=2, sequence=3),
        Empty(time=9.0, epoch=2, sequence=4),
    )
    (message,) = read_messages(io.BytesIO(events_message(sent).encode()))
    assert read_events(message) == sent


@settings(deadline=None)
@given(cut=st.integers(0, 500))
def test_a_stream_that_breaks_off_ends_the_messages(cut: int) -> None:
    whole = Message("report", {"text": "hello"}, b"12345678").encode()
    messages = list(read_messages(io.BytesIO(whole + (whole * 10)[:cut])))
    assert len(messages) == 1 + min(cut, len(whole) * 10) // len(whole)
    assert {message.data["text"] for message in messages} == {"hello"}


def test_a_reader_that_stalls_gets_the_newest_scene_and_every_event() -> None:
    read_end, write_end = os.pipe()
    with os.fdopen(read_end, "rb") as reader, os.fdopen(write_end, "wb") as writer:
        outbox = Outbox(writer)
        for at in range(3000):
            scene = Scene(at, (640, 480), at, at, at)
            events = [Enter(at, None, float(at), sequence=at + 1)] if at % 2 else []
            outbox.publish(scene_message(scene, Health(), None), events)
        outbox.put(Message("end", {}))
        messages = []
        for message in read_messages(reader):
            messages.append(message)
            if message.kind == "scene" and message.data["index"] == 2999:
                break
        outbox.close()
    scenes = [message.data["index"] for message in messages if message.kind == "scene"]
    events = [event for message in messages if message.kind == "events" for event in read_events(message)]
    assert scenes == sorted(scenes)
    assert len(scenes) < 3000
    assert [event.sequence for event in events] == list(range(2, 3001, 2))


class Blocked(io.RawIOBase):
    """A pipe that takes nothing until it is released."""

    def __init__(self) -> None:
        self.released = Flag()
        self.written: list[bytes] = []

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self.released.wait(10)
        self.written.append(bytes(data))
        return len(data)


def test_too_many_events_lose_the_oldest_and_say_so() -> None:
    stream = Blocked()
    outbox = Outbox(stream, event_limit=10)  # type: ignore[arg-type]
    outbox.put(Message("report", {"text": "the first write blocks"}))
    while outbox._others:
        time.sleep(0.001)
    empty = scene_message(Scene(0, (1, 1), 0, 0, 0), Health(), None)
    outbox.publish(empty, [Enter(at, sequence=at) for at in range(1, 26)])
    stream.released.set()
    outbox.close()
    messages = list(read_messages(io.BytesIO(b"".join(stream.written))))
    (lost,) = [message for message in messages[1:] if message.kind == "report"]
    assert lost.data["text"] == "overflow: 15 events were lost"
    events = [event for message in messages if message.kind == "events" for event in read_events(message)]
    assert [event.sequence for event in events] == list(range(16, 26))


def test_pictures_arrive_until_they_are_overwritten() -> None:
    writer = SharedPictures.create()
    reader = SharedPictures.open(str(os.dup(int(writer.handle)))) if writer.descriptor else writer
    pictures = [np.full((48 + at, 64, 3), at, np.uint8) for at in range(4)]
    places = [writer.publish(picture) for picture in pictures[:3]]
    for picture, place in zip(pictures, places, strict=False):
        arrived = reader.read(place)
        assert arrived is not None
        assert np.array_equal(arrived, picture)
    writer.publish(pictures[3])
    assert reader.read(places[0]) is None
    reader.close()
    writer.close()


def test_a_huge_picture_is_handed_over_smaller() -> None:
    shared = SharedPictures.create()
    arrived = shared.read(shared.publish(np.zeros((100, LARGEST[0] * 30, 3), np.uint8)))
    assert arrived is not None
    assert arrived.shape[1] <= LARGEST[0]
    shared.close()


@pytest.fixture
def moving_clip(asset) -> Path:
    return asset("data/videos/crossing.mp4")


def wait_until_gone(process_id: int, seconds: float = 3.0) -> bool:
    """Whether a process ends in time (a zombie has ended)."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            state = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        time.sleep(0.02)
    return False


def start_engine(clip: Path, **more: object) -> Engine:
    return Engine(Settings(source=str(clip), **more))


def test_an_engine_finds_people_and_stops_within_a_second(moving_clip: Path) -> None:
    engine = start_engine(moving_clip)
    try:
        ready = engine.wait_ready()
        assert "960x540" in ready.source
        assert not ready.is_camera
        scene = None
        for _ in range(200):
            assert engine.wait_scene(10.0)
            taken = engine.take_scene()
            assert taken is not None
            scene, picture = taken.scene, taken.picture
            if picture is not None and scene.people:
                break
        assert scene is not None
        assert scene.people
        assert picture is not None
        assert picture.shape == (540, 960, 3)
        events = engine.take_events()
        assert [event.sequence for event in events] == list(range(1, len(events) + 1))
        assert events[0].name == "enter"
        assert scene.captured <= scene.estimated <= scene.published
        assert engine.wait_scene(10.0)  # one that nobody has taken when the pictures go
    finally:
        start = time.monotonic()
        engine.close()
    assert time.monotonic() - start < 1.0
    assert engine.take_scene() is None
    assert wait_until_gone(engine.process_id, 0.5)


def test_what_keeps_an_engine_from_starting_is_said_by_its_owner(tmp_path: Path, asset) -> None:
    asset("models")
    for wrong, kind in (
        ({"source": str(tmp_path / "none.mp4")}, SourceError),
        ({"osc": ("x:y",)}, SettingsError),
    ):
        engine = Engine(Settings(**{"source": str(asset("data/videos/crossing.mp4")), **wrong}))
        try:
            with pytest.raises(kind) as caught:
                engine.wait_ready()
            assert engine._process.returncode == caught.value.exit_code  # it ended by itself
        finally:
            engine.close()


def test_an_engine_that_is_killed_is_told_from_one_that_ends(moving_clip: Path) -> None:
    engine = start_engine(moving_clip)
    try:
        engine.wait_ready()
        os.kill(engine.process_id, signal.SIGKILL)
        while engine.is_alive:
            engine.wait_scene(0.05)
            engine.take_scene()
        assert isinstance(engine.failure(), EngineError)
        assert "killed by signal 9" in str(engine.failure())
    finally:
        engine.close()


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL on Windows")
def test_an_engine_does_not_outlive_an_owner_that_is_killed(moving_clip: Path) -> None:
    program = (
        "import sys, time\n"
        "from posekit.engine.owner import Engine\n"
        "from posekit.settings import Settings\n"
        "engine = Engine(Settings(source=sys.argv[1]))\n"
        "engine.wait_ready()\n"
        "print(engine.process_id, flush=True)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program, str(moving_clip)], stdout=subprocess.PIPE) as owner:
        assert owner.stdout is not None
        engine_id = int(owner.stdout.readline())
        owner.kill()
    assert wait_until_gone(engine_id)


def test_modules_beside_the_sketch_do_not_replace_pythons_own(
    tmp_path: Path, moving_clip: Path, monkeypatch
) -> None:
    (tmp_path / "random.py").write_text("raise SystemExit('the wrong random')\n")
    (tmp_path / "colorsys.py").write_text("raise SystemExit('the wrong colorsys')\n")
    monkeypatch.chdir(tmp_path)
    engine = start_engine(moving_clip)
    try:
        assert engine.wait_ready().estimator
    finally:
        engine.close()
