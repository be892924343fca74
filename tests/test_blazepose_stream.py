"""BlazePose in a show: times that do what they like, metres, and nothing left when it is closed."""

from __future__ import annotations

import importlib.util
import io
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import psutil
import pytest
from blazepose_bundle import find_bundle
from coco_truth import read_frame
from hypothesis import given
from hypothesis import strategies as st

from posekit.clock import ManualClock
from posekit.engine.prepare import prepare
from posekit.engine.wire import read_messages, read_scene, scene_message
from posekit.estimators.blazepose import BlazePose
from posekit.events import Presence
from posekit.frame import Frame
from posekit.geometry import fit_picture
from posekit.health import CameraState, Health
from posekit.pipeline import Pipeline
from posekit.runner.inline_feed import InlineFeed
from posekit.scene import Person, Scene
from posekit.settings import Settings
from posekit.skeleton import COCO_17
from posekit.sketch.people import SketchPerson
from posekit.smoothing import Smoother
from posekit.tracking import Tracker

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("mediapipe") is None, reason="BlazePose needs MediaPipe, which is not installed"
)


@pytest.fixture(scope="module")
def bundle() -> Path:
    return find_bundle()


@pytest.fixture(scope="module")
def squat(asset) -> np.ndarray:
    return read_frame(asset("data/images/squat.bmp")).pixels


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=50))
def test_stamps_always_grow(times: list[float]) -> None:
    estimator = BlazePose.__new__(BlazePose)
    estimator._last_stamp, estimator._shift = None, 0
    stamps = [estimator._stamp(seconds) for seconds in times]
    assert all(isinstance(stamp, int) for stamp in stamps)
    assert all(np.diff(stamps) > 0)


class Moody:
    """A source that shows one picture, at times of its own; None is a film that begins anew."""

    description, is_camera, rate, count, dropped, state = "moody", False, 30.0, None, 0, CameraState.OK

    def __init__(self, pixels: np.ndarray, times: list[float | None]) -> None:
        self._pixels, self._times = pixels, times

    def frames(self) -> Iterator[Frame]:
        for index, seconds in enumerate(self._times):
            yield Frame(self._pixels, seconds or 0.0, index, is_cut=seconds is None)

    def close(self) -> None: ...


class Watched(BlazePose):
    """Notes the stamps of every model that it opens."""

    def _open(self) -> None:
        super()._open()
        stamps: list[int] = []
        self.given = [*getattr(self, "given", []), stamps]
        detect = self._landmarker.detect_for_video

        def noted(image: object, stamp: int) -> object:
            stamps.append(stamp)
            return detect(image, stamp)

        self._landmarker.detect_for_video = noted


def test_a_source_whose_times_repeat_stop_and_jump(bundle: Path, squat: np.ndarray) -> None:
    steady = [0.0, 0.033, 0.066]
    equal, back, ahead = [0.066, 0.066, 0.0664], [0.05, -3.0, -2.967], [4000.0, 4000.0, 12.0]
    times = [*steady, *equal, *back, *ahead, None, 0.033, 0.066, None, 0.0, 0.0]
    with closing(Watched(bundle)) as estimator:
        pipeline = Pipeline(estimator, Tracker(), Presence(), ManualClock(), smoother=Smoother())
        seen = []
        for step in pipeline.run(Moody(squat, times)):
            seen.append((pipeline.is_paused, len(step.estimate.poses)))
            pipeline.ask_pause(len(seen) in (5, 6))
    assert seen == [(at in (5, 6), int(at not in (5, 6))) for at in range(len(times))]
    assert sum(len(stamps) for stamps in estimator.given) == len(times) - 2
    assert len(estimator.given) == 4  # the first, after the pause, and two for films that began anew
    assert all(np.diff(stamps).min(initial=1) > 0 for stamps in estimator.given)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="counts native threads")
