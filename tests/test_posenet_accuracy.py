"""What the fast arithmetic and the default threshold cost, on pictures with known people and with none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from coco_truth import CocoTruth, coco_truth, frames_in, shifts

from posekit.assets import ensure, ensure_original
from posekit.estimators.posenet import PoseNet
from posekit.runtimes import installed_runtimes, open_runtime
from posekit.tflite import operate
from posekit.tracking import Tracker, TrackerOptions

if TYPE_CHECKING:
    from pathlib import Path

    from posekit.pose import Pose

SMALL = "posenet-481x353"


@pytest.fixture(scope="module")
def truth(asset) -> CocoTruth:
    truth = coco_truth(asset("data/coco"))
    assert (len(truth.frames), truth.people) == (14, 45)
    return truth


def found_by(model: Path, runtime: str, truth: CocoTruth) -> dict[int, tuple[Pose, ...]]:
    estimator = PoseNet(open_runtime(model, runtime))
    poses = {number: estimator.estimate(frame).poses for number, frame in truth.frames.items()}
    estimator.close()
    return poses


@pytest.mark.parametrize("runtime", installed_runtimes())
def test_fast_arithmetic_costs_nothing(truth: CocoTruth, runtime: str, tmp_path: Path) -> None:
    """The int8 re-expression against uint8 as published and against floats: same people, within a pixel."""
    floats = tmp_path / "float32.tflite"
    floats.write_bytes(operate(ensure_original(SMALL).read_bytes(), "float32"))
    fast = found_by(ensure(SMALL), runtime, truth)
    accuracy = truth.judge(fast)
    assert accuracy.precision > 0.24
    for other in (ensure_original(SMALL), floats):
        reference = found_by(other, runtime, truth)
        assert abs(truth.judge(reference).precision - accuracy.precision) <= 0.03
        assert median_shift(fast, reference, truth) <= 1


def median_shift(poses, reference, truth: CocoTruth) -> float:
    """Return the median shift of keypoints above 0.5, in pixels of the model's 481 x 353."""
    moved = []
    for number, frame in truth.frames.items():
        scale = min(481 / frame.size[0], 353 / frame.size[1])
        moved.append(shifts(poses[number], reference[number], frame.size) * scale)
    moved = np.concatenate(moved)
    assert len(moved) > 200
    return float(np.median(moved))


def test_nobody_is_seen_where_nobody_is(asset, truth: CocoTruth) -> None:
    """Of 14 pictures held still for six seconds only toy figures are believed to be somebody."""
    estimator = PoseNet(open_runtime(ensure(SMALL)))
    frames = frames_in(asset("data/no_people"))
    assert len(frames) == 14
    seen = {frame.name: (frame.size, estimator.estimate(frame).poses) for frame in frames}
    estimator.close()
    assert sum(bool(poses) for _, poses in seen.values()) == 2
    haunted = []
    for name, (size, poses) in seen.items():
        tracker = Tracker(TrackerOptions())
        if any(tracker.update(poses, look / 10, size).people for look in range(60)):
            haunted.append(name)
    assert haunted == ["000000174632.jpg"]
