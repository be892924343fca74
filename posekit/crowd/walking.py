"""How a body walks and stands: the cycle of legs and arms, and the sway of who stands still."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from posekit.crowd.posture import INDEX, STANDING

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from posekit.crowd.posture import Posture

STRIDE = 0.83
"""Length of a stride (two steps) in statures at `USUAL_SPEED`; it goes with the root of the speed (Winter
1991 has 0.82 to 0.84 of the stature at the pace people choose)."""
USUAL_SPEED = 0.78
"""Statures per second: 1.34 m/s for an adult."""
SWAY_HERTZ = (0.23, 0.37, 0.31)
"""How fast who stands sways aside, forwards and in the arms: below 0.5 Hz, as on a force plate."""


def stride_length(speed: float) -> float:
    """Return the length of a stride in statures at a speed in statures per second."""
    return STRIDE * float(np.sqrt(max(speed, 0.05) / USUAL_SPEED))


def walking(strides: NDArray[np.float64], weight: NDArray[np.float64]) -> Posture:
    """Return (T, 21) postures of a body that has walked so many `strides`; `weight` 0 stands, 1 walks.

    Hip 24 degrees forwards and back; the knee bends by 55 while its leg swings forwards and by 14 under load;
    arms swing against the legs. The body rises and falls because a foot is always on the floor.
    """
    bodies = np.repeat(STANDING[None], len(strides), axis=0)
    for side, begin in (("left", 0.0), ("right", 0.5)):
        turn = 2 * np.pi * (strides + begin)
        hip = 4.0 + 24.0 * np.sin(turn)
        swinging = np.maximum(0.0, np.cos(turn - 0.1)) ** 1.8
        knee = 5.0 + 50.0 * swinging + 10.0 * np.maximum(0.0, np.sin(turn - 1.0)) ** 2
        swing = -22.0 * np.sin(turn)
        angles: dict[str, NDArray[np.float64] | float] = {
            "hip": hip,
            "knee": knee,
            "spread": 1.5,
            "arm_lift": swing,
            "arm_plane": 82.0,
        }
        angles |= {"fore_lift": swing + 16.0, "fore_plane": 85.0}
        for name, value in angles.items():
            at = INDEX[f"{side}_{name}"]
            bodies[:, at] += (value - bodies[:, at]) * weight
    bodies[:, INDEX["bow"]] += 3.0 * weight
    return bodies


def sway(bodies: Posture, times: NDArray[np.float64], phase: float, amount: float = 1.0) -> Posture:
    """Return postures with the small movements of who stands: about a degree, times `amount`."""
    aside, ahead, arms = (
        np.sin(2 * np.pi * hertz * times + phase * (at + 1)) for at, hertz in enumerate(SWAY_HERTZ)
    )
    swayed: Posture = bodies.copy()
    swayed[:, INDEX["lean"]] += 0.8 * amount * aside
    swayed[:, INDEX["bow"]] += 0.7 * amount * ahead
    for side, sign in (("left", 1.0), ("right", -1.0)):
        swayed[:, INDEX[f"{side}_arm_lift"]] += 1.2 * amount * arms
        swayed[:, INDEX[f"{side}_fore_lift"]] += sign * 1.5 * amount * ahead
    swayed[:, INDEX["head_turn"]] += 3.0 * amount * aside * arms
    return swayed
