"""What bodies do: every gesture as postures over time, and things that look like gestures and are none."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from posekit.crowd.posture import STANDING, blend, ease, mirrored, posture
from posekit.errors import UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Callable

    from posekit.crowd.posture import Posture

    Movement = Callable[[Posture, float], Posture]
    """From the posture at rest and seconds since the act was fully reached to the posture then."""

UP = (168.0, 5.0, 174.0, 5.0)
JOINED = (30.0, 90.0, 100.0, 136.0)
"""Hands together before the chest."""
APART = (38.0, 68.0, 92.0, 88.0)
SWIPE_SECONDS = 0.32
"""How long a hand takes from one side to the other."""
PUNCH_SECONDS = 0.14
JUMP_HEIGHT = 0.15
"""How far a jump lifts the feet, in statures: 0.26 m for an adult."""
JUMP_SECONDS = 0.46
"""How long that keeps a body in the air, which is free fall's sqrt(8 h / g) for an adult."""
STEP_SECONDS = 0.6
STEP_LENGTH = 0.3
"""In statures."""


@dataclass(frozen=True, eq=False)
class Act:
    """One thing that a body does.

    It fades in from the posture at rest during `ramp` seconds, moves, and fades out again during another
    `ramp`.
    """

    name: str
    move: Movement
    ramp: float = 0.4
    """Seconds to get there, and to get back."""
    natural: float | None = None
    """How many seconds it takes from start to end; None when it may be held as long as one likes."""
    shift: float = 0.0
    """How far aside the body stands afterwards, in statures to its own left."""
    is_gesture: bool = True
    """Whether it is one of the gestures that posekit tells of; the others are there to be mistaken for
    them."""

    def at(self, rest: Posture, elapsed: float, duration: float) -> Posture:
        """Return the posture `elapsed` seconds after the begin of an act that takes `duration` seconds."""
        elapsed = min(max(elapsed, 0.0), duration)
        share = min(ease(elapsed / self.ramp), ease((duration - elapsed) / self.ramp)) if self.ramp else 1.0
        return blend(rest, self.move(rest, elapsed - self.ramp), share)


def find_act(name: str) -> Act:
    """Return an act by name; raises `UnknownNameError` with the nearest name."""
    try:
        return ACTS[name]
    except KeyError:
        raise UnknownNameError("act", name, ACTS) from None


def _hold(**angles: float | tuple[float, ...]) -> Movement:
    return lambda rest, _time: posture(rest, **angles)


def _wave(rest: Posture, time: float) -> Posture:
    """Raise the right hand to the head's height and swing it from the elbow, 1.8 times a second."""
    swing = 34.0 * math.sin(2 * math.pi * 1.8 * time)
    return posture(rest, right_arm=(72.0, 25.0, 172.0 + swing, 0.0))


def _clap(rest: Posture, time: float) -> Posture:
    """Clap 2.5 times a second."""
    apart = 0.5 - 0.5 * math.cos(2 * math.pi * 2.5 * time)
    return blend(posture(rest, arms=JOINED), posture(rest, arms=APART), apart)


def _swipe(rest: Posture, time: float) -> Posture:
    """Sweep the right hand from outside to before the other shoulder."""
    begin = posture(rest, right_arm=(78.0, -5.0, 88.0, 0.0))
    end = posture(rest, right_arm=(62.0, 112.0, 92.0, 165.0))
    return blend(begin, end, ease(time / SWIPE_SECONDS))


def _swipe_back(rest: Posture, time: float) -> Posture:
    return _swipe(rest, SWIPE_SECONDS - time)


def _punch(rest: Posture, time: float) -> Posture:
    """Throw the right fist forwards and somewhat outwards, and take it back."""
    guard = posture(rest, right_arm=(28.0, 60.0, 150.0, 95.0))
    thrown = posture(rest, right_arm=(88.0, 35.0, 90.0, 30.0), turn=12.0)
    begin = 0.15
    out, back = (time - begin) / PUNCH_SECONDS, (time - begin - PUNCH_SECONDS - 0.05) / (2 * PUNCH_SECONDS)
    return blend(guard, thrown, min(ease(out), ease(1 - back)))


def _jump(rest: Posture, time: float) -> Posture:
    """Bend the knees for a third of a second, fly, land in the knees."""
    bent = posture(rest, arms=(30.0, -80.0, 25.0, -60.0), hip=42.0, knee=72.0, bow=22.0)
    stretched = posture(rest, arms=(75.0, 55.0, 95.0, 60.0), hip=4.0, knee=10.0)
    flown = (time - 0.34) / JUMP_SECONDS
    if flown <= 0:
        return (
            blend(rest, bent, ease(time / 0.24))
            if time < 0.24
            else blend(bent, stretched, ease((time - 0.24) / 0.1))
        )
    if flown < 1:
        return posture(stretched, lift=rest[1] + JUMP_HEIGHT * 4 * flown * (1 - flown))
    landed = (time - 0.34 - JUMP_SECONDS) / 0.16
    landing = posture(rest, hip=26.0, knee=46.0, bow=12.0)
    return (
        blend(stretched, landing, ease(landed))
        if landed < 1
        else blend(landing, rest, ease((landed - 1) * 0.5))
    )


