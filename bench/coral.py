"""Our pipeline beside Coral's decoder on the same tensors: python bench/coral.py [--coco FOLDER] [--most N]

Coral's decoder is its recipe taken literally (`tests/literal_decoder.py`), with its own defaults: ten poses,
a least score of 0.2. It gives libcoral's very poses on all tensors of which those are known
(`tests/test_decoder.py`). `ours` accepts twice as many, drops poses below `MIN_POSE_SCORE`, keeps ten. The
tensors are those of the prepared int8 model, at each size.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from posekit.estimators.base import MAX_POSES
from posekit.estimators.posenet import _DOUBLES, MIN_POSE_SCORE, PoseNet
from posekit.estimators.posenet_decoder import MIN_POSE_SCORE as CORAL_SCORE
from posekit.estimators.posenet_decoder import decode_multiple

sys.path.append(str(Path(__file__).parents[1] / "tests"))
from coco_truth import Accuracy, CocoTruth
from literal_decoder import one_by_one

from posekit.assets import ensure
from posekit.runtimes import open_runtime

DATA = Path(os.environ.get("POSEKIT_ASSETS", ".")) / "data"
SIZES = ("481x353", "641x481", "1281x721")


def compare(size: str, truth: CocoTruth) -> dict[str, Accuracy]:
    """Return how good Coral's decoder and ours are on the tensors of one size."""
    ways = {
        "coral": lambda tensors: one_by_one(tensors, MAX_POSES, CORAL_SCORE),
        "ours": lambda tensors: decode_multiple(tensors, _DOUBLES * MAX_POSES, MIN_POSE_SCORE),
    }
    found: dict[str, dict] = {way: {} for way in ways}
    estimator = PoseNet(open_runtime(ensure(f"posenet-{size}")))
    try:
        for number, frame in truth.frames.items():
            tensors, placement = estimator.look(frame)
            for way, decode in ways.items():
                found[way][number] = decode(tensors).best(MAX_POSES).placed(placement)
    finally:
        estimator.close()
    return {way: truth.judge(poses) for way, poses in found.items()}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--coco", type=Path, default=DATA / "coco")
    parser.add_argument("--most", type=int, default=500)
    given = parser.parse_args()
    truth = CocoTruth(given.coco, most=given.most or None)
    print(f"{len(truth.frames)} pictures, {truth.people} people; AP (AR), difference of AP")
    print(f"{'size':10} {'Coral decoder':>15} {'ours':>15}")
    for size in SIZES:
        judged = compare(size, truth)
        coral, ours = judged["coral"], judged["ours"]
        print(f"{size:10} {_cell(coral)} {_cell(ours)} {ours.precision - coral.precision:+8.4f}")


def _cell(accuracy: Accuracy) -> str:
    return f"{accuracy.precision:.4f} ({accuracy.recall:.3f})"


if __name__ == "__main__":
    main()
