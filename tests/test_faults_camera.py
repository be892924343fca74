"""Every fault of a camera, through a whole engine to a real OSC receiver: neutral, then live again."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import cv2
import pytest
from fault_world import (
    RECOVERY_SECONDS,
    Receiver,
    Show,
    changed_python,
    opened,
    people_are_here,
    record,
    survive,
)
from mjpeg import Camera, Studio

from posekit.runner.feed import Update
from posekit.settings import Settings

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX pipes and signals")

CAMERA_OF_A_CLIP = '''
"""Camera 0 is a clip here, and when a file says so its next read hangs inside OpenCV, in native code."""
import os, time
import cv2

class Camera:
    def __init__(self, what, *more):
        self.is_camera = isinstance(what, int)
        self.real = Real({clip!r}) if self.is_camera else Real(what, *more)

    def grab(self):
        if not self.is_camera:
            return self.real.grab()
        time.sleep(1 / 30)
        if os.path.exists({hang!r}):
            os.remove({hang!r})
            Real({pipe!r}, cv2.CAP_FFMPEG)  # a pipe that nobody ever writes to
        return self.real.grab() or (self.real.set(cv2.CAP_PROP_POS_FRAMES, 0) and self.real.grab())

    def __getattr__(self, name):
        return getattr(self.real, name)

Real, cv2.VideoCapture = cv2.VideoCapture, Camera
'''


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with closing(Receiver()) as receiver:
        yield receiver


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes in folders")
def test_a_camera_that_hangs_in_its_driver_takes_its_engine_along(
    asset, receiver: Receiver, tmp_path: Path, monkeypatch
) -> None:
    hang, pipe = tmp_path / "hang", tmp_path / "pipe"
    os.mkfifo(pipe)
    clip = str(asset("data/videos/crossing.mp4"))
    code = CAMERA_OF_A_CLIP.format(clip=clip, hang=str(hang), pipe=str(pipe))
    monkeypatch.setenv("PYTHONPATH", changed_python(tmp_path, code))
    said: list[str] = []
    with opened(Settings(source="0"), receiver, report=said.append) as show:
        survive(show, "camera hangs in read", hang.touch)
        assert not hang.exists()
    assert [line for line in said if "camera 0 hangs: its driver has not answered" in line]


@pytest.fixture
def studio(asset) -> Studio:
    capture = cv2.VideoCapture(str(asset("data/videos/crossing.mp4")))
    capture.set(cv2.CAP_PROP_POS_FRAMES, 30)
    pictures = [capture.read()[1] for _ in range(30)]
    capture.release()

    def at_width(width: int) -> list[bytes]:
        size = (width, width * 9 // 16)
        return [cv2.imencode(".jpg", cv2.resize(picture, size))[1].tobytes() for picture in pictures]

    return Studio(at_width(640), at_width(960))


class Trouble:
    """One camera that gets into trouble again and again, in front of one engine."""

    def __init__(self, show: Show, studio: Studio) -> None:
        self.show, self._studio = show, studio
        self._engine = show.feed._engine.process_id

    def passes(self, fault: str, camera: int, seconds: float = 0.0) -> None:
        """Let a fault last until everybody has left, `seconds` at least; then all is as before, soon."""
        show = self.show
        show.until(people_are_here)
        show.hears(lambda receiver: receiver.is_live and receiver.last["/health/camera"] == 1)
        self._studio.plays = fault
        noticed = show.hears(lambda receiver: receiver.last["/health/camera"] == camera, 4.0)
        show.until(lambda update: update.scene and not update.scene.people, 2.0)
        show.hears(lambda receiver: receiver.last["/p1/active"] == 0)
        known = sorted(set(show.entered))
        show.assert_everyone_left_once(known)
        if seconds > noticed:
            show.waits(seconds - noticed)
        self._studio.plays = "people"
        back = show.until(people_are_here, RECOVERY_SECONDS)
        show.hears(lambda receiver: receiver.is_live and receiver.last["/health/camera"] == 1)
        show.assert_everyone_left_once(known)
        record(f"camera delivers {fault}", noticed=noticed, people_again=back)
        self.assert_same_engine()

    def assert_same_engine(self) -> None:
        assert self.show.feed._engine.process_id == self._engine
        assert self.show.left("engine") == []


def test_what_a_camera_can_do_to_a_show(studio: Studio, receiver: Receiver) -> None:
    with (
        Camera(*[studio] * 100) as camera,
        opened(Settings(source=camera.address), receiver) as show,
    ):
        trouble = Trouble(show, studio)
        trouble.passes("nothing", camera=0)
        trouble.passes("the same picture", camera=2, seconds=5.0)
        trouble.passes("garbage", camera=0)
        studio.plays = "larger"
        grown = show.until(_sees_for(20))
        record("camera changes its size", next_twenty_scenes=grown)
        assert show.receiver.last["/health/camera"] == 1
        trouble.assert_same_engine()
        # The server's own threads end with it; while a studio plays, a connection's thread waits for it.
        studio.plays = "nothing"


def _sees_for(scenes: int):
    """Return what is true when so many scenes with people have come."""
    seen = set()

    def look(update: Update) -> bool:
        if people_are_here(update):
            seen.add(update.scene.index)
        return len(seen) >= scenes

    return look


def test_a_target_that_is_not_there_and_one_that_comes_back(asset, receiver: Receiver) -> None:
    # Reserved (RFC 1112), so that nobody is there; one system refuses to send there, another does not know.
    settings = Settings(source=str(asset("data/videos/crossing.mp4")), osc=("240.0.0.1:7000",))
    with opened(settings, receiver) as show:
        show.until(people_are_here)
        show.hears(lambda receiver: receiver.is_live)
        first = show.feed._engine.process_id
        receiver.close()
        show.until(_sees_for(5))
        show.receiver = Receiver(port=receiver.port)
        back = show.hears(lambda receiver: receiver.is_live and "/p6/active" in receiver.last)
        record("OSC target gone and back", told_everything=back)
        assert show.feed._engine.process_id == first
        assert show.left("engine") == []
        show.feed.close()
        show.receiver.hear().close()
