"""What a body does, in numbers: how tall it looks, where it leans, how much it moves.

Lengths are in image heights, speeds in image heights per second, angles in degrees; every one of them is the
same across and down the picture, which is never mirrored here. NaN stands for what cannot be told, because
the keypoints it takes are missing. Each of `FEATURES` is explained, with its source, in docs/people.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from posekit.errors import UnknownNameError
from posekit.skeleton import COCO_17

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Points = NDArray[np.complex128]
    """x in image heights and, as the imaginary part, y; NaN where missing."""
    Numbers = NDArray[np.float64]

FEATURES = (
    "height",
    "lean",
    "facing",
    "speed",
    "motion",
    "contraction",
    "hand_distance",
    "left_arm_angle",
    "right_arm_angle",
    "left_elbow_angle",
    "right_elbow_angle",
)
"""Their names, in the order of `Features.values`."""
_INDEX = {name: at for at, name in enumerate(FEATURES)}
LENGTHS = frozenset({"height", "hand_distance", "speed"})
"""Which of them are lengths, or lengths per second: in image heights."""
SIGNED = frozenset({"lean", "facing"})
"""Which of them change their sign in a mirror: positive is towards the picture's right."""

MEASURES = {
    "left_shoulder-right_shoulder": 0.230,
    "left_shoulder-left_hip": 0.294,
    "right_shoulder-right_hip": 0.294,
    "left_shoulder-left_elbow": 0.186,
    "right_shoulder-right_elbow": 0.186,
    "left_hip-left_knee": 0.245,
    "right_hip-right_knee": 0.245,
}
"""Lengths of parts of a body in statures: Drillis and Contini (1966), as Winter prints them (Biomechanics
and Motor Control of Human Movement, 4th ed., fig. 4.1); shoulders and trunk between the joints' middles.
What is foreshortened looks shorter, never longer: the longest says how big a body is, in any posture and
also behind a table."""
TRUNK = 0.288
"""From the hips' middle to the shoulders', in statures."""
SHOULDERS = 0.230 / TRUNK
"""Breadth of the shoulders in trunks, seen from the front."""
NOSE = 0.065 / TRUNK
"""How far the nose is before the neck's axis, in trunks: half a head's height of 0.130 statures."""
HAND_REACH = 0.476
"""How far a wrist can be from the trunk's middle, in statures: 0.144 + 0.186 + 0.146."""
FOOT_REACH = 0.635
"""The same of an ankle: 0.144 + 0.245 + 0.246."""
PROFILE = 0.3
"""Below this part of their breadth the shoulders alone do not say which way a body faces."""
TELLS_MOTION = np.array([0.2] * 5 + [1.0] * 12)
"""Weights of the keypoints in `motion`: the face's five count as one."""
SMALLEST = 0.02
"""Image heights: no body is smaller than this, so that nothing is divided by nothing."""


@dataclass(frozen=True, eq=False)
class Features:
    """One person's features at one instant: `features.lean`, `features.motion`, ..."""

    values: NDArray[np.float32]
    """(F,) float32 in the order of `FEATURES`; NaN where unknown."""

    def __getattr__(self, name: str) -> float:
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            return self.get(name)
        except UnknownNameError as error:
            raise AttributeError(str(error)) from None

    def get(self, name: str) -> float:
        """Return one feature by name; raises `UnknownNameError` with the nearest name."""
        try:
            return float(self.values[_INDEX[name]])
        except KeyError:
            raise UnknownNameError("feature", name, FEATURES) from None


UNKNOWN_FEATURES = Features(np.full(len(FEATURES), np.nan, np.float32))


def _ends(*bones: str) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    pairs = [[COCO_17.find(end) for end in bone.split("-")] for bone in bones]
    begins, ends = np.array(pairs, np.intp).T
    return begins, ends


