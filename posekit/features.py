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

KEYPOINTS = len(COCO_17)
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
_BEGINS, _ENDS = np.concatenate((_BEGINS, _MEASURE_BEGINS)), np.concatenate((_ENDS, _MEASURE_ENDS))
_FACING = TRUNK * np.array((NOSE, SHOULDERS))[:, None]
_WEIGHTS = np.stack((np.ones(KEYPOINTS), TELLS_MOTION)).astype(np.float32)
_AGAINST = np.array([6, 7, 4, 5])
"""What the first four of these bones are measured against; the last two become the way down."""
_TURNS = {"lean", "facing", *FEATURES[-4:]}
_UNITS = np.array([180 / np.pi if name in _TURNS else 1.0 for name in FEATURES])[:, None]
"""What turns radians into degrees and leaves the others as they are."""
_UPRIGHT = -1j
_NOWHERE = np.array(complex(np.nan, np.nan))
_REACH = 1 / np.array((HAND_REACH, HAND_REACH, FOOT_REACH, FOOT_REACH))


def flat(xy: NDArray[np.floating], aspect: float) -> Points:
    """Return image-normalised points (..., 2) as complex numbers (...): x in image heights and y.

    So a distance is one `abs` and an angle one `angle`.
    """
    scaled: NDArray[np.float64] = xy * np.array((aspect, 1.0))
    return scaled.view(np.complex128)[..., 0]


