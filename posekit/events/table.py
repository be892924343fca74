"""Every gesture as a row of data: what it takes, from when on it counts, and for how long.

A measure is a number from 0 to 1: the least of its ramps, each of which goes from 0 to 1 between two values
of a quantity (`posekit.events.quantities.QUANTITIES`). Lengths are in torsos, speeds in torsos per second, so
that a gesture is the same near and far, for a child and for an adult; left and right are the person's own.
"""

from __future__ import annotations

from dataclasses import dataclass

from posekit.errors import UnknownNameError

Ramp = tuple[str, float, float]
"""A quantity, the value at which it counts 0, and the value at which it counts 1."""
Measure = tuple[Ramp, ...]


@dataclass(frozen=True)
class Kind:
    """One gesture; all times are in seconds."""

    name: str
    measure: Measure = ()
    """What it takes, all at once."""
    other: Measure = ()
    """What will do as well; the other hand, for instance."""
    on: float = 0.5
    """The measure from which on it starts..."""
    off: float = 0.25
    """...and below which it ends."""
    after: float = 0.0
    """How long it must be on before it starts."""
    release: float = 0.1
    """How long it must be off before it ends."""
    held: float = 1.0
    """How long it lasts until it counts as held."""
    refractory: float = 0.3
    """How long after its end it cannot start again."""
    lost: float = 0.5
    """How long the keypoints that it takes may be missing before it is cancelled."""


FRONTAL: Ramp = ("averted", -0.25, -0.55)
"""Seen from before or behind: in profile left and right are guesswork."""
BIG: Ramp = ("size", 0.065, 0.085)
"""Near enough: an adult's torso is 0.075 image heights at 6 metres from a usual webcam, 19 pixels of
PoseNet's input, and wrists are off by 6 (`posekit.crowd.noise`)."""
APART: Ramp = ("apart", 0.4, 1.2)
"""Nobody has been before or behind her for a moment: an estimator mixes up two who overlap."""
FACED: Ramp = ("most_averted", -0.15, -0.4)
"""So all the time: estimators exchange left and right of those who turn."""
FACING: Ramp = ("averted", -0.45, -0.7)
IN_PLACE: Ramp = ("carried", 0.55, 0.25)
"""Hands of somebody who walks, runs or jumps swing anyway."""


def _raised(hand: str) -> Measure:
    return ((f"{hand}_wrist_up", 0.25, 0.75),)


def _waving(hand: str) -> Measure:
    return (
        (f"{hand}_wrist_up", -0.4, 0.1),
        (f"{hand}_fore_up", 0.0, 0.4),
        (f"{hand}_swings", 2.0, 1.2),
        (f"{hand}_swings", 0.15, 0.35),
        (f"{hand}_swung", 0.9, 0.5),
        IN_PLACE,
    )


def _punching(hand: str) -> Measure:
    return (
        (f"{hand}_thrown", 0.15, 0.45),
        (f"{hand}_swings", 1.2, 2.0),  # one who waves does not punch
        (f"{hand}_reach", 0.35, 0.65),
        (f"{hand}_inmost", -0.3, 0.1),
        (f"{hand}_wrist_up", -0.7, -0.3),
        (f"{hand}_fore_up", 0.5, 0.2),
        IN_PLACE,
        BIG,
    )


def _swiping(hand: str, side: str) -> Measure:
    return ((f"{hand}_swept_{side}", 0.7, 1.3), FRONTAL, FACED, IN_PLACE, BIG)


HANDS_AT_CHEST: Ramp = ("hands_up", -0.85, -0.45)

