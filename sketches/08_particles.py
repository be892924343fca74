"""particles: thousands of sparks that are afraid of whoever moves, and come to whoever is still.

What you see: sparks that drift in a slow current. They flee from you while you move; stand still, and they
    come back and gather on you in gold.
What to notice: one array holds all of them, and no loop goes through it. Bodies are drawn on a tiny layer,
    red where they move and green where they rest; its slope, looked up for each spark, is where fear and
    longing push it. Sparks are written straight into a layer's pixels.
Try this: `count` up to 20000 in the panel (Tab); `fear` below zero; a `drift` of 3.
How to run: posekit run particles
"""

import numpy as np

from posekit import Param, mix

count = Param(6000, 100, 20000, help="how many sparks")
fear = Param(1.0, -1, 3, help="how hard they flee")
drift = Param(1.0, 0, 3, help="how fast the current is")
background = "#03040c"
FIELD = (96, 54)
BONES = [9, 7, 5, 6, 8, 10, None, 5, 11, 13, 15, None, 6, 12, 14, 16, None, 11, 12]
COLORS = [mix("#2b50ff", "#53e0ff", at / 31) for at in range(32)] + [
    mix("#53e0ff", "#ffd27a", at / 31) for at in range(32)
]
COLORS = np.array(COLORS, np.uint8)[:, [2, 1, 0, 3]]


def setup(state):
    state.chance = np.random.default_rng(8)
    state.sparks = np.empty((0, 4))  # x and y from 0 to 1, and their speeds


def update(state, params, canvas, people, time, dt):
    sparks = state.sparks[: params.count]
    fresh = state.chance.random((params.count - len(sparks), 4)) * (1, 1, 0, 0)
    sparks = state.sparks = np.vstack((sparks, fresh))
    lost = state.chance.random(len(sparks)) < 0.06 * dt  # so that no place stays empty
    sparks[lost, :2] = state.chance.random((lost.sum(), 2))
    x, y = sparks[:, 0], sparks[:, 1]
    push, state.near = felt(feelings(canvas, people, dt), params.fear, x, y)
    flow_x = np.cos(5 * y + 0.11 * time) + 0.7 * np.sin(9 * y - 4 * x + 0.17 * time)
    flow_y = np.sin(4 * x - 0.13 * time) + 0.7 * np.cos(8 * x + 3 * y + 0.15 * time)
    goal = 0.05 * params.drift * np.stack((flow_x, flow_y), axis=1) + push
    sparks[:, 2:] += (goal - sparks[:, 2:]) * min(1, 3 * dt)
    sparks[:, :2] += sparks[:, 2:] * dt + state.chance.normal(0, 0.0006, (len(sparks), 2))
    sparks[:, :2] %= 1


def feelings(canvas, people, dt):
    """Draw everybody small and soft: how much she moves in red, how much she rests in green."""
    field = canvas.layer("field", size=FIELD)
    field.background("black")
    for person in people:
        rest = 1 - min(1, np.nan_to_num(person.motion) / 0.6)
        calm = getattr(person.memory, "calm", 0.0)
        person.memory.calm = calm = calm + (rest - calm) * min(1, 2 * dt)
        points, scale = person.xy * (FIELD[0] / canvas.width), FIELD[0] / canvas.width
        shape = np.array([points[at] if at is not None else (np.nan, np.nan) for at in BONES])
        field.polyline(shape, (255 * (1 - calm), 255 * calm, 0), 0.08 * person.height * scale)
        field.circle(points[0], 0.07 * person.height * scale, (255 * (1 - calm), 255 * calm, 0))
    field.blur(3)
    return field.pixels[..., 2] / 255, field.pixels[..., 1] / 255


def felt(field, fear, x, y):
    """Return where each spark is pushed to, and how near it is to somebody who rests."""
    red, green = field
    down, across = np.gradient(green * (1.6 - 0.8 * green) - 3 * fear * red)
    at = (y * FIELD[1]).astype(int) % FIELD[1], (x * FIELD[0]).astype(int) % FIELD[0]
    return np.stack((across[at], down[at]), axis=1), green[at]


def draw(canvas, state):
    glow = canvas.layer("glow", size=(canvas.width // 2, canvas.height // 2))
    glow.feedback(zoom=1.002, fade=0.12)
    x, y, vx, vy = state.sparks.T
    speed = np.hypot(vx, vy)
    shade = np.minimum(63, (63 * (2.2 * speed + state.near))).astype(int)
    row, column = (y * glow.height).astype(int) % glow.height, (x * glow.width).astype(int) % glow.width
    glow.pixels[row, column] = COLORS[shade]
    canvas.draw_layer(glow, blend="add")
