"""The names of what bodies are measured by, and where each stands among the others."""

from __future__ import annotations

CHANNELS: tuple[str, ...] = (
    "left_across", "right_across", "left_down", "right_down",
    "hand_distance", "left_reach", "right_reach",
    "neck_x", "neck_y", "hips_x", "hips_y", "feet_y", "frontal",
)  # fmt: skip
"""What is remembered for a second and a bit: wrists across and down from the shoulders, the hands' distance
and the arms' reach, in torsos; the middles of shoulders and hips and the lower foot (a knee will do), in
image heights; and how far apart the shoulders look, in torsos."""
QUANTITIES: tuple[str, ...] = (
    *CHANNELS,
    "left_wrist_up", "right_wrist_up",
    "left_wrist_out", "right_wrist_out",
    "left_fore_up", "right_fore_up",
    "left_swings", "right_swings",
    "left_swung", "right_swung",
    "left_swept_left", "right_swept_left",
    "left_swept_right", "right_swept_right",
    "left_thrown", "right_thrown",
    "left_inmost", "right_inmost",
    "hand_gap", "hands_up", "hands_closing",
    "lean", "shoulders_over_feet", "hips_over_feet",
    "risen", "feet_risen", "above", "stepped", "motion", "carried", "carried_aside", "size", "apart", "faced",
)  # fmt: skip
"""In torsos, but for `lean` (the sine of the trunk's angle), `swings` (seconds since the last turns but two
of a hand that is waved) and `swung` (seconds since the last). `carried` is how far the shoulders went in the
last half second, `size` the torso in image heights, `apart` the seconds since somebody else was before or
behind her, `faced` the least of `frontal` in the last half second."""
AT = {name: at for at, name in enumerate(QUANTITIES)}
HANDS = {name.removeprefix("left_"): slice(at, at + 2) for name, at in AT.items() if name.startswith("left_")}
"""The same for what both hands have, left and then right."""

CLOSER: dict[str, tuple[str, ...]] = {
    "swipes": ("left_swept_left", "right_swept_left", "left_swept_right", "right_swept_right"),
    "punches": ("left_thrown", "right_thrown"),
    "claps": ("hands_closing",),
    "leaps": ("risen", "feet_risen"),
}
"""What takes a closer look (`posekit.events.closer`), and so has only a bound until somebody may be doing it:
an exact value is never farther on the way to the gesture than the bound."""
