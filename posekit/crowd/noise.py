"""How PoseNet errs, in numbers: places that are off, scores, misses, swaps and ghosts.

The constants were fitted to PoseNet MobileNetV1 0.75 at 481 x 353 with `bench/fit_noise.py`: errors against
COCO's truth on 25 people (310 labelled keypoints in 14 hard pictures; 12 more people were not found at all),
and how poses change from frame to frame in five clips (1,930 frames, 154 s, 128 s of bodies in view, about 15
of them). These are small samples: figures are good to about a third, the rates of rare things to a factor of
two, and what the data cannot tell is called a guess. Errors in pixels of the model's input are nearly the
same for near and far bodies (2.7 to 3.8 px from 100 to 300 px of stature), so that is their unit here; gross
errors go with the stature.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from posekit.geometry import Size

MODEL_SIZE = (481, 353)
"""Width and height of the model's input that the constants belong to."""


def _by_keypoint(*values: float) -> NDArray[np.float64]:
    """Return (17,): nose, eyes, ears, then shoulders to ankles, left and right alike."""
    return np.array([values[0], *(value for value in values[1:] for _ in range(2))])


ERROR = _by_keypoint(1.2, 1.2, 1.2, 1.6, 1.8, 2.1, 1.5, 1.5, 2.2)
"""Standard deviation of x and of y, in model pixels, of the part that changes as a body moves, at score 0.95:
so that walkers tremble as they do in the clips (second differences / sqrt 6 of 1.1 to 1.25 px) and their
bones' lengths waver about as much (crossing, sports2d_demo: 1.8 to 3.1 px; 460 poses). The face's is a guess:
its bones are short."""
GROWTH, GROWN = 1.0, 1.5
"""It grows as the score falls, to 1 + (0.95 - score) times: walkers' tremble hardly depends on the score."""
BIAS = _by_keypoint(0.5, 0.5, 0.5, 1.1, 2.0, 1.2, 2.2, 1.5, 1.6)
"""The part that stays, in model pixels: a sixth of what is left of the variance of errors on COCO (1.5 to 5.5
px, median / 1.177, n = 15 to 41 for each). The rest is set down to those who drew the truth, who differ by
more than that among themselves (COCO's falloffs); with more of it, walkers' bones would waver more than they
do."""
GUESSED = 3.0
"""How many times that a guess is off at a keypoint that does not show. There is no truth for these: a
guess."""
WHITE = 0.35
"""The part that is new in every frame, in model pixels, at score 0.95 (second differences of bodies at rest
over the root of 6: 0.31 to 0.46 px, 9,600 triples)."""
WHITE_GROWTH = 4.0
"""It grows to 1 + 4 (0.95 - score) times (bodies at rest, by score: 0.4 to 1.2 px at 0.4, 1 to 2.8 px below
0.3)."""
MOVING_SECONDS = 0.08
"""Correlation time of `ERROR` in a keypoint that moves (walkers' residuals to a parabola over half a second
at 30 Hz have 0.25 to 0.27 from one frame to the next, where white noise has -0.19, and nothing after two)."""
AT_REST = 0.01
"""How fast it goes on changing at rest, relative to that (a standing body's bones waver by 0.2 to 0.5 px)."""
FULL_MOTION = 0.6
"""Speed, in statures per second, from which on a keypoint moves fully."""
BIAS_SECONDS = 10.0
"""Correlation time of `BIAS`. A guess: clips say nothing of it, but that it is long."""

