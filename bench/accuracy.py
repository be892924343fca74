"""How exact PoseNet is here, and what choices cost: python bench/accuracy.py [SECTION...].

Sections: variants, sizes, thresholds, crowds, input, couple; all of them without an argument.
$POSEKIT_ASSETS names the folder with weights, `data/coco`, `data/no_people` and `data/images`
(see bench/README.md).
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from posekit.assets import ensure_original
from posekit.estimators import model_input
from posekit.estimators.posenet import MIN_POSE_SCORE, PoseNet
from posekit.estimators.posenet_decoder import decode_multiple
from posekit.runtimes import installed_runtimes, open_runtime
from posekit.tflite import operate, resize

sys.path.append(str(Path(__file__).parents[1] / "tests"))
from coco_truth import CocoTruth, coco_truth, frames_in, read_frame, shifts

SIZES = ("481x353", "641x481", "1281x721")
DIAL = (
    *("129x97", "193x145", "257x193", "321x241", "353x257", "385x289", "481x353", "513x385", "561x417"),
    *("641x353", "641x481", "801x593", "961x721", "1281x721"),
)
VARIANTS = ("original", "int8", "float32")
DATA = Path(os.environ.get("POSEKIT_ASSETS", ".")) / "data"


@dataclass
class Models:
    """Every variant of every size, made once."""

    folder: Path

    def open(self, size: str, variant: str = "int8", runtime: str = "auto", **options) -> PoseNet:
        file = self.folder / f"posenet-{size}.{variant}.tflite"
        if not file.exists():
            # Every size but Google's own three is made from the smallest.
            source = size if size in SIZES else SIZES[0]
            data = ensure_original(f"posenet-{source}").read_bytes()
            file.write_bytes(operate(resize(data, parse(size)), variant))
        return PoseNet(open_runtime(file, runtime), **options)


def variants(models: Models, truth: CocoTruth) -> None:
    print(
        "Arithmetic: the same weights on COCO. Shift (px, of keypoints > 0.5) against `original` in the same"
    )
    print(
        "runtime; ms of drawing the frame into the input and running, without decoding; turns are interleaved"
    )
    print(
        _row(
            *("model", "runtime", "variant", "AP", "AR", "model px", "image px", "p90 model"),
            *("count", "ms", "speed"),
        )
    )
    for size in SIZES:
        for runtime in installed_runtimes():
            with ExitStack() as opened:
                estimators = {}
                for variant in VARIANTS:
                    estimators[variant] = models.open(size, variant, runtime)
                    opened.callback(estimators[variant].close)
                times = _interleaved(estimators, truth, 3 if size == SIZES[-1] else 8)
                _print_variants(size, runtime, estimators, times, truth)


def _interleaved(estimators: dict[str, PoseNet], truth: CocoTruth, rounds: int) -> dict[str, float]:
    """Return the median ms of resizing and running (not decoding), the variants taking turns."""
    taken: dict[str, list[float]] = {variant: [] for variant in estimators}
    for _ in range(rounds):
        for frame in truth.frames.values():
            for variant, estimator in estimators.items():
                begin = time.perf_counter()
                estimator.look(frame)
                taken[variant].append(time.perf_counter() - begin)
    return {variant: statistics.median(several) * 1000 for variant, several in taken.items()}


def _print_variants(size: str, runtime: str, estimators, times: dict[str, float], truth: CocoTruth) -> None:
    poses = {
        variant: {number: estimator.estimate(frame).poses for number, frame in truth.frames.items()}
        for variant, estimator in estimators.items()
    }
    for variant, found in poses.items():
        accuracy = truth.judge(found)
        moved = [[], []]
        for number, frame in truth.frames.items():
            width, height = frame.size
            scale = min(a / b for a, b in zip(map(int, size.split("x")), frame.size, strict=True))
            image = shifts(found[number], poses["original"][number], (width, height))
            moved[0].append(image * scale)
            moved[1].append(image)
        model, image = (np.concatenate(several) for several in moved)
        figures = np.median(model), np.median(image), np.percentile(model, 90)
        print(
            _row(
                *(size, runtime, variant, accuracy.precision, accuracy.recall, *figures, len(model)),
                *(f"{times[variant]:.1f}", times["original"] / times[variant]),
            )
        )


def sizes(models: Models, truth: CocoTruth) -> None:
    print("\nSizes, made from the 481x353 file but for Google's own three; int8, ms of drawing and running;")
    print("ms per megapixel is level where time goes with the area")
    print(_row("model", "AP", "AR", "people", *(f"{name} ms" for name in installed_runtimes()), "ms/Mpx"))
    for size in DIAL:
        with ExitStack() as opened:
            estimators = {}
            for runtime in installed_runtimes():
                estimators[runtime] = models.open(size, runtime=runtime)
                opened.callback(estimators[runtime].close)
            first = next(iter(estimators.values()))
            found = {number: first.estimate(frame).poses for number, frame in truth.frames.items()}
            times = list(_interleaved(estimators, truth, 3).values())
        accuracy = truth.judge(found)
        area = parse(size)[0] * parse(size)[1] / 1e6
        counts = accuracy.precision, accuracy.recall, sum(map(len, found.values()))
        print(_row(size, *counts, *(f"{time:.1f}" for time in times), f"{times[0] / area:.0f}"))


def parse(size: str) -> tuple[int, int]:
    width, height = map(int, size.split("x"))
    return width, height


def thresholds(models: Models, truth: CocoTruth) -> None:
    nobody = frames_in(DATA / "no_people")
    print(
        f"\nGhosts: {len(nobody)} pictures without people, one of toy figures; {truth.people} people on COCO"
    )
    print("sure: a pose counts only with so many keypoints above 0.5, whatever its score")
    print(_row("model", "min score", "sure", "ghosts", "pictures", "AP", "AR", "poses"))
    criteria = [(score, 0) for score in (0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6)]
    criteria += [(0.25, sure) for sure in (3, 4, 5, 6, 8, 10, 11)]
    for size in SIZES:
        estimator = models.open(size)
        seen = {number: estimator.look(frame) for number, frame in truth.frames.items()}
        empty = [estimator.look(frame) for frame in nobody]
        estimator.close()
        for score, sure in criteria:
            poses = {number: _decoded(*look, score, sure) for number, look in seen.items()}
            ghosts = [len(_decoded(*look, score, sure)) for look in empty]
            accuracy = truth.judge(poses)
            counts = sum(ghosts), sum(map(bool, ghosts))
            found = sum(map(len, poses.values()))
            print(_row(size, score, sure or "", *counts, accuracy.precision, accuracy.recall, found))


def _decoded(tensors, placement, score: float, sure: int = 0, accepted: int = 20):
    poses = decode_multiple(tensors, accepted, score).best(10).placed(placement)
    return [pose for pose in poses if (pose.scores > 0.5).sum() >= sure]


def crowds(models: Models, truth: CocoTruth) -> None:
    print("\nDoubles: poses accepted before doubles are dropped, at most ten kept")
    print(_row("model", "accepted", "AP", "AR", "poses"))
    for size in SIZES:
        estimator = models.open(size)
        seen = {number: estimator.look(frame) for number, frame in truth.frames.items()}
        estimator.close()
        for accepted in (10, 15, 20, 30):
            poses = {n: _decoded(*look, MIN_POSE_SCORE, accepted=accepted) for n, look in seen.items()}
            accuracy = truth.judge(poses)
            count = sum(map(len, poses.values()))
            print(_row(size, accepted, accuracy.precision, accuracy.recall, count))


def inputs(models: Models, truth: CocoTruth) -> None:
    print("\nDrawing the frame into the input; bias: median of found minus true, model px")
    print(
        f"{'model':9} {'fit':8} {'resize':8} {'padding':>7} {'AP':>6} {'AR':>6} {'bias x':>6} {'bias y':>6}"
    )
    ways = (
        ("contain", "LINEAR", 128),
        ("contain", "LINEAR", 0),
        ("contain", "AREA", 128),
        ("contain", "NEAREST", 128),
        ("stretch", "LINEAR", 128),
    )
    kept = model_input.INTERPOLATION, model_input.PADDING
    for size in SIZES:
        for fit, filtering, padding in ways:
            model_input.INTERPOLATION, model_input.PADDING = getattr(cv2, f"INTER_{filtering}"), padding
            estimator = models.open(size, fit=fit, min_pose_score=0.2)
            poses = {number: estimator.estimate(frame).poses for number, frame in truth.frames.items()}
            estimator.close()
            accuracy = truth.judge(poses)
            bias = _bias(poses, truth, size)
            print(_row(size, fit, filtering, padding, accuracy.precision, accuracy.recall, *bias))
    model_input.INTERPOLATION, model_input.PADDING = kept
    _print_resize_times()


def _print_resize_times() -> None:
    picture = np.random.default_rng(0).integers(0, 255, (720, 1280, 3), np.uint8)
    for filtering in ("LINEAR", "AREA", "NEAREST"):
        taken = []
        for _ in range(60):
            begin = time.perf_counter()
            cv2.resize(picture, (481, 271), interpolation=getattr(cv2, f"INTER_{filtering}"))
            taken.append(time.perf_counter() - begin)
        print(f"1280 x 720 to 481 x 271, {filtering}: {statistics.median(taken) * 1000:.2f} ms")


def _bias(poses, truth: CocoTruth, size: str) -> np.ndarray:
    moved = []
    for number, frame in truth.frames.items():
        scale = min(a / b for a, b in zip(map(int, size.split("x")), frame.size, strict=True))
        for person in truth.people_in(number):
            for pose in poses[number]:
                both = (person[:, 2] > 0) & (pose.scores > 0.5)
                away = ((pose.xy * frame.size - person[:, :2]) * scale)[both]
                if both.sum() >= 6 and np.median(np.hypot(*away.T)) < 8:
                    moved.append(away)
    return np.median(np.concatenate(moved), axis=0)


def couple(models: Models, _: CocoTruth) -> None:
    print("\ntest_couple.jpg (1920 x 1278) against the consensus of 18 models, keypoints > 0.5, image px")
    print(_row("model", "runtime", "people", "compared", "median", "mean", "p90", "max", "over 12"))
    frame = read_frame(DATA / "images" / "test_couple.jpg")
    truth = json.loads((DATA / "truth" / "test_couple.consensus.gt.json").read_text())["people"]
    people = [np.array(person["keypoints"]) for person in truth]
    for size in SIZES:
        for runtime in installed_runtimes():
            estimator = models.open(size, runtime=runtime)
            poses = estimator.estimate(frame).poses
            estimator.close()
            away = np.concatenate([_away(pose, people, frame.size) for pose in poses])
            figures = np.median(away), away.mean(), np.percentile(away, 90), away.max()
            counts = len(poses), len(away)
            print(_row(size, runtime, *counts, *(f"{figure:.1f}" for figure in figures), (away > 12).sum()))


def _away(pose, people, size: tuple[int, int]) -> np.ndarray:
    several = []
    for person in people:
        both = (person[:, 2] > 0) & (pose.scores > 0.5)
        several.append(np.hypot(*(pose.xy * size - person[:, :2])[both].T))
    return min(several, key=np.mean)


def _row(*cells) -> str:
    texts = [f"{cell:.3f}" if isinstance(cell, float) else str(cell) for cell in cells]
    return "  ".join([f"{texts[0]:9}", *(f"{text:>9}" for text in texts[1:])])


SECTIONS = {
    "variants": variants,
    "sizes": sizes,
    "thresholds": thresholds,
    "crowds": crowds,
    "input": inputs,
    "couple": couple,
}


def main() -> None:
    truth = coco_truth(DATA / "coco")
    with tempfile.TemporaryDirectory() as folder:
        for section in sys.argv[1:] or SECTIONS:
            SECTIONS[section](Models(Path(folder)), truth)


if __name__ == "__main__":
    main()
