"""How calm and how late smoothed keypoints are: python bench/smoothing.py [--json] [--seed 1000] [--picture
FILE.png].

Bodies of the synthetic crowd (`posekit/crowd`), seen with the noise that was fitted to PoseNet, are smoothed
and compared with the truth, for every preset at 10, 30 and 60 frames per second. Presets were tuned on seeds
100 and 101; what is reported are others, from 1000 on. Nothing is tracked: whose a pose is, is known.

- jitter: how much a keypoint's error changes from frame to frame, RMS, of bodies that stand. `calmer` is by
  how much less that is than in what the estimator saw: the median over bodies and keypoints, and `all`,
  everything together, in which a few gross errors outweigh the rest.
- lag: the shift in time with which the smoothed places of moving keypoints (above 0.3 statures per second)
  fit the truth best, minus that of what the estimator saw; `waving` arms and `walking` bodies.
- display error: RMS distance, in statures, of moving keypoints from where the body is 50 ms later, when it is
  shown, `as seen` by the estimator, `smoothed`, and smoothed and `predicted` with the velocity.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from posekit.crowd import NONE, moments, observe, parse_crowd, scripted
from posekit.draw import write_picture
from posekit.features import measure
from posekit.scene import Person
from posekit.smoothing import PRESETS, Smoother
from posekit.smoothing.prediction import predicted_seconds

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from posekit.crowd import Moment
    from posekit.pose import Pose
    from posekit.smoothing import SmoothingOptions

SIZE = (1280, 720)
FLAT = np.array((SIZE[0] / SIZE[1], 1.0))
RATES = (10, 30, 60)
FINE = 120.0
"""Frames per second of the truth; all rates divide it."""
KEYPOINT_SCORE = 0.3
GRACE = 0.5
MOVING = 0.3
"""Statures per second."""
AHEAD = 0.05
"""Seconds from capture to display."""
SETTLE = 1.0
"""Seconds at the begin that do not count."""


@dataclass(frozen=True)
class Scenes:
    """The same bodies at one rate and as they are: T frames, N bodies."""

    rate: int
    frames: tuple[tuple[Person, ...], ...]
    times: np.ndarray
    seen: np.ndarray
    """(T, N, 17) complex: x and y in image heights, as the estimator saw them; NaN where it did not."""
    truth: np.ndarray
    """(T', N, 17) complex, at FINE frames per second."""
    heights: np.ndarray
    """(T, N) statures in image heights."""

    @cached_property
    def speeds(self) -> np.ndarray:
        """(T, N, 17) complex, statures per second."""
        apart = 1 / FINE
        with np.errstate(invalid="ignore"):  # nobody there has no height
            return (self.true(apart) - self.true(-apart)) / (2 * apart * self.heights[..., None])

    @cached_property
    def moving(self) -> np.ndarray:
        """(T, N, 17) bool: what moves, and was seen."""
        late = (self.times >= SETTLE)[:, None, None]
        return (np.abs(self.speeds) > MOVING) & ~np.isnan(self.seen) & late

    def true(self, later: float) -> np.ndarray:
        """(T, N, 17): where everything was so many seconds after each frame."""
        at = np.round((self.times + later) * FINE).astype(int)
        inside = (at >= 0) & (at < len(self.truth))
        return np.where(inside[:, None, None], self.truth[np.clip(at, 0, len(self.truth) - 1)], np.nan)


def flat(xy: np.ndarray) -> np.ndarray:
    scaled = xy.astype(np.float64) * FLAT
    return scaled[..., 0] + 1j * scaled[..., 1]


def gather(rate: int, seen: Iterable[Moment], truth: Iterable[Moment]) -> Scenes:
    """Follow bodies by what is known of them; whoever vanishes stays for a while, as a tracker has it."""
    seen, truth = list(seen), list(truth)
    ids = sorted({person.id for moment in truth for person in moment.truth})
    row = {body: at for at, body in enumerate(ids)}
    places = np.full((len(seen), len(ids), 17), np.nan + 0j)
    true = np.full((len(truth), len(ids), 17), np.nan + 0j)
    heights = np.full((len(seen), len(ids)), np.nan)
    frames, last = [], {}
    for at, moment in enumerate(seen):
        for pose, body in zip(moment.poses, moment.origins, strict=True):
            if body:
                clear = pose.above(KEYPOINT_SCORE)
                places[at, row[body]] = flat(clear.xy)
                last[body] = a_person(row[body] + 1, clear, pose, moment.time)
        for person in moment.truth:
            heights[at, row[person.id]] = person.height
        last = {body: person for body, person in last.items() if moment.time - person.seen <= GRACE}
        frames.append(tuple(last[body] for body in sorted(last)))
    for at, moment in enumerate(truth):
        for person in moment.truth:
            true[at, row[person.id]] = flat(person.pose.xy)
    times = np.array([moment.time for moment in seen])
    return Scenes(rate, tuple(frames), times, places, true, heights)


def a_person(body: int, pose: Pose, raw: Pose, seen: float) -> Person:
    return Person(body, body, pose, 0.0, np.zeros((17, 2), np.float32), seen, raw)


def acting(act: str, rate: int, seed: int, seconds: float) -> Scenes:
    """Four bodies of four sizes, one of them a child, do the same."""
    bodies = [
        scripted(
            act,
            height,
            "child" if at == 3 else "adult",
            at=(0.14 + 0.24 * at, 0.5),
            begin=0.2,
            duration=seconds - 0.4,
            total=seconds + 1,
            id=at + 1,
        )
        for at, height in enumerate((0.3, 0.5, 0.8, 0.4))
    ]
    truth = observe(bodies, FINE, seconds, SIZE, NONE, seed)
    return gather(rate, observe(bodies, rate, seconds, SIZE, seed=seed), truth)


def walking(rate: int, seed: int, seconds: float) -> Scenes:
    def options(rate: float, noise: float) -> Iterator[Moment]:
        return moments(
            parse_crowd(f"people=3,seed={seed},rate={rate:g},seconds={seconds:g},noise={noise:g},acts=none")
        )

    return gather(rate, options(rate, 1), options(FINE, 0))


def scenes(rate: int, seed: int, count: int = 3, seconds: float = 12.0) -> dict[str, list[Scenes]]:
    """Return bodies at rest and in motion, from `count` seeds each."""
    seeds = range(seed, seed + count)
    return {
        "rest": [acting("still", rate, one, seconds) for one in seeds],
        "waving": [acting(act, rate, one, seconds) for one in seeds for act in ("wave_right", "swing_arms")],
        "walking": [walking(rate, one, 2 * seconds) for one in seeds],
    }


@dataclass(frozen=True)
class Smoothed:
    places: np.ndarray
    """(T, N, 17) complex, image heights."""
    velocity: np.ndarray


def smooth(given: Scenes, options: SmoothingOptions) -> Smoothed:
    smoother = Smoother(options)
    places, velocity = np.full_like(given.seen, np.nan), np.zeros_like(given.seen)
    for at, (people, now) in enumerate(zip(given.frames, given.times.tolist(), strict=True)):
        for person in smoother.update(people, now, SIZE):
            places[at, person.id - 1] = flat(person.pose.xy)
            velocity[at, person.id - 1] = person.velocity @ (1, 1j)
    return Smoothed(places, velocity)


def steps(given: Scenes, places: np.ndarray) -> np.ndarray:
    """Return (T - 1, N, 17): by how many statures errors change from frame to frame."""
    late = given.times[1:] >= SETTLE
    return (np.abs(np.diff(places - given.true(0.0), axis=0)) / given.heights[1:, :, None])[late]


def jitter(given: list[Scenes], results: list[Smoothed]) -> dict[str, float]:
    each, before, after = [], [], []
    for one, smoothed in zip(given, results, strict=True):
        raw, calm = steps(one, one.seen), steps(one, smoothed.places)
        both = ~np.isnan(raw) & ~np.isnan(calm)
        raw, calm = np.where(both, raw, 0), np.where(both, calm, 0)
        enough = both.sum(axis=0) > 5 * len(raw) // 10
        each.append(1 - np.sqrt(np.square(calm).sum(axis=0)[enough] / np.square(raw).sum(axis=0)[enough]))
        before.append(raw[both])
        after.append(calm[both])
    raw, calm = np.concatenate(before), np.concatenate(after)
    return {
        "raw": rms(raw),
        "jitter": rms(calm),
        "calmer": float(np.median(np.concatenate(each))),
        "calmer_all": 1 - rms(calm) / rms(raw),
    }


def rms(values: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(values))))