SCORE = _by_keypoint(3.7, 2.4, 1.3, 3.7, 2.4, 1.8, 3.8, 2.2, 1.7)
"""Median logit of the score of a keypoint that shows (COCO, labelled visible, n = 275)."""
HIDDEN_SCORE = -1.7
"""Median logit of one that does not: behind the own body or out of the picture (COCO, unlabelled, n =
115)."""
COVERED_SCORE = -2.2
"""The same behind somebody else. A guess: lower, for the decoder gives the place to whom it fits better."""
SCORE_SPREAD = 0.8
"""Standard deviation of the logit over time (clips: scores vary by 0.10 to 0.16)."""
SCORE_SECONDS = 0.3
"""Correlation time of that (clips: 0.4 to 0.8 after 0.1 s, -0.1 to 0.6 after 0.3 s, 0.06 after 1 s)."""
SCORE_WHITE = 0.35
"""The part of the logit's spread that is new in every frame."""
BODY_SPREAD = 0.45
"""The part that is common to a body's keypoints."""

GROSS_RATE = 0.12
"""Gross errors per second of a keypoint that shows. Alone among their neighbours in time are 0.6 % of
keypoints scored above 0.8 (114 of 19,537), and 1.7 % of those below 0.5."""
GROSS_GROWTH = 3.0
"""They come up to 1 + 3 times as often where a keypoint does not show."""
GROSS_SECONDS = 0.06
"""Mean length of a gross error."""
GROSS_SIZE = 0.12
"""Standard deviation of a gross error along x and y, in statures (median length 0.13 to 0.16)."""
GROSS_SCORE = -1.2
"""What it takes from the score's logit."""
SWAP = 0.002
"""Share of frames in which a pair of keypoints is exchanged, left for right, in a body seen from before (12
of 5,025 pairs)..."""
SWAP_IN_PROFILE = 0.03
"""...and seen from the side (57 of 1,894 pairs, walkers)."""

MINIMUM_SCORE = 0.25
"""A body below is not told of (`posenet.MIN_POSE_SCORE`)."""
OPEN_ENOUGH = 0.3
"""Share of the keypoints that must show for a body to be found. A guess."""
OPEN_SPREAD = 0.08
"""By how much that wavers."""
DROPOUT_RATE = 0.05
"""Times per second that a body of `DROPOUT_HEIGHT` vanishes without a reason; grows with the third power as
it gets smaller, to 0.4 at 100 pixels. The clips have 1 gap in 101 s of bodies of 250 px, and 26 in 27 s of
smaller ones, but many of those behind a tree, in a crossing, or of a man far off on a roof."""
DROPOUT_HEIGHT = 200.0
"""Model pixels of stature from which on a body vanishes no more often, however near."""
DROPOUT_SECONDS = 0.09
"""Mean length (27 gaps: 11 of one frame, 6 of two, the longest of 15, at 10 to 60 Hz)."""
GHOST_RATE = 0.06
"""Ghosts born per second (27 stray poses in 1,930 frames: for 1 % of the time); half of them double a
body."""
GHOST_SECONDS = 0.15
"""Mean length."""
GHOST_SCORE = (0.25, 0.42)
"""From where to where their score is (COCO's stray poses: 0.26 to 0.52, some of them people without a
label)."""


@dataclass(frozen=True)
class Noise:
    """How much of each kind of noise there is, relative to PoseNet's; 0 switches a kind off."""

    error: float = 1.0
    """Places that are off a little."""
    gross: float = 1.0
    """Rare places that are off a lot, and swaps."""
    scores: float = 1.0
    """Scores that waver."""
    misses: float = 1.0
    """Bodies that vanish for no reason."""
    ghosts: float = 1.0
    """Bodies that are not there."""

    @classmethod
    def of(cls, amount: float) -> Noise:
        """Return `amount` times the fitted noise, of every kind."""
        return cls(amount, amount, amount, amount, amount)


FITTED = Noise()
"""PoseNet's own."""
NONE = Noise.of(0.0)
"""Exact places; what is covered or out of the picture still scores low, and a hidden body is not found."""


def pixels_per_height(size: Size) -> float:
    """Return how many pixels of the model's input an image height is, letterboxed."""
    return min(MODEL_SIZE[0] / size[0], MODEL_SIZE[1] / size[1]) * size[1]
