"""ribbon: silk flies from your hands, and follows as if in water.

What you see: a long twisted ribbon from every hand, thinner and thinner, and behind it a veil of what it was.
What to notice: a ribbon is only an array: where the hand was, how fast, and when. Each row goes on flying by
    itself, and its neighbours smooth it. The veil is a layer of half the size, fed back.
Try this: hold still and then whirl; `seconds` and `wind` in the panel (Tab); HANDS["left_ankle"] = "gold".
How to run: posekit run ribbon
"""

import numpy as np

from posekit import Param, mix

HANDS = {"left_wrist": "#ff8f6b", "right_wrist": "#6bdcff"}
STRANDS = np.linspace(-1, 1, 5)
background = None
seconds = Param(2.2, 0.3, 4, help="how long a ribbon is")
width = Param(0.12, 0.02, 0.4, help="how wide, in statures")
wind = Param(0.2, -1, 1, help="statures per second")


def on_enter(person):
    person.memory.ribbons = {name: np.empty((0, 5)) for name in HANDS}  # x, y, their speeds, and when


def update(people, params, time, dt):
    for person in (one for one in people if one.center):
        for name, ribbon in person.memory.ribbons.items():
            hand, ribbon = person.keypoint(name), ribbon[ribbon[:, 4] > time - params.seconds]
            phase = 7 * ribbon[:, 1] / person.height + 1.3 * time
            goal = person.height * np.stack((params.wind * np.sin(phase), 0.06 + 0 * phase), axis=1)
            ribbon[:, 0:2] += ribbon[:, 2:4] * dt
            ribbon[:, 2:4] += (goal - ribbon[:, 2:4]) * min(1, 1.5 * dt)
            ribbon[1:-1, :4] += (
                12 * min(0.04, dt) * (ribbon[2:, :4] + ribbon[:-2, :4] - 2 * ribbon[1:-1, :4]) / 2
            )
            if hand:
                ribbon = np.vstack(((*hand, *(0.25 * hand.velocity), time), ribbon))
            person.memory.ribbons[name] = ribbon


def draw(canvas, people, params):
    canvas.gradient("#1d1233", "#06050d", (0, 0), (0, canvas.height))
    veil = canvas.layer("veil", size=(canvas.width // 2, canvas.height // 2))
    veil.feedback(zoom=1.006, shift=(0, 0.6), fade=0.045)
    canvas.draw_layer(veil, blend="add")
    for person in people:
        canvas.skeleton(person, "#cdb8ff", width=canvas.height / 300, alpha=0.3)
        for name, tint in HANDS.items():
            wide = 0.5 * params.width * person.height
            silk(canvas, veil, person.memory.ribbons[name], wide, mix(person.color, tint, 0.4))


def silk(canvas, veil, ribbon, wide, color):
    """Draw strands side by side; where the ribbon twists they cross, and the outer ones end early."""
    if len(ribbon) < 4:
        return
    middle, age = ribbon[:, :2], np.linspace(0, 1, len(ribbon))
    along, size = np.gradient(middle, axis=0), canvas.height / 720
    across = along[:, ::-1] * (1, -1) / (np.hypot(*along.T) + size)[:, None]
    half = wide * np.minimum(1 - age, 8 * age)
    turn = 5 * ribbon[:, 4]
    for strand in STRANDS:
        points = middle + (half * (strand * np.cos(turn) + 0.3 * np.sin(turn + strand)))[:, None] * across
        shown = points[: int(len(points) * (1 - 0.3 * abs(strand)))]
        canvas.polyline(shown, mix(color, "white", 0.3 - 0.3 * strand), 2.4 * size, 0.6, blend="screen")
    canvas.curve(middle[: len(middle) * 2 // 3 : 3], color, 2 * size, 0.5, glow=24 * size)
    veil.polyline(middle * (veil.width / canvas.width), color, 2 * size, 0.4)
