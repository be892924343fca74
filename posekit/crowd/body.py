"""A body: its proportions, and where its 17 keypoints are in a posture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from posekit.crowd.posture import ANGLES, INDEX
from posekit.errors import UnknownNameError
from posekit.skeleton import COCO_17

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from posekit.crowd.posture import Posture

Points = "NDArray[np.float64]"


@dataclass(frozen=True)
class Proportions:
    """Lengths of a body's parts, each in statures."""

    stature: float
    """Metres: the usual height of such a body."""
    trunk: float
    """From the hip joints' middle to the shoulders' middle."""
    shoulders: float
    """Half the distance between the shoulder joints."""
    hips: float
    """Half the distance between the hip joints."""
    upper_arm: float
    forearm: float
    thigh: float
    shank: float
    ankle: float
    """Height of the ankle above the floor."""
    nose: float
    """Height of the nose above the shoulders' middle; the eyes and ears are placed from it."""
    head: float
    """From chin to crown: what the face's lengths go with."""


ADULT = Proportions(
    stature=1.72,
    trunk=0.288,
    shoulders=0.115,
    hips=0.055,
    upper_arm=0.186,
    forearm=0.146,
    thigh=0.245,
    shank=0.246,
    ankle=0.039,
    nose=0.100,
    head=0.130,
)
"""Drillis and Contini (1966) as Winter prints them (Biomechanics and Motor Control of Human Movement, 4th
ed., fig. 4.1), but for two breadths that he gives between bones' outsides (0.129, 0.096): keypoints lie in
the joints, the hips' at 36 % of the pelvis' width from the middle (Bell, Pedersen and Brand 1990)."""
CHILD = Proportions(
    stature=1.17,
    trunk=0.282,
    shoulders=0.105,
    hips=0.052,
    upper_arm=0.182,
    forearm=0.140,
    thigh=0.230,
    shank=0.228,
    ankle=0.045,
    nose=0.128,
    head=0.160,
)
"""A child of six: head a sixth of the body, shorter legs. Rounded after Snyder et al. (1977), Anthropometry
of Infants, Children and Youths to Age 18 (UM-HSRI-77-17); good to a hundredth of the stature, no better."""
PROPORTIONS = {"adult": ADULT, "child": CHILD}

NOSE, LEFT_EYE, RIGHT_EYE, LEFT_EAR, RIGHT_EAR = range(5)
SIDES = ((1.0, "left", (5, 7, 9, 11, 13, 15)), (-1.0, "right", (6, 8, 10, 12, 14, 16)))
"""Which way is outwards along the body's own left, and where that side's keypoints stand."""
FACE = ((0.0, 0.0, 0.50), (0.14, 0.22, 0.40), (-0.14, 0.22, 0.40), (0.33, 0.13, 0.0), (-0.33, 0.13, 0.0))
"""Nose, eyes and ears in head heights from the neck's axis at the nose's height: left, up, forwards.
(Distance between the pupils 63 mm, breadth of the head at the ears 150 mm, nose 110 mm before them, for a
head of 225 mm.)"""
SWAPPED = np.array([COCO_17.find(_other) for _other in (
    name.replace("left_", "?").replace("right_", "left_").replace("?", "right_") for name in COCO_17.keypoints
)])  # fmt: skip
"""For every keypoint the index of the same one on the other side."""


def find_proportions(name: str) -> Proportions:
    """Return `adult` or `child`; raises `UnknownNameError` with the nearest name."""
    try:
        return PROPORTIONS[name]
    except KeyError:
        raise UnknownNameError("proportions", name, PROPORTIONS) from None


def place(
    posture: Posture, body: Proportions, facing: float | NDArray[np.float64] = 0.0
) -> NDArray[np.float64]:
    """Return where the keypoints are: (..., 17, 3) float64 in statures, for a posture (..., 21).

    Frame: x to the right of a picture, y up from the floor, z towards the camera; the origin is the floor
    below the body before any `shift`. `facing`, in degrees, is 0 towards the camera and 90 towards the
    picture's right.
    """
    angle = np.deg2rad(posture)
    part = {name: angle[..., at] for name, at in INDEX.items()}
    points = np.empty((*posture.shape[:-1], len(COCO_17), 3))
    _place_legs(points, part, body)
    _place_trunk_and_arms(points, part, body)
    _place_face(points, part, body)
    _tilt(points, part["bow"], part["lean"])
    # The lowest foot stands on the floor; `lift` takes it off.
    floor = points[..., 15:17, 1].min(axis=-1) - body.ankle
    points[..., 1] += (posture[..., INDEX["lift"]] - floor)[..., None]
    points[..., 0] += posture[..., INDEX["shift"], None]
    return _turned(points, np.deg2rad(facing) + part["turn"])


