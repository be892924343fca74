"""waves: wave, and rings of light spread from your hand; jump, and all of them flash.

What you see: golden rings that grow from a hand that is waved, and a flash when somebody jumps.
What to notice: two hooks, `on_wave` and `on_jump`, are called once at each gesture's start;
    `on_gesture` tells which hand it was, because `left_wave` and `right_wave` are gestures too.
Try this: `posekit teach my_pose`, then add `def on_my_pose(person): ...`.
How to run: posekit run waves
"""

background = "midnightblue"
SECONDS = 2.5


def setup(state):
    state.rings = []
    state.flash = 0.0


def on_gesture(person, event):
    if event.phase == "start" and event.name in ("left_wave", "right_wave"):
        person.memory.hand = event.name.replace("wave", "wrist")


def on_wave(person, state):
    hand = person.keypoint(getattr(person.memory, "hand", "right_wrist"))
    if hand:
        state.rings += [[hand, -0.25 * number] for number in range(3)]


def on_jump(state):
    state.flash = 1.0


def update(state, dt):
    state.flash = max(0.0, state.flash - 2 * dt)
    for ring in state.rings:
        ring[1] += dt
    state.rings = [ring for ring in state.rings if ring[1] < SECONDS]


def draw(canvas, people, state):
    for center, age in state.rings:
        if age > 0:
            light = max(1 - age / SECONDS, state.flash)
            canvas.circle(center, 20 + 260 * age, "gold", width=4 + 16 * state.flash, alpha=light, glow=30)
    for person in people:
        canvas.skeleton(person, glow=16)
