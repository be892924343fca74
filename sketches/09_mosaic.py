"""mosaic: a wall of sequins shows the room, and turns its golden side where you are.

What you see: the camera's picture in midnight sequins. Where you stand they turn over, one after another, and
    glitter; where you have been they turn back slowly.
What to notice: a layer of 80 x 45 pixels with `camera()` on it is the picture as small as you like, mirrored
    as you are, and its `pixels` are an array; with `silhouette()` it is who covers what. `mask = True` asks
    for silhouettes; where there are none, thick lines stand in for bodies.
Try this: GOLD = ("#40002a", "hotpink", "white"); ROWS = 72; `quick` in the panel (Tab).
How to run: posekit run mosaic
"""

import numpy as np

from posekit import Param, mix

ROWS, SIDES, LIGHTS = 45, 24, 32
NIGHT, GOLD = ("#05060f", "#2747b8", "#a8c4ff"), ("#5a1c08", "#ffab33", "#fff6d8")
BODY = [9, 7, 5, 6, 8, 10, None, 5, 11, 13, 15, None, 6, 12, 14, 16, None, 5, 12, 11, 6]
mask = True
background = "black"
quick = Param(3.0, 0.5, 12, help="turns a second")


def sequins(size):
    """Return every sequin there is, (SIDES, LIGHTS, size, size), each pixel one number as in the canvas."""
    y, x = (np.mgrid[:size, :size] + 0.5) * 2 / size - 1
    made = np.zeros((SIDES, LIGHTS, size, size, 4), np.uint8)
    for side, turn in enumerate(np.linspace(0, 1, SIDES)):
        wide = max(0.1, abs(np.cos(np.pi * turn)))
        shape = np.clip((0.94 - np.hypot(x / wide, y)) * size * 0.45 * wide + 0.3, 0, 1)
        shape *= np.clip(0.8 - 0.25 * (x / wide + y) + np.exp(-(((turn - 0.6) / 0.08) ** 2)), 0.3, 1.5)
        dark, middle, bright = GOLD if turn > 0.5 else NIGHT
        for light, part in enumerate(np.linspace(0, 2, LIGHTS)):
            color = mix(dark, middle, part) if part < 1 else mix(middle, bright, part - 1)
            made[side, light, ..., :3] = np.minimum(255, shape[..., None] * color[2::-1])
    return made.view(np.uint32)[..., 0]


def setup(state, canvas):
    size = max(3, canvas.height // ROWS)
    state.sequins = sequins(size)
    state.columns, state.rows = -(-canvas.width // size), -(-canvas.height // size)
    state.turn = np.zeros((state.rows, state.columns))


def draw(canvas, state, scene, people, params, time, dt):
    small = state.columns, state.rows
    picture, bodies = canvas.layer("picture", size=small), canvas.layer("bodies", size=small)
    picture.camera()
    who(bodies, canvas, scene, people)
    goal = bodies.pixels[..., 3] > 127
    state.turn += np.clip(goal - state.turn, -0.25 * params.quick * dt, params.quick * dt)
    row, column = np.mgrid[: state.rows, : state.columns]
    waves = np.sin(0.21 * column + 0.6 * time) * np.sin(0.17 * row - 0.13 * column + 0.8 * time)
    glitter = np.sin(12.9 * row + 78.2 * column + 4 * time) ** 8
    light = picture.pixels[..., :3].max(axis=2) / 255
    gold = 0.32 + 0.35 * light + 0.2 * waves + 0.35 * glitter
    light = np.where(state.turn > 0.5, gold, 0.08 + 0.75 * light**1.4 + 0.1 * waves + 0.15 * glitter)
    side = np.clip((state.turn + 0.06 * waves) * SIDES, 0, SIDES - 1).astype(int)
    wall = state.sequins[side, np.clip(light * LIGHTS, 0, LIGHTS - 1).astype(int)]
    wall = wall.transpose(0, 2, 1, 3).reshape(state.rows * wall.shape[2], -1)
    canvas.pixels.view(np.uint32)[..., 0] = wall[: canvas.height, : canvas.width]
    bodies.blur(3)
    canvas.draw_layer(bodies, 0.25, blend="add")


def who(bodies, canvas, scene, people):
    """Draw everybody's outline, small."""
    bodies.clear()
    bodies.silhouette(GOLD[1])
    if scene.mask is None:
        for person in people:
            points, width = (
                person.xy * bodies.width / canvas.width,
                person.height * bodies.width / canvas.width / 13,
            )
            shape = np.array([points[at] if at is not None else (np.nan, np.nan) for at in BODY])
            bodies.polyline(shape, GOLD[1], width)
            bodies.polygon(points[[5, 6, 12, 11]], GOLD[1])
            bodies.circle(points[0], 0.9 * width, GOLD[1])
