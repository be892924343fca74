"""Silhouettes by the real BlazePose: in the right place, in every size, and gone with an engine that dies."""

from __future__ import annotations

import importlib.util
import os
import signal
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from blazepose_bundle import find_bundle
from coco_truth import read_frame
from fault_world import Receiver, engine_is_lost, opened, people_are_here

from posekit.assets import posenet_of, where_is
from posekit.estimators import EstimatorOptions, open_estimator, prepare_estimator
from posekit.estimators.blazepose import MASK_AREA, BlazePose, mask_size
from posekit.estimators.focus import Focus
from posekit.frame import Frame
from posekit.runner.inline_feed import InlineFeed
from posekit.settings import Settings

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("mediapipe") is None, reason="BlazePose needs MediaPipe, which is not installed"
)


@pytest.fixture(scope="module")
def bundle() -> Path:
    return find_bundle()


@pytest.fixture(scope="module")
def squat(asset) -> np.ndarray:
    return read_frame(asset("data/images/squat.bmp")).pixels


def share_on_mask(pose, mask: np.ndarray) -> float:
    """Return how many of a pose's sure keypoints lie on a mask."""
    sure = pose.xy[pose.scores > 0.8]
    assert len(sure) >= 8
    columns, rows = (sure * mask.shape[::-1]).astype(int).T
    return float((mask[rows.clip(0, mask.shape[0] - 1), columns.clip(0, mask.shape[1] - 1)] > 127).mean())


@pytest.mark.parametrize("still", [True, False])
def test_it_covers_the_body_and_not_the_room(bundle: Path, squat: np.ndarray, still: bool) -> None:
    estimator = BlazePose(bundle, still=still, mask=True)
    estimate = estimator.estimate(Frame(squat, 0.0, 0))
    estimator.close()
    (pose,), mask = estimate.poses, estimate.mask
    assert (mask.dtype, mask.shape[::-1]) == (np.uint8, mask_size(squat.shape[1::-1]))
    assert share_on_mask(pose, mask) > 0.8
    assert 0.02 < (mask > 127).mean() < 0.5
    assert mask.max() > 250
    x, y, width, height = cv2.boundingRect((mask > 127).astype(np.uint8))
    box = pose.box
    assert abs(x / mask.shape[1] - box.x) < 0.08
    assert 0 < (y + height) / mask.shape[0] - (box.y + box.height) < 0.15  # feet, below the ankles
    assert width < mask.shape[1]


def test_pictures_that_change_their_size_nobody_and_somebody_again(bundle: Path, squat: np.ndarray) -> None:
    estimator = BlazePose(bundle, mask=True)
    height, width = squat.shape[:2]
    sizes = [(width, height), (width // 2, height // 2), (width, 2 * height), (1280, 720), (90, 120)]
    for at, size in enumerate(sizes):
        frame = Frame(cv2.resize(squat, size), at * 0.5, at)
        estimator.reset()
        mask = estimator.estimate(frame).mask
        assert mask.shape[::-1] == mask_size(size)
        assert abs(mask.shape[1] / mask.shape[0] - size[0] / size[1]) < 0.02
        assert mask.any()
    empty = Frame(np.zeros((480, 640, 3), np.uint8), 9.0, 9)
    estimator.reset()
    nobody = estimator.estimate(empty)
    assert nobody.poses == ()
    assert nobody.mask.shape == (256, 341)
    assert not nobody.mask.any()
    assert estimator.estimate(Frame(np.zeros((1, 1, 3), np.uint8), 10.0, 10)).mask.shape == (1, 1)
    estimator.close()


def test_it_is_there_when_it_is_asked_for(bundle: Path, squat: np.ndarray) -> None:
    estimator = BlazePose(bundle)
    assert estimator.estimate(Frame(squat, 0.0, 0)).mask is None
    estimator.close()


def test_several_bodies_are_in_one(bundle: Path, squat: np.ndarray) -> None:
    estimator = BlazePose(bundle, num_poses=3, still=True, mask=True)
    twice = np.concatenate([squat, squat[:, ::-1]], axis=1)
    estimate = estimator.estimate(Frame(twice, 0.0, 0))
    estimator.close()
    assert len(estimate.poses) >= 2
    for pose in estimate.poses:
        assert share_on_mask(pose, estimate.mask) > 0.6


@pytest.mark.parametrize(
    ("frame", "mask"),
    [
        ((1280, 720), (455, 256)),
        ((640, 480), (341, 256)),
        ((1080, 1920), (256, 455)),
        ((200, 100), (200, 100)),
        ((1, 1), (1, 1)),
        ((20000, 3), (20000, 3)),
    ],
)
def test_sizes(frame: tuple[int, int], mask: tuple[int, int]) -> None:
    assert mask_size(frame) == mask
    assert np.prod(mask_size((100_000, 300))) <= MASK_AREA * 1.01


def test_auto_takes_who_gives_silhouettes(bundle: Path, asset, monkeypatch: pytest.MonkeyPatch) -> None:
    asset("models")
    said: list[str] = []
    chosen = prepare_estimator(EstimatorOptions(mask=True), report=said.append)
    assert (chosen.name, chosen.mask) == ("blazepose", True)
    assert said == ["estimator: BlazePose, which sees one person, because it alone gives silhouettes"]
    if where_is(posenet_of((481, 353))) != "to download":
        # What BlazePose would not do stops no show.
        chosen = prepare_estimator(
            EstimatorOptions(mask=True, threads=1, runtime="litert"), report=said.append
        )
        assert (chosen.name, chosen.mask) == ("posenet", False)
        assert said[1].startswith("no silhouettes: BlazePose, which alone gives them, cannot be had: ")
        assert "no silhouettes" not in "".join(said[2:])


def test_silhouettes_are_of_the_whole_picture_whatever_the_focus(bundle: Path) -> None:
    for mask in (False, True):
        estimator = open_estimator(EstimatorOptions("blazepose", focus="on", mask=mask))
        assert isinstance(estimator, Focus) != mask
        estimator.close()


@pytest.fixture
def clip(asset, bundle: Path) -> str:
    return str(asset("data/videos/crossing.mp4"))


def test_rendered_inline(clip: str) -> None:
    feed = InlineFeed(Settings(source=clip, estimator="blazepose", mask=True))
    updates = [feed.poll() for _ in range(25)]
    feed.close()
    assert all(update.mask.shape == (256, 455) for update in updates)
    assert updates[-1].mask.any()


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_it_goes_with_its_engine_and_comes_back_with_the_next(clip: str) -> None:
    receiver = Receiver()
    try:
        settings = Settings(source=clip, estimator="blazepose", mask=True)
        with opened(settings, receiver, waits=True, with_pictures=False) as show:
            show.until(
                lambda update: people_are_here(update) and update.mask is not None and update.mask.any()
            )
            os.kill(show.feed._engine.process_id, signal.SIGKILL)
            show.until(engine_is_lost)
            lost = show.feed.poll()
            assert lost.picture is None  # nobody wanted it
            assert lost.mask.shape == (256, 455)
            assert not lost.mask.any()
            show.until(lambda update: update.health.engine and update.mask.any(), 20.0)
            show.feed.pause(True)
            show.until(lambda update: update.health.paused and not update.mask.any())
            show.feed.pause(False)
            show.until(lambda update: update.mask.any())
            show.feed.switch(settings.model_copy(update={"source": "synthetic:people=1", "mask": False}))
            show.until(lambda update: people_are_here(update) and update.mask is None, 20.0)
    finally:
        receiver.close()