def lateness(given: list[Scenes], places: list[np.ndarray]) -> float:
    """Return by how many seconds moving keypoints are late: the shift that fits the truth best."""
    shifts = np.arange(-3, 16) / FINE
    misfits = np.zeros(len(shifts))
    for one, found in zip(given, places, strict=True):
        use = one.moving & ~np.isnan(found)
        for shift in shifts:
            use &= ~np.isnan(one.true(-shift))
        for at, shift in enumerate(shifts):
            apart = np.abs(found - one.true(-shift)) / one.heights[..., None]
            misfits[at] += np.square(apart[use]).sum()
    best = int(np.clip(misfits.argmin(), 1, len(shifts) - 2))
    left, middle, right = misfits[best - 1 : best + 2]
    return float(shifts[best] + 0.5 * (left - right) / (left - 2 * middle + right) / FINE)


def display_error(given: list[Scenes], places: list[np.ndarray]) -> float:
    """Return how far, in statures, moving keypoints are from where they are AHEAD seconds later."""
    errors = []
    for one, found in zip(given, places, strict=True):
        apart = np.abs(found - one.true(AHEAD)) / one.heights[..., None]
        errors.append(apart[one.moving & ~np.isnan(apart)])
    return rms(np.concatenate(errors))


def shaking(given: list[Scenes], results: list[Smoothed]) -> float:
    """Return the jitter of standing bodies where they are predicted to be."""
    ahead = [one.places + one.velocity * predicted_seconds(AHEAD) for one in results]
    predicted = [Smoothed(places, one.velocity) for places, one in zip(ahead, results, strict=True)]
    return jitter(given, predicted)["calmer"]