@lru_cache(maxsize=64)
def stretched(count: int, across: float) -> Numbers:
    """Return what `count` bodies' x and y, (N, 34), are multiplied with to stretch them across."""
    return np.tile((across, 1.0), (count, KEYPOINTS))


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
    heights per second, finite, `aspect` the picture's width in heights.
    """
    count = len(xy)
    places = (xy.reshape(count, 2 * KEYPOINTS).astype(np.float64) * stretched(count, aspect)).view(
        np.complex128
    )
    shown = scores > 0
    shown &= places == places
    np.copyto(places, _NOWHERE, where=~shown)
    # From here on a row is a keypoint, a part or a feature of everybody: most of what follows takes a few.
    points = places.T.copy()
    parts = points.take(_ENDS, axis=0)
    parts -= points.take(_BEGINS, axis=0)
    stature = _tallest(parts[_MEASURES_AT:])
    shoulders, trunk, up = _trunk(points)
    found = np.empty((len(FEATURES), count))
    found[0] = _extent(points.imag)
    np.arctan2(trunk.real, -trunk.imag, out=found[1])
    _facing(points[0] - shoulders, parts[7], up, stature, found[2])
    _movement(shown, velocity, stature, found[3:5])
    _contraction(points, shoulders, trunk, stature, found[5])
    np.abs(parts[6], out=found[6])
    parts[6] = parts[7] = -up
    turns = parts[:4]
    turns *= np.conj(parts.take(_AGAINST, axis=0))
    np.abs(np.arctan2(turns.imag, turns.real), out=found[7:])
    found *= _UNITS
    measured: NDArray[np.float32] = found.T.astype(np.float32, order="C")
    return measured


def _tallest(parts: Points) -> Numbers:
    """Return how tall bodies (N,) are whose parts (7, N) are `MEASURES`."""
    lengths = np.abs(parts)
    lengths *= _MEASURE_SHARES[:, None]
    longest: Numbers = np.fmax.reduce(lengths, axis=0)
    return np.maximum(longest, SMALLEST, out=longest)


def _extent(down: Numbers) -> Numbers:
    """Return (N,) how far it is from the topmost to the lowest of what is known of (17, N)."""
    both = np.empty((KEYPOINTS, 2, down.shape[1]))
    both[:, 0] = down
    np.negative(down, out=both[:, 1])
    lowest, highest = np.fmax.reduce(both, axis=0)
    extent: Numbers = lowest + highest
    return extent


def _trunk(points: Points) -> tuple[Points, Points, Points]:
    """Return of trunks (N,): the shoulders' middle, the way up to it from the hips', and where up is.

    One shoulder or hip stands for both. Without hips the way up is NaN, and up is as if she were upright.
    """
    left, right = points[5:13:6], points[6:13:6]
    middles = left + right
    middles *= 0.5
    if np.count_nonzero(middles != middles):
        middles = np.where(left != left, right, np.where(right != right, left, middles))
    shoulders = middles[0]
    trunk = shoulders - middles[1]
    up = trunk * (1 / np.maximum(np.abs(trunk), SMALLEST))
    lost = up != up
    if np.count_nonzero(lost):
        np.copyto(up, _UPRIGHT, where=lost)
    return shoulders, trunk, up


def _facing(nose: Points, breadth: Points, up: Points, stature: Numbers, found: Numbers) -> None:
    """Find (N,) radians: 0 towards the camera, a quarter turn towards the picture's right.

    `nose` (N,) is seen from the shoulders' middle, `breadth` (N,) goes from the right shoulder to the left.
    Along the trunk they say nothing; across it the breadth goes with the angle's cosine, the nose's offset
    with its sine.
    """
    both = np.empty((2, len(nose)), np.complex128)
    both[0], both[1] = nose, breadth
    both *= np.conj(up)
    across = both.imag / (_FACING * stature)
    np.minimum(across, 1.0, out=across)
    np.maximum(across, -1.0, out=across)
    side, front = across[0], across[1]
    hidden = side != side
    if np.count_nonzero(hidden):
        # From behind, the nose is not to be seen; in profile it is, or nobody can say which way.
        np.copyto(side, np.where(np.abs(front) > PROFILE, 0.0, np.nan), where=hidden)
    np.arctan2(side, front, out=found)


def _movement(
    shown: NDArray[np.bool_], velocity: NDArray[np.float32], stature: Numbers, found: Numbers
) -> None:
    """Find (2, N): how fast bodies move as a whole, in image heights per second, and how much all of them.

    The second is in statures per second.
    """
    people = len(shown)
    velocity = np.ascontiguousarray(velocity, np.float32)
    # Across, down, both, and whether there is anything: all are added up at once.
    each = np.empty((4, people, KEYPOINTS), np.float32)
    each[:2] = velocity.transpose(2, 0, 1)
    np.abs(velocity.view(np.complex64)[..., 0], out=each[2])
    each[3] = shown
    each[:3] *= each[3]
    sums = _WEIGHTS.dot(each.reshape(-1, KEYPOINTS).T).reshape(2, 4, people)
    count = sums[0, 3]
    found[0] = np.hypot(sums[0, 0], sums[0, 1]) / np.maximum(count, 1)
    found[1] = sums[1, 2] / np.maximum(sums[1, 3], SMALLEST)
    found[1] /= stature
    if np.count_nonzero(count) < people:
        found[:, count == 0] = np.nan


def _contraction(points: Points, shoulders: Points, trunk: Points, stature: Numbers, found: Numbers) -> None:
    """Find (N,) from 0, wrists and ankles as far from the trunk's center as they reach, to 1."""
    center = shoulders - 0.5 * trunk
    lost = center != center
    if np.count_nonzero(lost):
        np.copyto(center, shoulders - 0.5 * TRUNK * _UPRIGHT * stature, where=lost)
    reached = np.abs(points.take(_EXTREMITIES, axis=0) - center)
    known = reached == reached
    if np.count_nonzero(known) == known.size:
        mean = _REACH.dot(reached)
        mean /= len(_REACH) * stature
        np.maximum(1 - mean, 0.0, out=found)
        return
    np.copyto(reached, 0, where=~known)
    count = np.add.reduce(known, axis=0)
    np.maximum(1 - _REACH.dot(reached) / (np.maximum(count, 1) * stature), 0.0, out=found)
    found[count == 0] = np.nan
