"""What bad light costs, and what gives it back: python bench/light.py [SECTION...]

    treatments   every treatment in every light, AP and AR (all sections without an argument)
    ghosts       bodies seen on pictures without people, darkened down to a covered lens
    films        bodies found again in a darkened film, against those in good light
    following    how far keypoints move while the light is followed
    time         what a frame costs more, in good light and in the dark
    --only WORD  estimators whose name contains it
    --seeds N    so many draws of the noise, of which the mean is printed (2)
    --draw FILE  one picture in the dark, as the camera gives it and as the model sees it, with what is found

`auto`, `gamma` and `clahe` are what the setting `light` does; the others were tried, and are applied to the
whole picture. $POSEKIT_ASSETS names the folder with `data/coco`, `data/no_people` and `data/videos`.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from posekit.draw import draw_poses, write_picture
from posekit.estimators import EstimatorOptions, open_estimator
from posekit.estimators.light import LINEAR, Correction, Light, look_at
from posekit.estimators.likeness import likeness
from posekit.frame import Frame

sys.path.append(str(Path(__file__).parents[1] / "tests"))
from coco_truth import coco_truth, frames_in, shifts
from darkroom import LIGHTS, darker, noisier

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SURE = 0.4
"""Score from which on a body in good light is somebody."""
DATA = Path(os.environ.get("POSEKIT_ASSETS", ".")) / "data"
FAMILIES = ("posenet", "movenet", "blazepose")
SET = ("off", "auto", "gamma", "clahe")
"""What the setting `light` offers."""
FOUND = 0.5
"""Likeness from which on a pose is the one that is seen in good light."""


def _to_mean(target: float) -> Callable[[np.ndarray], np.ndarray]:
    """Return what multiplies linear light so that the mean value is right, however bright the picture."""

    def treat(pixels: np.ndarray) -> np.ndarray:
        stops = np.log2(np.interp(target, np.arange(256) / 255, LINEAR) / _mean_light(pixels))
        return cv2.LUT(pixels, Correction(stops=float(max(stops, 0.0))).levels())

    return treat


def _mean_light(pixels: np.ndarray) -> float:
    return max(float(np.interp(look_at(pixels).mean, np.arange(256) / 255, LINEAR)), 1e-6)


def _gamma(target: float) -> Callable[[np.ndarray], np.ndarray]:
    def treat(pixels: np.ndarray) -> np.ndarray:
        exponent = np.log(target) / np.log(min(max(look_at(pixels).mean, 0.01), 0.99))
        return cv2.LUT(pixels, Correction(gamma=float(np.clip(exponent, 0.3, 1.0))).levels())

    return treat


def _clahe(limit: float, tiles: int) -> Callable[[np.ndarray], np.ndarray]:
    clahe = cv2.createCLAHE(limit, (tiles, tiles))

    def treat(pixels: np.ndarray) -> np.ndarray:
        coded = cv2.cvtColor(pixels, cv2.COLOR_RGB2YCrCb)
        coded[..., 0] = clahe.apply(np.ascontiguousarray(coded[..., 0]))
        return cv2.cvtColor(coded, cv2.COLOR_YCrCb2RGB)

    return treat


def _stretch(pixels: np.ndarray) -> np.ndarray:
    seen = look_at(pixels)
    values = (np.arange(256) / 255 - seen.dark) / max(seen.bright - seen.dark, 0.05)
    return cv2.LUT(pixels, np.rint(values.clip(0, 1) * 255).astype(np.uint8))


TRIED: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "gain .35": _to_mean(0.35),
    "gamma .35": _gamma(0.35),
    "clahe 2 8": _clahe(2, 8),
    "clahe 4 8": _clahe(4, 8),
    "clahe 2 4": _clahe(2, 4),
    "stretch": _stretch,
    "blur": lambda pixels: cv2.GaussianBlur(pixels, (3, 3), 0),
    "median": lambda pixels: cv2.medianBlur(pixels, 3),
}
"""Treatments of the whole picture, before anything else."""


def treatments(family: str, seeds: int) -> None:
    """Print AP and AR of every treatment in every light."""
    truth = coco_truth(DATA / "coco")
    options = EstimatorOptions(family, still=True)
    estimators = {word: open_estimator(replace(options, light=word)) for word in SET}
    print(f"\n{family}: AP / AR of {truth.people} people, mean of {seeds} draws")
    print(f"{'':10}" + "".join(f"{name:>13}" for name in (*SET, *TRIED)))
    for name, light in LIGHTS.items():
        draws = [
            {number: light(frame.pixels, seed) for number, frame in truth.frames.items()}
            for seed in range(1 if name == "as it is" else seeds)
        ]
        ways = [(estimator, None) for estimator in estimators.values()]
        ways += [(estimators["off"], treat) for treat in TRIED.values()]
        cells = []
        for estimator, treat in ways:
            judged = [truth.judge(_found(estimator, pictures, treat)) for pictures in draws]
            precision, recall = (
                np.mean([getattr(one, what) for one in judged]) for what in ("precision", "recall")
            )
            cells.append(f"{precision:.3f} / {recall:.2f}")
        print(f"{name:10}" + "".join(f"{cell:>13}" for cell in cells), flush=True)
    for estimator in estimators.values():
        estimator.close()


def _found(estimator, pictures, treat) -> dict:
    return {
        number: estimator.estimate(Frame(pixels if treat is None else treat(pixels), 0.0, 0)).poses
        for number, pixels in pictures.items()
    }


def ghosts(family: str, seeds: int) -> None:
    """Print how many bodies are seen where nobody is, in the dark and behind a covered lens."""
    nobody = [frame.pixels for frame in frames_in(DATA / "no_people")]
    print(f"\n{family}: bodies on {len(nobody)} pictures without people, {seeds} draws")
    print(f"{'':10}" + "".join(f"{word:>8}" for word in SET))
    lights = {f"dark {stops}": (darker, stops) for stops in (0, 2, 4, 6, 8, 12)}
    lights |= {f"gain {stops}": (noisier, stops) for stops in (6, 8, 10)}
    estimators = {word: open_estimator(EstimatorOptions(family, still=True, light=word)) for word in SET}
    for name, (darken, stops) in lights.items():
        pictures = [darken(pixels, stops, seed) for seed in range(seeds) for pixels in nobody]
        counts = [
            sum(len(estimator.estimate(Frame(pixels, 0.0, 0)).poses) for pixels in pictures)
            for estimator in estimators.values()
        ]
        print(f"{name:10}" + "".join(f"{count:8}" for count in counts), flush=True)
    for estimator in estimators.values():
        estimator.close()


def films(family: str, _: int) -> None:
    """Print how many of the sure bodies of `crossing.mp4` are found again five stops darker, and others."""
    for focus in ("off", "on") if family == "posenet" else ("off",):
        looks = {"in good light": "off", "off": "off", "auto": "auto"}
        estimators = {
            name: open_estimator(EstimatorOptions(family, light=word, focus=focus))
            for name, word in looks.items()
        }
        counts = {name: [0, 0] for name in looks}
        for index, pixels in enumerate(_film(DATA / "videos" / "crossing.mp4", 70)):
            frames = {
                name: Frame(
                    pixels if name == "in good light" else darker(pixels, 5, index), index / 30, index
                )
                for name in looks
            }
            poses = {name: one.estimate(frames[name]).poses for name, one in estimators.items()}
            known, aspect = poses["in good light"], pixels.shape[1] / pixels.shape[0]
            sure = [pose for pose in known if pose.score > SURE]
            for name, found in poses.items():
                again = likeness(sure, found, aspect).max(axis=1, initial=0) >= FOUND
                others = likeness(known, found, aspect).max(axis=0, initial=0) < FOUND
                counts[name][0] += int(again.sum())
                counts[name][1] += int(others.sum())
        for estimator in estimators.values():
            estimator.close()
        told = ", ".join(f"{name} {again} and {others} others" for name, (again, others) in counts.items())
        print(f"\n{family}, focus {focus}, five stops darker: {told}", flush=True)


def following(family: str, _: int) -> None:
    """Print how far keypoints move from frame to frame while light is followed, and afterwards."""
    truth = coco_truth(DATA / "coco")
    print(f"\n{family}: pixels from frame to frame, a still picture four stops darker: following, afterwards")
    for number in (349860, 129648, 214753, 415727):
        frame = truth.frames[number]
        estimator = open_estimator(EstimatorOptions(family, light="auto"))
        seen = []
        for index in range(90):
            pixels = frame.pixels if index < 15 else darker(frame.pixels, 4, index - 15)
            seen.append(estimator.estimate(Frame(pixels, index / 30, index)).poses)
        estimator.close()
        moved = [shifts(b, a, frame.size) for a, b in pairwise(seen[15:])]
        medians = [float(np.median(one)) for one in moved if len(one)]
        print(
            f"{number:8} {statistics.median(medians[:30]):6.2f} {statistics.median(medians[45:]):6.2f}",
            flush=True,
        )


def _film(path: Path, count: int) -> Iterator[np.ndarray]:
    capture = cv2.VideoCapture(str(path))
    for _ in range(count):
        is_there, pixels = capture.read()
        if not is_there:
            break
        yield np.ascontiguousarray(pixels[..., ::-1])
    capture.release()


def times(family: str, _: int) -> None:
    """Print milliseconds of a frame at 30 Hz, and what of them is the light's."""
    picture = cv2.resize(coco_truth(DATA / "coco").frames[129648].pixels, (1280, 720))
    print(f"\n{family}: ms of a 1280x720 frame, median; the settings take turns, frame by frame")
    print(f"{'':10}" + "".join(f"{word:>8}" for word in SET) + "   looking   correcting")
    for name, pixels in {
        "as it is": picture,
        "dark 4": darker(picture, 4),
        "gain 7": noisier(picture, 7),
    }.items():
        estimators = {word: open_estimator(EstimatorOptions(family, light=word)) for word in SET}
        taken = {word: [] for word in SET}
        for index in range(90):
            for word, estimator in estimators.items():
                begin = time.perf_counter()
                estimator.estimate(Frame(pixels, index / 30, index))
                taken[word].append(time.perf_counter() - begin)
        for estimator in estimators.values():
            estimator.close()
        cells = [f"{statistics.median(several) * 1000:8.2f}" for several in taken.values()]
        print(f"{name:10}" + "".join(cells) + "".join(f"{ms:12.3f}" for ms in _alone(pixels)), flush=True)


