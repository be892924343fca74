"""A live source under fire: the newest frame, never a queue; every fault told apart, and back by itself."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing

import numpy as np
import pytest
from mjpeg import SIZE, Camera, Wire

from posekit.clock import SystemClock
from posekit.frame import Frame, Silence
from posekit.health import CameraState
from posekit.sources import open_source
from posekit.sources.adjust import Adjustment
from posekit.sources.camera import stream_opener
from posekit.sources.live import LiveSource
from posekit.sources.reader import Limits

LIMITS = Limits(beat=0.02, lost=0.4, frozen=0.15, black=0.1, unreadable=0.3, retries=(0.05, 0.1))
"""Everything several times sooner than in earnest."""
READ_SECONDS = 0.8
OK, LOST, FROZEN, BLACK = CameraState.OK, CameraState.LOST, CameraState.FROZEN, CameraState.BLACK


class Story:
    """What a source yields, as it is lived through: states, pictures, sentences."""

    def __init__(self, address: str, **options: object) -> None:
        self.said: list[str] = []
        self.frames: list[Frame] = []
        self.states: list[CameraState] = []
        self.spent: dict[CameraState, float] = {}
        self.source = LiveSource(
            "the stream",
            SystemClock(),
            stream_opener(address, READ_SECONDS),
            is_camera=False,
            report=self.said.append,
            limits=LIMITS,
            **options,
        )

    def has_been(self, *states: CameraState) -> bool:
        """Whether the source has gone through these states, in this order, and is in the last one now."""
        passed = iter(self.states)
        return all(state in passed for state in states) and self.states[-1] is states[-1]

    def live(self, until: Callable[[Story], object], seconds: float = 8.0) -> Story:
        """Read until something is true, `seconds` at most."""
        began = before = time.monotonic()
        with closing(self.source):
            for seen in self.source.frames():
                now = time.monotonic()
                if isinstance(seen, Frame):
                    self.frames.append(seen)
                else:
                    assert isinstance(seen, Silence)
                    assert seen.state is self.source.state
                if not self.states or self.states[-1] is not self.source.state:
                    self.states.append(self.source.state)
                self.spent[self.source.state] = self.spent.get(self.source.state, 0.0) + now - before
                before = now
                if until(self):
                    break
                assert now - began < seconds, (self.states, self.said)
        return self


@pytest.fixture(autouse=True)
def _no_thread_remains() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    for thread in set(threading.enumerate()) - before:
        thread.join(3)
        assert not thread.is_alive(), thread


def test_a_slow_reader_gets_the_newest_frame_and_is_told_when_the_stream_ends() -> None:
    with Camera(lambda wire: wire.pictures(120)) as camera:
        source = open_source(camera.address, SystemClock())
        assert not source.is_camera
        seen: list[Frame] = []
        with closing(source):
            for frame in source.frames():
                if isinstance(frame, Silence):
                    break
                seen.append(frame)
                time.sleep(0.1)  # a reader ten times slower than the stream
    assert source.state is LOST
    assert 3 < len(seen) < 60
    assert source.dropped > 20
    numbers = [frame.index for frame in seen]
    assert numbers == sorted(set(numbers))
    assert all(frame.pixels.shape == (120, 160, 3) for frame in seen)
    brightness = [int(frame.pixels.mean()) for frame in seen]
    assert brightness == sorted(brightness)
    assert all(one.time < other.time for one, other in itertools.pairwise(seen))


def test_closing_ends_a_reader_that_waits() -> None:
    with Camera(lambda wire: (wire.pictures(30), wire.hang())) as camera:
        source = open_source(camera.address, SystemClock())
        frames = source.frames()
        next(frames)
        threading.Timer(0.1, source.close).start()
        start = time.monotonic()
        for _ in frames:
            pass
        assert time.monotonic() - start < 2
        source.close()


def test_a_stream_that_ends_and_comes_back() -> None:
    with Camera(lambda wire: wire.pictures(30), lambda wire: wire.pictures(200, first=100)) as camera:
        story = Story(camera.address).live(lambda story: story.has_been(OK, LOST, OK))
    assert "the stream: ended; it is opened again as soon as it is there" in story.said
    assert story.said[-1] == "the stream: is back"
    assert camera.connections == 2
    assert story.spent[LOST] < 1
    numbers = [frame.index for frame in story.frames]
    assert numbers == sorted(set(numbers))


def test_a_stream_that_hangs_with_its_connection_open() -> None:
    def hang(wire: Wire) -> None:
        wire.pictures(30)
        wire.hang()

    with Camera(hang, lambda wire: wire.pictures(200)) as camera:
        story = Story(camera.address).live(lambda story: story.has_been(OK, LOST, OK))
    assert story.said[0] == "the stream: delivers nothing"
    assert story.said[-1] == "the stream: is back"
    assert camera.connections == 2
    assert story.spent[LOST] < READ_SECONDS + 1


def test_the_same_picture_for_a_while_is_frozen_until_it_moves() -> None:
    def freeze(wire: Wire) -> None:
        wire.pictures(30)
        wire.pictures(60, step=0)
        wire.pictures(100, first=7)

    with Camera(freeze) as camera:
        story = Story(camera.address).live(lambda story: story.has_been(OK, FROZEN, OK))
        assert camera.connections == 1
    assert "the stream: shows the very same picture again and again" in story.said


def test_black_pictures_are_told_and_still_shown() -> None:
    def cover(wire: Wire) -> None:
        wire.pictures(30)
        wire.black(60)
        wire.pictures(100)

    with Camera(cover) as camera:
        story = Story(camera.address).live(lambda story: story.has_been(OK, BLACK, OK))
    assert "the stream: shows black; is it covered?" in story.said
    assert min(frame.pixels.mean() for frame in story.frames) < 2


def test_garbage_between_pictures_costs_pictures_and_no_more() -> None:
    noise = np.random.default_rng(3).integers(0, 256, 3000, np.uint8).tobytes()

    def babble(wire: Wire) -> None:
        wire.pictures(30)
        for _ in range(5):
            wire.part(noise)
        wire.part(b"")
        wire.raw(noise)
        wire.pictures(60, first=100)

    with Camera(babble, lambda wire: wire.pictures(200, first=100)) as camera:
        story = Story(camera.address).live(
            lambda story: len(story.frames) > 20 and story.frames[-1].pixels.mean() > 141
        )
    assert story.states[-1] is OK
    assert {frame.size for frame in story.frames} == {SIZE}


def test_garbage_for_ever_is_lost_and_opened_again() -> None:
    noise = np.random.default_rng(4).integers(0, 256, 3000, np.uint8).tobytes()

    def babble(wire: Wire) -> None:
        wire.pictures(30)
        while True:
            wire.part(noise)

    with Camera(babble, lambda wire: wire.pictures(300)) as camera:
        story = Story(camera.address).live(lambda story: story.has_been(OK, LOST, OK))
        assert camera.connections == 2
    assert story.said[-1] == "the stream: is back"


def test_a_stream_that_changes_its_size_goes_on() -> None:
    def grow(wire: Wire) -> None:
        wire.pictures(30)
        wire.pictures(200, first=100, size=(320, 240))

    with Camera(grow) as camera:
        story = Story(camera.address).live(
            lambda story: story.frames and story.frames[-1].pixels.mean() > 145
        )
        assert camera.connections == 1
    # OpenCV 5 squeezes what follows into the first size, OpenCV 4 does not.
    assert {frame.size for frame in story.frames} <= {SIZE, (320, 240)}


def test_pictures_are_adjusted_into_the_memory_they_are_given() -> None:
    given: list[np.ndarray] = []

    def allocate(size: tuple[int, int]) -> np.ndarray:
        given.append(np.empty((size[1], size[0], 3), np.uint8))
        return given[-1]

    with Camera(lambda wire: wire.pictures(100)) as camera:
        story = Story(camera.address, adjustment=Adjustment(rotate=90), allocate=allocate)
        assert story.source.description.endswith("160x120 at 25 fps, adjusted to 120x160")
        story.live(lambda story: len(story.frames) == 5)
    assert len(given) == 5
    assert all(frame.pixels is memory for frame, memory in zip(story.frames, given, strict=True))
    assert {frame.size for frame in story.frames} == {(120, 160)}


def test_a_patient_source_waits_for_a_stream_that_is_not_there_yet() -> None:
    with Camera() as camera:
        address = camera.address
    story = Story(address, patient=True)
    assert story.source.state is LOST
    assert story.said == [
        f"the stream: {address} cannot be opened; is the address right and the sender running?; "
        "it is opened as soon as it is there"
    ]
    counted = itertools.count()
    story.live(lambda story: next(counted) == 5)
    assert story.states == [LOST]
    assert story.frames == []
