"""How calm and how quick: the numbers behind `calm`, `normal`, `quick` and `off`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SmoothingOptions:
    """How a smoother weighs rest against motion, and for how long it believes what it does not see.

    Lengths are in body sizes (statures, see `posekit.features.statures`), so that near and far are the same.
    """

    is_on: bool = True
    """Whether anything is done at all; else poses and velocities pass through."""
    rest_cutoff: float = 0.15
    """Hertz: what moves slower than this is followed at rest."""
    speed_gain: float = 22.0
    """Hertz by which the cutoff rises at one body size per second; it goes with the square of the speed."""
    sustained: float = 0.6
    """How much of that a movement keeps that has lasted, where it turns round and is slow for a moment."""
    rest_speed: float = 0.28
    """Body sizes per second: what is slower looks like noise and counts for less."""
    distance_gain: float = 25.0
    """Hertz by which the cutoff rises one body size away from what is seen; it goes with the square, too."""
    velocity_time: float = 0.06
    """Seconds over which velocities are averaged (time constant of an exponential mean)."""
    activity_time: float = 0.3
    """The same for what counts as a movement that has lasted."""
    leap: float = 0.04
    """Body sizes: how far a keypoint at rest may be from where it was expected, however short the time."""
    leap_speed: float = 0.3
    """Body sizes per second: how much farther as time goes by."""
    leap_activity: float = 2.2
    """How much farther where a movement has lasted, in multiples of how far that gets."""
    leap_ahead: float = 0.05
    """Seconds that are added to the time passed, there."""
    leap_time: float = 0.08
    """Seconds for which a leap is not believed; one that lasts was none."""
    carry_time: float = 0.3
    """Seconds for which a keypoint that vanished goes on with its body, its score falling to 0."""
    swap: float = 0.08
    """Body sizes by which left and right must, in all, fit better when they are exchanged."""
    swap_motion: float = 1.0
    """How much more where they move, in multiples (1 or more) of how far they get."""
    swap_time: float = 0.25
    """Seconds for which exchanged sides are put right; if it lasts, she has turned."""


PRESETS = {
    "calm": SmoothingOptions(
        rest_cutoff=0.08, speed_gain=9.0, distance_gain=20.0, rest_speed=0.3, velocity_time=0.09
    ),
    "normal": SmoothingOptions(),
    "quick": SmoothingOptions(
        rest_cutoff=0.5, speed_gain=70.0, rest_speed=0.15, velocity_time=0.05, distance_gain=60.0, leap=0.06
    ),
    "off": SmoothingOptions(is_on=False),
}
"""What the setting `smoothing` can be."""
