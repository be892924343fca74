"""A posture: what the parts of a body do, as a row of angles, so that one posture can fade into another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Posture = NDArray[np.float64]
    """(..., 21) float64, one column for each of `ANGLES`."""

WHOLE = ("shift", "lift", "turn", "lean", "bow", "nod", "head_turn")
"""`shift` and `lift` are lengths in statures: aside, to the body's own left, and off the floor. The rest are
degrees: `turn` of the body and `head_turn` of the head to its own left, `lean` of the trunk to its own left,
`bow` of the trunk and `nod` of the head forwards."""
LIMBS = ("arm_lift", "arm_plane", "fore_lift", "fore_plane", "hip", "spread", "knee")
"""Degrees, for each side. `arm_lift` tells how far the upper arm is from hanging down (0) through level (90)
to straight up (180), `arm_plane` in which direction: 0 is outwards, 90 forwards, 180 inwards. `fore_lift` and
`fore_plane` say the same of the forearm, also in the trunk's frame and not relative to the upper arm. `hip`
is the thigh forwards, `spread` the thigh outwards, `knee` how much the knee is bent."""
ANGLES = (*WHOLE, *(f"left_{limb}" for limb in LIMBS), *(f"right_{limb}" for limb in LIMBS))
INDEX = {name: at for at, name in enumerate(ANGLES)}
LEFT = slice(len(WHOLE), len(WHOLE) + len(LIMBS))
RIGHT = slice(LEFT.stop, LEFT.stop + len(LIMBS))
SIDED = tuple(INDEX[name] for name in ("shift", "turn", "lean", "head_turn"))
"""What changes its sign in a mirror."""

RELAXED_ARM = (8.0, 20.0, 14.0, 60.0)
"""An arm that hangs, a little bent."""


def posture(base: Posture | None = None, **angles: float | tuple[float, ...]) -> Posture:
    """Return a posture (21,): `base` (standing at ease when there is none) with some angles changed.

    Besides the names in `ANGLES`, `left_arm`, `right_arm` and `arms` take the four angles of an arm, and
    `hip`, `spread`, `knee` go for both legs.
    """
    made: Posture = STANDING.copy() if base is None else base.copy()
    for name, value in angles.items():
        if name in INDEX:
            made[INDEX[name]] = value
        elif name.endswith(("arm", "arms")):
            for side in ("left", "right") if name == "arms" else (name.partition("_")[0],):
                at = INDEX[f"{side}_arm_lift"]
                made[at : at + 4] = value
        else:
            made[INDEX[f"left_{name}"]] = made[INDEX[f"right_{name}"]] = value
    return made


def mirrored(body: Posture) -> Posture:
    """Return the posture that a mirror shows: left and right exchanged."""
    other: Posture = body.copy()
    other[..., LEFT], other[..., RIGHT] = body[..., RIGHT], body[..., LEFT]
    other[..., SIDED] *= -1
    return other


def blend(first: Posture, second: Posture, share: float) -> Posture:
    """Return a posture between two, `share` of the way from the first (0) to the second (1)."""
    return first + (second - first) * share


def ease(progress: float) -> float:
    """Return how far a limb is, from 0 to 1, that starts and ends gently (Hermite's smoothstep)."""
    progress = min(max(progress, 0.0), 1.0)
    return progress * progress * (3.0 - 2.0 * progress)


STANDING: Posture = np.zeros(len(ANGLES))
STANDING[LEFT] = STANDING[RIGHT] = (*RELAXED_ARM, 0.0, 4.0, 3.0)
SEATED: Posture = posture(
    left_arm=(22.0, 70.0, 70.0, 100.0), right_arm=(22.0, 70.0, 70.0, 100.0), hip=84.0, knee=86.0, spread=8.0
)