def _alone(pixels: np.ndarray) -> tuple[float, float]:
    """Return the ms of one look, four of which are made a second, and of correcting a model's input."""
    light = Light("auto")
    looks, corrections = [], []
    image = cv2.resize(pixels, (481, 271))
    for index in range(60):
        begin = time.perf_counter()
        light.update(pixels, index / 3)
        middle = time.perf_counter()
        light.correct(image)
        looks.append(middle - begin)
        corrections.append(time.perf_counter() - middle)
    return statistics.median(looks) * 1000, statistics.median(corrections) * 1000


def draw(file: Path, family: str) -> None:
    """Draw what is found in a picture in the dark: without light, and with it."""
    rows = []
    for number, stops in ((129648, 4), (183709, 5), (349860, 6)):
        pixels = darker(coco_truth(DATA / "coco").frames[number].pixels, stops)
        light = Light("auto", still=True)
        light.update(pixels, 0.0)
        shown = {"off": pixels, "auto": light.corrected(pixels).copy()}
        cells = []
        for word, seen in shown.items():
            estimator = open_estimator(EstimatorOptions(family, still=True, light=word))
            picture = seen.copy()
            poses = estimator.estimate(Frame(pixels, 0.0, 0)).poses
            sure = [replace(one, xy=np.where(one.scores[:, None] < 0.3, np.nan, one.xy)) for one in poses]
            draw_poses(picture, sure)
            estimator.close()
            cells.append(cv2.resize(picture, (round(picture.shape[1] * 420 / picture.shape[0]), 420)))
        rows.append(np.hstack(cells))
    width = max(row.shape[1] for row in rows)
    write_picture(file, np.vstack([np.pad(row, ((0, 0), (0, width - row.shape[1]), (0, 0))) for row in rows]))


SECTIONS = {"treatments": treatments, "ghosts": ghosts, "films": films, "following": following, "time": times}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("section", nargs="*", help=f"of {', '.join(SECTIONS)}")
    parser.add_argument("--only", default="")
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--draw", type=Path)
    given = parser.parse_args()
    families = [family for family in FAMILIES if given.only in family]
    if given.draw:
        draw(given.draw, families[0])
        return
    for section in given.section or SECTIONS:
        for family in families:
            SECTIONS[section](family, given.seeds)


if __name__ == "__main__":
    main()