_MEASURE_BEGINS, _MEASURE_ENDS = _ends(*MEASURES)
_MEASURE_SHARES = 1 / np.array(list(MEASURES.values()))
_BEGINS, _ENDS = _ends(
    "left_shoulder-left_elbow",
    "right_shoulder-right_elbow",
    "left_elbow-left_shoulder",
    "right_elbow-right_shoulder",
    "left_elbow-left_wrist",
    "right_elbow-right_wrist",
    "left_wrist-right_wrist",
    "right_shoulder-left_shoulder",
)
_EXTREMITIES = np.array(
    [COCO_17.find(f"{side}_{end}") for end in ("wrist", "ankle") for side in ("left", "right")]
)
_MEASURES_AT = len(_BEGINS)
_ALL_BEGINS, _ALL_ENDS = (
    np.concatenate(some) for some in ((_BEGINS, _MEASURE_BEGINS), (_ENDS, _MEASURE_ENDS))
)
_LEFT_TRUNK, _RIGHT_TRUNK = (
    np.array([COCO_17.find(f"{side}_{name}") for name in ("shoulder", "hip")]) for side in ("left", "right")
)
_FACING = TRUNK * np.array((NOSE, SHOULDERS))[:, None]
_WEIGHTS = np.stack((np.ones(len(COCO_17)), TELLS_MOTION), axis=1)
_SHOWN = _WEIGHTS.sum(axis=0)
_ONES = np.ones(len(COCO_17), np.complex128)
_AGAINST = np.array([6, 7, 4, 5])
"""What the first four of these bones are measured against; the last two become the way down."""
_TURNS = {"lean", "facing", *FEATURES[-4:]}
_UNITS = np.array([180 / np.pi if name in _TURNS else 1.0 for name in FEATURES], np.float32)
"""What turns radians into degrees and leaves the others as they are."""
_UPRIGHT = -1j
_NOWHERE = complex(np.nan, np.nan)
_REACH = 1 / np.array((HAND_REACH, HAND_REACH, FOOT_REACH, FOOT_REACH))


def flat(xy: NDArray[np.floating], aspect: float) -> Points:
    """Return image-normalised points (..., 2) as complex numbers (...): x in image heights and y.

    So a distance is one `abs` and an angle one `angle`.
    """
    scaled: NDArray[np.float64] = xy * np.array((aspect, 1.0))
    return scaled.view(np.complex128)[..., 0]


@lru_cache(maxsize=64)
def stretched(count: int, across: float) -> Numbers:
    """Return what `count` bodies' x and y, (N, 34), are multiplied with to stretch them across; do not write."""
    return np.tile((across, 1.0), (count, len(COCO_17)))


def statures(points: Points) -> Numbers:
    """Return how tall bodies (N, 17) are when they stand upright, (N,) in image heights.

    NaN where no two keypoints tell. See `MEASURES` for the source.
    """
    lengths = np.abs(points.take(_MEASURE_ENDS, axis=1) - points.take(_MEASURE_BEGINS, axis=1))
    lengths *= _MEASURE_SHARES
    longest: Numbers = np.fmax.reduce(lengths, axis=1)
    return longest


def measure(
    xy: NDArray[np.float32], scores: NDArray[np.float32], velocity: NDArray[np.float32], aspect: float
) -> NDArray[np.float32]:
    """Return (N, F) float32 features of N people at once.

    `xy` (N, 17, 2) is image-normalised, NaN where missing, `scores` (N, 17), `velocity` (N, 17, 2) in image
    heights per second, `aspect` the picture's width in heights.
    """
    count = len(xy)
    points = (xy.reshape(count, 34).astype(np.float64) * stretched(count, aspect)).view(np.complex128)
    hidden = points != points
    hidden |= scores <= 0
    np.copyto(points, _full(count, _NOWHERE), where=hidden)
    bones = points.take(_ALL_ENDS, axis=1) - points.take(_ALL_BEGINS, axis=1)
    stature = _longest(bones[:, _MEASURES_AT:])
    found = np.empty((len(FEATURES), count), np.float32)
    shoulders, trunk, up = _trunk(points, stature)
    heights = points.imag.copy()
    np.subtract(
        np.fmax.reduce(heights, axis=1), np.fmin.reduce(heights, axis=1), out=found[0], casting="same_kind"
    )
    found[1] = np.arctan2(trunk.real, -trunk.imag)
    found[2] = _facing(points[:, 0] - shoulders, bones[:, 7], up, stature)
    found[3], found[4] = _movement(hidden, velocity, stature)
    found[5] = _contraction(points, shoulders, trunk, stature)
    found[6] = np.abs(bones[:, 6])
    bones[:, 6] = bones[:, 7] = -up
    turns = bones[:, :4] * np.conj(bones.take(_AGAINST, axis=1))
    found[7:] = np.abs(np.arctan2(turns.imag, turns.real)).T
    return found.T * _UNITS