def _place_legs(points: NDArray[np.float64], part: dict[str, NDArray[np.float64]], body: Proportions) -> None:
    for sign, side, (_, _, _, hip, knee, ankle) in SIDES:
        flexed, spread = part[f"{side}_hip"], part[f"{side}_spread"]
        points[..., hip, :] = (sign * body.hips, 0.0, 0.0)
        points[..., knee, :] = points[..., hip, :] + body.thigh * _down(flexed, sign * spread)
        shank = _down(flexed - part[f"{side}_knee"], sign * spread)
        points[..., ankle, :] = points[..., knee, :] + body.shank * shank


def _place_trunk_and_arms(
    points: NDArray[np.float64], part: dict[str, NDArray[np.float64]], body: Proportions
) -> None:
    for sign, side, (shoulder, elbow, wrist, *_) in SIDES:
        points[..., shoulder, :] = (sign * body.shoulders, body.trunk, 0.0)
        upper = _aimed(part[f"{side}_arm_lift"], part[f"{side}_arm_plane"], sign)
        lower = _aimed(part[f"{side}_fore_lift"], part[f"{side}_fore_plane"], sign)
        points[..., elbow, :] = points[..., shoulder, :] + body.upper_arm * upper
        points[..., wrist, :] = points[..., elbow, :] + body.forearm * lower


def _place_face(points: NDArray[np.float64], part: dict[str, NDArray[np.float64]], body: Proportions) -> None:
    nod, turn = part["nod"], part["head_turn"]
    for at, (left, up, forward) in enumerate(FACE):
        height = up * np.cos(nod) - forward * np.sin(nod)
        ahead = forward * np.cos(nod) + up * np.sin(nod)
        points[..., at, 0] = body.head * (left * np.cos(turn) + ahead * np.sin(turn))
        points[..., at, 1] = body.trunk + body.nose + body.head * height
        points[..., at, 2] = body.head * (ahead * np.cos(turn) - left * np.sin(turn)) + 0.02


def _tilt(points: NDArray[np.float64], bow: NDArray[np.float64], lean: NDArray[np.float64]) -> None:
    """Tilt all above the hips: forwards by `bow`, then to the body's own left by `lean`."""
    above = points[..., :11, :]
    x, y, z = above[..., 0].copy(), above[..., 1].copy(), above[..., 2].copy()
    cos, sin = np.cos(bow)[..., None], np.sin(bow)[..., None]
    y, z = y * cos - z * sin, z * cos + y * sin
    cos, sin = np.cos(lean)[..., None], np.sin(lean)[..., None]
    above[..., 0], above[..., 1], above[..., 2] = x * cos + y * sin, y * cos - x * sin, z


def _turned(points: NDArray[np.float64], facing: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn the body's own left and forwards into the picture's right and towards the camera."""
    cos, sin = np.cos(facing)[..., None], np.sin(facing)[..., None]
    left, forward = points[..., 0].copy(), points[..., 2].copy()
    points[..., 0] = left * cos + forward * sin
    points[..., 2] = forward * cos - left * sin
    return points


def _aimed(lift: NDArray[np.float64], plane: NDArray[np.float64], sign: float) -> NDArray[np.float64]:
    """Return (..., 3) unit vectors of an arm's part: left, up, forwards."""
    out = np.sin(lift)
    return np.stack((sign * out * np.cos(plane), -np.cos(lift), out * np.sin(plane)), axis=-1)


def _down(forward: NDArray[np.float64], aside: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (..., 3) unit vectors of a leg's part: left, up, forwards."""
    cos = np.cos(aside)
    return np.stack((np.sin(aside), -np.cos(forward) * cos, np.sin(forward) * cos), axis=-1)


assert len(ANGLES) == 21
