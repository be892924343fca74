"""Who enters where nobody is: python bench/nobody.py [NAME...]

Pictures without people, each held still for six seconds at 10 Hz, and an hour of an empty room, the empty
stretches of a clip over and over at its own 10 Hz, through the estimator and the tracker. Names: `off`, `on`,
`people` (PoseNet's focus), `movenet`, `movenet-single`, `blazepose`; all without one. POSEKIT_EMPTY_FRAMES
shortens the hour (36000).

PoseNet sees each picture by itself, so what it saw in the same pixels before is remembered and not worked out
again: the same result, sooner. Whatever else remembers (focus, MoveNet, BlazePose, the tracker) sees every
frame.
"""

from __future__ import annotations

import os
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from reference import read_frames

from posekit.estimators import EstimatorOptions, open_estimator
from posekit.frame import Frame
from posekit.tracking import Tracker, TrackerOptions

sys.path.append(str(Path(__file__).parents[1] / "tests"))
from coco_truth import frames_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy as np

    from posekit.estimators.base import Estimate, Estimator, Hint

DATA = Path(os.environ.get("POSEKIT_ASSETS", ".")) / "data"
CLIP = DATA / "videos/one-by-one-person-detection.mp4"
EMPTY = ((0, 55), (203, 222), (456, 497), (706, 739), (876, 915), (1207, 1230), (1366, 1393))
"""Frames of the clip in which nobody is there, from its truth (good to 6 frames)."""
RATE = 10.0
HELD = 60
HOUR = int(os.environ.get("POSEKIT_EMPTY_FRAMES", "36000"))
SIZE = (481, 353)
NAMES = {
    **{focus: EstimatorOptions("posenet", input_size=SIZE, focus=focus) for focus in ("off", "on", "people")},
    "movenet": EstimatorOptions("movenet"),
    "movenet-single": EstimatorOptions("movenet", single=True),
    "blazepose": EstimatorOptions("blazepose"),
}


class Remembering:
    """A PoseNet that is asked about each picture once, and each part of one; nobody may paint in them."""

    def __init__(self, estimator: Estimator) -> None:
        self._estimator = estimator
        self._known: dict[tuple[object, ...], tuple[Estimate, np.ndarray]] = {}
        self.name, self.input_size = estimator.name, estimator.input_size
        self.description = estimator.description

    def estimate(self, frame: Frame, hint: Hint | None = None) -> Estimate:
        pixels = frame.pixels
        key = pixels.__array_interface__["data"][0], pixels.shape, pixels.strides
        if key not in self._known:
            # The pixels are kept with what was seen in them, so that no others come to lie there.
            self._known[key] = self._estimator.estimate(frame, hint), pixels
        return self._known[key][0]

    def reset(self) -> None:
        self._estimator.reset()

    def close(self) -> None:
        self._estimator.close()


def open_remembering(options: EstimatorOptions) -> Estimator:
    """Open an estimator whose PoseNet, wherever in it, is asked about each picture once."""
    estimator = open_estimator(options)
    if options.name == "posenet" and options.focus == "off":
        return Remembering(estimator)
    for inner in ("_estimator", "_scanner"):
        posenet = getattr(estimator, inner, None)
        if getattr(posenet, "name", "") == "posenet":
            setattr(estimator, inner, Remembering(posenet))
    return estimator


def nobody(names: Sequence[str] = ()) -> None:
    """Print for each estimator on how many pictures somebody enters, and how many in the hour."""
    pictures = frames_in(DATA / "no_people")
    empty = [frame for begin, end in EMPTY for frame in read_frames(CLIP, begin, end)]
    hours = f"in {HOUR / 36_000:.3g} hours ({len(empty)} frames in a loop)"
    print(f"\nsomebody enters   on so many of {len(pictures)} pictures   {hours}")
    for name in names or NAMES:
        begin = time.perf_counter()
        with closing(open_remembering(NAMES[name])) as estimator:
            haunted = [frame.name for frame in pictures if _entered(estimator, [frame] * HELD)]
            entered = _entered(estimator, (empty[at % len(empty)] for at in range(HOUR)))
        taken = time.perf_counter() - begin
        where = ", ".join(haunted)
        print(f"{name:16} {len(haunted):16} {entered:31}   {taken:12.0f} s   {where}", flush=True)


def _entered(estimator: Estimator, frames: Iterable[Frame]) -> int:
    """Return how many people the tracker believes in."""
    estimator.reset()
    tracker = Tracker(TrackerOptions())
    people = set()
    for index, frame in enumerate(frames):
        now = index / RATE
        poses = estimator.estimate(Frame(frame.pixels, now, index)).poses
        people |= {person.id for person in tracker.update(poses, now, frame.size).people}
    return len(people)


if __name__ == "__main__":
    unknown = set(sys.argv[1:]) - set(NAMES)
    if unknown:
        sys.exit(f"no {', '.join(unknown)}; there are {', '.join(NAMES)}")
    nobody(sys.argv[1:])
