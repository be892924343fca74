"""How PoseNet errs, for the synthetic crowd (posekit/crowd/noise.py): python bench/fit_noise.py.

Runs PoseNet at 481x353 over `data/coco` (truth for every keypoint) and `data/videos` (no truth, but motion is
smooth and bones keep their lengths). $POSEKIT_ASSETS names the folder. Takes a minute.
"""

from __future__ import annotations

import os
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from posekit.crowd import moments, parse_crowd
from posekit.estimators import EstimatorOptions, open_estimator
from posekit.skeleton import COCO_17
from posekit.sources.video import VideoFile

sys.path.append(str(Path(__file__).parents[1] / "tests"))
from coco_truth import coco_truth

DATA = Path(os.environ.get("POSEKIT_ASSETS", ".")) / "data"
INPUT = (481, 353)
FOUND_WITHIN = 0.12
"""A pose is a person's if half of her keypoints are within so many statures."""
BANDS = ((0, 0.1), (0.1, 0.3), (0.3, 0.5), (0.5, 0.7), (0.7, 0.9), (0.9, 1.01))
PARTS = ("nose", "eye", "ear", "shoulder", "elbow", "wrist", "hip", "knee", "ankle")
BONES = {
    "trunk": ((5, 11), (6, 12), 0.288),
    "upper arm": ((5, 7), (6, 8), 0.186),
    "forearm": ((7, 9), (8, 10), 0.146),
    "thigh": ((11, 13), (12, 14), 0.245),
    "shank": ((13, 15), (14, 16), 0.246),
}
"""Both sides' ends, and the length in statures (Drillis and Contini), by which a body's stature is
estimated."""
ROBUST = np.sqrt(2 * np.log(2))
"""Median of a distance in the plane over the standard deviation along each axis."""


@dataclass
class Track:
    """One body of a clip: frames (T,), places (T, 17, 2) in model pixels, scores (T, 17), NaN where
    missed."""

    frames: np.ndarray
    xy: np.ndarray
    scores: np.ndarray
    rate: float

    @property
    def stature(self) -> float:
        """Second longest bone, scaled: foreshortening only shortens, and one bone may be wrong."""
        return float(
            np.nanmedian([stature(xy, score > 0.5) for xy, score in zip(self.xy, self.scores, strict=True)])
        )


def stature(xy: np.ndarray, seen: np.ndarray) -> float:
    lengths = sorted(
        float(np.hypot(*(xy[a] - xy[b]))) / share
        for left, right, share in BONES.values()
        for a, b in (left, right)
        if seen[a] and seen[b]
    )
    return lengths[-2] if len(lengths) > 2 else (lengths[-1] if lengths else np.nan)


def coco(estimator) -> None:
    """Print errors, scores and misses against COCO's truth."""
    truth = coco_truth(DATA / "coco")
    rows, people, found, strays = [], 0, 0, 0
    for number, frame in truth.frames.items():
        scale = min(INPUT[0] / frame.size[0], INPUT[1] / frame.size[1])
        poses, used = estimator.estimate(frame).poses, set()
        for person in truth.people_in(number):
            labelled = person[:, 2] > 0
            height = stature(person[:, :2], labelled)
            if labelled.sum() < 5 or not np.isfinite(height):
                continue
            people += 1
            apart = [np.hypot(*(pose.xy * frame.size - person[:, :2]).T) for pose in poses]
            medians = [float(np.median(one[labelled])) / height for one in apart]
            if not medians or min(medians) > FOUND_WITHIN:
                continue
            found += 1
            best = int(np.argmin(medians))
            used.add(best)
            rows += [
                (at, person[at, 2], poses[best].scores[at], apart[best][at] * scale, height * scale)
                for at in range(17)
            ]
        strays += len(poses) - len(used)
    print(f"COCO: {people} people with 5 labelled keypoints and a bone, {found} found, {strays} stray poses;")
    errors(np.array(rows))


