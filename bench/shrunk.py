"""Real clips made small: what focus finds of people who are far, where a reference is known from near by.

Each clip is drawn so small into a picture of 1280 x 720 that its people have the wanted height, as if it hung
in an empty room; they move as they did. The reference is that of the clip in full resolution (`reference.py`:
agreement, not truth), which nobody who is judged here sees. No constant of focus was chosen on these clips.
Called by `focus.py`.
"""

from __future__ import annotations

import statistics
import sys
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from reference import CloseLooks, read_frames
from video import POSENET, VIDEOS, Score, watch

from posekit.estimators import EstimatorOptions
from posekit.frame import Frame

sys.path.append(str(Path(__file__).parents[1] / "tests"))
from walk_in import read_room

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reference import Reference

SIZE = (1280, 720)
CLIPS = {
    "sports2d_demo": (60, 150),
    "pose2sim_multi_cam01": (0, 70),
    "pose2sim_multi_cam02": (0, 70),
    "one-by-one-person-detection": (250, 310),
}
ROOM = "one-by-one-person-detection.mp4"
HEIGHTS = (0.25, 0.15)
"""Median height of a clip's people, in picture heights."""
EVERY = 5
FEATHER = 12
"""Pixels over which a clip's edge fades into the room."""
LARGE = "posenet 1281x721"
OPTIONS = {
    "posenet 481x353": POSENET,
    "posenet 481x353 focus on": replace(POSENET, focus="on"),
    "posenet 481x353 focus people": replace(POSENET, focus="people"),
    "posenet 641x481": replace(POSENET, input_size=(641, 481)),
    LARGE: replace(POSENET, input_size=(1281, 721)),
    "movenet several": EstimatorOptions("movenet"),
}
RESAMPLES = 2000


@dataclass(frozen=True, eq=False)
class Clip:
    """Frames of a clip, and who is in every few of them."""

    frames: list[Frame]
    behind: np.ndarray
    """An empty room, of `SIZE`."""
    people: dict[int, list[Reference]]

    @property
    def height(self) -> float:
        """Median height of a person, in pixels."""
        return statistics.median(person.height for people in self.people.values() for person in people)

    def drawn(self, scale: float, shift: tuple[int, int]) -> Iterator[Frame]:
        """Yield the frames as a small part of a great picture."""
        for frame in self.frames:
            small = cv2.resize(frame.pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
            yield Frame(_paste(self.behind, small, shift), frame.time, frame.index)


def _paste(behind: np.ndarray, small: np.ndarray, shift: tuple[int, int]) -> np.ndarray:
    height, width = small.shape[:2]
    edge = np.minimum.outer(*(np.minimum(np.arange(n), np.arange(n)[::-1]) for n in (height, width)))
    alpha = np.clip(edge / FEATHER, 0, 1)[..., None].astype(np.float32)
    picture = behind.copy()
    part = picture[shift[1] : shift[1] + height, shift[0] : shift[0] + width]
    part[:] = alpha * small + (1 - alpha) * part
    return picture


def read_clip(name: str) -> Clip:
    """Read a clip and work out its reference."""
    frames = list(read_frames(VIDEOS / f"{name}.mp4", *CLIPS[name]))
    with ExitStack() as opened:
        refer = CloseLooks(opened)
        people = {at: refer(frames[at]) for at in range(EVERY, len(frames), EVERY)}
    return Clip(frames, read_room(VIDEOS / ROOM, SIZE).empty, people)


def shrunk() -> None:
    scores = {height: {name: Score() for name in OPTIONS} for height in HEIGHTS}
    blocks: list[tuple[str, int]] = []
    for name in CLIPS:
        clip = read_clip(name)
        for height in HEIGHTS:
            judged = _judge(name, clip, height, scores[height])
        blocks += judged
    print(f"\nshrunk: {len(blocks)} people in frames of {len(CLIPS)} clips; AR less that of {LARGE}")
    print("with 95 % of a bootstrap over half seconds; mean ms a frame, and as a share of that one's")
    for height in HEIGHTS:
        _print(height, scores[height], blocks)


def _judge(name: str, clip: Clip, height: float, scores: dict[str, Score]) -> list[tuple[str, int]]:
    """Judge all estimators on one small clip; return to which half second each person belongs."""
    size = clip.frames[0].size
    scale = min(height * SIZE[1] / clip.height, SIZE[0] / size[0], SIZE[1] / size[1])
    # Not in the middle: there every part of the picture that focus looks at by turns would meet.
    shift = round(0.7 * (SIZE[0] - scale * size[0])), round(0.8 * (SIZE[1] - scale * size[1]))
    seen = watch(clip.drawn(scale, shift), scores, OPTIONS)
    blocks = []
    for at, people in clip.people.items():
        if clip.frames[at].time - clip.frames[0].time < 0.5:
            continue  # who came a moment ago need not be known yet: newcomers are measured by themselves
        small = [person.moved(scale, shift) for person in people]
        blocks += [(name, int(2 * clip.frames[at].time))] * len(small)
        for which, score in scores.items():
            score.add(seen[at][which], small, SIZE)
    return blocks


def _print(height: float, scores: dict[str, Score], blocks: list[tuple[str, int]]) -> None:
    large = scores[LARGE].figures()
    print(
        f"{f'{height:g} of the picture':30}{'found':9}{'AR':8}{'PCK@0.2':10}{'difference of AR':30}ms   time"
    )
    for name, score in scores.items():
        one = score.figures()
        low, high = _interval(score.recall, scores[LARGE].recall, blocks)
        apart = f"{one['recall'] - large['recall']:+.3f} ({low:+.3f} to {high:+.3f})" if name != LARGE else ""
        cells = f"{one['found']:.3f}   {one['recall']:.3f}   {one['pck'][1]:.3f}   {apart:26}"
        # Not every frame costs the same: the mean is what a machine has to hold.
        taken = one["mean_milliseconds"]
        print(f"{name:30}{cells}{taken:6.1f}   {taken / large['mean_milliseconds']:.2f}", flush=True)


def _interval(ours: list[float], theirs: list[float], blocks: list[tuple[str, int]]) -> tuple[float, float]:
    apart = np.array(ours) - np.array(theirs)
    _, which = np.unique([f"{name} {second}" for name, second in blocks], return_inverse=True)
    sums, counts = np.bincount(which, apart), np.bincount(which)
    chosen = np.random.default_rng(0).integers(0, len(counts), (RESAMPLES, len(counts)))
    low, high = np.percentile(sums[chosen].sum(axis=1) / counts[chosen].sum(axis=1), (2.5, 97.5))
    return float(low), float(high)
