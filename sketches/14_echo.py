"""echo: the room remembers, and now and then it shows whom.

What you see: yourself in light, and chalk figures that do what you did a while ago, what somebody did who
    has left long since; they smoulder and go up in smoke.
What to notice: what is kept are poses, seventeen points each, never a picture, and only while the sketch
    runs. They are kept as the engine says them, from 0 to 1; `scene.place` puts them on the canvas.
Try this: posekit record day.jsonl, then PAST = ["day.jsonl"]: the room remembers another day as well.
How to run: posekit run echo
"""

import random
from pathlib import Path

import numpy as np

from posekit.recording import open_recording

PAST = []  # recordings of other days
SECONDS, KEPT, AT_ONCE = 7.0, 60, 3  # how long a memory is, how many there are, how many are shown
FIGURE = [9, 7, 5, 6, 8, 10, None, 5, 11, 13, 15, None, 6, 12, 14, 16, None, 11, 12]
background = None


def setup(state, canvas):
    state.smoke = canvas.layer("smoke")
    state.chance = random.Random(5)
    state.memories, state.shown, state.wait = [], [], 2.0
    for path in PAST:
        bodies = {}
        for scene in open_recording(Path(path)).scenes():
            for person in scene.people:
                if person.pose:
                    remember(state, bodies.setdefault(person.id, []), scene.time, person.pose.xy)


def remember(state, moments, time, xy):
    moments.append((time, xy))
    if time - moments[0][0] > SECONDS:
        state.memories.append(moments.copy())
        del state.memories[:-KEPT], moments[:]


def on_enter(person):
    person.memory.moments = []


def on_leave(person, state):
    if len(person.memory.moments) > 60:
        state.memories.append(person.memory.moments)


def update(state, people, time, dt):
    for person in people:
        remember(state, person.memory.moments, time, person.raw.pose.xy)
    state.wait -= dt
    if state.wait < 0 and state.memories and len(state.shown) < AT_ONCE:
        state.shown.append([state.chance.choice(state.memories), time])
        state.wait = state.chance.uniform(1.0, 3.5)
    state.shown = [one for one in state.shown if time - one[1] < one[0][-1][0] - one[0][0][0]]


def draw(canvas, scene, state, people, time):
    canvas.gradient("#16131f", "#08070c", (0, 0), (0, canvas.height))
    state.smoke.feedback(zoom=1.004, shift=(0, -1.2), fade=0.07)
    for moments, began in state.shown:
        now = moments[0][0] + time - began
        chalk(state.smoke, scene.place(next(xy for at, xy in moments if at >= now)), time)
    canvas.draw_layer(state.smoke, 0.8, blend="screen")
    for person in people:
        canvas.skeleton(person, "#ffb454", width=3, glow=20)


def chalk(canvas, xy, time):
    """Draw a body in chalk: three strokes that are never quite the same, and boil as in an old film."""
    hand = np.random.default_rng(int(10 * time))
    corners = np.array([xy[at] if at is not None else (np.nan, np.nan) for at in FIGURE])
    trunk = np.hypot(*(xy[5:7].mean(axis=0) - xy[11:13].mean(axis=0)))
    around = np.linspace(0, 2 * np.pi, 14)[:, None]
    head = xy[0] + 0.27 * trunk * np.hstack((np.cos(around), 1.2 * np.sin(around)))
    for _ in range(3):
        for line in (corners, head):
            canvas.curve(line + hand.normal(0, 0.016 * trunk, line.shape), "#d5dcee", 2, 0.36)