def test_closed_it_leaves_neither_threads_nor_files(bundle: Path, squat: np.ndarray) -> None:
    own = psutil.Process()

    def used(times: int) -> tuple[int, int]:
        for _ in range(times):
            with closing(BlazePose(bundle, mask=True)) as estimator:
                assert len(estimator.estimate(Frame(squat, 0.0, 0)).poses) == 1
                estimator.reset()
        return own.num_threads(), own.num_fds()

    before = used(1)  # some of MediaPipe's are for the whole process
    after = used(2)
    end = time.monotonic() + 5
    while after[0] > before[0] and time.monotonic() < end:
        time.sleep(0.01)
        after = own.num_threads(), own.num_fds()
    assert after[0] <= before[0]
    assert after[1] <= before[1]


@pytest.fixture(scope="module")
def walk(asset, bundle: Path) -> list[Scene]:
    """Return scenes of a real clip of one who walks by, followed and steadied."""
    clip = str(asset("data/videos/sports2d_demo.mp4"))
    settings = Settings(source=clip, headless=True, estimator="blazepose")
    with closing(InlineFeed(prepare(settings))) as feed:
        return [feed.poll().scene for _ in range(45)]


@pytest.fixture(scope="module")
def bodies(walk: list[Scene]) -> list[Person]:
    found = [person for scene in walk for person in scene.people if person.seen == scene.captured]
    assert len(found) > 25
    assert len({person.id for person in found}) == 1
    return found


def parts(bodies: list[Person], *names: str) -> np.ndarray:
    """Return (N, K, 3) metres of some keypoints."""
    return np.stack([person.pose.world for person in bodies])[:, [COCO_17.find(name) for name in names]]


def test_metres_begin_between_the_hips(bodies: list[Person]) -> None:
    middle = parts(bodies, "left_hip", "right_hip").mean(axis=1)
    assert np.linalg.norm(middle, axis=1).max() < 0.05


@pytest.mark.parametrize(
    ("first", "second", "least", "most"),
    [
        ("left_shoulder", "right_shoulder", 0.25, 0.50),
        ("left_hip", "right_hip", 0.12, 0.35),
        ("left_shoulder", "left_elbow", 0.18, 0.40),
        ("right_elbow", "right_wrist", 0.18, 0.35),
        ("left_hip", "left_knee", 0.30, 0.55),
        ("right_knee", "right_ankle", 0.30, 0.55),
        ("nose", "left_hip", 0.50, 0.90),
    ],
)
def test_metres_are_a_body_s(
    bodies: list[Person], first: str, second: str, least: float, most: float
) -> None:
    one, other = parts(bodies, first, second).transpose(1, 0, 2)
    lengths = np.linalg.norm(one - other, axis=1)
    assert least < np.median(lengths) < most
    assert lengths.std() < 0.15 * lengths.mean()


def test_metres_point_where_the_picture_does(bodies: list[Person]) -> None:
    """X to the picture's right, y down; her left is her left in both."""
    for first, second in (("left_shoulder", "right_shoulder"), ("left_hip", "right_hip")):
        one, other = parts(bodies, first, second).transpose(1, 0, 2)
        poses = [person.pose for person in bodies]
        across = np.array([pose.keypoint(first).x - pose.keypoint(second).x for pose in poses])
        clear = np.abs(across) > 0.02
        assert clear.sum() > 20
        assert np.array_equal(np.sign(across[clear]), np.sign((one - other)[clear, 0]))
    nose, ankle = parts(bodies, "nose", "left_ankle").transpose(1, 0, 2)
    assert nose[:, 1].max() < -0.3
    assert ankle[:, 1].min() > 0.3


def test_metres_and_33_points_reach_the_sketch(walk: list[Scene], bodies: list[Person]) -> None:
    (scene,) = [scene for scene in walk if bodies[-1] in scene.people]
    stream = io.BytesIO(scene_message(scene, Health(), None).encode())
    (message,) = read_messages(stream)
    (person,) = read_scene(message)[0].people
    assert person.pose.world.shape == (17, 3)
    assert person.pose.detail.world.shape == (33, 3)
    np.testing.assert_array_equal(person.pose.world, bodies[-1].pose.world)
    placement = fit_picture(scene.size, (640, 360), "cover")
    shown = SketchPerson(person, placement, scene.size, SimpleNamespace())
    np.testing.assert_array_equal(shown.world, person.pose.world)
