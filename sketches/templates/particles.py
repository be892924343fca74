"""particles: sparks that fall from quick hands.

What you see: the faster a hand, the more sparks fly from it; they fall, glow and go out.
What to notice: all sparks are rows of one numpy array, so that thousands move at once.
Try this: turn gravity to 0 in the panel (Tab), or below; let sparks fly from ankles.
How to run: posekit run particles.py
"""

import numpy as np

from posekit import Param

background = "black"
gravity = Param(500.0, -1000, 1000, help="pixels per second, each second")
life = Param(1.5, 0.2, 5, help="seconds")

sparks = np.zeros((0, 5))  # x, y, their speeds, and age; saving this file lets them fly on
random = np.random.default_rng(1)


def update(people, params, dt):
    global sparks
    sparks[:, :2] += sparks[:, 2:4] * dt
    sparks[:, 3] += params.gravity * dt
    sparks[:, 4] += dt
    born = [sparks[sparks[:, 4] < params.life]]
    for person in people:
        for hand in (person.left_wrist, person.right_wrist):
            count = int(min(hand.speed, 2000) * dt * 0.3) if hand else 0
            speed = np.array(hand.velocity) * 0.4 + random.normal(0, 80, (count, 2))
            born.append(np.column_stack((np.tile((hand.x, hand.y), (count, 1)), speed, np.zeros(count))))
    sparks = np.concatenate(born)[-2000:]


def draw(canvas, people, params):
    for person in people:
        canvas.skeleton(person, "#303a55")
    for x, y, _, _, age in sparks:
        canvas.circle((x, y), 3, "gold", alpha=1 - age / params.life, blend="add")