GESTURES: tuple[Kind, ...] = (
    Kind("left_hand_raised", _raised("left"), after=0.1, release=0.15),
    Kind("right_hand_raised", _raised("right"), after=0.1, release=0.15),
    Kind("hands_raised", _raised("left") + _raised("right"), after=0.1, release=0.15),
    Kind("left_wave", _waving("left"), release=0.2, held=2.0, refractory=0.5),
    Kind("right_wave", _waving("right"), release=0.2, held=2.0, refractory=0.5),
    Kind("wave", _waving("left"), _waving("right"), release=0.2, held=2.0, refractory=0.5),
    Kind(
        "clap",
        (("hand_distance", 0.85, 0.35), ("hands_closing", 0.25, 0.65), HANDS_AT_CHEST, FRONTAL, FACED, BIG),
        release=0.0,
        refractory=0.1,
        lost=0.2,
    ),
    Kind(
        "hands_together",
        (("hand_distance", 0.85, 0.35), ("hand_gap", -0.5, -0.1), HANDS_AT_CHEST, FRONTAL, BIG),
        after=0.4,
        release=0.2,
    ),
    Kind(
        "t_pose",
        (
            ("left_wrist_out", 1.0, 1.4),
            ("right_wrist_out", 1.0, 1.4),
            ("left_wrist_up", -0.7, -0.3),
            ("right_wrist_up", -0.7, -0.3),
            ("left_wrist_up", 0.7, 0.3),
            ("right_wrist_up", 0.7, 0.3),
        ),
        after=0.25,
        release=0.2,
    ),
    Kind(
        "arms_crossed",
        (
            ("hand_gap", 0.05, -0.45),
            ("hands_up", -1.05, -0.75),
            ("hands_up", 0.1, -0.15),
            FRONTAL,
            BIG,
        ),
        after=0.3,
        release=0.25,
    ),
    Kind(
        "jump",
        (
            ("risen", 0.2, 0.45),
            ("feet_risen", 0.16, 0.36),
            ("above", 0.15, 0.35),
            ("carried_aside", 1.2, 0.8),
            BIG,
            APART,
        ),
        release=0.1,
        refractory=0.2,
        lost=0.3,
    ),
    Kind(
        "crouch",
        (("shoulders_over_feet", 2.0, 1.45), ("hips_over_feet", 1.05, 0.6), BIG),
        after=0.2,
        release=0.2,
    ),
    Kind("lean_left", (("lean", 0.2, 0.4), FRONTAL, BIG), after=0.4, release=0.2),
    Kind("lean_right", (("lean", -0.2, -0.4), FRONTAL, BIG), after=0.4, release=0.2),
    Kind("step_left", (("stepped", 0.5, 0.9), FACING, BIG, APART), refractory=0.1),
    Kind("step_right", (("stepped", -0.5, -0.9), FACING, BIG, APART), refractory=0.1),
    Kind("swipe_left", _swiping("left", "left"), _swiping("right", "left"), refractory=0.4, lost=0.2),
    Kind("swipe_right", _swiping("left", "right"), _swiping("right", "right"), refractory=0.4, lost=0.2),
    Kind("left_punch", _punching("left"), lost=0.2),
    Kind("right_punch", _punching("right"), lost=0.2),
    Kind("punch", _punching("left"), _punching("right"), lost=0.2),
    Kind(
        "stillness",
        (("motion", 0.3, 0.06),),
        after=2.0,
        release=0.6,
        held=10.0,
        refractory=1.0,
        lost=2.0,
    ),
)
"""What one body does."""

PAIRS: tuple[Kind, ...] = (
    Kind("near", after=0.3, release=0.5, held=3.0, refractory=1.0, lost=1.0),
    Kind("touch", after=0.35, release=0.2, refractory=0.3),
)
"""What two people do together; their measures are in `posekit.events.pairs`."""

TAUGHT = Kind("taught", on=0.85, off=0.75, after=0.25, release=0.25)
"""How a taught pose is recognised: its measure is the similarity."""

GESTURE_NAMES: tuple[str, ...] = tuple(kind.name for kind in (*GESTURES, *PAIRS))


def check_names(names: tuple[str, ...], taught: tuple[str, ...] = ()) -> None:
    """Raise `UnknownNameError` for the first name that is neither a gesture nor taught."""
    known = (*GESTURE_NAMES, *taught)
    for name in names:
        if name not in known:
            raise UnknownNameError("gesture", name, known)