def _step(rest: Posture, time: float) -> Posture:
    """Step aside to the own left: one foot goes out, the other follows."""
    progress = min(max(time / STEP_SECONDS, 0.0), 1.0)
    first, second = ease(2 * progress), ease(2 * progress - 1)
    stepped = posture(rest, shift=rest[0] + STEP_LENGTH * ease(progress))
    return posture(
        stepped, spread=4.0 + 15.0 * (first - second), left_knee=3.0 + 14.0 * math.sin(math.pi * first)
    )


def _sit(rest: Posture, time: float) -> Posture:  # noqa: ARG001
    return posture(rest, arms=(22.0, 70.0, 70.0, 100.0), hip=84.0, knee=86.0, spread=8.0)


def _scratch(rest: Posture, time: float) -> Posture:
    rub = 6.0 * math.sin(2 * math.pi * 3.0 * time)
    return posture(rest, right_arm=(78.0, 78.0, 155.0 + rub, 195.0), nod=8.0)


def _talk(rest: Posture, time: float) -> Posture:
    """Speak with both hands, as far up as the elbows."""
    left, right = math.sin(2 * math.pi * 0.9 * time), math.sin(2 * math.pi * 0.7 * time + 1.0)
    return posture(
        rest,
        left_arm=(20.0, 50.0, 72.0 + 14.0 * left, 88.0 + 16.0 * right),
        right_arm=(20.0, 50.0, 70.0 + 16.0 * right, 92.0 - 16.0 * left),
        head_turn=10.0 * right,
    )


def _swing(rest: Posture, time: float) -> Posture:
    """Swing both arms as one who waits."""
    swing = 32.0 * math.sin(2 * math.pi * 0.8 * time)
    return posture(
        rest, left_arm=(swing, 85.0, swing + 12.0, 85.0), right_arm=(-swing, 85.0, 12.0 - swing, 85.0)
    )


def _other_side(movement: Movement) -> Movement:
    return lambda rest, time: mirrored(movement(mirrored(rest), time))


def _pair(name: str, right: Movement, *, ramp: float = 0.4, natural: float | None = None) -> list[Act]:
    """Return an act of the right hand and the same of the left; `{}` in the name takes the side."""
    return [
        Act(name.format("right"), right, ramp, natural),
        Act(name.format("left"), _other_side(right), ramp, natural),
    ]


_GESTURES = (
    *_pair("raise_{}", _hold(right_arm=UP)),
    Act("raise_both", _hold(arms=UP)),
    *_pair("wave_{}", _wave),
    Act("clap", _clap, ramp=0.3),
    Act("hands_together", _hold(arms=JOINED)),
    Act("t_pose", _hold(arms=(90.0, 0.0, 90.0, 0.0))),
    Act("arms_crossed", _hold(arms=(30.0, 118.0, 95.0, 170.0))),
    Act("jump", _jump, ramp=0.0, natural=1.3),
    Act(
        "crouch", _hold(arms=(35.0, 85.0, 75.0, 95.0), hip=100.0, knee=132.0, spread=14.0, bow=28.0), ramp=0.6
    ),
    Act("lean_left", _hold(lean=26.0), ramp=0.5),
    Act("lean_right", _hold(lean=-26.0), ramp=0.5),
    Act("step_left", _step, ramp=0.0, natural=STEP_SECONDS, shift=STEP_LENGTH),
    Act("step_right", _other_side(_step), ramp=0.0, natural=STEP_SECONDS, shift=-STEP_LENGTH),
    *_pair("swipe_{}_inward", _swipe, ramp=0.35, natural=0.7 + SWIPE_SECONDS),
    *_pair("swipe_{}_outward", _swipe_back, ramp=0.35, natural=0.7 + SWIPE_SECONDS),
    *_pair("punch_{}", _punch, ramp=0.3, natural=1.3),
    Act("still", lambda rest, _time: rest, ramp=0.0),
)
_DISTRACTORS = (
    Act("sit", _sit, ramp=0.8, is_gesture=False),
    Act("scratch_head", _scratch, ramp=0.5, is_gesture=False),
    Act("look_at_phone", _hold(right_arm=(26.0, 72.0, 112.0, 118.0), nod=32.0), is_gesture=False),
    Act("hands_low", _hold(arms=(18.0, 100.0, 45.0, 150.0)), is_gesture=False),
    Act("hands_on_hips", _hold(arms=(44.0, -12.0, 40.0, 172.0)), is_gesture=False),
    Act("talk", _talk, is_gesture=False),
    Act("swing_arms", _swing, is_gesture=False),
    Act(
        "look_around",
        lambda rest, time: posture(rest, head_turn=50.0 * math.sin(1.6 * time)),
        is_gesture=False,
    ),
)
ACTS = {act.name: act for act in (*_GESTURES, *_DISTRACTORS)}
GESTURES = tuple(act.name for act in _GESTURES)
DISTRACTORS = tuple(act.name for act in _DISTRACTORS)
ALIASES = {"wave": "wave_right", "raise": "raise_right", "punch": "punch_right", "stand": "still"}
MIRRORED = {
    name: name.replace("left", "?").replace("right", "left").replace("?", "right")
    for name in (*GESTURES, *DISTRACTORS)
}
"""What each act is called when it is seen in a mirror."""
assert STANDING.shape == (21,)
