"""A camera whose driver misbehaves: it hangs, raises, refuses, is pulled out; and what is said of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing

import cv2
import numpy as np
import pytest

from posekit.clock import ManualClock, SystemClock
from posekit.errors import SourceError
from posekit.frame import Frame, Silence
from posekit.health import CameraState
from posekit.sources.adjust import Adjustment
from posekit.sources.live import LiveSource, Verdict, judge
from posekit.sources.reader import Limits, Opened, Reader
from posekit.sources.watch import PictureWatch

LIMITS = Limits(open=1.0, beat=0.02, lost=0.4, hung=0.6, unreadable=0.3, retries=(0.02,))


class FakeCapture:
    """A driver: pictures that differ, 100 a second, until its `fault` on frame `at`."""

    def __init__(
        self, fault: Callable[[], bool] = lambda: False, at: int = 5, size: tuple[int, int] = (64, 48)
    ) -> None:
        self.size, self.released = size, threading.Event()
        self._fault, self._at, self._count = fault, at, 0

    def grab(self) -> bool:
        time.sleep(0.01)
        self._count += 1
        return self._fault() if self._count > self._at else True

    def retrieve(self) -> np.ndarray | None:
        return np.full((self.size[1], self.size[0], 3), 60 + self._count % 100, np.uint8)

    def release(self) -> None:
        self.released.set()


class Shop:
    """Gives out captures, one after the other; raises what is an error."""

    def __init__(self, *stock: FakeCapture | Exception, refused: tuple[str, ...] = ()) -> None:
        self.stock, self.refused, self.opened = list(stock), refused, 0
        self.is_unplugged = False

    def __call__(self) -> Opened:
        self.opened += 1
        item = self.stock.pop(0) if len(self.stock) > 1 else self.stock[0]
        if isinstance(item, Exception):
            raise item
        text = f"{item.size[0]}x{item.size[1]} at 30 fps, MJPG"
        return Opened(item, item.size, 30.0, text, self.refused, lambda: self.is_unplugged)


def open_live(shop: Callable[[], Opened], said: list[str] | None = None, **options: object) -> LiveSource:
    options.setdefault("limits", LIMITS)
    report = said.append if said is not None else None
    return LiveSource("camera 0", SystemClock(), shop, is_camera=True, report=report, **options)


def live(source: LiveSource, until: Callable[[], object], seconds: float = 5.0) -> list[Frame | Silence]:
    """Read until something is true and return what was seen."""
    seen = []
    began = time.monotonic()
    with closing(source):
        for item in source.frames():
            seen.append(item)
            if until():
                return seen
            assert time.monotonic() - began < seconds
    return seen


@pytest.fixture
def stuck() -> Iterator[Callable[[], bool]]:
    """Return a call that does not come back until the test is over."""
    over = threading.Event()

    def hang() -> bool:
        over.wait(10)
        return False

    yield hang
    over.set()


def test_a_camera_says_what_it_granted() -> None:
    with closing(open_live(Shop(FakeCapture(size=(640, 480))), adjustment=Adjustment(rotate=270))) as source:
        assert source.description == "camera 0, 640x480 at 30 fps, MJPG, adjusted to 480x640"
        assert (source.rate, source.is_camera, source.count) == (30.0, True, None)


def test_a_driver_that_hangs_in_read_is_an_error_soon_and_closing_does_not_wait_for_it(stuck) -> None:
    source = open_live(Shop(FakeCapture(stuck)))
    frames = source.frames()
    began = time.monotonic()
    with pytest.raises(SourceError, match=r"camera 0 hangs: its driver has not answered for 0\.\d s"):
        for _ in frames:
            assert time.monotonic() - began < 3
    assert source.state is CameraState.LOST
    began = time.monotonic()
    source.close()
    assert time.monotonic() - began < 0.6


def test_a_driver_that_hangs_while_it_opens(stuck) -> None:
    began = time.monotonic()
    with pytest.raises(SourceError, match="camera 0 cannot be opened; it does not answer"):
        open_live(stuck, limits=Limits(open=0.2))
    assert time.monotonic() - began < 1


def test_a_driver_that_hangs_when_it_is_opened_again(stuck) -> None:
    doors = iter([Shop(FakeCapture()), stuck])
    source = open_live(lambda: next(doors)())
    with pytest.raises(SourceError, match="hangs"):
        live(source, lambda: False)


def test_a_driver_that_raises_is_heard_and_opened_again() -> None:
    def fail() -> bool:
        raise cv2.error("assertion failed\n  in nonsense.cpp")

    said: list[str] = []
    first = FakeCapture(fail)
    shop = Shop(first, FakeCapture(at=1000))
    live(open_live(shop, said), lambda: shop.opened == 2 and said[-1].endswith("is back"))
    assert first.released.is_set()
    assert said[0] == (
        "camera 0: failed (assertion failed in nonsense.cpp); it is opened again as soon as it is there"
    )


def test_a_driver_that_raises_while_it_opens() -> None:
    with pytest.raises(SourceError, match=r"cannot be opened; it failed \(bad luck\)"):
        open_live(Shop(cv2.error("bad luck")))


def test_a_camera_that_is_pulled_out_and_put_in_again() -> None:
    said: list[str] = []
    first, second = FakeCapture(), FakeCapture(at=1000)
    gone = SourceError("camera 0 cannot be opened; no camera was found")
    shop = Shop(first, gone, gone, gone, second)
    source = open_live(shop, said)
    shop.is_unplugged = True
    seen = live(source, lambda: said[-1:] == ["camera 0: is back"])
    assert said == [
        "camera 0: was unplugged; it is opened again as soon as it is there",
        "camera 0: is back",
    ]
    assert shop.opened == 5
    assert {item.state for item in seen if isinstance(item, Silence)} == {CameraState.LOST}
    assert {item.size for item in seen} == {(64, 48)}
    assert first.released.wait(1)
    assert second.released.wait(1)
    assert source.state is CameraState.OK


def test_pictures_that_cannot_be_read_end_in_another_attempt() -> None:
    said: list[str] = []
    broken = FakeCapture(at=1000)
    broken.retrieve = lambda: None
    shop = Shop(broken, FakeCapture(at=1000))
    live(open_live(shop, said), lambda: shop.opened == 2 and said[-1].endswith("is here"))
    assert "camera 0: delivers nothing that is a picture; it is opened again as soon as it is there" in said


def test_the_same_picture_for_very_long_ends_in_another_attempt() -> None:
    still = FakeCapture(at=1000)
    still.retrieve = lambda: np.full((48, 64, 3), 99, np.uint8)
    said: list[str] = []
    shop = Shop(still, FakeCapture(at=1000))
    source = open_live(shop, said, limits=Limits(beat=0.02, frozen=0.1, stuck=0.2, retries=(0.02,)))
    seen = live(source, lambda: shop.opened == 2 and said[-1].endswith("is back"))
    assert said[0] == "camera 0: shows the very same picture again and again"
    assert CameraState.FROZEN in {item.state for item in seen if isinstance(item, Silence)}


def test_a_camera_that_needs_a_moment_is_not_opened_twice() -> None:
    answers = iter([False] * 4)
    slow = FakeCapture(lambda: next(answers, True), at=0)
    shop = Shop(slow)
    seen = live(open_live(shop, limits=Limits(first=2.0)), lambda: True)
    assert isinstance(seen[0], Frame)
    assert shop.opened == 1


def test_a_picture_of_another_size_is_taken_as_it_is() -> None:
    said: list[str] = []
    capture = FakeCapture(at=1000)
    source = open_live(Shop(capture), said)
    frames = source.frames()
    with closing(source):
        assert next(frames).size == (64, 48)
        capture.size = (32, 24)
        while next(frames).size != (32, 24):
            pass
    assert said == ["camera 0: now delivers 32x24, after 64x48"]


def test_what_is_refused_is_said_once_and_again_only_when_it_changes() -> None:
    said: list[str] = []
    shop = Shop(FakeCapture(), FakeCapture(), FakeCapture(), refused=("asked for 60 fps, got 30",))
    live(open_live(shop, said), lambda: shop.opened == 3)
    assert said.count("camera 0: asked for 60 fps, got 30") == 1


def test_a_close_from_another_thread_ends_an_absent_camera() -> None:
    shop = Shop(FakeCapture(), SourceError("gone"))
    source = open_live(shop)
    threading.Timer(0.3, source.close).start()
    seen = live(source, lambda: False)
    opened = shop.opened
    assert isinstance(seen[-1], Silence)
    assert opened > 1
    time.sleep(0.1)
    assert shop.opened <= opened + 1  # one attempt may have been under way


def verdict_after(silent: float, **changes: object) -> Verdict:
    """Return the verdict `silent` seconds after the last picture, with the limits that are shipped."""
    shop = Shop(FakeCapture())
    reader = Reader(shop, ManualClock(), threading.Condition(), threading.Event(), PictureWatch(), Limits())
    reader.opened, reader.has_delivered = shop(), True
    awake = float(changes.pop("awake", 0.0))
    for name, value in changes.items():
        setattr(reader, name, value)
    return judge(reader, silent, awake, Limits(first=5.0))


@pytest.mark.parametrize(
    ("silent", "changes", "verdict"),
    [
        (0.9, {}, Verdict.WAIT),
        (1.1, {}, Verdict.LOST),
        (3.9, {}, Verdict.LOST),
        (4.1, {}, Verdict.HUNG),
        (4.1, {"alive": 4.0}, Verdict.LOST),  # it answers, with nothing
        (4.9, {"has_delivered": False}, Verdict.WAIT),  # it has only just been opened
        (5.1, {"has_delivered": False}, Verdict.HUNG),
        (5.1, {"has_delivered": False, "alive": 5.0}, Verdict.LOST),
        (4.9, {"has_delivered": False, "opened": None}, Verdict.WAIT),
        (14.9, {"has_delivered": False, "opened": None}, Verdict.LOST),
        (15.1, {"has_delivered": False, "opened": None}, Verdict.HUNG),
        (99.0, {"has_ended": True}, Verdict.ENDED),
        (0.2, {"state": CameraState.FROZEN}, Verdict.FROZEN),
        (1.1, {"state": CameraState.FROZEN}, Verdict.LOST),
        (0.2, {"state": CameraState.BLACK}, Verdict.WAIT),
        (60.0, {"awake": 59.5}, Verdict.WAIT),  # this process was stopped for a minute, not the camera
    ],
)
def test_why_nothing_comes(silent: float, changes: dict[str, object], verdict: Verdict) -> None:
    assert verdict_after(silent, **changes) is verdict


def test_a_process_that_was_stopped_does_not_blame_its_camera() -> None:
    clock = ManualClock()
    go_on = threading.Event()

    def wait() -> bool:
        return go_on.wait(5)

    source = LiveSource("camera 0", clock, Shop(FakeCapture(wait)), is_camera=True, limits=LIMITS)
    frames = source.frames()
    with closing(source):
        next(frames)
        clock.advance(30)
        go_on.set()
        assert isinstance(next(frames), Frame)
