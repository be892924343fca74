"""The names of what bodies are measured by, and where each stands among the others.

Their order is made for speed: what is measured in the same way stands together, so that one call does it.
"""

from __future__ import annotations

VECTORS: dict[str, tuple[str, str]] = {
    "head": ("face", "hips"),
    "trunk": ("neck", "hips"),
    "span": ("left_shoulder", "right_shoulder"),
    "left_reach": ("left_wrist", "left_shoulder"),
    "right_reach": ("right_wrist", "right_shoulder"),
    "hands": ("left_wrist", "right_wrist"),
}
"""What is measured in both directions, to and from: its length is the row `LENGTHS` at the same place."""
LENGTHS = ("head", "torso", "span", "left_reach", "right_reach", "hand_distance")
SIDED = {
    "lean": ("face", "hips", 0),
    "left_wrist_out": ("left_wrist", "neck", 0),
    "right_wrist_out": ("right_wrist", "neck", 0),
    "hand_gap": ("left_wrist", "right_wrist", 0),
    "hands_up": ("neck", "between_wrists", 1),
}
"""What depends on which side of the body is seen. `lean` is only begun by this."""
STRAIGHT = {
    "left_wrist_up": ("neck", "left_wrist", 1),
    "right_wrist_up": ("neck", "right_wrist", 1),
    "left_fore_up": ("left_elbow", "left_wrist", 1),
    "right_fore_up": ("right_elbow", "right_wrist", 1),
    "shoulders_over_feet": ("left_ankle", "neck", 1),
    "hips_over_feet": ("left_ankle", "hips", 1),
    "shin": ("left_knee", "left_ankle", 1),
    "shoulders_over_right_foot": ("right_ankle", "neck", 1),
    "hips_over_right_foot": ("right_ankle", "hips", 1),
    "right_shin": ("right_knee", "right_ankle", 1),
    "left_down": ("left_wrist", "neck", 1),
    "right_down": ("right_wrist", "neck", 1),
}
ACROSS = {
    "left_across": ("left_wrist", "neck", 0),
    "right_across": ("right_wrist", "neck", 0),
}
PLACES = {
    "neck_x": ("neck", "nothing", 0),
    "neck_y": ("neck", "nothing", 1),
}
BOTH_WAYS = ("hand_distance", *ACROSS, *PLACES)
"""Whose greatest rise and fall in a while are both told; their negatives stand behind them."""
BOUNDED = (*BOTH_WAYS, *(f"less_{name}" for name in BOTH_WAYS), "averted", "hips_x", "hips_y", "feet_y")
"""What a bound is told of: the greatest value in a while."""
FIXED = {
    "hips_x": ("hips", "nothing", 0),
    "hips_y": ("hips", "nothing", 1),
    "stepped": ("hips", "hips", 0),
    "motion": ("left_shoulder", "left_shoulder", 0),
    "left_wrist_x": ("left_wrist", "nothing", 0),
    "left_wrist_y": ("left_wrist", "nothing", 1),
    "right_wrist_x": ("right_wrist", "nothing", 0),
    "right_wrist_y": ("right_wrist", "nothing", 1),
}
"""Places, and what is 0 while somebody is seen."""
LINES: dict[str, tuple[str, str, int]] = {
    **{f"{name}_x": (*ends, 0) for name, ends in VECTORS.items()},
    **{f"{name}_y": (*ends, 1) for name, ends in VECTORS.items()},
    **SIDED, **STRAIGHT, **ACROSS, **PLACES, **FIXED,
}  # fmt: skip
"""What is the way from one point to another across (0) or down (1) the picture: to and from."""
QUANTITIES: tuple[str, ...] = (
    *(f"{name}_x" for name in VECTORS),
    *(f"{name}_y" for name in VECTORS),
    *SIDED,
    *STRAIGHT,
    *LENGTHS,
    *ACROSS,
    *BOUNDED[BOUNDED.index("neck_x") :],
    "feet", "stepped", "motion",
    "left_wrist_x", "left_wrist_y", "right_wrist_x", "right_wrist_y",
    "size", "apart",
    *(f"most_{name}" for name in BOUNDED),
    *(f"rise_{name}" for name in BOUNDED),
    "rise", "carried",
    "left_swings", "right_swings", "left_swung", "right_swung",
    "left_swept_left", "right_swept_left", "left_swept_right", "right_swept_right",
    "left_thrown", "right_thrown", "left_inmost", "right_inmost", "hands_closing",
    "risen", "feet_risen", "above", "carried_aside",
    "zero", "one",
)  # fmt: skip
"""In torsos, but for places (the middles of shoulders and hips, the wrists, the lower foot, where a knee will
do), which are in image heights, `lean` (the sine of the trunk's angle), `swings` (seconds since the last
turns but two of a hand that is waved) and `swung` (seconds since the last). `averted` is how far apart the
shoulders look, below 0, `most_averted` the most of that in the last half second, `carried` how far the
shoulders went then, `size` the torso in image heights, `apart` the seconds since somebody else was before or
behind her."""
AT = {name: at for at, name in enumerate(QUANTITIES)}
HANDS = {name.removeprefix("left_"): slice(at, at + 2) for name, at in AT.items() if name.startswith("left_")}
"""The same for what both hands have, left and then right."""


def rows(first: str, last: str) -> slice:
    """Return where the quantities from one to another stand."""
    return slice(AT[first], AT[last] + 1)


CHANNELS = rows("left_down", "feet_y")
"""What is remembered for a second and a bit."""

CLOSER: dict[str, dict[str, str]] = {
    "swipes": {
        "left_swept_left": "rise_less_left_across",
        "right_swept_left": "rise_less_right_across",
        "left_swept_right": "rise_left_across",
        "right_swept_right": "rise_right_across",
    },
    "punches": {
        "left_thrown": "rise_less_left_across",
        "right_thrown": "rise_right_across",
        "left_inmost": "one",
        "right_inmost": "one",
    },
    "claps": {"hands_closing": "rise_hand_distance"},
    "leaps": {"risen": "rise", "feet_risen": "rise_feet_y", "above": "one", "carried_aside": "zero"},
}
"""What takes a closer look (`posekit.events.closer`), and the bound that will do until somebody may be doing
it: an exact value is never farther on the way to the gesture."""