def judge(given: dict[str, list[Scenes]], options: SmoothingOptions) -> dict[str, float]:
    results = {name: [smooth(one, options) for one in some] for name, some in given.items()}
    found = jitter(given["rest"], results["rest"])
    found["calmer_predicted"] = shaking(given["rest"], results["rest"])
    for name in ("waving", "walking"):
        raw = [one.seen for one in given[name]]
        places = [one.places for one in results[name]]
        ahead = [one.places + one.velocity * predicted_seconds(AHEAD) for one in results[name]]
        found[f"{name}_lag_ms"] = 1000 * (lateness(given[name], places) - lateness(given[name], raw))
        found[f"{name}_as_seen"] = display_error(given[name], raw)
        found[f"{name}_smoothed"] = display_error(given[name], places)
        found[f"{name}_predicted"] = display_error(given[name], ahead)
    return found


def speed() -> dict[str, float]:
    """Return milliseconds a frame for ten waving people: medians."""
    bodies = [
        scripted("wave", 0.4, at=(0.05 + 0.1 * at, 0.5), id=at + 1, duration=9.0, total=11.0)
        for at in range(10)
    ]
    given = gather(30, observe(bodies, 30, 10.0, SIZE, seed=3), observe(bodies, 30, 0.1, SIZE, NONE))
    smoother, times = Smoother(), {"smoother": [], "features": []}
    for people, now in zip(given.frames, given.times.tolist(), strict=True):
        begin = time.perf_counter()
        steadied = smoother.update(people, now, SIZE)
        middle = time.perf_counter()
        arrays = (
            np.array([person.pose.xy for person in steadied]),
            np.array([person.pose.scores for person in steadied]),
            np.array([person.velocity for person in steadied]),
        )
        before = time.perf_counter()
        measure(*arrays, SIZE[0] / SIZE[1])
        times["smoother"].append(middle - begin)
        times["features"].append(time.perf_counter() - before)
    return {name: round(1000 * statistics.median(some), 3) for name, some in times.items()}


def run(seed: int, presets: Iterable[str] = PRESETS) -> dict[str, dict[str, dict[str, float]]]:
    report: dict[str, dict[str, dict[str, float]]] = {preset: {} for preset in presets}
    for rate in RATES:
        given = scenes(rate, seed)
        for preset in report:
            found = judge(given, PRESETS[preset])
            report[preset][str(rate)] = {name: float(f"{value:.4g}") for name, value in found.items()}
    return report