def errors(rows: np.ndarray) -> None:
    """Print what (N, 5) rows of keypoint, label, score, error and stature in model pixels tell."""
    keypoint, label, score, error, height = rows.T
    print(f"{int((label > 0).sum())} labelled keypoints, median stature {np.median(height):.0f} model px\n")
    print("by score:    n   error px  error/stature  p90/stature  beyond 0.1")
    for low, high in BANDS:
        chosen = (label > 0) & (score >= low) & (score < high)
        _line(f"{low}-{high:.1f}", error[chosen], height[chosen])
    print("\nby part, score >= 0.5, errors divided by min(1 + 3.5 (0.95 - score), 2):")
    grown = np.minimum(1 + 3.5 * (0.95 - np.minimum(score, 0.95)), 2)
    for at, part in enumerate(PARTS):
        chosen = (label > 0) & (score >= 0.5) & ((keypoint + 1) // 2 == at)
        _line(part, (error / grown)[chosen], height[chosen])
    print("\nby stature in model px:")
    for low, high in ((0, 130), (130, 200), (200, 300), (300, 999)):
        chosen = (label > 0) & (score >= 0.5) & (height >= low) & (height < high)
        _line(f"{low}-{high}", (error / grown)[chosen], height[chosen])
    print("\nscores, quantiles 10 25 50 75 90 %, and the median's logit:")
    for value, name in enumerate(("unlabelled", "labelled hidden", "labelled visible")):
        _scores(name, score[label == value])
    for at, part in enumerate(PARTS):
        _scores(part, score[(label == 2) & ((keypoint + 1) // 2 == at)])


def _line(name: str, error: np.ndarray, height: np.ndarray) -> None:
    if len(error):
        relative = error / height
        print(
            f"{name:10} {len(error):4d} {np.median(error) / ROBUST:8.2f} "
            f"{np.median(relative) / ROBUST:12.4f} "
            f"{np.percentile(relative, 90):12.3f} {np.mean(relative > 0.1):10.3f}"
        )


def _scores(name: str, scores: np.ndarray) -> None:
    middle = float(np.median(scores))
    quantiles = " ".join(f"{value:.2f}" for value in np.percentile(scores, [10, 25, 50, 75, 90]))
    print(f"{name:17} n {len(scores):3d}  {quantiles}  logit {np.log(middle / (1 - middle)):.1f}")


def clips(estimator) -> None:
    """Print how poses change from frame to frame."""
    gaps, strays, frames, seconds = [], 0, 0, 0.0
    for path in sorted((DATA / "videos").glob("*.mp4")):
        video = VideoFile(path, path.stem)
        poses, count = defaultdict(list), 0
        for frame in video.frames():
            scale = min(INPUT[0] / frame.size[0], INPUT[1] / frame.size[1])
            poses[frame.index] = [
                (pose.xy * frame.size * scale, pose.scores) for pose in estimator.estimate(frame).poses
            ]
            count = frame.index + 1
        one, lost = report(path.stem, poses, count, video.rate)
        strays, frames, seconds = strays + lost, frames + count, seconds + count / video.rate
        gaps += one
    print(f"\nall clips: {frames} frames, {seconds:.0f} s; {strays} stray poses in short tracks;")
    print(f"{len(gaps)} gaps, frames missing in each: {np.bincount(gaps)[1:].tolist()} (of 1, of 2, ...)")


def report(name: str, poses, count: int, rate: float) -> tuple[list[int], int]:
    """Print what one clip tells; return the gaps' lengths in frames, and the number of stray poses."""
    tracks = follow(poses, count, rate)
    long = [track for track in tracks if len(track.frames) >= 15]
    statures = ", ".join(f"{track.stature:.0f}" for track in long)
    print(f"\n{name}: {count} frames at {rate:g} Hz; bodies of {statures} model px")
    jitter(long)
    bones(long)
    memory(long)
    transients(long)
    gaps = [int(gap) for track in long for gap in np.diff(track.frames) - 1 if gap > 0]
    return gaps, sum(len(track.frames) for track in tracks if len(track.frames) < 15)


def crowd() -> None:
    """Print the same of the synthetic crowd, which ought to be alike."""
    for text in (
        "people=2,seed=1,seconds=30,near=4.4,far=5,acts=none",
        "people=1,seed=2,rate=10,seconds=120,near=2,far=2.2",
    ):
        options = parse_crowd(text)
        poses = {
            at: [
                (pose.xy * options.size * (INPUT[0] / options.size[0]), pose.scores) for pose in moment.poses
            ]
            for at, moment in enumerate(moments(options))
        }
        gaps, strays = report(f"synthetic:{text}", poses, len(poses), options.rate)
        print(f"  {len(gaps)} gaps: {np.bincount([0, *gaps])[1:].tolist()}; {strays} stray poses")


def follow(poses, count: int, rate: float) -> list[Track]:
    """Join poses of successive frames greedily, nearest first; a gap may last 15 frames."""
    live, done = [], []
    for at in range(count):
        found = poses.get(at, [])
        pairs = []
        for one, track in enumerate(live):
            for other, (xy, scores) in enumerate(found):
                last, before = track[-1][1]
                sure = np.minimum(before, scores) > 0.4
                if sure.sum() >= 4:
                    size = float(np.ptp(xy, axis=0).max())
                    pairs.append((np.median(np.hypot(*(last - xy)[sure].T)) / size, one, other))
        taken, given = set(), set()
        for apart, one, other in sorted(pairs):
            if apart < 0.25 and one not in taken and other not in given:
                live[one].append((at, found[other]))
                taken.add(one)
                given.add(other)
        live += [[(at, pose)] for other, pose in enumerate(found) if other not in given]
        done += [track for track in live if at - track[-1][0] > 15]
        live = [track for track in live if at - track[-1][0] <= 15]
    return [_track(track, rate) for track in done + live]


def _track(track, rate: float) -> Track:
    frames = np.array([at for at, _ in track])
    xy = np.full((frames[-1] - frames[0] + 1, 17, 2), np.nan)
    scores = np.full(xy.shape[:2], np.nan)
    xy[frames - frames[0]] = [pose[0] for _, pose in track]
    scores[frames - frames[0]] = [pose[1] for _, pose in track]
    return Track(frames, xy, scores, rate)


def jitter(tracks: list[Track]) -> None:
    """Print the white part: second differences over the root of 6; a body's own acceleration is in it."""
    second, score = [np.empty(0)], [np.empty(0)]
    for track in tracks:
        apart = np.hypot(*np.moveaxis(np.diff(track.xy, n=2, axis=0), -1, 0)) / ROBUST / np.sqrt(6)
        least = np.minimum(np.minimum(track.scores[2:], track.scores[1:-1]), track.scores[:-2])
        second.append(apart[np.isfinite(apart)])
        score.append(least[np.isfinite(apart)])
    values, scores = np.concatenate(second), np.concatenate(score)
    told = []
    for low, high in BANDS:
        chosen = values[(scores >= low) & (scores < high)]
        if len(chosen) > 20:
            told.append(f"{low}-{high:.1f} {np.median(chosen):.2f} (n {len(chosen)})")
    print("  jitter px by score:", ", ".join(told))


def bones(tracks: list[Track]) -> None:
    """Print how much bones' lengths waver (robust), where both ends score over 0.7."""
    told = []
    for name, (left, right, _) in BONES.items():
        spreads = []
        for track in tracks:
            for a, b in (left, right):
                sure = (track.scores[:, a] > 0.7) & (track.scores[:, b] > 0.7)
                if sure.sum() >= 30:
                    length = np.hypot(*(track.xy[sure, a] - track.xy[sure, b]).T)
                    spreads.append(1.48 * np.median(np.abs(length - np.median(length))))
        if spreads:
            told.append(f"{name} {np.median(spreads):.1f} ({min(spreads):.1f} to {max(spreads):.1f})")
    print("  bones waver px:", ", ".join(told) or "too few")


def memory(tracks: list[Track]) -> None:
    """Print the autocorrelation of residuals to parabolas over half a second, and of scores."""
    residuals, scores = [], defaultdict(list)
    for track in tracks:
        half = max(2, round(0.25 * track.rate))
        time = np.arange(-half, half + 1)
        shape = np.stack((time**0, time, time**2), axis=1)
        smooth = shape @ np.linalg.pinv(shape)
        for begin in range(0, len(track.xy) - 2 * half, 2 * half + 1):
            window = slice(begin, begin + 2 * half + 1)
            for at in range(17):
                piece = track.xy[window, at]
                if np.isfinite(piece).all() and (track.scores[window, at] > 0.5).all():
                    residuals.append(piece - smooth @ piece)
        off = track.scores - np.nanmean(track.scores, axis=0)
        for seconds in (0.1, 0.3, 1.0):
            lag = max(1, round(seconds * track.rate))
            if len(off) > 2 * lag:
                scores[seconds].append(np.nanmean(off[:-lag] * off[lag:]) / np.nanvar(off))
    if residuals:
        found = np.array(residuals)
        calm = found[(found**2).mean(axis=(1, 2)) <= np.median((found**2).mean(axis=(1, 2)))]
        white = np.random.default_rng(0).normal(size=(4000, found.shape[1], 1))
        white -= np.einsum("ij,njk->nik", smooth, white)
        lags = " ".join(
            f"{_correlation(calm, lag):.2f} ({_correlation(white, lag):.2f})" for lag in (1, 2, 3)
        )
        print(
            f"  calmer half's residual {np.sqrt((calm**2).mean()):.2f} px, after 1 2 3 frames {lags} (white)"
        )
    told = ", ".join(f"{seconds} s {np.median(values):.2f}" for seconds, values in scores.items())
    spread = [float(np.nanmean(np.nanstd(track.scores, axis=0))) for track in tracks]
    print(f"  scores' deviation over time {np.median(spread):.2f}, correlation after {told}")


def _correlation(residuals: np.ndarray, lag: int) -> float:
    early, late = residuals[:, :-lag], residuals[:, lag:]
    return float((early * late).mean() / (residuals**2).mean())


def transients(tracks: list[Track]) -> None:
    """Print keypoints of one frame that are far from where both neighbours in time agree, and swaps."""
    far, total, sizes = np.zeros(3, int), np.zeros(3, int), []
    swaps = pairs = 0
    for track in tracks:
        before, here, after = track.xy[:-2], track.xy[1:-1], track.xy[2:]
        middle = (before + after) / 2
        off = np.hypot(*np.moveaxis(here - middle, -1, 0)) / track.stature
        agree = np.hypot(*np.moveaxis(after - before, -1, 0)) / track.stature < 0.04 + 0.3 * off
        for at, (low, high) in enumerate(((0, 0.5), (0.5, 0.8), (0.8, 1.1))):
            inside = np.isfinite(off) & (track.scores[1:-1] >= low) & (track.scores[1:-1] < high)
            lone = inside & agree & (off > 0.08)
            far[at], total[at] = far[at] + lone.sum(), total[at] + inside.sum()
            sizes += off[lone].tolist()
        for left in range(5, 17, 2):
            ends, other = [left, left + 1], [left + 1, left]
            own = np.hypot(*np.moveaxis(here[:, ends] - middle[:, ends], -1, 0)).sum(axis=1)
            changed = np.hypot(*np.moveaxis(here[:, ends] - middle[:, other], -1, 0)).sum(axis=1)
            apart = np.hypot(*(middle[:, left] - middle[:, left + 1]).T) > 0.05 * track.stature
            told = np.isfinite(own) & apart
            swaps, pairs = swaps + int((changed < 0.5 * own)[told].sum()), pairs + int(told.sum())
    shares = ", ".join(f"{lone} of {all_}" for lone, all_ in zip(far, total, strict=True))
    size = f", median {np.median(sizes):.2f} statures" if sizes else ""
    print(
        f"  lone gross errors at scores < 0.5, < 0.8, above: {shares}{size}; swaps {swaps} of {pairs} pairs"
    )


def main() -> None:
    assert len(PARTS) == (len(COCO_17) + 1) // 2
    estimator = open_estimator(EstimatorOptions(name="posenet", model="posenet-481x353"))
    print(estimator.description)
    try:
        coco(estimator)
        clips(estimator)
        crowd()
    finally:
        estimator.close()


if __name__ == "__main__":
    main()
