"""What a body does, in numbers: how tall it looks, where it leans, how much it moves.

Lengths are in image heights, speeds in image heights per second, angles in degrees; every one of them is the
same across and down the picture, which is never mirrored here. NaN stands for what cannot be told, because
the keypoints it takes are missing. Each of `FEATURES` is explained, with its source, in docs/people.md.
"""

from __future__ import annotations

import math
from cmath import phase
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
_WEIGHTS = np.stack((np.ones(KEYPOINTS), TELLS_MOTION), axis=1).astype(np.float32)
_TELLS_MOTION = _WEIGHTS[:, 1].copy()
_ONES = np.ones(KEYPOINTS, np.complex64)
_UPRIGHT = -1j
_NAN = math.nan
_NOWHERE = np.full(KEYPOINTS, complex(np.nan, np.nan))


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
    seen = xy.reshape(count, 2 * KEYPOINTS).astype(np.float64)
    seen *= stretched(count, aspect)
    places = seen.view(np.complex128)
    shown = scores > 0
    shown &= places == places
    np.copyto(places, _NOWHERE, where=~shown)
    down = places.imag
    heights = np.fmax.reduce(down, axis=1) - np.fmin.reduce(down, axis=1)
    # What takes a few keypoints of a body costs less in plain numbers than by numpy's calls.
    each = zip(
        places.tolist(),
        np.maximum(statures(places), SMALLEST).tolist(),
        heights.tolist(),
        *_movement(shown, velocity),
        strict=True,
    )
    found = np.array([_features(*one) for one in each], np.float32)
    return found.reshape(count, len(FEATURES))


def _movement(
    shown: NDArray[np.bool_], velocity: NDArray[np.float32]
) -> tuple[list[complex], list[float], list[list[float]]]:
    """Return of N people the sum of what they show of `velocity`, how much that is in all, weighted...

    ...and how many keypoints that is, plain and weighted.
    """
    each = np.ascontiguousarray(velocity, np.float32).view(np.complex64)[..., 0] * shown.astype(np.complex64)
    return (
        each.dot(_ONES).tolist(),
        np.abs(each).dot(_TELLS_MOTION).tolist(),
        shown.astype(np.float32).dot(_WEIGHTS).tolist(),
    )


def _features(
    points: list[complex],
    stature: float,
    height: float,
    moved: complex,
    motion: float,
    counts: list[float],
) -> tuple[float, ...]:
    """Return one body's features, in their order, from its keypoints and the sums of how they move."""
    left, right, left_elbow, right_elbow, left_wrist, right_wrist = points[5:11]
    shoulders, trunk, up = _trunk(points)
    across = up.conjugate()
    count, weight = counts
    speed = abs(moved) / count if count else _NAN
    return (
        height,
        _DEGREES * math.atan2(trunk.real, -trunk.imag),
        _DEGREES * _facing((points[0] - shoulders) * across, (left - right) * across, stature),
        speed,
        motion / (max(weight, SMALLEST) * stature) if count else _NAN,
        _contraction(points, shoulders, trunk, stature),
        abs(left_wrist - right_wrist),
        _angle(left_elbow - left, -up),
        _angle(right_elbow - right, -up),
        _angle(left - left_elbow, left_wrist - left_elbow),
        _angle(right - right_elbow, right_wrist - right_elbow),
    )


_DEGREES = 180 / math.pi


def _angle(one: complex, other: complex) -> float:
    """Return how many degrees, 0 to 180, lie between two directions."""
    return _DEGREES * abs(phase(one * other.conjugate()))


def _trunk(points: list[complex]) -> tuple[complex, complex, complex]:
    """Return the shoulders' middle, the way up to it from the hips', and where up is.

    One shoulder or hip stands for both. Without hips the way up is NaN, and up is as if she were upright.
    """
    shoulders = _middle(points[5], points[6])
    trunk = shoulders - _middle(points[11], points[12])
    if trunk != trunk:
        return shoulders, trunk, _UPRIGHT
    return shoulders, trunk, trunk / max(abs(trunk), SMALLEST)


def _middle(left: complex, right: complex) -> complex:
    if left != left:
        return right
    return left if right != right else 0.5 * (left + right)


def _facing(nose: complex, breadth: complex, stature: float) -> float:
    """Return radians: 0 towards the camera, a quarter turn towards the picture's right.

    `nose` is seen from the shoulders' middle, `breadth` goes from the right shoulder to the left, both with
    the trunk to the right. Along the trunk they say nothing; across it the breadth goes with the angle's
    cosine, the nose's offset with its sine.
    """
    # Whatever is compared with NaN stays NaN as long as that comes first.
    side = min(max(nose.imag / (TRUNK * NOSE * stature), -1.0), 1.0)
    front = min(max(breadth.imag / (TRUNK * SHOULDERS * stature), -1.0), 1.0)
    if side != side:
        # From behind, the nose is not to be seen; in profile it is, or nobody can say which way.
        side = 0.0 if abs(front) > PROFILE else _NAN
    return math.atan2(side, front)


def _contraction(points: list[complex], shoulders: complex, trunk: complex, stature: float) -> float:
    """Return from 0, wrists and ankles as far from the trunk's center as they reach, to 1."""
    center = shoulders - 0.5 * trunk
    if center != center:
        center = shoulders - 0.5 * TRUNK * _UPRIGHT * stature
    reached, count = 0.0, 0
    for at, share in _REACH:
        away = abs(points[at] - center)
        if away == away:
            reached += away * share
            count += 1
    return max(1 - reached / (count * stature), 0.0) if count else _NAN


_REACH = (
    *((COCO_17.find(f"{side}_wrist"), 1 / HAND_REACH) for side in ("left", "right")),
    *((COCO_17.find(f"{side}_ankle"), 1 / FOOT_REACH) for side in ("left", "right")),
)
"""Where wrists and ankles stand, and what their distances are multiplied with."""