def tell(report: dict[str, dict[str, dict[str, float]]]) -> None:
    print("        Hz  calmer    all  predicted |  lag ms       | display error at +50 ms, waving | walking")
    print("                                     | waving walking| as seen smoothed predicted      |")
    for preset, rates in report.items():
        for rate, one in rates.items():
            errors = " | ".join(
                " ".join(f"{one[f'{name}_{kind}']:8.4f}" for kind in ("as_seen", "smoothed", "predicted"))
                for name in ("waving", "walking")
            )
            calmer = f"{one['calmer']:7.1%} {one['calmer_all']:6.1%} {one['calmer_predicted']:7.1%}"
            lags = f"{one['waving_lag_ms']:6.1f} {one['walking_lag_ms']:6.1f}"
            print(f"{preset:6} {rate:>3} {calmer}    | {lags} | {errors}")


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    words.add_argument("--json", action="store_true", help="everything, as JSON")
    words.add_argument("--seed", type=int, default=1000, help="the first of three seeds")
    words.add_argument("--preset", choices=list(PRESETS), action="append", help="only this one")
    words.add_argument("--picture", type=Path, help="where to draw a wrist and its smoothed ways, a .png")
    given = words.parse_args()
    if given.picture:
        draw(given.seed, given.picture)
        return
    report = run(given.seed, given.preset or list(PRESETS))
    milliseconds = speed()
    if given.json:
        print(json.dumps({"presets": report, "milliseconds": milliseconds}, indent=2))
        return
    tell(report)
    print(
        f"ten people: smoother {milliseconds['smoother']} ms, features {milliseconds['features']} ms a frame"
    )


COLOURS = {"seen": (190, 190, 190), "normal": (200, 70, 30), "calm": (40, 130, 30), "truth": (30, 30, 30)}
"""RGB."""
PANEL = (560, 420)
MARGIN = 50


def draw(seed: int, path: Path) -> None:
    """Write a picture of a wrist's way, at rest and waving, 30 times a second."""
    panels = [
        panel(f"right wrist, {title}: across, in statures, over {end - begin:g} s", act, seed, (begin, end))
        for title, act, begin, end in (("at rest", "still", 2.0, 6.0), ("waving", "wave_right", 3.0, 4.5))
    ]
    picture = np.concatenate(panels, axis=1)
    for at, name in enumerate(("seen", "truth", "normal", "calm")):
        write(picture, name, MARGIN + 110 * at, PANEL[1] - 14, COLOURS[name])
    write_picture(path, picture)


def panel(title: str, act: str, seed: int, span: tuple[float, float]) -> np.ndarray:
    given = acting(act, 30, seed, span[1] + 1)
    body, keypoint = 1, 10
    when = (given.times >= span[0]) & (given.times <= span[1])
    scale = 1 / given.heights[when, body]
    ways = {"seen": given.seen, "truth": given.true(0.0)}
    ways |= {name: smooth(given, PRESETS[name]).places for name in ("normal", "calm")}
    ways = {name: places[when, body, keypoint].real * scale for name, places in ways.items()}
    middle = np.nanmean(ways["truth"])
    # A gross error may leave the panel.
    reach = 1.6 * float(np.nanpercentile(np.abs(ways["seen"] - middle), 95))
    picture = np.full((PANEL[1], PANEL[0], 3), 255, np.uint8)
    width, height = PANEL[0] - 1.5 * MARGIN, PANEL[1] - 2 * MARGIN

    def place(second: float, off: float) -> tuple[int, int]:
        x = MARGIN + (second - span[0]) / (span[1] - span[0]) * width
        return round(x), round(MARGIN + height * (0.5 - 0.5 * off / reach))

    for off in (-reach / 2, 0.0, reach / 2):
        cv2.line(picture, place(span[0], off), place(span[1], off), (232, 232, 232), 1)
        write(picture, f"{off:+.2g}", 6, place(span[0], off)[1] + 4, (120, 120, 120))
    write(picture, title, MARGIN, 26, (60, 60, 60))
    for name, way in ways.items():
        points = [
            place(second, off)
            for second, off in zip(given.times[when], way - middle, strict=True)
            if off == off
        ]
        cv2.polylines(
            picture, [np.array(points, np.int32)], False, COLOURS[name], 1 + (name == "normal"), cv2.LINE_AA
        )
        if name == "seen":
            for point in points:
                cv2.circle(picture, point, 2, COLOURS[name], -1, cv2.LINE_AA)
    return picture


def write(picture: np.ndarray, text: str, x: int, y: int, colour: tuple[int, int, int]) -> None:
    cv2.putText(picture, text, (x, y), cv2.FONT_HERSHEY_SIMPLEX, 0.45, colour, 1, cv2.LINE_AA)


if __name__ == "__main__":
    main()
