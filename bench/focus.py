"""What focus finds, and what it costs: python bench/focus.py [SECTION...]

Sections: far, newcomers, nobody, shrunk; all of them without an argument. $POSEKIT_ASSETS names the folder
with weights, `data/coco`, `data/no_people` and `data/videos`.

far        AP and AR of people lower than a third of the picture on COCO's pictures, each held still for as
           long as `FRAMES` says, over the last third of it: PoseNet 481x353 without and with focus against
           1281x721. `difference` is a bootstrap over pictures, 95 %.
newcomers  How long after her whole body is in the picture a visitor who walks in was first seen, in seconds
           (negative: before), of visitors cut out of a real clip; somebody else is known already.
nobody     Who enters where nobody is: `nobody.py`.
shrunk     Real clips made small in a greater picture, where all have a reference: `shrunk.py`.
"""

from __future__ import annotations

import contextlib
import copy
import io
import os
import statistics
import sys
import time
from pathlib import Path

import numpy as np
from nobody import nobody
from pycocotools.cocoeval import COCOeval
from shrunk import shrunk

from posekit.estimators import EstimatorOptions, open_estimator
from posekit.frame import Frame

sys.path.append(str(Path(__file__).parents[1] / "tests"))
from coco_truth import CocoTruth
from walk_in import read_room

DATA = Path(os.environ.get("POSEKIT_ASSETS", ".")) / "data"
CLIP = DATA / "videos/one-by-one-person-detection.mp4"
RATE = 30.0
FRAMES = 36
FAR = 1 / 3
"""Height of a far person, in picture heights."""
FOCUSES = ("off", "on", "people")
SMALL = EstimatorOptions("posenet", input_size=(481, 353))
LARGE = EstimatorOptions("posenet", input_size=(1281, 721))
RESAMPLES = 2000


def far() -> None:
    truth = CocoTruth(DATA / "coco")
    far_truth = copy.copy(truth)
    far_truth._coco = copy.deepcopy(truth._coco)
    for person in far_truth._coco.anns.values():
        if person["bbox"][3] >= FAR * truth.frames[person["image_id"]].size[1]:
            person["num_keypoints"] = 0  # COCO's way of saying that it counts neither way
    print("far         all AP   far AP   far AR   difference of far AP       ms a frame   of 1281x721's")
    large_poses, large_time = _held_still(LARGE, "off", truth, 6)
    large = [_judge(far_truth, poses) for poses in large_poses]
    _print("1281x721", truth, far_truth, large_poses, "", large_time, large_time)
    for focus in FOCUSES:
        poses, taken = _held_still(SMALL, focus, truth, FRAMES)
        # Machines have their moods: the time that the large one takes now is what counts.
        _, large_now = _held_still(LARGE, "off", truth, 3)
        ours = [_judge(far_truth, several) for several in poses]
        low, middle, high = _difference(ours, large, list(truth.frames))
        _print(focus, truth, far_truth, poses, f"{middle:+.3f} ({low:+.3f} to {high:+.3f})", taken, large_now)


def _print(name, truth, far_truth, poses, difference, taken, large) -> None:
    everybody = statistics.mean(truth.judge(several).precision for several in poses)
    judged = [far_truth.judge(several) for several in poses]
    precision = statistics.mean(one.precision for one in judged)
    recall = statistics.mean(one.recall for one in judged)
    print(
        f"{name:10} {everybody:7.3f} {precision:8.3f} {recall:8.3f}   {difference:26}"
        f"{1000 * taken:10.1f} {taken / large:14.2f}"
    )


