"""BlazePose: one person, 33 keypoints, 3D, from the files that a wheel on the package index carries."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
from blazepose_bundle import find_bundle
from coco_truth import read_frame

from posekit.errors import EstimatorError
from posekit.estimators.blazepose import BlazePose
from posekit.frame import Frame
from posekit.skeleton import BLAZEPOSE_33, COCO_17

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("mediapipe") is None, reason="BlazePose needs MediaPipe, which is not installed"
)


@pytest.fixture(scope="module")
def bundle() -> Path:
    return find_bundle()


@pytest.fixture(scope="module")
def squat(asset) -> np.ndarray:
    return read_frame(asset("data/images/squat.bmp")).pixels


def test_a_person_in_33_keypoints_and_in_17(bundle: Path, squat: np.ndarray) -> None:
    estimator = BlazePose(bundle, still=True)
    (pose,) = estimator.estimate(Frame(squat, 0.0, 0)).poses
    estimator.close()
    assert pose.skeleton is COCO_17
    assert pose.detail is not None
    assert pose.detail.skeleton is BLAZEPOSE_33
    assert pose.left_wrist == pose.detail.left_wrist
    assert 0 < pose.score <= 1
    assert pose.world.shape == (17, 3)
    assert pose.detail.world.shape == (33, 3)
    hips = pose.world[[11, 12]].mean(axis=0)
    assert np.linalg.norm(hips) < 0.05  # metres from the origin between the hips
    assert 0.3 < np.linalg.norm(pose.world[5] - hips) < 0.9


def test_a_still_and_a_film_of_it_agree(bundle: Path, squat: np.ndarray) -> None:
    """The first frame of a film is a picture; later ones stay within three of 256 pixels."""
    picture = BlazePose(bundle, still=True)
    (still,) = picture.estimate(Frame(squat, 0.0, 0)).poses
    picture.close()
    film = BlazePose(bundle)
    shown = [film.estimate(Frame(squat, index / 30, index)).poses for index in range(6)]
    film.close()
    assert [len(poses) for poses in shown] == [1] * 6
    size = np.array(squat.shape[1::-1])
    apart = [np.hypot(*((poses[0].detail.xy - still.detail.xy) * size).T) for poses in shown]
    assert apart[0].max() < 0.01
    assert max(np.median(distances) for distances in apart) < 3 * size.max() / 256
    for (pose,) in shown:
        assert np.abs(pose.detail.world - still.detail.world).max() < 0.06  # metres


def test_several_people_as_far_as_mediapipe_goes(bundle: Path, asset) -> None:
    """It says so in docs/choosing.md: asked for five of a couple, it finds at least one."""
    couple = read_frame(asset("data/images/test_couple.jpg"))
    estimator = BlazePose(bundle, num_poses=5, still=True)
    poses = estimator.estimate(couple).poses
    estimator.close()
    assert 1 <= len(poses) <= 5
    assert [pose.score for pose in poses] == sorted((pose.score for pose in poses), reverse=True)


def test_irregular_times_change_nothing_for_who_stands_still(bundle: Path, squat: np.ndarray) -> None:
    estimator = BlazePose(bundle)
    times = (5.0, 5.001, 5.0015, 7.3, 7.3, 7.2, 90.0, 90.0333)
    seen = [estimator.estimate(Frame(squat, time, index)).poses for index, time in enumerate(times)]
    estimator.close()
    assert [len(poses) for poses in seen] == [1] * len(times)
    size = np.array(squat.shape[1::-1])
    assert max(np.hypot(*((poses[0].xy - seen[0][0].xy) * size).T).max() for poses in seen) < 15


def test_times_may_do_what_they_like(bundle: Path, squat: np.ndarray) -> None:
    """A clip that loops, a file without times, a clock that was set: MediaPipe gets times that grow."""
    estimator = BlazePose(bundle)
    for time in (0.0, 0.0, 0.033, 0.0001, -5.0, 1e6, 1e6, 0.0):
        assert len(estimator.estimate(Frame(squat, time, 0)).poses) == 1
    estimator.reset()
    assert len(estimator.estimate(Frame(squat, 0.0, 0)).poses) == 1
    estimator.close()


def test_frames_of_every_kind(bundle: Path, squat: np.ndarray) -> None:
    estimator = BlazePose(bundle)
    assert estimator.estimate(Frame(np.zeros((1, 1, 3), np.uint8), 0.0, 0)).poses == ()
    assert estimator.estimate(Frame(np.zeros((480, 640, 3), np.uint8), 0.1, 0)).poses == ()
    assert len(estimator.estimate(Frame(squat[:, ::-1], 0.2, 0)).poses) == 1
    estimator.close()


def test_closed_twice_and_never_used_again(bundle: Path, squat: np.ndarray) -> None:
    estimator = BlazePose(bundle)
    estimator.close()
    estimator.close()
    estimator.reset()
    with pytest.raises(EstimatorError, match="closed"):
        estimator.estimate(Frame(squat, 0.0, 0))


def test_forgotten_open_it_ends_without_a_word(bundle: Path, asset) -> None:
    program = (
        "import sys, cv2\n"
        "from pathlib import Path\n"
        "from posekit.estimators.blazepose import BlazePose\n"
        "from posekit.frame import Frame\n"
        "forgotten = BlazePose(Path(sys.argv[1]))\n"
        "for time in range(3):\n"
        "    assert forgotten.estimate(Frame(cv2.imread(sys.argv[2]), float(time), time)).poses\n"
    )
    command = [sys.executable, "-c", program, str(bundle), str(asset("data/images/squat.bmp"))]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


def test_a_bundle_that_is_none_is_refused(tmp_path: Path) -> None:
    broken = tmp_path / "broken.task"
    broken.write_bytes(b"no zip at all")
    with pytest.raises(EstimatorError, match=r"cannot open .*broken\.task"):
        BlazePose(broken)
    with pytest.raises(EstimatorError, match="cannot be read"):
        BlazePose(tmp_path / "nothing.task")