def _longest(bones: Points) -> Numbers:
    """Return how tall bodies (N,) are whose parts (N, 7) are `MEASURES`."""
    lengths = np.abs(bones)
    lengths *= _MEASURE_SHARES
    return np.maximum(np.fmax.reduce(lengths, axis=1), SMALLEST)


def _trunk(points: Points, stature: Numbers) -> tuple[Points, Points, Points]:
    """Return of trunks (N,): the shoulders' middle, the way up to it from the hips', and where up is.

    One shoulder or hip stands for both. Without hips the way up is NaN, and up is as if she were upright.
    """
    left, right = points.take(_LEFT_TRUNK, axis=1), points.take(_RIGHT_TRUNK, axis=1)
    middles = left + right
    middles *= 0.5
    if np.count_nonzero(middles != middles):
        middles = np.where(left != left, right, np.where(right != right, left, middles))
    shoulders = middles[:, 0]
    trunk = shoulders - middles[:, 1]
    up = trunk / np.maximum(np.abs(trunk), SMALLEST)
    lost = up != up
    if np.count_nonzero(lost):
        np.copyto(up, _UPRIGHT, where=lost)
    return shoulders, trunk, up


def _facing(nose: Points, breadth: Points, up: Points, stature: Numbers) -> Numbers:
    """Return (N,) radians: 0 towards the camera, a quarter turn towards the picture's right.

    `nose` is seen from the shoulders' middle and `breadth` from the right shoulder to the left one, both (N,).
    Along the trunk they say nothing; across it, the breadth goes with the angle's cosine, the nose's offset
    with its sine.
    """
    parts = np.empty((2, len(nose)), np.complex128)
    parts[0], parts[1] = nose, breadth
    parts *= np.conj(up)
    across = parts.imag / (_FACING * stature)
    np.minimum(across, 1.0, out=across)
    np.maximum(across, -1.0, out=across)
    side, front = across
    hidden = side != side
    if np.count_nonzero(hidden):
        # From behind, the nose is not to be seen; in profile it is, or nobody can say which way.
        np.copyto(side, np.where(np.abs(front) > PROFILE, 0.0, np.nan), where=hidden)
    angle: Numbers = np.arctan2(side, front)
    return angle


def _movement(hidden: NDArray[np.bool_], velocity: NDArray[np.float32], stature: Numbers) -> Numbers:
    """Return (2, N): how fast bodies move as a whole, in image heights per second, and how much all of them.

    The second is in statures per second.
    """
    count, keypoints = hidden.shape
    moves = velocity.reshape(count, 2 * keypoints).astype(np.float64).view(np.complex128)
    np.copyto(moves, _full(count, 0), where=hidden)
    amounts = np.abs(moves).dot(TELLS_MOTION)
    # Of how many keypoints, and what they weigh.
    weights = _SHOWN - hidden.astype(np.float64).dot(_WEIGHTS)
    numbers, weights = np.maximum(weights, SMALLEST).T
    moved = np.empty((2, count))
    np.abs(moves.dot(_ONES), out=moved[0])
    np.divide(amounts, stature, out=moved[1])
    moved[0] /= numbers
    moved[1] /= weights
    none = numbers < 1
    if np.count_nonzero(none):
        moved[:, none] = np.nan
    return moved


def _contraction(points: Points, shoulders: Points, trunk: Points, stature: Numbers) -> Numbers:
    """Return (N,) from 0, wrists and ankles as far from the trunk's center as they reach, to 1."""
    center = shoulders - 0.5 * trunk
    lost = center != center
    if np.count_nonzero(lost):
        np.copyto(center, shoulders - 0.5 * TRUNK * _UPRIGHT * stature, where=lost)
    reached = np.abs(points.take(_EXTREMITIES, axis=1) - center[:, None])
    reached *= _REACH
    known = reached == reached
    count = np.add.reduce(known, axis=1)
    if np.count_nonzero(known) < known.size:
        np.copyto(reached, 0, where=~known)
    contraction: Numbers = 1 - np.add.reduce(reached, axis=1) / (np.maximum(count, 1) * stature)
    np.maximum(contraction, 0.0, out=contraction)
    if np.count_nonzero(count) < len(count):
        contraction[count == 0] = np.nan
    return contraction


@lru_cache(maxsize=64)
def _full(count: int, value: complex) -> Points:
    # What is copied into a few places is quicker from an array than from a scalar.
    return np.full((count, len(COCO_17)), value, np.complex128)