def _held_still(options, focus, truth, frames) -> tuple[list[dict], float]:
    """Return the poses of the last third of each picture's frames, and the mean seconds of a frame."""
    estimator = open_estimator(EstimatorOptions(options.name, input_size=options.input_size, focus=focus))
    kept = [{} for _ in range(max(1, frames // 3))]
    taken = []
    try:
        for number, frame in truth.frames.items():
            estimator.reset()
            for index in range(frames):
                begin = time.perf_counter()
                poses = estimator.estimate(Frame(frame.pixels, index / RATE, index)).poses
                taken.append(time.perf_counter() - begin)
                if index >= frames - len(kept):
                    kept[index - frames][number] = poses
    finally:
        estimator.close()
    return kept, statistics.mean(taken)


def _judge(truth, poses) -> dict[int, list]:
    """Return COCO's matches by picture."""
    found = [
        {
            "image_id": number,
            "category_id": 1,
            "score": float(pose.score),
            "keypoints": np.c_[pose.xy * truth.frames[number].size, np.ones(17)].ravel().tolist(),
        }
        for number, several in poses.items()
        for pose in several
    ]
    with contextlib.redirect_stdout(io.StringIO()):
        judged = COCOeval(truth._coco, truth._coco.loadRes(found), "keypoints")
        judged.params.imgIds = list(truth.frames)
        judged.params.areaRng = [[0, 1e10]]
        judged.params.areaRngLbl = ["all"]
        judged.evaluate()
    return dict(zip(judged.params.imgIds, judged.evalImgs, strict=True))


def _difference(ours, theirs, numbers) -> tuple[float, float, float]:
    random = np.random.default_rng(0)
    apart = []
    for _ in range(RESAMPLES):
        chosen = random.choice(numbers, len(numbers))
        one, other = ours[random.integers(len(ours))], theirs[random.integers(len(theirs))]
        apart.append(_precision(one, chosen) - _precision(other, chosen))
    return tuple(np.nanpercentile(apart, (2.5, 50, 97.5)).tolist())


def _precision(matches, numbers) -> float:
    """Return AP of pictures, each counted as often as it is named, as COCO reckons it."""
    chosen = [matches[number] for number in numbers if matches[number] is not None]
    count = sum(np.count_nonzero(one["gtIgnore"] == 0) for one in chosen)
    if not count:
        return float("nan")
    order = np.argsort(-np.concatenate([one["dtScores"] for one in chosen]), kind="mergesort")
    matched = np.concatenate([one["dtMatches"] for one in chosen], axis=1)[:, order] > 0
    counts = ~np.concatenate([one["dtIgnore"] for one in chosen], axis=1)[:, order].astype(bool)
    right, wrong = (np.cumsum(which & counts, axis=1) for which in (matched, ~matched))
    precisions = []
    for good, bad in zip(right, wrong, strict=True):
        recall, precision = good / count, good / np.maximum(good + bad, 1)
        best = np.maximum.accumulate(precision[::-1])[::-1]
        at = np.searchsorted(recall, np.linspace(0, 1, 101))
        precisions.append(np.mean(np.append(best, 0.0)[np.minimum(at, len(best))]))
    return float(np.mean(precisions))


def newcomers() -> None:
    print("\nnewcomers   height in 720    first seen, s after the whole body is there; share of frames after")
    size = (1280, 720)
    room = read_room(CLIP, size)
    for focus in FOCUSES:
        estimator = open_estimator(EstimatorOptions("posenet", input_size=SMALL.input_size, focus=focus))
        try:
            for tall in (100, 144, 200, 300):
                seen = [_walk_in(estimator, room, size, tall, begin) for begin in (0.9, 1.0, 1.1)]
                told = "   ".join(
                    "never      " if first is None else f"{first:+.2f} ({share:.0%})" for first, share in seen
                )
                print(f"{focus:10} {tall:14}    {told}")
        finally:
            estimator.close()


def _walk_in(estimator, room, size, tall, begin) -> tuple[float | None, float]:
    estimator.reset()
    known, newcomer = room.visitors[0].tall(180), room.visitors[1].tall(tall)
    wide = newcomer.alpha.shape[1]
    whole, seen = None, []
    for index in range(75):
        now = index / RATE
        left = size[0] - 0.76 * tall * (now - begin)  # 1.3 m/s of 1.7 m
        picture = room.with_people((known, 200, 600), (newcomer, left, 640))
        poses = estimator.estimate(Frame(picture, now, index)).poses
        whole = now if whole is None and left + wide <= size[0] else whole
        place = left + wide / 2, 640 - tall / 2
        seen.append(any(np.hypot(*((pose.xy * size).mean(axis=0) - place)) < 0.35 * tall for pose in poses))
    if True not in seen:
        return None, 0.0
    first = seen.index(True)
    return first / RATE - whole, float(np.mean(seen[first:]))


if __name__ == "__main__":
    sections = {"far": far, "newcomers": newcomers, "nobody": nobody, "shrunk": shrunk}
    for name in sys.argv[1:] or sections:
        sections[name]()
